"""What the report tells beside the numbers: bounded excerpts of the tables, ready for the template."""

from __future__ import annotations

import datetime as dt
import typing as t

from vigie.kernel.evaluate import order
from vigie.kernel.explain import covering
from vigie.kernel.table import look
from vigie.rows.artefacts import File
from vigie.rows.evidence import Item, Original, Verification
from vigie.rows.groups import Compared, Group, Member
from vigie.rows.leads import Lead, Reason
from vigie.rows.matches import HashList, Match
from vigie.rows.problems import Problem

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case

MOST_LEADS = 500
MOST_GROUPS = 100
MOST_PLACES = 500

Rows: t.TypeAlias = list[dict[str, t.Any]]


def leads(case: Case) -> Rows:
    """Return the head of the queue, each lead with its reasons, heaviest first."""
    found = look(
        f"""
        select l.*, g.diameter_bits, g.weakest_link_bits from l join g on g.key = l."group"
        where l."look" order by rank limit {MOST_LEADS}
        """,
        l=case.read(Lead),
        g=case.read(Group),
    )
    wanted = ", ".join(f"unhex('{one['key'].hex()}')" for one in found)
    reasons: dict[bytes, Rows] = {}
    if wanted:
        sql = f"select * from r where lead in ({wanted}) order by lead, points desc, name"
        for one in look(sql, r=case.read(Reason)):
            reasons.setdefault(one["lead"], []).append(one)
    return [one | {"reasons": reasons.get(one["key"], [])} for one in found]


def groups(case: Case) -> Rows:
    """Return the groups of several contents, largest first, each with one place where it lies.

    ``proved``: pairs of its members that the second check laid over each other and took for the same.
    """
    return look(
        f"""
        with p as (
            select a."group", count(*) as proved
            from c join m a on a.content = c.a join m b on b.content = c.b and b."group" = a."group"
            where c.verdict = 'same' group by all
        )
        select g.*, l.rank, l.example, coalesce(p.proved, 0) as proved
        from g left join l on l."group" = g.key left join p on p."group" = g.key
        where g.contents > 1 order by g.contents desc, g.files desc, g.key limit {MOST_GROUPS}
        """,
        g=case.read(Group),
        l=case.read(Lead),
        c=case.read(Compared),
        m=case.read(Member),
    )


def grouped(case: Case) -> int:
    """Count the groups of several contents."""
    return int(look("select count(*) as n from g where contents > 1", g=case.read(Group))[0]["n"])


def lists(case: Case) -> Rows:
    """Return each hash list with what it met, by method."""
    return look(
        """
        select h.*, coalesce(m.exact, 0) as exact, coalesce(m.near, 0) as near, coalesce(m.contents, 0) as contents
        from h left join (
            select list, count(*) filter (method = 'exact') as exact, count(*) filter (method <> 'exact') as near,
                count(distinct content) as contents
            from m group by list
        ) m on m.list = h.list
        order by h.meaning desc, h.name, h.key
        """,
        h=case.read(HashList),
        m=case.read(Match),
    )


def items(case: Case) -> Rows:
    """Return what was taken in, with manifest and custody entry."""
    taken = {e.about["item"]: e for e in case.custody.entries() if e.act == "taken_in"}
    found = look(
        """
        select i.*, coalesce(o.n, 0) as originals, coalesce(o.bytes, 0) as bytes
        from i left join (select item, count(*) as n, sum(size_bytes) as bytes from o group by item) o
        on o.item = i.key order by name
        """,
        i=case.read(Item),
        o=case.read(Original),
    )
    return [one | {"taken": taken.get(one["key"].hex())} for one in found]


def verifications(case: Case) -> Rows:
    """Return what images say of their own integrity, and the entry by which a mismatch was accepted, if one was."""
    accepted = {e.about["original"]: e for e in case.custody.entries() if e.act == "mismatch_accepted"}
    found = look(
        f"""
        select i.name as item, o.path, v.* from v join o on o.key = v.original join i on i.key = o.item
        order by v.verdict, i.name, o.path limit {MOST_PLACES}
        """,
        v=case.read(Verification),
        o=case.read(Original),
        i=case.read(Item),
    )
    return [one | {"accepted": accepted.get(one["original"].hex())} for one in found]


def problem_places(case: Case) -> Rows:
    """Return problems in full, up to a bound."""
    return look(f"select * from p order by code, stage, subject, key limit {MOST_PLACES}", p=case.read(Problem))


def runs(case: Case) -> Rows:
    """Return the runs that count, in the order of work; runs of one stage and recipe kind as one line."""
    place = {stage.name: index for index, stage in enumerate(order())}
    lines: dict[tuple[t.Any, ...], dict[str, t.Any]] = {}
    for run in case.counting().values():
        recipe = run.recipe
        name = (place.get(recipe.stage, -1), recipe.stage, recipe.code, recipe.cell, run.level, run.version)
        line = lines.setdefault(
            name,
            {
                "stage": recipe.stage, "code": recipe.code, "cell": recipe.cell, "level": run.level,
                "version": run.version, "runs": [], "rows": 0, "seconds": 0.0, "tools": recipe.tools,
                "started": run.started,
            },
        )  # fmt: skip
        line["runs"].append(run.id)
        line["rows"] += sum(run.rows.values())
        line["seconds"] += run.seconds
        line["started"] = min(line["started"], run.started)
    return [lines[name] for name in sorted(lines)]


def places(case: Case) -> dict[str, dict[str, int]]:
    """Count files by item and kind."""
    found = look(
        """
        select i.name, f.kind, count(*) as n from f join i on i.key = f.item group by i.name, f.kind
        order by i.name, list_position(['image', 'video', 'container', 'database', 'other'], f.kind)
        """,
        f=case.read(File),
        i=case.read(Item),
    )
    return _nested(found, "name", "kind")


def types(case: Case) -> dict[str, dict[str, int]]:
    """Count files by content type and by whether they lay in a folder or in a container."""
    found = look(
        """
        select content_type, case depth when 0 then 'folder' else 'inside' end as place, count(*) as n
        from f group by all order by all
        """,
        f=case.read(File),
    )
    return _nested(found, "content_type", "place")


def days(case: Case) -> dict[dt.date, int]:
    """Count files by the day they were last modified, as their file system or archive says."""
    found = look(
        "select cast(modified as date) as day, count(*) as n from f where modified is not null group by day",
        f=case.read(File),
    )
    return {one["day"]: one["n"] for one in found}


def signed(case: Case) -> dict[str, t.Any]:
    """Return the last run's log entry and the checkpoint over it: the state that the report speaks of."""
    last = None
    for entry in case.custody.entries():
        if entry.act in ("run", "taken_in", "list_added", "geo_added", "chain_used", "chain_fetched", "created"):
            last = entry
    seq = last.seq if last else 0
    return {"entry": seq, "at": last.at if last else None, "checkpoint": covering(case, seq)}


def _nested(found: Rows, outer: str, inner: str) -> dict[str, dict[str, int]]:
    out: dict[str, dict[str, int]] = {}
    for one in found:
        out.setdefault(one[outer], {})[one[inner]] = one["n"]
    return out
