"""Identifiers in texts: what stands round rare groups of bytes and in long runs, and how far it reaches.

By numba, for where there is no library; it says what is right (``native/look.c``). All of it is in one file: numba
keeps what it has compiled by the file of a function, and would not see that one which it calls in another has changed.

Functions that look at a candidate get the arena ``text``: uint8[n], a place in it, and the bounds ``low``, ``high``
of the row; they look at a bounded number of bytes and return ``start, end``, or ``start = -1`` where there is nothing.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric.identifiers_scan import (
    ARMOR,
    DESCRIPTOR,
    GLUED,
    GROUPS,
    HANDLE,
    HIDDEN,
    IBAN,
    KEY_ID,
    LEAST_RUN,
    LINK,
    MAIL,
    MOST,
    NATIONAL,
    ONION,
    P_ARMOR,
    P_ARROBA,
    P_AT,
    P_BRACKET,
    P_DESCRIPTOR,
    P_DOT,
    P_ENTITY,
    P_IBAN,
    P_LINK,
    P_NATIONAL,
    P_ONION,
    P_PLUS,
    P_PREFIX,
    P_RUN,
    P_SCHEME,
    P_WORD,
    P_ZEROS,
    PHONE,
    RUN,
    URL,
    WORD,
)

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Span = tuple[int, int]
_MOST_LOCAL: t.Final = 64
"""Bytes of the local part of an address (RFC 5321, 4.5.3.1.1)."""
_MOST_DOMAIN: t.Final = 255
"""Bytes of a domain (RFC 5321, 4.5.3.1.2)."""
_MOST_URL: t.Final = 2048
_MOST_PHONE: t.Final = 40
_MOST_HANDLE: t.Final = 64
_MOST_RUN: t.Final = 4096
"""Letters and digits of an invoice (BOLT 11 sets no bound)."""
_MOST_DESCRIPTOR: t.Final = 2048
_MOST_GLUED: t.Final = 200
"""Letters and digits in which an address may stand among others: what is longer is packed, a key or a picture."""


@numba.njit(cache=True, nogil=True)
def _digit(byte: int) -> bool:
    """ASCII digit."""
    return 48 <= byte <= 57


@numba.njit(cache=True, nogil=True)
def _alnum(byte: int) -> bool:
    """ASCII letter or digit."""
    return 48 <= byte <= 57 or 97 <= (byte | 32) <= 122


@numba.njit(cache=True, nogil=True)
def _hexadecimal(byte: int) -> bool:
    """ASCII hexadecimal digit."""
    return 48 <= byte <= 57 or 97 <= (byte | 32) <= 102


@numba.njit(cache=True, nogil=True)
def _mail(text: Bytes, at: int, low: int, high: int) -> Span:  # noqa: C901 - both sides of the @
    """``@`` with what may be a local part before it and a domain with a dot behind it.

    The local part is kept to what people use: letters, digits, ``._%+-~``. Bytes of other scripts belong to the
    sentence in front, behind the ``@`` to a domain in its own script.
    """
    start = at
    while start > low and at - start < _MOST_LOCAL:
        byte = text[start - 1]
        if not (_alnum(byte) or byte in (46, 95, 37, 43, 45, 126)):
            break
        if byte == 46 and start < at and text[start] == 46:
            break
        start -= 1
    while start < at and not (_alnum(text[start]) or text[start] == 95):
        start += 1
    if start == at or text[at - 1] == 46:
        return -1, -1
    end, dots = at + 1, 0
    while end < high and end - at <= _MOST_DOMAIN:
        byte = text[end]
        if byte == 46:
            if text[end - 1] in (46, 64):
                break
            dots += 1
        elif not (_alnum(byte) or byte == 45 or byte >= 128):
            break
        end += 1
    while end > at + 1 and text[end - 1] in (46, 45):
        dots -= text[end - 1] == 46
        end -= 1
    if end == at + 1 or not dots:
        return -1, -1
    return start, end


@numba.njit(cache=True, nogil=True)
def _handle(text: Bytes, at: int, low: int, high: int) -> Span:
    """``@name`` with nothing before it that the ``@`` could belong to."""
    if at > low and (_alnum(text[at - 1]) or text[at - 1] in (46, 95, 64)):
        return -1, -1
    end = at + 1
    while end < high and end - at < _MOST_HANDLE and (_alnum(text[end]) or text[end] in (95, 46, 45)):
        end += 1
    while text[end - 1] in (46, 45):
        end -= 1
    return (at, end) if end > at + 2 else (-1, -1)


@numba.njit(cache=True, nogil=True)
def _url(text: Bytes, at: int, low: int, high: int) -> Span:
    """``://`` with letters before it; until what never stands in a URL of a text (RFC 3986, appendix C)."""
    if at + 3 >= high or text[at + 1] != 47 or text[at + 2] != 47:
        return -1, -1
    start = at
    while start > low and at - start < 8 and 97 <= (text[start - 1] | 32) <= 122:
        start -= 1
    if at - start < 2:
        return -1, -1
    end = at + 3
    while (
        end < high
        and end - start < _MOST_URL
        and text[end] > 32
        and text[end] not in (34, 60, 62, 91, 92, 93, 96, 123, 125)
    ):
        end += 1
    return (start, end) if end > at + 6 else (-1, -1)


