"""The store of the chain: how fast it takes columns in, how large it is, how much memory it takes, how fast it opens.

Run: ``.venv/bin/python bench/chain_store.py [--outputs 20000000] [--dir DIR]``. The feed is drawn: 2.28 inputs and 2.42
outputs a transaction (real blocks' means), half of the outputs to scripts that were paid before, spends mostly recent.
No block is parsed. Compared with: writing the same bytes to one file and hashing them with SHA-256, which no store
that is sealed can do without.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import shutil
import struct
import tempfile
import threading
import time
import typing as t
from pathlib import Path

import numpy as np

from vigie.kernel.chain.chain import COINBASE
from vigie.kernel.chain.feed import Feed
from vigie.kernel.chain.growth import Growth
from vigie.kernel.chain.opening import damage, opened
from vigie.numeric.headers import block_hash

TXS_A_BLOCK = 2500
TXS_A_FEED = 1_700_000


class Drawn:
    """Feeds one behind the other, drawn without Python loops over transactions."""

    def __init__(self, seed: int) -> None:
        self.chance = np.random.default_rng(seed)
        self.prev = bytes(32)
        self.made = 0
        """Transactions so far: ids are their number, mixed."""
        self.wallets = 0

    def feed(self) -> Feed:
        """Return the next one."""
        chance, n = self.chance, TXS_A_FEED
        blocks = n // TXS_A_BLOCK
        flags = np.zeros(n, np.uint8)
        flags[::TXS_A_BLOCK] = COINBASE
        ins = np.minimum(chance.geometric(1 / 2.28, n), 200).astype(np.uint32)
        ins[::TXS_A_BLOCK] = 1
        outs = np.minimum(1 + chance.geometric(1 / 1.42, n), 500).astype(np.uint32)
        own = np.repeat(np.arange(self.made, self.made + n), ins)
        # what is spent was made lately, mostly: a Pareto distance back; each input takes an output of its own
        back = np.minimum((chance.pareto(0.6, len(own)) * 300 + 1).astype(np.int64), own)
        spent = np.maximum(own - back, 0)
        vout = np.zeros(len(own), np.uint32)
        order = np.argsort(spent, kind="stable")
        rank = np.arange(len(own)) - np.maximum.accumulate(
            np.where(np.r_[True, spent[order][1:] != spent[order][:-1]], np.arange(len(own)), 0)
        )
        vout[order] = rank
        prev_tx = ids(spent)
        vout[spent < self.made] = 0xFFFFFFF0  # of an earlier feed: found, and not spent, for another feed may spend it
        mints = np.repeat(flags.astype(bool), ins)
        prev_tx[mints], vout[mints] = 0, 0xFFFFFFFF
        n_out = int(outs.sum())
        known = chance.random(n_out) < 0.5
        who = np.where(known & (self.wallets > 0), chance.integers(0, max(self.wallets, 1), n_out), 0)
        fresh = ~known | (self.wallets == 0)
        who[fresh] = np.arange(self.wallets, self.wallets + int(fresh.sum()))
        self.wallets += int(fresh.sum())
        scripts = np.zeros((n_out, 22), np.uint8)
        scripts[:, 1] = 20
        scripts[:, 2:] = ids(who)[:, :20]
        headers = np.zeros((blocks, 80), np.uint8)
        for number in range(blocks):
            header = struct.pack("<i32s32sIII", 4, self.prev, bytes(32), 1_500_000_000, 0x207FFFFF, number)
            headers[number] = np.frombuffer(header, np.uint8)
            self.prev = block_hash(header)
        feed = Feed(
            headers=headers,
            block_txs=np.full(blocks, TXS_A_BLOCK, np.uint32),
            tx_hash=ids(np.arange(self.made, self.made + n)),
            tx_ins=ins,
            tx_outs=outs,
            tx_version=np.full(n, 2, np.int32),
            tx_lock=np.zeros(n, np.uint32),
            tx_vsize=np.full(n, 250, np.uint32),
            tx_flags=flags,
            prev_tx=prev_tx,
            prev_vout=vout,
            in_signs=np.zeros(len(own), np.uint8),
            out_value=chance.integers(546, 10**9, n_out),
            out_length=np.full(n_out, 22, np.uint32),
            out_type=np.full(n_out, 5, np.uint8),
            scripts=scripts.reshape(-1),
        )
        self.made += n
        return feed


def ids(numbers: np.ndarray) -> np.ndarray:
    """Return 32 bytes for each number that look drawn (splitmix64, four times)."""
    out = np.empty((len(numbers), 4), np.uint64)
    with np.errstate(over="ignore"):
        for word in range(4):
            z = numbers.astype(np.uint64) * np.uint64(4) + np.uint64(word + 1)
            z = z * np.uint64(0x9E3779B97F4A7C15)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            out[:, word] = z ^ (z >> np.uint64(31))
    return out.view(np.uint8).reshape(-1, 32)


class Memory:
    """Samples how much memory the process holds of its own, and of mapped files."""

    def __init__(self) -> None:
        self.own = self.files = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> t.Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            said = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
            self.own = max(self.own, int(said["RssAnon"].split()[0]) << 10)
            self.files = max(self.files, int(said["RssFile"].split()[0]) << 10)


def cpu() -> float:
    """Return the processor time of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:  # noqa: PLR0915 - one measurement after the other
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--outputs", type=int, default=8_000_000)
    parser.add_argument("--dir", type=Path, default=None)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="vigie-chain-", dir=asked.dir))
    drawn, took, wall, outputs = Drawn(1), 0.0, 0.0, 0
    height = 0
    try:
        with Memory() as memory, Growth(folder / "store", "regtest") as growth:
            while outputs < asked.outputs:
                feed = drawn.feed()
                before, began = cpu(), time.monotonic()
                growth.put(feed, np.arange(height, height + len(feed.headers), dtype=np.int32))
                growth.save()
                took, wall = took + cpu() - before, wall + time.monotonic() - began
                outputs, height = outputs + len(feed.out_value), height + len(feed.headers)
                del feed
                print(f"  {outputs:,} outputs: {took:.1f} s of processor, {wall:.1f} s", flush=True)
            before, began = cpu(), time.monotonic()
            growth.seal()
            sealing = cpu() - before
            took, wall = took + sealing, wall + time.monotonic() - began
        sizes = {path.name.split(".")[0]: 0 for path in (folder / "store").iterdir()}
        for path in (folder / "store").iterdir():
            sizes[path.name.split(".")[0]] += path.stat().st_size
        total = sum(sizes.values())
        chain = opened(folder / "store")
        times = []
        for _ in range(5):
            began = time.perf_counter()
            opened(folder / "store")
            times.append(time.perf_counter() - began)
        n_tx, n_in, n_out = len(chain.tx_hash), len(chain.prev_low), len(chain.out_value)
        of_out = sizes["out_value"] + sizes["out_script"] + sizes["out_spender"]
        of_in = sizes["prev_low"] + sizes["prev_high"]
        began = cpu()
        assert not list(damage(folder / "store"))
        checked = cpu() - began
        began = cpu()
        block = os.urandom(1 << 24)
        digest = hashlib.sha256()
        with (folder / "floor").open("wb") as stream:
            for _ in range(total >> 24):
                digest.update(block)
                stream.write(block)
        floor = cpu() - began
        asked_for = chance_scripts(chain)
        began = cpu()
        chain.script_numbers(asked_for)
        scripts = (cpu() - began) / len(asked_for)
        print(f"{n_tx:,} transactions, {n_in:,} inputs, {n_out:,} outputs, {len(chain.script_type):,} scripts")
        print(f"import: {n_tx / took:,.0f} tx/s of processor time ({n_out / took:,.0f} outputs/s)")
        print(f"  by the clock {n_tx / wall:,.0f} tx/s; sealing {sealing / took:.0%}")
        print(f"floor, to write and digest {total >> 20:,} MiB: {floor:.1f} s; the store takes {took / floor:.1f} x")
        print(f"size: {of_out / n_out:.1f} B an output, {of_in / n_in:.1f} B an input (+ 1 of signs)")
        print(f"  {total / n_tx:.0f} B a transaction in all, {sizes['tx_hash'] / n_tx:.0f} its id")
        print(f"memory: {memory.own / 1e9:.2f} GB of its own, with the drawn feed; {memory.files / 1e9:.2f} GB mapped")
        print(f"opening: {sorted(times)[2] * 1e3:.1f} ms; verifying all: {total / checked / 1e9:.2f} GB/s")
        print(f"looking up a script: {scripts * 1e6:.2f} us, {len(asked_for):,} at once")
    finally:
        shutil.rmtree(folder)


def chance_scripts(chain: object) -> list[bytes]:
    """Return 100,000 scripts, half of them in the chain."""
    chance = np.random.default_rng(5)
    numbers = chance.integers(0, len(chain.script_type) * 2, 100_000)  # type: ignore[attr-defined]  # a Chain
    return [b"\x00\x14" + one.tobytes()[:20] for one in ids(numbers)]


if __name__ == "__main__":
    main()
