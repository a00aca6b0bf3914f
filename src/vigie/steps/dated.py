"""Whether two platforms of one software are one platform at two dates, and which date is the later.

Both are inferences. Members say whose platform it is, what they wrote says that it is the same one: a forum that took
over the members of another has their moments of registration, and other posts under the same numbers. Which is the
later must not be told by what a cut takes away: counters stand before the rows, and what both have moves forward.
"""

import datetime as dt
import typing as t

import msgspec

from vigie.kernel.stage import Count, Params, Share
from vigie.kernel.table import Table, look, query
from vigie.rows.artefacts import Relation
from vigie.rows.base import Key, Row
from vigie.rows.copies import Copy, Extent
from vigie.rows.people import Account, Attachment, Message, Platform, Post, Topic

SAMPLED: t.Final = 2_000_000
"""Things compared of all platforms, at most about so many: chosen by their numbers, so the same ones of each."""
NEVER: t.Final = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
"""Before all else: of a platform that tells no time."""
NO_KEY: t.Final = "'................'::blob as key"
SHORT: t.Final = ("cut", "damaged", "unread")
"""Extents of a dump whose last moments may be missing."""
AGREED: t.Final = 0.9
"""Share of the signs of one kind that must point one way."""

Digits = t.Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{8,32}$")]


class Copies(Params, frozen=True):
    """Settings: what lies between a copy and another forum stays apart.

    Two forums of one software share numbers of accounts, and accounts of programs, but not who has which number since
    when. Two backups of one share nearly all of that. Error rates: ``docs/people.md``.
    """

    least_accounts: Count = 5
    """So many numbers both have with a moment of registration, at least ..."""
    least_same: Share = 0.9
    """... of which this share has the same name and moment of registration on both ..."""
    least_known: Share = 0.98
    """... and this share at least the same moment of registration: who has another is another account."""
    least_shared: Share = 0.5
    """And so many of the accounts of the one that has fewer are among them."""
    least_things: Count = 20
    """So many numbers of posts, topics, messages or files both have before what was written decides; of these
    ``least_known`` are of the same moment on both."""
    least_named: Count = 20
    """Where neither can be asked: so many numbers of accounts both have with a name, ``least_same`` of them with the
    same name or e-mail address."""
    apart: tuple[Digits, ...] = ()
    """Keys of platforms, in hex, or their first digits: each counts by itself, since a person says so."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A platform that is not the only one of its software."""

    platform: bytes
    accounts: int
    ends: dt.datetime | None
    prefix: str
    short: bool
    """Is its dump cut off or damaged, or were not all of its rows read?"""
    accounts_end: dt.datetime | None
    """The third latest moment of its accounts, where their table was read whole ..."""
    posts_end: dt.datetime | None
    """... and of its posts."""


class _Members(Row, frozen=True, kw_only=True):
    """Two platforms of one software, and the numbers of accounts that both have."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("a", "b")
    a: Key
    b: Key
    shared: int
    same: int
    renamed: int
    named: int
    alike: int
    a_on: int
    """So many of the same accounts were last there later on the one ..."""
    b_on: int
    """... and on the other."""


class _Things(Row, frozen=True, kw_only=True):
    """Two platforms of one software, and the numbers of things of one kind that both have."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("a", "b", "kind")
    a: Key
    b: Key
    kind: str
    things: int
    same: int
    a_on: int
    """So many of the same posts were edited later on the one ..."""
    b_on: int


class _Written(Row, frozen=True, kw_only=True):
    """How many things of a kind a platform has that can be compared."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("platform", "kind")
    platform: Key
    kind: str
    things: int


class _Ahead(Row, frozen=True, kw_only=True):
    """Two platforms of one software, and the tables of which one says a higher next number."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("a", "b")
    a: Key
    b: Key
    a_on: int
    b_on: int


class Pair:
    """All that is known of two platforms of one software."""

    def __init__(self, a: Standing, b: Standing) -> None:
        self.a, self.b = a, b
        self.members = _Members.make(
            a=a.platform, b=b.platform, shared=0, same=0, renamed=0, named=0, alike=0, a_on=0, b_on=0
        )
        self.kinds: list[_Things] = []
        self.counters = (0, 0)
        self.counted: dict[str, tuple[int, int]] = {}
        """By kind, things of each that can be compared."""

    @property
    def things(self) -> int:
        """Numbers of things that both have."""
        return sum(one.things for one in self.kinds)

    @property
    def things_same(self) -> int:
        """Those of the same moment, or text."""
        return sum(one.same for one in self.kinds)


