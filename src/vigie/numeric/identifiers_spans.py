"""From a rare pair of bytes to the candidate round it: how far it reaches, and whether it can be one at all.

Every function gets the arena ``text``: uint8[n], a place in it, and the bounds ``low``, ``high`` of the row; it looks
at a bounded number of bytes and returns ``start, end``, or ``start = -1`` where nothing stands there.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Span = tuple[int, int]

LOCAL: t.Final = 64
"""Bytes of the local part of an address (RFC 5321, 4.5.3.1.1)."""
DOMAIN: t.Final = 255
"""Bytes of a domain (RFC 5321, 4.5.3.1.2)."""
URL: t.Final = 2048
PHONE: t.Final = 40
HANDLE: t.Final = 64


@numba.njit(cache=True, nogil=True)
def digit(byte: int) -> bool:
    """ASCII digit."""
    return 48 <= byte <= 57


@numba.njit(cache=True, nogil=True)
def alnum(byte: int) -> bool:
    """ASCII letter or digit."""
    return 48 <= byte <= 57 or 97 <= (byte | 32) <= 122


@numba.njit(cache=True, nogil=True)
def hexadecimal(byte: int) -> bool:
    """ASCII hexadecimal digit."""
    return 48 <= byte <= 57 or 97 <= (byte | 32) <= 102


@numba.njit(cache=True, nogil=True)
def mail(text: Bytes, at: int, low: int, high: int) -> Span:  # noqa: C901 - both sides of the @
    """``@`` with what may be a local part before it and a domain with a dot behind it.

    The local part is kept to what people use: letters, digits, ``._%+-~``. Bytes of other scripts belong to the
    sentence in front, behind the ``@`` to a domain in its own script.
    """
    start = at
    while start > low and at - start < LOCAL:
        byte = text[start - 1]
        if not (alnum(byte) or byte in (46, 95, 37, 43, 45, 126)):
            break
        if byte == 46 and start < at and text[start] == 46:
            break
        start -= 1
    while start < at and not (alnum(text[start]) or text[start] == 95):
        start += 1
    if start == at or text[at - 1] == 46:
        return -1, -1
    end, dots = at + 1, 0
    while end < high and end - at <= DOMAIN:
        byte = text[end]
        if byte == 46:
            if text[end - 1] in (46, 64):
                break
            dots += 1
        elif not (alnum(byte) or byte == 45 or byte >= 128):
            break
        end += 1
    while end > at + 1 and text[end - 1] in (46, 45):
        dots -= text[end - 1] == 46
        end -= 1
    if end == at + 1 or not dots:
        return -1, -1
    return start, end


@numba.njit(cache=True, nogil=True)
def handle(text: Bytes, at: int, low: int, high: int) -> Span:
    """``@name`` with nothing before it that the ``@`` could belong to."""
    if at > low and (alnum(text[at - 1]) or text[at - 1] in (46, 95, 64)):
        return -1, -1
    end = at + 1
    while end < high and end - at < HANDLE and (alnum(text[end]) or text[end] in (95, 46, 45)):
        end += 1
    while text[end - 1] in (46, 45):
        end -= 1
    return (at, end) if end > at + 2 else (-1, -1)


@numba.njit(cache=True, nogil=True)
def url(text: Bytes, at: int, low: int, high: int) -> Span:
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
        end < high and end - start < URL and text[end] > 32 and text[end] not in (34, 60, 62, 91, 92, 93, 96, 123, 125)
    ):
        end += 1
    return (start, end) if end > at + 6 else (-1, -1)


@numba.njit(cache=True, nogil=True)
def phone(text: Bytes, at: int, low: int, high: int, least: int) -> Span:
    """Digits with what stands between those of a telephone number; it ends with a digit.

    ``at``: its ``+``, first zero, bracket or digit. ``least``: how many digits it has to have.
    """
    if at > low and (alnum(text[at - 1]) or text[at - 1] in (43, 46, 95, 61, 37, 47)):
        return -1, -1
    many, gap, end, i = 0, 0, at, at + (text[at] == 43)
    while i < high and i - at < PHONE and many < 18:
        byte = text[i]
        if digit(byte):
            many, gap, end = many + 1, 0, i + 1
        elif byte in (32, 40, 41, 45, 46, 47) and gap < 3:
            gap += 1
        elif byte == 0xC2 and i + 1 < high and text[i + 1] == 0xA0 and gap < 3:  # a space that does not break
            gap += 1
            i += 1
        else:
            break
        i += 1
    if many < least or (end < high and alnum(text[end])):
        return -1, -1
    return at, end


@numba.njit(cache=True, nogil=True)
def iban(text: Bytes, at: int, low: int, high: int) -> Span:
    """``DE89`` and groups behind it; ``at``: its second digit."""
    start = at - 3
    if start < low or not digit(text[at]) or not 65 <= text[start] <= 90 or (start > low and alnum(text[start - 1])):
        return -1, -1
    many, end, i = 4, at + 1, at + 1
    while i < high and many < 34:
        if alnum(text[i]):
            many, end = many + 1, i + 1
        elif text[i] != 32 or i + 1 >= high or not alnum(text[i + 1]):
            break
        i += 1
    return (start, end) if many >= 15 else (-1, -1)


@numba.njit(cache=True, nogil=True)
def announced(text: Bytes, start: int, low: int, high: int, words: Bytes, first: int, last: int) -> Span:
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
def run(text: Bytes, at: int, low: int, high: int) -> Span:
    """Letters and digits round ``at``. Not bounded: the caller goes on behind its end."""
    start, end = at, at
    while start > low and alnum(text[start - 1]):
        start -= 1
    while end < high and alnum(text[end]):
        end += 1
    return start, end


@numba.njit(cache=True, nogil=True)
def _all(text: Bytes, start: int, end: int, base58: bool) -> bool:
    """Return whether all of them are hexadecimal digits, or digits of base 58 (no ``0OIl``)."""
    for i in range(start, end):
        byte = text[i]
        if (byte in (48, 79, 73, 108)) if base58 else not hexadecimal(byte):
            return False
    return True


@numba.njit(cache=True, nogil=True)
def worth(text: Bytes, start: int, end: int) -> bool:  # noqa: PLR0911 - one return for each kind
    """Return whether a run of letters and digits can be an identifier or a key, by its length and how it begins.

    Lengths: base58check of 21 and 34 bytes, bech32 (BIP-173, BIP-350), Monero 69 and 77 bytes, Ethereum ``0x`` + 40,
    OpenPGP fingerprints 40 and 64, Session 66, Tox 76, WIF 51 and 52, BIP-38 58, extended keys 111 and 112 (BIP-32).
    """
    many, first, second = end - start, text[start], text[start + 1]
    if many > 112 or many < 25:
        return False
    if (first | 32) == 98 and second | 32 == 99 and text[start + 2] == 49:  # bc1
        return many >= 42
    if (first | 32) == 108 and second | 32 == 116 and text[start + 2] | 32 == 99 and text[start + 3] == 49:  # ltc1
        return many >= 42
    if many in (40, 64, 76) or (many == 66 and first == 48 and second == 53):
        return _all(text, start, end, base58=False)
    if many == 42 and first == 48 and second | 32 == 120:
        return _all(text, start + 2, end, base58=False)
    if many <= 36:
        return first in (49, 51, 76, 77, 68, 84, 65, 57) and _all(text, start, end, base58=True)
    if many in (51, 52):
        return first in (53, 75, 76, 57, 99) and _all(text, start, end, base58=True)
    if many == 58:
        return first == 54 and second == 80 and _all(text, start, end, base58=True)
    if many in (95, 106):
        return first in (52, 56) and _all(text, start, end, base58=True)
    return (
        many in (111, 112) and text[start + 2] == 114 and text[start + 3] == 118 and _all(text, start, end, base58=True)
    )


@numba.njit(cache=True, nogil=True)
def groups(text: Bytes, at: int, low: int, high: int) -> tuple[int, int, int]:
    """Ten groups of four hexadecimal digits, as GnuPG prints a fingerprint, in the digits and spaces round ``at``.

    Not more and not fewer, one or two spaces between them. Return start, end, and where to go on: all before was seen.
    """
    while at > low and (hexadecimal(text[at - 1]) or text[at - 1] == 32):
        at -= 1
    start, end, many, letters = -1, -1, 0, 0
    while at < high and (hexadecimal(text[at]) or text[at] == 32):
        first = at
        while at < high and hexadecimal(text[at]):
            letters += text[at] > 57
            at += 1
        whole = at - first == 4 and not (at < high and alnum(text[at]))
        if whole and not many:
            start = first
        many, end = (many + 1, at) if whole else (0, end)
        gap = at
        while at < high and text[at] == 32:
            at += 1
        if many == 10 and (at == high or not hexadecimal(text[at]) or at - gap > 2) and letters:
            return start, end, at
        if not whole or at - gap > 2:
            many, letters = 0, 0
    return -1, -1, at + 1
