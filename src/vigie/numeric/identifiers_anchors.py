"""Which pairs of neighbouring bytes may stand in an identifier, or in a word that announces one.

One look-up a byte decides whether anything is looked at closer, so the pairs are rare ones: of ``telegram`` it is
``eg``, of ``skype`` ``ky``. What they lead to is checked against the whole word (``identifiers_spans``).
"""

from __future__ import annotations

import functools
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric import identifiers_scan as codes

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

OTHER: t.Final = 1
"""The second byte is no ASCII letter or digit."""
NO_HEX: t.Final = 2
"""The second byte is neither a hexadecimal digit nor a space."""
SHIFT: t.Final = 2
"""Above these two: what is begun here, 0 for nothing."""

WORDS: t.Final[tuple[str, ...]] = (
    "telegram", "tg", "wickr", "kik", "snap", "insta", "threema", "signal", "discord", "skype", "icq", "paypal", "pgp",
    "gpg", "live:", "телег", "тг", "скайп",
)  # fmt: skip
"""Words that announce; ``codes.P_WORD + n`` is the n-th."""
_RARE: t.Final[tuple[tuple[str | bytes, int], ...]] = (
    ("eg", 2), ("tg", 0), ("kr", -2), ("ki", 1), ("sn", 2), ("ns", 2), ("hr", 3), ("gn", 1), ("sc", 2), ("ky", 1),
    ("cq", -2), ("yp", 1), ("gp", -2), ("pg", -2), ("e:", -2), (b"\xb5\xd0", 1), (b"\xb3 ", -2), (b"\xb9\xd0", 1),
)  # fmt: skip
"""A rare pair of each, and a third byte of it that has to be there too: how far behind the pair's second one."""
_DIGITS, _UPPER = b"0123456789", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ENDS: t.Final = b" :@-=.,/|>\t\n"
"""What may follow a word of two letters whose last one is common."""


class Words(t.NamedTuple):
    """``WORDS`` as arrays."""

    text: Bytes
    """All of them, one behind the other."""
    ends: Ints
    """int64[words + 1]: where each begins and the last ends."""
    pairs: Ints
    """int64[words]: where in each the second byte of its pair is."""


@functools.cache
def words() -> Words:
    """Return the words that announce."""
    held = [one.encode() for one in WORDS]
    return Words(
        np.frombuffer(b"".join(held), np.uint8),
        np.cumsum([0, *map(len, held)]).astype(np.int64),
        np.array([_place(word, rare) for word, (rare, _) in zip(held, _RARE, strict=True)], np.int64),
    )


@functools.cache
def thirds() -> tuple[Ints, Bytes]:
    """Return for each number of ``table`` where a third byte has to be, from the pair's second, and which.

    int64[64], uint8[64], in lower case; 0, 0 where any will do.
    """
    where, which = np.zeros(64, np.int64), np.zeros(64, np.uint8)
    where[codes.P_DOT], which[codes.P_DOT] = -2, ord("d")
    where[codes.P_ARROBA], which[codes.P_ARROBA] = 1, ord("a")
    for number, (word, (rare, third)) in enumerate(zip(WORDS, _RARE, strict=True), codes.P_WORD):
        where[number], which[number] = third, word.encode()[_place(word.encode(), rare) + third]
    return where, which


def _place(word: bytes, rare: str | bytes) -> int:
    """Return where in a word its pair's second byte is; behind it, where only the first is its own."""
    at = word.find(_pair(rare))
    return (at if at >= 0 else word.index(_pair(rare)[:1])) + 1


@functools.cache
def table(*, national: bool) -> Bytes:
    """Return uint8[65536], by first byte x 256 + second byte: ``OTHER``, ``NO_HEX``, and what begins, ``<< SHIFT``.

    ``national``: are numbers without a country's code looked for? These begin at any digit, which costs time.
    """
    out = np.zeros((256, 256), np.uint8)
    letters = np.array([chr(byte).isalnum() and byte < 128 for byte in range(256)])
    out[:, ~letters] |= OTHER
    out[:, [byte not in b"0123456789abcdefABCDEF " for byte in range(256)]] |= NO_HEX
    if national:
        first = [byte for byte in range(256) if not letters[byte] and byte not in b"+.,:;/-_=&%$"]
        _begin(out, codes.P_NATIONAL, first, _DIGITS)
    _begin(out, codes.P_IBAN, _UPPER, _DIGITS)
    for number, (rare, _) in enumerate(_RARE):
        low = _pair(rare)
        for pair in {low, low.upper(), low.title()} if low.isascii() else {low}:
            _begin(out, codes.P_WORD + number, pair[:1], _ENDS if number == WORDS.index("тг") else pair[1:])
    _begin(out, codes.P_DOT, b"oO", b"tT")
    _begin(out, codes.P_ARROBA, b"oO", b"bB")
    _begin(out, codes.P_BRACKET, b"[({", b"aA ")
    _begin(out, codes.P_ONION, b".", b"oO")
    _begin(out, codes.P_LINK, b".", b"mM")
    _begin(out, codes.P_PREFIX, b"0", b"xX")
    _begin(out, codes.P_ENTITY, b"&", b"#")
    _begin(out, codes.P_ENTITY, b"%", b"4")
    _begin(out, codes.P_ARMOR, b"-", b"B")
    _begin(out, codes.P_ZEROS, b"0", b"0")
    _begin(out, codes.P_PLUS, b"+", _DIGITS + b"( ")
    _begin(out, codes.P_SCHEME, b":", b"/")
    _begin(out, codes.P_AT, range(256), b"@")
    return out.ravel()


def _pair(rare: str | bytes) -> bytes:
    return rare if isinstance(rare, bytes) else rare.encode()


def _begin(out: Bytes, what: int, first: t.Iterable[int], second: t.Iterable[int]) -> None:
    where = np.ix_(list(first), list(second))
    out[where] = (out[where] & (OTHER | NO_HEX)) | (what << SHIFT)
