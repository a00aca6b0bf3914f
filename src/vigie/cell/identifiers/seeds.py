"""Phrases of words from which all keys of a wallet come (BIP 39, Electrum)."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import re
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.cell.identifiers.place import Hidden, Place
from vigie.cell.identifiers.words import LISTS, listed, without_marks, words
from vigie.numeric.identifiers_phrases import told

Ints = npt.NDArray[np.int64]
_LENGTHS: t.Final = (24, 21, 18, 15, 12)
"""Words of a phrase of BIP 39."""
_ELECTRUM: t.Final = (12, 13, 24, 25)
"""Words of a phrase of Electrum."""
_VERSIONS: t.Final = ("01", "100", "101", "102")
"""How the digits of their version begin: standard, segwit, both with a second factor (``electrum/version.py``)."""
_ELECTRUM_LISTS: t.Final = frozenset({"english", "chinese_simplified", "japanese", "portuguese", "spanish"})
_SOME: t.Final = 48
"""Words in a row, of which Electrum's phrases are looked for from each one on; of more, only where one is set apart."""
_CHUNK: t.Final = 256
_DIGITS: t.Final = re.compile(rb"\d+")
_Window = tuple[int, int]


def read(place: Place) -> t.Iterator[Hidden]:
    """Give the places of the phrases among the words of a candidate, each of one list, whose checks hold.

    One in 16 runs of twelve words of a list has a right checksum by chance, and one in 215 is Electrum's: a few texts
    are sealed for nothing. A phrase that is set apart, by other marks or white space than those between its words, is
    one for itself. Else such a run may begin before a true phrase and end within it: what overlaps is sealed as one, so
    that no word of a phrase stays readable. Where many words stand twice, it is a list or a text of few words.
    """
    text, table = np.frombuffer(place.data, np.uint8), words()
    some = told(text, place.start, place.end, table)
    spans = set[_Window]()
    for number, name in enumerate(LISTS):
        indices = table.number[some[:, 2], number]
        for first, last in _stretches(indices >= 0):
            gaps = [
                text[a:b].tobytes() for a, b in zip(some[first : last - 1, 1], some[first + 1 : last, 0], strict=True)
            ]
            held = _phrases(indices[first:last].tolist(), gaps, number if name in _ELECTRUM_LISTS else None)
            spans |= {(int(some[first + a, 0]), int(some[first + b - 1, 1])) for a, b in held}
    done = 0
    for start, end in sorted(spans):
        if end > done:  # phrases of two lists may overlap: no byte is told twice
            yield Hidden(max(start, done), end, "seed")
            done = end


def _stretches(listed_: npt.NDArray[np.bool_]) -> t.Iterator[_Window]:
    """Give from where to where twelve words or more in a row are of a list."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], listed_.view(np.int8), [0]])))
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if last - first >= _LENGTHS[-1]:
            yield first, last


def _phrases(some: list[int], gaps: list[bytes], number: int | None) -> list[_Window]:
    """Return from where to where the phrases are in words of one list; ``number``: of a list that Electrum has."""
    parts = [one for one in _apart(gaps) if _mixed(some[slice(*one)])]
    whole = [(a, b) for a, b in parts if _holds(some[a:b]) or (number is not None and _electrum(some[a:b], number))]
    inside = np.zeros(len(some) + 1, np.int64)
    for a, b in whole:
        inside[a:b] = 1
    begun = end = 0
    for a, b in (*_windows(some, number if len(some) <= _SOME else None), (len(some) + 1, 0)):
        if a >= end:
            free = np.diff(np.concatenate([[0], 1 - inside[begun:end], [0]]))
            edges = begun + np.flatnonzero(free)
            whole += zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
            begun = a
        end = max(end, b)
    return whole


def _apart(gaps: list[bytes]) -> t.Iterator[_Window]:
    """Give from where to where words stand that have the same between them, numbers aside."""
    first = 0
    for _, same in itertools.groupby(_DIGITS.sub(b"", gap) for gap in gaps):
        many = sum(1 for _ in same)
        if many + 1 in _LENGTHS or many + 1 in _ELECTRUM:
            yield first, first + many + 1
        first += many


def _windows(some: list[int], number: int | None) -> t.Iterator[_Window]:
    """Give from where to where a phrase is that begins at a word, the longest of those that do."""
    for begin in range(0, len(some), _CHUNK):
        chunk = some[begin : begin + _CHUNK + _LENGTHS[0] - 1]
        whole, all_ = 0, len(chunk)
        for index in chunk:
            whole = whole << 11 | index
        for at in range(min(_CHUNK, all_ - _LENGTHS[-1] + 1)):
            for many in _LENGTHS:
                bits = whole >> 11 * (all_ - at - many) & (1 << 11 * many) - 1 if at + many <= all_ else -1
                if bits >= 0 and _right(bits, many) and _mixed(chunk[at : at + many]):
                    yield begin + at, begin + at + many
                    break
            else:
                for many in _ELECTRUM if number is not None else ():
                    some_ = chunk[at : at + many]
                    if len(some_) == many and _mixed(some_) and number is not None and _electrum(some_, number):
                        yield begin + at, begin + at + many


def _mixed(some: list[int]) -> bool:
    """Return whether most of the words are different."""
    return len(set(some)) > len(some) * 2 // 3


def _holds(some: list[int]) -> bool:
    bits = 0
    for index in some:
        bits = bits << 11 | index
    return len(some) in _LENGTHS and _right(bits, len(some))


def _right(bits: int, many: int) -> bool:
    """Return whether the last bits of a phrase are the first of the SHA-256 of the others (BIP 39)."""
    check = many // 3
    digest = hashlib.sha256((bits >> check).to_bytes(4 * check)).digest()
    return digest[0] >> 8 - check == bits & (1 << check) - 1


def _electrum(some: list[int], number: int) -> bool:
    """Return whether the words are a seed of Electrum's: digits of an HMAC say so, by chance one in 256 or 4,096."""
    if len(some) not in _ELECTRUM:
        return False
    plain = [without_marks(listed()[number][index]) for index in some]
    text = ("" if not plain[0].isascii() and LISTS[number] in ("chinese_simplified", "japanese") else " ").join(plain)
    said = hmac.new(b"Seed version", text.encode(), "sha512").hexdigest()
    return said.startswith(_VERSIONS)
