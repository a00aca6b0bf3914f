"""Closing what a child must not have: a fork inherits every descriptor of its parent."""

from __future__ import annotations

import ctypes
import os
import pathlib
import typing as t

from vigie.cell.layers import kernel

if t.TYPE_CHECKING:
    from collections.abc import Iterable

LAST: t.Final = (1 << 32) - 1


def close_all_but(keep: Iterable[int]) -> None:
    """Close every descriptor from 3 on that is not in ``keep``."""
    start = 3
    for descriptor in sorted(keep):
        if descriptor > start:
            _close(start, descriptor - 1)
        start = max(start, descriptor + 1)
    _close(start, LAST)


def _close(first: int, last: int) -> None:
    try:
        kernel.call(kernel.CLOSE_RANGE, ctypes.c_uint(first), ctypes.c_uint(last), ctypes.c_uint(0))
    except OSError:  # a kernel before 5.9: one by one
        for entry in list(pathlib.Path("/proc/self/fd").iterdir()):
            if first <= int(entry.name) <= last:
                os.closerange(int(entry.name), int(entry.name) + 1)
