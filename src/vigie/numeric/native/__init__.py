"""The native loops of this package, where they are built: see README.md beside this file.

A library that does not come from the very sources beside it, or that this machine cannot load, is not used: numba
does the same work, slower, with the same results. ``using()`` says which it is.
"""

from __future__ import annotations

import ctypes
import typing as t
from pathlib import Path

from vigie.numeric.native import build

LEVELS: t.Final = ("scalar", "avx2", "avx512", "neon")
"""Names by number (``enum vigie_level`` in cpu.h)."""


class Native(t.NamedTuple):
    """The library, ready to be called."""

    lib: ctypes.CDLL
    levels: tuple[int, ...]
    """What this processor can run, ascending."""

    @property
    def level(self) -> int:
        """The fastest level of this processor."""
        return self.levels[-1]


def load(path: Path) -> Native | str:
    """Return the library at ``path``, or in a few words why there is none."""
    if not path.exists():
        return "not built"
    try:
        lib = ctypes.CDLL(str(path))
    except OSError as error:
        return f"cannot be loaded: {error}"
    lib.vigie_sources.restype = ctypes.c_char_p
    if lib.vigie_sources().decode() != build.digest():
        return "built from other sources"
    lib.vigie_levels.restype = ctypes.c_uint32
    able = lib.vigie_levels()
    return Native(lib, tuple(level for level in range(len(LEVELS)) if able >> level & 1))


_LOADED: t.Final = load(build.HERE / build.LIBRARY)

NATIVE: t.Final = _LOADED if isinstance(_LOADED, Native) else None
"""The library, or None where numba does the work. Loaded at import: the cell imports before it is locked in."""


def using() -> str:
    """Say what does the numeric loops: ``native avx512``, or ``numba (...)`` with the reason."""
    return f"native {LEVELS[NATIVE.level]}" if NATIVE else f"numba ({_LOADED})"
