"""What the values of a column look like: shares of those that read as a time, an address, an e-mail ..."""

from __future__ import annotations

import typing as t

import msgspec

from vigie.forums import conversions

_FORMS: t.Final[dict[str, str]] = {
    "email": r"[^\s@]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+",
    "url": r"(?i)(https?|ftp)://\S+",
    "digest": r"[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}",
    "wallet": r"bc1[02-9ac-hj-np-z]{20,80}|[13][1-9A-HJ-NP-Za-km-z]{25,34}"  # Bitcoin
    r"|0x[0-9a-fA-F]{40}|[48][1-9A-HJ-NP-Za-km-z]{94}",  # Ethereum, Monero
    "filename": r"[^/\\\r\n]{1,200}\.(jpe?g|png|gif|webp|heic|bmp|mp4|webm|avi|mov|mkv|wmv|zip|rar|7z|pdf|txt)",
    "crypt": r"(\$[0-9a-zA-Z]{1,10}\$.{8,}|pbkdf2\S+|\{\w+\}\S+)",
    "number": r"-?[0-9]{1,19}",
    "money": r"-?[0-9]{1,12}\.[0-9]{1,12}",
    "words": r"(?s).*\S\s+\S+\s+\S.*",
}
"""Shape -> regular expression (RE2) of the whole value."""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """A column's values, as far as they were looked at."""

    seen: int
    """Values that are neither NULL nor empty."""
    distinct: int
    shares: dict[str, float]
    """Shape -> part of the values seen that have it, 0-1: of ``_FORMS`` and ``_TOLD``."""


def select(columns: int) -> str:
    """Return the ``select`` over ``batch``: ``c0`` ... are the columns as text, ``c<columns>`` ... as IP addresses.

    One row: for each column how many, how many different, and how many of each shape.
    """
    return f"select {', '.join(part for at in range(columns) for part in _counts(at, columns))} from batch"


def read(row: dict[str, t.Any], column: int) -> Shape:
    """Return the shape of a column from the row that ``select`` gives."""
    seen = row[f"seen{column}"]
    names = [*_FORMS, *_TOLD]
    shares = {name: row[f"{name}{column}"] / seen if seen else 0.0 for name in names}
    return Shape(seen=seen, distinct=row[f"distinct{column}"], shares=shares)


_TOLD: t.Final = ("unix", "unix_ms", "datetime", "ip", "ip_number")


def _counts(at: int, columns: int) -> t.Iterator[str]:
    value = f"c{at}"
    there = f"{value} <> ''"
    number = conversions.integer(value)
    told = {
        "unix": f"{conversions.unix(number, 1)} is not null",
        "unix_ms": f"{conversions.unix(number, 1000)} is not null",
        "datetime": f"{conversions.datetime(value)} is not null",
        "ip": f"c{columns + at} <> '' and not regexp_full_match({value}, '[ -~]{{4}}')",  # four letters are no address
        "ip_number": f"{number} between 16777216 and 4294967295",
    }
    yield f"count(*) filter (where {there}) as seen{at}"
    yield f"count(distinct {value}) filter (where {there}) as distinct{at}"
    for name, form in _FORMS.items():
        yield f"count(*) filter (where {there} and regexp_full_match({value}, {conversions.text(form)})) as {name}{at}"
    for name, condition in told.items():
        yield f"count(*) filter (where {there} and {condition}) as {name}{at}"
