"""The walk through one container and all that it holds: numbers, bounds, what is asked for and what is not."""

from __future__ import annotations

import contextlib
import hashlib
import typing as t
from collections.abc import Iterator

from vigie.cell.containers import readers
from vigie.cell.containers.entry import Broken, Entry, Fault, Source, Tally, bounded
from vigie.cell.containers.spool import NoRoom, Spool
from vigie.cell.digests import Digester, Digests
from vigie.cell.job import Bench, Refused
from vigie.cell.sniff import HEAD_BYTES
from vigie.rows.content_types import expandable, unsupported
from vigie.rows.wire import CHUNK_BYTES, Bounds, Data, Expand, Member, Tallied, Trouble

Steps = tuple[bytes, ...]
_NOT_READ = Digests(0, b"", b"", b"", "")


class _Enough(Exception):  # noqa: N818 - how the walk ends at a bound, or when all that is wanted was given
    """Nothing more is read."""


class _Over(Exception):  # noqa: N818 - this one member is larger than the bounds allow
    """The member is left where it is."""


class Walk:
    """One ``Expand``: sends ``Member``, ``Data`` and ``Trouble``.

    Each stored file takes the next number, whether it ends in a ``Member`` or in a ``Trouble`` that counts (which
    bears the number too); with ``want``, only the wanted and the containers on the way to them do. A number in
    ``lose`` is not read; one in ``lose`` and below ``skip`` was answered and is a container that is not opened.
    """

    def __init__(self, ask: Expand, bench: Bench, size: int) -> None:
        self._ask = ask
        self._bench = bench
        self._bounds: Bounds = ask.bounds
        self._most = min(ask.bounds.total_bytes, ask.bounds.free_bytes + ask.bounds.ratio * size)
        self._secrets = tuple(ask.secrets)
        self._lose = frozenset(ask.lose)
        self._want = None if ask.want is None else {tuple(steps) for steps in ask.want}
        self._way = {steps[:length] for steps in self._want or () for length in range(1, len(steps))}
        self._number = 0
        self._total = 0

    def run(self, source: Source) -> None:
        """Walk all of it; raises ``Refused`` where not even its first entry can be read."""
        with contextlib.suppress(_Enough):
            try:
                self._container(source, (), 0, None)
            except Broken as error:
                if not self._number:
                    raise Refused(error.code, clean(error.detail)) from error
                self._trouble((), error.code, error.detail)

    def _container(self, source: Source, above: Steps, containers: int, inside: int | None) -> None:
        names = _Names()
        for found in readers.read(source):
            if isinstance(found, Tally):
                self._tally(found, above)
                continue
            steps, again = names.unique(found) if found.steps else ((), False)
            if isinstance(found, Fault):
                self._fault(found, above + steps)
            else:
                self._entry(found, above + steps, containers, inside, again=again)

    def _fault(self, fault: Fault, steps: Steps) -> None:
        if not fault.counts:
            self._trouble(steps, fault.code, fault.detail)
        elif self._want is None or steps in self._want:
            self._trouble(steps, fault.code, fault.detail, number=self._take_number(steps))

    def _tally(self, tally: Tally, above: Steps) -> None:
        if self._want is None and max(self._number - 1, 0) >= self._ask.skip:  # else it was sent before
            steps = [*above, *tally.steps]
            self._bench.send(Tallied(steps=steps, by=tally.by, said=tally.said, met=tally.met))

    def _entry(self, entry: Entry, steps: Steps, containers: int, inside: int | None, *, again: bool) -> None:
        if self._want is not None and steps not in self._want and steps not in self._way:
            return
        number = self._take_number(steps)
        if again:
            self._trouble(steps, "duplicate_name", "the name is taken; this one is numbered")
        if number in self._lose:
            answered = number < self._ask.skip or not self._answers(steps)
            at = None if answered else number
            self._trouble(steps, "crashed", "the reader died here before", number=at, always=True)
            return
        take = _Take(entry, self._spool(containers))
        try:
            done = take.read(self._metered, whole=self._answers(steps) and number >= self._ask.skip,
                             keep=self._want is not None and steps in self._want)  # fmt: skip
        except _Over:
            self._trouble(steps, "bomb", f"more than {self._bounds.member_bytes} bytes", number=number)
            return
        except _Enough:
            self._trouble(steps, "bomb", f"more than {self._most} bytes in all; the walk ends here", number=number)
            raise
        if done and self._answers(steps) and not self._answer(take, steps, number, containers, inside):
            return
        self._open(take, steps, number, containers)
        self._check_want(steps)

    def _answers(self, steps: Steps) -> bool:
        return self._want is None or steps in self._want

    def _answer(self, take: _Take, steps: Steps, number: int, containers: int, inside: int | None) -> bool:
        """Send the member, its bytes where they are wanted, and what was wrong; False where it gave no byte."""
        broken = take.broken
        if number < self._ask.skip:
            return True
        if broken is not None and not take.digester.size and not broken.whole:
            self._trouble(steps, broken.code, broken.detail, number=number)
            return False
        times = take.entry.times
        self._bench.send(
            Member(
                number=number,
                steps=list(steps),
                containers=containers,
                inside=inside,
                origin=take.entry.origin,
                modified=times.modified,
                accessed=times.accessed,
                changed=times.changed,
                created=times.created,
                times_from=times.times_from,
                **take.found._asdict(),
            )
        )
        if self._want is not None:
            self._give(take, steps)
        if broken is not None:
            self._trouble(steps, broken.code, broken.detail)
        return True

    def _give(self, take: _Take, steps: Steps) -> None:
        left = take.digester.size
        if take.spool is None:
            self._trouble(steps, "too_large", take.no_room)
            self._bench.send(Data(data=b"", last=True))
            return
        for chunk in take.spool.chunks() if left else (b"",):
            left -= len(chunk)
            self._bench.send(Data(data=chunk[:CHUNK_BYTES], last=left <= 0))

    def _open(self, take: _Take, steps: Steps, number: int, containers: int) -> None:
        """Walk into a member that is a container itself."""
        content_type = take.found.content_type
        if advice := unsupported(content_type):
            self._trouble(steps, "unsupported", advice)
        if not expandable(content_type) or (self._want is not None and steps not in self._way):
            return
        if containers + 1 > self._bounds.depth:
            self._trouble(steps, "too_deep", f"containers {self._bounds.depth} deep are opened, no more")
            return
        if take.spool is None:
            self._trouble(steps, "too_large", take.no_room)
            return
        source = Source(files=[take.spool.file], content_type=content_type, name=steps[-1], secrets=self._secrets)
        try:
            self._container(source, steps, containers + 1, number)
        except Broken as error:
            self._trouble(steps, error.code, error.detail)

    def _spool(self, containers: int) -> Spool:
        scratch = self._bench.scratch
        return Spool(scratch[containers] if containers < len(scratch) else None)

    def _take_number(self, steps: Steps) -> int:
        number = self._number
        if number >= self._bounds.members:
            self._trouble(steps, "bomb", f"more than {self._bounds.members} members; the walk ends here", number=number)
            raise _Enough
        self._number += 1
        return number

    def _check_want(self, steps: Steps) -> None:
        if self._want is not None:
            self._want.discard(steps)
            if not self._want:
                raise _Enough

    def _metered(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        size = 0
        for chunk in chunks:
            size += len(chunk)
            self._total += len(chunk)
            if size > self._bounds.member_bytes:
                raise _Over
            if self._total > self._most:
                raise _Enough
            yield chunk

    def _trouble(
        self, steps: Steps, code: str, detail: str, *, number: int | None = None, always: bool = False
    ) -> None:
        """Send a remark, or, with its number, the verdict on a stored file that gives no member."""
        if not always and (number if number is not None else self._number) < self._ask.skip:
            return  # it was sent before what was answered before
        at = max(self._number - 1, 0) if number is None else number
        self._bench.send(
            Trouble(steps=list(steps), number=at, code=code, detail=clean(detail), counts=number is not None)
        )


class _Take:
    """Reads one entry once: digests it, and keeps the bytes where they are needed again."""

    def __init__(self, entry: Entry, spool: Spool) -> None:
        self.entry = entry
        self.spool: Spool | None = spool
        self.digester = Digester()
        self.broken: Broken | None = None
        self.found = _NOT_READ
        self.no_room = "its bytes were not kept"

    def read(self, meter: t.Callable[[Iterator[bytes]], Iterator[bytes]], *, whole: bool, keep: bool) -> bool:
        """Read it to its end; not ``whole``, only as far as it takes to see that it is no container."""
        known = False
        try:
            for chunk in meter(self.entry.chunks()):
                self.digester.update(chunk)
                self._put(chunk)
                if not known and self.digester.size >= HEAD_BYTES:
                    known = True
                    if not keep and not expandable(self.digester.type_so_far()):
                        self.spool = None
                        if not whole:
                            return False
        except Broken as error:
            self.broken = error
        self.found = self.digester.finish()
        return True

    def _put(self, chunk: bytes) -> None:
        if self.spool is None:
            return
        try:
            self.spool.write(chunk)
        except NoRoom as error:
            self.spool, self.no_room = None, str(error)


class _Names:
    """Tells apart what has one name in one container: the second ``a`` is ``a#2``."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._times: dict[int, int] = {}

    def unique(self, found: Entry | Fault) -> tuple[Steps, bool]:
        """Return its steps, and whether they had to be changed. A remark on an entry gets the name it will have."""
        steps = found.steps
        mark = _mark(steps)
        if mark not in self._seen:
            if isinstance(found, Entry) or found.counts:
                self._seen.add(mark)
            return steps, False
        count = self._times.get(mark, 1)
        while True:
            count += 1
            other = (*steps[:-1], bounded(steps[-1] + b"#%d" % count))
            if _mark(other) not in self._seen:
                break
        if isinstance(found, Entry) or found.counts:
            self._times[mark] = count
            self._seen.add(_mark(other))
        return other, True


def _mark(steps: Steps) -> int:
    """Eight bytes instead of a name: a million names are held at once."""
    return int.from_bytes(hashlib.blake2b(b"\0".join(steps), digest_size=8).digest(), "big")


def clean(text: str) -> str:
    """Return text that fits a ``Trouble``: libraries quote foreign bytes in their messages."""
    return text.encode("utf-8", "backslashreplace").decode()[:1000]
