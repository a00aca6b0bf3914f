"""What the house and a zygote say to each other, beside the asks and replies: orders, and how they ended.

One packet of a SOCK_SEQPACKET pair holds one message; an ``Order`` carries its descriptors in the same packet. Both
ends are our own code: a child never sees this socket.
"""

from __future__ import annotations

import typing as t

import msgspec

MOST_DESCRIPTORS: t.Final = 253
"""SCM_MAX_FD of Linux: descriptors in one packet."""
MOST_BYTES: t.Final = 1 << 16

Layer = t.Literal["root", "limits", "landlock", "seccomp"]
"""The layers a child puts on; ``root``: an empty folder as root, where the zygote has the right to. Namespaces belong
to the zygote: every child is born in them."""
LAYERS: t.Final[tuple[Layer, ...]] = t.get_args(Layer)


class Control(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """Base of what crosses the control socket."""


class Order(Control, frozen=True, kw_only=True):
    """Fork a child for one ask. Descriptors: result pipe, ask, inputs, scratch files, readable files, in this order."""

    serial: int
    inputs: int
    scratch: int
    readable: int
    cpu_s: int
    memory_bytes: int
    """On top of what the warm zygote has mapped already."""
    file_bytes: int
    layers: tuple[Layer, ...] = LAYERS


class Stop(Control, frozen=True, kw_only=True):
    """Kill the child of this order if it still lives. Always answered by its ``Ended``, which may be under way."""

    serial: int


class Hello(Control, frozen=True, kw_only=True):
    """The zygote is warm and will take orders."""

    namespaces: dict[str, str]
    """Name and identity (``net:[4026531840]``) of each namespace it is in; the house compares them with its own."""
    landlock_abi: int
    """0 where the kernel has no Landlock."""
    seccomp: bool
    warm_bytes: int
    """Address space it has mapped."""


class Ended(Control, frozen=True, kw_only=True):
    """The child of this order and all it left behind are gone."""

    serial: int
    status: int
    """As ``waitpid`` gives it."""
    cpu_s: float
    peak_bytes: int


TO_ZYGOTE: t.Final = Order | Stop
FROM_ZYGOTE: t.Final = Hello | Ended
UNSAFE_EXIT: t.Final = 97
"""Exit status of a child that could not put on a layer it was ordered to wear, and so did not start."""
