"""How many true ways between payments and exchanges flows find, and how many of those they say are true.

``python bench/quality_paths.py [--seeds 11 12 13] [--transactions 20000]``: practice chains are drawn and imported,
what truly settled an order is traced both ways by each policy. The shop's scripts are the case's own. Tags: the
sample's own, of a few hot addresses; then one on every script of an exchange, so that only the trace can be wrong.
``--made FOLDER``: chains that are there already, ``FOLDER/sN`` (sample) and ``FOLDER/stN`` (store).

Truth (``truthpath``) is which exchange deposit or withdrawal *can* be reached, the shop's money being one owner's; a
policy follows one part of it to where that part went. So two recalls: of all true ends, and of payments with a true
end, those with one that was found. Right: the true output is the end or stands on the way to it, as where only the
address is tagged to which an exchange sweeps its deposits; ``very output``: it is the end itself. Or: the exchange is
a true one for that payment.
Intervals are Wilson's, 95 %; payments gathered together share their ways, so they are too narrow.
"""

from __future__ import annotations

import argparse
import tempfile
import typing as t
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import yaml

from vigie.desk.cli import call
from vigie.kernel.chain.opening import opened
from vigie.kernel.table import of
from vigie.numeric import wilson
from vigie.numeric.coins import scripts
from vigie.rows.tags import Tag
from vigie.steps.followed import Followed, Stops
from vigie.steps.traced import DIRECTIONS, Seeds, traced

if t.TYPE_CHECKING:
    from vigie.kernel.chain.chain import Chain
    from vigie.rows.paths import Flow, Hop

Out: t.TypeAlias = tuple[bytes, int]
Asked: t.TypeAlias = tuple[str, str, str]
"""Tags, policy, direction."""


