"""Resource limits of one child. They bound what it uses, not what it reaches."""

from __future__ import annotations

import pathlib
import resource
import typing as t

SPARE_DESCRIPTORS: t.Final = 64
"""For readers that open files themselves, and for ``dup``."""
PAGE_BYTES: t.Final = resource.getpagesize()


def mapped_bytes() -> int:
    """Address space this process has now: what RLIMIT_AS counts."""
    return int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * PAGE_BYTES


def put_on(*, cpu_s: int, memory_bytes: int, file_bytes: int, descriptors: int) -> None:
    """Limit CPU seconds, address space, size of written files and the highest descriptor; no core, no locking."""
    # one second between SIGXCPU, which tells the house why, and SIGKILL, which no handler can outlive
    _limit(resource.RLIMIT_CPU, cpu_s, cpu_s + 1)
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    _limit(resource.RLIMIT_NOFILE, descriptors + SPARE_DESCRIPTORS)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_MEMLOCK, 0)
    _limit(resource.RLIMIT_MSGQUEUE, 0)


def _limit(kind: int, soft: int, hard: int | None = None) -> None:
    """Set a limit; a lower one that stands already is kept, as it cannot be raised."""
    _, standing = resource.getrlimit(kind)
    wanted = soft if hard is None else hard
    if standing != resource.RLIM_INFINITY:
        wanted = min(wanted, standing)
    resource.setrlimit(kind, (min(soft, wanted), wanted))
