"""Which column of whose software is what: a small language of mappings, and those of known forums."""
