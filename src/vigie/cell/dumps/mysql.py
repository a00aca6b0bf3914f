"""Dumps of MySQL and MariaDB: ``mysqldump``, ``mariadb-dump``, phpMyAdmin and what writes like them.

Statements are told apart as the client does (``numeric.statements``), rows are tokenised (``numeric.tuples``), and all
else is looked at and passed over: what would do something if it were executed is named. Lines mean nothing: one dump
has a statement in a line, another a row in each (reference/evidence.md 2.3).
"""

from __future__ import annotations

import codecs
import re
import typing as t

import numpy as np

from vigie.cell.dumps import told
from vigie.cell.dumps.create import Column, Created, created, dotted, names
from vigie.cell.dumps.pieces import Batch, Odd, Said
from vigie.cell.dumps.window import Window
from vigie.numeric import statements, tuples

if t.TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from vigie.cell.dumps.pieces import Piece, Want

AHEAD: t.Final = 1 << 16
"""What must be seen of a statement to tell what it is: an ``INSERT`` may list all its columns."""
MOST_CREATE: t.Final = 1 << 20
"""Longest ``CREATE TABLE`` that is read."""
ROWS: t.Final = 4096
ROOM: t.Final = 8 << 20
MOST_OPEN: t.Final = 8
"""Tables whose rows may come in turn, a statement each, without the cost of beginning anew."""
MOST_VALUE: t.Final = 1 << 18
"""Bytes kept of one value."""

_GAP = re.compile(rb"(?:\s+|;|/\*(?:M!999999|(?!M?!))(?:[^*]|\*(?!/))*\*/)+")
"""Also what mariadb-dump begins with since 10.11.8: a comment that its client takes for a command."""
_REMARK = re.compile(rb"(?:#|--(?=\s|$))([^\n]{0,4096})[^\n]*(?:\n|\Z)")
_CLIENT = re.compile(rb"\\[^\n]{0,256}[^\n]*(?:\n|\Z)")
_DELIMITER = re.compile(rb"DELIMITER[ \t]+([^\s]{1,16})[^\n]*(?:\n|\Z)", re.IGNORECASE)
# Quantifiers that take all and give nothing back (possessive): else a few bytes could be matched in 2^n ways.
_NAME = rb'(?:`(?:[^`]|``)*+`|"(?:[^"]|"")*+"|[\w$\x80-\xff]++)'
_S = rb"(?:\s|/\*!\d*|\*/|/\*(?!!)(?:[^*]|\*(?!/))*+\*/)*+"
"""Room between words: also comments, and the marks of those that are executed."""
_INSERT = re.compile(
    rb"(?:/\*!\d*\s*)?(?:INSERT|REPLACE)\b" + _S + rb"(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE)\b" + _S + rb")*+"
    rb"(?:INTO\b"
    + _S
    + rb")?("
    + _NAME
    + rb"(?:\s*+\.\s*+"
    + _NAME
    + rb")?)"
    + _S
    + rb"(?:\(((?:\s*+"
    + _NAME
    + rb"\s*+,?)*+)\s*+\)"
    + _S
    + rb")?VALUES?\b"
    + _S
    + rb"(?=\()",
    re.IGNORECASE,
)
_SET = re.compile(
    rb"@(?P<saved>\w+)\s*=\s*@@(?:SESSION\.)?(?P<of>SQL_MODE|CHARACTER_SET_CLIENT)\b|"
    rb"(?<![@\w])(?P<what>SQL_MODE|CHARACTER_SET_CLIENT|NAMES)\s*(?:=\s*|\s)"
    rb"(?:@(?P<from>\w+)|'(?P<text>[^']*)'|(?P<word>\w+))",
    re.IGNORECASE,
)
"""Two variables decide how the rows are to be read; dumps put them aside and back again round tables and triggers."""
_INSERTS = re.compile(rb"(?:/\*!\d*\s*)?(?:INSERT|REPLACE)\b", re.IGNORECASE)
_USE = re.compile(rb"USE\s+(" + _NAME + rb")\s*;", re.IGNORECASE)
_SETS = re.compile(rb"\s*(?:/\*M?!\d*\s*)?SET\b", re.IGNORECASE)
_SAID = re.compile(rb"\s*(?:(?:MySQL|MariaDB) dump|phpMyAdmin SQL Dump|Server version|Host:|Dump completed)[^\n]*")
_ACTS = re.compile(
    rb"\s*(?:/\*M?!\d*\s*)?(LOAD\s+(?:DATA|XML)|GRANT|REVOKE|SOURCE\s|SYSTEM\s|INSTALL\s|SHUTDOWN|CALL\s|EXECUTE\s|"
    rb"CREATE(?:\s|\*/|/\*M?!\d*|OR\s+REPLACE\b|DEFINER\s*=\s*(?:[^\s*]|\*(?!/))++)*+"
    rb"(?:TRIGGER|EVENT|PROCEDURE|FUNCTION|USER)\b|"
    rb"SELECT\b[^;]{0,4096}INTO\s+(?:OUT|DUMP)FILE|SET\s+(?:GLOBAL|PASSWORD))",
    re.IGNORECASE,
)
"""What would do more than lay rows into tables, behind the comments by which a dump hides it from old servers."""
TWO_BYTES = {"gbk": 0x81, "gb18030": 0x81, "big5": 0x81, "sjis": 0x81, "cp932": 0x81}
"""Character sets in which a backslash may be the second byte of a character, and the lowest that the first may be."""


