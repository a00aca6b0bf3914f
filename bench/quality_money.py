"""How often clusters, kinds of CoinJoins and change are wrong on a practice chain, whose truth is known.

Usage: ``python bench/quality_money.py STORE TRUTH``: a store made by ``vigie chain import`` of the chain that
``sample.chain.alone`` drew, and the folder of its truth. Intervals are Wilson's, 95 %. Pairs hang together within a
wallet, so for them no interval is given: it would promise too much.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vigie.kernel.chain.chain import Chain
from vigie.kernel.chain.opening import opened
from vigie.kernel.table import of
from vigie.numeric import change, coinjoin, cospend, peel, wilson
from vigie.rows.tags import Tag
from vigie.steps.cospent import PAYJOIN, Cospent, cospent, spends, written
from vigie.steps.groups.money_changes import Guessing

MANY = 1 << 20
"""Texts at a time: all at once would be objects of gigabytes."""


def main(store: Path, truth: Path) -> None:
    """Print everything."""
    chain = opened(store)
    scripts = pq.read_table(truth / "truthscript.parquet", columns=["script", "wallet", "owner"])
    own = scripts["script"].filter(pc.equal(scripts["owner"], "shop")).to_pylist()
    bare, found = cospent(chain, of(Tag)), cospent(chain, of(Tag), own)
    names = scripts["wallet"].combine_chunks().dictionary_encode()
    numbers = _found(chain.script_numbers, scripts["script"])
    wallet = np.full(len(chain.script_type), -1, np.int64)
    wallet[numbers[numbers > 0]] = names.indices.to_numpy()[numbers > 0]
    del scripts
    txs = pq.read_table(truth / "truthtransaction.parquet", columns=["txid", "does", "join", "change"])
    at = _found(chain.transactions, txs["txid"])
    print(
        f"{len(chain.tx_flags):,} transactions, {len(names.dictionary):,} wallets, {int((wallet >= 0).sum()):,} scripts"
    )
    payjoin = pc.equal(txs["does"], "payjoin").to_numpy() & (at >= 0)
    _clusters(chain, bare, found, wallet, at[payjoin])
    _joins(found, txs["join"].combine_chunks().dictionary_encode(), at)
    change = txs["change"].to_numpy()
    _change(chain, found, change, at)
    _peels(chain, change, at, truth)


def _found(call: Callable[[list[bytes]], np.ndarray], texts: pa.ChunkedArray) -> np.ndarray:
    """Return the number of each in the store."""
    return np.concatenate([call(texts[at : at + MANY].to_pylist()) for at in range(0, len(texts), MANY)])


def _clusters(chain: Chain, unknown: Cospent, found: Cospent, wallet: np.ndarray, payjoin: np.ndarray) -> None:
    spent = spends(chain)
    bare = cospend.clusters(spent, np.zeros(len(chain.tx_flags), np.uint8)).label
    old = cospend.clusters(spent, _rule_2017(chain)).label
    skip = (unknown.became == cospend.SKIPPED).astype(np.uint8)
    skip[payjoin] = 1
    held = int((found.became[payjoin] == PAYJOIN).sum())
    print(f"PayJoins: {len(payjoin)}, withheld where the shop's wallet is known {held}; others withheld as such"
          f" {int((found.became == PAYJOIN).sum()) - held}")  # fmt: skip
    known = cospend.clusters(spent, skip).label
    for name, label in (
        ("vigie, the shop's wallet known", found.label),
        ("vigie, without the wallet", unknown.label),
        (f"vigie, {len(payjoin)} PayJoins taken out by truth", known),
        ("CoinJoins merged", bare),
        ("the rule of 2017 (GraphSense)", old),
    ):
        right, every, all_ = _pairs(label, wallet)
        print(f"clusters, {name:44} pair precision {right / max(every, 1):.5f} ({right:,} of {every:,})"
              f"  recall {right / max(all_, 1):.4f}")  # fmt: skip


def _pairs(label: np.ndarray, wallet: np.ndarray) -> tuple[int, int, int]:
    """Return pairs in one cluster and one wallet, in one cluster, in one wallet."""
    held = wallet >= 0

    def many(keys: np.ndarray) -> int:
        count = np.unique(keys, return_counts=True)[1]
        return int((count * (count - 1) // 2).sum())

    both = label[held].astype(np.int64) * (wallet.max() + 1) + wallet[held]
    return many(both), many(label[held]), many(wallet[held])


def _rule_2017(chain: Chain) -> np.ndarray:
    """BlockSci's rule: the most common output value occurs exactly (outputs + 1) // 2 times, by as many inputs."""
    out = np.zeros(len(chain.tx_flags), np.uint8)
    for tx in np.flatnonzero((np.diff(chain.tx_in) > 1) & (np.diff(chain.tx_out) > 2)).tolist():
        values = Counter(chain.out_value[int(chain.tx_out[tx]) : int(chain.tx_out[tx + 1])].tolist())
        out[tx] = values.most_common(1)[0][1] == (sum(values.values()) + 1) // 2
    return out


