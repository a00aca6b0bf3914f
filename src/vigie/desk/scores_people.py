"""How well the job did on the people of a generated case, whose truth is known."""

from __future__ import annotations

import typing as t

import msgspec

from vigie.kernel.table import Table, look
from vigie.numeric.wilson import interval
from vigie.rows.artefacts import File
from vigie.rows.base import Row
from vigie.rows.countries import Attribution
from vigie.rows.people import Account, Attachment, Platform
from vigie.rows.people_truth import TruthAccount, TruthPair, TruthUpload
from vigie.rows.persons import Alias
from vigie.rows.roles import Role
from vigie.rows.uploads import Upload, Uploader

if t.TYPE_CHECKING:
    from pathlib import Path

    from vigie.kernel.case import Case


class Right(msgspec.Struct, frozen=True, kw_only=True):
    """What counts as right of a role: conditions on the truth's row ``t``, which has one chief role an account."""

    may: str
    """Of whom it is right to say it."""
    must: str
    """Of whom it is to be said."""


ROLES: t.Final = {
    "administrator": Right(may="t.role = 'administrator'", must="t.role = 'administrator'"),
    # Who runs a platform moderates too, by its rights and by its log; that is no error, nor needs it be found.
    "moderator": Right(may="t.role in ('moderator', 'administrator')", must="t.role = 'moderator'"),
    # A member who posts a picture now and then is none; nor can be found who put nothing into the dump.
    "uploader": Right(
        may="t.role in ('uploader', 'reposter')", must="t.role in ('uploader', 'reposter') and t.uploads > 0"
    ),
    "paying": Right(may="t.pays", must="t.pays"),
}
"""The one table of what counts as right of roles, here and in ``bench/quality_roles.py``."""


class Hits(msgspec.Struct, frozen=True, kw_only=True):
    """What was said, how much of it is right; how much there was to say, and how much of that was said."""

    said: int
    right: int
    true: int
    found: int

    def __str__(self) -> str:
        return (
            f"{self.right:,} of {self.said:,} said are right ({between(self.right, self.said)}), "
            f"{self.found:,} of {self.true:,} true ones were said ({between(self.found, self.true)})"
        )


def between(hit: int, of: int) -> str:
    """Return the 95 % interval of a share as people read it."""
    low, high = interval(hit, of)
    return f"{low:.0%} to {high:.0%}"


class PeopleScores(msgspec.Struct, frozen=True, kw_only=True):
    """Answers on people against what is true."""

    accounts: Hits
    roles: dict[str, Hits]
    """Facts and inferences together."""
    persons: Hits
    """Pairs of accounts of one person, of those that share an exact identifier: the exact layer."""
    uploads: Hits
    """Attachments tied to the very content."""
    firsts: Hits
    """First uploaders of families of which any file was uploaded."""
    countries: Hits
    """First country of accounts that live somewhere and do not always hide; where one is said."""
    contested: int
    """Of ``countries.said``, those about which sources disagree."""


_KNOWN = """
    d as (select p.key as platform, f.locator as dump from p join f on f.sha256 = p.content),
    who as (select t.*, d.platform from t join d on d.dump = t.dump where t.state <> 'deleted')
"""


def score(case: Case, sample: Path) -> PeopleScores | None:
    """Hold a case that was run against the truth in its sample's folder; None where that has no forum."""
    if not (sample / "truthaccount.parquet").exists():
        return None
    truths: dict[str, type[Row]] = {"t": TruthAccount, "pairs": TruthPair, "ups": TruthUpload}
    held: dict[str, type[Row]] = {
        "p": Platform, "f": File, "acc": Account, "r": Role, "al": Alias, "up": Upload, "who_first": Uploader,
        "att": Attachment, "c": Attribution,
    }  # fmt: skip
    tables: dict[str, Table[t.Any]] = {
        name: Table(row, Table(row, files=[sample / f"{row.table()}.parquet"]).arrow) for name, row in truths.items()
    }
    tables |= {name: case.read(row) for name, row in held.items()}

    def hits(sql: str) -> Hits:
        found = look(f"with {_KNOWN} {sql}", **tables)[0]
        return Hits(said=found["said"], right=found["hit"], true=found["true"], found=found["hit"])

    countries = look(f"with {_KNOWN} {_COUNTRIES}", **tables)[0]
    return PeopleScores(
        accounts=hits(_ACCOUNTS),
        roles={role: role_hits(tables, role) for role in ROLES},
        persons=hits(_PERSONS),
        uploads=hits(_UPLOADS),
        firsts=hits(_FIRSTS),
        countries=Hits(said=countries["said"], right=countries["hit"], true=countries["true"], found=countries["hit"]),
        contested=countries["contested"],
    )


