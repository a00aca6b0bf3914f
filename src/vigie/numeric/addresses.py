"""IP addresses out of text: one loop over bytes, for millions of addresses.

Text forms as RFC 4291 section 2.2 has them and ``inet_pton`` takes them: dotted decimal without leading zeros; eight
groups of hexadecimal digits, one ``::``, the last four bytes also in dotted decimal. No zone, no prefix length.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
MAPPED: t.Final = 0xFFFF << 32
"""Low word of ::ffff:0.0.0.0, as which an IPv4 address is kept."""


def parsed(texts: t.Sequence[str]) -> tuple[Words, npt.NDArray[np.bool_]]:
    """Return the addresses as two words each, uint64[n, 2], the high one first, and whether a text is one, bool[n]."""
    joined = "\n".join(texts).encode("utf-8", "replace") + b"\n"
    out = np.zeros((len(texts), 2), np.uint64)
    good = np.zeros(len(texts), np.bool_)
    if texts and joined.count(b"\n") == len(texts):
        _parse(np.frombuffer(joined, np.uint8), out, good)
    elif texts:  # a line end inside a text would shift all that follow
        for at, one in enumerate(texts):
            if "\n" not in one:
                out[at : at + 1], good[at : at + 1] = parsed([one])
    return out, good


@numba.njit(cache=True, nogil=True)
def _parse(text: Bytes, out: Words, good: npt.NDArray[np.bool_]) -> None:
    begin, row = 0, 0
    groups = np.zeros(8, np.uint64)
    for at in range(len(text)):
        if text[at] == 10:
            six = False
            for place in range(begin, at):
                six = six or text[place] == 58
            if six:
                good[row] = _six(text, begin, at, groups)
                if good[row]:
                    for group in range(4):
                        out[row, 0] = (out[row, 0] << np.uint64(16)) | groups[group]
                        out[row, 1] = (out[row, 1] << np.uint64(16)) | groups[4 + group]
            else:
                value = _four(text, begin, at)
                good[row] = value >= 0
                if value >= 0:
                    out[row, 1] = np.uint64(MAPPED + value)
            begin, row = at + 1, row + 1


@numba.njit(cache=True, nogil=True)
def _four(text: Bytes, begin: int, end: int) -> int:
    """Return the number that dotted decimal says; -1 where it is none."""
    value, part, digits, dots = 0, 0, 0, 0
    for at in range(begin, end):
        one = text[at]
        if 48 <= one <= 57:
            if digits and part == 0:
                return -1
            part, digits = part * 10 + one - 48, digits + 1
            if part > 255:
                return -1
        elif one == 46 and digits:
            value, part, digits, dots = value * 256 + part, 0, 0, dots + 1
        else:
            return -1
    return value * 256 + part if digits and dots == 3 else -1


@numba.njit(cache=True, nogil=True)
def _six(text: Bytes, begin: int, end: int, groups: Words) -> bool:  # noqa: C901, PLR0911, PLR0912 - a grammar
    """Read an IPv6 address into eight groups; tell whether it is one."""
    count, gap, at = 0, -1, begin
    if end - begin >= 2 and text[begin] == 58:
        if text[begin + 1] != 58:
            return False
        gap, at = 0, begin + 2
    while at < end:
        start, value = at, 0
        while at < end and at - start < 5 and _hex(text[at]) >= 0:
            value, at = value * 16 + _hex(text[at]), at + 1
        if at < end and text[at] == 46:
            four = _four(text, start, end)
            if four < 0 or count > 6:
                return False
            groups[count], groups[count + 1] = np.uint64(four >> 16), np.uint64(four & 0xFFFF)
            count, at = count + 2, end
            break
        if at == start or at - start > 4 or count > 7:
            return False
        groups[count] = np.uint64(value)
        count += 1
        if at == end:
            break
        if text[at] != 58 or at + 1 == end:
            return False
        at += 1
        if text[at] == 58:
            if gap >= 0:
                return False
            gap, at = count, at + 1
    if gap < 0:
        return count == 8
    if count > 7:
        return False
    for back in range(count - gap):
        groups[7 - back] = groups[count - 1 - back]
    for place in range(gap, 8 - (count - gap)):
        groups[place] = np.uint64(0)
    return True


@numba.njit(cache=True, nogil=True)
def _hex(one: int) -> int:
    if 48 <= one <= 57:
        return one - 48
    if 97 <= one <= 102:
        return one - 87
    return one - 55 if 65 <= one <= 70 else -1
