"""Room 1: what was seized."""
