"""One writer for each software: its own tables, filled from the same world."""
