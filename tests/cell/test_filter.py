"""The filter's numbers are the kernel's, and its program does what it says on both machines."""

import errno
import pathlib
import re
import struct

import pytest

from vigie.cell.layers import seccomp
from vigie.cell.layers.syscalls import MACHINES, NUMBERS

HEADERS = {
    "x86_64": (pathlib.Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), r"#define __NR_(\w+) (\d+)"),
    "aarch64": (pathlib.Path("/usr/include/asm-generic/unistd.h"), r"#define __NR(?:3264)?_(\w+) (\d+)"),
}
PLAIN = ("read", "write", "mremap", "exit_group", "futex")
NEVER = {
    "x86_64": {"socket": 41, "connect": 42, "fork": 57, "vfork": 58, "execve": 59, "kill": 62, "ptrace": 101,
               "mount": 165, "unshare": 272, "memfd_create": 319, "bpf": 321, "userfaultfd": 323,
               "io_uring_setup": 425, "setns": 308, "process_vm_writev": 311, "perf_event_open": 298},
    "aarch64": {"socket": 198, "connect": 203, "execve": 221, "kill": 129, "ptrace": 117, "mount": 40,
                "unshare": 97, "memfd_create": 279, "bpf": 280, "userfaultfd": 282, "io_uring_setup": 425,
                "setns": 268, "process_vm_writev": 271, "perf_event_open": 241},
}  # fmt: skip


def _decide(code, machine, number, arguments=()):
    """Run the program as the kernel does (classic BPF, the six instructions that are used)."""
    data = struct.pack("=IIQ6Q", number, machine, 0, *[*arguments, *[0] * 6][:6])
    lines = list(struct.iter_unpack("=HBBI", code))
    place = held = 0
    while True:
        op, true, false, operand = lines[place]
        place += 1
        if op == seccomp.LD:
            (held,) = struct.unpack_from("=I", data, operand)
        elif op == seccomp.RET:
            return operand
        else:
            taken = {
                seccomp.JEQ: held == operand,
                seccomp.JGE: held >= operand,
                seccomp.JSET: bool(held & operand),
            }[op]
            place += true if taken else false


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request):
    return request.param


def _number(machine, name):
    return NUMBERS[name][0 if machine == "x86_64" else 1]


@pytest.mark.parametrize("opens", [False, True])
def test_the_program_decides_as_written(machine, opens):
    code = seccomp.Filter(opens=opens, machine=machine).code
    arch = MACHINES[machine]

    def decide(name, *arguments):
        return _decide(code, arch, _number(machine, name), arguments)

    denied = seccomp.ERRNO | errno.EACCES
    assert {decide(name) for name in PLAIN} == {seccomp.ALLOW}
    assert decide("openat") == (seccomp.ALLOW if opens else denied)
    assert decide("unlinkat") == denied
    assert decide("newfstatat", 3, 1, 2, 0x1000) == seccomp.ALLOW
    assert decide("newfstatat", 3, 1, 2, 0) == (seccomp.ALLOW if opens else denied)
    for name in ("mmap", "mprotect"):
        assert decide(name, 0, 4096, 3) == seccomp.ALLOW
        assert decide(name, 0, 4096, 7) == denied
    assert decide("clone", 0x3D0F00) == seccomp.ALLOW
    assert decide("clone", 0x1200011) == seccomp.KILL_PROCESS
    assert decide("clone3") == seccomp.ERRNO | errno.ENOSYS
    assert decide("fcntl", 1, 3) == seccomp.ALLOW
    assert decide("fcntl", 1, 8) == seccomp.ERRNO | errno.EPERM
    assert decide("prlimit64", 0, 7, 0) == seccomp.ALLOW
    assert decide("prlimit64", 0, 7, 1) == seccomp.ERRNO | errno.EPERM
    assert decide("tgkill", 4321, 4321, 6) == seccomp.KILL_PROCESS
    assert decide("ioctl", 1) == seccomp.ERRNO | errno.ENOTTY


def test_what_no_reader_needs_ends_it(machine):
    for opens in (False, True):
        code = seccomp.Filter(opens=opens, machine=machine).code
        for name, number in NEVER[machine].items():
            assert _decide(code, MACHINES[machine], number) == seccomp.KILL_PROCESS, name


def test_another_machine_s_calls_end_it(machine):
    code = seccomp.Filter(opens=False, machine=machine).code
    i386 = 0x40000003
    assert _decide(code, i386, _number(machine, "read")) == seccomp.KILL_PROCESS
    assert _decide(code, MACHINES[machine], 0x40000000) == seccomp.KILL_PROCESS


def test_numbers_are_those_of_the_headers(machine):
    path, pattern = HEADERS[machine]
    if not path.exists():
        pytest.skip(f"{path} is not here: sudo apt install linux-libc-dev")
    numbers = {name: int(number) for name, number in re.findall(pattern, path.read_text())}
    numbers.setdefault("newfstatat", numbers.get("fstatat", -1))
    ours = {name: _number(machine, name) for name in NUMBERS if _number(machine, name) is not None}
    assert ours == {name: numbers[name] for name in ours}
