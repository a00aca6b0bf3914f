"""Blocks put together again from what an export tells of them, read as any others, and answered."""

from __future__ import annotations

import dataclasses
import struct
import typing as t

import numpy as np

from vigie.cell.chain.answer import send
from vigie.cell.chain.exported import MOST_HEADERS, Block, Odd, Told, compact, header
from vigie.cell.job import Refused
from vigie.numeric import blocks as loops
from vigie.numeric.blocks_codes import MERKLE, SAYS
from vigie.numeric.headers import block_hash, shows_work
from vigie.rows import blocks as rows
from vigie.rows.wire import BlocksEnd, Trouble

if t.TYPE_CHECKING:
    from vigie.cell.job import Bench

BATCH_BYTES: t.Final = 8 << 20
MOST_OPEN_BYTES: t.Final = 1 << 28
"""Of transactions whose blocks are not complete: an export in any order of rows would have to be held whole."""
MOST_TOLD: t.Final = 1000
SEGWIT: t.Final = 2


class Gathering:
    """Transactions wait for the others of their block, and blocks for a batch."""

    def __init__(self, bench: Bench, network: str, before: bytes) -> None:
        self._bench, self._before, self._limit = bench, before, rows.LIMITS[network]
        self.blocks: dict[int, Block] = {}
        """What is said of blocks, by height."""
        self._open: dict[int, dict[str, Told]] = {}
        """Of blocks that are not complete: by the id that is said; what comes twice (Delta's old files) counts once."""
        self._open_bytes = 0
        self._uncounted: int | None = None
        """Height of an open block of which nobody says how many transactions it has: those that stand together."""
        self._ended = set[int]()
        """Heights of which no more transactions are taken."""
        self._waiting: list[tuple[Block, bytes, list[Told]]] = []
        self._given = self._refused = self._bytes = self._place = 0

    def block(self, one: Block) -> None:
        """Take what is said of a block. Errors: ``Refused``."""
        self.blocks[one.number] = one
        if len(self.blocks) > MOST_HEADERS:
            raise Refused("too_large", f"more than {MOST_HEADERS} blocks in one file")

    def add(self, one: Told) -> None:
        """Take a transaction; blocks that are complete are answered. Errors: ``Odd``."""
        if self._uncounted is not None and self._uncounted != one.block:
            self._end(self._uncounted)
        if one.block in self._ended:
            return
        if one.block not in self.blocks:
            self._ended.add(one.block)
            self._refuse(one.block, "the file of blocks does not have it")
            return
        here, count = self._open.setdefault(one.block, {}), self.blocks[one.block].transaction_count
        if one.said in here:
            return
        here[one.said] = one
        self._open_bytes += len(one.raw)
        if len(one.raw) > rows.MOST_BLOCK_BYTES or len(here) * loops.LEAST_TX > rows.MOST_BLOCK_BYTES:
            raise Odd(one.where, f"block {one.block} has more transactions than a block can have")
        if self._open_bytes > MOST_OPEN_BYTES:
            raise Odd(
                one.where, f"the transactions of {len(self._open)} blocks stand mixed: order them by block and index"
            )
        if count is None:
            self._uncounted = one.block
        elif len(here) == count:
            self._end(one.block)

    def end(self) -> None:
        """Answer what is left, and what came of all. Errors: ``Odd``."""
        for number in sorted(self._open):
            self._end(number)
        for number in sorted(self.blocks.keys() - self._ended):
            self._refuse(number, "none of its transactions are in the file")
        self._flush()
        self._bench.send(
            BlocksEnd(
                blocks=self._given, refused=self._refused, end=self._place, gaps=0, gap_bytes=0, undone=0, undo_left=0
            )
        )

    def _end(self, number: int) -> None:
        here, one = list(self._open.pop(number).values()), self.blocks[number]
        self._uncounted = None
        self._open_bytes -= sum(len(tx.raw) for tx in here)
        self._ended.add(number)
        if one.transaction_count not in (None, len(here)):
            self._refuse(number, f"{len(here)} of its {one.transaction_count} transactions are in the file")
            return
        if all(tx.place is not None for tx in here):
            here.sort(key=lambda tx: tx.place or 0)
        before = self._follows(one)
        if before is None:
            self._refuse(number, "neither file says which block it follows: export the one before as well")
            return
        try:
            head = header(one, before)
        except (ValueError, struct.error) as error:  # no hexadecimal digits, or a number that has no room
            self._refuse(number, str(error))
            return
        if block_hash(head)[::-1].hex() != one.hash or not shows_work(head, self._limit):
            why = "what is said of its header does not give its hash, or not the work that it claims"
            hint = "" if number - 1 in self.blocks else "; or the export of the block before it is not imported yet"
            self._refuse(number, why + hint)
            return
        raw = b"".join((head, compact(len(here)), *(tx.raw for tx in here)))
        if self._bytes + len(raw) > BATCH_BYTES:
            self._flush()
        self._waiting.append((one, raw, here))
        self._bytes += len(raw)

    def _follows(self, one: Block) -> bytes | None:
        """Return the hash of the block before, order of blocks."""
        if one.previous_block_hash:
            return bytes.fromhex(one.previous_block_hash)[::-1]
        if one.number == 0:
            return bytes(32)
        if one.number - 1 in self.blocks:
            return bytes.fromhex(self.blocks[one.number - 1].hash)[::-1]
        return self._before or None

    def _flush(self) -> None:
        if not self._waiting:
            return
        ends = np.cumsum([len(raw) for _, raw, _ in self._waiting])
        spans = np.stack([ends - [len(raw) for _, raw, _ in self._waiting], ends], axis=1)
        columns, why, _ = loops.parse(np.frombuffer(b"".join(raw for _, raw, _ in self._waiting), np.uint8), spans)
        sound = []
        for (one, raw, txs), code in zip(self._waiting, why.tolist(), strict=True):
            if code:
                self._refuse(one.number, _why(code, txs))
            else:
                sound.append((one, raw, txs))
        if sound:
            self._give(columns, sound)
        self._waiting, self._bytes = [], 0

    def _give(self, columns: loops.Columns, sound: list[tuple[Block, bytes, list[Told]]]) -> None:
        named = {one.name: getattr(columns, one.name) for one in dataclasses.fields(columns)}
        txs = [tx for _, _, some in sound for tx in some]
        bare = named["tx_vsize"].astype(np.int64)
        said = np.array([min(tx.vsize, rows.MOST_BLOCK_BYTES) for tx in txs], np.int64)
        whole = np.array([min(tx.size, rows.MOST_BLOCK_BYTES) for tx in txs], np.int64)
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


def _why(code: int, txs: list[Told]) -> str:
    """Say what is wrong with a block, and where that is to be seen."""
    if code != MERKLE:
        return SAYS[code]
    lies = next((tx for tx in txs if tx.txid() != tx.said), None)
    if lies is not None:
        too = (
            "; or its coinbase has a rare sequence, which the export leaves out: import the node's"
            if lies is txs[0]
            else ""
        )
        return f"transaction {lies.said} (row {lies.where}): what is said of it gives another id, {lies.txid()}{too}"
    if any(tx.place is None for tx in txs):
        return f"{SAYS[code]}: no column says their order (index), and that of the rows is not theirs"
    return SAYS[code]
