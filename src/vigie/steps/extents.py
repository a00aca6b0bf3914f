"""How much of each table of each platform was read: what ``copies`` says of rows that a later dump has not."""

import typing as t

from vigie.kernel.table import Table, look
from vigie.rows.artefacts import Relation
from vigie.rows.copies import Extent
from vigie.rows.people import Platform, Taken

_MOST_NAMED: t.Final = 300
"""Characters of the names of tables in a text."""
Rows: t.TypeAlias = Table[t.Any]


def extents(
    platforms: Table[Platform], relations: Table[Relation], taken: Table[Taken], read: t.Collection[Rows]
) -> list[Extent]:
    """Say it of every table of which rows were to be made, and of each dump. Rows of whole ones are not looked at."""
    held = [one | _emptied(one, read) for one in look(_HELD, p=platforms, r=relations, t=taken)]
    reach = _reach([one for one in held if one["state"] in ("cut", "open")], read)
    tables = [_extent(one, reach.get((one["platform"], one["relation"], one["into"]), (None, None))) for one in held]
    unread = {one.platform for one in tables if one.state == "unread"}
    return tables + [_dump(one, unread) for one in look(_DUMPS, p=platforms, r=relations)]


_HELD = """
    with made as (
        select t.platform, t.relation, t."into", sum(t.made)::bigint as rows, max(t.read) as read,
            max(t.left) as left_out
        from t group by all
    )
    select m.*, coalesce(r.rows, 0) as lying, coalesce(r.misfits, 0) as misfits, coalesce(r.said_next, 0) as said_next,
        coalesce(r.again, 0) as again,
        case when r.rows > m.read then 'unread' when r.misfits > 0 then 'damaged'
            when r.rows = 0 and r.extent = 'whole' then 'empty'
            else coalesce(r.extent, 'open') end as state
    from made m join p on p.key = m.platform left join r on r.content = p.content and r.name = m.relation
    order by m.platform, m.relation, m."into"
"""
_DUMPS = """
    select p.key as platform, coalesce(min(r.extent) filter (r.extent in ('cut', 'damaged')),
            min(r.extent) filter (r.extent <> 'whole'), 'whole') as state,
        coalesce(string_agg(r.name, ', ' order by r.place, r.name) filter (r.extent <> 'whole'), '') as named
    from p left join r on r.content = p.content group by p.key order by p.key
"""
_ORDERED = """
    with lots as (
        -- in lots, since a window over all rows of a table would hold them all
        select platform, relation, number // 4096 as lot, list(try_cast(id as bigint) order by number, id) as ids,
            count(*) - count(try_cast(id as bigint)) as strange
        from x join (values {wanted}) w(of_platform, of_relation, again)
            on x.platform = of_platform and x.relation = of_relation and x.place >= again
        group by all
    ), told as (
        select platform, relation, lot, list_min(ids) as low, list_max(ids) as high,
            list_sort(ids) = ids and strange = 0 as ordered
        from lots
    ), followed as (
        select *, lag(high) over (partition by platform, relation order by lot) as before from told
    )
    select platform, relation, max(high) as upto from followed group by all
    having bool_and(ordered and coalesce(low >= before, true))
"""


def _emptied(one: dict[str, t.Any], read: t.Collection[Rows]) -> dict[str, str]:
    """Say so of a table that its dump declares anew, with no row behind."""
    if not one["again"] or one["state"] != "whole":
        return {}
    mine = f"platform = unhex('{one['platform'].hex()}') and relation = {_text(one['relation'])}"
    behind = f"select key from x where {mine} and place >= {one['again']} limit 1"
    rows = next(rows for rows in read if rows.row.table() == one["into"])
    return {} if look(behind, x=rows) else {"state": "empty"}


def _reach(wanted: list[dict[str, t.Any]], read: t.Iterable[Rows]) -> dict[tuple[bytes, str, str], tuple[int, int]]:
    """Return the last number of each table whose rows lie in the order of their numbers, and which comes next."""
    out = {}
    for rows in read:
        into = rows.row.table()
        mine = [one for one in wanted if one["into"] == into and one["rows"]]
        if not mine or "id" not in rows.row.__struct_fields__:
            continue
        named = ", ".join(
            f"(unhex('{one['platform'].hex()}'), {_text(one['relation'])}, {one['again']})" for one in mine
        )
        found = {(x["platform"], x["relation"]): x["upto"] for x in look(_ORDERED.format(wanted=named), x=rows)}
        for one in mine:
            upto = found.get((one["platform"], one["relation"]))
            if upto is not None:
                out[one["platform"], one["relation"], into] = (upto, one["said_next"])
    return out


def _dump(one: dict[str, t.Any], unread: set[bytes]) -> Extent:
    state = "unread" if one["platform"] in unread and one["state"] == "whole" else one["state"]
    text = {
        "whole": "The dump is whole.",
        "cut": "The dump is cut off; what tables and rows stood behind the cut is not known. Not whole: ",
        "open": "Nothing says whether the dump is whole. Not known to be: ",
        "damaged": "Some of what stands for rows in the dump could not be read. Not whole: ",
        "unread": "The dump is whole, but not all of its rows were read (see problems).",
    }[state]
    named = one["named"][:_MOST_NAMED] if text.endswith(": ") else ""
    return Extent.make(
        platform=one["platform"], relation="", into="", state=state, rows=0, left=0, upto=None, text=text + named
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _extent(one: dict[str, t.Any], reach: tuple[int | None, int | None]) -> Extent:
    upto, said_next = reach
    state = one["state"]
    to = "" if upto is None else f", in the order of their numbers up to {upto}"
    if said_next and upto is not None:
        to += f"; the next would have had {said_next}"
    if upto is not None and said_next == upto + 1:  # what follows the last number that was ever given?
        state, upto = "whole", None
    rows, left = f"{one['rows']:,} rows came of it", one["left_out"]
    text = {
        "whole": f"Read whole: {rows}{to}",
        "empty": "No row stands behind its declaration: emptied, or saved without rows",
        "cut": f"The dump is cut off in it or before its rows: {rows}{to}",
        "open": f"It comes last, and nothing says whether the dump is whole: {rows}{to}",
        "damaged": f"Some of it could not be read ({one['misfits']:,} rows that do not fit; see problems): {rows}",
        "unread": f"{one['lying']:,} rows lie there and {one['read']:,} were read (see problems): {rows}",
    }[state]
    text += f"; {left:,} are left out by the mapping." if left else "."
    return Extent.make(
        platform=one["platform"], relation=one["relation"], into=one["into"], state=state, rows=one["rows"],
        left=one["left_out"],
        upto=upto,
        text=text,
    )  # fmt: skip
