"""``vigie show CASE remnants``: what only an older copy has, with the names by which people know it."""

from __future__ import annotations

import datetime as dt
import typing as t

from vigie.desk.faces import Face
from vigie.kernel.table import Table, query
from vigie.rows.artefacts import Bundle, File
from vigie.rows.base import Key, Row
from vigie.rows.copies import Remnant
from vigie.rows.people import READ, Account, Platform, Topic

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case

MOST_WORDS: t.Final = 120
"""Characters of a text."""


class _Named(Row, frozen=True, kw_only=True):
    """A remnant as people read it; the columns that are not described here are those of ``Remnant``."""

    key: Key
    kind: str
    into: str
    account: str
    name: str
    """Of the account, as the older copy has it."""
    at: dt.datetime | None
    """When it was written, registered, done."""
    what: str
    """Title, subject, name of a file, what was done: what all members could see or staff did."""
    words: str
    """Subject of a private message; first words of what was written."""
    later_read: str
    absent_because: str
    gone_by: dt.datetime | None
    ends: dt.datetime | None
    platform: Key
    title: str
    """Of the platform."""
    place: str
    """Table, row and dump."""
    row_key: Key


FACE: t.Final = Face(
    row=_Named,
    order='"into", kind, account, "at", row_key',
    columns=("key", "into", "kind", "name", "account", "at", "what", "words", "later_read", "absent_because", "title",
             "place"),
    contact=("words",),
)  # fmt: skip

SAID: t.Final[dict[str, tuple[str, str]]] = {
    "profile": ("concat_ws(' ', x.kind, x.name)", "x.value"),
    "usergroup": ("x.name", "''"),
    "membership": ("'group ' || x.usergroup", "''"),
    "grant": ("""concat_ws(' ', x."right", x.gives)""", "''"),
    "section": ("x.name", "''"),
    "topic": ("x.title", "''"),
    "post": ("coalesce(nullif(x.subject, ''), o.title, '')", "x.text"),
    "message": ("''", "concat_ws(': ', nullif(x.subject, ''), x.text)"),
    "event": ("x.action", "x.detail"),
    "attachment": ("x.name", "''"),
    "payment": ("concat_ws(' ', x.amount, x.currency, x.direction, x.status)", "x.detail"),
    "moderation": ("concat_ws(' ', x.action, nullif(x.target, ''))", "x.detail"),
    "complaint": ("''", "x.text"),
}
"""Of each table what is shown of a row, and what only where it is asked for; by the rule of ``desk.faces``."""


def table(case: Case) -> Table[_Named]:
    """Return the remnants of a case with names, times and places."""
    remnants = case.read(Remnant)
    into = {row.table(): case.read(row) for row in READ.values()}
    held = {name: rows for name, rows in into.items() if len(rows)}
    if not len(remnants) or not held:
        return Table(_Named)
    return query(
        _Named,
        _sql(held),
        remnants=remnants,
        platforms=case.read(Platform),
        accounts=case.read(Account),
        topics=case.read(Topic),
        files=case.read(File),
        bundles=case.read(Bundle),
        **{f"of_{name}": rows for name, rows in held.items()},
    )


def _sql(held: dict[str, Table[t.Any]]) -> str:
    return f"""
        with met as ({" union all ".join(_met(name, rows.row) for name, rows in held.items())}), named as (
            select platform, id as account, min(name) as name from accounts
            where (platform, id) in (select (platform, account) from remnants) group by all
        ), lying as (
            select sha256 as content, min(locator) as locator from files
            where sha256 in (select content from platforms) group by sha256
            union all select content, min(folder) from bundles group by content
        )
        select r.key, r.kind, r."into", r.account, coalesce(n.name, nullif(m.name, ''), '') as name, m."at", m.what,
            left(replace(m.words, chr(10), ' '), {MOST_WORDS}) as words, r.later_read, r.absent_because, r.gone_by,
            r.ends, r.platform, trim(p.title || ' ' || p.prefix) as title,
            format('{{}} row {{}} of {{}}', m.relation, m.number, coalesce(l.locator, '')) as place, r.row_key
        from remnants r join met m on m.key = r.row_key join platforms p on p.key = r.platform
        left join named n on n.platform = r.platform and n.account = r.account
        left join (select content, min(locator) as locator from lying group by content) l on l.content = p.content
    """


def _met(name: str, row: type[Row]) -> str:
    """Return the ``select`` of the rows of one table that are remnants."""
    columns = row.__struct_fields__
    what, words = SAID.get(name, ("''", "''"))
    at = '"at"' if "at" in columns else "registered" if name == "account" else "null::timestamptz"
    at = at if at.startswith("null") else f"x.{at}"
    whose = "x.name" if "name" in columns and name in ("account", "topic", "post", "message", "event") else "''"
    title = (
        "left join (select platform, id, min(title) as title from topics group by platform, id) o"
        " on o.platform = x.platform and o.id = x.topic"
        if name == "post"
        else ""
    )
    return f"""
        select x.key, x.relation, x.number, {at} as "at", {whose} as name, {what} as what, {words} as words
        from of_{name} x semi join remnants r on r.row_key = x.key {title}
    """
