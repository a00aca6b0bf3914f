"""seccomp: the system calls a reader needs; any other ends the process at once with signal 31.

A program of classic BPF over ``struct seccomp_data`` (linux/seccomp.h): number at 0, machine at 4, arguments from 16
on, 8 bytes each. Instructions are ``HBBI``: code, jump if true, jump if false, operand.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import typing as t

from vigie.cell.layers import kernel
from vigie.cell.layers.syscalls import MACHINES, NUMBERS, X86_64

LD: t.Final = 0x20
JEQ: t.Final = 0x15
JGE: t.Final = 0x35
JSET: t.Final = 0x45
RET: t.Final = 0x06
KILL_PROCESS: t.Final = 0x80000000
ALLOW: t.Final = 0x7FFF0000
ERRNO: t.Final = 0x00050000
X32: t.Final = 0x40000000
MODE_FILTER: t.Final = 1
SECCOMP: t.Final = {"x86_64": 317, "aarch64": 277}

PROT_EXEC: t.Final = 4
AT_EMPTY_PATH: t.Final = 0x1000
THREAD_FLAGS: t.Final = (0x3D0F00, 0x7D0F00)
"""``clone`` of a thread as glibc and musl ask for it, never of a process: libde265 decodes HEIC in a thread."""
FCNTL: t.Final = (0, 1, 2, 3, 5, 6, 7, 36, 37, 38, 1030)
"""Duplicate, flags, locks. Not F_SETOWN and F_SETSIG: they send signals."""

NEEDED: t.Final = """
read write readv writev pread64 preadv pwrite64 pwritev lseek close fstat munmap mremap brk madvise futex clock_gettime
gettimeofday time getrandom rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending sigaltstack exit_group exit
clock_nanosleep nanosleep clock_getres sched_yield sched_getaffinity getpid gettid getppid getpgrp getuid geteuid getgid
getegid getcpu getrusage times uname sysinfo restart_syscall poll ppoll select pselect6 dup dup2 dup3 rseq
set_robust_list get_robust_list membarrier mincore msync ftruncate fallocate fsync fdatasync flock fadvise64 readahead
getrlimit sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min getpriority close_range
"""
LOOKING: t.Final = """
open openat stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getdents getdents64 getcwd
statfs fstatfs
"""
"""Finding and opening files: refused without harm, or left to Landlock."""
CHANGING: t.Final = """
chdir chmod fchmod fchown mkdir mkdirat rename renameat renameat2 rmdir unlink unlinkat utimensat getxattr lgetxattr
fgetxattr listxattr llistxattr flistxattr openat2 inotify_init1
"""
"""Refused without harm: libraries try them and go on."""
TUNING: t.Final = """
prctl sched_setaffinity sched_setscheduler setpriority get_mempolicy set_mempolicy mbind mlock munlock alarm capget
"""
"""Refused with EPERM: libraries tune themselves with them and go on."""


class Rules:
    """A filter under construction; ``program`` is what the kernel takes."""

    def __init__(self, machine: str) -> None:
        self._column = 0 if MACHINES[machine] == X86_64 else 1
        self._code: list[tuple[int, int, int, int]] = [
            (LD, 0, 0, 4),
            (JEQ, 1, 0, MACHINES[machine]),
            (RET, 0, 0, KILL_PROCESS),
            (LD, 0, 0, 0),
            (JGE, 0, 1, X32),
            (RET, 0, 0, KILL_PROCESS),
        ]
        self.own_process: int | None = None
        """Place of the instruction that holds the number of the process itself."""

    def answer(self, name: str, action: int) -> None:
        """Answer this call with one action; nothing where the machine does not have it."""
        self._when(name, [(RET, 0, 0, action)])

    def only(self, name: str, argument: int, values: tuple[int, ...], other: int) -> None:
        """Allow this call when the low word of an argument is one of ``values``."""
        tests = [(JEQ, len(values) - place, 0, value) for place, value in enumerate(values)]
        self._when(name, [_load(argument), *tests, (RET, 0, 0, other), (RET, 0, 0, ALLOW)])

    def without_bits(self, name: str, argument: int, bits: int, other: int) -> None:
        """Allow this call when the low word of an argument has none of ``bits``."""
        self._when(name, [_load(argument), (JSET, 0, 1, bits), (RET, 0, 0, other), (RET, 0, 0, ALLOW)])

    def signals_to_itself(self) -> None:
        """Allow ``abort``: a signal to a thread of the process itself."""
        self.only("tgkill", 0, (0,), KILL_PROCESS)
        self.own_process = len(self._code) - 3

    def program(self) -> bytes:
        """Give the instructions, with death for whatever was not named."""
        return b"".join(struct.pack("=HBBI", *line) for line in [*self._code, (RET, 0, 0, KILL_PROCESS)])

    def _when(self, name: str, block: list[tuple[int, int, int, int]]) -> None:
        number = NUMBERS[name][self._column]
        if number is not None:
            self._code += [(JEQ, 0, len(block), number), *block]


def _load(argument: int) -> tuple[int, int, int, int]:
    return (LD, 0, 0, 16 + 8 * argument)


class Filter:
    """A filter ready to be put on; ``opens`` leaves finding and opening of files to Landlock."""

    def __init__(self, *, opens: bool, machine: str | None = None) -> None:
        self._machine = machine or os.uname().machine
        rules = Rules(self._machine)
        for name in NEEDED.split():
            rules.answer(name, ALLOW)
        for name in LOOKING.split():
            if opens:
                rules.answer(name, ALLOW)
            elif name == "newfstatat":  # glibc's fstat: a descriptor and an empty path
                rules.only(name, 3, (AT_EMPTY_PATH,), ERRNO | errno.EACCES)
            else:
                rules.answer(name, ERRNO | errno.EACCES)
        for name in CHANGING.split():
            rules.answer(name, ERRNO | errno.EACCES)
        for name in TUNING.split():
            rules.answer(name, ERRNO | errno.EPERM)
        rules.without_bits("mmap", 2, PROT_EXEC, ERRNO | errno.EACCES)
        rules.without_bits("mprotect", 2, PROT_EXEC, ERRNO | errno.EACCES)
        rules.answer("ioctl", ERRNO | errno.ENOTTY)
        rules.answer(
            "clone3", ERRNO | errno.ENOSYS
        )  # its flags lie in memory, out of a filter's sight; glibc uses clone
        rules.only("clone", 0, THREAD_FLAGS, KILL_PROCESS)
        rules.only("fcntl", 1, FCNTL, ERRNO | errno.EPERM)
        rules.only("prlimit64", 2, (0,), ERRNO | errno.EPERM)
        rules.signals_to_itself()
        self.code = rules.program()
        self._own_process = rules.own_process

    def put_on(self) -> None:
        """Bind this process and its threads to the filter, for good; needs no_new_privs."""
        code = bytearray(self.code)
        if self._own_process is not None:
            struct.pack_into("=I", code, 8 * self._own_process + 4, os.getpid())
        buffer = ctypes.create_string_buffer(bytes(code), len(code))
        program = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
        kernel.call(SECCOMP[self._machine], ctypes.c_uint(MODE_FILTER), ctypes.c_uint(0), program)


def available() -> bool:
    """Tell whether this kernel filters system calls, on a machine whose numbers are known."""
    machine = os.uname().machine
    if machine not in SECCOMP:
        return False
    get_action_avail = 2
    action = struct.pack("=I", KILL_PROCESS)
    try:
        kernel.call(SECCOMP[machine], ctypes.c_uint(get_action_avail), ctypes.c_uint(0), action)
    except OSError:
        return False
    return True
