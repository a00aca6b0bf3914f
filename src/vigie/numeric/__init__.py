"""Hot loops: arrays in, arrays out; no rows, no input or output.

Numba keeps what it has compiled beside the source or in the user's cache folder, and refuses to work where neither
can be written. There it gets a folder that lives as long as the process: each start compiles anew, some 20 seconds.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def can_be_kept(beside: Path, cache: Path) -> bool:
    """Tell whether numba finds a place of its own: beside the source, or in the user's cache folder.

    As numba.core.caching does, its locators in their order. A folder that may not even be looked at is no place
    (``Path.exists`` raises there, ``os.access`` does not); nor is a user without a home, whose path begins with ``~``.
    """
    if os.access(beside if os.access(beside, os.F_OK) else beside.parent, os.W_OK):
        return True
    while cache.is_absolute() and not os.access(cache, os.F_OK):
        cache = cache.parent
    return cache.is_absolute() and cache.is_dir() and os.access(cache, os.W_OK | os.X_OK)


_CACHE = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - Path's raises without home

if not can_be_kept(Path(__file__).parent / "__pycache__", Path(_CACHE)):
    from numba import config  # only here: where no loop needs numba, nobody pays for loading it

    # numba makes its options attributes of the module when it is imported, where a type checker cannot see them
    if not getattr(config, "CACHE_DIR", ""):
        folder = tempfile.mkdtemp(prefix="vigie-loops-")
        setattr(config, "CACHE_DIR", folder)  # noqa: B010 - as above
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