_Statement: t.TypeAlias = tuple[str, "bytes | None", bool, str]
"""Name of the table, columns it lists, and how its values are to be read."""


class _Open(t.NamedTuple):
    """What reads the rows of like statements, one after the other."""

    table: str
    columns: list[Column]
    charset: str
    machine: tuples.Tuples


def read(file: t.BinaryIO, want: Want) -> Iterator[Piece]:
    """Yield what stands in a dump, in its order; ``want`` says which columns of a table are kept, by number."""
    yield from _Reading(file, want).pieces()


class _Reading:
    def __init__(self, file: t.BinaryIO, want: Want) -> None:
        self._window, self._want = Window(file), want
        self._tables: dict[str, list[Column]] = {}
        self._delimiter = b";"
        self._set = {"SQL_MODE": b"", "CHARACTER_SET_CLIENT": b"utf8mb4"}
        self._saved: dict[bytes, bytes] = {}
        self._database = ""
        self._open: dict[_Statement, _Open] = {}

    @property
    def _escapes(self) -> bool:
        return b"NO_BACKSLASH_ESCAPES" not in self._set["SQL_MODE"].upper()

    @property
    def _charset(self) -> str:
        return self._set["CHARACTER_SET_CLIENT"].decode("ascii", "replace").lower()

    def pieces(self) -> Iterator[Piece]:
        window = self._window
        if window.sees(3) and window.data.startswith(codecs.BOM_UTF8):
            window.at = 3
        while True:
            window.sees(AHEAD)
            if gap := _GAP.match(window.data, window.at):
                window.at = gap.end()
                continue
            if window.at == len(window.data):
                if not window.more():
                    yield from self._flush()
                    return
                continue
            yield from self._one()

    def _one(self) -> Iterator[Piece]:
        window, data, at = self._window, self._window.data, self._window.at
        if remark := _REMARK.match(data, at):
            if _SAID.match(remark[1]):
                yield Said(told.plain(remark[1]), window.place)
            self._pass(remark.end())
        elif client := _CLIENT.match(data, at):
            yield Odd("executable", f"a command of the client: {told.command(client[0])}", window.place)
            self._pass(client.end())
        elif delimiter := _DELIMITER.match(data, at):
            self._delimiter = delimiter[1]
            window.at = delimiter.end()
        elif insert := _INSERT.match(data, at):
            window.at = insert.end()
            yield from self._rows(_text(insert[1]), insert[2])
        else:
            yield from self._statement()

    def _pass(self, end: int) -> None:
        """Go behind a line, which may be longer than what is seen of it."""
        window = self._window
        window.at = end
        while window.at == len(window.data) and window.data[-1:] != b"\n" and window.more():
            found = window.data.find(b"\n")
            window.at = len(window.data) if found < 0 else found + 1

    def _statement(self) -> Iterator[Piece]:
        """Pass one statement that is no row; take from it what says how to read on."""
        window, place = self._window, self._window.place
        head = bytearray()
        if self._end(head) or head.strip():
            yield from self._told(bytes(head), place)
        if window.ended and window.at == len(window.data) and not head.rstrip().endswith(self._delimiter):
            yield Odd("truncated", f"the dump ends in a statement: {told.statement(bytes(head))}", place)

    def _end(self, head: bytearray) -> bool:
        """Go behind the end of a statement, keeping its start; False where the file ends before."""
        window, held = self._window, statements.state()
        delimiter = np.frombuffer(self._delimiter, np.uint8)
        while True:
            end = statements.ending(window.array(), window.at, held, delimiter, self._escapes)
            stop = end if end >= 0 else len(window.data)
            head += window.data[window.at : min(stop, window.at + MOST_CREATE - len(head))]
            window.at = stop
            if end >= 0:
                return True
            if not window.more():
                return False

    def _told(self, head: bytes, place: int) -> Iterator[Piece]:
        for one in _SET.finditer(head[:4096]) if _SETS.match(head) else ():
            if one["saved"]:
                self._saved[one["saved"]] = self._set[one["of"].decode().upper()]
                continue
            what = one["what"].decode().upper().replace("NAMES", "CHARACTER_SET_CLIENT")
            value = self._saved.get(one["from"], self._set[what]) if one["from"] else one["text"] or one["word"] or b""
            self._set[what] = value
        if acts := _ACTS.match(head):
            yield Odd("executable", f"not executed: {told.statement(acts[0])}", place)
        elif use := _USE.match(head):
            self._database = dotted(_text(use[1]))
        elif _INSERTS.match(head):
            yield Odd("unread", f"rows written in another way than VALUES (...): {told.statement(head)}", place)
        elif made := created(_text(head), place):
            yield from self._flush()
            made = made._replace(name=self._whole(made.name))
            self._tables[made.name] = made.columns
            yield made

    def _whole(self, name: str) -> str:
        """Return the name of a table with that of its database, where the dump holds several."""
        return name if "." in name or not self._database else f"{self._database}.{name}"

    def _rows(self, table: str, listed: bytes | None) -> Iterator[Piece]:
        """Read the rows of one statement. Those of others like it come into the same batch."""
        window, place = self._window, self._window.place
        statement = (self._whole(dotted(table)), listed, self._escapes, self._charset)
        of = self._open.get(statement)
        if of is None:
            if len(self._open) >= MOST_OPEN:
                yield from self._flush()
            of = yield from self._opened(statement, place)
        if of is None:
            self._end(bytearray())
            return
        self._open[statement] = of
        while True:
            status, window.at = of.machine.read(window.array(), window.at, window.offset)
            if status == tuples.FULL:
                yield from self._taken(of)
            elif status != tuples.MORE or not window.more():
                break
        if status == tuples.END:
            return
        name = of.table[:100]
        yield from self._flush()
        if status == tuples.MORE:
            yield Odd("truncated", f"the dump ends in the rows of {name}", window.place, name)
            return
        if status == tuples.MALFORMED:
            yield Odd("malformed", f"rows of {name}: what follows is no value", window.place, name)
        self._end(bytearray())

    def _flush(self) -> Iterator[Piece]:
        """Give the rows that have been read and not been given."""
        for of in self._open.values():
            yield from self._taken(of)
        self._open = {}

    def _taken(self, of: _Open) -> Iterator[Piece]:
        rows, (many, first) = of.machine.take(), of.machine.misfits()
        if len(rows.places):
            yield Batch(of.table, of.columns, rows, of.charset)
        if many:
            detail = f"{many} rows of {of.table[:100]} have another number of values than columns"
            yield Odd("width", detail, first, of.table, many)

    def _opened(self, statement: _Statement, place: int) -> Generator[Piece, None, _Open | None]:
        """Make what reads the rows of a statement; None where nothing says what their columns are."""
        name, listed = statement[:2]
        if name not in self._tables and name.rpartition(".")[2] in self._tables:
            name = name.rpartition(".")[2]
        columns = self._tables.get(name, [])
        if listed is not None:
            types = {column.name: column.type for column in columns}
            columns = [Column(one, types.get(one, "")) for one in names(_text(listed))]
            if name not in self._tables:  # a dump of rows alone: the statement declares them
                self._tables[name] = columns
                yield Created(name, columns, 0, place)
        if not columns:
            yield Odd("no_table", f"rows of {name[:100]}, which the dump does not declare before", place, name)
            return None
        kept = self._want(name, columns)
        wanted = np.full(len(columns), -1, np.int64)
        wanted[kept] = np.arange(len(kept))
        most = min(MOST_VALUE, ROOM // max(len(kept), 1) - 128)
        lead, katakana = TWO_BYTES.get(self._charset, 0), self._charset in ("sjis", "cp932")
        machine = tuples.Tuples(
            wanted, rows=ROWS, room=ROOM, most=most, escapes=self._escapes, lead=lead, katakana=katakana
        )
        return _Open(name, [columns[one] for one in kept], self._charset, machine)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
