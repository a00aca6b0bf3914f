"""A trace as one JSON document that says all it rests on, and the same document made again from it."""

import hashlib
import json
import typing as t

import msgspec
import numpy as np

from vigie.kernel.chain.chain import Chain
from vigie.kernel.errors import UsageError
from vigie.kernel.run import version
from vigie.kernel.table import Table, look, plain
from vigie.rows.tags import Tag
from vigie.steps.followed import Followed, Stops
from vigie.steps.traced import WHY, Seeds, run, traced

FORMAT: t.Final = 1


def document(
    chain: Chain, tags: Table[Tag], own: t.Iterable[bytes], outputs: t.Sequence[tuple[bytes, int]], *,
    policy: str, direction: str, settings: Stops, most: int, followed: Followed | None = None,
) -> dict[str, t.Any]:  # fmt: skip
    """Trace outputs, (txid, vout) each, and return the document. Errors: UsageError where one is not in the chain.

    ``followed``: of this chain, these tags, scripts and settings, where it is there already.
    """
    found = zip(outputs, chain.transactions([txid for txid, _ in outputs]).tolist(), strict=True)
    outs = sorted({_number(chain, txid, vout, tx) for (txid, vout), tx in found})
    mine = sorted(set(own))
    held = sorted({one for one, number in zip(mine, chain.script_numbers(mine), strict=True) if number > 0})
    followed = followed or Followed(chain, tags, held, settings)
    seeds = Seeds(np.array(outs, np.int64), [b""] * len(outs))
    ends, steps = traced(followed, seeds, policy, direction, most)
    other = "haircut" if policy == "fifo" else "fifo"
    reached = {one: int(run(followed, seeds, one, direction).reached.sum()) for one in (policy, other)}
    return {
        "format": FORMAT,
        "vigie": version(),
        "chain": {"network": chain.network, "identity": chain.identity.hex(), "scoped": chain.scoped,
                  "height": int(chain.heights[-1]) if len(chain.heights) else -1},
        "tags": tags_digest(tags),
        "own": [one.hex() for one in held],
        "seeds": [f"{txid.hex()}:{vout}" for txid, vout in sorted(set(outputs))],
        "policy": policy,
        "direction": direction,
        "settings": msgspec.to_builtins(settings),
        "most_flows": most,
        "transactions_reached": reached,
        "reasons": WHY,
        "flows": sorted((_row(one) for one in look("select * from f", f=ends)), key=lambda one: one["key"]),
        "hops": sorted((_row(one) for one in look("select * from h", h=steps)), key=lambda x: (x["flow"], x["number"])),
    }  # fmt: skip


def recompute(said: t.Mapping[str, t.Any], chain: Chain, tags: Table[Tag]) -> bytes:
    """Trace again what a document says, and return its bytes: they are the same, whoever does it.

    Errors: UsageError where the chain or the tags are not those of the document.
    """
    if said["chain"]["identity"] != chain.identity.hex():
        raise UsageError(
            f"The trace is of chain {said['chain']['identity'][:12]}, this is {chain.identity.hex()[:12]}."
        )
    if said["tags"] != tags_digest(tags):
        raise UsageError("The trace is of other tags than these: add the packs whose tags it names, and no others.")
    outputs = [(bytes.fromhex(one[:64]), int(one[65:])) for one in said["seeds"]]
    return encoded(
        document(
            chain, tags, [bytes.fromhex(one) for one in said["own"]], outputs, policy=said["policy"],
            direction=said["direction"], settings=msgspec.convert(said["settings"], Stops), most=said["most_flows"],
        )
    )  # fmt: skip


def encoded(said: t.Mapping[str, t.Any]) -> bytes:
    """Return the one way to write a document."""
    return (json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def tags_digest(tags: Table[Tag]) -> str:
    """Return SHA-256 over all that decides where a trace ends and which tag wins there."""
    digest = hashlib.sha256()
    for one in look(_DIGESTED, t=tags):
        digest.update(json.dumps({name: plain(value) for name, value in one.items()}, sort_keys=True).encode() + b"\n")
    return digest.hexdigest()


_DIGESTED: t.Final = """
    select file, number, script, label, actor, category, concepts, tag_type, confidence_level, lastmod
    from t order by file, number
"""


def _number(chain: Chain, txid: bytes, vout: int, tx: int) -> int:
    out = int(chain.tx_out[tx]) + vout if tx >= 0 and vout >= 0 else -1
    if out < 0 or out >= int(chain.tx_out[tx + 1]) or chain.out_value[out] < 0:
        raise UsageError(
            f"{txid.hex()}:{vout} is no output of the chain of this case. What a store holds: vigie chain show STORE."
        )
    return out


def _row(one: dict[str, t.Any]) -> dict[str, t.Any]:
    return {name: plain(value) for name, value in one.items()}
