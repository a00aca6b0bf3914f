"""What is known of the later states of a table of an older dump: whether what they have not is gone, or not read."""

import datetime as dt
import typing as t

import msgspec

from vigie.rows.copies import Copy, Extent


class Member(t.NamedTuple):
    """A platform, and its place among its copies."""

    key: bytes
    latest: bytes
    place: int
    """0: the latest."""
    prefix: str
    ends: dt.datetime | None
    dump: str
    """How much of its dump was read, one of ``rows.copies.STATES``."""


class Older(msgspec.Struct, frozen=True, kw_only=True):
    """A table of an older state, and what is known of the later ones."""

    platform: bytes
    latest: bytes
    relation: str
    into: str
    before: bool
    """Is it of rows before the last declaration in the same dump?"""
    rows: int
    alone: bool
    """No later state has the table."""
    later_read: str
    """One of ``rows.copies.LATER`` ..."""
    text: str
    """... and why, for people."""
    gone_by: dt.datetime | None = None
    """How far the later copy goes that was read whole."""
    upto: int | None = None
    """Rows up to this number are not behind the cut ..."""
    upto_text: str = ""
    upto_by: dt.datetime | None = None


class _State(t.NamedTuple):
    """A later state of a table."""

    of: Member
    extent: Extent
    ordered: bool
    """Is it known to be the later?"""


def older_tables(
    members: list[Member], extents: list[Extent], told: list[Copy], again: set[tuple[bytes, str]]
) -> list[Older]:
    """Return each table of an older state; ``again`` are those that their dump declares anew."""
    of_family: dict[bytes, list[Member]] = {}
    for member in sorted(members, key=lambda x: x.place, reverse=True):
        of_family.setdefault(member.latest, []).append(member)
    by_key = {member.key: member for member in members}
    held = {(x.platform, _bare(x, by_key[x.platform]), x.into): x for x in extents}
    dated = {frozenset((pair.platform, pair.later)): pair.dated_by for pair in told if pair.verdict == "copy"}
    out: list[Older] = []
    for one in extents:
        if not one.into:
            continue
        mine = by_key[one.platform]
        later = [x for x in of_family[mine.latest] if x.place < mine.place]
        states = [
            _State(x, held[x.key, _bare(one, mine), one.into], _ordered(mine, x, dated))
            for x in later if (x.key, _bare(one, mine), one.into) in held
        ]  # fmt: skip
        if later:
            out.append(_older(one, mine, states) if states else _alone(one, mine, later))
        if (one.platform, one.relation) in again:
            out.append(_older(one, mine, [_State(mine, one, ordered=True), *states], before=True))
    return out


def _bare(one: Extent, of: Member) -> str:
    return one.relation[len(of.prefix) :]


def _ordered(older: Member, later: Member, dated: dict[frozenset[bytes], str]) -> bool:
    """Tell whether the order of two is known; of two that were not compared only where nothing could be missing."""
    known = dated.get(frozenset((older.key, later.key)))
    if known is not None:
        return known != "unknown"
    return older.dump == later.dump == "whole" and None not in (older.ends, later.ends) and older.ends != later.ends


def _older(one: Extent, mine: Member, states: list[_State], *, before: bool = False) -> Older:
    """Judge by the earliest later state that was read whole; else by how far others were read."""
    plain = Older(
        platform=one.platform, latest=mine.latest, relation=one.relation, into=one.into, before=before, rows=one.rows,
        alone=False, later_read="unordered", text="",
    )  # fmt: skip
    for of, extent, ordered in states:
        if extent.state == "whole" and ordered:
            text = f"Gone by {_date(of, mine)}: {_named(of, extent, mine)} was read whole and has no such row."
            text += _but(extent)
            return msgspec.structs.replace(plain, later_read="whole", text=text, gone_by=_ends(of, mine))
    known = [state for state in states if state.ordered]
    of, extent, _ = min(known or states, key=lambda x: _WORDS.index(x.extent.state))
    name = _named(of, extent, mine)
    if not known:
        text = (
            f"Not known: {name} has no such row as far as it was read, but which of the two dumps is the later is not"
        )
        return msgspec.structs.replace(plain, text=f"{text} known (see copies): it may be gone there, or new here.")
    text = {
        "empty": f"Not known: {name} is there without a row: it was emptied, or saved without its rows.",
        "open": f"Not known: {name} has no such row, and nothing says that it is whole: it may have stood there.",
        "cut": f"Not read: {name} is cut off, in it or before it: it may still have stood behind the cut.",
        "damaged": f"Not read: a part of {name} could not be read: it may still have stood there.",
        "unread": f"Not read: {name} was not read to its end: it may still have stood there.",
    }[extent.state]
    out = msgspec.structs.replace(plain, later_read=extent.state, text=text)
    reached = [(state.extent.upto, state) for state in known if state.extent.upto is not None]
    if not reached:
        return out
    upto, best = max(reached, key=lambda x: x[0])
    passed = (
        f"Gone by {_date(best.of, mine)}: of {_named(best.of, best.extent, mine)} rows were read up to number {upto},"
        " in the order of their numbers, and this one is not among them. An inference." + _but(best.extent)
    )
    return msgspec.structs.replace(out, upto=upto, upto_by=_ends(best.of, mine), upto_text=passed)


_WORDS = ("cut", "damaged", "unread", "open", "empty", "whole")
"""Of several later states none of which was read whole, which is told of."""


def _alone(one: Extent, mine: Member, later: list[Member]) -> Older:
    worst = min((x.dump for x in later), key=_WORDS.index)
    text = {
        "whole": "No later dump has such a table, and they are whole: it was not saved there, or dropped.",
        "cut": "Not read: a later dump is cut off, and may have had this table behind the cut.",
        "open": "Not known: no later dump has such a table, and nothing says that they are whole.",
        "damaged": "Not known: a later dump is damaged, and has no such table where it could be read.",
        "unread": "Not known: a later dump has no such table, and not all of its rows were read.",
    }[worst]
    return Older(
        platform=one.platform, latest=mine.latest, relation=one.relation, into=one.into, before=False, rows=one.rows,
        alone=True, later_read="missing" if worst == "whole" else worst, text=text,
    )  # fmt: skip


def _but(extent: Extent) -> str:
    """Say what may be there and was left out: a row of another kind now, by the conditions of the mapping."""
    if not extent.left:
        return ""
    return (
        f" But {extent.left:,} of its rows are left out by the mapping, and it may be one of them, of another kind now."
    )


def _named(of: Member, extent: Extent, mine: Member) -> str:
    where = "further on in the same dump" if of.key == mine.key else f"of the later dump ({of.key.hex()[:8]})"
    return f"table {extent.relation} {where}"


def _ends(of: Member, mine: Member) -> dt.datetime | None:
    return None if of.key == mine.key else of.ends


def _date(of: Member, mine: Member) -> str:
    if of.key == mine.key:
        return "the later state of the dump"
    return f"{of.ends:%Y-%m-%d}" if of.ends else "the date of the later dump"
