"""The scripts that the public keys of a case lead to: its deposit addresses, by arithmetic."""

import typing as t
from collections.abc import Iterable, Iterator

import msgspec
import numpy as np

from vigie.kernel.chain.chain import Chain
from vigie.kernel.stage import Count, Params, stage
from vigie.kernel.table import Table, columns, look, of, together
from vigie.numeric.coins import descriptors, extended, scripts
from vigie.numeric.coins.derive import Points
from vigie.numeric.coins.derive import scripts as scripts_of
from vigie.rows.base import key_of
from vigie.rows.derived import Derived, Scheme
from vigie.rows.given import Given
from vigie.rows.ledgers import Ledger
from vigie.rows.people import Mention, Payment
from vigie.rows.sightings import Sighting
from vigie.rows.wallets import WalletKey
from vigie.steps.networks import test_network

BATCH: t.Final = 1 << 14
"""Indexes that are derived at a time."""
FORMS: t.Final = {"p2pkh": "pkh({})", "p2sh": "sh(wpkh({}))", "p2wpkh": "wpkh({})", "p2tr": "tr({})"}
"""Descriptors of a key alone, by kind of script."""
FOUND: t.Final = ("wallet", "given", "sighting", "mention")
MARK: t.Final = "[private key, not shown]"
DEPTH_OF_BRANCH: t.Final = 4
"""An extended key as deep as this is a branch itself (BIP 44: purpose, coin, account, change)."""
_BRANCHES: t.Final = "<0;1>/*"


class Derive(Params, frozen=True):
    """Settings."""

    margin: Count = 1000
    """Scripts of each branch beyond what wallets and orders ask for, and beyond the last that the chain pays."""
    most: Count = 1_000_000
    """Indexes of one branch, at most."""
    budget: Count = 20_000_000
    """Scripts in all: a file full of keys would be worked on for days."""


class _Source(msgspec.Struct, frozen=True, kw_only=True):
    """A place that names a key or a descriptor."""

    text: str
    found: str
    place: str
    key: bytes
    """Of the row that it is of."""
    many: int = 1
    network: str = ""
    type: str = ""
    """The kind of script, where the place says it."""
    master: str = ""
    next: int = 0
    """The next index by the wallet, and the end of the range that it watched."""
    end: int = 0


class _Way(msgspec.Struct, kw_only=True):
    """A descriptor and all that is known of where it stands."""

    read: descriptors.Descriptor
    network: str
    type: str
    said: str
    sources: list[_Source]
    note: str = ""
    until: int = 0


@stage(split=None)
def derived(
    walletkeys: Table[WalletKey],
    sightings: Table[Sighting],
    mentions: Table[Mention],
    givens: Table[Given],
    payments: Table[Payment],
    ledgers: Table[Ledger],
    chain: Chain,
    params: Derive,
) -> tuple[Table[Scheme], Table[Derived]]:
    """Derive the scripts of each public key and descriptor that is known, on all branches, beyond what was used."""
    sources = sorted(_sources(walletkeys, sightings, mentions, givens), key=_rank)
    test = test_network(ledgers, *(one.network for one in sources))
    orders = look("select count(*) as n from p where direction = 'in'", p=payments)[0]["n"]
    ways: dict[tuple[str, str], _Way] = {}
    lost: dict[tuple[str, str], tuple[descriptors.Unusable, list[_Source]]] = {}
    for source in sources:
        try:
            for way in _ways(source, test):
                ways.setdefault((way.network, way.read.text), way).sources.append(source)
        except descriptors.Unusable as error:
            name = source.network, MARK if error.state == "private" else source.text[:1024]
            lost.setdefault(name, (error, []))[1].append(source)
    budget = params.budget
    for way in ways.values():
        budget -= _bounded(way, orders, params, budget)
        budget -= _followed(way, chain, params, budget)
    schemes = [_scheme(way, orders, params) for way in ways.values()]
    schemes += [_lost(*name, *why) for name, why in lost.items()]
    return of(Scheme, schemes), together(Derived, _rows(ways.values()), walletkeys.room)


def _rank(one: _Source) -> tuple[int, str, str, bytes]:
    return FOUND.index(one.found), one.place, one.text, one.key


def _sources(
    walletkeys: Table[WalletKey], sightings: Table[Sighting], mentions: Table[Mention], givens: Table[Given]
) -> Iterator[_Source]:
    for one in walletkeys:
        yield _Source(
            text=one.descriptor or one.value,
            found="wallet",
            place=f"{one.content.hex()[:16]} {one.place}",
            key=one.key,
            network=one.network,
            type=one.script_type,
            master=one.fingerprint,
            next=max(one.next_index, 0),
            end=max(one.range_end, 0),
        )
    for row in look(_GIVEN, g=givens):
        yield _Source(text=row["value"], found="given", place=row["place"], key=row["key"])
    for found, sql in (("sighting", _SIGHTED), ("mention", _MENTIONED)):
        for row in look(sql, s=sightings, m=mentions):
            yield _Source(text=row["value"], found=found, place=row["place"], key=row["key"], many=row["many"])


