"""Rows that ``mysqldump --tab`` wrote: ``users.txt``, beside the ``users.sql`` that declares the table.

The place of a row is its byte in the ``.txt``. Where no character set was asked for, the server writes each column in
its own: text that is not in the one that the ``.sql`` names is taken for that of the table.
"""

from __future__ import annotations

import re
import typing as t

import numpy as np

from vigie.cell.dumps import charsets, delimited, mysql, outfile_form
from vigie.cell.dumps.create import Column, Created
from vigie.cell.dumps.pieces import Batch, Odd
from vigie.cell.dumps.window import Window
from vigie.numeric import tuples
from vigie.numeric.outfile import Form, Outfile

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.cell.dumps.pieces import Piece, Want

MOST_SQL: t.Final = 1 << 20
"""Bytes that are looked at of what declares a table."""
ROWS: t.Final = 4096
ROOM: t.Final = 8 << 20
MOST_VALUE: t.Final = 1 << 18
"""Bytes kept of one value."""
MOST_CELLS: t.Final = 1 << 21
"""Values that are held at once."""
MOST_COLUMNS: t.Final = 4096
"""As MySQL has it."""
_NAMES: t.Final = re.compile(rb"SET\s+NAMES\s+'?(\w+)", re.IGNORECASE)
_DEFAULT: t.Final = re.compile(rb"^\)[^\n;]*?\b(?:CHARSET|CHARACTER SET)\s*=?\s*(\w+)", re.IGNORECASE | re.MULTILINE)
_MADE: t.Final = re.compile(rb"^\s*`((?:[^`\n]|``)+)`[^\n]*?\bGENERATED ALWAYS AS\b", re.IGNORECASE | re.MULTILINE)
_PLAIN: t.Final = re.compile(r"[0-9A-Za-z_$]*\Z")
_CODED: t.Final = re.compile(r"@([0-9a-f]{4})")


def read(sql: t.BinaryIO, rows: t.BinaryIO, name: str, want: Want) -> Iterator[Piece]:
    """Yield the one table that the ``.sql`` declares, and its rows."""
    head = sql.read(MOST_SQL)
    sql.seek(0)
    made = [one for one in mysql.read(sql, _none) if isinstance(one, Created)]
    if len(made) != 1 or not made[0].columns:
        yield Odd("no_table", f"beside {name[:100]}, {len(made)} tables are declared and not one", 0)
    elif len(made[0].columns) > MOST_COLUMNS:
        yield Odd("unread", f"rows of {made[0].name[:100]}, of more than {MOST_COLUMNS} columns", 0)
    elif not _called(name, made[0].name):
        detail = f"{name[:100]} is not called as the table {made[0].name[:100]}, which is declared beside it"
        yield Odd("no_table", f"{detail}: it was not read", 0)
    else:
        yield made[0]
        yield from _Reading(rows, made[0], head, want).pieces()


def _none(_table: str, _columns: list[Column]) -> list[int]:
    return []


def _called(file: str, table: str) -> bool:
    """Tell whether a file is called as its table; the server writes letters beyond these in a way of its own."""
    stem = _CODED.sub(lambda found: chr(int(found[1], 16)), file.rpartition(".")[0])
    return stem.lower() == table.lower() or "@" in stem or not _PLAIN.match(stem)


class _Reading:
    """One pass over rows."""

    def __init__(self, rows: t.BinaryIO, made: Created, head: bytes, want: Want) -> None:
        self._window, self._made, self._want = Window(rows), made, want
        names, default = _NAMES.search(head), _DEFAULT.search(head)
        self._charset = names[1].decode().lower() if names else delimited.UTF8
        self._own = default[1].decode().lower() if default else self._charset
        self._computed = {_text(one.replace(b"``", b"`")) for one in _MADE.findall(head)}
        self._fallen = False

    def pieces(self) -> Iterator[Piece]:
        """Yield the rows, and what is odd of them."""
        window, name = self._window, self._made.name
        if not window.sees(1):
            return
        window.sees(outfile_form.SAMPLE)
        columns, told = self._told(window.data[: outfile_form.SAMPLE])
        yield from self._remarks(told)
        kept = self._want(name, columns)
        machine = self._machine(columns, kept, told.form)
        while True:
            final = window.ended
            status, window.at = machine.read(window.array(), window.at, window.offset, final=final)
            if status == tuples.FULL:
                yield from self._taken(machine, [columns[one] for one in kept])
            elif final:
                break
            else:
                window.more()
        yield from self._taken(machine, [columns[one] for one in kept])
        if machine.open():
            yield Odd("truncated", f"the rows of {name[:100]} end within one", window.place, name)
        many, first = machine.strange()
        if many:
            detail = f"{many} escapes in the rows of {name[:100]} stand where none is written"
            yield Odd("assumed", f"{detail}; taken as {outfile_form.said(told.form)}", max(first, 0), name, many)

    def _told(self, sample: bytes) -> tuple[list[Column], outfile_form.Told]:
        """Tell how rows are written, and of which columns: MySQL leaves out computed ones, MariaDB does not."""
        columns, lead = self._made.columns, mysql.TWO_BYTES.get(self._charset, 0)
        told = outfile_form.told(sample, columns, lead)
        stored = [one for one in columns if one.name not in self._computed]
        if 0 < len(stored) < len(columns) and told.share < 1:
            again = outfile_form.told(sample, stored, lead)
            if again.share > told.share:
                return stored, again
        return columns, told

    def _remarks(self, told: outfile_form.Told) -> Iterator[Piece]:
        name, taken = self._made.name, outfile_form.said(told.form)
        if told.share == 0:
            detail = f"no form is known in which rows of {name[:100]} have its {len(self._made.columns)} columns"
            yield Odd("assumed", f"{detail}; taken as {taken}", 0, name)
        elif told.other is not None:
            detail = f"the rows of {name[:100]} may be written in more than one way; taken as {taken}"
            yield Odd("assumed", f"{detail}; not as {outfile_form.said(told.other)}", 0, name)

    def _machine(self, columns: list[Column], kept: list[int], form: Form) -> Outfile:
        wanted = np.full(len(columns), -1, np.int64)
        wanted[kept] = np.arange(len(kept))
        many = max(len(kept), 1)
        lead = mysql.TWO_BYTES.get(self._charset, 0)
        held, most = max(min(ROWS, MOST_CELLS // many), 1), min(MOST_VALUE, ROOM // many - 128)
        return Outfile(wanted, form, rows=held, room=ROOM, most=most, lead=lead)

    def _charset_of(self, rows: tuples.Rows) -> str:
        if self._own == self._charset or charsets.codec(self._charset) != "utf-8":
            return self._charset
        return self._charset if delimited.charset_of(rows) == delimited.UTF8 else self._own

    def _taken(self, machine: Outfile, columns: list[Column]) -> Iterator[Piece]:
        rows, (many, first) = machine.take(), machine.misfits()
        name = self._made.name
        if len(rows.places):
            charset = self._charset_of(rows)
            if charset != self._charset and not self._fallen:
                self._fallen = True
                detail = f"rows of {name[:100]} are not {self._charset} and are taken for the table's {charset}"
                yield Odd("charset", detail, int(rows.places[0]), name)
            yield Batch(name, columns, rows, charset)
        if many:
            detail = f"{many} rows of {name[:100]} have another number of values than columns"
            yield Odd("width", detail, first, name, many)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
