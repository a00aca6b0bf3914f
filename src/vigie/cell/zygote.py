"""The zygote: decoders loaded, no thread, no case file open, no secret. Forks one child per order and buries it."""

from __future__ import annotations

import dataclasses
import functools
import gc
import operator
import os
import pathlib
import select
import signal
import socket
import time
import typing as t

import msgspec

from vigie.cell import child
from vigie.cell.layers import landlock, limits, memory, namespaces, privileges, seccomp
from vigie.cell.lists.reading import encoding
from vigie.rows.control import (
    MOST_BYTES,
    MOST_DESCRIPTORS,
    TO_ZYGOTE,
    Ended,
    Hello,
    Order,
    Stop,
)

if t.TYPE_CHECKING:
    from vigie.cell.registry import Jobs

ALONE_S: t.Final = 3.0
ORDERS: t.Final = msgspec.msgpack.Decoder(TO_ZYGOTE)


def serve(control: socket.socket, jobs: Jobs, without: frozenset[str]) -> None:
    """Warm up, leave the host's namespaces, and serve orders until the house hangs up."""
    encoding.warm()  # names in archives and lists come in any; Python loads an encoding when it is first used
    for job in jobs.values():
        job.warm()
    _be_alone()
    if "namespaces" not in without and namespaces.enter():
        _become_first(control)
    privileges.adopt_orphans()
    privileges.no_new()
    privileges.keep((privileges.CAP_SYS_CHROOT,))
    abi = 0 if "landlock" in without else landlock.abi()
    filtered = "seccomp" not in without and seccomp.available()
    wardrobe = child.Wardrobe(
        jobs=jobs,
        asks=msgspec.msgpack.Decoder(functools.reduce(operator.or_, jobs)),
        landlock_abi=abi,
        ruleset=landlock.ruleset(abi) if abi else None,
        filters={opens: seccomp.Filter(opens=opens) for opens in (False, True)} if filtered else {},
        warm_bytes=limits.mapped_bytes(),
    )
    gc.collect()
    memory.gather()
    gc.freeze()  # a collection in a child would touch, and so copy, every page
    hello = Hello(
        namespaces=namespaces.identities(),
        landlock_abi=abi,
        seccomp=filtered,
        warm_bytes=wardrobe.warm_bytes,
    )
    _say(control, hello)
    Zygote(control, wardrobe).run()


def _be_alone() -> None:
    """Raise where a warm() has left a thread running: a process with threads must not fork.

    A thread that was joined may stand in the process table a moment longer, on a busy machine above all.
    """
    deadline = time.monotonic() + ALONE_S
    while len(list(pathlib.Path("/proc/self/task").iterdir())) != 1:
        if time.monotonic() > deadline:
            raise RuntimeError("a warm() left a thread running; a process with threads must not fork")
        time.sleep(0.01)


def _become_first(control: socket.socket) -> None:
    """Go on as process 1 of the new namespace: when it dies, so does every process in it.

    The process that stays outside only waits, and passes its own death on.
    """
    first = os.fork()
    if first:
        control.close()
        _, status = os.waitpid(first, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    privileges.die_with_parent()


def _say(control: socket.socket, message: Hello | Ended) -> None:
    control.send(msgspec.msgpack.encode(message))


@dataclasses.dataclass(frozen=True)
class Zygote:
    """One order at a time."""

    control: socket.socket
    wardrobe: child.Wardrobe

    def run(self) -> None:
        """Serve until the control socket closes."""
        ears, mouth = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
        while True:
            packet, fds, _, _ = socket.recv_fds(self.control, MOST_BYTES, MOST_DESCRIPTORS, socket.MSG_CMSG_CLOEXEC)
            if not packet:
                return
            order = ORDERS.decode(packet)
            if isinstance(order, Order):  # a Stop that came too late asks for nothing
                pid = self._fork(order, fds)
                self._bury(order, pid, ears)

    def _fork(self, order: Order, fds: list[int]) -> int:
        parent = os.getpid()
        pid = memory.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            child.live(order, child.Handed.sort(order, fds), self.wardrobe, parent)
        for fd in fds:
            os.close(fd)
        return pid

    def _bury(self, order: Order, pid: int, ears: int) -> None:
        """Wait for the child, or kill it when told to; then kill what it left behind, and report."""
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(ears, select.POLLIN)
        while True:
            ended, status, usage = os.wait4(pid, os.WNOHANG)
            if ended:
                break
            for fd, _ in poll.poll():
                if fd == ears:
                    os.read(ears, 4096)
                else:
                    self._obey(order, pid)
        _sweep()
        cpu_s = usage.ru_utime + usage.ru_stime
        _say(self.control, Ended(serial=order.serial, status=status, cpu_s=cpu_s, peak_bytes=usage.ru_maxrss * 1024))

    def _obey(self, order: Order, pid: int) -> None:
        """Kill the child if the house says so, or is gone: then nothing is left to be for."""
        packet = self.control.recv(MOST_BYTES)
        if not packet:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            _sweep()
            os._exit(0)
        if ORDERS.decode(packet) == Stop(serial=order.serial):
            os.kill(pid, signal.SIGKILL)


def _sweep() -> None:
    """Kill what a child left behind: orphans come back to the zygote, the reaper of all that it started."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0]:
                continue
        except ChildProcessError:
            return
        for orphan in [-1] if os.getpid() == 1 else _children():  # -1: all of this namespace but process 1
            os.kill(orphan, signal.SIGKILL)
        os.waitpid(-1, 0)


def _children() -> list[int]:
    return [int(number) for number in pathlib.Path("/proc/thread-self/children").read_text().split()]
