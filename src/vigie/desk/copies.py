"""In one line: what copies of platforms were found, and what that means for whatever is counted."""

from __future__ import annotations

import typing as t

from vigie.kernel.table import look
from vigie.rows.copies import GONE, Copy, Remnant

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case

UNSURE: t.Final = "greatest(same, alike, things_same) > 0"
"""Of pairs that are kept apart: something speaks for one platform."""


def counted(case: Case) -> str:
    """Say it; ``""`` where nothing stands on two dates, and nothing looks like it."""
    (found,) = look(
        f"""
        select count(distinct platform) filter (verdict = 'copy') as older,
            count(distinct platform) filter (verdict = 'copy' and dated_by = 'unknown') as undated,
            count(*) filter (verdict <> 'copy' and {UNSURE}) as apart from c
        """,
        c=case.read(Copy),
    )
    said = []
    if found["older"]:
        (left,) = look(
            f"""
            select count(*) as n, count(*) filter (kind = 'reused' or later_read in {GONE}) as gone from r
            where kind <> 'changed'
            """,
            r=case.read(Remnant),
        )
        undated = f" Which of two is the later is not known of {found['undated']:,}." if found["undated"] else ""
        said.append(
            f"Dumps that are an older date of another (an inference): {found['older']:,}.{undated} What several"
            " dates have counts once in roles, ranks, persons and the report; tables of rows show those of each dump."
            f" Only an older date has {left['n']:,} rows: gone by a later date {left['gone']:,}, not known to be gone"
            f" {left['n'] - left['gone']:,}. See: vigie show CASE copies, layers, remnants."
        )
    if found["apart"]:
        said.append(
            f"Pairs of platforms with accounts or posts in common that are kept apart: {found['apart']:,}; who is on"
            " both counts for each. Why: vigie show CASE copies."
        )
    return " ".join(said)
