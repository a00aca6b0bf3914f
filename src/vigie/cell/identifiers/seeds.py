"""Phrases of words from which all keys of a wallet come (BIP-39)."""

from __future__ import annotations

import functools
import itertools
import re
import typing as t

import numpy as np
import numpy.typing as npt
from mnemonic import Mnemonic

from vigie.cell.identifiers.place import Hidden, Place
from vigie.numeric.identifiers_phrases import lookup

_LENGTHS: t.Final = (24, 21, 18, 15, 12)
_MOST_WORDS: t.Final = 240
_WORD: t.Final = re.compile(rb"[A-Za-z]+")


@functools.cache
def _english() -> Mnemonic:
    return Mnemonic("english")


def wordlist() -> list[str]:
    """Return the English words."""
    return list(_english().wordlist)


@functools.cache
def words() -> npt.NDArray[np.uint64]:
    """Return the English words, as ``numeric.identifiers`` looks for them."""
    return lookup(_english().wordlist)


def read(place: Place) -> t.Iterator[Hidden]:
    """Give the places of the phrases of 12 to 24 words among those of a candidate whose checksums hold.

    One in 16 runs of twelve words of the list has a right checksum by chance, so a few texts are sealed for nothing.
    Such a run may begin before a true phrase and end within it: what overlaps is sealed as one, so that no word of a
    phrase stays readable. Where many words stand twice, it is a list or a text of few words.
    """
    found = list(itertools.islice(_WORD.finditer(place.data[place.start : place.end]), _MOST_WORDS))
    names = [one[0].decode().lower() for one in found]
    first = end = 0
    for at in range(len(names) - _LENGTHS[-1] + 1):
        many = next((many for many in _LENGTHS if _holds(names[at : at + many], many)), 0)
        if not many:
            continue
        if at >= end:
            if end:
                yield _hidden(place, found, first, end)
            first = at
        end = max(end, at + many)
    if end:
        yield _hidden(place, found, first, end)


def _holds(some: list[str], many: int) -> bool:
    return len(some) == many and len(set(some)) > many * 2 // 3 and bool(_english().check(" ".join(some)))


def _hidden(place: Place, found: list[re.Match[bytes]], first: int, end: int) -> Hidden:
    return Hidden(place.start + found[first].start(), place.start + found[end - 1].end(), "seed")
