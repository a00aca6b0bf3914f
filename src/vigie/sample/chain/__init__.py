"""A practice chain: blocks that a node takes, an economy in them, and the truth about it."""
