"""Rows of a table of a dump as the reading stage hands them to the selects of a mapping, and what they give."""

import numpy as np
import pyarrow as pa

from vigie.forums.reading import readings
from vigie.kernel.columnar import made
from vigie.kernel.table import look
from vigie.numeric.addresses_shown import shown
from vigie.numeric.columns import Cells
from vigie.numeric.ends import offsets
from vigie.numeric.wholes import wholes

PLATFORM = b"P" * 16


def addresses(values):
    """Return texts and bytes as the cell gives a column of addresses."""
    cells = shown(_cells(values))
    at, text = offsets(cells.lengths), cells.values.tobytes().decode()
    return [text[at[i] : at[i + 1]] for i in range(len(values))]


def numbers(values):
    """Return texts and bytes as the cell gives a column of whole numbers."""
    cells = wholes(_cells(values))
    found = iter(cells.values.view("<i8").tolist())
    return [next(found) if size >= 0 else None for size in cells.lengths.tolist()]


def _cells(values):
    given = [v.encode() if isinstance(v, str) else v for v in values]
    lengths = np.array([-1 if v is None else len(v) for v in given], np.int32)
    return Cells(np.frombuffer(b"".join(v or b"" for v in given), np.uint8), lengths)


def batch_of(wanted, rows):
    """Build ``batch`` of rows given as dictionaries of column -> text or bytes."""
    columns = {"number": pa.array(range(1, len(rows) + 1), pa.int64()), "place": pa.array([7] * len(rows), pa.int64())}
    for at, one in enumerate(wanted):
        values = [row.get(one.column) for row in rows]
        if one.form == "address":
            columns[f"c{at}"] = pa.array(addresses(values), pa.string())
        elif one.form == "whole":
            columns[f"c{at}"] = pa.array(numbers(values), pa.int64())
        elif one.form == "there":
            columns[f"c{at}"] = pa.array(["1" if v else "" for v in values], pa.string())
        elif one.form == "raw":
            values = [v.encode() if isinstance(v, str) else v for v in values]
            columns[f"c{at}"] = pa.array(values, pa.binary())
        else:
            values = [v.decode("utf-8", "backslashreplace") if isinstance(v, bytes) else v for v in values]
            columns[f"c{at}"] = pa.array(values, pa.string())
    return pa.table(columns)


def rows_of(select, batch):
    """Return the rows that a rule makes of a batch."""
    return made(select.into, select.sql, batch, plain=select.plain, fixed=select.fixed)


def read(mapping, prefix, relation, rows, columns=()):
    """Return what the rules give of one table: name of the rule -> rows. Each row is read, or left out and counted."""
    names = list(columns) or list(dict.fromkeys(name for row in rows for name in row))
    (reading,) = readings(mapping, prefix, {relation: names}, PLATFORM)
    batch = batch_of(reading.wanted, rows)
    found = {}
    for one in reading.selects:
        given = rows_of(one, batch)
        left = {r["number"] for r in look(f"select number from batch where {one.left or 'false'}", batch=batch)}
        assert left | {row.number for row in given} == set(range(1, len(rows) + 1))
        assert not left & {row.number for row in given}
        found[one.rule] = sorted(given.rows(), key=lambda row: (row.number, row.part))
    return found
