"""Landlock: no path can be opened but those that were handed over, no TCP, no signal out (Linux 5.13 and newer).

System calls and rights as in linux/landlock.h; what a kernel handles grows with its ABI number.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
import typing as t

from vigie.cell.layers import kernel

if t.TYPE_CHECKING:
    from collections.abc import Iterable

WRITE_FILE: t.Final = 1 << 1
READ_FILE: t.Final = 1 << 2
READ_DIR: t.Final = 1 << 3
TRUNCATE: t.Final = 1 << 14
VERSION: t.Final = 1
PATH_BENEATH: t.Final = 1


def abi() -> int:
    """Ask what the kernel offers: 0 without Landlock, or where it is switched off."""
    try:
        return kernel.call(kernel.LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(VERSION))
    except OSError:  # ENOSYS, or EOPNOTSUPP where it was not started at boot
        return 0


def ruleset(abi: int) -> int:
    """Make a descriptor of a ruleset that handles all this kernel can deny; as it stands it allows nothing."""
    bits = {1: 13, 2: 14, 3: 15, 4: 15}.get(abi, 16)
    network = 0b11 if abi >= 4 else 0  # bind and connect of TCP
    scoped = 0b11 if abi >= 6 else 0  # abstract unix sockets and signals
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    attributes = struct.pack("=QQQ", (1 << bits) - 1, network, scoped)[:size]
    return kernel.call(kernel.LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(size), ctypes.c_uint(0))


def allow(ruleset: int, abi: int, *, readable: Iterable[int], writable: Iterable[int]) -> None:
    """Let these open files (or folders, for listing) be opened again by path: for reading, or for writing too."""
    for descriptor in readable:
        folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        _add(ruleset, READ_DIR if folder else READ_FILE, descriptor)
    for descriptor in writable:
        _add(ruleset, READ_FILE | WRITE_FILE | (TRUNCATE if abi >= 3 else 0), descriptor)


def put_on(ruleset: int) -> None:
    """Bind this process and all it starts to the ruleset; needs no_new_privs."""
    kernel.call(kernel.LANDLOCK_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint(0))


def _add(ruleset: int, rights: int, descriptor: int) -> None:
    rule = struct.pack("=Qi", rights, descriptor)
    kernel.call(kernel.LANDLOCK_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(PATH_BENEATH), rule, ctypes.c_uint(0))
