"""From which words on a seed may begin (BIP 39), and whether the same stands between words: of many words at once.

In C where that is built (``native/seeds.c``), else in Python, with the same results.
"""

from __future__ import annotations

import ctypes
import hashlib
import itertools
import re
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric import sha256
from vigie.numeric.native import NATIVE, Native

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
LENGTHS: t.Final = (24, 21, 18, 15, 12)
"""Words of a seed."""
_BITS: t.Final = 11
"""That a word says."""
_FORM: t.Final = sha256.form(NATIVE) if NATIVE else 0
_CHUNK: t.Final = 256
_DIGITS: t.Final = re.compile(rb"\d+")


def longest(
    words: npt.NDArray[np.int16], *, different: bool, form: int = _FORM, native: Native | None = NATIVE
) -> Bytes:
    """Return uint8[words]: how many words the longest seed has that begins at each.

    0: none does, or none that goes beyond all before. ``words``: int16[n], the number of each in its list, 0 to 2047.
    ``different``: only seeds of which two thirds are different words.
    Raises ValueError of other numbers.
    """
    words = np.ascontiguousarray(words, np.int16)
    if len(words) and not 0 <= words.min() <= words.max() < 1 << _BITS:
        raise ValueError(f"words are numbered from {words.min()} to {words.max()}")
    out = np.zeros(len(words), np.uint8)
    if native is None:
        for at, many in _longest(words.tolist(), different):
            out[at] = many
    else:
        native.lib.seeds_longest(
            ctypes.c_int(form), ctypes.c_void_p(words.ctypes.data), ctypes.c_int64(len(words)),
            ctypes.c_int(different), ctypes.c_void_p(out.ctypes.data),
        )  # fmt: skip
    return out


def _longest(words: list[int], different: bool) -> t.Iterator[tuple[int, int]]:
    end = 0
    for begin in range(0, len(words), _CHUNK):
        chunk = words[begin : begin + _CHUNK + LENGTHS[0] - 1]
        whole, all_ = 0, len(chunk)
        for word in chunk:
            whole = whole << _BITS | word
        for at in range(min(_CHUNK, all_ - LENGTHS[-1] + 1)):
            most = min(LENGTHS[0], all_ - at)
            bits = whole >> _BITS * (all_ - at - most) & (1 << _BITS * most) - 1
            for many in LENGTHS:
                right = many <= most and begin + at + many > end and _right(bits >> _BITS * (most - many), many)
                if right and (not different or mixed(chunk[at : at + many])):
                    end = begin + at + many
                    yield begin + at, many


def mixed(words: list[int]) -> bool:
    """Return whether more than two thirds of the words are different."""
    return len(set(words)) > len(words) * 2 // 3


def holds(words: list[int]) -> bool:
    """Return whether just these words are a seed."""
    bits = 0
    for word in words:
        bits = bits << _BITS | word
    return len(words) in LENGTHS and _right(bits, len(words))


def _right(bits: int, many: int) -> bool:
    """Return whether the last bits of a phrase are the first of the SHA-256 of the others (BIP 39)."""
    check = many // 3
    digest = hashlib.sha256((bits >> check).to_bytes(4 * check)).digest()
    return digest[0] >> 8 - check == bits & (1 << check) - 1


def alike(text: Bytes, spans: Ints, *, native: Native | None = NATIVE) -> npt.NDArray[np.bool_]:
    """Return bool[words - 2]: whether the same stands behind a word as behind the next, digits aside.

    ``text``: uint8[n]; ``spans``: int64[words, 3], ascending: where each begins and ends, and what is not looked at.
    Raises ValueError where they do not lie in it.
    """
    spans, text = np.ascontiguousarray(spans, np.int64), np.ascontiguousarray(text, np.uint8)
    places = spans[:, :2].ravel()
    if len(places) and (places[0] < 0 or places[-1] > len(text) or (np.diff(places) < 0).any()):
        raise ValueError(f"{len(spans)} words do not ascend within {len(text)} bytes")
    out = np.zeros(max(len(spans) - 2, 0), np.bool_)
    if native is None:
        gaps = [_DIGITS.sub(b"", text[a:b].tobytes()) for a, b in zip(spans[:-1, 1], spans[1:, 0], strict=True)]
        out[:] = [one == two for one, two in itertools.pairwise(gaps)]
    else:
        native.lib.seeds_alike(
            ctypes.c_void_p(text.ctypes.data), ctypes.c_void_p(spans.ctypes.data), ctypes.c_int64(len(spans)),
            ctypes.c_void_p(out.ctypes.data),
        )  # fmt: skip
    return out
