"""Room 5: what belongs together."""