def role_hits(tables: dict[str, Table[t.Any]], role: str, *, basis: str = "true", among: str = "true") -> Hits:
    """Hold a role against the truth; deleted accounts too, as what they did may still say one.

    ``tables``: ``t`` (TruthAccount), ``f`` (File), ``p`` (Platform), ``r`` (Role); ``basis``: which rows of ``r``
    count; ``among``: of which rows of ``t`` is asked.
    """
    right = ROLES[role]
    (found,) = look(
        f"""
        with who as (
            select p.key as platform, t.account, ({right.may}) as may, ({right.must}) as must
            from p join f on f.sha256 = p.content
            join t on f.locator = t.dump or ends_with(f.locator, '/' || t.dump) where {among}
        ), said as (select distinct platform, account from r where role = '{role}' and {basis})
        select count(s.account) as said, count(s.account) filter (may) as hit, count(*) filter (must) as true,
            count(s.account) filter (must) as found
        from who left join said s using (platform, account)
        """,
        **tables,
    )
    return Hits(said=found["said"], right=found["hit"], true=found["true"], found=found["found"])


_ACCOUNTS = """
    select count(a.id) as said, count(a.id) filter (w.account is not null) as hit, count(w.account) as true
    from (select * from acc semi join d on d.platform = acc.platform where acc.technical = '') a
    full join who w on w.platform = a.platform and w.account = a.id
"""
_PERSONS = """
    , said as (
        select x.platform as pa, x.account as a, y.platform as pb, y.account as b
        from al x join al y on x.person = y.person and (x.platform, x.account) < (y.platform, y.account)
    ), judged as (
        select s.*, m.person = n.person as good
        from said s join who m on m.platform = s.pa and m.account = s.a
        join who n on n.platform = s.pb and n.account = s.b
    ), wanted as (
        select least((m.platform, m.account), (n.platform, n.account)) as x,
            greatest((m.platform, m.account), (n.platform, n.account)) as y
        from pairs join who m on m.dump = pairs.dump_a and m.account = pairs.account_a
        join who n on n.dump = pairs.dump_b and n.account = pairs.account_b
        where pairs.same and pairs.tell = 'exact'
    )
    select (select count(*) from judged) as said, (select count(*) filter (good) from judged) as hit,
        (select count(*) from wanted) as true
"""
_UPLOADS = """
    , wanted as (select ups.*, d.platform from ups join d on d.dump = ups.dump where octet_length(ups.sha256) = 32),
    said as (select u.content, a.platform, a.id from up u join att a on a.key = u.attachment where u.sure)
    select (select count(*) from said) as said, (
        select count(*) from said s join wanted w on w.platform = s.platform and w.attachment = s.id
            and w.sha256 = s.content
    ) as hit, (select count(*) from wanted) as true
"""
_FIRSTS = """
    , wanted as (
        select ups.account, ups.sha256, d.platform from ups join d on d.dump = ups.dump
        where ups.first_of_family and octet_length(ups.sha256) = 32
    ), said as (
        select distinct o.platform, o.account, u.content from who_first o
        join up u on u.platform = o.platform and u.account = o.account where o.place = 1 and o.alone
    )
    select (select count(*) from who_first where place = 1 and alone) as said, (
        select count(*) from wanted w semi join said s
        on s.content = w.sha256 and s.platform = w.platform and s.account = w.account
    ) as hit, (select count(*) from wanted) as true
"""
_COUNTRIES = """
    , said as (select * from c where rank = 1 and standing_as = 'suspect' and country <> '')
    select count(s.country) as said, count(*) filter (s.country = w.country) as hit, count(*) as true,
        count(*) filter (s.contested >= 0.5) as contested
    from who w left join said s using (platform, account)
    where w.country <> '' and w.veil <> 'tor, always'
"""


def lines(of: PeopleScores) -> list[str]:
    """Return them as a person reads them."""
    out = ["People against the truth; in brackets 95 % intervals of the shares (Wilson):"]
    out += [f"Accounts: {of.accounts}."]
    out += [f"Role {role}: {hits}." for role, hits in of.roles.items()]
    return [
        *out,
        f"Accounts of one person, by exact identifiers: {of.persons}.",
        f"Uploads tied to files: {of.uploads}.",
        f"First uploaders: {of.firsts}.",
        f"Countries: {of.countries}; sources disagree about {of.contested:,}.",
    ]
