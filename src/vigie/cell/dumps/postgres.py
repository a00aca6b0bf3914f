"""Dumps of PostgreSQL in SQL: ``pg_dump``, ``pg_dumpall``, and what writes like them.

Statements are told apart as psql does (``numeric.dollared``), rows are tokenised (``numeric.copied``, ``tuples``), and
all else is looked at and passed over. What does not lay down tables, rows or rights would do something if it were
executed, and is named. Tables bear the name of their schema, and of their database where the dump connects to one.
"""

from __future__ import annotations

import codecs
import functools
import re
import typing as t

import numpy as np

from vigie.cell.dumps import postgres_words as words
from vigie.cell.dumps import told
from vigie.cell.dumps.create import Column, Created, created, names
from vigie.cell.dumps.pieces import LARGE, Batch, Odd, Said
from vigie.cell.dumps.postgres_truth import shortened
from vigie.cell.dumps.window import Window
from vigie.numeric import copied, dollared, tuples

if t.TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from vigie.cell.dumps.pieces import Piece, Want

AHEAD: t.Final = 1 << 17
"""What must be seen of a statement to tell what it is: ``COPY`` lists all its columns, which may be 1,600."""
MOST_CREATE: t.Final = 1 << 20
"""Longest ``CREATE TABLE`` that is read."""
ROWS: t.Final = 4096
ROOM: t.Final = 8 << 20
MOST_VALUE: t.Final = 1 << 18
"""Bytes kept of one value."""
MOST_LINE: t.Final = 4096
"""Bytes that are looked at of a remark or a command of the client."""
MOST_COLUMNS: t.Final = 4096
"""PostgreSQL has 1,600 at most."""
MOST_CELLS: t.Final = 1 << 21
"""Values that are held at once of one table."""
MOST_OPEN: t.Final = 8
"""Tables whose rows may come in turn, an ``INSERT`` each, without the cost of beginning anew."""


