"""What the report tells of the people strand: bounded excerpts for the template. No address, no e-mail, no text."""

from __future__ import annotations

import typing as t

from vigie.desk import accounts, timelines
from vigie.desk.resembling import scored_by
from vigie.desk.worldmap import counts_of, worldmap
from vigie.kernel.table import look
from vigie.rows.artefacts import Bundle, File, Relation
from vigie.rows.copies import GONE, Copy, Extent, Remnant
from vigie.rows.countries import Jurisdiction
from vigie.rows.people import Account, Attachment, Mapped, Message, Payment, Platform, Post, Secret
from vigie.rows.persons import Alias, Person, Resemblance
from vigie.rows.roles import Oddity, Role
from vigie.rows.uploads import Producer

if t.TYPE_CHECKING:
    from vigie.desk.facts import Rows
    from vigie.kernel.case import Case

MOST: t.Final = 25
"""Lines of a table here."""
MOST_UNREAD: t.Final = 15


def told(case: Case) -> dict[str, t.Any] | None:
    """Return what the template asks for; None where no platform was found."""
    found = platforms(case)
    if not found:
        return None
    return {
        "platforms": found,
        "copies": copies(case),
        "unread": unread(case),
        "secrets": len(case.read(Secret)),
        "ranked": accounts.reasoned(case, accounts.first(case, MOST)),
        "roles": roles(case),
        "technical": accounts.technical(case),
        "producers": producers(case),
        "persons": persons(case),
        "resemblances": _count(case.read(Resemblance)),
        "scored_by": scored_by(case),
        "countries": look(
            f"select * from j where standing_as = 'suspect' order by accounts desc, country limit {MOST}",
            j=case.read(Jurisdiction),
        ),
        "hosting": look(
            "select * from j where standing_as = 'hosting' order by accounts desc, country", j=case.read(Jurisdiction)
        ),
        "map": _map(case),
        "plots": timelines.platforms(case),
        "heat": timelines.accounts(case),
        "oddities": look(
            f"select * from o where account = '' order by count desc, kind, platform limit {MOST}", o=case.read(Oddity)
        ),
    }


def copies(case: Case) -> Rows:
    """Return the pairs of platforms that are one at two dates, or perhaps are, and what only the older one has."""
    return look(
        f"""
        with counted as (
            select platform, "into", count(*) as n, kind = 'reused' or later_read in {GONE} as gone
            from r where kind <> 'changed' group by all
        ), held as (
            select platform, string_agg(format('{{:,}} {{}}', n, "into"), ', ' order by "into") filter (gone) as gone,
                string_agg(format('{{:,}} {{}}', n, "into"), ', ' order by "into") filter (not gone) as unknown
            from counted group by platform
        )
        select c.verdict, c.text, c.ends, c.later_ends, x.title, x.prefix, y.title as later_title,
            y.prefix as later_prefix, coalesce(h.gone, '') as gone, coalesce(h.unknown, '') as unknown,
            coalesce(ex.text, '') as short, coalesce(ey.text, '') as later_short
        from c join p x on x.key = c.platform join p y on y.key = c.later
        left join e ex on ex.platform = c.platform and ex."into" = '' and ex.state <> 'whole'
        left join e ey on ey.platform = c.later and ey."into" = '' and ey.state <> 'whole'
        left join held h on h.platform = c.platform and c.verdict = 'copy'
        where c.verdict = 'copy' or greatest(c.same, c.alike, c.things_same) > 0
        order by c.verdict desc, c.shared desc, c.key limit {MOST}
        """,
        c=case.read(Copy),
        p=case.read(Platform),
        r=case.read(Remnant),
        e=case.read(Extent),
    )


def platforms(case: Case) -> Rows:
    """Return each platform with where its dump lies and how much of each kind was read."""
    counts: dict[str, type[t.Any]] = {
        "accounts": Account,
        "posts": Post,
        "messages": Message,
        "attachments": Attachment,
        "payments": Payment,
    }
    joins = " ".join(
        f"left join (select platform, count(*) as n from {name} group by platform) {name}_ on {name}_.platform = p.key"
        for name in counts
    )
    shown = ", ".join(f"coalesce({name}_.n, 0) as {name}" for name in counts)
    return look(
        f"""
        select p.key, p.software, p.title, p.prefix, p.score, p.size_bytes, f.locator, {shown}
        from p left join (
            select sha256, min(locator) as locator from f group by sha256 union all select content, folder from b
        ) f on f.sha256 = p.content
        {joins} order by p.title, p.prefix, p.key
        """,
        p=case.read(Platform),
        f=case.read(File),
        b=case.read(Bundle),
        **{name: case.read(row) for name, row in counts.items()},
    )


def unread(case: Case) -> Rows:
    """Return the largest tables that no mapping reads."""
    return look(
        f"""
        select r.name, r.rows, count(*) over () as of from r
        anti join (select distinct content, relation from m where "into" <> '') m
            on m.content = r.content and m.relation = r.name
        where r.rows > 0 order by r.rows desc, r.name limit {MOST_UNREAD}
        """,
        r=case.read(Relation),
        m=case.read(Mapped),
    )


def roles(case: Case) -> Rows:
    """Count accounts by role, and by whether the platform's own tables say it."""
    return look(
        """
        select role, count(*) filter (basis = 'fact') as facts,
            count(*) filter (basis <> 'fact') as inferences
        from o group by role order by facts + inferences, role
        """,
        o=case.read(Role),
    )


def producers(case: Case) -> Rows:
    """Return the accounts that were first with most groups."""
    return look(
        f"""
        select x.*, coalesce(trim(p.title || ' ' || p.prefix), '') as title
        from x left join p on p.key = x.platform where x.firsts > 0 order by x.rank limit {MOST}
        """,
        x=case.read(Producer),
        p=case.read(Platform),
    )


def persons(case: Case) -> dict[str, t.Any]:
    """Return the persons with most accounts, and how many there are."""
    rows = look(
        f"""
        select x.*, string_agg(a.name, ', ' order by a.platform, a.account) as names
        from (select * from x order by accounts desc, key limit {MOST}) x join a on a.person = x.key
        group by all order by x.accounts desc, x.key
        """,
        x=case.read(Person),
        a=case.read(Alias),
    )
    (total,) = look("select count(*) as persons, coalesce(sum(accounts), 0)::bigint as accounts from x",
                    x=case.read(Person))  # fmt: skip
    return {"rows": rows, **total}


def _map(case: Case) -> str:
    counts = counts_of(case.read(Jurisdiction))
    return worldmap(counts) if counts else ""


def _count(table: t.Any) -> dict[str, int]:
    found = look("select verdict, count(*) as n from x group by verdict", x=table)
    return {one["verdict"]: one["n"] for one in found}
