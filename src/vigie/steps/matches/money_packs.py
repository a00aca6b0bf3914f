"""Files of tags and actors, read once each: what they assert, with source and date, as it stands in them."""

import datetime as dt
import json
import typing as t
from collections.abc import Iterator

from vigie.kernel.blob import digest_of, open_original
from vigie.kernel.columnar import Columns, Untrue, made
from vigie.kernel.evidence import Evidence, Pace
from vigie.kernel.stage import Params, Unit, stage
from vigie.kernel.table import Table
from vigie.rows import locator
from vigie.rows.problems import Problem
from vigie.rows.tags import Actor, Pack, PackFile, Tag
from vigie.rows.wire import ActorEntry, Failed, Form, Portion, ReadTags, Reply, TagsHead, Trouble

TEXTS: t.Final = (
    "label", "source", "currency", "network", "address", "tx_hash", "actor", "category", "concepts", "tag_type",
    "confidence", "abuse", "context",
)  # fmt: skip
NUMBERS: t.Final = ("confidence_level", "is_cluster_definer")
"""Fields that come as texts of whole numbers."""
FORMS: t.Final[dict[str, Form]] = {"lastmod": "whole", "script": "raw"}


EPOCH: t.Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Packs(Params, frozen=True):
    """Settings. Half a million tags in 60 MB take eight seconds of CPU."""

    pace: Pace = Pace(wall_s=60, wall_s_per_mb=2.0, most_wall_s=1e4, memory_mb=6144, output_mb=4096)


@stage(split="key", unit="file", plan="select * from files")
def packs(files: Table[PackFile], evidence: Evidence, params: Packs) -> Iterator[Unit[Pack | Tag | Actor | Problem]]:
    """Read files of tags or actors; a tag whose fields do not fit the schema is left out and told."""
    for one in files:
        yield from _Reader(one).read(_replies(one, evidence, params.pace))


def _replies(one: PackFile, evidence: Evidence, pace: Pace) -> Iterator[Reply]:
    try:
        fd = open_original(locator.read(one.path))
    except FileNotFoundError:
        yield Failed(code="missing")
        return
    with open(fd, "rb"):
        if digest_of(fd) != one.sha256:
            yield Failed(code="changed")
            return
        given = json.loads(one.given)
        name = locator.read(one.path).rsplit(b"/", 1)[-1].decode(errors="replace")
        ask = ReadTags(format=one.format, name=name, say=given["say"], columns=given["columns"])
        yield from evidence.ask(ask, [fd], limits=pace.limits(one.size_bytes))


class _Reader:
    """Makes rows of what the cell answers of one file."""

    def __init__(self, file: PackFile) -> None:
        self.file = file
        self.head: TagsHead | None = None
        self.waiting: Columns | None = None
        self.tags = self.actors = 0

    def read(self, replies: Iterator[Reply]) -> Iterator[Unit[t.Any]]:
        """Give the rows as they come."""
        rows: list[Pack | Actor | Problem] = []
        try:
            for reply in replies:
                if isinstance(reply, TagsHead):
                    rows.append(self._begin(reply))
                elif isinstance(reply, Portion):
                    if self._add(reply):
                        yield self._flush()
                elif isinstance(reply, ActorEntry):
                    rows.append(self._actor(reply))
                elif isinstance(reply, Trouble | Failed):
                    counts = isinstance(reply, Failed) and self.head is None
                    rows.append(self._problem(reply.code, reply.detail, _number(reply), counts=counts))
            if self.waiting and self.waiting.rows:
                yield self._flush()
            if self.head and (self.tags, self.actors) != (self.head.tags, self.head.actors):
                raise Untrue("another number of tags or actors than was said")  # noqa: TRY301 - told like the others
        except Untrue as error:
            rows.append(self._problem("protocol", str(error), counts=self.head is None))
        yield Unit(key=self.file.key, rows=rows)

    def _begin(self, head: TagsHead) -> Pack:
        wanted = [*TEXTS, *NUMBERS, *FORMS] if head.tags else []
        if self.head or sorted([*head.columns, *head.same]) != sorted(wanted) or set(FORMS) & set(head.same):
            raise Untrue("other fields than a tag has")
        if any(not head.same.get(name, "0").isdecimal() for name in NUMBERS):
            raise Untrue("a level that is no number")
        self.head = head
        self.waiting = Columns([FORMS.get(name, "text") for name in head.columns])
        return Pack.make(
            file=self.file.key,
            format=head.format,
            title=head.title,
            creator=head.creator,
            description=head.description,
            sha256=self.file.sha256,
            private=self.file.private,
            tags=head.tags,
            actors=head.actors,
            rejected=head.rejected,
        )

    def _add(self, portion: Portion) -> bool:
        if self.waiting is None or portion.number != self.tags:
            raise Untrue("tags out of their order")
        full = self.waiting.add(portion)
        self.tags += len(portion.places) // 8
        return full

    def _flush(self) -> Unit[t.Any]:
        """Make rows of the tags that wait."""
        if self.head is None or self.waiting is None:
            raise Untrue("tags without a head")
        at = {name: f"c{place}" for place, name in enumerate(self.head.columns)}
        number = ", ".join(
            f"{f'try_cast({at[name]} as bigint)' if name in at else self.head.same[name]}"
            f"{' <> 0' if name == 'is_cluster_definer' else ''} as {name}"
            for name in NUMBERS
        )
        when, script = at["lastmod"], at["script"]
        sql = f"select number, {number}, make_timestamptz({when}) as lastmod, {script} as script from batch"
        plain = {name: column for name, column in at.items() if name in TEXTS}
        fixed = {name: value for name, value in self.head.same.items() if name in TEXTS}
        table = made(Tag, sql, self.waiting.take(), plain=plain, fixed={**fixed, "file": self.file.key})
        return Unit(key=self.file.key, rows=[], tables=[table], last=False)

    def _actor(self, one: ActorEntry) -> Actor:
        if self.head is None:
            raise Untrue("an actor without a head")
        self.actors += 1
        said = {name: getattr(one, name) for name in one.__struct_fields__ if name != "lastmod"}
        when = None if one.lastmod is None else EPOCH + dt.timedelta(microseconds=one.lastmod)
        return Actor.make(file=self.file.key, lastmod=when, **said)

    def _problem(self, code: str, detail: str, number: str = "", *, counts: bool) -> Problem:
        subject = f"{self.file.path}{number}"
        return Problem.make(stage="packs", subject=subject, code=code, detail=detail, counts=counts, unit=self.file.key)


def _number(reply: Trouble | Failed) -> str:
    return f":{reply.number}" if isinstance(reply, Trouble) and reply.number else ""
