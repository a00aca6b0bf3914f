"""Identifiers in texts: what looks like one is checked and brought into the form in which two are compared."""
