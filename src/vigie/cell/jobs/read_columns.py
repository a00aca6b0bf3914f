"""Job: read blocks and transactions that were exported in columns."""

from __future__ import annotations

import dataclasses
import typing as t

import numpy as np

from vigie.cell.chain.answer import send
from vigie.cell.chain.exported import MOST_HEADERS, Block, Odd, Transaction, lines, serialised
from vigie.cell.job import Bench, Job, Refused
from vigie.numeric import blocks as loops
from vigie.numeric.blocks_codes import SAYS
from vigie.numeric.headers import shows_work
from vigie.rows import blocks as rows
from vigie.rows.wire import BlocksEnd, ReadColumns, Trouble

BATCH_BYTES: t.Final = 8 << 20
MOST_TOLD: t.Final = 1000
SEGWIT: t.Final = 2


def run(ask: ReadColumns, bench: Bench) -> None:
    """Send the sound blocks in the order of the transactions, and what is odd."""
    if ask.network not in rows.MAGICS:
        raise Refused("no_blocks", f"no network {ask.network!r} is known: {', '.join(rows.MAGICS)}")
    try:
        _Reading(ask, bench).run()
    except Odd as odd:
        raise Refused("bad_block", f"line {odd.args[0]}: {odd.args[1]}") from None


class _Reading:
    """One pair of files being read."""

    def __init__(self, ask: ReadColumns, bench: Bench) -> None:
        self._ask, self._bench, self._limit = ask, bench, rows.LIMITS[ask.network]
        self._given = self._refused = self._bytes = self._place = 0
        self._waiting: list[tuple[Block, bytes, list[Transaction]]] = []

    def run(self) -> None:
        """Go through the transactions, and give each block once all of it was met."""
        blocks: dict[int, Block] = {}
        for _, one in lines(self._bench.files[0], self._ask.form, Block):
            blocks[one.number] = one
            if len(blocks) > MOST_HEADERS:
                raise Refused("too_large", f"more than {MOST_HEADERS} blocks in one file")
        said = set(blocks)
        here: list[Transaction] = []
        size = 0
        for line, tx in lines(self._bench.files[1], self._ask.form, Transaction, ("inputs", "outputs")):
            if here and tx.block_number != here[0].block_number:
                self._block(blocks, here)
                said.discard(here[0].block_number)
                here, size = [], 0
            size += tx.size or 0
            if len(here) * 60 > rows.MOST_BLOCK_BYTES or size > 2 * rows.MOST_BLOCK_BYTES:
                raise Odd(line, f"block {tx.block_number} has more transactions than a block can have")
            here.append(tx)
        if here:
            self._block(blocks, here)
            said.discard(here[0].block_number)
        for number in sorted(said):
            self._refuse(number, "none of its transactions are in the file")
        self._flush()
        self._bench.send(
            BlocksEnd(
                blocks=self._given, refused=self._refused, end=self._place, gaps=0, gap_bytes=0, undone=0, undo_left=0
            )
        )

    def _block(self, blocks: dict[int, Block], here: list[Transaction]) -> None:
        number = here[0].block_number
        one = blocks.get(number)
        if one is None:
            self._refuse(number, "the file of blocks does not have it")
            return
        if all(tx.index is not None for tx in here):
            here.sort(key=lambda tx: tx.index or 0)
        if one.transaction_count not in (None, len(here)):
            self._refuse(number, f"{len(here)} of its {one.transaction_count} transactions stand together in the file")
            return
        before = self._before(blocks, one)
        if before is None:
            self._refuse(number, "neither file says which block it follows: export the one before as well")
            return
        try:
            raw = serialised(one, before, here)
        except ValueError as error:
            self._refuse(number, str(error))
            return
        if not shows_work(raw[: rows.HEADER_BYTES], self._limit):
            self._refuse(number, "what is said of its header does not give the work that it claims")
            return
        if self._bytes + len(raw) > BATCH_BYTES:
            self._flush()
        self._waiting.append((one, raw, here))
        self._bytes += len(raw)

    def _before(self, blocks: dict[int, Block], one: Block) -> bytes | None:
        if one.previous_block_hash:
            return bytes.fromhex(one.previous_block_hash)[::-1]
        if one.number == 0:
            return bytes(32)
        if one.number - 1 in blocks:
            return bytes.fromhex(blocks[one.number - 1].hash)[::-1]
        return self._ask.before or None

    def _flush(self) -> None:
        if not self._waiting:
            return
        ends = np.cumsum([len(raw) for _, raw, _ in self._waiting])
        spans = np.stack([ends - [len(raw) for _, raw, _ in self._waiting], ends], axis=1)
        columns, why, _ = loops.parse(np.frombuffer(b"".join(raw for _, raw, _ in self._waiting), np.uint8), spans)
        sound = []
        for (one, raw, txs), code in zip(self._waiting, why.tolist(), strict=True):
            if code:
                self._refuse(one.number, SAYS[code])
            else:
                sound.append((one, raw, txs))
        if sound:
            self._give(columns, sound)
        self._waiting, self._bytes = [], 0

    def _give(self, columns: loops.Columns, sound: list[tuple[Block, bytes, list[Transaction]]]) -> None:
        named = {one.name: getattr(columns, one.name) for one in dataclasses.fields(columns)}
        txs = [tx for _, _, some in sound for tx in some]
        bare = named["tx_vsize"].astype(np.int64)
        said = np.array([min(tx.virtual_size or 0, rows.MOST_BLOCK_BYTES) for tx in txs], np.int64)
        whole = np.array([tx.size or 0 for tx in txs], np.int64)
        named["tx_vsize"] = np.where(said > bare, said, bare)
        named["tx_flags"] = named["tx_flags"] | np.where(whole > bare, SEGWIT, 0).astype(np.uint8)
        least, most = rows.HEADER_BYTES, rows.MOST_BLOCK_BYTES
        for name, of in (("block_bytes", "size"), ("block_weight", "weight")):
            given = [getattr(one, of) for one, _, _ in sound]
            named[name] = np.array(
                [min(max(n or len(raw), least), most) for n, (_, raw, _) in zip(given, sound, strict=True)]
            )
        empty = np.zeros(0, np.uint8)
        undo = {one.name: empty for one in rows.LAYOUT if one.name.startswith("undo_")}
        places = np.arange(self._place, self._place + len(sound))
        self._place += len(sound)
        self._given += len(sound)
        send(self._bench, {**named, **undo, "block_place": places, "block_undone": np.zeros(len(sound), np.uint8)})

    def _refuse(self, number: int, why: str) -> None:
        self._refused += 1
        if self._refused <= MOST_TOLD:
            self._bench.send(Trouble(number=number, code="bad_block", detail=f"block of height {number}: {why}"))


def warm() -> None:
    """Load the loops."""
    loops.parse(np.zeros(0, np.uint8), np.zeros((0, 2), np.int64))


JOB = Job(ask=ReadColumns, run=run, warm=warm)
"""Exports in columns: what they say is made into blocks again, and read as those of a node."""
