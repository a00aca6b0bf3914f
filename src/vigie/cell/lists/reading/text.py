"""Text out of foreign lists: decoded with a stated fallback, cleaned of what cannot be seen, bounded."""

from __future__ import annotations

import unicodedata

MOST_TEXT = 1024
"""Characters of ``wire.Text``."""
MOST_SHORT = 128
"""Characters of ``wire.Short``."""
FALLBACK = "cp1252"
"""What bytes are read as that are no UTF-8: what Windows tools of the West write. Its five gaps become U+FFFD."""

_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}


def decoded(line: bytes) -> tuple[str, bool]:
    """Return the text, and whether it was UTF-8."""
    try:
        return line.decode(), True
    except UnicodeDecodeError:
        return line.decode(FALLBACK, "replace"), False


def cleaned(text: str, most: int = MOST_TEXT) -> str:
    """Return the text without control, bidirectional and unassigned characters, stripped, cut to ``most``."""
    text = text.strip()
    if not text.isprintable():
        shown = (" " if char in "\t\r\n" else char for char in text[: 4 * most])
        text = "".join(char for char in shown if unicodedata.category(char) not in _HIDDEN).strip()
    return text if len(text) <= most else text[: most - 1] + "…"


_YES = {"true", "yes", "y", "1", "t", "x", "withdrawn", "deleted", "removed", "retracted", "revoked", "tombstone"}
_NO = {"", "false", "no", "n", "0", "f", "-", "null", "none", "active", "valid", "listed", "current"}


def is_yes(text: str) -> bool | None:
    """Read a flag as lists write flags; None where the text is neither yes nor no."""
    word = text.strip().lower()
    if word in _NO:
        return False
    return True if word in _YES else None
