"""The house's door to the cell: ask one thing of a sandboxed child, get strictly decoded replies, whatever it does."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import itertools
import os
import stat
import tempfile
import threading
import typing as t

import msgspec

from vigie.kernel import isolation, selftest, verdict
from vigie.kernel.hearing import Hearing
from vigie.kernel.isolation import Level
from vigie.kernel.warden import CellBroken, Launcher, Warden, ZygoteLost, bubblewrap
from vigie.rows import wire
from vigie.rows.control import LAYERS, MOST_DESCRIPTORS, Layer, Order

if t.TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterator, Sequence
    from pathlib import Path

__all__ = ["Cell", "CellBroken", "Limits"]

TRIES: t.Final = 3
MOST_ORDERS: t.Final = 1000
"""All children of a zygote share its address layout; a new one is dealt after so many."""
PIPE_BYTES: t.Final = 1 << 20
"""Of the pipe by which a reader answers: a reply fits, so that house and cell need not take turns within it."""

About = tuple[Launcher, frozenset[str], int, bool]
_proofs: dict[About, selftest.Proof] = {}
_proving = threading.Lock()
"""The self-test is about the machine, not about one cell: once a process is enough."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one ask may use. Defaults are those of a still image."""

    wall_s: float = 10.0
    """Time the house waits for it in all; a reply does not start it anew, and time the caller takes is not counted."""
    cpu_s: int = 10
    memory_bytes: int = 512 << 20
    """Address space on top of the loaded decoders."""
    output_bytes: int = 1 << 20
    file_bytes: int = 0
    """Size of each scratch file."""


