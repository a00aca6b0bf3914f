"""Which four neighbouring bytes may stand in an identifier, or in a word that announces one.

Each place of a text is decided by the byte there, the two before it and the one behind it; so these are rare ones: of
``telegram`` they are ``legr``. Where they stand, ``identifiers_look`` looks at all that is round them.
"""

from __future__ import annotations

import functools
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric import identifiers_scan as codes

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

WORDS: t.Final[tuple[str, ...]] = (
    "telegram", "tg", "wickr", "kik", "snap", "insta", "threema", "signal", "discord", "skype", "icq", "paypal", "pgp",
    "gpg", "live:", "телег", "тг", "скайп",
)  # fmt: skip
"""Words that announce; ``codes.P_WORD + n`` is the n-th."""
_PLACES: t.Final = (4, 1, 3, 1, 2, 3, 5, 4, 4, 2, 2, 4, 2, 2, 3, 7, 3, 8)
"""The place that stands for each of them: what is round it is rarer than the rest."""
_FREE: t.Final = 2
"""Bytes of the first letter of a word in Cyrillic, which may be a capital one."""
_ENDS: t.Final = b" :-=.,/|>\t\n"
"""What may follow the word of two letters in Cyrillic, whose letters are common together."""
_ANY: t.Final = bytes(range(256))
_DIGITS, _UPPER = b"0123456789", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_IN_PHONE: t.Final = b" ()-./\xc2"
_BESIDE: t.Final = (-2, -1, 0, 1)
"""The four places, from the one that is decided."""
_BUCKETS: t.Final = 16


class Anchors(t.NamedTuple):
    """What is looked for, as the loops have it; one bit for each four sets of bytes."""

    sets: npt.NDArray[np.uint64]
    """uint64[4, 256]: which of them have that byte at that place; a place has all bits that all four have."""
    nibbles: Bytes
    """uint8[2, 4, 2, 16]: eight groups of them and eight, by lower and higher half of each byte: what ``sets`` has, and
    a little more."""
    codes: Bytes
    """uint8[64]: what each of them begins, ``identifiers_scan.P_AT`` ..."""


class Words(t.NamedTuple):
    """``WORDS`` as arrays."""

    text: Bytes
    """All of them, one behind the other."""
    ends: Ints
    """int64[words + 1]: where each begins and the last ends."""
    places: Ints
    """int64[words]: ``_PLACES``."""


@functools.cache
def words() -> Words:
    """Return the words that announce."""
    held = [one.encode() for one in WORDS]
    ends = np.cumsum([0, *map(len, held)]).astype(np.int64)
    return Words(np.frombuffer(b"".join(held), np.uint8), ends, np.array(_PLACES, np.int64))


@functools.cache
def anchors(*, national: bool) -> Anchors:
    """Return what is looked for.

    ``national``: are numbers without a country's code looked for? These begin at any digit, which costs time.
    """
    held = [*_word_sets(), *_SETS]
    if national:
        held.append((codes.P_NATIONAL, (_ANY, _ANY, _DIGITS, _DIGITS + _IN_PHONE)))
    sets, kinds = np.zeros((4, 256), np.uint64), np.zeros(64, np.uint8)
    for bit, (what, four) in enumerate(held):
        kinds[bit] = what
        for place, some in enumerate(four):
            sets[place, list(some)] |= np.uint64(1 << bit)
    return Anchors(sets, _nibbles([four for _, four in held]), kinds)


_Four = tuple[bytes, bytes, bytes, bytes]
_SETS: t.Final[tuple[tuple[int, _Four], ...]] = (
    (codes.P_AT, (_ANY, _ANY, b"@", _ANY)),
    (codes.P_SCHEME, (_UPPER + _UPPER.lower(), b":", b"/", b"/")),
    (codes.P_PLUS, (_ANY, b"+", _DIGITS + b"( ", _DIGITS + _IN_PHONE)),
    (codes.P_ZEROS, (_ANY, b"0", b"0", _DIGITS[1:] + _IN_PHONE)),
    (codes.P_ARMOR, (b"-", b"-", b"B", b"eE")),
    (codes.P_ENTITY, (_ANY, b"&", b"#", _DIGITS + b"xX")),
    (codes.P_ENTITY, (_ANY, b"%", b"4", b"0")),
    (codes.P_PREFIX, (_ANY, b"0", b"xX", b"0123456789abcdefABCDEF")),
    (codes.P_BRACKET, (_ANY, b"[({", b"aA ", b"tT)aA")),
    (codes.P_DOT, (b"dD", b"oO", b"tT", b" ])}")),
    (codes.P_ARROBA, (b"rR", b"oO", b"bB", b"aA")),
    (codes.P_IBAN, (_UPPER, _UPPER, _DIGITS, _DIGITS)),
    (codes.P_ONION, (_UPPER + _UPPER.lower() + b"234567", b".", b"oO", b"nN")),
    (codes.P_LINK, (b"tT", b".", b"mM", b"eE")),
    (codes.P_DESCRIPTOR, (_ANY, b")", b"#", b"qpzry9x8gf2tvdw0s3jn54khce6mua7l")),
)
"""What begins at a place, and the bytes that may stand beside it; what is asked of a neighbour is asked again of the
row (``identifiers_look``), since it may be another row's."""


def _word_sets() -> t.Iterator[tuple[int, _Four]]:
    for number, (word, place) in enumerate(zip(WORDS, _PLACES, strict=True)):
        text = word.encode()
        free = 0 if word.isascii() else _FREE
        some = [bytes({text[i], *text[i : i + 1].upper()}) if free <= i < len(text) else _ANY
                for i in (place + beside for beside in _BESIDE)]  # fmt: skip
        if not word.isascii() and place + 1 == len(text):
            some[-1] = _ENDS
        yield codes.P_WORD + number, (some[0], some[1], some[2], some[3])


def _nibbles(held: list[_Four]) -> Bytes:
    """Return the groups: the next is added where it lets the fewest other places through."""
    groups = np.zeros((_BUCKETS, 4, 2, 16), np.bool_)
    for mine in sorted(map(_halves, held), key=_often, reverse=True):
        more = [_often(group | mine) - _often(group) for group in groups]
        groups[int(np.argmin(more))] |= mine
    return np.packbits(groups, axis=0, bitorder="little")


def _halves(four: _Four) -> npt.NDArray[np.bool_]:
    out = np.zeros((4, 2, 16), np.bool_)
    for place, some in enumerate(four):
        out[place, 0, [byte & 15 for byte in some]] = True
        out[place, 1, [byte >> 4 for byte in some]] = True
    return out


def _often(group: npt.NDArray[np.bool_]) -> float:
    """Return how often a group lets a place through, about."""
    return float(np.prod([high @ _SHARES @ low for low, high in group]))


def _shares() -> npt.NDArray[np.float64]:
    out = np.full(256, 0.05)
    out[33:127] = 0.3
    out[list(b" etaoinshrdlcumwfgypbvk")] = (
        17, 10, 7, 6.5, 6, 6, 6, 5, 5, 5, 3.5, 3.3, 2.3, 2.3, 2, 2, 2, 1.7, 1.7, 1.6, 1.3, 0.8, 0.7,
    )  # fmt: skip
    out /= out.sum()
    return out.reshape(16, 16)


_SHARES: t.Final = _shares()
"""About how often each byte stands in a text, by its halves; a guess that is wrong costs speed only."""
