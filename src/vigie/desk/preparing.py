"""Loops are compiled at their first use on a machine, and kept: a minute in which nothing else would be said.

Cells compile too, in processes of their own. What all of them leave is a file for each loop, and these are counted.
"""

from __future__ import annotations

import contextlib
import os
import threading
import typing as t
from pathlib import Path

import vigie

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EVERY_S: t.Final = 5.0


def ready(root: Path | None = None) -> int:
    """Count the loops that are compiled: numba keeps an index for each, beside its module or where it is told to."""
    told = os.environ.get("NUMBA_CACHE_DIR", "")
    folder = root or (Path(told) if told else Path(vigie.__file__).parent)
    return sum(1 for _ in folder.rglob("*.nbi"))


@contextlib.contextmanager
def preparing(
    tell: Callable[[str], None], *, count: Callable[[], int] = ready, every_s: float = EVERY_S
) -> Iterator[None]:
    """While the block runs, say so every few seconds in which loops were compiled."""
    done = threading.Event()

    def watch() -> None:
        before = count()
        while not done.wait(every_s):
            now = count()
            if now > before:
                tell(f"preparing native loops, once for this installation: {now:,} ready")
            before = now

    watching = threading.Thread(target=watch, name="preparing", daemon=True)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()