def pairs(
    platforms: Table[Platform],
    relations: Table[Relation],
    extents: Table[Extent],
    accounts: Table[Account],
    topics: Table[Topic],
    posts: Table[Post],
    messages: Table[Message],
    attachments: Table[Attachment],
) -> tuple[dict[bytes, Standing], list[Pair]]:
    """Compare each two platforms of one software that have numbers of accounts, or of what was written, in common."""
    several = query(Platform, "select * from p qualify count(*) over (partition by software) > 1", p=platforms)
    if not len(several):
        return {}, []
    p: dict[str, Table[t.Any]] = {"p": several}
    found = look(_STANDING, **p, accounts=accounts, posts=posts, e=extents)
    standing = {one["platform"]: Standing(**one) for one in found}
    made: dict[tuple[bytes, bytes], Pair] = {}

    def pair(one: _Members | _Things) -> Pair:
        return made.setdefault((one.a, one.b), Pair(standing[one.a], standing[one.b]))

    for one in query(_Members, _MEMBERS, **p, accounts=accounts):
        pair(one).members = one
    written: dict[str, Table[t.Any]] = {
        "topics": topics,
        "posts": posts,
        "messages": messages,
        "attachments": attachments,
    }
    every = max(1, sum(len(x) for x in written.values()) // SAMPLED)
    counted = {(x.platform, x.kind): x.things for x in query(_Written, _written(every), **p, **written)}
    for things in query(_Things, _things(every), **p, **written):
        pair(things).kinds.append(things)
    ahead = {(x.a, x.b): (x.a_on, x.b_on) for x in query(_Ahead, _AHEAD, **p, r=relations)}
    for ends, of_ends in made.items():
        of_ends.kinds.sort(key=lambda x: x.kind)
        of_ends.counters = ahead.get(ends, (0, 0))
        of_ends.counted = {kind: (counted.get((ends[0], kind), 0), counted.get((ends[1], kind), 0)) for kind in _KINDS}
    return standing, [made[ends] for ends in sorted(made)]


def judged(of: Pair, params: Copies) -> Copy:
    """Say of two platforms whether they are one, and which is the later; ``counts_as`` is the older one's own key."""
    later, dated_by, dated = _later(of)
    older = of.a if later is of.b else of.b
    verdict, why = _verdict(of, params)
    met = of.members
    fewer = min(of.a.accounts, of.b.accounts)
    figures = (
        f"{met.shared} numbers of accounts stand on both with a moment of registration; the smaller has {fewer} in all."
        f" {met.same} have the same name and moment, {met.renamed} the same moment and another name,"
        f" {met.shared - met.same - met.renamed} are of another account."
    )
    if met.named:
        figures += f" {met.named} more stand on both with a name; {met.alike} of them have the same name or address."
    if of.things:
        kinds = ", ".join(f"{one.same} of {one.things} {one.kind}s" for one in of.kinds)
        figures += f" Of what was written, under the same numbers, are of the same moment or text: {kinds}."
    if of.a.prefix != of.b.prefix:
        figures += f" Their tables begin otherwise: {older.prefix or 'with nothing'}, {later.prefix or 'with nothing'}."
    text = f"{figures} {why} {dated}"
    return Copy.make(
        platform=older.platform, later=later.platform, verdict=verdict, counts_as=older.platform, dated_by=dated_by,
        accounts=fewer, shared=met.shared, same=met.same, renamed=met.renamed, named=met.named, alike=met.alike,
        things=of.things, things_same=of.things_same, ends=older.ends, later_ends=later.ends, text=text,
    )  # fmt: skip


def _verdict(of: Pair, params: Copies) -> tuple[str, str]:
    met = of.members
    if any(one.platform.hex().startswith(params.apart) for one in (of.a, of.b)):
        return "apart", "Kept apart: a person says so."
    enough = of.things >= params.least_things
    if met.shared >= params.least_accounts:
        doubts, by = _of_members(of, params), "who registered when"
    elif enough:
        doubts, by = _of_written(of, params), "what was written, since too few accounts can be compared"
    elif met.named >= params.least_named:
        doubts, by = _of_names(of, params), "names and addresses, since no moments of registration can be compared"
    else:
        doubts, by = [f"fewer than {params.least_accounts} such numbers, and too little else to go by"], ""
    if not doubts:
        doubts = _of_content(of, params)
    if doubts:
        return "apart", f"Kept apart: {'; '.join(doubts)}."
    unsure = (
        ""
        if enough
        else " Nothing that was written can be compared: a forum that took over another's members would look the same."
    )
    return "copy", f"An inference: one platform at two dates, by {by}.{unsure}"


def _said(*checks: tuple[bool, str]) -> list[str]:
    return [said for doubtful, said in checks if doubtful]


def _of_members(of: Pair, params: Copies) -> list[str]:
    met = of.members
    fewer = min(of.a.accounts, of.b.accounts)
    strangers = f"more than {1 - params.least_known:.0%} of them another account on each"
    return _said(
        (met.same < params.least_same * met.shared, f"less than {params.least_same:.0%} of them the same"),
        (met.same + met.renamed < params.least_known * met.shared, strangers),
        (met.shared < params.least_shared * fewer, f"less than {params.least_shared:.0%} of the smaller on both"),
    )


def _of_written(of: Pair, params: Copies) -> list[str]:
    few = of.things < params.least_shared * _fewest(of)
    return _said((few, f"less than {params.least_shared:.0%} of what the smaller has stands on both"))


def _of_names(of: Pair, params: Copies) -> list[str]:
    met, fewer = of.members, min(of.a.accounts, of.b.accounts)
    return _said(
        (met.alike < params.least_same * met.named, f"less than {params.least_same:.0%} of the names are the same"),
        (met.named < params.least_shared * fewer, f"less than {params.least_shared:.0%} of the smaller on both"),
    )


def _of_content(of: Pair, params: Copies) -> list[str]:
    """Say what speaks against two whose members are the same."""
    if of.things >= params.least_things and of.things_same < params.least_known * of.things:
        other = of.things - of.things_same
        return [f"{other} of {of.things} things written under the same numbers are others: did one take over members?"]
    for kind, (a, b) in of.counted.items():
        if min(a, b) >= params.least_things and _of_kind(of, kind) < params.least_shared * params.least_things:
            return [f"not decided: {a} and {b} {kind}s, and hardly a number of them is on both"]
    return []


def _of_kind(of: Pair, kind: str) -> int:
    return sum(one.things for one in of.kinds if one.kind == kind)


def _fewest(of: Pair) -> int:
    """Return of the kinds that both have how many the smaller has."""
    both = [(a, b) for a, b in of.counted.values() if a and b]
    return min(sum(a for a, _ in both), sum(b for _, b in both))


def _later(of: Pair) -> tuple[Standing, str, str]:
    """Return the later of two, by what that was told, and a sentence of it."""
    on = of.members.a_on + sum(x.a_on for x in of.kinds), of.members.b_on + sum(x.b_on for x in of.kinds)
    ends = of.a.ends or NEVER, of.b.ends or NEVER
    signs = {"counters": of.counters, "moments": on, "ends": _by_ends(of)}
    told = {name: a > b for name, (a, b) in signs.items() if a + b and max(a, b) >= AGREED * (a + b)}
    guess = of.a if (ends[0], of.a.accounts, of.a.platform) > (ends[1], of.b.accounts, of.b.platform) else of.b
    if not told:
        cut = "the one that ends earlier is cut off, damaged or not read whole"
        why = f"counters and moments do not tell, and {cut if ends[0] != ends[1] else 'their ends do not differ'}"
        return guess, "unknown", f"Which of them is the later is not known: {why}."
    if len(set(told.values())) > 1:
        return guess, "unknown", f"Which of them is the later is not known: {' and '.join(told)} contradict each other."
    name = next(iter(told))
    more, less = max(signs[name]), min(signs[name])
    said = {
        "counters": f"the next numbers (AUTO_INCREMENT) of {more} tables are higher there, of {less} lower",
        "moments": f"{more} of the same accounts and posts were there or edited later in it, {less} earlier",
        "ends": "the third latest moment of what both have whole is later there",
    }[name]
    return (of.a if told[name] else of.b), name, f"The later is told by this: {said}."


def _by_ends(of: Pair) -> tuple[int, int]:
    """Return which ends later. What ends earlier may go on behind its cut: then tables that are whole are compared."""
    whole = ((of.a.accounts_end, of.b.accounts_end), (of.a.posts_end, of.b.posts_end))
    known = [(a, b) for a, b in whole if a and b]
    if of.a.ends and of.b.ends and not (of.a if of.a.ends < of.b.ends else of.b).short:
        known = [(of.a.ends, of.b.ends)]
    return sum(a > b for a, b in known), sum(b > a for a, b in known)


_SOMEBODY: t.Final = "id not in ('', '0')"
_STANDING: t.Final = f"""
    with moments as (
        select platform, 'account' as kind, unnest([registered, last_seen]) as moment
        from accounts semi join p on p.key = platform
        union all select platform, 'post', "at" from posts semi join p on p.key = platform
    ), tops as (
        select platform, kind, unnest(max(moment, 3)) as moment
        from moments where moment is not null group by platform, kind
    ), late as (
        select platform, min(moment) as ends
        from (select platform, unnest(max(moment, 3)) as moment from tops group by platform) group by platform
    ), each as (
        select t.platform, min(moment) filter (kind = 'account') as accounts_end,
            min(moment) filter (kind = 'post') as posts_end
        from tops t join (
            select platform, "into" as kind from e group by all having bool_and(state = 'whole')
        ) using (platform, kind) group by t.platform
    ), counted as (
        select platform, count(distinct id) as accounts from accounts where {_SOMEBODY} group by platform
    ), cut as (select platform from e where state in {SHORT})
    select p.key as platform, coalesce(c.accounts, 0) as accounts, l.ends, p.prefix,
        p.key in (select platform from cut) as short, b.accounts_end, b.posts_end
    from p left join counted c on c.platform = p.key left join late l on l.platform = p.key
    left join each b on b.platform = p.key
"""
_MEMBERS: t.Final = f"""
    with known as (
        -- as the last row of the number has it, since a table may stand twice in a dump
        select p.software, a.platform, a.id, arg_max(a.name, (a.place, a.key)) as name,
            lower(arg_max(a.email, (a.place, a.key))) as email, arg_max(a.registered, (a.place, a.key)) as registered,
            arg_max(a.last_seen, (a.place, a.key)) as seen, bool_or(a.state = 'bot') as bot
        from accounts a join p on p.key = a.platform where {_SOMEBODY} group by all
    ), met as (
        select x.platform as a, y.platform as b, x.registered = y.registered as at_once,
            x.name = y.name as namely, x.seen as a_seen, y.seen as b_seen,
            lower(x.name) = lower(y.name) or (x.email = y.email and x.email <> '') as alike,
            at_once is null and x.name <> '' and y.name <> '' and not x.bot and not y.bot as named
        from known x join known y on y.software = x.software and y.id = x.id and y.platform > x.platform
    )
    select a, b, count(at_once) as shared, count(*) filter (at_once and namely) as same,
        count(*) filter (at_once and not namely) as renamed, count(*) filter (named) as named,
        count(*) filter (named and alike) as alike,
        count(*) filter (a_seen > b_seen and coalesce(at_once, alike)) as a_on,
        count(*) filter (b_seen > a_seen and coalesce(at_once, alike)) as b_on, {NO_KEY}
    from met group by a, b
"""
_KINDS: t.Final = {
    "attachment": ("name, path, digest", "null::timestamptz"),
    "message": ("subject, text", "null::timestamptz"),
    "post": ("subject, text", "edited"),
    "topic": ("title", "null::timestamptz"),
}
"""What is written, what it says, and when it was edited."""


def _sampled(every: int) -> str:
    """Return the ``select`` of things that can be compared: with a number, and a moment or else a text."""
    of_all = f"semi join p on p.key = platform where {_SOMEBODY} and hash(id) % {every} = 0"
    each = (
        # texts apart, so that those of rows with a moment are not even read
        f"""select platform, '{kind}' as kind, id, max("at") as "at", max(said) as said, max(edited) as edited from (
            select platform, id, "at", null::ubigint as said, {edited} as edited from {kind}s {of_all}
                and "at" is not null
            union all select platform, id, null, hash({said}), {edited} from {kind}s {of_all} and "at" is null
        ) group by all"""
        for kind, (said, edited) in _KINDS.items()
    )
    return " union all ".join(each)


def _written(every: int) -> str:
    return f"select platform, kind, count(*) as things, {NO_KEY} from ({_sampled(every)}) group by all"


def _things(every: int) -> str:
    return f"""
        with written as (select p.software, w.* from ({_sampled(every)}) w join p on p.key = w.platform), met as (
            select x.platform as a, y.platform as b, x.kind, x.edited as a_edited, y.edited as b_edited,
                case when x."at" is not null and y."at" is not null then x."at" = y."at"
                    else coalesce(x.said = y.said, false) end as same
            from written x join written y
                on y.software = x.software and y.kind = x.kind and y.id = x.id and y.platform > x.platform
        )
        select a, b, kind, count(*) as things, count(*) filter (same) as same,
            count(*) filter (same and a_edited > coalesce(b_edited, '-infinity')) as a_on,
            count(*) filter (same and b_edited > coalesce(a_edited, '-infinity')) as b_on, {NO_KEY}
        from met group by a, b, kind
    """


_AHEAD: t.Final = f"""
    with counters as (
        select p.software, p.key as platform, substr(r.name, length(p.prefix) + 1) as bare, r.said_next
        from r join p on p.content = r.content and starts_with(r.name, p.prefix) where r.said_next > 0 and r.again = 0
    )
    select x.platform as a, y.platform as b, count(*) filter (x.said_next > y.said_next) as a_on,
        count(*) filter (y.said_next > x.said_next) as b_on, {NO_KEY}
    from counters x join counters y on y.software = x.software and y.bare = x.bare and y.platform > x.platform
    group by all
"""
