"""``vigie show CASE accounts --top``: who comes first by what they did, and why."""

from __future__ import annotations

import csv
import sys
import typing as t

from vigie.desk import output
from vigie.desk.tables import print_table
from vigie.kernel.errors import UsageError
from vigie.kernel.table import look
from vigie.rows.people import Platform
from vigie.rows.roles import Factor, Ranked, Role

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case

FIRST: t.Final = 20
MOST_NAMED: t.Final = 5
"""Accounts of one name whose reasons are shown."""
COLUMNS: t.Final = ("rank", "name", "account", "platform", "facts", "inferred", "points", "key")

Rows: t.TypeAlias = list[dict[str, t.Any]]


def show(case: Case, top: int, why: str, *, as_csv: bool, as_json: bool) -> None:
    """Print the first accounts of the case, or why one stands where it does. Errors: UsageError."""
    if not len(case.read(Ranked)):
        raise UsageError("No account has a rank yet: add a database of a platform, then vigie run.")
    found = chosen(case, why) if why else first(case, top)
    if as_json:
        output.document("show", table="accounts", total=len(case.read(Ranked)), rows=reasoned(case, found))
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
        output.emit("Why one stands where it does: vigie show CASE accounts --why RANK")


def first(case: Case, top: int) -> Rows:
    """Return the first accounts of the case, each with the name of its platform."""
    return _asked(case, f"rank <= {top:d}", top)


def chosen(case: Case, asked: str) -> Rows:
    """Return the account of this rank, or those of this name. Errors: UsageError where there is none, or many."""
    if asked.isdecimal():
        found = _asked(case, f"rank = {int(asked):d}", 1)
    else:
        quoted = asked.replace("'", "''")
        found = _asked(case, f"lower(name) = lower('{quoted}')", MOST_NAMED + 1)
    if not found:
        raise UsageError(f"no account has the rank or the name {asked!r}. All: vigie show CASE ranked --csv")
    if len(found) > MOST_NAMED:
        raise UsageError(f"more than {MOST_NAMED} accounts are called {asked!r}. Give the rank of one.")
    return found


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
        select r.* replace (coalesce(trim(p.title || ' ' || p.prefix), lower(hex(r.platform))) as platform)
        from r left join p on p.key = r.platform where {where} order by rank limit {most:d}
        """,
        r=case.read(Ranked),
        p=case.read(Platform),
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