class Known:
    """The tables that a dump has declared so far, and how it writes their names and text."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Column]] = {}
        self.database = self.schema = ""
        self.charset = "utf8"
        self.escapes = False

    def whole(self, name: str) -> str:
        """Return the name of a table with those of its schema and database, where the dump has told them."""
        parts = names(name)
        if len(parts) == 1 and self.schema:
            parts = [self.schema, *parts]
        if len(parts) < 3 and self.database:
            parts = [self.database, *parts]
        return ".".join(parts)


class _Open(t.NamedTuple):
    """What reads the rows of like statements, one after the other."""

    table: str
    columns: list[Column]
    charset: str
    machine: tuples.Tuples


_Statement: t.TypeAlias = tuple[str, "bytes | None", bool, str]


def read(file: t.BinaryIO, want: Want) -> Iterator[Piece]:
    """Yield what stands in a dump, in its order; ``want`` says which columns of a table are kept, by number."""
    yield from Reading(file, want, Known()).pieces()


class Reading:
    """One pass over a text of SQL."""

    def __init__(self, file: t.BinaryIO, want: Want, known: Known, offset: int = 0) -> None:
        """``offset``: what is added to the places of what is read."""
        self._window, self._want, self._known = Window(file), want, known
        self._window.offset = offset
        self._open: dict[_Statement, _Open] = {}
        self._begun = self._large = 0
        self._cut = False

    def pieces(self) -> Iterator[Piece]:
        """Yield what stands in it, in its order."""
        window = self._window
        if window.sees(3) and window.data.startswith(codecs.BOM_UTF8):
            window.at = 3
        while True:
            window.sees(AHEAD)
            if gap := words.GAP.match(window.data, window.at):
                window.at = gap.end()
            elif window.at < len(window.data):
                yield from self._one()
            elif not window.more():
                break
        yield from self._flush()
        if self._large:
            yield Odd("unread", f"{self._large} large objects are passed over", window.place, LARGE, many=self._large)
        if self._begun and not self._cut:
            yield Odd("truncated", "the dump ends without the remark that ends it", window.place)

    def _one(self) -> Iterator[Piece]:
        window, data, at = self._window, self._window.data, self._window.at
        if data.startswith(b"--", at):
            place = window.place
            yield from self._remark(self._pass(at + 2), place)
        elif data.startswith(b"\\", at):
            place = window.place
            yield from self._client(self._pass(at + 1), place)
        elif copy := words.COPY.match(data, at):
            window.at = copy.end()
            yield from self._copied(copy[1], copy[2], copy[3])
        elif insert := words.INSERT.match(data, at):
            window.at = insert.end()
            yield from self._inserted(insert[0], insert[1], insert[2])
        else:
            yield from self._statement()

    def _pass(self, at: int) -> bytes:
        """Go behind the line that goes on at ``at``, however long it is; return its start."""
        window = self._window
        window.at = at
        window.sees(MOST_LINE)
        start = window.data[window.at : window.at + MOST_LINE].split(b"\n")[0]
        while (found := window.data.find(b"\n", window.at)) < 0:
            window.at = len(window.data)
            if not window.more():
                return start
        window.at = found + 1
        return start

    def _remark(self, text: bytes, place: int) -> Iterator[Piece]:
        if said := words.SAID.match(text):
            line = told.plain(said[1])
            self._begun += 0 if not line.startswith("PostgreSQL") else -1 if line.endswith("complete") else 1
            yield Said(line, place)

    def _client(self, command: bytes, place: int) -> Iterator[Piece]:
        """Look at a command of the client; ``command``: without its backslash."""
        if words.KEY.match(command):
            return
        if encoding := words.ENCODING.match(command):
            self._set(b"client_encoding", encoding[1])
            return
        if not (found := words.DATABASE.match(command)):
            yield Odd("executable", f"a command of the client: \\{told.command(command)}", place)
            return
        yield from self._flush()
        name = found["word"] or (found["name"] or found["dbname"]).replace(b'""', b'"')
        if found["dbname"]:
            name = words.UNESCAPED.sub(rb"\1", name)
        if name != b"-":  # the one that is connected
            self._known.database, self._known.schema = _text(name), ""

    # ------------------------------------------------------------------------------------ statements
    def _statement(self) -> Iterator[Piece]:
        """Pass one statement that is no row; take from it what says how to read on."""
        place, head = self._window.place, bytearray()
        ended = yield from self._end(head)
        if bare := words.bare(bytes(head)):
            yield from self._told(bare, place)
            if not ended:
                self._cut = True
                yield Odd("truncated", f"the dump ends in a statement: {told.statement(bare)}", place)

    def _end(self, head: bytearray) -> Generator[Piece, None, bool]:
        """Go behind the end of a statement, keeping its start; False where the file ends before."""
        window = self._window
        routine = bool(words.ROUTINE.match(window.data, window.at))
        machine = dollared.Statement(escapes=self._known.escapes, routine=routine)
        while True:
            status, stop = machine.read(window.array(), window.at)
            head += window.data[window.at : min(stop, window.at + MOST_CREATE - len(head))]
            window.at = stop
            if status == dollared.END:
                return True
            if status == dollared.META:
                place, line = window.place, self._pass(stop)
                yield Odd("executable", f"a command of the client: {told.command(line)}", place)
            elif not window.more():
                return False

    def _told(self, head: bytes, place: int) -> Iterator[Piece]:
        if said := words.SET.match(head):
            self._set((said["name"] or said["config"]).lower(), said["value"] or said["to"] or b"")
        called = words.CREATES.match(head)
        if called and (made := created(_text(head), place, standard=True)):
            yield from self._flush()
            yield self._made(made, called[1], words.INHERITS.search(head))
        elif words.INSERTS.match(head):
            yield Odd("unread", f"rows written in another way than VALUES (...): {told.statement(head)}", place)
        elif words.COPIES.match(head) and words.FROM_STDIN.search(words.QUOTED.sub(b"''", head)):
            yield Odd("unread", f"rows of a COPY that is not understood: {told.statement(head)}", place)
            self._skip()
        elif words.LARGE.match(head):
            self._large += 1
        elif not words.PLAIN.match(head):
            yield Odd("executable", f"not executed: {told.statement(head)}", place)

    def _set(self, name: bytes, value: bytes) -> None:
        plain = _text(value).strip().strip("'\"")
        if name in (b"client_encoding", b"names"):
            self._known.charset = words.CHARSETS.get(plain.lower(), plain.lower())
        elif name == b"standard_conforming_strings":
            self._known.escapes = plain.lower() in ("off", "false", "0", "no")
        elif name == b"search_path":
            first = (one for one in names(_text(value[:4096]).replace("'", "")) if one not in ("$user", "pg_catalog"))
            self._known.schema = next(first, "")

    def _made(self, made: Created, called: bytes, parents: re.Match[bytes] | None) -> Created:
        """Give a table its whole name, and the columns of those it inherits from."""
        known = self._known
        columns = made.columns
        for one in words.TABLE.findall(parents[1]) if parents else ():
            own = {column.name for column in columns}
            more = known.tables.get(known.whole(_text(one)), [])
            columns = [*(column for column in more if column.name not in own), *columns]
        name = known.whole(_text(called))
        known.tables[name] = columns
        return made._replace(name=name, columns=columns)

    # ------------------------------------------------------------------------------------------ rows
    def copied(self, statement: bytes, table: str) -> Iterator[Piece]:
        """Read all of the text as the rows that a ``COPY`` begins."""
        found = words.COPY.match(statement)
        if not found:
            yield Odd("executable", f"not executed: {told.statement(statement)}", self._window.place, table)
            return
        yield from self._copied(found[1], found[2], found[3], within=False)

    def _copied(self, table: bytes, listed: bytes | None, how: bytes, *, within: bool = True) -> Iterator[Piece]:
        """Read the rows that follow a ``COPY``; ``within``: they begin in the next line."""
        window, place = self._window, self._window.place
        yield from self._flush()
        if within and (rest := self._pass(window.at)).strip():
            yield Odd("executable", f"not executed, behind a COPY: {told.statement(rest)}", place)
        name = self._known.whole(_text(table))
        if how.strip():
            yield Odd("unread", f"rows of {name[:100]} are not in the usual form: {told.command(how)}", place, name)
            self._skip()
            return
        leads = words.LEADS.get(self._known.charset, b"")
        of = yield from self._opened(name, listed, place, functools.partial(copied.Copied, leads=leads))
        if of is None:
            self._skip()
            return
        status = yield from self._read(of)
        yield from self._taken(of)
        if status == tuples.MORE and not t.cast("copied.Copied", of.machine).ended():
            self._cut = True
            yield Odd("truncated", f"the dump ends in the rows of {name[:100]}", window.place, name)

    def _skip(self) -> None:
        """Go behind rows that are not read, to the line that ends them."""
        machine, status = copied.Copied(np.zeros(0, np.int64), rows=ROWS, room=ROOM, most=0), tuples.MORE
        while status != tuples.END:
            status, self._window.at = machine.read(self._window.array(), self._window.at, 0)
            machine.take()
            if status == tuples.MORE and not self._window.more():
                return

    def _inserted(self, start: bytes, table: bytes, listed: bytes | None) -> Iterator[Piece]:
        """Read the rows of an ``INSERT``, and of those that follow and start alike; all come into the same batch."""
        window, known = self._window, self._known
        name = known.whole(_text(table))
        statement = (name, listed, known.escapes, known.charset)
        of = self._open.get(statement)
        if of is None:
            if len(self._open) >= MOST_OPEN:
                yield from self._flush()
            leads = words.LEADS.get(known.charset, b"\0")
            how = functools.partial(
                tuples.Tuples, escapes=known.escapes, lead=leads[0], katakana=leads == words.SHIFT_JIS, standard=True
            )
            of = yield from self._opened(name, listed, window.place, how)
        if of is None:
            yield from self._end(bytearray())
            return
        self._open[statement] = of
        status = yield from self._read(of)
        while status in (tuples.END, tuples.TAIL):
            if status == tuples.TAIL:  # ON CONFLICT DO NOTHING
                yield from self._end(bytearray())
            if not self._again(start):
                return
            status = yield from self._read(of)
        yield from self._flush()
        if status == tuples.MORE:
            self._cut = True
            yield Odd("truncated", f"the dump ends in the rows of {name[:100]}", window.place, name)
        else:
            yield Odd("malformed", f"rows of {name[:100]}: what follows is no value", window.place, name)
            yield from self._end(bytearray())

    def _again(self, start: bytes) -> bool:
        """Go behind the start of a statement where the next line has the same: pg_dump may write one for each row."""
        window = self._window
        window.sees(len(start) + 1)
        if not window.data.startswith(b"\n" + start, window.at):
            return False
        window.at += 1 + len(start)
        return True

    def _read(self, of: _Open) -> Generator[Piece, None, int]:
        window = self._window
        while True:
            status, window.at = of.machine.read(window.array(), window.at, window.offset)
            if status == tuples.FULL:
                yield from self._taken(of)
            elif status != tuples.MORE or not window.more():
                return status

    def _flush(self) -> Iterator[Piece]:
        """Give the rows that have been read and not been given."""
        for of in self._open.values():
            yield from self._taken(of)
        self._open = {}

    def _taken(self, of: _Open) -> Iterator[Piece]:
        rows, (many, first) = of.machine.take(), of.machine.misfits()
        if len(rows.places):
            yield Batch(of.table, of.columns, shortened(rows, of.columns), of.charset)
        if many:
            detail = f"{many} rows of {of.table[:100]} have another number of values than columns"
            yield Odd("width", detail, first, of.table, many)

    def _opened(
        self, name: str, listed: bytes | None, place: int, machine: t.Callable[..., tuples.Tuples]
    ) -> Generator[Piece, None, _Open | None]:
        """Make what reads the rows of a statement; None where nothing says what their columns are."""
        tables = self._known.tables
        columns = tables.get(name, [])
        if listed is not None:
            types = {column.name: column.type for column in columns}
            columns = [Column(one, types.get(one, "")) for one in names(_text(listed))]
        if name not in tables:
            if not columns:
                yield Odd("no_table", f"rows of {name[:100]}, which the dump does not declare before", place, name)
                return None
            tables[name] = columns  # a dump of rows alone: the statement declares them
            yield Created(name, columns, 0, place)
        if len(columns) > MOST_COLUMNS:
            yield Odd("unread", f"rows of {name[:100]}, of more than {MOST_COLUMNS} columns", place, name)
            return None
        kept = self._want(name, columns)
        wanted = np.full(len(columns), -1, np.int64)
        wanted[kept] = np.arange(len(kept))
        many = max(len(kept), 1)
        of = machine(wanted, rows=min(ROWS, MOST_CELLS // many), room=ROOM, most=min(MOST_VALUE, ROOM // many - 128))
        return _Open(name, [columns[one] for one in kept], self._known.charset, of)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
