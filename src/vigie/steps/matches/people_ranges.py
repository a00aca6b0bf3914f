"""Databases of IP networks, read once: their ranges are packed rows, and each says from which file it is."""

import datetime as dt
from collections.abc import Iterator

from vigie.kernel.blob import digest_of, open_original
from vigie.kernel.evidence import Evidence, Pace
from vigie.kernel.stage import Params, Unit, stage
from vigie.kernel.table import Table
from vigie.rows import locator
from vigie.rows.countries import RANGE_BYTES, IpBase, IpFile, IpRanges
from vigie.rows.problems import Problem
from vigie.rows.wire import Failed, Ranges, RangesHead, ReadRanges, Reply, Trouble


class ReadIpRanges(Params, frozen=True):
    """Settings. A city database of 70 MB takes half a minute, most of it for its records (docs/countries.md)."""

    pace: Pace = Pace(wall_s=120, wall_s_per_mb=5.0, most_wall_s=1e5, memory_mb=4096, output_mb=1024)


@stage(split="key", unit="file", each=True, plan="select * from files")
def ranges(
    files: Table[IpFile], evidence: Evidence, params: ReadIpRanges
) -> Iterator[Unit[IpBase | IpRanges | Problem]]:
    """Read a file about IP networks: its ranges, disjoint and in order, and what it says of itself."""
    for one in files:
        yield Unit(key=one.key, rows=list(_rows(one, _replies(one, evidence, params.pace))))


def _replies(one: IpFile, evidence: Evidence, pace: Pace) -> Iterator[Reply]:
    try:
        fd = open_original(locator.read(one.path))
    except FileNotFoundError:
        yield Failed(code="missing")
        return
    with open(fd, "rb"):
        if digest_of(fd) != one.sha256:
            yield Failed(code="changed")
            return
        yield from evidence.ask(ReadRanges(flag=one.flag), [fd], limits=pace.limits(one.size_bytes))


def _rows(one: IpFile, replies: Iterator[Reply]) -> Iterator[IpBase | IpRanges | Problem]:
    told = False
    for reply in replies:
        if isinstance(reply, RangesHead):
            told = True
            yield _base(one, reply)
            if reply.overlaps:
                detail = f"{reply.overlaps} of them"
                yield _problem(one, Trouble(code="overlap", detail=detail, counts=False))
        elif isinstance(reply, Ranges):
            if len(reply.data) % RANGE_BYTES:
                yield _problem(one, Failed(code="protocol", detail="a part of a range"))
                return
            yield IpRanges.make(file=one.key, number=reply.number, ranges=reply.data)
        elif isinstance(reply, Trouble | Failed):
            yield _problem(one, reply, counts=isinstance(reply, Failed) and not told)


def _base(one: IpFile, head: RangesHead) -> IpBase:
    name = one.name or head.name or locator.read(one.path).rsplit(b"/", 1)[-1].decode("utf-8", "replace")
    counts = {field: getattr(head, field) for field in ("ipv4", "ipv6", "countries", "rejected", "overlaps")}
    return IpBase.make(
        file=one.key,
        name=name.replace(",", " "),  # commas stand between sources
        dated=dt.datetime.fromisoformat(one.dated or head.dated).replace(tzinfo=dt.UTC),
        format=head.format,
        about=head.about,
        sha256=one.sha256,
        size_bytes=one.size_bytes,
        **counts,
    )


def _problem(one: IpFile, reply: Trouble | Failed, *, counts: bool = False) -> Problem:
    number = f":{reply.number}" if isinstance(reply, Trouble) and reply.number else ""
    return Problem.make(
        stage="ranges",
        subject=f"{one.path}{number}",
        code=reply.code,
        detail=reply.detail,
        counts=counts,
        unit=one.key,
    )