def _joins(found: Cospent, join: pa.DictionaryArray, at: np.ndarray) -> None:
    here = at >= 0
    kinds = [*join.dictionary.to_pylist()]
    true = np.full(len(found.shape), -1, np.int64)
    true[at[here]] = join.indices.to_numpy()[here]
    labelled = {tx: found.join(tx) for tx in np.flatnonzero(true >= 0).tolist() if found.labelled(tx)}
    name = {tx: kinds[true[tx]] for tx in labelled}
    for kind in sorted({*kinds, *labelled.values()} - {""}):
        these = np.flatnonzero(true == kinds.index(kind)) if kind in kinds else np.empty(0, np.int64)
        said = [tx for tx, one in labelled.items() if one == kind]
        right = sum(name[tx] == kind for tx in said)
        held = int((found.became[these] == cospend.SKIPPED).sum())
        print(f"{kind:14} labelled {_share(right, len(said))}  of the true labelled {_share(right, len(these))}"
              f"  withheld {_share(held, len(these))}")  # fmt: skip
    right = sum(name[tx] not in ("", "whirlpool_tx0") for tx, one in labelled.items() if one != "whirlpool_tx0")
    said = sum(one != "whirlpool_tx0" for one in labelled.values())
    print(f"called a CoinJoin of any kind and one: {_share(right, said)}")
    plain = found.shape[true == kinds.index("")] & coinjoin.KIND
    wrong = int(((plain != 0) & (plain != coinjoin.WHIRLPOOL_TX0)).sum())
    print(f"withheld though it is none: {_share(wrong, len(plain))}")


def _change(chain: Chain, found: Cospent, truth: np.ndarray, at: np.ndarray) -> None:
    columns = written(chain)
    guess = change.candidates(columns, np.isin(found.became, (cospend.SKIPPED, PAYJOIN)).astype(np.uint8))
    known = change.revealed(columns, found.label, guess.out)
    cells: dict[tuple[int, int], list[int]] = {}
    for tx, vout in zip(at.tolist(), truth.tolist(), strict=True):
        out = int(guess.out[tx]) if tx >= 0 else -1
        if out < 0:
            continue
        cell = cells.setdefault((int(guess.speak[tx]), int(guess.against[tx])), [0, 0, 0, 0])
        cell[0] += vout == out - int(chain.tx_out[tx])
        cell[1] += 1
        cell[2] += int(known[tx] == 1)
        cell[3] += int(known[tx] >= 0)
    used = [0, 0]
    for (speak, against), (right, many, shown, revealed) in sorted(cells.items(), key=lambda one: -one[1][1])[:14]:
        print(f"change: {change.names(speak)} | against: {change.names(against) or '-'}: true {_share(right, many)}"
              f"  as revealed {_share(shown, revealed)}")  # fmt: skip
    asked, combinations = Guessing(), 0
    for (speak, _), (right, many, shown, revealed) in cells.items():
        low = wilson.interval(shown, revealed)[0]
        if not speak & change.REUSE and low >= asked.least_low and speak.bit_count() >= asked.least_signals:
            used, combinations = [used[0] + right, used[1] + many], combinations + 1
    print(f"change that rows may rest on, {combinations} combinations: {_share(*used)}")
    _correlations(guess, truth, chain, at)


def _peels(chain: Chain, does: np.ndarray, at: np.ndarray, truth: Path) -> None:
    """Print how often the rest of a step is the spender's own change, and how many steps of true chains are found."""
    rest = peel.rests(written(chain))
    own = {tx: vout for tx, vout in zip(at.tolist(), does.tolist(), strict=True) if tx >= 0}
    said = np.flatnonzero(rest >= 0).tolist()
    print(f"peel steps: the rest is the spender's own {_share(sum(own.get(tx) == rest[tx] for tx in said), len(said))}")
    true = pq.read_table(truth / "truthpeel.parquet").to_pydict()
    steps = zip(chain.transactions(true["txid"]).tolist(), true["rest_vout"], strict=True)
    found = [(int(rest[tx]), vout) for tx, vout in steps if tx >= 0 and vout >= 0]
    print(f"peel steps of true chains found: {_share(sum(one == vout for one, vout in found), len(found))},"
          f" another output named {sum(one not in (-1, vout) for one, vout in found)}")  # fmt: skip


def _correlations(guess: change.Candidates, truth: np.ndarray, chain: Chain, at: np.ndarray) -> None:
    """Print how signals hang together among candidates that are right: phi of each pair."""
    right = [tx for tx, vout in zip(at.tolist(), truth.tolist(), strict=True)
             if tx >= 0 and guess.out[tx] >= 0 and int(guess.out[tx]) - int(chain.tx_out[tx]) == vout]  # fmt: skip
    bits = (guess.speak[right][:, None] >> np.arange(len(change.SIGNALS)) & 1).astype(float)
    held = bits.std(axis=0) > 0
    phi = np.corrcoef(bits[:, held].T)
    names = [name for name, one in zip(change.SIGNALS, held, strict=True) if one]
    pairs = [(abs(phi[i, j]), phi[i, j], names[i], names[j]) for i in range(len(names)) for j in range(i)]
    for _, value, one, other in sorted(pairs, reverse=True)[:4]:
        print(f"signals hang together: {one}, {other}: phi {value:+.2f}")


def _share(hit: int, many: int) -> str:
    low, high = wilson.interval(hit, many)
    return f"{hit}/{many} {hit / max(many, 1):.4f} [{low:.4f}, {high:.4f}]"


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
