"""How well the job did on a generated case, whose truth is known."""

from __future__ import annotations

import typing as t
from collections import Counter
from pathlib import Path

import msgspec

from vigie.kernel.table import Table, look
from vigie.rows.artefacts import File
from vigie.rows.groups import Member
from vigie.rows.matches import Match, Standing
from vigie.rows.problems import Problem
from vigie.rows.truth import Truth

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """What was found against what is true."""

    files: int
    files_missed: list[str]
    """Files of the truth that the case has neither as a file nor as a problem, and the other way round."""
    standings: dict[str, dict[str, int]]
    """True standing -> found standing -> files."""
    unreachable: int
    """Files that plain PDQ is not expected to tie to their family: they may be ``new`` though they are ``near``."""
    wrong: list[str]
    """Reachable files whose standing is not the true one."""
    pairs_true: int
    """Pairs of contents of one family that plain PDQ is expected to tie."""
    pairs_found: int
    pairs_right: int
    """Pairs of contents in one group that are of one family."""
    pairs_hit: int
    """Pairs of ``pairs_true`` that are in one group."""
    spans: int
    """Listed videos within compilations."""
    spans_found: int
    """Of these, matched by their frames ..."""
    spans_missed: list[str]
    """... and those that were not, or of which an end, in either video, is more than ``NEAR_S`` from the truth."""
    problems_expected: int
    problems_seen: int
    problems_missed: list[str]

    @property
    def precision(self) -> float:
        """Share of grouped pairs that belong together."""
        return self.pairs_right / self.pairs_found if self.pairs_found else 1.0

    @property
    def recall(self) -> float:
        """Share of reachable pairs that were grouped."""
        return self.pairs_hit / self.pairs_true if self.pairs_true else 1.0


NEAR_S: t.Final = 1.0
_FAMILY = """
    (select t.sha256 as content, min(t.family) as family, bool_and(t.reachable) as reachable
    from t where t.family <> '' and t.kind in ('image', 'video') group by t.sha256)
"""


def score(case: Case, truth: Path) -> Scores:
    """Hold a case that was run against the truth beside its sample."""
    tables: dict[str, Table[t.Any]] = {
        "t": Table(Truth, Table(Truth, files=[truth]).arrow),
        "f": case.read(File),
        "s": case.read(Standing),
        "m": case.read(Member),
        "p": case.read(Problem),
        "x": case.read(Match),
    }
    rows = look(
        """
        select t.locator, t.standing as truth, coalesce(s.standing, '') as found, t.reachable
        from t left join f using (locator) left join s on s.content = f.sha256
        where t.standing <> ''
        """,
        **tables,
    )
    standings: dict[str, Counter[str]] = {}
    for one in rows:
        standings.setdefault(one["truth"], Counter())[one["found"] or "not read"] += 1
    missed = look(
        """
        select locator from t full join f using (locator)
        where t.key is null or f.key is null and t.problem = '' order by locator
        """,
        **tables,
    )
    pairs = look(
        f"""
        with x as (select c.content, c.family, c.reachable, m."group" as g
            from {_FAMILY} c join m on m.content = c.content)
        select count(*) filter (a.family = b.family and a.reachable and b.reachable) as pairs_true,
            count(*) filter (a.g = b.g) as found,
            count(*) filter (a.g = b.g and a.family = b.family) as right,
            count(*) filter (a.g = b.g and a.family = b.family and a.reachable and b.reachable) as hit
        from x a join x b on a.content < b.content
        """,
        **tables,
    )[0]
    problems = look(
        """
        select t.locator, t.problem, bool_or(p.code = t.problem) as seen
        from t left join p on p.subject = t.locator or p.subject = lower(hex(t.sha256))
            or p.unit = t.sha256
        where t.problem <> '' group by all order by t.locator
        """,
        **tables,
    )
    spans = look(
        f"""
        select t.locator, bool_or(x.key is not null) as found, coalesce(bool_or(
            abs(x.start_s - t.start_s) <= {NEAR_S} and abs(x.end_s - t.end_s) <= {NEAR_S}
            and abs(x.known_start_s - t.known_start_s) <= {NEAR_S} and abs(x.known_end_s - t.known_end_s) <= {NEAR_S}
        ), false) as right
        from t left join x on x.content = t.sha256 and x.method = 'video' and x.meaning = 'listed'
        where t.end_s > 0 group by t.locator order by t.locator
        """,
        **tables,
    )
    return Scores(
        files=len(tables["t"]),
        files_missed=[one["locator"] for one in missed],
        standings={name: dict(sorted(found.items())) for name, found in sorted(standings.items())},
        unreachable=sum(not one["reachable"] for one in rows),
        wrong=sorted(
            f"{one['locator']}: {one['truth']}, found {one['found'] or 'not read'}"
            for one in rows
            if one["reachable"] and one["truth"] != one["found"]
        ),
        pairs_true=pairs["pairs_true"],
        pairs_found=pairs["found"],
        pairs_right=pairs["right"],
        pairs_hit=pairs["hit"],
        spans=len(spans),
        spans_found=sum(bool(one["found"]) for one in spans),
        spans_missed=[one["locator"] for one in spans if not one["right"]],
        problems_expected=len(problems),
        problems_seen=sum(bool(one["seen"]) for one in problems),
        problems_missed=[f"{one['locator']}: {one['problem']}" for one in problems if not one["seen"]],
    )
