"""The truth about practice forums, in rows and in columns."""

import datetime as dt
import itertools
import typing as t
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vigie.kernel.table import Table, columns, join, of, write
from vigie.rows.people_truth import TruthAccount, TruthMention, TruthPair, TruthPayment, TruthUpload
from vigie.sample.forum.addresses import POOLS
from vigie.sample.forum.handles import COMMON
from vigie.sample.forum.identities import value
from vigie.sample.forum.lands import LANDS
from vigie.sample.forum.members import (
    ADMINISTRATOR,
    MODERATOR,
    NEVER,
    PAYING,
    ROLES,
    SHY,
    Members,
)
from vigie.sample.forum.speech import Mention
from vigie.sample.forum.told import Told
from vigie.sample.forum.uploads import Upload
from vigie.sample.forum.world import Forum

PART = 100_000
"""Accounts whose truth is put into columns at once."""
VEILS = {0: "", **{kind: name for kind, (name, _, _) in POOLS.items()}, SHY: "tor, always"}


def accounts(told: Told) -> Table[TruthAccount]:
    """Return the truth about the accounts of a platform."""
    members = told.forum.members
    stated = np.isin(members.role, (ADMINISTRATOR, MODERATOR, PAYING))
    stated[list(told.hidden)] = False
    starts = range(0, members.size, PART)
    return join(TruthAccount, [_accounts(told, slice(at, at + PART), stated) for at in starts])


def _accounts(told: Told, part: slice, stated: NDArray[np.bool_]) -> Table[TruthAccount]:
    forum, members, crowd = told.forum, told.forum.members, told.forum.crowd
    person, role = members.person[part], members.role[part]
    land = crowd.land[person].tolist()
    gone = members.gone[part] != NEVER
    return columns(
        TruthAccount,
        dump=told.dump,
        software=forum.wanted.software,
        account=[str(one) for one in told.ids[part].tolist()],
        name=members.name[part],
        person=[str(one) for one in person.tolist()],
        role=[ROLES[one] for one in role.tolist()],
        stated=stated[part],
        pays=members.paid[part],
        state=np.where(members.deleted[part], "deleted", np.where(gone, "banned", "")).tolist(),
        country=[LANDS[one].code for one in land],
        veil=[VEILS[one] for one in members.veil[part].tolist()],
        travels=crowd.travels[person],
        language=[LANDS[one].language for one in land],
        registered=[dt.datetime.fromtimestamp(one, dt.UTC) for one in members.registered[part].tolist()],
        posts=told.posts[part],
        uploads=told.uploads[part],
    )


def mentions(told: Told) -> list[TruthMention]:
    """Return what identifiers stand in a platform's dump, the e-mail addresses of accounts apart."""
    return list(
        {
            one.key: one
            for one in (
                TruthMention.make(
                    dump=told.dump,
                    account=str(told.ids[one.account]),
                    kind=one.kind,
                    value=_value(told.forum, one.owner, one.kind),
                    place=one.place,
                    number=_number(told, one),
                    own=one.owner == one.account,
                )
                for one in told.mentions
            )
        }.values()
    )


def _number(told: Told, one: Mention) -> str:
    """Return the number of a post or message in its dump; ``""`` of what stands in the account's own row."""
    if one.number < 0:
        return ""
    return str((told.per_message if one.place == "message" else 1) * one.number + 1)


def _value(forum: Forum, account: int, kind: str) -> str:
    person = int(forum.members.person[account])
    return value(forum.crowd.seed, person, kind, LANDS[forum.crowd.land[person]].code).replace(" ", "")


def pairs(all_: t.Sequence[Told]) -> list[TruthPair]:
    """Return the pairs of accounts of one person with how they can be told, and pairs that look like one."""
    traps = (_namesakes(all_), *(_quoted(told) for told in all_), *(_households(told) for told in all_))
    out: dict[bytes, TruthPair] = {}
    for one in itertools.chain(_true(all_), *traps):
        out.setdefault(one.key, one)
    return list(out.values())


def _true(all_: t.Sequence[Told]) -> t.Iterator[TruthPair]:
    shown: dict[tuple[int, int], set[tuple[str, str]]] = defaultdict(set)
    for at, told in enumerate(all_):
        for said in told.mentions:
            if said.owner == said.account:
                shown[at, said.account].add((said.kind, _value(told.forum, said.owner, said.kind)))
    for (at, one), (by, other) in _of_one_person(all_):
        a, b = all_[at], all_[by]
        left, right = a.forum.members, b.forum.members
        mine = shown[at, one] | _address(left, one)
        its = shown[by, other] | _address(right, other)
        kinds = {kind for kind, _ in mine & its}
        handle = left.name[one] == right.name[other]
        shy = SHY in (left.veil[one], right.veil[other])
        tell = "exact" if kinds else "handle" if handle else "nothing" if shy else "soft"
        yield _pair(a, one, b, other, True, ",".join(sorted(kinds | ({"handle"} if handle else set()))), tell)