_GIVEN: t.Final = """
    select value, 'given by ' || examiner as place, key from g where kind in ('key', 'descriptor') order by value
"""
_SIGHTED: t.Final = """
    select value, min(lower(hex(content))[1:16] || ' byte ' || start) as place, count(*) as many,
        arg_min(key, (lower(hex(content)), start, key)) as key
    from s where kind in ('xpub', 'descriptor') group by value order by value
"""
_MENTIONED: t.Final = """
    select value, min(relation || ' row ' || number || ' ' || "column") as place, count(*) as many,
        arg_min(key, (relation || ' row ' || number || ' ' || "column", key)) as key
    from m where kind in ('xpub', 'descriptor') group by value order by value
"""


def _ways(source: _Source, test: str) -> Iterator[_Way]:
    """Give the descriptors that a text stands for: itself, or those that a bare key may be used by."""
    key = extended.read(source.text)
    texts = _of_key(key, source) if key else [(_descriptor(source), source.type, "descriptor", "")]
    for text, type_, said, note in texts:
        read = descriptors.read(text)
        network = source.network or read.network or "main"
        if read.network == "test" or (not read.network and network == "test"):
            network = source.network if source.network not in ("", "main", "test") else test
        yield _Way(read=read, network=network, type=type_, said=said, sources=[], note=note)


def _descriptor(source: _Source) -> str:
    """Return a descriptor as it is; a key of Electrum 1 and a single key get one."""
    text = source.text
    if len(text) in (66, 128, 130) and not text.strip("0123456789abcdefABCDEF"):
        if len(text) == 128:
            return f"{descriptors.ELECTRUM}({text})"
        return FORMS[source.type].format(text) if source.type in FORMS else f"combo({text})"
    if extended.is_private(text):
        raise descriptors.Unusable("private", "it is an extended private key")
    return text


def _of_key(key: extended.Extended, source: _Source) -> Iterator[tuple[str, str, str, str]]:
    """Give the descriptors of a bare extended key: text, kind of script, how it is known, and what is odd."""
    type_, said = (source.type, "descriptor") if source.type in FORMS else (key.hint, "prefix")
    note = "its prefix is that of one of several signers; their keys are not in it" if type_.endswith("*") else ""
    paths = [_BRANCHES] if key.depth < DEPTH_OF_BRANCH or key.child >= 1 << 31 else [_BRANCHES, "*"]
    for one, form in FORMS.items():
        if said == "descriptor" and one != type_:
            continue
        for path in paths:
            yield form.format(f"{key.text}/{path}"), one, said if one == type_ else "doubt", note


def _asked(way: _Way, orders: int) -> int:
    """Return how many indexes of each branch wallets and orders ask for.

    What members wrote down is not the platform's key; and of a key whose kind is said, other kinds are tried a little.
    """
    most = max(max(one.next, one.end) for one in way.sources)
    hinted = way.said == "doubt" and any(_hinted(one) for one in way.sources)
    return most if hinted or all(one.found == "mention" for one in way.sources) else max(most, orders)


def _hinted(source: _Source) -> bool:
    key = extended.read(source.text)
    return key is not None and bool(key.hint)


