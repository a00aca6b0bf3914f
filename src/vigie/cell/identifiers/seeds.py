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


@functools.cache
def words() -> npt.NDArray[np.uint64]:
    """Return the English words, as ``numeric.identifiers`` looks for them."""
    return lookup(_english().wordlist)


def read(place: Place) -> t.Iterator[Hidden]:
    """Give each phrase of 12 to 24 words among those of a candidate whose checksum holds.

    One in 16 runs of twelve words of the list has a right checksum by chance, so a few texts are sealed for nothing.
    Where many words stand twice, it is a list or a text of few words.
    """
    found = list(itertools.islice(_WORD.finditer(place.data[place.start : place.end]), _MOST_WORDS))
    names = [one[0].decode().lower() for one in found]
    at = 0
    while at + _LENGTHS[-1] <= len(names):
        for many in _LENGTHS:
            some = names[at : at + many]
            if len(some) == many and len(set(some)) > many * 2 // 3 and _english().check(" ".join(some)):
                yield Hidden(place.start + found[at].start(), place.start + found[at + many - 1].end(), "seed")
                at += many - 1
                break
        at += 1
