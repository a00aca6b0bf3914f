"""One freshly forked child: puts the layers on, does one job, ends."""

from __future__ import annotations

import dataclasses
import errno
import os
import traceback
import typing as t

import msgspec

from vigie.cell.job import Bench, Job, Refused
from vigie.cell.layers import descriptors, landlock, limits, namespaces, privileges, seccomp
from vigie.rows import framing, wire
from vigie.rows.control import UNSAFE_EXIT, Order

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from vigie.cell.registry import Jobs


MEDIUM: t.Final = frozenset({errno.EIO, errno.EREMOTEIO, errno.ENXIO, errno.ENODEV, errno.ENOMEDIUM, errno.ESTALE})
"""What reading says of a medium that fails or has gone: no input can make the kernel say so."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wardrobe:
    """What the zygote has made ready, so that a child only has to put it on."""

    jobs: Jobs
    asks: msgspec.msgpack.Decoder[t.Any]
    landlock_abi: int
    ruleset: int | None
    """Of Landlock, allowing nothing; None where the kernel has none."""
    filters: dict[bool, seccomp.Filter]
    """By whether the job opens files; empty where the kernel has no seccomp."""
    warm_bytes: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Handed:
    """The descriptors of one order, by what they are for."""

    result: int
    ask: int
    inputs: Sequence[int]
    scratch: Sequence[int]
    readable: Sequence[int]

    @classmethod
    def sort(cls, order: Order, fds: Sequence[int]) -> Handed:
        """Tell them apart by the counts in the order."""
        first, second, third = 2 + order.inputs, 2 + order.inputs + order.scratch, len(fds)
        return cls(
            result=fds[0],
            ask=fds[1],
            inputs=fds[2:first],
            scratch=fds[first:second],
            readable=fds[second:third],
        )


def live(order: Order, handed: Handed, wardrobe: Wardrobe, parent: int) -> t.NoReturn:
    """Be the child, from fork to end."""
    status = UNSAFE_EXIT
    try:
        privileges.die_with_parent()
        if os.getppid() != parent:  # it died before the signal was set
            os._exit(UNSAFE_EXIT)
        os.setsid()
        ask = wardrobe.asks.decode(os.pread(handed.ask, os.fstat(handed.ask).st_size, 0))
        job = wardrobe.jobs[type(ask)]
        said = _Voice(handed.result)
        bench = Bench(
            files=[_input(fd) for fd in handed.inputs],
            scratch=[_open(fd, "r+b") for fd in handed.scratch],
            scratch_paths=[b"/proc/self/fd/%d" % fd for fd in handed.scratch],
            send=said.send,
        )
        _shut_in(order, handed, wardrobe, job)
        status = 1
        said.last(_work(job, ask, bench, said))
        status = 0
    except Exception:  # noqa: BLE001 - the end of the process; a reason of our own making goes to the zygote's stderr
        traceback.print_exc()
    finally:
        os._exit(status)


class _Voice:
    """Sends replies and counts them."""

    def __init__(self, result: int) -> None:
        self._result = result
        self._frame = bytearray(framing.HEAD.size)
        self.count = 0

    def send(self, reply: wire.Reply) -> None:
        self._write(reply)
        self.count += 1

    def last(self, reply: wire.Done | wire.Failed) -> None:
        self._write(reply)

    def _write(self, reply: wire.Reply) -> None:
        # at once and unbuffered: the house infers from the last reply where a job died
        with memoryview(framing.pack(reply, wire.MOST_REPLY_BYTES, self._frame)) as frame:
            sent = 0
            while sent < len(frame):
                with frame[sent:] as rest:
                    sent += os.write(self._result, rest)


def _work(job: Job, ask: wire.Ask, bench: Bench, said: _Voice) -> wire.Done | wire.Failed:
    try:
        job.run(ask, bench)
    except Refused as refused:
        return wire.Failed(code=refused.code, detail=_text(refused.detail))
    except MemoryError:
        return wire.Failed(code="memory_limit", detail="out of memory")
    except Exception as error:  # noqa: BLE001 - the end of the process: what nobody foresaw becomes a verdict
        if isinstance(error, OSError) and error.errno in MEDIUM:
            return wire.Failed(code="unreadable", detail=_text(f"read: {error.strerror or error}"))
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{os.path.basename(where.filename)}:{where.lineno}"  # noqa: PTH119 - a str of the traceback, no file is touched
        return wire.Failed(code="crashed", detail=_text(f"{type(error).__name__} at {place}: {error}"))
    return wire.Done(replies=said.count)


def _text(detail: str) -> str:
    return detail[:1000].encode("utf-8", "replace").decode()


def _shut_in(order: Order, handed: Handed, wardrobe: Wardrobe, job: Job) -> None:
    """Put on every layer that was ordered; an ``OSError`` here ends the child before it has read a byte."""
    kept = [handed.result, *handed.inputs, *handed.scratch]
    ruleset = wardrobe.ruleset if "landlock" in order.layers else None
    if ruleset is not None and job.opens:
        ruleset = landlock.ruleset(wardrobe.landlock_abi)
        landlock.allow(ruleset, wardrobe.landlock_abi, readable=handed.readable, writable=handed.scratch)
    if "root" in order.layers and not job.opens:
        namespaces.empty_root()
    privileges.none()
    if ruleset is not None:
        landlock.put_on(ruleset)
    descriptors.close_all_but(kept)
    os.dup2(0, 2)  # from here on nobody listens to what a decoder prints
    if "limits" in order.layers:
        limits.put_on(
            cpu_s=order.cpu_s,
            memory_bytes=wardrobe.warm_bytes + order.memory_bytes,
            file_bytes=order.file_bytes,
            descriptors=max(kept),
        )
    if "seccomp" in order.layers and wardrobe.filters:
        wardrobe.filters[job.opens].put_on()


def _input(fd: int) -> t.BinaryIO:
    os.lseek(fd, 0, os.SEEK_SET)  # the offset is shared with the house, and an ask may be asked again
    return _open(fd, "rb")


def _open(fd: int, mode: str) -> t.BinaryIO:
    return t.cast("t.BinaryIO", open(fd, mode))
