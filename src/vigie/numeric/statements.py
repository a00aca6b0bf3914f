"""Where an SQL statement ends: quotes, comments and the delimiter, byte by byte; nothing is executed.

As MySQL's client splits its input (mysql client, ``DELIMITER``; Comments): a delimiter counts outside of quotes and
comments only. A machine of states, as ``tuples``, that may stop at any byte.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
PHASE, QUOTE, MATCHED = range(3)
PLAIN, QUOTED, ESCAPED, SLASH, COMMENT, STAR, DASH, DASHES, LINE = range(9)


def state() -> npt.NDArray[np.int64]:
    """Return the state before a statement; int64[3]."""
    return np.zeros(3, np.int64)


@numba.njit(cache=True, nogil=True)
def ending(  # noqa: C901, PLR0912 - one machine
    text: Bytes, start: int, held: npt.NDArray[np.int64], delimiter: Bytes, escapes: bool
) -> int:
    """Return where the statement has ended, behind its delimiter; -1 where it goes on beyond ``text``: uint8[n].

    Doubled quotes need no state of their own: the second opens what the first has closed.
    """
    i, n = start, len(text)
    while i < n:
        byte, phase = text[i], held[PHASE]
        i += 1
        if phase == QUOTED:
            if byte == held[QUOTE]:
                held[PHASE] = PLAIN
            elif byte == 92 and escapes and held[QUOTE] != 96:
                held[PHASE] = ESCAPED
            continue
        if phase == ESCAPED:
            held[PHASE] = QUOTED
            continue
        if phase in (COMMENT, STAR):
            held[PHASE] = PLAIN if phase == STAR and byte == 47 else STAR if byte == 42 else COMMENT
            continue
        if phase == LINE:
            held[PHASE] = PLAIN if byte == 10 else LINE
            continue
        if phase == SLASH and byte == 42:
            held[PHASE] = COMMENT
            continue
        if phase == DASHES and byte in (32, 9, 10, 13):
            held[PHASE] = PLAIN if byte == 10 else LINE
            continue
        if byte == delimiter[held[MATCHED]]:
            held[MATCHED] += 1
            if held[MATCHED] == len(delimiter):
                return i
        else:
            held[MATCHED] = 1 if byte == delimiter[0] and len(delimiter) > 1 else 0
        if byte in (39, 34, 96):
            held[PHASE], held[QUOTE] = QUOTED, byte
        elif byte == 47:
            held[PHASE] = SLASH
        elif byte == 45:
            held[PHASE] = DASHES if phase == DASH else DASH
        else:
            held[PHASE] = LINE if byte == 35 else PLAIN
    return -1


SEMICOLON: t.Final = np.frombuffer(b";", np.uint8)
