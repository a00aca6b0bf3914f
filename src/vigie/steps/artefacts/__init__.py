"""Room 2: the files found in it, at any depth."""
