"""How well foreign bytes are fenced in: the levels, what each lacks in plain words, and the case's say in it."""

from __future__ import annotations

import enum
import typing as t

from vigie.kernel.errors import VigieError


class Level(enum.StrEnum):
    """What the self-test proved on this machine, weakest first; the levels compare in that order as text."""

    S0 = "S0"
    """A process of its own, with a deadline."""
    S1 = "S1"
    """Resource limits, and one of Landlock, seccomp, namespaces."""
    S2 = "S2"
    """Resource limits, Landlock and seccomp."""
    S3 = "S3"
    """All of S2 inside namespaces of its own: no network, no other process, an empty root."""


DEFAULT_MINIMUM: t.Final = Level.S2


class WeakIsolation(VigieError):  # noqa: N818 - reads as the refusal it is
    """The machine cannot fence foreign bytes in as well as the case demands."""

    exit_code = 4


def check(level: Level, minimum: Level, accepted: Level | None = None, *, weakness: str = "") -> None:
    """Refuse to go on below ``minimum`` unless the examiner accepted this very level, or a weaker one, by name."""
    if level >= minimum or (accepted is not None and level >= accepted):
        return
    raise WeakIsolation(
        f"isolation {level} is weaker than {minimum}, the least this case allows. {weakness or describe(level)} "
        f"To go on all the same, name the level: --accept-isolation {level} (custody records it)."
    )


def describe(level: Level, *, has_bubblewrap: bool = True) -> str:
    """One line for the examiner: what holds, what does not, and what to install."""
    hint = (
        "the kernel refuses namespaces here"
        if has_bubblewrap
        else "the kernel refuses namespaces and bubblewrap is not installed: sudo apt install bubblewrap"
    )
    match level:
        case Level.S3:
            return "S3: namespaces, limits, Landlock and system-call filter all hold."
        case Level.S2:
            return (
                f"S2: {hint}; without them a hijacked decoder that also finds a kernel bug would be in the host's "
                "network and process space."
            )
        case Level.S1:
            return (
                f"S1: limits and only a part of the other layers hold ({hint}; Landlock needs Linux 5.13); without "
                "them a hijacked decoder could read files of this user or reach the network."
            )
        case Level.S0:
            return (
                "S0: only a process of its own and a deadline; a hijacked decoder could do all that this user can. "
                "Use Linux 5.13 or newer, and sudo apt install bubblewrap."
            )
