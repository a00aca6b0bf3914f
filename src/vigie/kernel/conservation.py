"""Conservation: what went in equals what came out plus what could not be read. Nothing is lost without a word.

Ten equations and two rules, each over the rows that count:

1. listed files = originals + counted Problems of ``originals`` (and every original is a file of depth 0);
2. members that readers met in containers are files, or counted Problems of ``files``; every file lies in a container
   that is a file. What a reader did not meet is not counted; but where a container says how many entries it has
   (``Tally``), that second number stands beside what was met, and a difference is a Problem ``count_differs``;
3. distinct contents of images and videos = media + counted Problems of ``prints``;
4. each of those contents has exactly one standing;
5. each of those contents is in exactly one group;
6. distinct contents of database dumps have tables, or a counted Problem of ``relations``, or are part of a dump in
   several files, which has tables or a counted Problem of ``bundled``;
7. rows of the tables that a mapping reads were read, or their platform has a counted Problem of ``records``. Tables
   that no mapping reads stand beside, with their rows;
8. distinct contents of wallet files = wallets + counted Problems of ``wallets``;
9. distinct contents of files that no reader opens, and of databases' own files, but empty ones, were searched for
   identifiers of money (``Sought``), or have a counted Problem of ``sightings``.

An equation whose stage has not run yet is open, not broken.
"""

from __future__ import annotations

import typing as t

import msgspec

from vigie.kernel.table import Table, look
from vigie.rows.artefacts import BundleFile, File, Media, Relation, Tally
from vigie.rows.base import Row
from vigie.rows.content_types import PAGES
from vigie.rows.evidence import Found, Original
from vigie.rows.groups import Member
from vigie.rows.matches import Standing
from vigie.rows.people import Mapped, Taken
from vigie.rows.problems import Problem
from vigie.rows.sightings import Sought
from vigie.rows.wallets import Wallet

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case

MOST_NAMED = 5
State = t.Literal["holds", "broken", "open"]


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """One equation: how many there are, what became of them, and those of which nothing is known."""

    name: str
    what: str
    """What is counted, in words."""
    total: int
    parts: dict[str, int]
    missing: int
    examples: list[str]
    """A few of the missing ones."""
    state: State
    beside: str = ""
    """What a second count says, in words."""

    def __str__(self) -> str:
        parts = " + ".join(f"{count:,} {name}" for name, count in self.parts.items())
        text = f"{self.total:,} {self.what} = {parts}{self.beside}"
        if self.state == "open":
            return f"{text} (not done yet)"
        if self.state == "holds":
            return text
        return f"{text}; {self.missing:,} unaccounted for: {', '.join(self.examples)}"


class Conservation(msgspec.Struct, frozen=True, kw_only=True):
    """All equations of a case."""

    balances: list[Balance]

    @property
    def state(self) -> State:
        """``broken`` if one is, else ``open`` if one is, else ``holds``."""
        states = {one.state for one in self.balances}
        return "broken" if "broken" in states else "open" if "open" in states else "holds"

    def __str__(self) -> str:
        if self.state == "broken":
            return "conservation: BROKEN - " + "; ".join(str(b) for b in self.balances if b.state == "broken")
        if self.state == "open":
            return "conservation: holds as far as the case has been run"
        return "conservation: holds"


