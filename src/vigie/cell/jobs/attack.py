"""The self-test of the sandbox: what a hijacked reader would try, tried by ourselves and answered honestly.

``Attack.name`` is the attack and, where it needs one, a number after a space (``tcp 40123``: the port on loopback
where the house listens). A child that the sandbox kills answers nothing, which the house sees.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pathlib
import socket
import typing as t

from vigie.cell.job import Bench, Job, Refused
from vigie.rows.wire import Attack, Attacked

if t.TYPE_CHECKING:
    from collections.abc import Callable

LIBC: t.Final = ctypes.CDLL(None, use_errno=True)
PTRACE_ATTACH: t.Final = 16
PTRACE_DETACH: t.Final = 17
SYSTEM_FILE: t.Final = "/etc/passwd"
TARGET: t.Final = "/tmp/vigie-attack"  # noqa: S108 - the attack is to write where everybody may
LOOPBACK: t.Final = "127.0.0.1"


def _read(_: int) -> None:
    os.close(os.open(SYSTEM_FILE, os.O_RDONLY))


def _write(_: int) -> None:
    path = pathlib.Path(f"{TARGET}-{os.getpid()}")
    path.touch(mode=0o600, exist_ok=False)
    path.unlink()


def _tcp(port: int) -> None:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as line:
        line.settimeout(1)
        line.connect((LOOPBACK, port))


def _udp(port: int) -> None:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as line:
        line.sendto(b"vigie", (LOOPBACK, port))


def _exec(_: int) -> None:
    os.execv("/bin/true", ["true"])  # noqa: S606 - nobody's input; the attack itself


def _fork(_: int) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _signal(_: int) -> None:
    os.kill(os.getppid(), 0)


def _ptrace(_: int) -> None:
    parent = os.getppid()
    if LIBC.ptrace(PTRACE_ATTACH, parent, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    os.waitpid(parent, 0)
    LIBC.ptrace(PTRACE_DETACH, parent, 0, 0)


def _memory(size: int) -> None:
    bytearray(size)


def _spin(_: int) -> None:
    while True:
        pass


ATTACKS: t.Final[dict[str, Callable[[int], None]]] = {
    "read": _read,
    "write": _write,
    "tcp": _tcp,
    "udp": _udp,
    "exec": _exec,
    "fork": _fork,
    "signal": _signal,
    "ptrace": _ptrace,
    "memory": _memory,
    "spin": _spin,
}


def _run(ask: Attack, bench: Bench) -> None:
    name, _, number = ask.name.partition(" ")
    if name not in ATTACKS:
        raise Refused("unsupported", name)
    try:
        ATTACKS[name](int(number or 0))
    except OSError as error:
        bench.send(Attacked(outcome="denied", detail=str(error)))
    except MemoryError:
        bench.send(Attacked(outcome="denied", detail="MemoryError"))
    else:
        bench.send(Attacked(outcome="allowed"))


JOB = Job(ask=Attack, run=_run, warm=lambda: None)
