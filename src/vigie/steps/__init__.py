"""VERBS: one function a file, between tables; ``<room>/<strand>_<what>.py``. No step imports another.

What several steps of a room share stands beside the rooms (``listed.py``).
"""

import importlib
import pkgutil


def load() -> None:
    """Import every step: present = registered."""
    for found in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(found.name)
