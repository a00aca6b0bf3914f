"""Which loops of variants are used: those in C where they are built, for numba is dear to load and to fork."""

from __future__ import annotations

import typing as t

from vigie.numeric.native import NATIVE

if t.TYPE_CHECKING:
    from vigie.numeric import variants_native, variants_numba


def _chosen() -> variants_native.Loops | variants_numba.Loops:
    if NATIVE:
        from vigie.numeric import variants_native  # noqa: PLC0415 - only what is used may be loaded

        return variants_native.Loops(NATIVE, NATIVE.level)
    from vigie.numeric import variants_numba  # noqa: PLC0415 - as above

    return variants_numba.Loops()


LOOPS: t.Final = _chosen()
