"""The first rows of tables of a dump, read in the cell: what their values look like. The values are not kept."""

from __future__ import annotations

import typing as t

from vigie.forums import shapes
from vigie.forums.words import meaning
from vigie.kernel.blob import Blob, Lost
from vigie.kernel.columnar import Columns, Untrue
from vigie.kernel.errors import UsageError
from vigie.kernel.evidence import Evidence
from vigie.kernel.stage import STAGES
from vigie.kernel.table import look, query
from vigie.rows.artefacts import BundleFile, File, Relation
from vigie.rows.evidence import Original
from vigie.rows.wire import MOST_WANTED_COLUMNS, Extract, Failed, Portion, WantedColumn, Wish
from vigie.steps.artefacts.people_records import Records
from vigie.steps.bundle_files import Reader, files_of
from vigie.steps.opened import opened

if t.TYPE_CHECKING:
    from vigie.forums.shapes import Shape
    from vigie.kernel.case import Case
    from vigie.kernel.engine import Needs
    from vigie.kernel.local import Local
    from vigie.rows.wire import Reply

ROWS: t.Final = 1000
"""Rows of a table that are looked at: the first ones."""
MOST_TABLES: t.Final = 200
FORMS: t.Final[tuple[t.Literal["text", "address"], ...]] = ("text", "address")
"""Each column comes twice: what a value looks like is told by both."""


def sampled(case: Case, worker: Local, wants: Needs, tables: dict[Relation, list[str]]) -> dict[str, dict[str, Shape]]:
    """Return table -> column -> shape for tables of one dump; of columns that are called passwords nothing is read.

    Errors: UsageError where the dump cannot be read any more.
    """
    chosen = sorted((one for one in tables if one.rows), key=lambda one: (-one.rows, one.name))[:MOST_TABLES]
    columns = {one.name: _columns(tables[one]) for one in chosen}
    wishes = [Wish(relation=name, columns=_wanted(given)) for name, given in columns.items()]
    if not wishes:
        return {}
    held = [Columns([column.form for column in wish.columns]) for wish in wishes]
    need = [min(ROWS, one.rows) for one in chosen]
    try:
        _gather(_replies(case, worker, wants, chosen[0].content, wishes), held, need)
        return {
            name: _shapes(given, some) for (name, given), some in zip(columns.items(), held, strict=True) if some.rows
        }
    except Untrue as error:
        raise UsageError(f"The cell answered what cannot be: {error}. Use --no-values to do without.") from None


def _gather(replies: t.Iterator[Reply], held: list[Columns], need: list[int]) -> None:
    """Take rows of each table until there are as many as it needs."""
    for reply in replies:
        if isinstance(reply, Portion) and reply.wish < len(held) and held[reply.wish].rows < need[reply.wish]:
            held[reply.wish].add(reply)
            if all(one.rows >= least for one, least in zip(held, need, strict=True)):
                return


def _columns(names: list[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if meaning(name)[0] != "password"][: MOST_WANTED_COLUMNS // 2]


def _wanted(names: list[str]) -> list[WantedColumn]:
    return [WantedColumn(name=name, form=form) for form in FORMS for name in names]


def _shapes(names: list[str], held: Columns) -> dict[str, Shape]:
    (row,) = look(shapes.select(len(names)), batch=held.take())
    return {name: shapes.read(row, at) for at, name in enumerate(names)}


def _replies(case: Case, worker: Local, wants: Needs, content: bytes, wishes: list[Wish]) -> t.Iterator[Reply]:
    evidence = Evidence(lambda job: worker.cell(job, wants), tmp=wants.tmp, items=wants.items, secrets=wants.secrets)
    settings = STAGES["records"].settings(case.settings.stage.get("records", {}))
    params = settings if isinstance(settings, Records) else Records()
    for locator, ask, fds, size_bytes in _asks(case, evidence, params, content, wishes):
        for reply in evidence.ask(ask, fds, limits=params.pace.limits(size_bytes)):
            if isinstance(reply, Failed):
                text = f"{locator} could not be read: {reply.code} {reply.detail}. Use --no-values to do without."
                raise UsageError(text)
            yield reply


def _asks(
    case: Case, evidence: Evidence, params: Records, content: bytes, wishes: list[Wish]
) -> t.Iterator[tuple[str, Extract, list[int], int]]:
    """Give what is asked of each file of a dump: where it lies, the ask, descriptors, and how many bytes those hold."""
    files, originals = case.read(File), case.read(Original)
    if mine := files_of(content, case.read(BundleFile)):
        relations = look(f"select name, beside from r where content = unhex('{content.hex()}')", r=case.read(Relation))
        names = {one.relation for one in wishes}
        wanted = {one["beside"] for one in relations if one["name"] in names}
        reader = Reader(mine, files, originals, evidence, bounds=params.bounds, pace=params.opening)
        for pair in reader.rows(wanted):
            _had(pair.file.locator, pair.lost)
            ask = Extract(content_type=pair.content_type, wishes=wishes, beside=pair.file.name)
            yield pair.file.locator, ask, pair.fds, pair.size_bytes
    lying = f"select * from f where sha256 = unhex('{content.hex()}') order by depth, original, locator limit 1"
    found = query(File, lying, f=files)
    for file, blob in opened(found, originals, evidence, bounds=params.bounds, pace=params.opening):
        _had(file.locator, blob)
        if isinstance(blob, Blob):
            yield file.locator, Extract(content_type=file.content_type, wishes=wishes), [blob.fd], blob.size_bytes


def _had(locator: str, found: Blob | Lost | None) -> None:
    if isinstance(found, Lost):
        raise UsageError(f"{locator} cannot be read: {found.code} {found.detail}. Use --no-values to do without.")
