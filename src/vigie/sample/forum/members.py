"""Accounts of one platform: whose they are, what they are there, since when, and what they say of themselves."""

import typing as t

import msgspec
import numpy as np
from numpy.typing import NDArray

from vigie.sample.forum.crowd import SIGMA, Crowd
from vigie.sample.forum.handles import COMMON, STRANGE, handle, names
from vigie.sample.forum.identities import DOMAINS, KINDS, value
from vigie.sample.forum.lands import LANDS
from vigie.sample.forum.mixing import below, share

Role = t.Literal["reader", "paying", "reposter", "uploader", "moderator", "administrator"]
ROLES: tuple[Role, ...] = t.get_args(Role)
READER, PAYING, REPOSTER, UPLOADER, MODERATOR, ADMINISTRATOR = range(len(ROLES))
SINCE, UNTIL = 1_546_300_800, 1_759_276_800
"""1 Jan 2019 and 1 Oct 2025: the first registration and the seizure; s since 1970."""
SECOND_ACCOUNTS = 0.03
"""Share of the accounts whose person has an earlier one there."""
FROM_ELSEWHERE = 0.3
"""Share of the accounts whose person is on an earlier platform, where there is one."""
TIES: tuple[tuple[str, float], ...] = (
    ("email", 0.16), ("jabber", 0.10), ("telegram", 0.08), ("session", 0.04), ("tox", 0.03), ("pgp", 0.08),
    ("btc", 0.08), ("eth", 0.04), ("xmr", 0.04), ("phone", 0.05), ("handle", 0.10), ("soft", 0.12), ("nothing", 0.08),
)  # fmt: skip
"""How two accounts of one person can be told, and how often. ``soft``: only by address and hours."""
OPEN = 0.04
"""Share of accounts that show an identifier, whatever else they have."""
LOUD = 6
"""Accounts that write their e-mail address into a post, of those that write the most."""
SHY = 4
"""Veil of an account that never shows its home: ``addresses.RELAYED``."""
NEVER = np.iinfo(np.int64).max
Place = t.Literal["signature", "profile", "post", "message"]


class Reveal(msgspec.Struct, frozen=True):
    """An identifier that an account shows somewhere."""

    account: int
    kind: str
    place: Place


class Members(msgspec.Struct, kw_only=True):
    """Columns over accounts of one platform, in the order of their registration."""

    platform: int
    person: NDArray[np.int64]
    registered: NDArray[np.int64]
    """s since 1970, UTC; rising."""
    gone: NDArray[np.int64]
    """When it was banned or deleted; ``NEVER``."""
    deleted: NDArray[np.bool_]
    role: NDArray[np.int64]
    """Index in ``ROLES``."""
    weight: NDArray[np.float64]
    """How much it does."""
    veil: NDArray[np.int64]
    """What it hides behind: a kind of ``addresses.RELAYED``; 0: nothing."""
    name: list[str]
    email: list[str]
    paid: NDArray[np.bool_]
    reveals: list[Reveal]

    @property
    def size(self) -> int:
        """How many accounts."""
        return len(self.person)


class Earlier(msgspec.Struct, frozen=True):
    """An account on a platform that was drawn before."""

    members: Members
    account: int


