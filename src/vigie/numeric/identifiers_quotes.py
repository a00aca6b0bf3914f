"""Which places of texts stand in a quotation: markup of forums, of HTML, of mail."""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
_TELLS: t.Final = np.isin(np.arange(256), list(b"\n\r[<"))
"""Bytes that change something within a line."""


def quoted(values: Bytes, offsets: Ints, rows: Ints, places: Ints) -> npt.NDArray[np.bool_]:
    """Return for each place whether it is quoted: bool[places].

    ``values``, ``offsets``: the texts, as ``identifiers.candidates`` has them; ``rows``, ``places``: int64[places],
    which row and which byte of the arena, ascending. Quoted is what stands between ``[quote`` and ``[/quote]``,
    ``<blockquote`` or ``<quote`` and their ends, and in a line that begins with ``>`` or ``&gt;``.
    """
    out = np.zeros(len(rows), np.bool_)
    _quoted(values, offsets, rows, places, out)
    return out


@numba.njit(cache=True, nogil=True)
def _name(text: Bytes, at: int, high: int) -> int:
    """Return 5 for ``quote``, 10 for ``blockquote`` there, with no letter behind; else 0."""
    start = at
    for i, byte in enumerate((98, 108, 111, 99, 107)):
        if at + i >= high or text[at + i] | 32 != byte:
            break
        if i == 4:
            start = at + 5
    for i, byte in enumerate((113, 117, 111, 116, 101)):
        if start + i >= high or text[start + i] | 32 != byte:
            return 0
    end = start + 5
    return 0 if end < high and 97 <= (text[end] | 32) <= 122 else end - at


@numba.njit(cache=True, nogil=True)
def _quoted(  # noqa: C901, PLR0912 - one pass
    text: Bytes, offsets: Ints, rows: Ints, places: Ints, out: npt.NDArray[np.bool_]
) -> None:
    row, i, high, depth, line, fresh = -1, 0, 0, 0, False, True
    for place in range(len(rows)):
        if rows[place] != row:
            row = rows[place]
            i, high, depth, line, fresh = offsets[row], offsets[row + 1], 0, False, True
        end = places[place]
        while i < end:
            if not fresh:
                while i < end and not _TELLS[text[np.uint64(i)]]:  # unsigned: its sign is not looked at for each byte
                    i += 1
                if i == end:
                    break
            byte = text[i]
            if byte in (10, 13):
                line, fresh = False, True
            elif byte in (91, 60):
                close = i + 1 < high and text[i + 1] == 47
                name = _name(text, i + 1 + close, high)
                if name and close:
                    depth = max(depth - 1, 0)
                elif name:
                    depth += 1
                elif byte == 60 and i + 2 < high and (text[i + 1] | 32 == 98 and text[i + 2] | 32 == 114):
                    line, fresh = False, True  # <br>
                    while i + 1 < high and i + 1 < end and text[i] != 62:
                        i += 1
                else:
                    fresh = False
            elif fresh and (byte == 62 or (byte == 38 and i + 3 < high and text[i + 1] == 103 and text[i + 2] == 116)):
                line, fresh = True, False
            elif byte not in (32, 9):
                fresh = False
            i += 1
        out[place] = depth > 0 or line