_MEDIA = "(select distinct sha256 from f where kind in ('image', 'video'))"
_DUMPS = "(select distinct sha256 from f where kind = 'database')"
_WALLETS = "(select distinct sha256 from f where kind = 'wallet')"
_PAGES = ", ".join(f"'{one}'" for one in sorted(PAGES))
_SOUGHT = f"(select distinct sha256 from f where (kind = 'other' or content_type in ({_PAGES})) and size_bytes > 0)"
_BUNDLES = "(select distinct content from b)"
_ASKED = """(
    select m.platform, m.relation, any_value(r.rows) as rows, coalesce(any_value(k.got), 0) as got
    from (select distinct content, platform, relation from x where "into" <> '') m
    join r on r.content = m.content and r.name = m.relation
    left join (select platform, relation, max(read) as got from k group by all) k
        on k.platform = m.platform and k.relation = m.relation
    group by all
)"""
_EQUATIONS: tuple[tuple[str, str, str, dict[str, str], str], ...] = (
    (
        "originals",
        "listed files",
        "select count(*) as n from l",
        {
            "originals": "select count(*) as n from l semi join o using (item, path)",
            "problems": "select count(*) as n from l anti join o using (item, path)"
            " where key in (select unit from p where stage = 'originals' and counts)",
        },
        (
            "select path as name from l anti join o using (item, path)"
            " where key not in (select unit from p where stage = 'originals' and counts)"
        ),
    ),
    (
        "files",
        "originals",
        "select count(*) as n from o",
        {"files": "select count(*) as n from o where key in (select original from f where depth = 0)"},
        "select path as name from o where key not in (select original from f where depth = 0)",
    ),
    (
        "members",
        "members that readers met in containers",
        (
            "select (select count(*) from f where depth > 0)"
            " + (select count(*) from p where stage = 'files' and counts) as n"
        ),
        {
            "files": "select count(*) as n from f where depth > 0 and container in (select locator from f)",
            "problems": "select count(*) as n from p where stage = 'files' and counts",
        },
        "select locator as name from f where depth > 0 and container not in (select locator from f)",
    ),
    (
        "prints",
        "contents of pictures and videos",
        f"select count(*) as n from {_MEDIA}",
        {
            "media": f"select count(*) as n from {_MEDIA} where sha256 in (select content from m)",
            "problems": f"select count(*) as n from {_MEDIA} where sha256 not in (select content from m)"
            " and sha256 in (select unit from p where stage = 'prints' and counts)",
        },
        (
            f"select lower(hex(sha256)) as name from {_MEDIA} where sha256 not in (select content from m)"
            " and sha256 not in (select unit from p where stage = 'prints' and counts)"
        ),
    ),
    (
        "standing",
        "contents of pictures and videos",
        f"select count(*) as n from {_MEDIA}",
        {
            "with one standing": f"select count(*) as n from {_MEDIA} where sha256 in"
            " (select content from s group by content having count(*) = 1)"
        },
        (
            f"select lower(hex(sha256)) as name from {_MEDIA} where sha256 not in"
            " (select content from s group by content having count(*) = 1)"
        ),
    ),
    (
        "groups",
        "contents of pictures and videos",
        f"select count(*) as n from {_MEDIA}",
        {
            "in one group": f"select count(*) as n from {_MEDIA} where sha256 in"
            " (select content from g group by content having count(*) = 1)"
        },
        (
            f"select lower(hex(sha256)) as name from {_MEDIA} where sha256 not in"
            " (select content from g group by content having count(*) = 1)"
        ),
    ),
    (
        "relations",
        "database dumps",
        f"select count(*) as n from {_DUMPS}",
        {
            "with tables": f"select count(*) as n from {_DUMPS} where sha256 in (select content from r)",
            "in several files": f"select count(*) as n from {_DUMPS} where sha256 in (select sha256 from b)"
            " and sha256 not in (select content from r)",
            "problems": f"select count(*) as n from {_DUMPS} where sha256 not in (select content from r)"
            " and sha256 not in (select sha256 from b)"
            " and sha256 in (select unit from p where stage = 'relations' and counts)",
        },
        (
            f"select lower(hex(sha256)) as name from {_DUMPS} where sha256 not in (select content from r)"
            " and sha256 not in (select sha256 from b)"
            " and sha256 not in (select unit from p where stage = 'relations' and counts)"
        ),
    ),
    (
        "bundled",
        "dumps in several files",
        f"select count(*) as n from {_BUNDLES}",
        {
            "with tables": f"select count(*) as n from {_BUNDLES} where content in (select content from r)",
            "problems": f"select count(*) as n from {_BUNDLES} where content not in (select content from r)"
            " and content in (select unit from p where stage = 'bundled' and counts)",
        },
        (
            f"select lower(hex(content)) as name from {_BUNDLES} where content not in (select content from r)"
            " and content not in (select unit from p where stage = 'bundled' and counts)"
        ),
    ),
    (
        "records",
        "rows of tables that a mapping reads",
        f"select coalesce(sum(rows), 0)::bigint as n from {_ASKED}",
        {
            "read": f"select coalesce(sum(least(rows, got)), 0)::bigint as n from {_ASKED}",
            "with a problem": f"select coalesce(sum(rows - least(rows, got)), 0)::bigint as n from {_ASKED}"
            " where platform in (select unit from p where stage = 'records' and counts)",
        },
        (
            f"select relation as name from {_ASKED} where got < rows"
            " and platform not in (select unit from p where stage = 'records' and counts)"
        ),
    ),
    (
        "wallets",
        "wallet files",
        f"select count(*) as n from {_WALLETS}",
        {
            "wallets": f"select count(*) as n from {_WALLETS} where sha256 in (select content from w)",
            "problems": f"select count(*) as n from {_WALLETS} where sha256 not in (select content from w)"
            " and sha256 in (select unit from p where stage = 'wallets' and counts)",
        },
        (
            f"select lower(hex(sha256)) as name from {_WALLETS} where sha256 not in (select content from w)"
            " and sha256 not in (select unit from p where stage = 'wallets' and counts)"
        ),
    ),
    (
        "sightings",
        "other files with something in them",
        f"select count(*) as n from {_SOUGHT}",
        {
            "searched": f"select count(*) as n from {_SOUGHT} where sha256 in (select content from q)",
            "problems": f"select count(*) as n from {_SOUGHT} where sha256 not in (select content from q)"
            " and sha256 in (select unit from p where stage = 'sightings' and counts)",
        },
        (
            f"select lower(hex(sha256)) as name from {_SOUGHT} where sha256 not in (select content from q)"
            " and sha256 not in (select unit from p where stage = 'sightings' and counts)"
        ),
    ),
)
"""Stage that must have run, what is counted, how many there are, what became of them, and the rest by name."""


