"""``vigie show CASE accounts --top``: who comes first by what they did, and why."""

from __future__ import annotations

import csv
import sys
import typing as t

from vigie.desk import copies, output
from vigie.desk.tables import print_table
from vigie.kernel.errors import UsageError
from vigie.kernel.table import look
from vigie.rows.people import Account, Platform
from vigie.rows.roles import Activity, Factor, Ranked, Role

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case

FIRST: t.Final = 20
MOST_NAMED: t.Final = 5
"""Accounts of one name whose reasons are shown."""
COLUMNS: t.Final = ("rank", "name", "account", "platform", "facts", "inferred", "points", "key")

TECHNICAL: t.Final = "vigie show CASE roles --where \"role = 'technical'\""
LEAST_KEY: t.Final = 6
"""Hex digits by which a key is meant."""
KEY_DIGITS: t.Final = 32
_PLATFORM: t.Final = "coalesce(trim(p.title || ' ' || p.prefix), lower(hex(r.platform)))"

Rows: t.TypeAlias = list[dict[str, t.Any]]


def show(case: Case, top: int, why: str, *, as_csv: bool, as_json: bool) -> None:
    """Print the first accounts of the case, or why one stands where it does. Errors: UsageError."""
    if not len(case.read(Ranked)):
        raise UsageError("No account has a rank yet: add a database of a platform, then vigie run.")
    found = chosen(case, why) if why else first(case, top)
    if as_json:
        counts = {"total": len(case.read(Ranked)), "technical": technical(case)["accounts"]}
        output.document("show", table="accounts", **counts, rows=reasoned(case, found))
    elif as_csv:
        out = csv.writer(sys.stdout, lineterminator="\r\n")
        out.writerow(COLUMNS)
        for one in found:
            out.writerow([output.cell(_plain(one[name])) for name in COLUMNS])
    elif why:
        for one in reasoned(case, found):
            _reasons(one)
    else:
        rows = [[_said(name, one[name]) for name in COLUMNS] for one in found]
        print_table("accounts", [f"{name}>" if name in ("rank", "points") else name for name in COLUMNS], rows)
        output.emit("facts: the platform's own tables of rights. inferred: what it did suggests it; a person decides.")
        for said in (set_apart(case), copies.counted(case)):
            if said:
                output.emit(said)
        output.emit(
            "Why one stands where it does: vigie show CASE accounts --why RANK (or a name, a key, PREFIX:NUMBER)"
        )


def first(case: Case, top: int) -> Rows:
    """Return the first accounts of the case, each with the name of its platform."""
    return _asked(case, f"rank <= {top:d}", top)


def chosen(case: Case, asked: str) -> Rows:
    """Return the account of this rank, or those of this name, number on a platform, or key. Errors: UsageError.

    ``asked``: ``3`` is a rank; ``phpbb_:17`` account 17 of a platform, by the prefix of its tables, its title or the
    beginning of its key, and ``:17`` of any; hex digits the beginning of a key of the account, as it is shown anywhere.
    """
    if asked.isascii() and asked.isdecimal():
        found = _asked(case, f"rank = {int(asked):d}", 1)
    else:
        found = _asked(case, " or ".join(_meant(asked)), MOST_NAMED + 1)
    if not found:
        apart = set_apart(case)
        raise UsageError(
            f"No account is ranked that has the {_ways(asked)}. All: vigie show CASE ranked --csv"
            + (f". {apart}" if apart else "")
        )
    if len(found) > MOST_NAMED:
        some = ", ".join(f"{one['rank']} ({_named(one)})" for one in found[:MOST_NAMED])
        raise UsageError(f"More than {MOST_NAMED} accounts are meant by {asked!r}. Give the rank of one: {some} ...")
    return found


def _meant(asked: str) -> list[str]:
    """Return SQL of what somebody may mean who gives no rank."""
    out = [f"lower(r.name) = lower({_text(asked)})"]
    of, colon, account = asked.rpartition(":")
    if colon and account:
        begins = _begins("r.platform", of) if len(of) >= LEAST_KEY else "false"
        same = (f"lower({one}) = lower({_text(of)})" for one in ("p.prefix", "p.title", "p.software", _PLATFORM))
        whose = " or ".join((begins, *same)) if of else "true"
        out.append(f"r.account = {_text(account)} and ({whose})")
    if LEAST_KEY <= len(asked) <= KEY_DIGITS and not asked.lower().strip("0123456789abcdef"):
        out += (_begins(one, asked) for one in ("r.key", "r.activity"))
        out.append(f"(r.platform, r.account) in (select platform, id from a where {_begins('key', asked)})")
    return out


