"""A store that grows: blocks are put behind its tip, or taken off it, and nothing of it counts before it is sealed.

What is appended resolves against what is there by sorted runs (``numeric/runs.py``): the keys of a feed are sorted,
and each run is read once, forward. Memory is that of a feed, however long the chain is.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import typing as t

import numpy as np

from vigie.kernel import durable, lock
from vigie.kernel.chain import layout
from vigie.kernel.chain.chain import COINBASE, MISSING, NO_VALUE, STUB, Run, found_among
from vigie.kernel.chain.feed import starts
from vigie.kernel.chain.files import Growing, copied, fresh, mapped
from vigie.kernel.chain.layout import COLUMNS, GROWING, MANIFEST, SPENDER, STALE, Cut, Manifest, Part, Source
from vigie.kernel.chain.opening import mapped_run
from vigie.kernel.errors import UsageError
from vigie.numeric import runs
from vigie.numeric.headers import block_hash

if t.TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vigie.kernel.chain.feed import Feed
    from vigie.kernel.chain.pruned import Stubs

LOCK: t.Final = "lock"
WINDOW: t.Final = 1 << 27
"""Outputs whose spenders are held in memory at once: 512 MB."""
MOST_NUMBERS: t.Final = (1 << 32) - 1
DERIVED: t.Final = ("out_spender", "stale", "tx_run", "script_run", "kept", "proofs")
_NONE: t.Final = np.iinfo(np.uint32).max


class Growth:
    """A store under growth. Use it as a context manager; without ``seal`` the store stays what it was.

    Errors: NotAllowed where another process grows it; UsageError where it is another network's or a scoped one;
    IntegrityError where what is there is damaged; OSError.
    """

    def __init__(self, folder: Path, network: str, *, wait_s: float = 5.0) -> None:
        self.folder = folder
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is no folder. Give the folder of a store of the chain, or a new one.")
        folder.mkdir(parents=True, exist_ok=True)
        self._columns: dict[str, Growing] = {}
        self._held = contextlib.ExitStack()
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._held.callback(os.close, descriptor)
        try:
            self._held.enter_context(lock.held(descriptor, folder / LOCK, wait_s))
            sealed, going = layout.read(folder), layout.read(folder, GROWING)
            _same_kind(folder, network, sealed or going)
            self._sealed = sealed
            start = going or sealed
            self.generation = 1 + max((one.generation for one in (sealed, going) if one), default=-1)
            self._begin(start, network)
        except BaseException:
            self.close()
            raise

    def _begin(self, start: Manifest | None, network: str) -> None:
        self.network = network
        if start is None:
            for name, shape in COLUMNS.items():  # one by one: those that are open are closed where the next one fails
                self._columns[name] = fresh(self.folder, self._named(name), shape.bytes)
            for name in ("block_tx", "tx_in", "tx_out"):
                self._columns[name].put(np.zeros(1, "<u8"))
            self._columns["script_start"].put(np.zeros(2, "<u8"))
            self._columns["script_type"].put(np.zeros(1, "u1"))
            self._salt = secrets.token_bytes(16)
            empty = fresh(self.folder, self._named("out_spender"), SPENDER.bytes)
            stale = fresh(self.folder, self._named("stale"), STALE.itemsize)
            self._spender, self._stale = empty.part(), stale.part()
            empty.close()
            stale.close()
            self._spent, self.missing = 0, 0
            self._tx_runs, self._script_runs = list[Part](), list[Part]()
            self.sources, self.cuts = list[Source](), list[Cut]()
        else:
            for name, shape in COLUMNS.items():
                self._columns[name] = Growing(self.folder, start.columns[name], shape.bytes)
            self._salt = bytes.fromhex(start.salt)
            self._spender, self._spent, self._stale = start.spender, start.spent, start.stale
            self.missing = start.missing
            self._tx_runs, self._script_runs = list(start.tx_runs), list(start.script_runs)
            self.sources, self.cuts = list(start.sources), list(start.cuts)
        self._made = 0
        self._sweep(start)

    def __enter__(self) -> t.Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store."""
        for one in self._columns.values():
            one.close()
        self._columns = {}
        self._held.close()

    # ------------------------------------------------------------------------------------------ what it holds
    @property
    def blocks(self) -> int:
        """Return how many blocks it holds."""
        return self._columns["headers"].rows

    @property
    def transactions(self) -> int:
        """Return how many transactions it holds."""
        return self._columns["tx_hash"].rows

    @property
    def outputs(self) -> int:
        """Return how many outputs it holds."""
        return self._columns["out_value"].rows

    def column(self, name: str) -> NDArray[t.Any]:
        """Map a column as it is now."""
        growing, shape = self._columns[name], COLUMNS[name]
        growing.flush()
        return mapped(self.folder, growing.file, shape.form, growing.rows, shape.wide)

    def height(self) -> int:
        """Return the height of the tip; -1 where it holds nothing."""
        return int(self.column("heights")[-1]) if self.blocks else -1

    def tip(self) -> bytes:
        """Return the hash of the tip in the order of blocks; zeros where it holds nothing."""
        return block_hash(self.column("headers")[-1].tobytes()) if self.blocks else bytes(32)

    # ------------------------------------------------------------------------------------------ growing
    def put(self, feed: Feed, heights: NDArray[np.int32]) -> NDArray[np.int64]:
        """Append blocks that follow the tip and each other; return the output each input spends, or ``MISSING``.

        Errors: UsageError where they do not follow, or a number does not fit the layout; OSError.
        """
        self._follows(feed, heights)
        first_tx, first_out = self.transactions, self.outputs
        tx_in, tx_out = starts(feed.tx_ins), starts(feed.tx_outs)
        self._fits(first_tx + len(feed.tx_hash), first_out + len(feed.out_value))
        block_tx = starts(feed.block_txs)
        numbers = np.arange(len(feed.tx_hash), dtype=np.int64)
        self._put("headers", feed.headers)
        self._put("heights", heights.astype("<i4"))
        self._put("block_tx", block_tx[1:] + np.uint64(first_tx))
        self._put("tx_in", tx_in[1:] + np.uint64(self._columns["prev_low"].rows))
        self._put("tx_out", tx_out[1:] + np.uint64(first_out))
        self._put("tx_hash", feed.tx_hash)
        block = np.repeat(np.arange(len(feed.block_txs)), feed.block_txs)
        self._put("tx_place", (numbers - block_tx.astype(np.int64)[block]).astype("<u4"))
        for name in ("tx_version", "tx_lock", "tx_vsize", "tx_flags"):
            self._put(name, getattr(feed, name))
        keys = runs.hash_keys(feed.tx_hash)
        order = runs.sorting(keys)
        self._tx_runs = self._grown(self._tx_runs, "tx_run", Run(keys[order], (order + first_tx).astype("<u4")))
        prev = self._spent_by(feed, first_tx)
        self._put("prev_low", (prev & 0xFFFFFFFF).astype("<u4"))
        self._put("prev_high", (prev >> 32).astype("u1"))
        self._put("in_signs", feed.in_signs)
        self._put("out_value", feed.out_value)
        self._put("out_script", self._scripts(feed))
        return prev

    def begin_with(self, stubs: Stubs) -> None:
        """Put transactions of which only outputs are known before all others; the store holds nothing yet."""
        if self.transactions or self.blocks:
            raise ValueError("stubs stand before all others")
        count, outs = len(stubs.tx_hash), starts(stubs.tx_outs)
        self._fits(count, len(stubs.out_value))
        self.generation += 1
        self._columns["block_tx"].close()
        self._columns["block_tx"] = fresh(self.folder, self._named("block_tx"), COLUMNS["block_tx"].bytes)
        self._put("block_tx", np.array([count], np.uint64))
        self._put("tx_in", np.zeros(count, np.uint64))
        self._put("tx_out", outs[1:])
        self._put("tx_hash", stubs.tx_hash)
        for name in ("tx_place", "tx_version", "tx_lock", "tx_vsize"):
            self._put(name, np.zeros(count, np.uint32))
        self._put("tx_flags", np.full(count, STUB, np.uint8))
        keys = runs.hash_keys(stubs.tx_hash)
        order = runs.sorting(keys)
        self._tx_runs = self._grown(self._tx_runs, "tx_run", Run(keys[order], order.astype("<u4")))
        scripts = np.zeros(len(stubs.out_value), np.uint32)
        scripts[stubs.out_value != NO_VALUE] = self._scripts(stubs)
        self._put("out_value", stubs.out_value)
        self._put("out_script", scripts)

    def cut(self, height: int) -> list[bytes]:
        """Take the blocks above a height off; return their headers. Who reads the store now keeps what he mapped."""
        heights = self.column("heights")
        keep = int(np.searchsorted(heights, height, "right"))
        removed = [one.tobytes() for one in self.column("headers")[keep:]]
        if not removed:
            return []
        first_tx = int(self.column("block_tx")[keep])
        first_in, first_out = int(self.column("tx_in")[first_tx]), int(self.column("tx_out")[first_tx])
        taken = self.column("prev_low")[first_in:], self.column("prev_high")[first_in:]
        missing = int(((taken[0] == _NONE) & (taken[1] == 255)).sum())
        coinbases = int((self.column("tx_flags")[first_tx:] & COINBASE).astype(bool).sum())
        out_script = self.column("out_script")[:first_out]
        scripts = 1 + int(out_script.max()) if first_out else 1
        rows = {"blocks": keep, "transactions": first_tx, "inputs": first_in, "outputs": first_out, "scripts": scripts,
                "script_bytes": int(self.column("script_start")[scripts])}  # fmt: skip
        self.generation += 1
        for name, shape in COLUMNS.items():
            part, old = self._columns[name].part(synced=False), self._columns[name]
            self._columns[name] = copied(
                self.folder, part, self._named(name), rows[shape.of] + shape.extra, shape.bytes
            )
            old.close()
        self._tx_runs = self._below(self._tx_runs, "tx_run", first_tx)
        self._script_runs = self._below(self._script_runs, "script_run", scripts)
        self._spent = min(self._spent, first_tx)
        self.missing -= missing - coinbases
        return removed

    def stale(self, headers: NDArray[np.uint8], heights: NDArray[np.int32]) -> None:
        """Say which blocks are known and are not of this chain: all of them, in place of what was said before."""
        rows = np.zeros(len(heights), STALE)
        rows["header"], rows["height"] = headers, heights
        growing = fresh(self.folder, self._named("stale"), STALE.itemsize)
        growing.put(np.frombuffer(rows.tobytes(), np.uint8))
        self._stale = growing.part()
        growing.close()

    def stale_rows(self) -> NDArray[t.Any]:
        """Return the blocks that are known to be of no use: header and height."""
        raw = mapped(self.folder, self._stale.file, "u1", self._stale.rows * STALE.itemsize)
        return np.frombuffer(raw.tobytes(), STALE)

    # ------------------------------------------------------------------------------------------ sealing
    def save(self) -> None:
        """Keep what was put, so that a killed import goes on from here; whoever opens the store does not see it."""
        layout.write(self.folder, self._manifest(), GROWING)
        self._sweep(layout.read(self.folder, GROWING))

    @property
    def sealed(self) -> bool:
        """Tell whether the store is as it was sealed last."""
        return self._sealed is not None and not (self.folder / GROWING).exists() and self._spent == self.transactions

    def seal(self) -> Manifest:
        """Derive who spends what and make all that was put the store. Errors: UsageError for an output spent twice."""
        self._spender = self._spenders()
        self._spent = self.transactions
        manifest = layout.write(self.folder, self._manifest())
        self._sealed = manifest
        (self.folder / GROWING).unlink(missing_ok=True)
        self._sweep(manifest)
        self.generation += 1
        return manifest

    def _manifest(self) -> Manifest:
        return Manifest(
            network=self.network,
            scoped=False,
            generation=self.generation,
            salt=self._salt.hex(),
            columns={name: one.part() for name, one in self._columns.items()},
            spender=self._spender,
            spent=self._spent,
            tx_runs=self._tx_runs,
            script_runs=self._script_runs,
            stale=self._stale,
            missing=self.missing,
            sources=self.sources,
            cuts=self.cuts,
        )

    def _named(self, name: str) -> str:
        return f"{name}.{self.generation}"

    def _put(self, name: str, rows: NDArray[t.Any]) -> None:
        self._columns[name].put(np.ascontiguousarray(rows, COLUMNS[name].form))

    def _follows(self, feed: Feed, heights: NDArray[np.int32]) -> None:
        tip, height = self.tip(), self.height()
        for number, header in enumerate(feed.headers):
            raw = header.tobytes()
            if (self.blocks or number) and (raw[4:36] != tip or int(heights[number]) != height + 1):
                raise UsageError(
                    f"{self.folder}: the block of height {int(heights[number])} does not follow that of {height},"
                    f" {tip[::-1].hex()}. Import the files in between as well."
                )
            tip, height = block_hash(raw), int(heights[number])

    def _fits(self, transactions: int, outputs: int) -> None:
        if transactions >= MOST_NUMBERS or self._columns["script_type"].rows >= MOST_NUMBERS or outputs >= MISSING:
            raise UsageError(f"{self.folder}: a store has room for {MOST_NUMBERS:,} transactions and as many scripts.")

    def _spent_by(self, feed: Feed, first_tx: int) -> NDArray[np.int64]:
        """Return the number of the output that each input spends: it stands before its transaction, or is MISSING."""
        own = np.repeat(np.arange(first_tx, first_tx + len(feed.tx_hash), dtype=np.int64), feed.tx_ins)
        among = [mapped_run(self.folder, part) for part in self._tx_runs]
        made = found_among(among, self.column("tx_hash"), feed.prev_tx, own)
        tx_out = self.column("tx_out")
        here = np.flatnonzero(made >= 0)
        first, end = tx_out[made[here]].astype(np.int64), tx_out[made[here] + 1].astype(np.int64)
        out = first + feed.prev_vout[here]
        prev = np.full(len(own), MISSING, np.int64)
        prev[here] = np.where(out < end, out, MISSING)
        mints = (feed.tx_flags & COINBASE).astype(np.int64) @ feed.tx_ins.astype(np.int64)
        self.missing += int((prev == MISSING).sum()) - int(mints)
        return prev

    def _scripts(self, feed: Feed | Stubs) -> NDArray[np.uint32]:
        """Return the number of each output's script, numbers in the order in which scripts appear first."""
        begins = starts(feed.out_length)
        keys = runs.text_keys(feed.scripts, begins, np.frombuffer(self._salt, "<u8"))
        order = runs.sorting(keys)
        first = runs.firsts(keys, order, begins, feed.scripts)
        leads = order[first[order] == order]  # the first of each kind, by key
        place = np.cumsum(first == np.arange(len(first))) - 1
        asked = np.sort(leads)
        known = self._known(keys, asked, place[leads], begins, feed)
        new = asked[known < 0]
        base = self._columns["script_type"].rows
        known[known < 0] = base + np.arange(len(new))
        self._put("script_type", feed.out_type[new])
        ends = starts(feed.out_length[new])
        self._put("script_start", ends[1:] + np.uint64(self._columns["scripts"].rows))
        texts = np.empty(int(ends[-1]), np.uint8)
        runs.gathered(feed.scripts, begins, new, ends, texts)
        self._put("scripts", texts)
        fresh = leads[known[place[leads]] >= base]
        at = known[place[fresh]].astype("<u4")
        self._script_runs = self._grown(self._script_runs, "script_run", Run(keys[fresh], at))
        numbers: NDArray[np.uint32] = known.astype("<u4")[place[first]]
        return numbers

    def _known(
        self, keys: NDArray[np.uint64], asked: NDArray[np.int64], order: NDArray[np.int64], begins: NDArray[np.uint64],
        feed: Feed | Stubs,
    ) -> NDArray[np.int64]:  # fmt: skip
        """Return the numbers of scripts of a feed that the store has, -1 of the others; ``order`` sorts ``asked``."""
        wanted, found, places = keys[asked], np.full(len(asked), -1, np.int64), np.empty(len(asked), np.int64)
        start, scripts = self.column("script_start"), self.column("scripts")
        own, sizes = begins[asked], feed.out_length[asked]
        for part in self._script_runs:
            run = mapped_run(self.folder, part)
            runs.joined(run.keys, order, wanted, places)
            runs.found_texts(run.keys, run.at, places, start, scripts, own, sizes, feed.scripts, found)
        return found

    def _grown(self, parts: list[Part], name: str, more: Run) -> list[Part]:
        """Put a run behind the others; those that are not twice as long as the one behind are merged with it."""
        parts = [*parts, self._written(name, more)] if len(more.keys) else parts
        while len(parts) > 1 and parts[-2].rows < 2 * parts[-1].rows:
            one, other = (mapped_run(self.folder, part) for part in parts[-2:])
            both = Run(np.empty(len(one.keys) + len(other.keys), "<u8"), np.empty(len(one.at) + len(other.at), "<u4"))
            runs.merged(one.keys, one.at, other.keys, other.at, both.keys, both.at)
            parts = [*parts[:-2], self._written(name, both)]
        return parts

    def _below(self, parts: list[Part], name: str, most: int) -> list[Part]:
        """Return runs without what is numbered ``most`` or higher."""
        kept = []
        for part in parts:
            run = mapped_run(self.folder, part)
            stays = run.at < most
            if stays.all():
                kept.append(part)
            elif stays.any():
                kept.append(self._written(name, Run(run.keys[stays], run.at[stays])))
        return kept

    def _written(self, name: str, run: Run) -> Part:
        self._made += 1
        growing = fresh(self.folder, f"{name}.{self.generation}.{self._made}", 1)
        growing.put(run.keys)
        growing.put(run.at)
        part = growing.part()
        growing.close()
        return Part(file=part.file, rows=len(run.keys), digests=part.digests)

    def _spenders(self) -> Part:
        """Derive who spends each output: from what was known, and from the inputs put since."""
        tx_in = self.column("tx_in")[self._spent :]
        first_in = int(tx_in[0])
        low, high = self.column("prev_low")[first_in:], self.column("prev_high")[first_in:]
        old = mapped(self.folder, self._spender.file, SPENDER.form, self._spender.rows)
        growing = fresh(self.folder, self._named("out_spender"), SPENDER.bytes)
        for begin in range(0, self.outputs, WINDOW):
            window = np.full(min(WINDOW, self.outputs - begin), _NONE, np.uint32)
            there = old[begin : begin + len(window)]
            window[: len(there)] = there
            window[window >= self._spent] = _NONE
            twice = runs.spent(low, high, tx_in, self._spent, first_in, begin, window)
            if twice >= 0:
                growing.close()
                raise UsageError(self._twice(twice))
            growing.put(window)
        part = growing.part()
        growing.close()
        return part

    def _twice(self, place: int) -> str:
        tx_in = self.column("tx_in")
        tx = int(np.searchsorted(tx_in, np.uint64(place), "right")) - 1
        txid = self.column("tx_hash")[tx].tobytes()[::-1].hex()
        return (
            f"{self.folder}: input {place - int(tx_in[tx])} of transaction {txid} spends an output that is spent"
            " already. No node accepts that: these are not the blocks of one chain. Import them from a node."
        )

    def _sweep(self, current: Manifest | None) -> None:
        """Take away files that neither the store nor the growth under way names."""
        growing = {self._stale.file, self._spender.file, *(one.file for one in self._columns.values())}
        swept(self.folder, self._sealed, current, growing=growing)


def swept(folder: Path, *manifests: Manifest | None, growing: t.Collection[str] = ()) -> None:
    """Take away files of a store that no manifest names. Whoever has one mapped reads on."""
    durable.sweep(folder)  # manifests that a killed writer had half written
    named = {LOCK, MANIFEST, GROWING, *growing}.union(*(layout.sizes(one) for one in manifests if one))
    for path in folder.iterdir():
        if path.name not in named and path.name.split(".")[0] in (*COLUMNS, *DERIVED):
            path.unlink()


def _same_kind(folder: Path, network: str, one: Manifest | None) -> None:
    if one is not None and (one.network != network or one.scoped):
        kind = "holds what a case asked for" if one.scoped else f"is of the network {one.network}"
        raise UsageError(f"{folder} {kind}. Give another folder for a chain of the network {network}.")
