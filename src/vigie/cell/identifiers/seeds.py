"""Phrases of words from which all keys of a wallet come (BIP 39, Electrum)."""

from __future__ import annotations

import functools
import hashlib
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.cell.identifiers.place import Hidden, Place
from vigie.cell.identifiers.words import LISTS, listed, without_marks, words
from vigie.numeric.identifiers_phrases import told
from vigie.numeric.identifiers_seeds import LENGTHS, alike, holds, longest

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int16]
_ELECTRUM: t.Final = (12, 13, 24, 25)
"""Words of a phrase of Electrum."""
_APART: t.Final = np.array(sorted({*LENGTHS, *_ELECTRUM}))
_VERSIONS: t.Final = ("01", "100", "101", "102")
"""How the digits of their version begin: standard, segwit, both with a second factor (``electrum/version.py``)."""
_INNER, _OUTER = (hashlib.sha512(bytes(one ^ pad for one in b"Seed version".ljust(128, b"\0"))) for pad in (0x36, 0x5C))
"""An HMAC with the key that Electrum has (RFC 2104), begun once: a third of its time."""
_ELECTRUM_LISTS: t.Final = frozenset({"english", "chinese_simplified", "japanese", "portuguese", "spanish"})
_SOME: t.Final = 48
"""Words in a row that may be a phrase and what stands round it. Of more, which are a list or a text of few words,
Electrum's phrases and those that repeat their words are looked for only where they are set apart."""
_Window = tuple[int, int]


def read(place: Place) -> t.Iterator[Hidden]:
    """Give the places of the phrases among the words of a candidate, each of one list, whose checks hold.

    One in 16 runs of twelve words of a list has a right checksum by chance, and one in 215 is Electrum's: a few texts
    are sealed for nothing. A phrase that is set apart, by other marks or white space than those between its words, is
    one for itself. Else such a run may begin before a true phrase and end within it: what overlaps is sealed as one, so
    that no word of a phrase stays readable.
    """
    text, table = np.frombuffer(place.data, np.uint8), words()
    some = told(text, place.start, place.end, table)
    spans = set[_Window]()
    for number, name in enumerate(LISTS):
        numbers = table.number[some[:, 2], number]
        for first, last in _stretches(numbers >= 0):
            same = alike(text, some[first:last])
            a, b = _phrases(numbers[first:last], same, number if name in _ELECTRUM_LISTS else None)
            spans.update(zip(some[first + a, 0].tolist(), some[first + b - 1, 1].tolist(), strict=True))
    done = 0
    for start, end in sorted(spans):
        if end > done:  # phrases of two lists may overlap: no byte is told twice
            yield Hidden(max(start, done), end, "seed")
            done = end


def _stretches(listed_: npt.NDArray[np.bool_]) -> t.Iterator[_Window]:
    """Give from where to where twelve words or more in a row are of a list."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], listed_.view(np.int8), [0]])))
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if last - first >= LENGTHS[-1]:
            yield first, last


def _phrases(some: Numbers, same: npt.NDArray[np.bool_], number: int | None) -> tuple[Ints, Ints]:
    """Return from where to where the phrases are in words of one list; ``number``: of a list that Electrum has."""
    whole = [(a, b) for a, b in _apart(same) if _phrase(some[a:b].tolist(), number)]
    of = _covered(_lengths(some, number))
    for a, b in whole:
        of[a:b] = 0
    edges = np.flatnonzero(np.diff(of, prepend=0, append=0))
    begun = of[edges[:-1]] > 0
    apart = np.array(whole, np.int64).reshape(-1, 2)
    return np.append(apart[:, 0], edges[:-1][begun]), np.append(apart[:, 1], edges[1:][begun])


def _apart(same: npt.NDArray[np.bool_]) -> list[_Window]:
    """Return from where to where words stand that have the same between them, numbers aside.

    ``same``: whether what is behind a word is the same as what is behind the next; of all but the last two.
    """
    edges = np.concatenate([[0], np.flatnonzero(~same) + 1, [len(same) + 1]])
    first, last = edges[:-1], edges[1:] + 1
    fit = np.isin(last - first, _APART)
    return [*zip(first[fit].tolist(), last[fit].tolist(), strict=True)]


def _lengths(some: Numbers, number: int | None) -> npt.NDArray[np.uint8]:
    """Return how many words the longest phrase has that begins at each; 0: none that goes beyond those before."""
    out = longest(some, different=len(some) > _SOME)
    if number is not None and len(some) <= _SOME:
        all_, end = some.tolist(), 0
        for at, held in enumerate(out.tolist()):
            end = max(end, at + held)
            for many in _ELECTRUM:
                if end < at + many <= len(all_) and _electrum(all_[at : at + many], number):
                    out[at], end = many, at + many
    return out


def _covered(lengths: npt.NDArray[np.uint8]) -> Ints:
    """Return of each word which phrase it is of, from 1 on, those that overlap as one; 0: of none."""
    out = np.zeros(len(lengths), np.int64)
    first = np.flatnonzero(lengths)
    last = np.maximum.accumulate(first + lengths[first])
    begun = np.flatnonzero(first[1:] >= last[:-1]) + 1
    bounds = zip(first[[0, *begun]].tolist(), last[[*(begun - 1), -1]].tolist(), strict=True) if len(first) else ()
    for number, (a, b) in enumerate(bounds, 1):
        out[a:b] = number
    return out


def _phrase(some: list[int], number: int | None) -> bool:
    return holds(some) or (number is not None and _electrum(some, number))


def _electrum(some: list[int], number: int) -> bool:
    """Return whether the words are a seed of Electrum's: digits of an HMAC say so, by chance one in 256 or 4,096."""
    if len(some) not in _ELECTRUM:
        return False
    plain = _plain(number)
    text = ("" if LISTS[number] in ("chinese_simplified", "japanese") else " ").join([plain[index] for index in some])
    inner, outer = _INNER.copy(), _OUTER.copy()
    inner.update(text.encode())
    outer.update(inner.digest())
    return outer.hexdigest().startswith(_VERSIONS)


@functools.cache
def _plain(number: int) -> tuple[str, ...]:
    """Return the words of a list as Electrum makes keys of them."""
    return tuple(map(without_marks, listed()[number]))