class Cell:
    """One zygote and at most one job at a time: one for each thread that reads foreign bytes. A context manager."""

    def __init__(
        self,
        *,
        scratch: Path,
        accept: Level | None = None,
        minimum: Level = isolation.DEFAULT_MINIMUM,
        job: str | None = None,
        jobs: Path | None = None,
        without: Collection[str] = (),
        launcher: Launcher | None = None,
    ) -> None:
        """Start it and prove its level. Raises ``WeakIsolation`` below ``minimum`` unless accepted, ``CellBroken``.

        ``job``: the one job it is for, a module of ``cell.jobs``; a zygote that loads less forks faster. ``jobs``,
        ``without`` and ``launcher`` are for tests of the sandbox: other jobs, layers left out, one way of
        starting it.
        """
        self._scratch = scratch
        self._job = job
        self._jobs = jobs
        self._without = tuple(sorted(without))
        self._serials = itertools.count(1)
        self._serial = 0
        self._busy = False
        self._oom_kills = verdict.oom_kills()
        self._warden: Warden | None = None
        self._begin(launcher)
        self.proof = self._prove()
        try:
            isolation.check(self.level, minimum, accept, weakness=self.weakness)
        except isolation.WeakIsolation:
            self.close()
            raise

    @property
    def level(self) -> Level:
        """What the self-test proved."""
        return self.proof.level

    @property
    def weakness(self) -> str:
        """One line for the examiner: what holds and what does not."""
        return isolation.describe(self.level, has_bubblewrap=bubblewrap() is not None)

    @property
    def zygote(self) -> int | None:
        """Process id of the zygote, or of the process that waits for it; None when the next ask starts one."""
        return self._warden.pid if self._warden else None

    def __enter__(self) -> t.Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the zygote and its child."""
        if self._warden:
            self._warden.close()
            self._warden = None

    def interrupt(self) -> None:
        """Kill the child that is answering: for another thread than the one that asks, which gets ``Failed``."""
        warden = self._warden
        if warden and self._busy:
            with contextlib.suppress(ZygoteLost):  # then the one that asks finds it lost
                warden.kill(self._serial)

    def ask(
        self,
        ask: wire.Ask,
        fds: Sequence[int] = (),
        *,
        limits: Limits,
        scratch: int = 0,
        readable: Sequence[bytes] = (),
        layers: tuple[Layer, ...] = LAYERS,
    ) -> Iterator[wire.Reply]:
        """Have a child answer; the last reply is exactly one ``Done`` or ``Failed``, whatever the child does.

        ``fds``: inputs, read-only, read from their beginning; they must stay open until the last reply. ``scratch``:
        how many empty files of ``limits.file_bytes`` the job gets. ``readable``: paths that a job which opens files
        may open, and list where they are folders. Closing the iterator early kills the child. Raises ``OSError`` for
        a path that cannot be reached, ``ValueError`` for a caller's mistake, ``CellBroken``.
        """
        order = Order(
            serial=0,
            inputs=len(fds),
            scratch=scratch,
            readable=len(readable),
            cpu_s=limits.cpu_s,
            memory_bytes=limits.memory_bytes,
            file_bytes=limits.file_bytes,
            layers=layers,
        )
        parcel = _Parcel(ask, fds, scratch, self._scratch, readable)
        return self._persist(order, parcel, limits.wall_s, limits.output_bytes)

    def _persist(self, order: Order, parcel: _Parcel, wall_s: float, output_bytes: int) -> Generator[wire.Reply]:
        """Ask again, alone, when the zygote was lost before the first reply; at most three times."""
        if self._busy:
            raise RuntimeError("this cell still works on the ask before: finish or close its iterator first")
        self._busy = True
        try:
            why = ""
            for _ in range(TRIES):
                said = False
                try:
                    for reply in self._attempt(order, parcel, wall_s, output_bytes):
                        said = True
                        yield reply
                except ZygoteLost as lost:
                    self.close()
                    why = str(lost)
                    if said:
                        break
                else:
                    return
            yield wire.Failed(code="worker_lost", detail=why[:1000])
        finally:
            self._busy = False

    def _attempt(self, order: Order, parcel: _Parcel, wall_s: float, output_bytes: int) -> Generator[wire.Reply]:
        warden = self._ready()
        order = msgspec.structs.replace(order, serial=next(self._serials))
        reader, writer = os.pipe2(os.O_CLOEXEC)
        with contextlib.suppress(OSError):  # so many large pipes a user may have: a small one does, slower
            fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        with _closing(reader):
            with _closing(writer), parcel.packed(writer) as fds:
                warden.order(order, fds)
            self._serial = order.serial
            hearing = Hearing(
                warden,
                order.serial,
                reader,
                decoder=parcel.decoder,
                wall_s=wall_s,
                output_bytes=output_bytes,
                oom_kills=self._oom_kills,
            )
            with contextlib.closing(hearing.replies()) as replies:
                yield from replies
            if hearing.suspicious and not parcel.is_attack:
                self.close()

    def _ready(self) -> Warden:
        """Find a zygote that may take an order: the one there is, or a new one."""
        if self._warden and (self._warden.lost or self._warden.orders >= MOST_ORDERS):
            self.close()
        if self._warden is None:
            warden = self._start(self._launcher)
            if self._about(warden) != self._proved:
                warden.close()
                raise CellBroken(
                    "A new sandbox process lacks a layer that the first one had: is the machine short of it?"
                )
            self._warden = warden
        return self._warden

    def _start(self, launcher: Launcher) -> Warden:
        return Warden(home=self._scratch, launcher=launcher, job=self._job, jobs=self._jobs, without=self._without)

    def _begin(self, launcher: Launcher | None) -> None:
        """Start the first zygote, inside bubblewrap where the kernel refuses it namespaces and bubblewrap gets them."""
        self._launcher = launcher or "direct"
        self._warden = self._start(self._launcher)
        if launcher is None and not self._warden.own_namespaces and "namespaces" not in self._without and bubblewrap():
            try:
                wrapped = self._start("bubblewrap")
            except CellBroken:  # installed, but refused as well
                return
            self._warden.close()
            self._launcher, self._warden = "bubblewrap", wrapped

    def _prove(self) -> selftest.Proof:
        warden = self._ready()
        self._proved = about = self._about(warden)
        with _proving:
            if about not in _proofs:
                _proofs[about] = selftest.prove(self._try, warden.own_namespaces)
            return _proofs[about]

    def _about(self, warden: Warden) -> About:
        """Tell what a zygote has, by its own word: one proof holds for all that have the same."""
        return self._launcher, warden.own_namespaces, warden.hello.landlock_abi, warden.hello.seccomp

    def _try(self, attack: wire.Attack, layers: tuple[Layer, ...]) -> wire.Reply:
        limits = Limits(wall_s=selftest.wall_s(attack.name), cpu_s=1, memory_bytes=selftest.MEMORY_BYTES)
        return next(self.ask(attack, limits=limits, layers=layers))


class _Parcel:
    """What travels with an order: the ask, inputs, scratch files, and the files that may be opened by path."""

    def __init__(
        self, ask: wire.Ask, inputs: Sequence[int], scratch: int, folder: Path, readable: Sequence[bytes]
    ) -> None:
        count = 2 + len(inputs) + scratch + len(readable)
        if count > MOST_DESCRIPTORS:
            raise ValueError(f"{count} descriptors for one ask; {MOST_DESCRIPTORS} is the most")
        for fd in inputs:
            _must_be_input(fd)
        self._ask = msgspec.msgpack.encode(ask)
        if len(self._ask) > wire.MOST_ASK_BYTES:
            raise ValueError(f"{type(ask).__name__} of {len(self._ask)} bytes; {wire.MOST_ASK_BYTES} is the most")
        self.is_attack = isinstance(ask, wire.Attack)
        """One of our own, which proves nothing against its zygote."""
        self._inputs = inputs
        self._scratch = scratch
        self._folder = folder
        self._readable = readable
        self.decoder = wire.answers(type(ask))

    @contextlib.contextmanager
    def packed(self, result: int) -> Generator[list[int]]:
        """Lay out the descriptors in the order that ``Order`` tells; scratch files are made anew each time."""
        with contextlib.ExitStack() as opened:

            def keep(fd: int) -> int:
                opened.callback(os.close, fd)
                return fd

            ask = keep(os.memfd_create("ask", os.MFD_CLOEXEC))
            with open(ask, "wb", closefd=False) as whole:
                whole.write(self._ask)
            scratch = [keep(_unnamed_file(self._folder)) for _ in range(self._scratch)]
            readable = [keep(os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in self._readable]
            yield [result, ask, *self._inputs, *scratch, *readable]


@contextlib.contextmanager
def _closing(fd: int) -> Generator[None]:
    try:
        yield
    finally:
        os.close(fd)


def _must_be_input(fd: int) -> None:
    """Evidence is never handed over writable, nor a folder, pipe or line: only what can be read from its beginning."""
    if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
        raise ValueError(f"descriptor {fd} is not read-only")
    mode = os.fstat(fd).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISBLK(mode)):
        raise ValueError(f"descriptor {fd} is neither a file nor a disk")


def _unnamed_file(folder: Path) -> int:
    """Make a file without a name, gone when it is closed."""
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno not in {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL}:
            raise
    fd, path = tempfile.mkstemp(prefix="scratch-", dir=folder)  # a file system without O_TMPFILE
    os.unlink(path)  # noqa: PTH108 - the path as mkstemp gave it
    return fd