def _ways(asked: str) -> str:
    if asked.isascii() and asked.isdecimal():
        return f"rank {asked}. Account number {asked} of a platform is PREFIX:{asked}, of any platform :{asked}"
    return f"name {asked!r}; it is no key ({LEAST_KEY} hex digits or more) or PREFIX:NUMBER of one either"


def _named(one: dict[str, t.Any]) -> str:
    return f"{one['name']}, account {one['account']} of {one['platform']}"


def _begins(key: str, digits: str) -> str:
    return f"starts_with(lower(hex({key})), lower({_text(digits)}))"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def technical(case: Case) -> dict[str, int]:
    """Return how many accounts are nobody's by the platforms' own tables, and how many of them wrote or put up."""
    (found,) = look(
        """
        select count(*) as accounts, count(*) filter (v.posts + v.topics + v.sent + v.uploads > 0) as busy
        from o join v on v.key = o.activity where o.role = 'technical'
        """,
        o=case.read(Role),
        v=case.read(Activity),
    )
    return found


def set_apart(case: Case) -> str:
    """Say how many technical accounts are neither ranked nor counted by country; ``""``: none."""
    found = technical(case)
    if not found["accounts"]:
        return ""
    busy = f", {found['busy']:,} of which wrote or put up something" if found["busy"] else ""
    count = "1 technical account is" if found["accounts"] == 1 else f"{found['accounts']:,} technical accounts are"
    return f"{count} neither ranked nor counted by country{busy}. Which, and why: {TECHNICAL}"


def reasoned(case: Case, found: Rows) -> Rows:
    """Add the factors of each account, heaviest first, and its roles."""
    if not found:
        return []
    keys = ", ".join(f"unhex('{one['key'].hex()}')" for one in found)
    factors = look(f"select * from f where ranked in ({keys}) order by points desc, name", f=case.read(Factor))
    roles = look(
        f"""
        select o.* exclude (key), r.key as ranked from o join r using (platform, account)
        where r.key in ({keys}) order by basis, role
        """,
        o=case.read(Role),
        r=case.read(Ranked),
    )
    names = ("name", "value", "weight", "points", "text")
    return [
        {name: _plain(one[name]) for name in COLUMNS}
        | {
            "factors": [{name: x[name] for name in names} for x in factors if x["ranked"] == one["key"]],
            "roles": [
                {name: x[name] for name in ("role", "basis", "score", "ended", "reason")}
                for x in roles
                if x["ranked"] == one["key"]
            ],
        }
        for one in found
    ]


def _asked(case: Case, where: str, most: int) -> Rows:
    return look(
        f"""
        select r.* replace ({_PLATFORM} as platform)
        from r left join p on p.key = r.platform where {where} order by rank limit {most:d}
        """,
        r=case.read(Ranked),
        p=case.read(Platform),
        a=case.read(Account),
    )


def _reasons(one: dict[str, t.Any]) -> None:
    whose = f"{one['rank']:,}. {one['name']} (account {one['account']} of {one['platform']})"
    output.emit(output.clean(f"{whose}: {one['points']:.2f} points"))
    cells = [
        [f"{x['points']:+.3f}", x["name"], f"{x['value']:.4g}", f"{x['weight']:g}", x["text"]] for x in one["factors"]
    ]
    if cells:
        print_table("points = value x weight", ["points>", "factor", "value>", "weight>", "text"], cells)
    elif not one["points"]:
        output.emit("  It did nothing that counts here.")
    else:
        output.emit(
            "  Its factors are not kept: too many stand before it (`explained` in [stage.ranking] of case.toml)."
        )
    for x in one["roles"]:
        said = "fact" if x["basis"] == "fact" else f"inference, score {x['score']:.2f}"
        ended = f", ended {x['ended']:%Y-%m-%d}" if x["ended"] else ""
        output.emit(output.clean(f"  {x['role']} ({said}{ended}): {x['reason']}", most=2000))
    output.emit(f"  All it rests on: vigie explain CASE {one['key'][:12]}")
    output.emit("")


def _plain(value: t.Any) -> t.Any:
    return value.hex() if isinstance(value, bytes) else value


def _said(name: str, value: t.Any) -> str:
    if name == "key":
        return str(value.hex()[:12])
    return f"{value:.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
