"""The numbers of a case that its front page, its summary and its report share, so that they never disagree."""

from __future__ import annotations

import typing as t

import msgspec

from vigie.desk.paid import Paid, paid
from vigie.kernel.case import now
from vigie.kernel.conservation import Conservation, check
from vigie.kernel.table import look
from vigie.rows.artefacts import File, Media, Relation
from vigie.rows.codes import CODES
from vigie.rows.copies import Copy, Layer, Remnant
from vigie.rows.evidence import Item, Original
from vigie.rows.groups import Group
from vigie.rows.leads import Lead
from vigie.rows.matches import STANDINGS, HashList, Standing
from vigie.rows.people import Account, Mapped, Message, Platform, Post
from vigie.rows.problems import Problem
from vigie.steps.copied import one_of_each

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Problems of one code."""

    code: str
    count: int
    lost: int
    """How many of them stand for an input that gave no row."""
    advice: str
    example: str


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """How many of what."""

    items: int
    originals: int
    bytes: int
    files: int
    contents: int
    """Distinct contents of all files."""
    media_files: int
    """Files that are pictures or videos."""
    media_contents: int
    decoded: int
    groups: int
    look: int
    """Groups that a person must look at."""
    standings: dict[str, int]
    """Contents of pictures and videos by standing."""
    standing_files: dict[str, int]
    """Files by the standing of their content."""
    lists: int
    entries: int
    platforms: int
    """Each once, however many of its dates there are; so with accounts, posts and messages."""
    copies: int
    """Further dates of these platforms."""
    accounts: int
    posts: int
    messages: int
    unread: int
    """Tables of databases with rows that no mapping reads."""
    money: Paid | None
    problems: list[Trouble]
    conservation: Conservation

    @property
    def spared(self) -> int:
        """Pictures and videos that nobody needs to open: all of them, less one look for each group to look at."""
        return max(0, self.media_files - self.look)

    @property
    def spared_share(self) -> float:
        """The same as a share of all pictures and videos."""
        return self.spared / self.media_files if self.media_files else 0.0

    @property
    def front(self) -> str:
        """The line of the front page."""
        return (
            f"{self.files:,} files; {self.look:,} a person must look at after grouping; "
            f"{self.spared:,} pictures and videos spared ({self.spared_share:.1%})"
        )

    @property
    def led(self) -> bool:
        """Tell whether the case has been run to its queue."""
        return self.groups > 0 or not self.media_contents


def numbers(case: Case) -> Numbers:
    """Count a case."""
    files = look(
        """
        select count(*) as files, count(distinct sha256) as contents,
            count(*) filter (kind in ('image', 'video')) as media_files,
            count(distinct sha256) filter (kind in ('image', 'video')) as media_contents
        from f
        """,
        f=case.read(File),
    )[0]
    originals = look("select count(*) as n, coalesce(sum(size_bytes), 0) as bytes from o", o=case.read(Original))[0]
    standings = look(
        """
        select standing, count(*) as contents, coalesce(sum(n), 0) as files
        from s left join (select sha256, count(*) as n from f group by sha256) c on c.sha256 = s.content
        where kind in ('image', 'video') group by standing
        """,
        s=case.read(Standing),
        f=case.read(File),
    )
    by = {one["standing"]: one for one in standings}
    (older,) = look("select count(distinct platform) as n from c where verdict = 'copy'", c=case.read(Copy))
    copies = older["n"]
    once = one_of_each(
        case.read(Layer), case.read(Remnant), accounts=case.read(Account), posts=case.read(Post),
        messages=case.read(Message),
    )  # fmt: skip
    counted = {name: look("select count(*) as n from t", t=table)[0]["n"] for name, table in once.items()}
    lists = look("select count(*) as n, coalesce(sum(entries), 0) as entries from h", h=case.read(HashList))[0]
    return Numbers(
        items=len(case.read(Item)),
        originals=originals["n"],
        bytes=int(originals["bytes"]),
        files=files["files"],
        contents=files["contents"],
        media_files=files["media_files"],
        media_contents=files["media_contents"],
        decoded=len(case.read(Media)),
        groups=look("select count(*) as n from g where kind <> 'other'", g=case.read(Group))[0]["n"],
        look=look('select count(*) as n from l where "look"', l=case.read(Lead))[0]["n"],
        standings={name: int(by[name]["contents"]) if name in by else 0 for name in STANDINGS},
        standing_files={name: int(by[name]["files"]) if name in by else 0 for name in STANDINGS},
        lists=lists["n"],
        entries=int(lists["entries"]),
        platforms=len(case.read(Platform)) - copies,
        copies=copies,
        **counted,
        unread=look(_UNREAD, r=case.read(Relation), m=case.read(Mapped))[0]["n"],
        money=paid(case, now()),
        problems=troubles(case),
        conservation=check(case),
    )


_UNREAD: t.Final = """
    select count(*) as n from r where rows > 0 and not exists (
        select 1 from m where m.content = r.content and m.relation = r.name and m."into" <> '')
"""


def troubles(case: Case) -> list[Trouble]:
    """Count the problems by code, most first, with what to do about each."""
    found = look(
        """
        select code, count(*) as n, count(*) filter (counts) as lost, min(subject) as example
        from p group by code order by n desc, code
        """,
        p=case.read(Problem),
    )
    return [
        Trouble(
            code=one["code"],
            count=one["n"],
            lost=one["lost"],
            advice=CODES.get(one["code"], "A code that this version of vigie does not know."),
            example=one["example"],
        )
        for one in found
    ]


def facts(of: Numbers) -> dict[str, t.Any]:
    """Return the numbers as JSON tells them."""
    return {
        **{
            name: getattr(of, name)
            for name in of.__struct_fields__
            if name not in ("money", "problems", "conservation")
        },
        "money": msgspec.to_builtins(of.money),
        "spared": of.spared,
        "spared_share": round(of.spared_share, 4),
        "front": of.front,
        "problems": {one.code: one.count for one in of.problems},
        "conservation": {
            "state": of.conservation.state,
            "balances": [msgspec.structs.asdict(one) for one in of.conservation.balances],
        },
    }
