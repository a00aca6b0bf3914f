"""Texts that may hold a secret which no rule finds: words of a seed with anything between them, a key in pieces."""

from __future__ import annotations

import functools
import re
import typing as t

from vigie.cell.identifiers.seeds import wordlist

if t.TYPE_CHECKING:
    import collections.abc

_BETWEEN: t.Final = re.compile(r"</?[A-Za-z][^<>]{0,40}>|&[a-z]{2,6};|%[2-7][0-9A-Fa-f]|\\[nrt]")
"""Short tags, entities, per cent codes and escapes: their letters are no words."""
_WORD: t.Final = re.compile(r"[A-Za-z]{2,}")
_RUN: t.Final = re.compile(r"(?<![1-9A-Za-z])[1-9A-HJ-NP-Za-km-z]{16,}")
_MIXED: t.Final = (re.compile("[1-9]"), re.compile("[A-Z]"), re.compile("[a-z]"))


@functools.cache
def _known() -> frozenset[str]:
    return frozenset(wordlist())


def words(text: str, many: int) -> bool:
    """Return whether ``many`` words of the English list or more follow each other, whatever stands between them."""
    plain = _BETWEEN.sub(" ", text) if "<" in text or "&" in text or "%" in text or "\\" in text else text
    known, met = _known(), 0
    for word in _WORD.findall(plain):
        met = met + 1 if word.lower() in known else 0
        if met >= many:
            return True
    return False


def pieces(text: str, but: collections.abc.Container[str]) -> bool:
    """Return whether 16 base58 characters or more, small, capital and digits, stand there and are none of ``but``."""
    runs = (one for one in _RUN.findall(text) if one not in but)
    return any(all(mark.search(one) for mark in _MIXED) for one in runs)
