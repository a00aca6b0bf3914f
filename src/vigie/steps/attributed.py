"""What steps share that ask whose a script is said to be: tags with their actors, and which of them contradict.

Nothing is decided here. Two tags contradict when they name different actors, or different labels where no actor is
known; a mention, an event or an attribute claims nothing of who holds the keys, and contradicts nothing.
"""

import collections
import datetime as dt
import re
import typing as t

from vigie.kernel.chain.chain import Chain
from vigie.kernel.table import Table, look, of
from vigie.rows.base import Row
from vigie.rows.tags import SERVICES, Actor, Pack, Tag, stops


class Claim(t.NamedTuple):
    """One tag, and whom it names."""

    tag: dict[str, t.Any]
    """Columns of the ``Tag``."""
    actor: str
    """Id of the actor: as the tag says, or told by its label; ``""``: none is known."""
    category: str
    """The category or concept at which a trace ends; else the category."""
    stops: bool
    claims: bool
    """Does it say who holds the keys?"""

    @property
    def who(self) -> str:
        """Whom it names, so that two spellings of one are the same."""
        return self.actor or _plain(self.tag["label"])

    @property
    def order(self) -> tuple[t.Any, ...]:
        """Strongest source first, then the newest."""
        when = self.tag["lastmod"]
        return -self.tag["confidence_level"], -when.timestamp() if when else 0.0, self.tag["label"], self.tag["key"]


class _Asked(Row, frozen=True, kw_only=True):
    """A script whose tags are wanted."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("script",)
    script: bytes


class Attributed:
    """Tags of some scripts."""

    def __init__(self, tags: Table[Tag], named: "Named", scripts: t.Iterable[bytes]) -> None:
        self.named = named
        wanted = of(_Asked, [_Asked.make(script=one) for one in sorted(set(scripts) - {b""})])
        rows = look("select t.* from t semi join w on w.script = t.script", t=tags, w=wanted)
        self.of: dict[bytes, list[Claim]] = {}
        """Script -> claims, strongest first."""
        for row in rows:
            self.of.setdefault(row["script"], []).append(self.claim(row))
        for claims in self.of.values():
            claims.sort(key=lambda one: one.order)

    def claim(self, tag: dict[str, t.Any]) -> Claim:
        """Return whom a tag names."""
        words = [tag["category"], *filter(None, tag["concepts"].split(", "))]
        category = next((one for one in words if one in SERVICES), tag["category"])
        actor = tag["actor"] or self.named.called(tag["label"])
        claims = tag["tag_type"] in ("", "actor")
        return Claim(tag, actor, category, stops(tag["tag_type"], tag["category"], tag["concepts"]), claims)

    def best(self, script: bytes) -> Claim | None:
        """Return the strongest claim of a service; None where there is none."""
        return next((one for one in self.of.get(script, []) if one.stops), None)


def contradictions(claims: t.Iterable[Claim]) -> list[tuple[Claim, Claim]]:
    """Return the strongest claim with that of each other name, the strongest of each only: not all pairs of names."""
    first: dict[str, Claim] = {}
    for one in sorted((one for one in claims if one.claims), key=lambda one: one.order):
        first.setdefault(one.who, one)
    names = list(first.values())
    return [(names[0], one) for one in names[1:]]


def others(claims: t.Iterable[Claim]) -> t.Callable[[Claim], int]:
    """Return what counts, for one of the claims, how many name another one."""
    names = collections.Counter(one.who for one in claims if one.claims)
    return lambda one: names.total() - names[one.who] if one.claims else 0


class Named:
    """Who actors are: by ActorPacks, and by registers, which know companies and no labels of tags."""

    def __init__(self, actors: Table[Actor], packs: Table[Pack]) -> None:
        self.packs = {one.file: one for one in packs}
        registers = {one.file for one in packs if one.format == "register"}
        self._of: dict[str, list[Actor]] = {}
        self._entries: dict[str, list[Actor]] = {}
        names: dict[str, set[str]] = {}
        for one in sorted(actors, key=lambda one: (one.file, one.id)):
            if one.file in registers:
                for name in {_plain(name) for name in (one.legal_name, one.label, *one.aliases.split(", "))} - {""}:
                    self._entries.setdefault(name, []).append(one)
                continue
            self._of.setdefault(one.id, []).append(one)
            for name in _names(one):
                names.setdefault(name, set()).add(one.id)
        self._ids = {name: next(iter(ids)) for name, ids in names.items() if len(ids) == 1}

    def called(self, label: str) -> str:
        """Return the id of the one actor that has this name; ``""`` where none has, or several have."""
        return self._ids.get(_plain(label), "")

    def entries(self, actor: str, label: str) -> list[Actor]:
        """Return what registers, then packs, say of an actor, or of a name where no actor is known."""
        known = self._of.get(actor, [])
        names = {_plain(label), *(name for one in known for name in _names(one))} - {""}
        found = {one.key: one for name in sorted(names) for one in self._entries.get(name, [])}
        return [*found.values(), *known]


def _names(one: Actor) -> set[str]:
    return {_plain(name) for name in (one.id, one.label, one.legal_name, *one.aliases.split(", "))} - {""}


def _plain(name: str) -> str:
    """Return a name without what spellings differ in: ``Kraken.com`` and ``kraken``."""
    low = re.sub(r"\.(com|io|net|org|eu|co)$", "", name.strip().lower())
    return re.sub(r"[\W_]+", "", low) or low


def on_chain(chain: Chain, tags: Table[Tag]) -> set[bytes]:
    """Return the scripts of tags that occur on a chain."""
    scripts = [one["script"] for one in look("select distinct script from t where octet_length(script) > 0", t=tags)]
    numbers = chain.script_numbers(scripts)
    return {one for one, number in zip(scripts, numbers, strict=True) if number > 0}


def scripts_of(chain: Chain, outputs: list[tuple[bytes, int]]) -> list[bytes]:
    """Return the script of each output; ``b""`` where the chain does not have it."""
    found = chain.transactions([txid for txid, _ in outputs])
    out = []
    for tx, (_, vout) in zip(found.tolist(), outputs, strict=True):
        at = int(chain.tx_out[tx]) + vout if tx >= 0 else -1
        out.append(chain.script(int(chain.out_script[at])) if 0 <= at < int(chain.tx_out[tx + 1]) else b"")
    return out


def tip(chain: Chain) -> dt.datetime | None:
    """Return the time of the chain's last block; None of an empty one."""
    times = chain.times()
    return dt.datetime.fromtimestamp(int(times[-1]), dt.UTC) if len(times) else None


def age_days(tag: t.Mapping[str, t.Any], now: dt.datetime | None) -> int:
    """Return a tag's age at a time, in days; 0 for one that is newer, -1 where it is not known."""
    return max(0, (now - tag["lastmod"]).days) if now and tag["lastmod"] else -1


def told(one: Claim, packs: t.Mapping[bytes, Pack], age: int) -> str:
    """Return in words who says so, when and on what ground."""
    pack = packs.get(one.tag["file"])
    by = f"{pack.title} by {pack.creator}" if pack else "a pack"
    when = f", of {one.tag['lastmod']:%Y-%m-%d}" if one.tag["lastmod"] else ", undated"
    old = f" ({age:,} days before the chain's tip)" if age > 0 else ""
    ground = f"{one.tag['confidence'] or 'unknown'}, {one.tag['confidence_level']} of 100 by kind of source"
    return f"{one.tag['label']!r} says {by}{when}{old}; {ground}; source: {one.tag['source'] or 'not said'}"