@numba.njit(cache=True, nogil=True)
def _phone(text: Bytes, at: int, low: int, high: int, least: int) -> Span:
    """Digits with what stands between those of a telephone number; it ends with a digit.

    ``at``: its ``+``, first zero, bracket or digit. ``least``: how many digits it has to have.
    """
    if at > low and (_alnum(text[at - 1]) or text[at - 1] in (43, 46, 95, 61, 37, 47)):
        return -1, -1
    many, gap, end, i = 0, 0, at, at + (text[at] == 43)
    while i < high and i - at < _MOST_PHONE and many < 18:
        byte = text[i]
        if _digit(byte):
            many, gap, end = many + 1, 0, i + 1
        elif byte in (32, 40, 41, 45, 46, 47) and gap < 3:
            gap += 1
        elif byte == 0xC2 and i + 1 < high and text[i + 1] == 0xA0 and gap < 3:  # a space that does not break
            gap += 1
            i += 1
        else:
            break
        i += 1
    if many < least or (end < high and _alnum(text[end])):
        return -1, -1
    return at, end


@numba.njit(cache=True, nogil=True)
def _iban(text: Bytes, at: int, low: int, high: int) -> Span:
    """``DE89`` and groups behind it; ``at``: its second digit."""
    start = at - 3
    if start < low or not _digit(text[at]) or not 65 <= text[start] <= 90 or (start > low and _alnum(text[start - 1])):
        return -1, -1
    many, end, i = 4, at + 1, at + 1
    while i < high and many < 34:
        if _alnum(text[i]):
            many, end = many + 1, i + 1
        elif text[i] != 32 or i + 1 >= high or not _alnum(text[i + 1]):
            break
        i += 1
    return (start, end) if many >= 15 else (-1, -1)


@numba.njit(cache=True, nogil=True)
def _announced(text: Bytes, start: int, low: int, high: int, words: Bytes, first: int, last: int) -> Span:
    """Check the word ``words[first:last]``, in lower case, that begins at ``start``, and is the end of no other."""
    end = start + last - first
    if start < low or end > high:
        return -1, -1
    latin = words[first] < 128
    for i in range(last - first - 1, -1, -1):
        byte = text[start + i]
        if (byte | 32 if 65 <= byte <= 90 else byte) != words[first + i] and (latin or i > 1):  # 0, 1: capital or not
            return -1, -1
    if latin and start > low and 97 <= (text[start - 1] | 32) <= 122:
        return -1, -1
    return start, end


