"""Hash lists, read once and sorted: the entries are rows like any others, and each says where it stands in its list."""

import typing as t
from collections.abc import Iterator

import msgspec

from vigie.kernel.blob import digest_of, open_original
from vigie.kernel.evidence import Evidence, Pace
from vigie.kernel.stage import Params, Unit, stage
from vigie.kernel.table import Table
from vigie.rows import locator
from vigie.rows.matches import HashList, Known, ListFile, Withdrawal
from vigie.rows.problems import Problem
from vigie.rows.wire import Entry, Failed, ListHead, ReadList, Reply, Trouble

PART_ROWS = 4_000
DIGESTS = ("md5", "sha1", "sha256", "pdq")


class ReadKnown(Params, frozen=True):
    """Settings. The slowest format reads some MB/s (docs/lists.md), and lists grow to gigabytes."""

    pace: Pace = Pace(wall_s=120, wall_s_per_mb=5.0, most_wall_s=1e6, memory_mb=2048, output_mb=1 << 20)


Row: t.TypeAlias = HashList | Known | Withdrawal | Problem


@stage(split="key", unit="list", each=True, plan="select * from lists")
def known(
    lists: Table[ListFile], evidence: Evidence, params: ReadKnown
) -> Iterator[Unit[HashList | Known | Withdrawal | Problem]]:
    """Read a list of others: a row for each hash of each entry, a Problem for each entry that does not fit."""
    for one in lists:
        yield from _units(one, _replies(one, evidence, params.pace))


def _replies(one: ListFile, evidence: Evidence, pace: Pace) -> Iterator[Reply]:
    path = locator.read(one.path)
    try:
        fd = open_original(path)
    except FileNotFoundError:
        yield Failed(code="missing")
        return
    with open(fd, "rb"):
        if digest_of(fd) != one.sha256:
            yield Failed(code="changed")
            return
        ask = ReadList(format=one.format, mapping=msgspec.json.decode(one.mapping, type=dict[str, str]), paths=[path])
        yield from evidence.ask(ask, [fd], limits=pace.limits(one.size_bytes), readable=[path])


def _units(one: ListFile, replies: Iterator[Reply]) -> Iterator[Unit[Row]]:
    """Yield the rows of a list in parts, and with the last part what the list is."""
    reading = _Reading(one)
    rows: list[Row] = []
    for reply in replies:
        rows.extend(reading.rows(reply))
        if len(rows) >= PART_ROWS:
            yield Unit(key=one.key, rows=rows, last=False)
            rows = []
    yield Unit(key=one.key, rows=[*rows, *reading.end()])


class _Reading:
    """Makes rows of replies, and counts."""

    def __init__(self, one: ListFile) -> None:
        self.one = one
        self.head = ListHead(name=one.name, version=one.version, dated=one.dated, scheme=one.scheme)
        self.entries = self.withdrawn = self.rejected = self._number = 0
        self.categories = False

    def rows(self, reply: Reply) -> Iterator[Row]:
        """Yield the rows that one reply makes."""
        if isinstance(reply, ListHead):
            self.head = _heard(self.head, reply)
        elif isinstance(reply, Entry):
            first = reply.number != self._number  # a long video comes in several parts
            self._number = reply.number
            self.entries += first
            self.withdrawn += first and reply.withdrawn
            self.categories = self.categories or bool(reply.category)
            yield from known_rows(self.one.key, self.one.meaning, reply)
            if reply.withdrawn:
                yield from withdrawals(self.one.key, reply)
        elif isinstance(reply, Trouble):
            self.rejected += reply.counts
            yield self._problem(reply.number, reply.code, reply.detail, counts=reply.counts)
        elif isinstance(reply, Failed):
            yield self._problem(0, reply.code, reply.detail, counts=True)

    def end(self) -> Iterator[Row]:
        """Yield what is known of the list once it has been read."""
        if self.categories and not self.head.scheme:
            yield self._problem(0, "no_scheme", "", counts=False)
        yield HashList.make(
            list=self.one.key,
            name=self.head.name or self._file(),
            version=self.head.version,
            dated=self.head.dated,
            format=self.head.format or self.one.format,
            meaning=self.one.meaning,
            scheme=self.head.scheme,
            sha256=self.one.sha256,
            size_bytes=self.one.size_bytes,
            entries=self.entries,
            withdrawn=self.withdrawn,
            rejected=self.rejected,
        )

    def _file(self) -> str:
        return locator.show(locator.read(self.one.path).rsplit(b"/", 1)[-1])

    def _problem(self, number: int, code: str, detail: str, *, counts: bool) -> Problem:
        subject = f"{self._file()}:{number}" if number else self._file()
        return Problem.make(stage="known", subject=subject, code=code, detail=detail, counts=counts, unit=self.one.key)


def _heard(head: ListHead, more: ListHead) -> ListHead:
    """Add what the list says; what was said before it - by the unit first of all - stands."""
    said = {name: getattr(head, name) or getattr(more, name) for name in head.__struct_fields__}
    return ListHead(**said)


def known_rows(list_key: bytes, meaning: str, reply: Entry) -> Iterator[Known]:
    """Yield one row for each digest and PDQ hash of the entry, and one for each frame of a listed video.

    ``list_key``: key of the ``HashList``. ``quality`` is the list's word on the PDQ hash or frame (0-100), and 100 for
    digests, which have none.
    """
    shared = {
        "list": list_key,
        "number": reply.number,
        "entry": reply.entry,
        "meaning": meaning,
        "category": reply.category,
        "series": reply.series,
        "withdrawn": reply.withdrawn,
    }
    for algorithm in DIGESTS:
        value: bytes | None = getattr(reply, algorithm)
        if value is not None:
            quality = reply.quality if algorithm == "pdq" else 100
            yield Known.make(**shared, algorithm=algorithm, value=value, quality=quality, frame=0, at_s=0.0)
    for frame in reply.frames:
        yield Known.make(
            **shared, algorithm="vpdq", value=frame.value, quality=frame.quality, frame=frame.frame, at_s=frame.at_s
        )


def withdrawals(list_key: bytes, reply: Entry) -> Iterator[Withdrawal]:
    """Yield what a withdrawn entry takes back: each of its hashes, or what its identifier names."""
    hashes = [(name, value) for name in DIGESTS if (value := getattr(reply, name)) is not None]
    for algorithm, value in hashes or [("", b"")]:
        yield Withdrawal.make(list=list_key, number=reply.number, entry=reply.entry, algorithm=algorithm, value=value)
