"""Hot loops: arrays in, arrays out; no rows, no input or output.

Numba keeps what it has compiled beside the source or in the user's cache folder, and refuses to work where neither
can be written. There it gets a folder that lives as long as the process: each start compiles anew, some 20 seconds.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def _can_be_kept() -> bool:
    """Tell whether numba finds a place of its own (numba.core.caching, its locators in their order)."""
    beside = Path(__file__).parent / "__pycache__"
    if os.access(beside if beside.exists() else beside.parent, os.W_OK):
        return True
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    while not home.exists():
        home = home.parent
    return home.is_dir() and os.access(home, os.W_OK)


if not _can_be_kept():
    from numba import config  # only here: where no loop needs numba, nobody pays for loading it

    # numba makes its options attributes of the module when it is imported, where a type checker cannot see them
    if not getattr(config, "CACHE_DIR", ""):
        folder = tempfile.mkdtemp(prefix="vigie-loops-")
        setattr(config, "CACHE_DIR", folder)  # noqa: B010 - as above
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
