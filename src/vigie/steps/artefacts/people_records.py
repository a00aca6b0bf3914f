"""What the database of a platform holds, row by row, in the terms of ``rows.people``: accounts, posts, log-ins ..."""

from __future__ import annotations

import collections
import concurrent.futures
import typing as t
from collections.abc import Iterator

import msgspec
import numpy as np

from vigie.forums.mapping import from_json
from vigie.forums.reading import Reading, readings
from vigie.kernel import vault
from vigie.kernel.blob import Blob, Lost
from vigie.kernel.columnar import Columns, Untrue, bounded, made, numbers, texts
from vigie.kernel.evidence import Evidence, Pace
from vigie.kernel.stage import Params, Unit, stage
from vigie.kernel.table import Table, columns, look, query
from vigie.rows.artefacts import Bundle, BundleFile, Field, File, Relation
from vigie.rows.base import Row
from vigie.rows.evidence import Original
from vigie.rows.people import (
    IDENTIFIERS,
    SECRETS,
    Account,
    Attachment,
    Complaint,
    Event,
    Grant,
    Membership,
    Mention,
    Message,
    Moderation,
    Payment,
    Platform,
    Post,
    Profile,
    Recipient,
    Secret,
    Section,
    Taken,
    Topic,
    Usergroup,
)
from vigie.rows.problems import Problem
from vigie.rows.wire import (
    Bounds,
    Extent,
    Extract,
    Failed,
    Mentions,
    Portion,
    Reply,
    Trouble,
    WantedColumn,
    Wish,
    Withheld,
)
from vigie.steps import odd_values
from vigie.steps.bundle_files import Pair, files_of
from vigie.steps.bundle_files import Reader as BundleReader
from vigie.steps.opened import opened

MOST_SECRETS = 100_000
Beginning = t.Annotated[str, msgspec.Meta(pattern="^[0-9a-fA-F]{6,64}$")]
"""Hex digits with which a digest begins."""
MAKING = 2
"""Batches of which rows are being made or that wait for it: bounds the memory."""


class Records(Params, frozen=True):
    """Settings. A dump is read at 50 MB/s and more; one of the shortest statements there are at 1."""

    bounds: Bounds = Bounds()
    pace: Pace = Pace(wall_s=120, wall_s_per_mb=5.0, most_wall_s=1e6, memory_mb=1024, output_mb=1 << 24)
    opening: Pace = Pace(wall_s=60, wall_s_per_mb=0.5, most_wall_s=1e6, memory_mb=2048)
    charsets: dict[Beginning, str] = msgspec.field(default_factory=dict)
    """How a dump's SHA-256 begins -> character set, as MySQL calls it, of values that are no text in the one that the
    dump names."""

    def otherwise(self, content: bytes) -> str:
        """Return the character set for a dump; ``""``: none is given."""
        return next((name for digits, name in self.charsets.items() if content.hex().startswith(digits.lower())), "")


@stage(
    split="key", unit="platform", together="content", soon=True, plan="select * from platforms order by content, key"
)
def records(
    platforms: Table[Platform],
    files: Table[File],
    originals: Table[Original],
    fields: Table[Field],
    relations: Table[Relation],
    bundles: Table[Bundle],
    bundlefiles: Table[BundleFile],
    evidence: Evidence,
    params: Records,
) -> Iterator[
    Unit[
        Account | Profile | Usergroup | Membership | Grant | Section | Topic | Post | Message | Recipient | Event
        | Attachment | Payment | Moderation | Complaint | Mention | Secret | Taken | Problem
    ]
]:  # fmt: skip
    """Read of each platform's dump what its mapping names, in columns, and make rows of it by the mapping's rules."""
    of_content: dict[bytes, list[Platform]] = {}
    for one in platforms:
        of_content.setdefault(one.content, []).append(one)
    lying = query(File, _LYING, f=files, p=platforms)
    for file, blob in opened(lying, originals, evidence, bounds=params.bounds, pace=params.opening):
        for platform in of_content[file.sha256]:
            if isinstance(blob, Lost):
                yield _ended(platform, [], _problem(file.locator, platform, blob.code, blob.detail, counts=True))
                continue
            reader = _Reader(platform, file.locator, fields, params.otherwise(platform.content))
            yield from reader.read(_told(file, blob, reader.ask(), evidence, params.pace), evidence)
    for bundle in query(Bundle, "select * from b where content in (select content from p)", b=bundles, p=platforms):
        mine = files_of(bundle.content, bundlefiles)
        for platform in of_content[bundle.content]:
            reader = _Reader(platform, bundle.folder, fields, params.otherwise(platform.content))
            pairs = BundleReader(mine, files, originals, evidence, bounds=params.bounds, pace=params.opening)
            named = reader.files(relations)
            told = _told_beside(pairs.rows(set(named.values())), named, reader.ask(), evidence, params.pace)
            yield from reader.read(told, evidence)


