"""Readers of files that say whose addresses are: TagPacks, ActorPacks, tables, plain lists, registers."""
