"""Where a statement of PostgreSQL ends: quotes, dollars, comments and brackets, byte by byte; nothing is executed.

As psql splits its input (src/fe_utils/psqlscan.l): a ``;`` counts outside of ``'...'``, ``"..."``, ``$tag$...$tag$``,
comments (which may lie in each other), round brackets, and of ``BEGIN ... END`` in the body of a function; a backslash
outside of quotes begins a command of the client wherever it stands. A machine of states that may stop at any byte.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
MORE: t.Final = 0
"""All input was read, and the statement goes on."""
END: t.Final = 1
"""The statement's ``;`` was read."""
META: t.Final = 2
"""A backslash comes next: a command of the client."""
_MOST_TAG: t.Final = 64
"""Longest ``tag`` of a dollar quote, as PostgreSQL's names."""
PHASE, NESTED, BRACKETS, WORD, LETTERS, BEGUN, TAG, MATCHED = range(8)
(
    PLAIN, QUOTED, ESCAPING, ESCAPED, NAMED, SLASH, COMMENT, COMMENT_STAR, COMMENT_SLASH, DASH, LINE, TAGGED, DOLLARED,
) = range(13)  # fmt: skip


def _packed(word: bytes) -> int:
    return int.from_bytes(word, "big")


_E, _BEGIN, _CASE, _END = _packed(b"e"), _packed(b"begin"), _packed(b"case"), _packed(b"end")


class Statement:
    """How far one statement has been read."""

    def __init__(self, *, escapes: bool = False, routine: bool = False) -> None:
        """``escapes``: a backslash means something in ``'...'`` too, not only in ``E'...'``.

        ``routine``: it creates a function, whose body may be ``BEGIN ATOMIC ... END``.
        """
        self._held, self._tag = np.zeros(8, np.int64), np.zeros(_MOST_TAG + 2, np.uint8)
        self._escapes, self._routine = escapes, routine

    def read(self, text: Bytes, start: int) -> tuple[int, int]:
        """Read ``text``, uint8[n], from ``start`` on; return ``MORE``, ``END`` or ``META``, and where it stopped."""
        status, at = _read(text, start, self._held, self._tag, self._escapes, self._routine)
        return int(status), int(at)


@numba.njit(cache=True, nogil=True, inline="always")
def _letter(byte: int) -> bool:
    return 97 <= (byte | 0x20) <= 122 or byte == 95 or byte >= 128


@numba.njit(cache=True, nogil=True)
def _read(  # noqa: C901, PLR0912, PLR0915 - one machine
    text: Bytes, start: int, held: npt.NDArray[np.int64], tag: Bytes, escapes: bool, routine: bool
) -> tuple[int, int]:
    i, n = start, len(text)
    while i < n:
        byte, phase = text[i], held[PHASE]
        i += 1
        if phase == PLAIN:
            if _letter(byte) or 48 <= byte <= 57:
                held[WORD] = ((held[WORD] << 8) | (byte | 0x20)) & 0xFFFFFFFFFFFF
                held[LETTERS] += 1
                continue
            if byte == 36 and not held[LETTERS]:
                held[PHASE], held[TAG] = TAGGED, 1
                tag[0] = 36
                continue
            word, held[WORD], held[LETTERS] = held[WORD], 0, 1 if byte == 36 else 0
            if routine and not held[BRACKETS]:
                if word == _BEGIN or (word == _CASE and held[BEGUN]):
                    held[BEGUN] += 1
                elif word == _END and held[BEGUN]:
                    held[BEGUN] -= 1
            if byte == 39:
                held[PHASE] = ESCAPING if escapes or word == _E else QUOTED
            elif byte == 34:
                held[PHASE] = NAMED
            elif byte == 45:
                held[PHASE] = DASH
            elif byte == 47:
                held[PHASE] = SLASH
            elif byte == 40:
                held[BRACKETS] += 1
            elif byte == 41:
                held[BRACKETS] = max(held[BRACKETS] - 1, 0)
            elif byte == 92:
                return META, i - 1
            elif byte == 59 and not held[BRACKETS] and not held[BEGUN]:
                return END, i
        elif phase == QUOTED:
            if byte == 39:
                held[PHASE] = PLAIN
        elif phase == ESCAPING:
            if byte == 39:
                # doubled, it opens a string of the same kind again: told by the word before it
                held[PHASE], held[WORD], held[LETTERS] = PLAIN, _E, 0
            elif byte == 92:
                held[PHASE] = ESCAPED
        elif phase == ESCAPED:
            held[PHASE] = ESCAPING
        elif phase == NAMED:
            if byte == 34:
                held[PHASE] = PLAIN
        elif phase == LINE:
            if byte in (10, 13):
                held[PHASE] = PLAIN
        elif phase == DOLLARED:
            if byte == tag[held[MATCHED]]:
                held[MATCHED] += 1
                if held[MATCHED] == held[TAG]:
                    held[PHASE] = PLAIN
            else:
                held[MATCHED] = 1 if byte == 36 else 0
        elif phase == TAGGED:
            if byte == 36:
                tag[held[TAG]] = byte
                held[TAG] += 1
                held[PHASE], held[MATCHED] = DOLLARED, 0
            elif held[TAG] < _MOST_TAG and (_letter(byte) or (48 <= byte <= 57 and held[TAG] > 1)):
                tag[held[TAG]] = byte
                held[TAG] += 1
            else:  # a parameter or an operator: no quote
                held[PHASE], held[LETTERS] = PLAIN, held[TAG] - 1
                i -= 1
        elif phase == DASH:
            held[PHASE] = LINE if byte == 45 else PLAIN
            i -= byte != 45
        elif phase == SLASH:
            held[PHASE], held[NESTED] = (COMMENT, 1) if byte == 42 else (PLAIN, 0)
            i -= byte != 42
        elif phase == COMMENT_STAR and byte == 47:
            held[NESTED] -= 1
            held[PHASE] = COMMENT if held[NESTED] else PLAIN
        elif phase == COMMENT_SLASH and byte == 42:
            held[NESTED] += 1
            held[PHASE] = COMMENT
        else:
            held[PHASE] = COMMENT_STAR if byte == 42 else COMMENT_SLASH if byte == 47 else COMMENT
    return MORE, i
