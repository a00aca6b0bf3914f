"""Monero addresses: standard, integrated and of a subaddress, of the main network."""

from __future__ import annotations

import typing as t

from vigie.cell.identifiers.keccak import keccak256
from vigie.numeric.coins import base58

_LENGTHS: t.Final = {18: 69, 42: 69, 19: 77}
"""Bytes by network byte (``cryptonote_config.h``): standard, subaddress, integrated."""


def address(text: str) -> str | None:
    """Return it where its four bytes of Keccak-256 hold."""
    held = base58.blocks(text)
    if not held or _LENGTHS.get(held[0]) != len(held) or keccak256(held[:-4])[:4] != held[-4:]:
        return None
    return text
