"""Giving up what a process could gain or be given: capabilities, set-uid programs, core dumps, being traced."""

from __future__ import annotations

import ctypes
import errno
import signal
import typing as t

from vigie.cell.layers import kernel

CAP_SYS_CHROOT: t.Final = 18
VERSION_3: t.Final = 0x20080522
"""``_LINUX_CAPABILITY_VERSION_3``: two words of 32 capabilities each."""


def die_with_parent() -> None:
    """SIGKILL for this process when the thread that forked it ends."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of whatever a descendant leaves behind, as process 1 would."""
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)


def no_new() -> None:
    """No exec gains rights any more (Landlock and seccomp demand it), and no core dump carries evidence to disk.

    RLIMIT_CORE alone does not stop a core handler behind a pipe; an undumpable process has no core at all, and
    no other process of this user may trace it.
    """
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)


def keep(capabilities: tuple[int, ...]) -> None:
    """Hold no other capability than these, of those held now, and never get one back."""
    for capability in range(64):
        try:
            kernel.prctl(kernel.PR_CAPBSET_DROP, capability)
        except OSError as error:
            if error.errno == errno.EINVAL:  # past the last capability this kernel knows
                break
            if error.errno != errno.EPERM:  # an ordinary user: nothing to drop, and no_new_privs holds
                raise
            break
    header = (ctypes.c_uint32 * 2)(VERSION_3, 0)
    held = (ctypes.c_uint32 * 6)()
    kernel.check(kernel.libc.capget(header, held))
    for word in range(2):
        wanted = sum(1 << (capability - 32 * word) for capability in capabilities if capability // 32 == word)
        effective, permitted, inheritable = 3 * word, 3 * word + 1, 3 * word + 2
        held[permitted] &= wanted
        held[effective] = held[permitted]
        held[inheritable] = 0
    kernel.check(kernel.libc.capset(header, held))


def none() -> None:
    """Give up the last capability; the bounding set is empty already."""
    header = (ctypes.c_uint32 * 2)(VERSION_3, 0)
    kernel.check(kernel.libc.capset(header, (ctypes.c_uint32 * 6)()))