@numba.njit(cache=True, nogil=True)
def _all(text: Bytes, start: int, end: int, base58: bool) -> bool:
    """Return whether all of them are hexadecimal digits, or digits of base 58 (no ``0OIl``)."""
    for i in range(start, end):
        byte = text[i]
        if (byte in (48, 79, 73, 108)) if base58 else not _hexadecimal(byte):
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _worth(text: Bytes, start: int, end: int) -> bool:  # noqa: C901, PLR0911, PLR0912 - one return for each kind
    """Return whether a run of letters and digits can be an identifier or a key, by its length and how it begins.

    Lengths: base58check of 21 and 34 bytes, bech32 (BIP-173, BIP-350), Monero 69 and 77 bytes, Ethereum ``0x`` + 40,
    OpenPGP fingerprints 40 and 64 (transactions and raw keys too; 66 behind ``0x``), Session 66, Tox 76, WIF 51 and 52,
    BIP-38 58, extended keys 111 and 112 (BIP-32); invoices and silent payments have no fixed one.
    """
    many, first, second = end - start, text[start], text[start + 1]
    if many < 25 or many > _MOST_RUN:
        return False
    if first | 32 == 108 and second | 32 == 110 and text[start + 2] | 32 in (98, 116, 115):  # lnbc, lntb, lnsb
        return many >= 100
    silent = start + ((first | 32) == 116)  # sp1, tsp1
    if text[silent] | 32 == 115 and text[silent + 1] | 32 == 112 and text[silent + 2] == 49:
        return 110 <= many <= 1023
    if many > 112:
        return False
    if (many in (40, 64, 76) or (many == 66 and first == 48 and second == 53)) and _all(text, start, end, base58=False):
        return True  # it may begin as an address does
    if first | 32 == 116 and second | 32 == 98 and text[start + 2] == 49:  # tb1
        return many >= 42
    if first | 32 == 98 and second | 32 == 99 and text[start + 2] | 32 == 114 and text[start + 4] == 49:  # bcrt1
        return many >= 44
    if (first | 32) == 98 and second | 32 == 99 and text[start + 2] == 49:  # bc1
        return many >= 42
    if (first | 32) == 108 and second | 32 == 116 and text[start + 2] | 32 == 99 and text[start + 3] == 49:  # ltc1
        return many >= 42
    if many in (42, 66) and first == 48 and second | 32 == 120:
        return _all(text, start + 2, end, base58=False)
    if many <= 36:
        return first in (49, 50, 51, 76, 77, 68, 84, 65, 57, 109, 110) and _all(text, start, end, base58=True)
    if many in (51, 52):
        return first in (53, 75, 76, 57, 99) and _all(text, start, end, base58=True)
    if many == 58:
        return first == 54 and second == 80 and _all(text, start, end, base58=True)
    if many in (95, 106):
        return first in (52, 56) and _all(text, start, end, base58=True)
    if many not in (111, 112) or not _all(text, start, end, base58=True):
        return False
    private: bool = text[start + 2] == 114 and text[start + 3] == 118
    public: bool = text[start + 2] == 117 and text[start + 3] == 98
    return private or public


@numba.njit(cache=True, nogil=True)
def _escaped(text: Bytes, at: int, low: int, end: int) -> int:
    """Return where a run begins behind what is left of an escape: of ``%3A``, ``=3D``, or of a line feed."""
    if at > low and text[at - 1] in (37, 61) and end - at > 2 and _hexadecimal(text[at]) and _hexadecimal(text[at + 1]):
        return at + 2
    if at > low and text[at - 1] == 92 and end - at > 5:
        return at + (5 if text[at] == 117 else 3 if text[at] == 120 else 1)
    return at


@numba.njit(cache=True, nogil=True)
def _descriptor(text: Bytes, at: int, low: int, high: int) -> Span:
    """``)#`` and eight digits of a checksum (BIP 380); back to the word before the bracket that belongs to it."""
    if at - 1 < low or at + 9 > high or (at + 9 < high and _alnum(text[at + 9])):
        return -1, -1
    for i in range(at + 1, at + 9):
        if not _alnum(text[i]):
            return -1, -1
    depth, i = 0, at - 1
    while i >= low and at - i < _MOST_DESCRIPTOR:
        byte = text[i]
        if byte <= 32 or byte >= 127:
            return -1, -1
        depth += (byte == 41) - (byte == 40)
        if not depth:
            break
        i -= 1
    end = i
    while i > low and end - i < 12 and (97 <= text[i - 1] <= 122 or text[i - 1] == 95):
        i -= 1
    return (i, at + 9) if not depth and end - i >= 2 else (-1, -1)


