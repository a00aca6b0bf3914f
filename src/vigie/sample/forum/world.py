"""A practice world: its persons, and the platforms on which they have accounts."""

import typing as t

import msgspec
import numpy as np

from vigie.sample.forum.activity import Days, days
from vigie.sample.forum.crowd import Crowd, crowd
from vigie.sample.forum.members import Earlier, Members, members

Software = t.Literal["phpbb", "mybb", "xenforo", "custom"]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """How large a platform is to be."""

    software: Software
    accounts: int
    posts: int
    messages: int


class Forum(msgspec.Struct, frozen=True, kw_only=True):
    """One platform, drawn."""

    number: int
    wanted: Wanted
    crowd: Crowd
    members: Members
    calendar: Days
    settled: dict[int, tuple[str, str, str]] = {}
    """Number of a payment in bitcoin -> address, transaction (``""``: not written down) and amount, as the practice
    chain has them; of those that are not in it wallets are random."""


def world(seed: int, wanted: t.Sequence[Wanted]) -> list[Forum]:
    """Draw persons and their accounts on all platforms."""
    rng = np.random.default_rng([seed, 60])
    persons = sum(one.accounts for one in wanted)
    people = crowd(seed, rng, persons)
    out: list[Forum] = []
    known: dict[int, Earlier] = {}
    phones: dict[str, int] = {}
    used = 0
    for number, one in enumerate(wanted):
        made = members(people, rng, number, one.accounts, known, range(used, persons), phones)
        used = max(used, int(made.person.max()) + 1)
        if number + 1 < len(wanted):
            for account, person in enumerate(made.person.tolist()):
                known.setdefault(person, Earlier(made, account))
        out.append(Forum(number=number, wanted=one, crowd=people, members=made, calendar=days(one.posts)))
    return out