def _address(members: Members, account: int) -> set[tuple[str, str]]:
    """Return the e-mail address of an account; a deleted one has no row to hold it."""
    return set() if members.deleted[account] else {("email", members.email[account].lower())}


def _of_one_person(all_: t.Sequence[Told]) -> t.Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield (platform, account) twice for all pairs of one person's accounts."""
    person = np.concatenate([told.forum.members.person for told in all_])
    platform = np.concatenate([np.full(told.forum.members.size, at) for at, told in enumerate(all_)])
    account = np.concatenate([np.arange(told.forum.members.size) for told in all_])
    order = np.lexsort((account, platform, person))
    starts = np.flatnonzero(np.diff(person[order], prepend=-1))
    for low, high in zip(starts.tolist(), [*starts[1:].tolist(), len(order)], strict=True):
        if high - low > 1:
            some = [(int(platform[at]), int(account[at])) for at in order[low:high].tolist()]
            yield from ((one, other) for at, one in enumerate(some) for other in some[at + 1 :])


def _namesakes(all_: t.Sequence[Told]) -> t.Iterator[TruthPair]:
    """Yield accounts of different persons with one common name."""
    bearers: dict[str, list[tuple[Told, int]]] = defaultdict(list)
    for told in all_:
        for account, name in enumerate(told.forum.members.name):
            if name in COMMON:
                bearers[name].append((told, account))
    for name in sorted(bearers):
        for (a, one), (b, other) in itertools.combinations(bearers[name], 2):
            if a.forum.members.person[one] != b.forum.members.person[other]:
                yield _pair(a, one, b, other, False, "handle", "handle")


def _quoted(told: Told) -> t.Iterator[TruthPair]:
    """Yield accounts of which one wrote down an identifier of the other."""
    person = told.forum.members.person
    by: dict[tuple[int, int], set[str]] = defaultdict(set)
    for one in told.mentions:
        if person[one.account] != person[one.owner]:
            by[min(one.account, one.owner), max(one.account, one.owner)].add(one.kind)
    for (a, b), kinds in sorted(by.items()):
        yield _pair(told, a, told, b, False, ",".join(sorted(kinds)), "quoted")


def _households(told: Told) -> t.Iterator[TruthPair]:
    """Yield accounts of different persons with one home."""
    members, crowd = told.forum.members, told.forum.crowd
    house = crowd.household[members.person]
    order = np.argsort(house, kind="stable")
    same = np.flatnonzero((np.diff(house[order]) == 0) & (np.diff(members.person[order]) != 0))
    for at in same.tolist():
        one, other = sorted((int(order[at]), int(order[at + 1])))
        yield _pair(told, one, told, other, False, "", "household")


def _pair(a: Told, one: int, b: Told, other: int, same: bool, how: str, tell: str) -> TruthPair:
    return TruthPair.make(
        dump_a=a.dump,
        account_a=str(a.ids[one]),
        dump_b=b.dump,
        account_b=str(b.ids[other]),
        same=same,
        how=how,
        tell=tell,
    )


def uploads(all_: t.Sequence[Told], some: t.Sequence[Upload], lying: dict[tuple[int, int], str]) -> list[TruthUpload]:
    """Return who put which file where; ``some`` by time, ``lying``: (platform, number of the file) -> its locator."""
    out: list[TruthUpload] = []
    seen: set[bytes | str] = set()
    counts: dict[int, int] = defaultdict(int)
    by = {told.forum.number: told for told in all_}
    for one in some:
        told, number = by[one.platform], counts[one.platform]
        counts[one.platform] += 1
        out.append(
            TruthUpload.make(
                dump=told.dump,
                attachment=str(number + 1),
                account=str(told.ids[one.account]),
                person=str(told.forum.members.person[one.account]),
                at=dt.datetime.fromtimestamp(one.at, dt.UTC),
                sha256=one.media.sha256,
                locator=lying[one.platform, number],
                family=one.media.family,
                first=one.media.sha256 not in seen,
                first_of_family=one.media.family not in seen,
            )
        )
        seen |= {one.media.sha256, one.media.family}
    return out


def write_truth(
    folder: Path, all_: t.Sequence[Told], some: t.Sequence[Upload], lying: dict[tuple[int, int], str]
) -> tuple[Path, ...]:
    """Write the truth about people into ``folder``, a Parquet file named after each table; return their paths."""
    tables: tuple[Table[t.Any], ...] = (
        join(TruthAccount, [accounts(told) for told in all_]),
        of(TruthPair, pairs(all_)),
        of(TruthMention, [one for told in all_ for one in mentions(told)]),
        of(TruthUpload, uploads(all_, some, lying)),
        of(TruthPayment, [one for told in all_ for one in told.payments]),
    )
    paths = tuple(folder / f"{table.row.table()}.parquet" for table in tables)
    for table, path in zip(tables, paths, strict=True):
        write(table, path)
    return paths