def _told(file: File, blob: Blob, ask: Extract, evidence: Evidence, pace: Pace) -> Iterator[Reply]:
    """Give what the cell answers of a dump in one file."""
    before = blob.state()
    ask = msgspec.structs.replace(ask, content_type=file.content_type)
    yield from evidence.ask(ask, [blob.fd], limits=pace.limits(blob.size_bytes))
    if blob.state() != before:
        yield Trouble(code="changed", detail="while it was read")


def _told_beside(
    pairs: Iterator[Pair], named: dict[str, str], ask: Extract, evidence: Evidence, pace: Pace
) -> Iterator[Reply]:
    """Give what the cell answers of each file with rows of a dump in several.

    ``named``: table -> file. Each is asked for the tables that lie in it alone: it may hold rows of others, too, which
    were not counted, and are numbered anew.
    """
    for pair in pairs:
        name = pair.file.name
        if pair.lost:
            yield Failed(code=pair.lost.code, detail=f"{name}: {pair.lost.detail}")
            continue
        before = pair.state()
        mine = [at for at, one in enumerate(ask.wishes) if named.get(one.relation) == name]
        wishes = [ask.wishes[at] for at in mine]
        some = msgspec.structs.replace(ask, content_type=pair.content_type, beside=name, wishes=wishes)
        for reply in evidence.ask(some, pair.fds, limits=pace.limits(pair.size_bytes)):
            if isinstance(reply, Failed):
                yield Failed(code=reply.code, detail=f"{name}: {reply.detail}")
            elif isinstance(reply, Portion | Mentions | Withheld | Extent):
                if reply.wish >= len(mine):
                    raise Untrue("of a table that was not asked for")
                yield msgspec.structs.replace(reply, wish=mine[reply.wish])
            else:
                yield reply
        if pair.state() != before:
            yield Trouble(code="changed", detail=f"{name}: while it was read")


_LYING = """
    select * from f semi join p on p.content = f.sha256
    qualify row_number() over (partition by sha256 order by depth, locator) = 1
    order by depth > 0, original, locator
"""


