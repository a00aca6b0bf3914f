"""Which form of SHA-256 the native loops take: the processor's own instructions, or plain C (``native/sha256.c``)."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from vigie.numeric.native import Native

MISSING: t.Final = "the native loops are not built: python src/vigie/numeric/native/build.py"


def forms(native: Native) -> list[int]:
    """Return the forms that this processor has, ascending: 0 plain C, 1 its own instructions."""
    able = int(native.lib.sha256_forms())
    return [one for one in (0, 1) if able >> one & 1]


def form(native: Native) -> int:
    """Return the fastest."""
    return forms(native)[-1]
