"""The tags of a TagPack as nearly all are written: ``- name: value`` and ``name: value`` below, found without a tree.

What is found is where each value lies in the bytes, by fields. A word that can be nothing else is told as such; what
goes on in further lines, or begins as no word does, is left to a parser of YAML. What is written in yet another way is
none, and all of it is left to the parser. In C (``native/tagpacks.c``), 0.7 GB/s; without it all is left.
"""

from __future__ import annotations

import ctypes
import typing as t

import numpy as np

from vigie.numeric.native import NATIVE, Native

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MOST_BYTES: t.Final = 1 << 30


class Entries(t.NamedTuple):
    """Where the fields of a list's entries lie. Places are of bytes."""

    starts: NDArray[np.int32]
    """[fields, entries]"""
    sizes: NDArray[np.int32]
    """Size and 1 of a word; below 0 of what a parser must read; 0 where the entry has none."""
    end: int
    """Where the list ends."""
    dashes: int
    """Blanks before the dash of each entry ..."""
    column: int
    """... and before its names."""


class Coded(t.NamedTuple):
    """A field by its different values."""

    codes: NDArray[np.int32]
    """Of each entry, by the first place of its value; -1: it has none."""
    firsts: NDArray[np.int32]
    """Of each value, the entry that had it first."""


def entries(data: bytes, at: int, names: Sequence[str], most: int, *, native: Native | None = NATIVE) -> Entries | None:
    """Return where the entries of a list lie whose first line begins at ``at``, of the fields of these names.

    ``most``: as many there may be. None: it is written in another way, has another field, or one of them twice.
    """
    if native is None or not 0 <= at <= len(data) <= MOST_BYTES:
        return None
    said = "".join(names).encode()
    ends = np.cumsum([len(one.encode()) for one in names], dtype=np.int32)
    starts = np.empty((len(names), most), np.int32)
    sizes = np.zeros((len(names), most), np.int32)
    place = np.zeros(3, np.int64)
    call, where, whole = native.lib.tagpacks_entries, ctypes.c_void_p, ctypes.c_int64
    call.restype = whole
    many = call(ctypes.c_char_p(data), whole(len(data)), whole(at), ctypes.c_char_p(said), where(ends.ctypes.data),
                ctypes.c_int32(len(names)), whole(most), where(starts.ctypes.data), where(sizes.ctypes.data),
                where(place.ctypes.data))  # fmt: skip
    return Entries(starts[:, :many], sizes[:, :many], *place.tolist()) if many > 0 else None


def coded(
    data: bytes, starts: NDArray[np.int32], sizes: NDArray[np.int32], *, native: Native | None = NATIVE
) -> Coded | None:
    """Return a field of ``entries`` by its different values; None where the values were chosen to make that slow."""
    many = len(starts)
    if native is None or len(sizes) != many or starts.dtype != np.int32 or sizes.dtype != np.int32:
        raise ValueError("not a field as the native loops found it")
    slots = 1 << (2 * many).bit_length()
    table = np.full(slots, -1, np.int32)
    codes, firsts = np.empty(many, np.int32), np.empty(many, np.int32)
    starts, sizes = np.ascontiguousarray(starts), np.ascontiguousarray(sizes)
    call, where, whole = native.lib.tagpacks_coded, ctypes.c_void_p, ctypes.c_int64
    call.restype = whole
    found = call(ctypes.c_char_p(data), where(starts.ctypes.data), where(sizes.ctypes.data), whole(many),
                 where(table.ctypes.data), whole(slots), where(codes.ctypes.data),
                 where(firsts.ctypes.data))  # fmt: skip
    return None if found < 0 else Coded(codes, firsts[:found])