def members(
    crowd: Crowd,
    rng: np.random.Generator,
    platform: int,
    count: int,
    known: dict[int, Earlier],
    fresh: range,
    phones: dict[str, int],
) -> Members:
    """Draw the accounts of a platform.

    ``known``: persons on earlier platforms, and where; ``fresh``: numbers of persons that are on none yet;
    ``phones``: who owns which number, over all platforms.
    """
    elsewhere = [person for person in known if rng.random() < FROM_ELSEWHERE * count / max(1, len(known))]
    again = int(SECOND_ACCOUNTS * count) + 2
    firsts = count - again
    persons = np.array([*elsewhere, *fresh[: firsts - len(elsewhere)]], np.int64)[:firsts]
    persons = rng.permutation(persons)
    # Second accounts lie in the later two thirds of the order, their firsts before them
    at = np.sort(rng.choice(np.arange(count // 3, count), again, replace=False))
    person = np.full(count, -1, np.int64)
    person[np.setdiff1d(np.arange(count), at)] = persons
    first_of: dict[int, int] = {}
    for one in at.tolist():
        other = int(rng.integers(1, count // 3))
        person[one] = person[other]
        first_of[one] = other
    made = _drawn(crowd, rng, platform, person)
    _name_strangely(rng, made)
    _tie(crowd, rng, made, first_of, known, phones)
    _open(crowd, rng, made, phones)
    return made


def _drawn(crowd: Crowd, rng: np.random.Generator, platform: int, person: NDArray[np.int64]) -> Members:
    count = len(person)
    registered = SINCE + np.sort((rng.random(count) ** 0.7 * (UNTIL - SINCE - 86_400)).astype(np.int64))
    registered[0] = SINCE
    role = np.full(count, READER)
    order = rng.permutation(np.arange(4, count))
    for kind, many in ((UPLOADER, 0.012), (REPOSTER, 0.03), (PAYING, 0.06)):
        some = max(5, int(many * count))
        role[order[:some]] = kind
        order = order[some:]
    early = np.arange(4, max(40, count // 5))
    staff = rng.permutation(early[role[early] == READER])
    moderators = min(60, max(4, count // 250))
    role[staff[:moderators]] = MODERATOR
    role[: 2 + min(4, count // 2_000)] = ADMINISTRATOR
    weight = np.exp(SIGMA * rng.standard_normal(count))
    # Who works there does not read only: at least as much as the upper tenth of the readers
    busy = role >= REPOSTER
    weight[busy] = np.exp(SIGMA * (1.3 + 0.5 * rng.random(int(busy.sum()))))
    gone = np.full(count, NEVER)
    plain = np.flatnonzero((role == READER) & (np.arange(count) > 10))
    leaves = rng.permutation(plain)[: max(6, count // 60)]
    gone[leaves] = registered[leaves] + ((UNTIL - registered[leaves]) * rng.random(len(leaves))).astype(np.int64)
    deleted = np.zeros(count, bool)
    deleted[leaves[: len(leaves) // 3]] = True
    titles = names(crowd.seed, platform, count)
    return Members(
        platform=platform,
        person=person,
        registered=registered,
        gone=gone,
        deleted=deleted,
        role=role,
        weight=weight,
        veil=crowd.hides[person].copy(),
        name=titles,
        email=_emails(crowd.seed, platform, titles),
        paid=(role == PAYING) | ((role > PAYING) & (rng.random(count) < 0.2)),
        reveals=[],
    )


def _emails(seed: int, platform: int, titles: list[str]) -> list[str]:
    """Return an address of its own for each account."""
    drawn = below(len(DOMAINS), seed, 53, platform, range(len(titles))).tolist()
    return [f"{title}@{DOMAINS[one]}" for title, one in zip(titles, drawn, strict=True)]


def _tie(
    crowd: Crowd,
    rng: np.random.Generator,
    made: Members,
    first_of: dict[int, int],
    known: dict[int, Earlier],
    phones: dict[str, int],
) -> None:
    """Give accounts of one person what tells them."""
    kinds, odds = [kind for kind, _ in TIES], np.array([weight for _, weight in TIES])
    for account, person in enumerate(made.person.tolist()):
        before = Earlier(made, first_of[account]) if account in first_of else known.get(person)
        if before is not None:
            kind = kinds[int(rng.choice(len(kinds), p=odds / odds.sum()))]
            if kind == "handle" and before.members is made:
                kind = "email"  # no two accounts of a platform have one name
            if kind == "phone" and not _claimed(phones, crowd, person):
                kind = "jabber"
            _one_tie(crowd, rng, made, account, before, kind)


def _open(crowd: Crowd, rng: np.random.Generator, made: Members, phones: dict[str, int]) -> None:
    """Let some accounts show an identifier; some of the loudest an e-mail address in a post, where others quote it."""
    some = np.flatnonzero(share(crowd.seed, 54, made.platform, np.arange(made.size)) < OPEN)
    reveals = []
    for account in some.tolist():
        kind = KINDS[int(rng.integers(len(KINDS)))]
        if kind != "phone" or _claimed(phones, crowd, int(made.person[account])):
            reveals.append(Reveal(account, kind, _place(rng, kind)))
    loud = np.argsort(-made.weight, kind="stable")[2 : 2 + LOUD]
    reveals += [Reveal(account, "email", "post") for account in loud.tolist()]
    made.reveals += [one for one in reveals if made.veil[one.account] != SHY]


def _claimed(phones: dict[str, int], crowd: Crowd, person: int) -> bool:
    """Return whether a person may show its phone: few numbers are kept for fiction, and each has one owner here."""
    number = value(crowd.seed, person, "phone", LANDS[crowd.land[person]].code)
    return bool(number) and phones.setdefault(number, person) == person


def _one_tie(crowd: Crowd, rng: np.random.Generator, made: Members, account: int, before: Earlier, kind: str) -> None:
    match kind:
        case "soft":
            made.veil[account] = before.members.veil[before.account] = 0
        case "nothing":
            made.veil[account] = SHY
        case "handle":
            made.name[account] = before.members.name[before.account] = handle(crowd.seed, int(made.person[account]))
        case "email":
            address = value(crowd.seed, int(made.person[account]), "email", "")
            before.members.email[before.account] = address
            made.email[account] = address.upper() if rng.random() < 0.2 else address
        case _:
            made.reveals.append(Reveal(account, kind, _place(rng, kind)))
            before.members.reveals.append(Reveal(before.account, kind, _place(rng, kind)))


def _place(rng: np.random.Generator, kind: str) -> Place:
    if kind == "pgp":
        return "signature" if rng.random() < 0.5 else "post"
    at = rng.random()
    if at < 0.4:
        return "signature"
    if at < 0.55:
        return "profile"
    return "post" if at < 0.85 else "message"


def _name_strangely(rng: np.random.Generator, made: Members) -> None:
    """Give some accounts names that are hard to handle, another one on each platform, or that anybody takes."""
    free = np.flatnonzero((made.role == READER) & ~made.deleted & (made.gone == NEVER))
    odd = [*(f"{name}{made.platform or ''}" for name in STRANGE), *COMMON]
    for account, title in zip(rng.choice(free, len(odd), replace=False).tolist(), odd, strict=True):
        made.name[account] = title
