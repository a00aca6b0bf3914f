"""Tags on what the case can come to, with their age and what contradicts them: listed, never resolved."""

import typing as t

from vigie.kernel.chain.chain import Chain
from vigie.kernel.stage import stage
from vigie.kernel.table import Table, look, of
from vigie.rows.clusters import ClusterMember
from vigie.rows.paths import Flow
from vigie.rows.payments import Watched
from vigie.rows.tags import Actor, Pack, Tag, TagConflict, Tagged
from vigie.steps.attributed import (
    Attributed,
    Claim,
    Named,
    age_days,
    contradictions,
    on_chain,
    others,
    scripts_of,
    tip,
    told,
)

NO_TXID: t.Final = bytes(32)
MOST: t.Final = 100
"""Names of one script that have rows: whoever writes packs must not be able to write millions."""


@stage(split=None)
def tagged(
    tags: Table[Tag],
    actors: Table[Actor],
    packs: Table[Pack],
    watched: Table[Watched],
    members: Table[ClusterMember],
    flows: Table[Flow],
    chain: Chain,
) -> tuple[Table[Tagged], Table[TagConflict]]:
    """List tags on watched scripts, on those of their clusters, where traces ended, and on all of a case's own chain.

    On the script itself a tag is layer B. A watched script of which nothing is said has, as layer C, what is said of
    others of its cluster: the strongest tag of each name.
    """
    mine = {one.script: one for one in watched if one.network == chain.network}
    cluster = {one.script: one.cluster for one in members if one.network == chain.network}
    ends = [(one["txid"], one["vout"]) for one in look(_ENDS, f=flows) if one["network"] == chain.network]
    asked = {*mine, *cluster, *scripts_of(chain, ends), *(on_chain(chain, tags) if chain.scoped else ())}
    found = _Found(Attributed(tags, Named(actors, packs), asked), chain)
    together: dict[bytes, list[Claim]] = {}
    for script in sorted(found.known.of):
        claims = found.known.of[script]
        address = min(one.tag["address"] for one in claims)
        found.direct(script, address, claims)
        if script in cluster:
            together.setdefault(cluster[script], []).extend(claims)
    strongest = {one: by_name(claims) for one, claims in together.items()}
    once: set[bytes] = set()
    for script in sorted(set(mine) & set(cluster)):
        claims = strongest.get(cluster[script], [])
        found.by_cluster(script, mine[script].address, claims)
        if cluster[script] not in once:
            found.contradict(script, mine[script].address, claims, "C")
            once.add(cluster[script])
    found.transactions(tags)
    return of(Tagged, found.rows.values()), of(TagConflict, found.conflicts.values())


_ENDS: t.Final = (
    "select distinct network, end_txid as txid, end_vout as vout from f where stop = 'service' or label <> ''"
    " order by all"
)


def by_name(claims: list[Claim]) -> list[Claim]:
    """Return the strongest claim of each name, strongest first."""
    strongest: dict[str, Claim] = {}
    for one in sorted(claims, key=lambda one: one.order):
        if one.claims:
            strongest.setdefault(one.who, one)
    return list(strongest.values())


class _Found:
    """Rows as they are found."""

    def __init__(self, known: Attributed, chain: Chain) -> None:
        self.known, self.chain, self.now = known, chain, tip(chain)
        self.packs = known.named.packs
        self.rows: dict[bytes, Tagged] = {}
        self.conflicts: dict[bytes, TagConflict] = {}

    def direct(self, script: bytes, address: str, claims: list[Claim]) -> None:
        """Take tags that name the script itself."""
        against = others(claims)
        for one in claims:
            self._add(script, address, one, "B", against(one))
        self.contradict(script, address, claims, "B")

    def by_cluster(self, script: bytes, address: str, claims: list[Claim]) -> None:
        """Take tags that name others of a script's cluster: the strongest of each name."""
        if not any(one.claims for one in self.known.of.get(script, [])):
            for one in claims[:MOST]:
                self._add(script, address, one, "C", len(claims) - 1)

    def _add(self, script: bytes, address: str, one: Claim, layer: str, conflicts: int, txid: bytes = NO_TXID) -> None:
        age = age_days(one.tag, self.now)
        where = {"B": "names it", "C": "names another address of its cluster"}[layer]
        against = f". {conflicts} other tags contradict: see tagconflict" if conflicts else ""
        made = Tagged.make(
            network=self.chain.network,
            script=script,
            address=address,
            tag=one.tag["key"],
            label=one.tag["label"],
            actor=one.actor,
            category=one.category,
            stops=one.stops,
            confidence_level=one.tag["confidence_level"],
            age_days=age,
            layer=layer,
            conflicts=conflicts,
            txid=txid,
            text=f"A tag {where}: {told(one, self.packs, age)}{against}.",
        )
        self.rows.setdefault(made.key, made)

    def contradict(self, script: bytes, address: str, claims: list[Claim], layer: str) -> None:
        """Take what contradicts the strongest tag, up to ``MOST`` rows, each with the count of all."""
        pairs = contradictions(claims)
        beyond = f" {len(pairs):,} names contradict the first, {MOST} are listed." if len(pairs) > MOST else ""
        for one, other in pairs[:MOST]:
            made = TagConflict.make(
                network=self.chain.network,
                script=script,
                address=address,
                tag=one.tag["key"],
                other=other.tag["key"],
                label=one.tag["label"],
                other_label=other.tag["label"],
                layer=layer,
                text=f"{told(one, self.packs, age_days(one.tag, self.now))}. But"
                f" {told(other, self.packs, age_days(other.tag, self.now))}.{beyond}",
            )
            self.conflicts.setdefault(made.key, made)

    def transactions(self, tags: Table[Tag]) -> None:
        """Take tags on transactions that the chain holds."""
        rows = look("select * from t where regexp_full_match(tx_hash, '[0-9a-fA-F]{64}') order by key", t=tags)
        ids = [bytes.fromhex(one["tx_hash"]) for one in rows]
        for row, txid, at in zip(rows, ids, self.chain.transactions(ids), strict=True):
            if at >= 0:
                one = Claim(row, row["actor"], row["category"], stops=False, claims=False)
                self._add(b"", "", one, "B", 0, txid)
