"""The money strand's common words: amounts, networks, kinds of scripts, layers of evidence.

An amount is an int of satoshi; no float ever touches one. A transaction id is 32 bytes in *display order*, as people,
nodes and courts write it: its hex is the txid. Only ``kernel/chain`` knows the other order, in which blocks hold it.
"""

import typing as t

from vigie.rows.base import Examples, Sha256

NETWORKS: tuple[str, ...] = ("main", "test", "testnet4", "signet", "regtest")
"""Bitcoin's, as its Core calls them."""
Network = t.Annotated[str, Examples(("main", "regtest"))]

SCRIPT_TYPES: tuple[str, ...] = (
    "unknown", "p2pk", "p2pkh", "p2sh", "multisig", "p2wpkh", "p2wsh", "p2tr", "anchor", "witness", "op_return",
    "nonstandard",
)  # fmt: skip
"""Kinds of output scripts; the place is the number that a chain keeps. ``unknown``: the script itself is not known.
``multisig``: bare, m of n keys. ``witness``: a version or length that nobody has given a meaning. ``anchor``: P2A."""
ScriptType = t.Annotated[str, Examples(("p2pkh", "p2wpkh", "p2tr"))]

Layer = t.Annotated[str, Examples(("A", "B", "C"))]
"""``A``: a fact, it follows from consensus data or derivation. ``B``: a deterministic rule, or somebody's assertion;
its error stands beside it where it was measured. ``C``: statistical, a lead only. They are never mixed: what rests on
several names each."""

TXIDS = (b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)
SCRIPTS = (bytes.fromhex("0014") + b"\x01" * 20, bytes.fromhex("0014") + b"\x02" * 20,
           bytes.fromhex("76a914") + b"\x03" * 20 + bytes.fromhex("88ac"))  # fmt: skip
ADDRESSES = ("", "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g")

Txid = t.Annotated[Sha256, Examples(TXIDS)]
"""In display order."""
Script = t.Annotated[bytes, Examples(SCRIPTS)]
"""An output's script, the ``scriptPubKey``: what the chain knows an address by."""
Satoshi = t.Annotated[int, Examples((0, 546, 81_000, 5_000_000))]
Vout = t.Annotated[int, Examples((0, 1, 2))]
