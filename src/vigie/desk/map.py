"""``vigie map``: whose software a dump is, what of it nothing reads, and mappings for that."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import msgspec
import typer

from vigie.desk import output
from vigie.desk.opening import engine, needs, opened, remember, viewed
from vigie.desk.options import Accept, Folder, Json
from vigie.desk.sampling import sampled
from vigie.desk.tables import print_table
from vigie.forums.binding import bound
from vigie.forums.drafting import written
from vigie.forums.guessing import Column
from vigie.forums.mapping import Mapping, parse
from vigie.forums.recognising import candidates
from vigie.forums.suggesting import once, propose
from vigie.kernel import durable, settings
from vigie.kernel.errors import UsageError
from vigie.rows.artefacts import Bundle, Field, File, Relation
from vigie.rows.people import Mapped, Platform
from vigie.steps.artefacts.people_platforms import TEXTS

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case

command = typer.Typer(add_completion=False, help="Databases of platforms: what is read of them, and how.")
Given = t.Annotated[Path, typer.Argument(metavar="FILE", help="A mapping (TOML).", show_default=False)]
NAME: t.Final = re.compile(r"[\w.-]{1,100}")
BLOCK: t.Final = "vigie map use"


@command.command("show")
def show(folder: Folder, as_json: Json = False) -> None:
    """Show the platforms, by what each was recognised, and the tables and columns that nothing reads."""
    case = viewed(folder)
    platforms = sorted(case.read(Platform), key=lambda one: (one.content, one.prefix, one.software))
    idle = _unread(case)
    if as_json:
        shown = [{name: getattr(one, name) for name in one.__struct_fields__ if name != "mapping"} for one in platforms]
        unread = [
            {"content": one.content.hex(), "relation": one.name, "rows": one.rows, "columns": columns, "whole": whole}
            for one, columns, whole in idle
        ]
        output.document("map show", platforms=shown, unread=unread)
        return
    tables: dict[bytes, set[str]] = {}
    for column in case.read(Mapped):
        tables.setdefault(column.platform, set()).add(column.relation)
    rows = [
        [one.content.hex()[:12], one.prefix, one.title, f"{one.score:.2f}", one.missing, f"{len(tables[one.key])}"]
        for one in platforms
    ]
    print_table(
        "Platforms", ["content", "prefix", "software", "score>", "missing of what tells it", "tables read>"], rows
    )
    for title, wanted in (
        ("Tables that nothing reads", True),
        ("Columns that nothing reads, of other tables", False),
    ):
        rows = [
            [one.content.hex()[:12], one.name, f"{one.rows:,}", ", ".join(columns)]
            for one, columns, whole in idle
            if whole == wanted
        ]
        print_table(title, ["content", "table", "rows>", "columns"], rows)
    if any(whole and one.rows for one, _, whole in idle):
        output.emit(f"How these may be read: vigie map suggest {output.quoted(folder)}")


@command.command("suggest")
def suggest(
    folder: Folder,
    content: t.Annotated[
        str, typer.Option(metavar="HEX", help="Of which dump: the start of its SHA-256.", show_default="the only one")
    ] = "",
    values: t.Annotated[bool, typer.Option("--values/--no-values", help="Look at the first values too.")] = True,
    accept_isolation: Accept = None,
    as_json: Json = False,
) -> None:
    """Propose a mapping for the tables of a dump that nothing reads, each line with its reason. A guess: you decide."""
    case = opened(folder)
    idle = [one for one, _, whole in _unread(case) if whole and one.content.hex().startswith(content.lower())]
    dumps = sorted({one.content.hex() for one in idle})
    if not dumps:
        raise UsageError("There is no table that nothing reads." if not content else f"--content {content}: none such.")
    if len(dumps) > 1:
        lying = sorted((one.locator, one.sha256.hex()) for one in case.read(File))
        lying += [(one.folder, one.content.hex()) for one in case.read(Bundle)]
        names = {content: locator for locator, content in reversed(lying) if content in dumps}
        listed = ", ".join(f"{one[:12]} ({output.clean(names.get(one, '?'))})" for one in dumps)
        raise UsageError(f"Of which dump? Give one with --content: {listed}")
    tables = _columns(case, idle)
    shapes = {}
    if values:
        wants = needs(case, accept=accept_isolation)
        with engine(case, 1) as worker:
            given = {one: [column.name for column in columns] for one, columns in tables.items()}
            shapes = sampled(case, worker, wants, given)
    prefixes = sorted(
        (one.prefix for one in case.read(Platform) if one.content.hex() == dumps[0]), key=len, reverse=True
    )
    schema = _schema([one.name for one in tables])
    stem = _stem(case, dumps[0])
    proposals = []
    for one, columns in tables.items():
        seen = [Column(name=c.name, type=c.type, shape=shapes.get(one.name, {}).get(c.name)) for c in columns]
        begin = next((prefix for prefix in prefixes if one.name.startswith(prefix)), schema)
        if one.dialect in TEXTS:  # its table has no name: that of its file says more
            proposals.append(msgspec.structs.replace(propose(stem, seen, one.rows), table=one.name))
        else:
            proposals.append(propose(one.name.removeprefix(begin), seen, one.rows))
    proposals = once(proposals)
    proposals.sort(key=lambda one: (one.confidence != "likely", not one.rules, -one.rows, one.table))
    text = written(proposals, stem if any(one.dialect in TEXTS for one in tables) else "custom")
    if as_json:
        output.document("map suggest", content=dumps[0], mapping=text, proposals=msgspec.to_builtins(proposals))
    else:
        output.emit(text)


@command.command("check")
def check(file: Given, as_json: Json = False) -> None:
    """Read a mapping and say what is wrong with it, with rule, field and place."""
    found = _read(file)
    into = sorted({rule.into for rule in found.rule})
    if as_json:
        output.document("map check", software=found.software, rules=len(found.rule), into=into)
    else:
        output.emit(
            f"{file}: {found.software}, {len(found.rule)} rules, into {', '.join(into)}. Nothing is wrong with it."
        )


@command.command("use")
def use(folder: Folder, file: Given, as_json: Json = False) -> None:
    """Put a mapping into the settings of the case, in place of one of the same file name; the next run reads by it."""
    case = opened(folder)
    found = put(case, file)
    missing = _missing(case, found)
    remember(case.custody, as_json=as_json)
    if as_json:
        output.document("map use", name=file.name, rules=len(found.rule), missing=missing)
        return
    output.emit(f"{output.clean(file.name)} is in case.toml; the log says so. Next: vigie run {output.quoted(folder)}")
    if missing:
        output.emit(f"No dump that was listed so far has: {output.clean(', '.join(missing), most=1000)}")


def put(case: Case, file: Path) -> Mapping:
    """Put a mapping into the settings of a case; it holds from when the case is opened next. Errors: UsageError."""
    found = _read(file)
    text = file.read_text()
    body = f"[[stage.platforms.mappings]]\nname = {settings.quoted(file.name)}\ntext = {settings.quoted(text)}\n"
    _write(case, file.name, body)
    return found


@command.command("drop")
def drop(
    folder: Folder,
    name: t.Annotated[str, typer.Argument(metavar="NAME", help="As given to use.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Take a mapping out of the settings of the case."""
    case = opened(folder)
    if name not in _used(case):
        raise UsageError(f"the case uses no mapping {name!r}; it uses: {', '.join(_used(case)) or 'none'}")
    _write(case, name, "")
    remember(case.custody, as_json=as_json)
    if as_json:
        output.document("map drop", name=name)
    else:
        output.emit(f"{output.clean(name)} is out of case.toml, and the log says so.")


