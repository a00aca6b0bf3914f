"""Files of blocks as Bitcoin Core writes them: records found, undo paired, columns sent."""
