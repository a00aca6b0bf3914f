"""How the rows of a dump become rows of vigie: what is wanted of each of its tables, and the SQL of each rule."""

from __future__ import annotations

import re
import typing as t

import msgspec

from vigie.forums import conversions
from vigie.forums.binding import Bound, bound
from vigie.forums.compiling import PART, Compiler
from vigie.forums.functions import FLAG, TEXT, TIME
from vigie.forums.mapping import EACH_NAME, Mapping, kinds, nullable, read
from vigie.rows.people import (
    READ,
    Account,
    Attachment,
    Complaint,
    Event,
    Message,
    Moderation,
    Payment,
    Post,
    Profile,
    Section,
    Topic,
    Usergroup,
)

if t.TYPE_CHECKING:
    from vigie.rows.base import Row
    from vigie.rows.wire import Form

SEARCHED: t.Final[dict[type[Row], tuple[str, ...]]] = {
    Account: ("name", "email", "rank", "born"),
    Profile: ("name", "value"),
    Usergroup: ("name",),
    Section: ("name", "description"),
    Topic: ("title", "name"),
    Post: ("subject", "text", "name"),
    Message: ("subject", "text", "name"),
    Event: ("name", "agent", "detail", "forwarded", "device"),
    Attachment: ("name", "path"),
    Payment: ("address", "payer", "detail", "transaction", "processor", "status"),
    Moderation: ("detail",),
    Complaint: ("text",),
}
"""Fields that hold free text: in their columns identifiers are looked for, and private keys are sealed."""
BY_ACCOUNTS: t.Final = frozenset({Account, Profile, Post, Message})
"""Rows by whose account a mention in the same row of the dump is taken to be (stage ``identifiers``)."""
ABOUT: t.Final = frozenset({Event, Moderation, Complaint, Section, Usergroup})
"""Rows whose texts are not by that account."""
PLAIN: t.Final = re.compile(r"coalesce\((c[0-9]+), ''\)")
"""SQL of a text field that is a column and no more."""
COLUMN: t.Final = re.compile(r"\bc[0-9]+\b")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A column that is to be read."""

    column: str
    form: Form
    search: bool
    """Identifiers are looked for in it, and private keys are sealed."""
    told: bool
    """Identifiers in it are kept. Not where a row says one thing by its account and another about it: a mention is
    told by its row, and an address in the reason for which a post was deleted would be its writer's."""


class Timed(msgspec.Struct, frozen=True, kw_only=True):
    """A field that is a time."""

    field: str
    columns: str
    """Of the dump, that it is read from."""
    sql: str
    """Condition of the rows in which these say something, and the field does not."""


class Select(msgspec.Struct, frozen=True, kw_only=True):
    """One rule as SQL over ``batch``: ``number``, ``place``, and ``c0``, ``c1`` ... in the order of what is wanted."""

    rule: str
    into: type[Row]
    sql: str
    """Gives the columns of the row type but its key and those that are ..."""
    plain: dict[str, str]
    """... a text column of ``batch`` as it is, where that has a value, or ..."""
    fixed: dict[str, t.Any]
    """... the same in all rows."""
    parts: str
    """SQL of how many rows come of one; ``""``: at most one."""
    repeated: list[str]
    """Columns of ``batch`` that stand in each of them."""
    left: str
    """Condition of the rows of which none comes; ``""``: some come of all."""
    source: str
    """The rows that the rule reads, and the parts of each where it makes several of one."""
    times: list[Timed]
    """Fields that are times, each with the rows of which it says nothing though its columns do."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of one table of a dump."""

    relation: str
    wanted: list[Wanted]
    selects: list[Select]


def readings(mapping: Mapping, prefix: str, relations: dict[str, list[str]], platform: bytes) -> list[Reading]:
    """Return what is to be read of a platform's tables, in the order of the mapping.

    ``relations``: columns by table of the dump. ``platform``: key of the platform's row.
    """
    rules: dict[str, list[Bound]] = {}
    for one in bound(mapping, prefix, relations)[0]:
        rules.setdefault(one.relation, []).append(one)
    return [_reading(relation, given, platform) for relation, given in rules.items()]


def _reading(relation: str, rules: list[Bound], platform: bytes) -> Reading:
    taken: dict[tuple[str, Form], str] = {}
    searched: set[str] = set()
    about: set[str] = set()
    selects = []
    for one in rules:
        selects.append(_select(one, taken, platform))
        met = one.used()
        into = READ[one.rule.into]
        (about if into in ABOUT else searched).update(
            name for field in SEARCHED.get(into, ()) for name in met.get(field, ())
        )
    told = searched if any(READ[one.rule.into] in BY_ACCOUNTS for one in rules) else searched | about
    wanted = [
        Wanted(column=name, form=form, search=form == "text" and name in searched | about, told=name in told)
        for name, form in taken
    ]
    return Reading(relation=relation, wanted=wanted, selects=selects)


def _select(one: Bound, taken: dict[tuple[str, Form], str], platform: bytes) -> Select:
    """Compile a rule; the columns that it wants are added to those that were taken."""

    def find(said: str, form: Form) -> str | None:
        if one.each and said == EACH_NAME:
            name = conversions.text(one.each)
            return conversions.integer(name) if form == "whole" else name
        column = one.column(said)
        return None if column is None else taken.setdefault((column, form), f"c{len(taken)}")

    compiler = Compiler(find)
    row = READ[one.rule.into]
    condition = compiler.condition(read(one.rule.where)) if one.rule.where else ""
    fixed: dict[str, t.Any] = {"platform": platform, "relation": one.relation, "rule": one.name}
    plain: dict[str, str] = {}
    chosen = {"number": "number", "place": "place"}
    times: list[Timed] = []
    for name, kind in kinds(row).items():
        node = read(one.rule.fields[name]) if name in one.rule.fields else None
        if node is None:
            fixed[name] = _nothing(row, name)
            continue
        sql = compiler.field(node, kind)
        if kind == TIME and (said := compiler.said(node)):
            columns = "/".join(dict.fromkeys(one.used()[name]))
            times.append(Timed(field=name, columns=columns, sql=f"({sql}) is null and ({said})"))
        if bare := PLAIN.fullmatch(sql):
            plain[name] = bare[1]
        else:
            chosen[name] = f"coalesce({sql}, false)" if kind == FLAG and not nullable(row, name) else sql
    met = {*plain.values(), *COLUMN.findall(" ".join(chosen.values()))}  # also in texts of the mapping, as c9
    repeated = sorted(met & set(taken.values())) if compiler.listed else []
    source, left = f"(select * from batch where {condition or 'true'})", f"(not {condition})" if condition else ""
    if compiler.listed:
        each = f"unnest({compiler.listed}) as {PART}, unnest(range(len({compiler.listed}))) as part"
        source, chosen["part"] = f"(select *, {each} from {source})", "part"
        left = f"({left or 'false'} or coalesce(len({compiler.listed}), 0) = 0)"
    else:
        fixed["part"] = 0
    said = ", ".join(f'{sql} as "{name}"' for name, sql in chosen.items())
    return Select(
        rule=one.name, into=row, sql=f"select {said} from {source}", plain=plain, fixed=fixed,
        parts=compiler.listed and f"len({compiler.listed})", repeated=repeated, left=left, source=source,
        times=times,
    )  # fmt: skip


def _nothing(row: type[Row], name: str) -> t.Any:
    """Return what a field holds of which the rule does not speak."""
    kind = kinds(row)[name]
    return "" if kind == TEXT else False if kind == FLAG and not nullable(row, name) else None
