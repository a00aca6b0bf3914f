"""Values of a dump that are not what their column is read as: said by column, with the first place and what to do."""

from __future__ import annotations

import typing as t

import msgspec

from vigie.kernel.columnar import Untrue
from vigie.kernel.table import look
from vigie.rows.wire import Odd

if t.TYPE_CHECKING:
    from vigie.forums.reading import Reading, Select
    from vigie.kernel.table import Named, Table
    from vigie.rows.base import Row

NAMES: t.Final = {
    "latin1": "windows-1252 (western European)", "cp1251": "windows-1251 (Cyrillic)", "koi8r": "KOI8-R (Cyrillic)",
    "gbk": "GBK (Chinese)", "sjis": "Shift JIS (Japanese)", "ujis": "EUC-JP (Japanese)", "euckr": "EUC-KR (Korean)",
    "big5": "Big5 (Chinese)",
}  # fmt: skip
"""Character sets that the cell may take values for."""
WANTED: t.Final = {"whole": "whole number", "address": "IP address"}
DIGITS: t.Final = 12
"""Of a dump's digest, in a setting."""


class Lost(msgspec.Struct):
    """Times of a column that came to nothing."""

    values: int = 0
    first: int = 0
    """Row of the first."""


Times: t.TypeAlias = dict[tuple[str, str], Lost]
"""By columns and rule."""


def told(reading: Reading, odd: list[Odd], content: bytes, otherwise: str) -> t.Iterator[tuple[str, str]]:
    """Give the code and detail of a Problem for each column with such values. Raises ``Untrue``."""
    for one in odd:
        if one.column >= len(reading.wanted) or not one.values:
            raise Untrue("odd values of a column that was not asked for, or none")
        column = reading.wanted[one.column]
        where = f"{reading.relation}.{column.column}"
        first = f"first in row {one.number} (at {one.place})"
        if column.form != "text":
            yield "bad_value", f"{where}: {one.values} values are no {WANTED.get(column.form, 'value')}; {first}"
            continue
        if one.read:
            yield "charset", f"{where}: {one.read} values were read as {otherwise}, as case.toml says; {first}"
        if one.values > one.read:
            detail = f"{where}: {one.values - one.read} values; {first}, its byte {one.at + 1}"
            yield "bad_text", f"{detail}; {_likely(one, content)}" if not otherwise else detail


def _likely(one: Odd, content: bytes) -> str:
    if one.likely == "cut":
        return f"{one.held} looked at end within a character: cut short where they were stored"
    if one.likely not in NAMES:
        return f"{one.held} looked at do not tell in which character set"
    setting = f'charsets = {{ "{content.hex()[:DIGITS]}" = "{one.likely}" }}'
    return f"{one.fit} of {one.held} looked at fit {NAMES[one.likely]}, likely: to read so, [stage.records] {setting}"


def times(select: Select, made: Table[Row], batch: Named, lost: Times) -> None:
    """Count what says something and came to no time, by column, where any time is missing."""
    asked = {at: one for at, one in enumerate(select.times) if made.arrow.column(one.field).null_count}
    if not asked:
        return
    counts = ", ".join(
        f"count(*) filter (where {one.sql}) as n{at}, min(number) filter (where {one.sql}) as f{at}"
        for at, one in asked.items()
    )
    (found,) = look(f"select {counts} from {select.source}", batch=batch)
    for at, one in asked.items():
        if found[f"n{at}"]:
            held = lost.setdefault((one.columns, select.rule), Lost(first=found[f"f{at}"]))
            held.values += found[f"n{at}"]


def untimed(relation: str, lost: Times) -> t.Iterator[tuple[str, str]]:
    """Give the code and detail of a Problem for each column whose times came to nothing.

    Several rules may read one: it is told as the one has it that reads most of them.
    """
    most: dict[str, Lost] = {}
    for (columns, _), one in sorted(lost.items(), key=lambda x: (x[0][0], x[1].values)):
        most[columns] = one
    for columns, one in most.items():
        said = f"{one.values} values are no time from 1990 to 2099; first in row {one.first}"
        yield "bad_value", f"{relation}.{columns}: {said}"
