"""The door to foreign bytes: where originals lie, and the cells that read them."""

from __future__ import annotations


class Evidence:
    """Placeholder while it is being written."""