@numba.njit(cache=True, nogil=True)
def _groups(text: Bytes, at: int, end: int, high: int) -> tuple[int, int, int]:
    """Ten groups of four hexadecimal digits, as GnuPG prints a fingerprint, in digits and spaces that go on to ``end``.

    Not more and not fewer, one or two spaces between them. Return start, end, and where to go on: all before was seen.
    """
    start, stop, many, letters = -1, -1, 0, 0
    while at < end:
        first = at
        while at < end and text[at] != 32:
            letters += text[at] > 57
            at += 1
        whole = at - first == 4 and not (at == end < high and _alnum(text[at]))
        if whole and not many:
            start = first
        many, stop = (many + 1 if whole else 0), at
        while at < end and text[at] == 32:
            at += 1
        if many == 10 and (at == end or at - stop > 2) and letters:
            return start, stop, at
        if not whole or at - stop > 2:
            many, letters = 0, 0
    return -1, -1, end


@numba.njit(cache=True, nogil=True)
def look(
    text: Bytes, offsets: Ints, marks: Ints, words: Bytes, word_ends: Ints, word_places: Ints, held: Ints, out: Ints,
    left: Ints, glued: bool,
) -> int:  # fmt: skip
    """Write what is worth a check at ``marks``, int64[n, 3], as ``identifiers_numba.Loops.marks`` has them.

    ``held``: int64[3, 2], zeros at the beginning: for places, runs and groups in which row the last was, and how many
    of that row there are. ``out``: int64[n, 4], with room for one for each place and for each 25 bytes of a run.
    ``glued``: runs too in which an address may stand.
    """
    many = 0
    for k in range(len(marks)):
        at, end, what = marks[k, 0], marks[k, 1], marks[k, 2]
        if what < P_RUN:
            row = _row(offsets, held[0], at)
            code, start, stop = _look(text, what, at, offsets[row], offsets[row + 1], words, word_ends, word_places)
            many = _keep(out, left, held[0], many, start, stop, code)
            continue
        mine = held[what - P_RUN + 1]
        while at < end:
            row = _row(offsets, mine, at)
            go = min(end, offsets[row + 1])
            if what == P_RUN:
                start = _escaped(text, at, offsets[row], go)  # both are tried: a checksum tells them apart
                whole, rest = _worth(text, at, go), start > at and _worth(text, start, go)
                many = _keep(out, left, mine, many, at if whole else -1, go, RUN)
                many = _keep(out, left, mine, many, start if rest else -1, go, RUN)
                if glued and not whole and not rest and LEAST_RUN < go - at <= _MOST_GLUED:
                    many = _keep(out, left, mine, many, at, go, GLUED)
            else:
                start, stop, go = _groups(text, at, go, offsets[row + 1])
                many = _keep(out, left, mine, many, start, stop, GROUPS)
            at = go
    return many


@numba.njit(cache=True, nogil=True)
def _row(offsets: Ints, held: Ints, at: int) -> int:
    """Return the row of a place that is not before the last one's."""
    row: int = held[0]
    while at >= offsets[row + 1]:
        row += 1
    if row > held[0]:
        held[0], held[1] = row, 0
    return row


@numba.njit(cache=True, nogil=True)
def _keep(out: Ints, left: Ints, held: Ints, many: int, start: int, end: int, code: int) -> int:
    """Write a candidate if it is one, or count it where its row has ``MOST``; return how many there are."""
    if start < 0:
        return many
    if held[1] >= MOST:
        left[held[0]] += 1
        return many
    held[1] += 1
    out[many, 0], out[many, 1], out[many, 2], out[many, 3] = held[0], start, end, code
    return many + 1


@numba.njit(cache=True, nogil=True)
def _low(byte: int) -> int:
    """Return an ASCII letter in lower case, any other byte as it is."""
    return byte | 32 if 65 <= byte <= 90 else byte


@numba.njit(cache=True, nogil=True)
def _is(text: Bytes, at: int, high: int, a: int, b: int, c: int) -> bool:
    """Return whether three letters stand there, of any case."""
    return at + 3 <= high and text[at] | 32 == a and text[at + 1] | 32 == b and text[at + 2] | 32 == c


