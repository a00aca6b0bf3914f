"""Which edition of each source of facts about IP networks answers for a moment: the nearest before it.

The dates of all editions cut time into epochs; within one every source has one edition that answers: the newest that is
no younger, the oldest where all are younger, the newest where the moment is not known. Edition for edition there is
one for each family of addresses, since IPv4 and IPv6 come in different files.
"""

import datetime as dt
import typing as t

from vigie.rows.countries import IpBase

UNKNOWN: t.Final = -1
"""Epoch of a moment that is not known."""
BEGIN: t.Final = dt.datetime.min.replace(tzinfo=dt.UTC)
FAMILY: t.Final = "case when contains(ip, ':') then 6 else 4 end"
"""SQL: the family of the address in ``ip``."""


def epoch(bases: list[IpBase], moment: str) -> str:
    """Return as SQL the number of the epoch in which a moment lies."""
    dates = sorted({one.dated for one in bases})
    counted = " + ".join(f"cast({moment} >= {_timestamp(one)} as integer)" for one in dates)
    return f"case when {moment} is null then {UNKNOWN} else {counted or 0} end"


def chosen(bases: list[IpBase]) -> str:
    """Return the ``select`` of ``epoch``, ``family``, ``file``: every edition that answers."""
    dates = sorted({one.dated for one in bases})
    since = [*dates, BEGIN]  # of epoch 0 its last, of the unknown one the one before: the newest
    rows = [
        f"({number}, {family}, unhex('{one.file.hex()}'))"
        for number in range(UNKNOWN if dates else 0, len(dates) + 1)
        for family in (4, 6)
        for one in _answering(bases, family, since[number - 1])
    ]
    none = "select 0 as epoch, 0 as family, ''::blob as file where false"
    return f"select * from (values {', '.join(rows)}) c(epoch, family, file)" if rows else none


def _answering(bases: list[IpBase], family: int, since: dt.datetime) -> list[IpBase]:
    """Return for each source its edition in the epoch that begins at ``since``: all files of that day."""
    editions: dict[str, list[IpBase]] = {}
    for one in bases:
        if one.ipv4 if family == 4 else one.ipv6:
            editions.setdefault(one.name, []).append(one)
    out = []
    for known in editions.values():
        dates = [one.dated for one in known]
        day = max((one for one in dates if one <= since), default=min(dates))
        out += [one for one in known if one.dated == day]
    return sorted(out, key=lambda one: one.file)


def _timestamp(moment: dt.datetime) -> str:
    return f"timestamptz '{moment:%Y-%m-%d %H:%M:%S}+00'"
