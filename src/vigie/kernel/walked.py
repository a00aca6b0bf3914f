"""Walking a container in the cell, and getting on where the cell dies over a part of it."""

from __future__ import annotations

import typing as t

import msgspec

from vigie.kernel.blob import Blob, Lost, Spool
from vigie.rows import locator
from vigie.rows.content_types import kind_of
from vigie.rows.wire import Bounds, Data, Expand, Failed, Member, Tallied, Trouble

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from vigie.kernel.evidence import Evidence, Pace
    from vigie.rows.artefacts import File
    from vigie.rows.evidence import Original

Steps: t.TypeAlias = tuple[bytes, ...]
Got: t.TypeAlias = "tuple[File, Blob | Lost]"

MOST_LOSSES = 16
"""Deaths of a cell inside one container after which the rest of it is given up."""
SCRATCH_FILES = 9
"""One for each depth a container may be found at, and one more."""
DEATHS = frozenset({"crashed", "timeout", "cpu_limit", "memory_limit", "forbidden_syscall", "protocol", "output_limit"})
NO_LIMIT = 1 << 62
"""Of output: the bounds on unfolding limit what a container may give."""


class _Progress:
    """Where a walk is: what has been answered, and what may have killed the cell."""

    def __init__(self, *, delivers: bool) -> None:
        self.delivers = delivers
        self.next = 0
        self.lose: list[int] = []
        self._last: int | None = None
        self._around: dict[int, int | None] = {}
        self._inside: int | None = None

    def note(self, reply: Member | Data | Tallied | Trouble) -> None:
        """Count an answer. A member whose bytes follow is answered with the last of them."""
        if isinstance(reply, Member):
            self._last, self._inside = reply.number, reply.inside
            self.next = reply.number if self.delivers else reply.number + 1
            if kind_of(reply.content_type) == "container":
                self._around[reply.number] = reply.inside
        elif isinstance(reply, Data):
            self.next += reply.last
        elif isinstance(reply, Trouble) and reply.counts:
            self.next = reply.number + 1

    def give_up_one(self) -> bool:
        """Choose what to leave out next: the next member, the one just gone into, then what lies round it."""
        at, chain = self._inside, list[int]()
        while at is not None:
            chain.append(at)
            at = self._around.get(at)
        suspects = [one for one in (self.next, self._last, *chain) if one is not None and one not in self.lose]
        if not suspects or len(self.lose) == MOST_LOSSES:
            return False
        self.lose.append(suspects[0])
        return True


def expand(
    evidence: Evidence,
    original: Original,
    segments: Sequence[Original],
    *,
    bounds: Bounds,
    pace: Pace,
    want: list[list[bytes]] | None = None,
) -> Iterator[Member | Data | Tallied | Trouble | Failed]:
    """Walk a container. Where a cell dies over a member, that member is lost and the walk goes on behind it.

    A last ``Failed`` says that the container as a whole could not be walked to its end; nothing else marks the end.
    Raises ``OSError`` where an original cannot be opened.
    """
    paths = [evidence.path(one.item, one.path) for one in (original, *segments)]
    size = sum(one.size_bytes for one in (original, *segments))
    limits = msgspec.structs.replace(pace.limits(size, file_bytes=bounds.member_bytes), output_bytes=NO_LIMIT)
    progress = _Progress(delivers=want is not None)
    while True:
        ask = Expand(
            content_type=original.content_type,
            paths=paths,
            want=want,
            skip=progress.next,
            lose=progress.lose,
            secrets=list(evidence.secrets),
            bounds=bounds,
        )
        end: Failed | None = None
        with evidence.opened(paths) as (fds, readable):
            for reply in evidence.ask(ask, fds, limits=limits, readable=readable, scratch=SCRATCH_FILES):
                if isinstance(reply, Member | Data | Tallied | Trouble):
                    progress.note(reply)
                    yield reply
                elif isinstance(reply, Failed):
                    end = reply
        if end is None:
            return
        if end.code not in DEATHS or not progress.give_up_one():
            yield end
            return


def deliver(
    evidence: Evidence,
    original: Original,
    segments: Sequence[Original],
    files: Sequence[File],
    *,
    bounds: Bounds,
    pace: Pace,
) -> Iterator[Got]:
    """Give the bytes of members of one container, each once; ``Lost`` for those that do not come."""
    below = len(evidence.place(original.item, original.path))
    due = _Due({locator.split(file.locator)[below:]: file for file in files}, evidence.tmp)
    reason = Lost(code="missing", detail="the container no longer gives this member")
    try:
        steps = [list(one) for one in due.left]
        for reply in expand(evidence, original, segments, bounds=bounds, pace=pace, want=steps):
            if isinstance(reply, Failed):
                reason = Lost(code=reply.code, detail=reply.detail)
            else:
                yield from due.take(reply)
    except FileNotFoundError:
        reason = Lost(code="missing")
    except OSError as error:
        reason = Lost(code="unreadable", detail=error.strerror or "")
    finally:
        due.drop()
    for file in due.left.values():
        yield file, reason


class _Due:
    """Members that were asked for and have not come yet."""

    def __init__(self, left: dict[Steps, File], tmp: Path) -> None:
        self.left = left
        self._tmp = tmp
        self._at: Steps | None = None
        self._spool: Spool | None = None

    def take(self, reply: Member | Data | Tallied | Trouble) -> Iterator[Got]:
        """Take an answer of the cell; yield what is complete with it."""
        if isinstance(reply, Member):
            self.drop()
            if tuple(reply.steps) in self.left:
                self._at, self._spool = tuple(reply.steps), Spool(self._tmp)
        elif isinstance(reply, Trouble):
            if reply.counts and tuple(reply.steps) in self.left:
                yield self.left.pop(tuple(reply.steps)), Lost(code=reply.code, detail=reply.detail)
        elif isinstance(reply, Data) and self._spool and self._at:
            self._spool.add(reply.data)
            if reply.last:
                blob, file = self._spool.blob(), self.left.pop(self._at)
                self._spool = self._at = None
                yield file, _same(file, blob)

    def drop(self) -> None:
        """Forget a member of which only a part has come."""
        if self._spool:
            self._spool.drop()
        self._spool = self._at = None


def _same(file: File, blob: Blob) -> Blob | Lost:
    if blob.sha256 == file.sha256:
        return blob
    blob.close()
    return Lost(code="changed", detail=f"SHA-256 is {blob.sha256.hex()}, was {file.sha256.hex()}")
