"""A table as a person asks for it: filtered by an expression, in JSON's terms, in bounded memory.

Bytes are shown as lower-case hex, and the filter sees what is shown: ``sha256 = '0ab1...'``. The expression is one
DuckDB boolean expression over the columns. It is parsed first, and anything that could reach beyond the row it looks
at - a second statement, a subquery, another table - is refused; the database it then runs in has no files, no network
and a locked configuration.
"""

from __future__ import annotations

import typing as t

import duckdb
import msgspec
import pyarrow as pa

from vigie.kernel.errors import UsageError
from vigie.kernel.schema import schema
from vigie.kernel.table import BATCH_ROWS, Table, export, look, registered

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vigie.rows.base import Row

MOST_EXPRESSION = 10_000


class View:
    """The rows of a table that an expression lets through, in an order, up to a limit."""

    def __init__(
        self,
        table: Table[t.Any],
        *,
        where: str = "",
        order: str = "key",
        limit: int | None = None,
        without: t.Collection[str] = (),
    ) -> None:
        """Check the expression; columns it is to do ``without`` are not there for it either.

        Errors: UsageError, which names the columns there are.
        """
        self.table = table
        self.columns = [name for name in table.row.__struct_fields__ if name not in without]
        self._from = f"from ({_shown(table.row, self.columns)})"
        if where.strip():
            _check(where, self.columns)
            self._from += f" where ({where}\n)"
        self._tail = f" order by {order}" + ("" if limit is None else f" limit {limit:d}")

    def count(self) -> int:
        """Count the rows that the expression lets through, whatever the limit."""
        (found,) = self._asked(f"select count(*) as n {self._from}")
        return int(found["n"])

    def rows(self) -> Iterator[dict[str, t.Any]]:
        """Go through the rows as dictionaries of what JSON knows."""
        with registered({"source": self.table}) as db:
            try:
                reader = db.sql(f"select * {self._from}{self._tail}").to_arrow_reader(BATCH_ROWS)
                for batch in reader:
                    yield from batch.to_pylist()
            except duckdb.Error as error:
                raise _unfit(error, self.columns) from None

    def export(self, path: Path) -> int:
        """Write the rows to a Parquet file; return how many."""
        with registered({"source": self.table}) as db:
            try:
                return export(db.sql(f"select * {self._from}{self._tail}").to_arrow_reader(BATCH_ROWS), path)
            except duckdb.Error as error:
                raise _unfit(error, self.columns) from None

    def _asked(self, sql: str) -> list[dict[str, t.Any]]:
        try:
            return look(sql, source=self.table)
        except duckdb.Error as error:
            raise _unfit(error, self.columns) from None


def _shown(row: type[Row], columns: list[str]) -> str:
    """Return the ``select`` that turns each column into what JSON knows."""
    kinds = schema(row)
    shown = []
    for name in columns:
        kind = kinds.field(name).type
        if pa.types.is_binary(kind) or pa.types.is_fixed_size_binary(kind):
            shown.append(f'lower(hex("{name}")) as "{name}"')
        elif pa.types.is_timestamp(kind):
            shown.append(f'strftime("{name}", \'%Y-%m-%dT%H:%M:%SZ\') as "{name}"')
        else:
            shown.append(f'"{name}"')
    return f"select {', '.join(shown)} from source"


def _check(where: str, columns: list[str]) -> None:
    """Refuse what is not one expression over the columns."""
    if len(where) > MOST_EXPRESSION:
        raise UsageError(f"--where is longer than {MOST_EXPRESSION} characters.")
    found, bare = _parsed(where), _parsed("true")
    if found["error"]:
        raise UsageError(f"--where is no boolean expression: {found['error_message']}. {_there_are(columns)}")
    condition = _condition(found)
    if _condition(bare) is None or found != bare:
        raise UsageError("--where takes one boolean expression: no statement, no clause behind it.")
    if _holds_subquery(condition):
        raise UsageError("--where looks at one row of the table at a time: no subquery and no other table.")


def _parsed(where: str) -> dict[str, t.Any]:
    """Return the syntax tree, as DuckDB gives it, of a ``select`` with this condition."""
    quoted = f"select 1 where ({where}\n)".replace("'", "''")
    (found,) = look(f"select json_serialize_sql('{quoted}') as tree")
    tree: dict[str, t.Any] = msgspec.json.decode(found["tree"])
    return tree


def _condition(tree: dict[str, t.Any]) -> t.Any:
    """Take the condition out of a tree of one plain ``select``; None where it has none of its own."""
    return tree["statements"][0]["node"].pop("where_clause", None)


def _holds_subquery(tree: t.Any) -> bool:
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, dict):
            if one.get("class") == "SUBQUERY":
                return True
            waiting.extend(one.values())
    return False


def _unfit(error: duckdb.Error, columns: list[str]) -> UsageError:
    first = str(error).splitlines()[0]
    return UsageError(f"--where does not fit the table: {first} {_there_are(columns)}")


def _there_are(columns: list[str]) -> str:
    return f"Columns: {', '.join(columns)}."
