"""Namespaces: no network, no shared memory, no other process in sight. Entered once, by the zygote.

Every child is born in them, so they cost an item nothing: ``unshare`` of a network namespace for each child takes
milliseconds and one lock of the whole kernel.
"""

from __future__ import annotations

import os
import pathlib
import typing as t

from vigie.cell.layers import kernel

NEWUSER: t.Final = 0x10000000
NEWNET: t.Final = 0x40000000
NEWIPC: t.Final = 0x08000000
NEWUTS: t.Final = 0x04000000
NEWPID: t.Final = 0x20000000
WITHIN: t.Final = NEWNET | NEWIPC | NEWUTS | NEWPID
NAMES: t.Final = ("user", "net", "ipc", "uts", "pid")


def enter() -> bool:
    """Leave the host's namespaces; the next fork is process 1 of the new one. False where the kernel refuses.

    No user map is written: inside, this user is nobody. Root without user namespaces needs none.
    """
    return any(kernel.libc.unshare(flags) == 0 for flags in (NEWUSER | WITHIN, WITHIN))


def identities() -> dict[str, str]:
    """Name and identity of each namespace this process is in; empty without ``/proc``."""
    try:
        return {name: str(pathlib.Path(f"/proc/self/ns/{name}").readlink()) for name in NAMES}
    except FileNotFoundError:
        return {}


def empty_root() -> bool:
    """Make an empty, unwritable folder of ``/proc`` the root. False without the right to.

    ``/proc/self/fdinfo`` of a process is gone when the process is: what remains is a root that holds nothing and
    that nobody can write to.
    """
    try:
        os.chroot("/proc/self/fdinfo")
        os.chdir("/")
    except (PermissionError, FileNotFoundError):
        return False
    return True