def _bounded(way: _Way, orders: int, params: Derive, budget: int) -> int:
    """Set how far a way is derived; return how many scripts that are."""
    if not way.read.ranged:
        way.until = 1
        return way.read.branches
    wanted = _asked(way, orders) + params.margin
    way.until = min(wanted, params.most, budget // way.read.branches)
    if way.until < wanted:
        more = f"{wanted:,} were asked for, {way.until:,} derived: raise most or budget in [stage.derived]"
        way.note = f"{way.note}; {more}" if way.note else more
    return way.until * way.read.branches


def _followed(way: _Way, chain: Chain, params: Derive, budget: int) -> int:
    """Go on until the chain pays none of the last ``margin`` scripts; return how many scripts more that are."""
    begun, branches = way.until, way.read.branches
    if not way.read.ranged or way.network != chain.network or all(one.found == "mention" for one in way.sources):
        return 0
    first, most = max(0, begun - params.margin), max(begun, min(params.most, begun + budget // branches))
    while (highest := _highest(way, chain, first)) >= way.until - params.margin:
        if way.until == most:
            more = f"the chain pays index {highest:,}, near the last derived: raise most or budget in [stage.derived]"
            way.note = f"{way.note}; {more}" if way.note else more
            break
        first, way.until = way.until, min(highest + 1 + params.margin, most)
    return (way.until - begun) * branches


def _highest(way: _Way, chain: Chain, first: int) -> int:
    """Return the highest index from ``first`` on, of any branch, that the chain pays; -1: it pays none."""
    found = -1
    for branch in range(way.read.branches):
        for at in range(first, way.until, BATCH):
            for _, some in _made(way.read, branch, at, min(BATCH, way.until - at)):
                paid = np.flatnonzero(chain.script_numbers([one.tobytes() for one in some]) > 0)
                found = max(found, at + int(paid[-1])) if len(paid) else found
    return found


def _scheme(way: _Way, orders: int, params: Derive) -> Scheme:
    best = way.sources[0]
    said = [f"next index {max(one.next for one in way.sources):,}", f"range to {max(one.end for one in way.sources):,}"]
    asked = _asked(way, orders)
    keys = way.read.keys
    return Scheme.make(
        network=way.network,
        descriptor=way.read.text,
        type=way.type or _type(way.read),
        said=way.said,
        fingerprint=_fingerprint(way.read),
        master=next(filter(None, [*(one.master for one in keys), *(one.master for one in way.sources)]), ""),
        state="derived" if way.read.ranged else "single",
        branches=way.read.branches,
        until=way.until,
        asked=f"{', '.join(said)}, {orders if asked == orders else 0:,} orders, and {params.margin:,} more;"
        f" so many beyond the last that the chain pays"
        if way.read.ranged
        else "",
        found=best.found,
        place=best.place,
        **_rows_of(way.sources),
        sources=sum(one.many for one in way.sources),
        note=way.note,
    )


def _rows_of(sources: list[_Source]) -> dict[str, bytes]:
    """Return the key of the best source of each kind; empty where there is none."""
    columns_ = {"wallet": "walletkey", "sighting": "sighting", "mention": "mention", "given": "given"}
    return {name: next((one.key for one in sources if one.found == found), b"") for found, name in columns_.items()}


def _lost(network: str, text: str, why: descriptors.Unusable, sources: list[_Source]) -> Scheme:
    return Scheme.make(
        network=network or "main",
        descriptor=text,
        type="",
        said="descriptor",
        fingerprint="",
        master=next((one.master for one in sources if one.master), ""),
        state=why.state,
        branches=0,
        until=0,
        asked="",
        found=sources[0].found,
        place=sources[0].place,
        **_rows_of(sources),
        sources=sum(one.many for one in sources),
        note=why.text,
    )


def _fingerprint(read: descriptors.Descriptor) -> str:
    return read.keys[0].fingerprint if read.keys else ""


def _type(read: descriptors.Descriptor) -> str:
    """Return the kind of script that a descriptor leads to; ``""``: several."""
    kinds = {kind for kind, _ in _made(read, 0, 0, 1)}
    return kinds.pop() if len(kinds) == 1 else ""


def _made(read: descriptors.Descriptor, branch: int, first: int, count: int) -> list[tuple[str, t.Any]]:
    made = scripts_of(read.node, Points(branch, first, count))
    return [(one.type or scripts.kind(one.scripts[0].tobytes()), one.scripts) for one in made]


def _rows(ways: Iterable[_Way]) -> Iterator[Table[Derived]]:
    """Give the rows of all ways; of ways of one key its points are derived once."""
    families: dict[tuple[t.Any, ...], list[_Way]] = {}
    for way in ways:
        families.setdefault(tuple(one[1:5] for one in way.read.keys) or (way.read.text,), []).append(way)
    for family in families.values():
        for branch in range(family[0].read.branches):
            for first in range(0, max(one.until for one in family), BATCH):
                for count, some in _alike(family, first):
                    points = Points(branch, first, count)
                    for way in some:
                        yield from _batch(way, points)


def _alike(family: list[_Way], first: int) -> Iterator[tuple[int, list[_Way]]]:
    """Give the ways that go on from an index, by how many of a batch each wants."""
    held: dict[int, list[_Way]] = {}
    for way in family:
        if way.until > first:
            held.setdefault(min(BATCH, way.until - first), []).append(way)
    yield from held.items()


def _branch(read: descriptors.Descriptor, number: int) -> int:
    """Return the number of a branch as its path has it: the one that is chosen, or the last step before the index."""
    for key in read.keys:
        for step in (*(one for one in key.steps if len(one) > 1), *key.steps[-1:]):
            return step[number] if len(step) > 1 else step[0]
    return 0


def _batch(way: _Way, points: Points) -> Iterator[Table[Derived]]:
    read, ranged = way.read, way.read.ranged
    indexes = np.arange(points.first, points.first + points.count) if ranged else np.array([-1])
    steps = [one[points.branch] if len(one) > 1 else one[0] for one in (read.keys[0].steps if read.keys else ())]
    before = "/".join(map(str, steps))
    head = f"{before}/" if before else ""
    for one in scripts_of(read.node, points):
        type_ = one.type or scripts.kind(one.scripts[0].tobytes())
        yield columns(
            Derived,
            scheme=key_of(Scheme, way.network, read.text),
            network=way.network,
            fingerprint=_fingerprint(read),
            path=[f"{head}{index}" for index in indexes.tolist()] if ranged else [before],
            branch=_branch(read, points.branch),
            index=indexes,
            type=type_,
            script=one.scripts,
            address=scripts.addresses(one.scripts, type_, way.network),
        )
