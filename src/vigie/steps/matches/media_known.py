"""Hash lists, read once and sorted: the entries are rows like any others, and each says where it stands in its list."""

from collections.abc import Iterator

import msgspec

from vigie.kernel.blob import digest_of, open_original
from vigie.kernel.evidence import Evidence, Pace
from vigie.kernel.stage import Params, Unit, stage
from vigie.kernel.table import Table
from vigie.rows import locator
from vigie.rows.matches import HashList, Known, ListFile
from vigie.rows.problems import Problem
from vigie.rows.wire import Entry, Failed, ListHead, ReadList, Trouble
from vigie.steps.matches.known_entries import known_rows

PART_ROWS = 4_000


class ReadKnown(Params, frozen=True):
    """Settings. The slowest format reads some MB/s (docs/lists.md), and lists grow to gigabytes."""

    pace: Pace = Pace(wall_s=120, wall_s_per_mb=5.0, most_wall_s=1e6, memory_mb=2048, output_mb=1 << 20)


@stage(split="key", unit="list", each=True, plan="select * from lists")
def known(lists: Table[ListFile], evidence: Evidence, params: ReadKnown) -> Iterator[Unit[HashList | Known | Problem]]:
    """Read a list of others: a row for each hash of each entry, a Problem for each entry that does not fit."""
    for one in lists:
        yield from _read(one, evidence, params)


def _read(one: ListFile, evidence: Evidence, params: ReadKnown) -> Iterator[Unit[HashList | Known | Problem]]:
    path = locator.read(one.path)
    name = locator.show(path.rsplit(b"/", 1)[-1])
    rows: list[HashList | Known | Problem] = []

    def problem(number: int, code: str, detail: str, *, counts: bool) -> Problem:
        subject = f"{name}:{number}" if number else name
        return Problem.make(stage="known", subject=subject, code=code, detail=detail, counts=counts, unit=one.key)

    head = ListHead(name=one.name, version=one.version, dated=one.dated, scheme=one.scheme)
    entries = withdrawn = rejected = 0
    categories = False
    try:
        fd = open_original(path)
    except FileNotFoundError:
        yield Unit(key=one.key, rows=[problem(0, "missing", "", counts=True)])
        return
    with open(fd, "rb"):
        if digest_of(fd) != one.sha256:
            yield Unit(key=one.key, rows=[problem(0, "changed", "", counts=True)])
            return
        ask = ReadList(format=one.format, mapping=msgspec.json.decode(one.mapping, type=dict[str, str]), paths=[path])
        limits = params.pace.limits(one.size_bytes)
        for reply in evidence.ask(ask, [fd], limits=limits, readable=[path]):
            if isinstance(reply, ListHead):
                head = _heard(head, reply)
            elif isinstance(reply, Entry):
                entries += 1
                withdrawn += reply.withdrawn
                categories = categories or bool(reply.category)
                rows.extend(known_rows(one.key, one.meaning, reply))
            elif isinstance(reply, Trouble):
                rejected += reply.counts
                rows.append(problem(reply.number, reply.code, reply.detail, counts=reply.counts))
            elif isinstance(reply, Failed):
                rows.append(problem(0, reply.code, reply.detail, counts=True))
            if len(rows) >= PART_ROWS:
                yield Unit(key=one.key, rows=rows, last=False)
                rows = []
    if categories and not head.scheme:
        rows.append(problem(0, "no_scheme", "", counts=False))
    edition = HashList.make(
        list=one.key,
        name=head.name or name,
        version=head.version,
        dated=head.dated,
        format=head.format or one.format,
        meaning=one.meaning,
        scheme=head.scheme,
        sha256=one.sha256,
        size_bytes=one.size_bytes,
        entries=entries,
        withdrawn=withdrawn,
        rejected=rejected,
    )
    yield Unit(key=one.key, rows=[*rows, edition])


def _heard(head: ListHead, more: ListHead) -> ListHead:
    """Add what the list says; what was said before it - by the unit first of all - stands."""
    said = {name: getattr(head, name) or getattr(more, name) for name in head.__struct_fields__}
    return ListHead(**said)
