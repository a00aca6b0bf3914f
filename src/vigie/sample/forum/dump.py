"""Dumps as mysqldump and mariadb-dump write them: header, tables, rows in long INSERTs, trailer.

Form: what MariaDB's and MySQL's own tools write (checked against mariadb-dump 10.19 and MySQL's documentation of
mysqldump). Tables are declared in ``schemas/*.txt``, a line for each column as in CREATE TABLE, without quotes.
"""

import datetime as dt
import importlib.resources
import re
import typing as t
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import msgspec
import numpy as np

Plain: t.TypeAlias = "str | int | bytes | Decimal | None"
Values: t.TypeAlias = "Sequence[t.Any] | np.ndarray[t.Any, t.Any] | Plain"
"""A column of rows, each of them plain; or one plain value that stands in every row."""
INSERT_BYTES = 1_000_000
"""An INSERT grows to about so much (``net_buffer_length`` of the tools is 1 MiB)."""
ROWS = 2_000
"""Rows that are put into text at once."""
_APART = "\x02"
_ESCAPES = tuple(
    (raw, b"\\" + put)
    for raw, put in (
        (b"\\", b"\\"),
        (b"\0", b"0"),
        (b"\n", b"n"),
        (b"\r", b"r"),
        (b"\x1a", b"Z"),
        (b'"', b'"'),
        (b"'", b"'"),
    )
)
_DEFAULT = re.compile(r"DEFAULT (NULL|'(?:[^']*)'|-?[\d.]+)")


class Column(msgspec.Struct, frozen=True):
    """One column: name, type and the rest of its line, and its default as SQL."""

    name: str
    line: str
    default: str
    binary: bool


class Declared(msgspec.Struct, frozen=True):
    """One table."""

    name: str
    columns: tuple[Column, ...]
    keys: tuple[str, ...]


def schema(name: str) -> dict[str, Declared]:
    """Return the tables of ``schemas/NAME.txt`` by name, in that order."""
    text = importlib.resources.files("vigie.sample.forum").joinpath(f"schemas/{name}.txt").read_text("utf-8")
    out: dict[str, Declared] = {}
    for part in text.split("\n\n"):
        head, *lines = [line for line in part.splitlines() if line and not line.startswith("#")] or [""]
        if head:
            columns = tuple(_column(line.strip()) for line in lines if not line.startswith("  +"))
            out[head] = Declared(head, columns, tuple(line[3:].strip() for line in lines if line.startswith("  +")))
    return out


def _column(line: str) -> Column:
    name, rest = line.split(" ", 1)
    said = _DEFAULT.search(rest)
    number = re.match(r"(tiny|small|medium|big)?int|decimal|double|float", rest)
    default = said[1] if said else "0" if number else "''" if "NOT NULL" in rest else "NULL"
    if number and default.startswith("'"):
        default = default.strip("'")
    return Column(name, rest, default, "binary" in rest or "blob" in rest)


class Flavour(msgspec.Struct, frozen=True, kw_only=True):
    """How one tool writes."""

    head: str
    tail: str
    engine: str
    between: str
    """After VALUES and between rows."""
    hexadecimal: bool
    set_charset: str


_SETS = """
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
{names}
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;
"""
_TAIL = """/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;

/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;

-- Dump completed on {at:%Y-%m-%d %H:%M:%S}
"""
MYSQLDUMP = Flavour(
    head="-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\n-- Host: localhost    Database: {database}\n"
    "-- ------------------------------------------------------\n-- Server version\t8.0.36-0ubuntu0.22.04.1\n"
    + _SETS.replace("{names}", "/*!50503 SET NAMES utf8mb4 */;"),
    tail=_TAIL,
    engine="ENGINE=InnoDB{auto} DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    between="",
    hexadecimal=False,
    set_charset="/*!50503 SET character_set_client = utf8mb4 */;",
)
MARIADB_DUMP = Flavour(
    head="/*M!999999\\- enable the sandbox mode */ \n"
    "-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)\n--\n"
    "-- Host: localhost    Database: {database}\n-- ------------------------------------------------------\n"
    "-- Server version\t10.11.6-MariaDB-0+deb12u1\n" + _SETS.replace("{names}", "/*!40101 SET NAMES utf8mb4 */;"),
    tail=_TAIL,
    engine="ENGINE=InnoDB{auto} DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci",
    between="\n",
    hexadecimal=True,
    set_charset="/*!40101 SET character_set_client = utf8mb4 */;",
)


