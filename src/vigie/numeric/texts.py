"""Texts one behind the other: taken from an arena or put in another order without one object for each."""

from __future__ import annotations

import ctypes
import itertools
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric.native import NATIVE, Native

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


class Texts(t.NamedTuple):
    """UTF-8, text behind text."""

    values: Bytes
    offsets: Ints
    """int64[texts + 1]: where each begins and the last ends."""

    @property
    def lengths(self) -> Ints:
        """Bytes of each."""
        return np.diff(self.offsets)

    def strings(self) -> list[str]:
        """Return each as it is read."""
        data, ends = self.values.data, self.offsets.tolist()
        return [str(data[first:last], "utf-8") for first, last in itertools.pairwise(ends)]

    def take(self, order: npt.NDArray[t.Any] | slice) -> Texts:
        """Return those that are chosen, in that order: int64[n], or a slice's or a mask's worth of them."""
        return taken(self.values, self.offsets[:-1][order], self.offsets[1:][order])


def of(raw: list[bytes]) -> Texts:
    """Return texts that are given one by one."""
    return Texts(np.frombuffer(b"".join(raw), np.uint8), np.cumsum([0, *map(len, raw)], dtype=np.int64))


def joined(one: Texts, two: Texts) -> Texts:
    """Return the texts of both."""
    if not len(two.values) and len(two.offsets) == 1:
        return one
    return Texts(
        np.concatenate([one.values, two.values]), np.concatenate([one.offsets, two.offsets[1:] + one.offsets[-1]])
    )


def taken(
    arena: Bytes, starts: Ints, ends: Ints, lower: npt.NDArray[np.bool_] | None = None, *,
    native: Native | None = NATIVE,
) -> Texts:  # fmt: skip
    """Return texts of an arena; those that are marked ``lower``, which are ASCII, in lower case.

    ``arena``: uint8[n]; ``starts``, ``ends``: int64[texts]. Raises ValueError where these do not lie in it.
    """
    first, last = np.ascontiguousarray(starts, np.int64), np.ascontiguousarray(ends, np.int64)
    offsets = np.zeros(len(first) + 1, np.int64)
    np.cumsum(last - first, out=offsets[1:])
    if not len(first):
        return Texts(np.empty(0, np.uint8), offsets)
    if first.min() < 0 or (last < first).any() or last.max() > len(arena) or not arena.flags.c_contiguous:
        raise ValueError(f"texts that do not lie within {len(arena)} bytes")
    small = np.zeros(len(first), np.bool_) if lower is None else np.ascontiguousarray(lower, np.bool_)
    if native is None:
        pieces = [arena[a:b].tobytes() for a, b in zip(first.tolist(), last.tolist(), strict=True)]
        return of([one.lower() if low else one for one, low in zip(pieces, small.tolist(), strict=True)])
    out, at = np.empty(int(offsets[-1]), np.uint8), ctypes.c_void_p
    native.lib.texts_taken(at(arena.ctypes.data), at(first.ctypes.data), at(last.ctypes.data), at(small.ctypes.data),
                           ctypes.c_int64(len(first)), at(out.ctypes.data))  # fmt: skip
    return Texts(out, offsets)
