"""One row for each thing, where a case holds one platform at several dates: what the steps count.

Rows of an older state that a later one has are left out; those that only it has count under the platform of the
latest. Their table is called ``<name> of copy <digits>`` there, so that table and number still tell one row from
another. Where nothing is held twice the tables are passed on as they are.
"""

import typing as t

from vigie.kernel.table import Named, Selected, Table, look
from vigie.rows.copies import COPY, Layer, Remnant

ACCOUNTS: t.Final = ("account", "target", "editor")
"""Columns that name an account."""
KEPT: t.Final = "('only', 'reused')"
STATES: t.Final = "('only', 'reused', 'changed')"


def one_of_each(layers: Table[Layer], remnants: Table[Remnant], **tables: Table[t.Any]) -> dict[str, Named]:
    """Return tables in which each thing of a platform stands once, as its latest state has it."""
    return {name: _selected(layers, remnants, table, KEPT) for name, table in tables.items()}


def all_states(layers: Table[Layer], remnants: Table[Remnant], **tables: Table[t.Any]) -> dict[str, Named]:
    """Return tables that also have what older states say otherwise of the same things: to be read, not counted."""
    return {name: _selected(layers, remnants, table, STATES) for name, table in tables.items()}


def files_once(attachments: Named) -> Named:
    """Return attachments without the rows that only say where a file stands whose own row is there, too.

    XenForo, vBulletin, Discourse and Invision keep these in two tables, both with the number of the file: who uploaded
    it, and when, is said by the row that knows where it lies. One file may stand in many places.
    """
    if not look(_STANDING, attachments=attachments):
        return attachments
    return Selected(
        """
        select * from {rows} where not (path = '' and digest = '' and id <> '')
        union all
        select * from {rows} r where path = '' and digest = '' and id <> '' and not exists (
            select 1 from {rows} f where f.platform = r.platform and f.id = r.id and (f.path <> '' or f.digest <> ''))
        """,
        {"rows": attachments},
    )


_STANDING: t.Final = """
    select platform from attachments where path = '' and digest = '' and id <> '' group by platform
    intersect
    select platform from attachments where path <> '' or digest <> '' group by platform
"""


def _selected(layers: Table[Layer], remnants: Table[Remnant], table: Table[t.Any], kinds: str) -> Named:
    held = sorted(layers, key=lambda one: one.key)
    into, columns = table.row.table(), table.row.__struct_fields__
    older = sorted({_bytes(one.platform) for one in held if one.before is None})
    latest = [f"r.platform not in ({', '.join(older)})"] if older else []
    latest += [
        f"not (r.platform = {_bytes(one.platform)} and r.relation = {_text(one.relation)} and r.place < {one.before})"
        for one in held if one.before is not None and one.into == into
    ]  # fmt: skip
    if not latest:
        return table
    copy = f"'{COPY}' || left(lower(hex(r.platform)), 8)"
    named = {"platform": "l.counts_as", "relation": f"if(l.before is null, r.relation || {copy}, r.relation)"}
    for name in ("id",) if into == "account" else (one for one in ACCOUNTS if one in columns):
        reused = "(r.platform, r.{}) in (select (platform, account) from {{remnants}} where kind = 'reused')"
        named[name] = f"case when {reused.format(name)} then r.{name} || {copy} else r.{name} end"
    replaced = ", ".join(f"{sql} as {name}" for name, sql in named.items())
    of_table = f"""{{layers}} l on l.platform = r.platform and l.relation = r.relation and l."into" = '{into}'
        where (l.before is null or r.place < l.before)
            and (l.alone or r.key in (select row_key from {{remnants}} where kind in {kinds}))"""
    if "place" not in columns:  # identifiers in texts are met by way of their rows: those of rows left out by none
        of_table = """(select distinct platform, relation, counts_as, before from {layers} where before is null) l
        on l.platform = r.platform and l.relation = r.relation"""
    return Selected(
        f"""
        select r.* from {{rows}} r where {" and ".join(latest)}
        union all select r.* replace ({replaced}) from {{rows}} r join {of_table}
        """,
        {"rows": table, "layers": layers, "remnants": remnants},
    )


def _bytes(value: bytes) -> str:
    return f"unhex('{value.hex()}')"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''").replace("{", "{{").replace("}", "}}") + "'"
