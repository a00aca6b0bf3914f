"""One writer at a time: flock on an open file, with a wait that ends in an error which names the holder."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vigie.kernel.errors import NotAllowed

PAUSE_S = 0.005
LOCKS = Path("/proc/locks")


@contextmanager
def held(fd: int, path: Path, wait_s: float) -> Iterator[None]:
    """Hold the lock of the file open at ``fd``; NotAllowed when another process keeps it for ``wait_s``."""
    deadline = time.monotonic() + wait_s
    while not _taken(fd):
        if time.monotonic() >= deadline:
            raise NotAllowed(
                f"{path} is in use by {holder(fd)} and was not free for {wait_s:g} s. Let it end, or end it; try again."
            )
        time.sleep(PAUSE_S)
    try:
        yield
    finally:
        fcntl.flock(fd, fcntl.LOCK_UN)


def holder(fd: int) -> str:
    """Return ``process <pid>`` for whoever holds the lock of this file, as far as the kernel tells (proc_locks(5))."""
    return seen(fd) or "another process (the kernel does not say which)"


def seen(fd: int) -> str:
    """Return ``process <pid>`` where the kernel tells that a process holds the lock of this file, else ``""``."""
    about = os.fstat(fd)
    file = f"{os.major(about.st_dev):02x}:{os.minor(about.st_dev):02x}:{about.st_ino}"
    for line in LOCKS.read_text().splitlines() if LOCKS.exists() else ():
        words = line.split()
        if "->" not in words and words[1] == "FLOCK" and words[5] == file and int(words[4]) > 0:
            return f"process {words[4]}"
    return ""


def _taken(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
