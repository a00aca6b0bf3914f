"""Where a JSON object ends: brackets and strings, byte by byte; whether it is one is for others to say (RFC 8259)."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt


@numba.njit(cache=True, nogil=True)
def next_object(  # noqa: C901 - one machine
    text: npt.NDArray[np.uint8], start: int
) -> tuple[int, int]:
    """Return where the next object from ``start`` on begins, and where it ends.

    ``text``: uint8[n]. Where none begins both are n; where it is not whole, the end is -1. What stands between objects
    is passed.
    """
    begin, n = start, len(text)
    while begin < n and text[begin] != 123:
        begin += 1
    if begin == n:
        return n, n
    depth, quoted, i = 0, False, begin
    while i < n:
        byte = text[i]
        if quoted:
            if byte == 92:
                i += 1
            elif byte == 34:
                quoted = False
        elif byte == 34:
            quoted = True
        elif byte == 123 or byte == 91:  # noqa: PLR1714 - twice as fast as looking into a tuple
            depth += 1
        elif byte == 125 or byte == 93:  # noqa: PLR1714 - as above
            depth -= 1
            if depth == 0:
                return begin, i + 1
        i += 1
    return begin, -1
