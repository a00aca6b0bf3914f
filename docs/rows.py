"""Write ``docs/rows.md``: every table, its columns, what they mean, and where they lead.

Usage: ``python docs/rows.py > docs/rows.md``. Everything stands in the row types; this only sets it in tables.
"""  # noqa: INP001 - docs is a folder of pages and scripts, not a package

from __future__ import annotations

import ast
import datetime as dt
import importlib
import inspect
import re
import sys
import textwrap
import types
import typing as t

from vigie import steps
from vigie.kernel.stage import STAGES
from vigie.rows.base import Row, Size, links

ROOMS = (
    "evidence", "artefacts", "fingerprints", "matches", "groups", "leads", "problems",
    "people", "copies", "persons", "roles", "uploads", "countries",
    "ledgers", "given", "wallets", "sightings", "derived", "payments", "tags", "clusters", "paths",
    "truth", "people_truth", "chain_truth",
)  # fmt: skip
"""By strand: media and what all share, people, money; then what the sample knows."""
BY_HAND = {
    "item": "`vigie add`",
    "found": "`vigie add`",
    "listfile": "`vigie lists add`",
    "ipfile": "`vigie geo add`",
    "packfile": "`vigie tags add`",
    "given": "`vigie give`",
    "ledger": "`vigie chain use`, `vigie chain fetch`",
}
"""Tables that no stage writes, or not a stage alone."""
PLAIN = {str: "text", int: "integer", float: "number", bool: "yes or no", bytes: "bytes", dt.datetime: "UTC time"}

HEAD = """\
# The tables

Made by `python docs/rows.py > docs/rows.md` from the row types in `src/vigie/rows`; do not edit.

Each table is one or more Parquet files below `tables/<table>/` of a case. `key` is the first 16 bytes of SHA-256 over
the table's name and the natural key (marked `*`); it is left out below. An arrow is a link that `vigie explain`
follows. Digests and hashes are bytes of fixed width; times are UTC in microseconds. `or null`: a value may be absent.
"""


def page() -> str:
    """Return the whole page."""
    steps.load()
    out = [HEAD]
    for room in ROOMS:
        module = importlib.import_module(f"vigie.rows.{room}")
        out.append(f"## {inspect.getdoc(module)}\n")
        out.extend(_table(row) for row in vars(module).values() if _is_own(row, module))
    return "\n".join(out)


def _is_own(value: t.Any, module: types.ModuleType) -> bool:
    return isinstance(value, type) and issubclass(value, Row) and value.__module__ == module.__name__


def _table(row: type[Row]) -> str:
    hints, leads, meaning = t.get_type_hints(row, include_extras=True), links(row), _meanings(row)
    lines = [f"### {row.table()}\n", _flat(inspect.getdoc(row) or ""), "", _made_by(row), ""]
    lines += ["| column | type | meaning |", "|---|---|---|"]
    for name in row.__struct_fields__:
        if name == "key":
            continue
        star = "*" if name in row.NATURAL else ""
        lead = f"→ {leads[name].row}.{leads[name].by}" if name in leads else ""
        said = " ".join(part for part in (lead, meaning.get(name, "")) if part)
        lines.append(f"| `{name}`{star} | {_type(hints[name])} | {said} |")
    return "\n".join([*lines, ""])


def _made_by(row: type[Row]) -> str:
    by_stage = [f"stage `{stage.name}`" for stage in STAGES.values() if row in stage.writes]
    by_hand = [BY_HAND[row.table()]] if row.table() in BY_HAND else []
    by_hand += ["`vigie sample`"] if row.table().startswith("truth") else []
    made = "all reading stages and `vigie add`" if row.table() == "problem" else ", ".join(by_hand + sorted(by_stage))
    readers = sorted(f"`{s.name}`" for s in STAGES.values() if row in s.reads.values())
    return f"Written by {made}." + (f" Read by {', '.join(readers)}." if readers else "")


def _meanings(row: type[Row]) -> dict[str, str]:
    """Return column -> the text that stands below it in the source."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(row))).body
    if not isinstance(body, ast.ClassDef):
        raise TypeError(f"{row.__name__} is no class")
    out = {}
    for one, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and isinstance(after, ast.Expr):
            out[one.target.id] = _flat(ast.literal_eval(after.value))
    return out


def _flat(text: str) -> str:
    return re.sub(r"``", "`", re.sub(r"\s+", " ", text)).replace("|", "\\|").strip()


def _type(hint: t.Any) -> str:
    if t.get_origin(hint) is t.Annotated:
        base, *notes = t.get_args(hint)
        sizes = [note.bytes for note in notes if isinstance(note, Size)]
        return f"{sizes[0]} bytes" if sizes else _type(base)
    if t.get_origin(hint) in (t.Union, types.UnionType):
        (inner,) = (one for one in t.get_args(hint) if one is not type(None))
        return f"{_type(inner)} or null"
    return PLAIN[hint]


if __name__ == "__main__":
    sys.stdout.write(page())
