"""What the sandbox of this machine is worth, found by attacking it (the matrix of the sandbox's design, measured).

Version numbers and kernel options prove nothing: a layer counts when what it should stop was tried and was stopped.
"""

from __future__ import annotations

import contextlib
import socket
import typing as t

import msgspec

from vigie.kernel.isolation import Level
from vigie.rows.control import LAYERS, Layer
from vigie.rows.wire import Attack, Attacked, Failed, Reply

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MEMORY_BYTES: t.Final = 64 << 20
WALL_S: t.Final = 20.0
"""Longer than any attack takes that is not meant to spin, on a busy machine too: what has not ended proves nothing."""
SPIN_S: t.Final = 0.25
TOO_MUCH_BYTES: t.Final = 1 << 30
LOOPBACK: t.Final = "127.0.0.1"
STOPPED: t.Final = frozenset({"forbidden_syscall", "memory_limit", "cpu_limit"})
ATTACKS: t.Final = ("read", "write", "tcp", "udp", "exec", "fork", "signal", "ptrace", "memory", "spin")
NAMESPACES: t.Final = frozenset({"net", "pid"})

Try = t.Callable[[Attack, tuple[Layer, ...]], Reply]
"""Runs one attack in a child that wears only these layers (and the zygote's namespaces); gives the first reply."""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What was tried and what became of it."""

    level: Level
    allowed: tuple[str, ...]
    """Attacks that succeeded against everything this machine has."""
    holds: tuple[str, ...]
    """Layers that were proved one by one."""


def wall_s(attack: str) -> float:
    """Return how long an attack may take: the one that spins is ended by this alone."""
    return SPIN_S if attack == "spin" else WALL_S


def prove(attempt: Try, own_namespaces: frozenset[str]) -> Proof:
    """Attack each layer alone and all together; takes about a fifth of a second."""
    with _listener(socket.SOCK_STREAM) as tcp, _listener(socket.SOCK_DGRAM) as udp:
        numbers = {"tcp": f" {tcp}", "udp": f" {udp}", "memory": f" {TOO_MUCH_BYTES}"}

        def stopped(name: str, *layers: Layer) -> bool:
            reply = attempt(Attack(name=name + numbers.get(name, "")), layers)
            match reply:
                case Attacked():
                    return reply.outcome == "denied"
                case Failed():
                    return reply.code in STOPPED or (name == "spin" and reply.code == "timeout")
                case _:
                    return False

        alone: dict[str, Callable[[], bool]] = {
            "namespaces": lambda: own_namespaces >= NAMESPACES and stopped("tcp"),
            "limits": lambda: stopped("memory", "limits"),
            "landlock": lambda: stopped("read", "landlock") and stopped("write", "landlock"),
            "seccomp": lambda: stopped("fork", "seccomp") and stopped("udp", "seccomp"),
        }
        holds = tuple(name for name, proof in alone.items() if proof())
        allowed = tuple(name for name in ATTACKS if not stopped(name, *LAYERS))
    return Proof(level=_level(set(holds), allowed), allowed=allowed, holds=holds)


def _level(holds: set[str], allowed: tuple[str, ...]) -> Level:
    if "limits" not in holds:
        return Level.S0
    if holds >= {"landlock", "seccomp"} and not allowed:
        return Level.S3 if "namespaces" in holds else Level.S2
    return Level.S1 if holds & {"landlock", "seccomp", "namespaces"} else Level.S0


@contextlib.contextmanager
def _listener(kind: socket.SocketKind) -> Iterator[int]:
    """Open a port on loopback that an attack could reach if nothing stopped it."""
    with contextlib.closing(socket.socket(socket.AF_INET, kind)) as line:
        line.bind((LOOPBACK, 0))
        if kind == socket.SOCK_STREAM:
            line.listen()
        yield line.getsockname()[1]
