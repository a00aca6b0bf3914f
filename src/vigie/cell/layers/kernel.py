"""The door to the Linux kernel by ctypes, for calls that Python's standard library does not have."""

from __future__ import annotations

import ctypes
import os
import typing as t

libc: t.Final = ctypes.CDLL(None, use_errno=True)

# The same numbers on x86-64 and arm64: calls newer than Linux 4.20 are numbered for all machines at once.
CLOSE_RANGE: t.Final = 436
LANDLOCK_CREATE_RULESET: t.Final = 444
LANDLOCK_ADD_RULE: t.Final = 445
LANDLOCK_RESTRICT_SELF: t.Final = 446

PR_SET_PDEATHSIG: t.Final = 1
PR_SET_DUMPABLE: t.Final = 4
PR_CAPBSET_DROP: t.Final = 24
PR_SET_CHILD_SUBREAPER: t.Final = 36
PR_SET_NO_NEW_PRIVS: t.Final = 38


def call(number: int, *arguments: t.Any) -> int:
    """``syscall(2)``; raises the ``OSError`` it failed with."""
    return check(libc.syscall(ctypes.c_long(number), *arguments))


def prctl(option: int, value: int) -> int:
    """``prctl(2)`` with the unused arguments zero, as the newer options demand."""
    return check(
        libc.prctl(ctypes.c_int(option), *(ctypes.c_ulong(argument) for argument in (value, 0, 0, 0))),
    )


def check(result: int) -> int:
    """Return the result, or raise the ``OSError`` that a negative one stands for."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
