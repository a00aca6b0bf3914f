"""Hash lists: one file a format. A module here that has a ``FORMAT`` is registered, and so it is tested.

What the formats share (bounded lines, strict digests, cleaned text) is in ``reading``.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil

from vigie.cell.lists.reading.format import ListFormat


@functools.cache
def formats() -> dict[str, ListFormat]:
    """Return every registered format by its name, in the order of the modules' names.

    Kept after the first call: the sandbox lists no folder.
    """
    found: dict[str, ListFormat] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        if not module.ispkg:
            made: ListFormat = importlib.import_module(module.name).FORMAT
            found[made.name] = made
    return found
