"""Arrays as loops take them."""

from __future__ import annotations

import typing as t

import numpy as np
import numpy.typing as npt

Array = t.TypeVar("Array", bound=npt.NDArray[t.Any])


def read_only(array: Array) -> Array:
    """Return a view that nobody writes to: one type for the loops, whoever made it. The sandbox compiles nothing."""
    out = np.ascontiguousarray(array).view()
    out.flags.writeable = False
    return t.cast("Array", out)
