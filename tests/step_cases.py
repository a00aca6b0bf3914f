"""A step tested by data: tables in, tables out, one JSON object a line, in a folder ``cases/<name>``.

``case.json`` names the stage and its settings; ``<table>.jsonl`` are the rows it reads, ``expected.<table>.jsonl``
those it must give. Fields that do not matter are left out of inputs and stand at their plainest value. Bytes are
written short: ``"A"`` is that text padded to the width of the column, ``"sun+5"`` in a hash is the SHA-256 of ``sun``
with five bits flipped, and ``"@known L 1 pdq 0"`` is the key of the row of that table with that natural key. The
variants of a still are a list of name, quality, weak and hash.

``python tests/step_cases.py FOLDER...`` writes the expected rows anew; read the difference before you commit it.
"""

import datetime as dt
import hashlib
import json
import sys
import types
import typing as t
from pathlib import Path

import vigie.steps
from vigie.kernel.engine import whole
from vigie.kernel.stage import STAGES
from vigie.kernel.table import of
from vigie.rows.base import ROWS, Size, key_of
from vigie.rows.fingerprints import VARIANTS

PAD = b"."
DAY = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def folders(test_file):
    return sorted(path for path in (Path(test_file).parent / "cases").iterdir() if path.is_dir())


def check(folder):
    vigie.steps.load()
    for row, lines in made(folder).items():
        expected = (folder / f"expected.{row}.jsonl").read_text().splitlines()
        assert lines == expected, f"{folder.name}: rows of {row} differ"


def made(folder):
    case = json.loads((folder / "case.json").read_text())
    stage = STAGES[case["stage"]]
    tables = {name: of(row, read(folder, row)) for name, row in stage.reads.items()}
    tables_made = whole(stage, tables, stage.settings(case.get("settings", {})))
    names = {}
    for row in (row for table in (*tables.values(), *tables_made) for row in table.rows()):
        names[row.key] = name_of(row, names)
    return {table.row.table(): sorted(shown(row, names) for row in table.rows()) for table in tables_made}


def read(folder, row):
    path = folder / f"{row.table()}.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    hints = {n: h for n, h in t.get_type_hints(row, include_extras=True).items() if n in row.__struct_fields__}
    for line in lines:
        given = json.loads(line)
        assert given.keys() <= hints.keys(), f"{path}: no such columns: {given.keys() - hints.keys()}"
        yield row.make(**{n: parsed(given.get(n), *plainest(h)) for n, h in hints.items() if n != "key"})


def plainest(hint, width=0):
    """The type of a column, its width in bytes, and may it be null."""
    if t.get_origin(hint) is t.Annotated:
        base, *notes = t.get_args(hint)
        widths = [note.bytes for note in notes if isinstance(note, Size)]
        return plainest(base, widths[0] if widths else width)
    if t.get_origin(hint) in (t.Union, types.UnionType):
        (inner,) = (a for a in t.get_args(hint) if a is not type(None))
        return (*plainest(inner, width)[:2], True)
    return hint, width, False


def parsed(value, kind, width, null):  # noqa: PLR0911 - one line for each way to write a value
    if value is None and null:
        return None
    if value is None:
        return PAD * width if kind is bytes else DAY if kind is dt.datetime else kind()
    if kind is dt.datetime:
        return dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC)
    if kind is not bytes:
        return kind(value)
    if isinstance(value, list):  # variants of a still: name, quality, weak, hash
        return b"".join(bytes((VARIANTS.index(n), q, w)) + parsed(h, bytes, 32, False) for n, q, w, h in value)
    if value.startswith("@"):
        return key_named(value[1:])
    if "+" in value:
        base, _, bits = value.partition("+")
        number = int.from_bytes(hashlib.sha256(base.encode()).digest(), "big") ^ ((1 << int(bits)) - 1)
        return number.to_bytes(32, "big")
    return value.encode().ljust(width, PAD)


def key_named(name):
    table, *natural = name.split(" ")
    row = ROWS[table]
    hints = t.get_type_hints(row, include_extras=True)
    values = [parsed(text, *plainest(hints[column])) for column, text in zip(row.NATURAL, natural, strict=True)]
    return key_of(row, *values)


def name_of(row, names):
    natural = [getattr(row, column) for column in row.NATURAL]
    return " ".join(["@" + row.table(), *(names.get(v, short(v)) if isinstance(v, bytes) else str(v) for v in natural)])


def short(value):
    text = value.rstrip(PAD)
    return text.decode() if text.isascii() and text.decode("ascii").isprintable() else value.hex()


def shown(row, names):
    out = {}
    for column in row.__struct_fields__[1:]:
        value = getattr(row, column)
        if isinstance(value, bytes):
            value = names.get(value, short(value))
        out[column] = value.isoformat() if isinstance(value, dt.datetime) else value
    return json.dumps(out)


if __name__ == "__main__":
    vigie.steps.load()
    for one in map(Path, sys.argv[1:]):
        for table, rows in made(one).items():
            (one / f"expected.{table}.jsonl").write_text("".join(line + "\n" for line in rows))