def _stem(case: Case, content: str) -> str:
    """Return the name of the file of a dump without its folder and what stands behind the first dot."""
    lying = min((one.locator for one in case.read(File) if one.sha256.hex() == content), default="")
    return re.split(r"[/!]", lying)[-1].partition(".")[0][:100] or "custom"


def _schema(names: list[str]) -> str:
    """Return the schema or database that all tables are of, with its dot: ``public.``; ``""`` where they differ."""
    schemas = {name.rpartition(".")[0] for name in names}
    (schema,) = schemas if len(schemas) == 1 else ("",)
    return f"{schema}." if schema else ""


def _read(file: Path) -> Mapping:
    if not NAME.fullmatch(file.name):
        raise UsageError(f"{file}: the name of the file is to be made of letters, digits, dots and dashes.")
    try:
        return parse(file.read_text(), file.name)
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: {error}. A mapping is UTF-8.") from None


def _write(case: Case, name: str, body: str) -> None:
    """Change ``case.toml``: the whole of it must read well before it is written; the log takes its digest."""
    file = case.folder / settings.FILE
    with case.alone():
        text = settings.block(file.read_text(), f"{BLOCK}: {name}", body)
        settings.read(text, f"{file}, as it would be")
        durable.write(file, text.encode())
        case.note_settings()


def _used(case: Case) -> list[str]:
    text = (case.folder / settings.FILE).read_text()
    return re.findall(rf"^# >>> {BLOCK}: (.*)$", text, flags=re.MULTILINE)


def _missing(case: Case, mapping: Mapping) -> list[str]:
    """Return the tables and columns of a mapping that the dump which it fits best has not."""
    dumps: dict[bytes, dict[str, list[str]]] = {}
    for one in case.read(Field):
        dumps.setdefault(one.content, {}).setdefault(one.relation, []).append(one.name)
    found = [bound(mapping, one.prefix, tables)[1] for tables in dumps.values() for one in candidates(mapping, tables)]
    return min(found, key=len, default=[])


def _unread(case: Case) -> list[tuple[Relation, list[str], bool]]:
    """Return the tables with columns that nothing reads, those, and whether they are all it has; most rows first."""
    columns: dict[tuple[bytes, str], dict[str, bool]] = {}
    for one in case.read(Mapped):
        met = columns.setdefault((one.content, one.relation), {})
        met[one.column] = met.get(one.column, False) or bool(one.into)
    out = []
    for relation in case.read(Relation):
        met = columns.get((relation.content, relation.name), {})
        idle = sorted(name for name, read in met.items() if not read)
        if idle or not met:
            out.append((relation, idle, len(idle) == len(met)))
    return sorted(out, key=lambda one: (one[0].content, -one[0].rows, one[0].name))


def _columns(case: Case, tables: list[Relation]) -> dict[Relation, list[Field]]:
    fields: dict[tuple[bytes, str], list[Field]] = {}
    for one in case.read(Field):
        fields.setdefault((one.content, one.relation), []).append(one)
    return {one: sorted(fields.get((one.content, one.name), []), key=lambda f: f.number) for one in tables}