def check(case: Case) -> Conservation:
    """Count everything and hold it together."""
    rows: dict[str, type[Row]] = {
        "l": Found,
        "o": Original,
        "f": File,
        "m": Media,
        "s": Standing,
        "g": Member,
        "p": Problem,
        "t": Tally,
        "r": Relation,
        "x": Mapped,
        "k": Taken,
        "b": BundleFile,
        "w": Wallet,
        "q": Sought,
    }
    tables: dict[str, Table[t.Any]] = {name: case.read(row) for name, row in rows.items()}
    done = {run.recipe.stage for run in case.counting().values()}
    out = []
    for stage, what, total_sql, parts_sql, missing_sql in _EQUATIONS:
        needed = "files" if stage == "members" else stage
        total = look(total_sql, **tables)[0]["n"]
        parts = {name: look(sql, **tables)[0]["n"] for name, sql in parts_sql.items()}
        missing = total - sum(parts.values())
        named = look(f"select name from ({missing_sql}) order by name limit {MOST_NAMED}", **tables) if missing else []
        state: State = "holds" if not missing else "broken" if needed in done else "open"
        if needed not in done:
            state = "open"
        out.append(
            Balance(
                name=stage,
                what=what,
                total=total,
                parts=parts,
                missing=missing,
                examples=[one["name"] or "the item itself" for one in named],
                state=state,
                beside=_beside(tables["t"])
                if stage == "members"
                else _unread(tables["r"], tables["x"])
                if stage == "records"
                else "",
            )
        )
    return Conservation(balances=out)


def _beside(tallies: Table[t.Any]) -> str:
    found = look("select count(*) as n, count(*) filter (said = met) as agreed from t", t=tallies)[0]
    if not found["n"]:
        return ""
    differ = found["n"] - found["agreed"]
    text = f"; {found['agreed']:,} containers' own count agrees"
    return f"{text}, of {differ:,} it differs" if differ else text


def _unread(relations: Table[t.Any], mapped: Table[t.Any]) -> str:
    sql = """select count(*) filter (rows > 0) as n, coalesce(sum(rows), 0)::bigint as rows from r
        anti join (select distinct content, relation from x where "into" <> '') m
        on m.content = r.content and m.relation = r.name"""
    found = look(sql, r=relations, x=mapped)[0]
    return f"; {found['n']:,} tables with {found['rows']:,} rows are read by no mapping" if found["n"] else ""