class Dump:
    """Writes one dump into a binary file, table after table; tables that nothing is written into stand there empty."""

    def __init__(
        self, out: t.IO[bytes], flavour: Flavour, tables: dict[str, Declared], *, prefix: str, database: str, at: int
    ) -> None:
        self._out, self._flavour, self._prefix, self._tables = out, flavour, prefix, tables
        self._at = dt.datetime.fromtimestamp(at, dt.UTC)
        self._left = sorted(tables)
        self.rows: dict[str, int] = {}
        """Rows written so far by table, prefix and all."""
        self._say(flavour.head.format(database=database))

    def table(self, name: str, parts: Iterable[dict[str, Values]], *, next_id: int = 0) -> None:
        """Write a table of which each part gives columns of equal length; columns not given have their default.

        Tables come in the order of their names, as the tools have them: ValueError otherwise.
        """
        if name not in self._left:
            raise ValueError(f"table {name} is written out of its turn, or is not declared")
        while self._left[0] != name:
            self._begin(self._left.pop(0), 0)
            self._end()
        self._begin(self._left.pop(0), next_id)
        table = self._tables[name]
        head = f"INSERT INTO `{self._prefix}{name}` VALUES {self._flavour.between}"
        if self._flavour.between:
            head = head.replace("VALUES \n", "VALUES\n")
        held: list[bytes] = []
        size = rows = 0
        for part in parts:
            for one in lines(table, part, hexadecimal=self._flavour.hexadecimal):
                held.append(one)
                size += len(one)
                rows += 1
                if size > INSERT_BYTES:
                    self._insert(head, held)
                    held, size = [], 0
        if held:
            self._insert(head, held)
        self.rows[self._prefix + name] = rows
        self._end()

    def end(self) -> None:
        """Write the tables that are left, and the trailer."""
        while self._left:
            self._begin(self._left.pop(0), 0)
            self._end()
        self._say(self._flavour.tail.format(at=self._at))

    def _insert(self, head: str, rows: list[bytes]) -> None:
        self._out.write(head.encode() + (b"," + self._flavour.between.encode()).join(rows) + b";\n")

    def _begin(self, name: str, next_id: int) -> None:
        self._now = self._prefix + name
        table, charset = self._tables[name], self._flavour.set_charset
        lines = [f"  `{one.name}` {one.line}" for one in table.columns] + [f"  {key}" for key in table.keys]
        engine = self._flavour.engine.format(auto=f" AUTO_INCREMENT={next_id}" if next_id else "")
        self._say(
            f"\n--\n-- Table structure for table `{self._now}`\n--\n\nDROP TABLE IF EXISTS `{self._now}`;\n"
            f"/*!40101 SET @saved_cs_client     = @@character_set_client */;\n{charset}\n"
            f"CREATE TABLE `{self._now}` (\n" + ",\n".join(lines) + f"\n) {engine};\n"
            f"/*!40101 SET character_set_client = @saved_cs_client */;\n\n--\n-- Dumping data for table `{self._now}`\n"
            f"--\n\nLOCK TABLES `{self._now}` WRITE;\n/*!40000 ALTER TABLE `{self._now}` DISABLE KEYS */;\n"
        )

    def _end(self) -> None:
        self._say(f"/*!40000 ALTER TABLE `{self._now}` ENABLE KEYS */;\nUNLOCK TABLES;\n")

    def _say(self, text: str) -> None:
        self._out.write(text.encode())


def lines(table: Declared, given: dict[str, Values], *, hexadecimal: bool) -> Iterator[bytes]:
    """Yield the rows of some columns as ``(value,value,...)``."""
    unknown = set(given) - {one.name for one in table.columns}
    if unknown:
        raise ValueError(f"table {table.name} has no column {sorted(unknown)}")
    places: list[bytes] = []
    columns: list[t.Any] = []
    for one in table.columns:
        value = given.get(one.name)
        if one.name not in given:
            places.append(one.default.replace("%", "%%").encode())
        elif isinstance(value, str | int | bytes | Decimal) or value is None:
            places.append(_quoted([value], hexadecimal)[0].replace(b"%", b"%%"))
        else:
            kind, some = _shape(value, hexadecimal)
            places.append(kind)
            columns.append(some)
    template = b"(" + b",".join(places) + b")"
    if not columns:
        raise ValueError(f"no column of {table.name} says how many rows there are")
    return (template % row for row in zip(*columns, strict=True))


def _shape(values: t.Any, hexadecimal: bool) -> tuple[bytes, t.Sequence[t.Any]]:
    """Return the place of a column in the template, and its values ready for it."""
    if isinstance(values, np.ndarray):
        return b"%d", values.tolist()
    kinds = set(map(type, values))
    if kinds <= {int, bool}:
        return b"%d", values
    return (b"'%b'", escaped(values)) if kinds == {str} else (b"%b", _quoted(values, hexadecimal))


def escaped(texts: Sequence[str]) -> list[bytes]:
    """Return texts in UTF-8 with what MySQL escapes escaped, all of them together: a pass for each character only."""
    if not texts:
        return []
    whole = _APART.join(texts).encode("utf-8", "surrogateescape")
    for raw, put in _ESCAPES:
        whole = whole.replace(raw, put)
    out = whole.split(_APART.encode())
    if len(out) != len(texts):
        raise ValueError("a text holds the character U+0002")
    return out


def _quoted(values: Iterable[Plain], hexadecimal: bool) -> list[bytes]:
    """Return values as SQL; bytes as hexadecimal, or raw as the tool writes them."""
    out: list[bytes] = []
    for one in values:
        if one is None:
            out.append(b"NULL")
        elif isinstance(one, str):
            out.append(b"'%b'" % escaped([one])[0])
        elif isinstance(one, bytes):
            out.append(_bytes(one, hexadecimal))
        else:
            out.append(str(int(one) if isinstance(one, bool) else one).encode())
    return out


def _bytes(one: bytes, hexadecimal: bool) -> bytes:
    if hexadecimal or not one:
        return b"0x" + one.hex().upper().encode() if one else b"''"
    for raw, put in _ESCAPES:
        one = one.replace(raw, put)
    return b"_binary '%b'" % one
