"""Readers of database dumps: tables, columns and rows; what stands in a dump is read and never executed."""
