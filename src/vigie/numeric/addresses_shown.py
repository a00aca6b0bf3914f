"""What columns hold of IP addresses, in their shortest text form (RFC 5952): packed or written, millions a second.

Four bytes are a packed IPv4 address; sixteen are a packed IPv6 one unless all of them are ASCII text. Written: as
``numeric.addresses`` has it, also with blanks round it, brackets, a zone or a width, which are left out
(``[fe80::1%eth0]``, ``192.0.2.7/32``). An IPv4 address mapped into IPv6 (RFC 4291, 2.5.5.2) is that IPv4 address. What
is no address, and 0.0.0.0 and ::, which say nothing, are empty; so is NULL.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np

from vigie.numeric.addresses import MAPPED, Words, _four, _hex, _six
from vigie.numeric.columns import Bytes, Cells, Lengths
from vigie.numeric.views import read_only

LONGEST: t.Final = 100
"""Bytes of a value that may be an address."""
MOST_SHOWN: t.Final = 39


def shown(cells: Cells) -> Cells:
    """Return a column of addresses in their shortest form, ``""`` where none is."""
    rows = len(cells.lengths)
    out, lengths = np.empty(rows * MOST_SHOWN, np.uint8), np.empty(rows, np.int32)
    used = _shown(read_only(cells.values), cells.lengths, out, lengths)
    return Cells(out[:used], lengths)


@numba.njit(cache=True, nogil=True)
def _shown(values: Bytes, lengths: Lengths, out: Bytes, shown_lengths: Lengths) -> int:
    groups, pair = np.zeros(8, np.uint64), np.zeros(2, np.uint64)
    at = used = 0
    for row in range(len(lengths)):
        size = max(lengths[row], 0)
        end = used
        if 7 <= size <= 15 and _shortest(values, np.uint64(at), np.uint64(size)):
            for i in range(np.uint64(size)):
                out[np.uint64(used) + i] = values[np.uint64(at) + i]
            end = used + size
        elif 2 <= size <= LONGEST and _found(values, at, at + size, groups, pair):
            end = _written(pair, out, used)
        shown_lengths[row] = end - used
        used, at = end, at + size
    return used


@numba.njit(cache=True, nogil=True)
def _shortest(values: Bytes, at: np.uint64, size: np.uint64) -> bool:
    """Tell whether it is an IPv4 address in its shortest form already, as nearly all are; and not 0.0.0.0."""
    number, digits, dots, some = 0, 0, 0, False
    for i in range(size):
        byte = values[at + i]
        if byte == 46:
            if digits == 0 or number > 255:
                return False
            number, digits, dots = 0, 0, dots + 1
            continue
        if not 48 <= byte <= 57 or digits == 3 or (digits and number == 0):
            return False
        number, digits, some = number * 10 + byte - 48, digits + 1, some or byte != 48
    return dots == 3 and digits > 0 and number <= 255 and some


@numba.njit(cache=True, nogil=True)
def _found(values: Bytes, begin: int, end: int, groups: Words, pair: Words) -> bool:
    """Read one value into two words, the high one first; tell whether it is an address that says something."""
    size = end - begin
    packed = size == 4
    if size == 16:
        for at in range(begin, end):
            packed = packed or values[at] < 32 or values[at] > 126
    pair[0] = pair[1] = 0
    if packed:
        for at in range(begin, end):
            word = 1 if size == 4 or at - begin >= 8 else 0
            pair[word] = (pair[word] << np.uint64(8)) | np.uint64(values[at])
        pair[1] |= np.uint64(MAPPED) if size == 4 else np.uint64(0)
    elif not _read(values, begin, end, groups, pair):
        return False
    v4 = pair[0] == 0 and pair[1] >> np.uint64(32) == np.uint64(0xFFFF)
    return bool((pair[1] & np.uint64(0xFFFFFFFF) if v4 else pair[0] | pair[1]) != 0)


@numba.njit(cache=True, nogil=True)
def _read(values: Bytes, begin: int, end: int, groups: Words, pair: Words) -> bool:
    """Read a written address, without what may stand round it."""
    while begin < end and values[begin] in (9, 10, 11, 12, 13, 32):
        begin += 1
    while end > begin and values[end - 1] in (9, 10, 11, 12, 13, 32):
        end -= 1
    bracket = begin < end and values[begin] == 91
    if bracket:
        begin += 1
    stop, colon = begin, False
    while stop < end and (values[stop] in (46, 58) or _hex(values[stop]) >= 0):
        colon = colon or values[stop] == 58
        stop += 1
    if not _ends(values, stop, end):
        return False
    if not colon:
        four = _four(values, begin, stop)
        if four < 0:
            return False
        pair[1] = np.uint64(MAPPED) + np.uint64(four)
        return True
    if not _six(values, begin, stop, groups):
        return False
    for group in range(4):
        pair[0] = (pair[0] << np.uint64(16)) | groups[group]
        pair[1] = (pair[1] << np.uint64(16)) | groups[4 + group]
    return True


@numba.njit(cache=True, nogil=True)
def _ends(values: Bytes, at: int, end: int) -> bool:
    """Tell whether nothing follows an address but its bracket, zone and width."""
    if at < end and values[at] == 93:
        at += 1
    if at < end and values[at] == 37:
        while at < end and values[at] != 47 and values[at] != 93:
            at += 1
        if at < end and values[at] == 93:
            at += 1
    if at < end and values[at] == 47:
        start = at + 1
        at = start
        while at < end and 48 <= values[at] <= 57:
            at += 1
        if not 1 <= at - start <= 3:
            return False
    return at == end


@numba.njit(cache=True, nogil=True)
def _written(pair: Words, out: Bytes, at: int) -> int:
    """Write an address; return where it ends."""
    if pair[0] == 0 and pair[1] >> np.uint64(32) == np.uint64(0xFFFF):
        for part in range(4):
            if part:
                out[at] = 46
                at += 1
            at = _decimal(int((pair[1] >> np.uint64(24 - 8 * part)) & np.uint64(0xFF)), out, at)
        return at
    best, longest, run = 8, 1, 0  # the first of the longest runs of two zero groups or more (RFC 5952, 4.2)
    for group in range(8):
        run = run + 1 if _group(pair, group) == 0 else 0
        if run > longest:
            best, longest = group - run + 1, run
    group = 0
    while group < 8:
        if group == best:
            out[at], out[at + 1] = 58, 58
            at, group = at + 2, group + longest
            continue
        if group and group != best + longest:
            out[at] = 58
            at += 1
        at = _hexadecimal(_group(pair, group), out, at)
        group += 1
    return at


@numba.njit(cache=True, nogil=True)
def _group(pair: Words, group: int) -> int:
    return int((pair[group // 4] >> np.uint64(48 - 16 * (group % 4))) & np.uint64(0xFFFF))


@numba.njit(cache=True, nogil=True)
def _decimal(value: int, out: Bytes, at: int) -> int:
    for unit in (100, 10, 1):
        if value >= unit or unit == 1:
            out[at] = 48 + value // unit % 10
            at += 1
    return at


@numba.njit(cache=True, nogil=True)
def _hexadecimal(value: int, out: Bytes, at: int) -> int:
    for shift in (12, 8, 4, 0):
        if value >> shift or shift == 0:
            digit = value >> shift & 15
            out[at] = 48 + digit if digit < 10 else 87 + digit
            at += 1
    return at