class _Made(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that were made of some rows of one table of the dump."""

    reading: int
    rows: int
    """Of the dump."""
    unit: Unit[t.Any]
    left: list[int]
    """By each rule, rows of the dump of which none came."""


class _Reader:
    """Reads one platform."""

    def __init__(self, platform: Platform, locator: str, fields: Table[Field], otherwise: str = "") -> None:
        """``locator``: of the dump. ``otherwise``: character set of values that are no text in the dump's own."""
        self.platform, self.locator, self.otherwise = platform, locator, otherwise
        named: dict[str, list[str]] = {}
        mine = f"select * from f where content = unhex('{platform.content.hex()}') order by relation, number"
        for one in query(Field, mine, f=fields):
            named.setdefault(one.relation, []).append(one.name)
        self.readings = readings(from_json(platform.mapping), platform.prefix, named, platform.key)
        self._waiting = [Columns([column.form for column in one.wanted]) for one in self.readings]
        self._made = [[0] * len(one.selects) for one in self.readings]
        self._left = [[0] * len(one.selects) for one in self.readings]
        self._read = [0] * len(self.readings)
        self._kept = [0] * len(self.readings)
        self._lost: list[odd_values.Times] = [{} for _ in self.readings]
        self._making: collections.deque[concurrent.futures.Future[_Made]] = collections.deque()
        self._secrets: list[Secret] = []

    def ask(self) -> Extract:
        """Return what is wanted of the dump; of what type it is, is not said yet."""
        return Extract(content_type="", wishes=[_wish(one) for one in self.readings], otherwise=self.otherwise)

    def files(self, relations: Table[Relation]) -> dict[str, str]:
        """Return the tables that are wanted, and in which file each lies, of a dump in several."""
        mine = f"select * from r where content = unhex('{self.platform.content.hex()}') and beside <> ''"
        wanted = {one.relation for one in self.readings}
        return {one.name: one.beside for one in query(Relation, mine, r=relations) if one.name in wanted}

    def read(self, replies: Iterator[Reply], evidence: Evidence) -> Iterator[Unit[t.Any]]:
        """Give the rows as they come, then what became of each table of the dump."""
        problems = list[Problem]()
        # While rows are made of what has come, more is heard: else the cell would wait for each query.
        with concurrent.futures.ThreadPoolExecutor(1) as maker:
            self._maker = maker
            try:
                yield from self._hear(replies, evidence, problems)
            except Untrue as error:
                problems.append(self._problem("protocol", str(error), counts=True))
            finally:
                for waiting in self._making:
                    waiting.cancel()
        for one, lost in zip(self.readings, self._lost, strict=True):
            problems += (self._problem(*said) for said in odd_values.untimed(one.relation, lost))
        rows: list[Taken | Secret] = [*self._taken(), *self._secrets]
        yield _ended(self.platform, rows, *problems)

    def _hear(self, replies: Iterator[Reply], evidence: Evidence, problems: list[Problem]) -> Iterator[Unit[t.Any]]:
        for reply in replies:
            if isinstance(reply, Portion):
                yield from self._add(reply)
            elif isinstance(reply, Mentions):
                yield from self._mention(reply)
            elif isinstance(reply, Withheld):
                problems += self._seal(reply, evidence.vault)
            elif isinstance(reply, Extent):
                problems += self._extent(reply)
            elif isinstance(reply, Trouble | Failed):
                problems.append(self._problem(reply.code, reply.detail, counts=isinstance(reply, Failed)))
        for number in range(len(self.readings)):
            yield from self._flush(number)
        while self._making:
            yield self._given()

    def _given(self) -> Unit[t.Any]:
        """Return the rows that were made first, and count them: what does not get so far is not among those made."""
        made = self._making.popleft().result()
        self._kept[made.reading] += made.rows
        for at, (table, left) in enumerate(zip(made.unit.tables, made.left, strict=True)):
            self._made[made.reading][at] += len(table)
            self._left[made.reading][at] += left
        return made.unit

    def _add(self, portion: Portion) -> Iterator[Unit[t.Any]]:
        if portion.wish >= len(self.readings) or portion.number != self._read[portion.wish] + 1:
            raise Untrue("rows of a table that was not asked for, or out of their order")
        full = self._waiting[portion.wish].add(portion)
        self._read[portion.wish] += len(portion.places) // 8
        if full:
            yield from self._flush(portion.wish)

    def _flush(self, number: int) -> Iterator[Unit[t.Any]]:
        """Have rows made of what waits of one table; give those made before, in their order."""
        if not self._waiting[number].rows:
            return
        self._making.append(self._maker.submit(self._make, number, self._waiting[number].taken()))
        while len(self._making) > MAKING:
            yield self._given()

    def _make(self, number: int, waiting: Columns) -> _Made:
        batch = waiting.take()
        tables: list[Table[Row]] = []
        problems: list[Problem] = []
        counts: list[int] = []

        for select in self.readings[number].selects:
            some, beyond = bounded(batch, select.parts, select.repeated) if select.parts else (batch, 0)
            if beyond:
                detail = f"{self.readings[number].relation}, rule {select.rule}: {beyond} rows"
                problems.append(self._problem("multiplied", detail, counts=True))
            rows = made(select.into, select.sql, some, plain=select.plain, fixed=select.fixed)
            left = look(f"select count(*) as n from batch where {select.left}", batch=some) if select.left else []
            counts.append(beyond + sum(one["n"] for one in left))
            odd_values.times(select, rows, some, self._lost[number])
            tables.append(rows)
        unit: Unit[t.Any] = Unit(key=self.platform.key, rows=problems, tables=tables, last=False)
        return _Made(reading=number, rows=len(batch), unit=unit, left=counts)

    def _mention(self, reply: Mentions) -> Iterator[Unit[t.Any]]:
        if reply.wish >= len(self.readings):
            raise Untrue("identifiers of a table that was not asked for")
        of_wish = self.readings[reply.wish]
        if reply.column >= len(of_wish.wanted):
            raise Untrue("identifiers in a column that was not asked for")
        column, rows = of_wish.wanted[reply.column], len(reply.kinds)
        kinds, of_rows = numbers(reply.kinds, "u1", rows), numbers(reply.numbers, "<i8", rows)
        if not rows or kinds.max() >= len(IDENTIFIERS) or of_rows.min() < 1:
            raise Untrue("identifiers of a kind or a row that there is not, or none")
        if not column.told:
            return
        mentions = columns(
            Mention,
            platform=self.platform.key,
            relation=of_wish.relation,
            number=of_rows,
            column=column.column,
            start=numbers(reply.starts, "<i8", rows),
            kind=np.array(IDENTIFIERS)[kinds].tolist(),
            value=texts(reply.values, rows),
            checked=numbers(reply.checked, "u1", rows) > 0,
            quoted=numbers(reply.quoted, "u1", rows) > 0,
            context=texts(reply.contexts, rows),
        )
        yield Unit(key=self.platform.key, rows=[], tables=[mentions], last=False)

    def _seal(self, reply: Withheld, key: bytes) -> list[Problem]:
        if reply.wish >= len(self.readings) or reply.column >= len(self.readings[reply.wish].wanted):
            raise Untrue("a secret of a column that was not asked for")
        of_wish = self.readings[reply.wish]
        if not key:
            return [self._problem("sealed", of_wish.relation)]
        made = Secret.make(
            platform=self.platform.key,
            relation=of_wish.relation,
            number=reply.number,
            column=of_wish.wanted[reply.column].column,
            start=reply.start,
            kind=SECRETS[reply.kind],
            size_bytes=len(reply.value),
            sealed=b"",
        )
        if len(self._secrets) < MOST_SECRETS:
            sealed = vault.seal(key, reply.value, made.key) if reply.value else b""
            self._secrets.append(msgspec.structs.replace(made, sealed=sealed))
            return []
        return [self._problem("crowded", f"more than {MOST_SECRETS} secrets")]

    def _extent(self, reply: Extent) -> list[Problem]:
        if reply.wish >= len(self.readings) or reply.rows != self._read[reply.wish]:
            raise Untrue("another number of rows than came")
        name, out = self.readings[reply.wish].relation, []
        if reply.cut:
            out.append(self._problem("cut", f"{name}: {reply.cut} values"))
        told = odd_values.told(self.readings[reply.wish], reply.odd, self.platform.content, self.otherwise)
        out += (self._problem(*one) for one in told)
        if reply.crowded:
            out.append(self._problem("crowded", f"{name}: {reply.crowded}"))
        return out

    def _taken(self) -> list[Taken]:
        return [
            Taken.make(
                platform=self.platform.key,
                relation=one.relation,
                rule=select.rule,
                into=select.into.table(),
                read=self._kept[number],
                made=self._made[number][at],
                left=self._left[number][at],
            )
            for number, one in enumerate(self.readings)
            for at, select in enumerate(one.selects)
        ]

    def _problem(self, code: str, detail: str, *, counts: bool = False) -> Problem:
        return _problem(self.locator, self.platform, code, detail, counts=counts)


def _wish(of_reading: Reading) -> Wish:
    wanted = [WantedColumn(name=one.column, form=one.form, search=one.search) for one in of_reading.wanted]
    return Wish(relation=of_reading.relation, columns=wanted)


def _ended(platform: Platform, rows: list[Taken | Secret], *problems: Problem) -> Unit[t.Any]:
    return Unit(key=platform.key, rows=[*rows, *problems])


def _problem(locator: str, platform: Platform, code: str, detail: str, *, counts: bool) -> Problem:
    return Problem.make(stage="records", subject=locator, code=code, detail=detail, counts=counts, unit=platform.key)