def main() -> None:
    """Print recall and precision of each policy and direction."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    asked.add_argument("--transactions", type=int, default=20_000)
    asked.add_argument("--made", type=Path)
    given = asked.parse_args()
    total: dict[Asked, Counter[str]] = defaultdict(Counter)
    with tempfile.TemporaryDirectory(prefix="vigie-paths-") as folder:
        for seed in given.seeds:
            made = given.made or _drawn(Path(folder), seed, given.transactions)
            for asked_of, counts in _scored(opened(made / f"st{seed}"), made / f"s{seed}").items():
                total[asked_of].update(counts)
    for asked_of, count in total.items():
        _report(", ".join(asked_of), count)


def _drawn(folder: Path, seed: int, many: int) -> Path:
    sample, store = folder / f"s{seed}", folder / f"st{seed}"
    blocks = sample / "node" / "regtest" / "blocks"
    for line in (
        ["sample", str(sample), "--chain-only", "--transactions", str(many), "--seed", str(seed)],
        ["chain", "import", str(store), "--blocks", str(blocks), "--network", "regtest"],
    ):
        if call(line):
            raise SystemExit(f"vigie {' '.join(line)} failed")
    return folder


def _tags(file: Path) -> list[Tag]:
    """Read the practice tags; in a case the cell does."""
    pack = yaml.safe_load(file.read_text())
    read = [(scripts.read(one["address"]), one["actor"], one.get("confidence", "")) for one in pack["tags"]]
    return [_tag(number, one.script, f"exchange:{actor}", 20 if level == "web_crawl" else 50)
            for number, (one, actor, level) in enumerate(read) if one]  # fmt: skip


def _tag(number: int, script: bytes, wallet: str, level: int = 50) -> Tag:
    actor = wallet.removeprefix("exchange:")
    return Tag.make(
        file=b"K" * 16, number=number, label=actor, source="truth", currency="BTC", network="BTC", address="",
        tx_hash="", script=script, actor=actor, category="exchange", concepts="", tag_type="actor",
        confidence="service_data", confidence_level=level, abuse="", is_cluster_definer=True, lastmod=None, context="",
    )  # fmt: skip


def _scored(chain: Chain, folder: Path) -> dict[Asked, Counter[str]]:
    read = {name: pq.read_table(folder / f"truth{name}.parquet").to_pylist()
            for name in ("settled", "path", "script", "order", "transaction")}  # fmt: skip
    owner = {one["script"]: one["wallet"] for one in read["script"]}
    own = [one["script"] for one in read["script"] if one["owner"] == "shop"]
    true: dict[tuple[str, Out], dict[Out, tuple[str, str]]] = defaultdict(dict)
    for one in read["path"]:
        true[one["direction"], (one["seed_txid"], one["seed_vout"])][one["end_txid"], one["end_vout"]] = (
            one["actor"], one["through"])  # fmt: skip
    paid = sorted({(one["txid"], one["vout"]) for one in read["settled"]})
    at = chain.transactions([txid for txid, _ in paid])
    outs = np.array([int(chain.tx_out[tx]) + vout for tx, (_, vout) in zip(at.tolist(), paid, strict=True)], np.int64)
    mine = np.isin(chain.out_script[outs], chain.script_numbers(own))
    outs = np.sort(outs[mine])
    found: dict[Asked, Counter[str]] = {}
    given = _tags(folder / "reference" / "tags.yaml")
    every = [_tag(number, one["script"], one["wallet"]) for number, one in enumerate(read["script"])
             if one["owner"] == "exchange"]  # fmt: skip
    for tags, known in (("tags as they are", given), ("all scripts of exchanges tagged", every)):
        followed = Followed(chain, of(Tag, known), own, Stops())
        for policy in ("fifo", "haircut"):
            for direction in DIRECTIONS:
                flows, hops = traced(followed, Seeds(outs, [b""] * len(outs)), policy, direction, 1 << 30)
                mine_true = {seed: ends for (way, seed), ends in true.items() if way == direction}
                found[tags, policy, direction] = _compared(flows.rows(), _before(hops.rows()), mine_true, owner, chain)
    return found


def _before(hops: list[Hop]) -> dict[bytes, dict[int, Out]]:
    """Return the hops of each flow by number."""
    found: dict[bytes, dict[int, Out]] = defaultdict(dict)
    for one in hops:
        found[one.flow][one.number] = (one.txid, one.vout)
    return found


def _compared(flows: list[Flow], ways: dict[bytes, dict[int, Out]], true: dict[Out, dict[Out, tuple[str, str]]],
              owner: dict[bytes, str], chain: Chain) -> Counter[str]:  # fmt: skip
    count: Counter[str] = Counter()
    said: dict[Out, list[tuple[str, set[Out], int]]] = defaultdict(list)
    everywhere: dict[Out, set[Out]] = defaultdict(set)
    satoshi: Counter[str] = Counter()
    for one in flows:
        seed, end = (one.seed_txid, one.seed_vout), (one.end_txid, one.end_vout)
        everywhere[seed].add(end)
        satoshi[one.stop] += one.amount_sat
        if one.stop == "service":
            # Backward a flow ends at what the service itself spent; the truth names what it paid, one hop before.
            very = one.hops if one.direction == "forward" else one.hops - 1
            said[seed].append((one.actor, {ways[one.key][at] for at in range(very + 1)}, one.others))
            truly = true.get(seed, {})
            count["very output"] += ways[one.key][very] in truly
            count["ends at services"] += 1
            count["ends at services, its own"] += _owned(chain, end, owner) == f"exchange:{one.actor}"
    for name, amount in satoshi.items():
        count[f"sat {name}"] = amount
    for seed, ends in true.items():
        clear = {end for end, (_, through) in ends.items() if "coinjoin" not in through}
        got = clear & {out for _, way, _ in said[seed] for out in way}
        count["true"] += len(clear)
        count["true found"] += len(got)
        count["payments"] += bool(clear)
        count["payments found"] += bool(got)
        count["payments actor"] += bool({ends[end][0] for end in clear} & {actor for actor, _, _ in said[seed]})
        count["missed but an end of another reason"] += len((clear - got) & everywhere[seed])
    for seed, found in said.items():
        actors = {actor for actor, _ in true.get(seed, {}).values()}
        for actor, way, others in found:
            right = bool(way & true.get(seed, {}).keys())
            count["said"] += 1
            count["said right"] += right
            for most in (0, 1):  # one: the deposit address, where only what it is swept to is tagged
                count[f"said, others {most}"] += others <= most
                count[f"said right, others {most}"] += right and others <= most
            count["said, actor right"] += actor in actors
            count["said of payments without truth"] += seed not in true
    return count


def _owned(chain: Chain, end: Out, owner: dict[bytes, str]) -> str:
    (tx,) = chain.transactions([end[0]]).tolist()
    return owner.get(chain.script(int(chain.out_script[int(chain.tx_out[tx]) + end[1]])), "")


def _report(title: str, count: Counter[str]) -> None:
    print(title)
    for name, hit, many in (
        ("recall, all ends that can be reached", "true found", "true"),
        ("recall, payments with one", "payments found", "payments"),
        ("payments whose exchange is named", "payments actor", "payments"),
        ("precision, ends", "said right", "said"),
        ("precision, its very output", "very output", "said"),
        ("precision, nobody's output between", "said right, others 0", "said, others 0"),
        ("precision, one output between at most", "said right, others 1", "said, others 1"),
        ("precision, exchange of the payment", "said, actor right", "said"),
        ("precision, owner of the end", "ends at services, its own", "ends at services"),
        ("said of payments without a true way", "said of payments without truth", "said"),
    ):
        low, high = wilson.interval(count[hit], count[many])
        print(f"  {name:42} {count[hit] / max(count[many], 1):.3f} [{low:.3f}, {high:.3f}] {count[hit]}/{count[many]}")
    whole = sum(many for name, many in count.items() if name.startswith("sat "))
    print("  satoshi: " + ", ".join(
        f"{name[4:]} {many / whole:.1%}" for name, many in count.most_common() if name.startswith("sat ")))  # fmt: skip
    print("  missed, but an end for another reason:", count["missed but an end of another reason"])


if __name__ == "__main__":
    main()
