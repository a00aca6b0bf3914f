"""Room 3: short descriptions by which content is recognised again."""
