"""Text that strangers wrote, made fit for the line to the house."""

from __future__ import annotations

import typing as t

MOST_CHARACTERS: t.Final = 128
"""``rows.wire.Short``."""


def clean(text: str) -> str:
    """Return ``text`` in one line: no control characters, no surrogates, spaces at the ends cut, at most 128 long."""
    kept = "".join(c if c.isprintable() else " " for c in text[: 8 * MOST_CHARACTERS])
    return " ".join(kept.split())[:MOST_CHARACTERS].rstrip()