@numba.njit(cache=True, nogil=True)
def _look(  # noqa: C901, PLR0911, PLR0912 - one branch for each thing that may begin
    text: Bytes, what: int, at: int, low: int, high: int, words: Bytes, word_ends: Ints, word_places: Ints
) -> tuple[int, int, int]:
    """Return what stands round the place ``at``, and from where to where; -1: nothing."""
    if at == low and what not in (P_AT, P_NATIONAL):
        return 0, -1, -1  # the byte before it is another row's
    if what >= P_WORD:
        word = what - P_WORD
        start, end = _announced(text, at - word_places[word], low, high, words, word_ends[word], word_ends[word + 1])
        if end == high == at + 1 and text[at] >= 128:
            start = -1  # what has to follow it is another row's
        return WORD + word, start, end
    if what == P_AT:
        start, end = _mail(text, at, low, high)
        if start >= 0:
            return MAIL, start, end
        if at > low and text[at - 1] in (91, 40, 123, 32) and at + 1 < high and text[at + 1] in (93, 41, 125, 32):
            return HIDDEN, at, at + 1
        start, end = _handle(text, at, low, high)
        return HANDLE, start, end
    if what == P_DOT:
        apart = at - 3 >= low and text[at - 2] | 32 == 100 and not _alnum(text[at - 3])
        if apart and at + 1 < high and text[at + 1] in (32, 93, 41, 125):
            return HIDDEN, at - 2, at + 1
    elif what == P_ARROBA:
        if at - 3 >= low and _is(text, at - 2, high, 114, 111, 98) and at + 1 < high and text[at + 1] | 32 == 97:
            return HIDDEN, at - 3, at + 2
    elif what == P_BRACKET:
        start = at + (text[at] == 32)
        if start + 1 < high and text[start] | 32 == 97 and (text[start + 1] | 32 == 116 or text[start + 1] == 41):
            return HIDDEN, at - 1, start + 2
    elif what == P_ENTITY:
        if text[at] == 52:  # %40
            return HIDDEN, at - 1 if at + 1 < high and text[at + 1] == 48 else -1, at + 2
        for i in range(at + 1, min(at + 5, high)):
            if text[i] in (52, 48) and i + 1 < high and text[i + 1] == 59:
                return HIDDEN, at - 1, i + 2
    elif what == P_SCHEME:
        start, end = _url(text, at - 1, low, high)
        return URL, start, end
    elif what == P_PLUS:
        start, end = _phone(text, at - 1, low, high, 8)
        return PHONE, start, end
    elif what == P_ZEROS:
        if at + 1 < high and text[at + 1] != 48:
            start, end = _phone(text, at - 1, low, high, 10)
            return PHONE, start, end
    elif what == P_NATIONAL:
        if at > low and (_alnum(text[at - 1]) or text[at - 1] in (43, 46, 44, 58, 59, 47, 45, 95, 61, 38, 37, 36)):
            return 0, -1, -1
        start, end = _phone(text, at - (at > low and text[at - 1] == 40), low, high, 7)
        return NATIONAL, start, end
    elif what == P_IBAN:
        start, end = _iban(text, at + 1, low, high) if at + 1 < high else (-1, -1)
        return IBAN, start, end
    elif what == P_ARMOR:
        if at - 5 >= low and text[at - 5] == 45 and at + 5 < high and _is(text, at, high, 98, 101, 103):
            return ARMOR, at - 5, at + 5
    elif what == P_PREFIX:
        end = at + 1
        while end < high and end - at <= 17 and _hexadecimal(text[end]):
            end += 1
        if end - at == 17 and not (end < high and _alnum(text[end])):
            return KEY_ID, at - 1, end
    elif what == P_DESCRIPTOR:
        start, end = _descriptor(text, at, low, high)
        return DESCRIPTOR, start, end
    elif what == P_LINK:
        apart = at - 2 >= low and text[at - 2] | 32 == 116 and not (at - 3 >= low and _alnum(text[at - 3]))
        if apart and at + 2 < high and text[at + 1] | 32 == 101 and text[at + 2] == 47:
            return LINK, at - 2, at + 3
    elif what == P_ONION and at - 57 >= low and _is(text, at, high, 111, 110, 105):
        return ONION, at - 57, min(at + 5, high)
    return 0, -1, -1
