"""The passes over texts by numba, for where there is no library; it says what is right (``native/identifiers.c``)."""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric import identifiers_look

if t.TYPE_CHECKING:
    from vigie.numeric.identifiers_anchors import Anchors, Words

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Sets = npt.NDArray[np.uint64]
_ALNUM, _HEX = 1, 2
_RUN, _GROUPS, _LEAST_RUN, _LEAST_GROUPS = 62, 63, 25, 49
_SPARE: t.Final = 66
"""Marks that one byte may give at most."""
_AT, _RUN_START, _GROUPS_START = range(3)


class Loops:
    """What ``identifiers_native.Loops`` does."""

    def marks(self, values: Bytes, first: int, end: int, wanted: Anchors, state: Ints, out: Ints) -> int:
        """Write marks of ``values[first:end]`` from ``state`` on; return how many. ``out``: int64[1024 or more, 3].

        A mark is where it begins, where it ends, and ``identifiers_scan.P_AT`` ...: a place, for which it begins where
        it ends; a run of letters and digits, or of hexadecimal digits and spaces, across rows too. Each of these three
        comes in the order of its places. ``state``: int64[3], ``first`` three times at the beginning; all is done when
        its first is ``end`` or more.
        """
        return int(_marks(values, first, end, wanted.sets, wanted.codes, _CLASSES, state, out))

    def look(
        self, values: Bytes, offsets: Ints, marks: Ints, words: Words, held: Ints, out: Ints, left: Ints, *, glued: bool
    ) -> int:
        """Write what is worth a check at ``marks``, int64[n, 3] as above, which follow those of the call before.

        ``held``: int64[3, 2], zeros at the beginning: for places, runs and groups in which row the last was, and how
        many of that row there are. ``out``: int64[n, 4], row, start, end, ``identifiers_scan.MAIL`` ..., with room for
        one for each place and for each 25 bytes of a run. ``left``: int64[rows], to which is added what a row has too
        much of. ``glued``: runs too in which an address may stand.
        """
        texts = words.text, words.ends, words.places
        return int(identifiers_look.look(values, offsets, marks, *texts, held, out, left, glued))


def _classes() -> Bytes:
    out = np.zeros(256, np.uint8)
    out[[byte for byte in range(128) if chr(byte).isalnum()]] |= _ALNUM
    out[list(b"0123456789abcdefABCDEF ")] |= _HEX
    out.flags.writeable = False
    return out


_CLASSES: t.Final = _classes()


@numba.njit(cache=True, nogil=True)
def _marks(  # noqa: C901 - one pass
    text: Bytes, first: int, end: int, sets: Sets, codes: Bytes, classes: Bytes, state: Ints, out: Ints
) -> int:
    """Carry what the byte before allows as the first of four, ``one``, and the two before as the first two, ``two``."""
    i, run, groups, many = np.uint64(state[_AT]), np.uint64(state[_RUN_START]), np.uint64(state[_GROUPS_START]), 0
    last, room = np.uint64(end), len(out) - _SPARE
    a, b, c, d = sets[0], sets[1], sets[2], sets[3]
    before = np.uint64(text[i - np.uint64(1)] if i > np.uint64(first) else 0)
    two = a[np.uint64(text[i - np.uint64(2)] if i > np.uint64(first + 1) else 0)] & b[before]
    one = a[before]
    while i < last and many < room:  # unsigned: an index that may be negative is looked at for each byte
        byte = np.uint64(text[i])
        met = two & c[byte]
        two, one = one & b[byte], a[byte]
        of = classes[byte]
        if met:
            met &= d[np.uint64(text[i + np.uint64(1)]) if i + np.uint64(1) < last else np.uint64(0)]
            bit = 0
            while met:
                if met & np.uint64(1):
                    out[many, 0], out[many, 1], out[many, 2], many = i, i, codes[bit], many + 1
                met, bit = met >> np.uint64(1), bit + 1
        if of != _ALNUM | _HEX:
            if not of & _ALNUM:
                if i - run >= np.uint64(_LEAST_RUN):
                    out[many, 0], out[many, 1], out[many, 2], many = run, i, _RUN, many + 1
                run = i + np.uint64(1)
            if not of & _HEX:
                if i - groups >= np.uint64(_LEAST_GROUPS):
                    out[many, 0], out[many, 1], out[many, 2], many = groups, i, _GROUPS, many + 1
                groups = i + np.uint64(1)
        i += np.uint64(1)
    if i == last:
        if i - run >= np.uint64(_LEAST_RUN):
            out[many, 0], out[many, 1], out[many, 2], many = run, i, _RUN, many + 1
        if i - groups >= np.uint64(_LEAST_GROUPS):
            out[many, 0], out[many, 1], out[many, 2], many = groups, i, _GROUPS, many + 1
        run = groups = i
    state[_AT], state[_RUN_START], state[_GROUPS_START] = i, run, groups
    return many
