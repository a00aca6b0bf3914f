"""How the money strand's tables look to a person; ``desk.faces`` has them among all others."""

from __future__ import annotations

import typing as t

from vigie.rows.clusters import Change, Cluster, ClusterMember, Withheld
from vigie.rows.derived import Derived, KeyUse, Scheme
from vigie.rows.given import Given
from vigie.rows.paths import Enquiry, Exchange, Flow, Hop, Proof
from vigie.rows.payments import Receipt, Settlement, Watched
from vigie.rows.sightings import SightedSecret, Sighting
from vigie.rows.tags import Actor, Pack, Tag, TagConflict, Tagged
from vigie.rows.wallets import Wallet

if t.TYPE_CHECKING:
    from vigie.rows.base import Row


class Drawn(t.NamedTuple):
    """A face in short: columns stand in one text, with blanks between."""

    row: type[Row]
    order: str
    columns: str
    contact: str


DRAWN: t.Final[dict[str, Drawn]] = {
    "given": Drawn(Given, "given_at, kind, value", "key kind value note examiner given_at", ""),
    "watched": Drawn(Watched, "own desc, network, script", "key type address why own sources source", ""),
    "receipts": Drawn(
        Receipt, "height, txid, vout", "key at txid vout value_sat address height spent_by spent_height", ""
    ),
    "settlements": Drawn(
        Settlement,
        "layer, platform, account, payment, receipt",
        "key account order layer how candidates orders expected_sat received_sat txid vout note",
        "",
    ),
    "wallets": Drawn(
        Wallet, "content", "key kind network encrypted keys addresses labels moves secrets highest text content", ""
    ),
    "schemes": Drawn(Scheme, "network, fingerprint, key", "key fingerprint type state branches until found place", ""),
    "derived": Drawn(Derived, 'scheme, branch, "index", type', "key fingerprint path type address network scheme", ""),
    "keyuses": Drawn(
        KeyUse, "scheme, branch, type", "key type branch derived used by_orders by_wallets by_chain highest gap", ""
    ),
    "sightings": Drawn(
        Sighting, "content, start, kind", "key kind value checked content start encoding context", "value context"
    ),
    "sightedsecrets": Drawn(SightedSecret, "content, start, kind", "key kind size_bytes content start", ""),
    "clusters": Drawn(
        Cluster, "watched desc, scripts desc, key", "key scripts watched transactions withheld named text", ""
    ),
    "clustermembers": Drawn(ClusterMember, "cluster, script", "cluster address type via key", ""),
    "withheld": Drawn(
        Withheld, "height, txid", "key txid height why join label inputs scripts parties denomination_sat text", ""
    ),
    "changes": Drawn(
        Change, "txid", "key txid vout layer signals against precision precision_low precision_high measured_on", ""
    ),
    "packs": Drawn(Pack, "title, key", "key title creator format private tags actors rejected sha256", ""),
    "tags": Drawn(
        Tag, "file, number", "key label actor category address tag_type confidence lastmod source currency", ""
    ),
    "actors": Drawn(Actor, "id, file", "key id label legal_name jurisdictions categories lastmod", ""),
    "tagged": Drawn(
        Tagged,
        "stops desc, label, script, tag",
        "key label actor category address stops confidence_level age_days layer conflicts",
        "",
    ),
    "tagconflicts": Drawn(TagConflict, "script, tag, other", "key address label other_label layer text tag other", ""),
    "paths": Drawn(
        Flow,
        "policy, stop <> 'service', amount_sat desc, key",
        "key direction policy stop label amount_sat seed_sat hops paths at address layers weakest",
        "",
    ),
    "hops": Drawn(Hop, "flow, number", "flow number txid vout value_sat amount_sat address height layer signals", ""),
    "proofs": Drawn(Proof, "height, txid", "key txid height block place coinbase holds text", ""),
    "exchanges": Drawn(
        Exchange,
        "rank",
        "rank key label legal_name countries receipts accounts amount_sat first_at last_at weakest conflicts",
        "",
    ),
    "enquiries": Drawn(
        Enquiry,
        "exchange, earliest nulls last, key",
        "key direction txid vout address value_sat amount_sat earliest latest account order layers",
        "",
    ),
}

SAYING: t.Final[dict[str, tuple[str, ...]]] = {
    one.row.table(): tuple(name for name in one.columns.split() if name not in ("key", "flow", "cluster", "text"))
    + (("text",) if "text" in one.row.__struct_fields__ else ())
    for one in DRAWN.values()
}
"""What ``vigie explain`` says of such a row."""
