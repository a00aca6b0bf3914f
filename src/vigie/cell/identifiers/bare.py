"""Texts that may hold a secret which no rule finds: words of a seed with anything between them, a key in pieces."""

from __future__ import annotations

import re
import typing as t

import numpy as np

from vigie.cell.identifiers.words import words as listed
from vigie.numeric.identifiers_phrases import rows_with

if t.TYPE_CHECKING:
    import collections.abc

_RUN: t.Final = re.compile(r"(?<![1-9A-Za-z])[1-9A-HJ-NP-Za-km-z]{16,}")
_MIXED: t.Final = (re.compile("[1-9]"), re.compile("[A-Z]"), re.compile("[a-z]"))


def words(text: str, many: int) -> bool:
    """Return whether ``many`` words of one list or more follow each other, whatever stands between them."""
    body = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    return bool(rows_with(body, np.array([0, len(body)], np.int64), listed(), many)[0])


def pieces(text: str, but: collections.abc.Container[str]) -> bool:
    """Return whether 16 base58 characters or more, small, capital and digits, stand there and are none of ``but``."""
    runs = (one for one in _RUN.findall(text) if one not in but)
    return any(all(mark.search(one) for mark in _MIXED) for one in runs)
