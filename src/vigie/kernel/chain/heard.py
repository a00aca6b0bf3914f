"""What the cell says of blocks, as arrays, each number looked at: lengths, sums, ranges, work, merkle roots.

What is checked here no hijacked reader can make up: a block's transactions are those that its header commits to, and
its header shows the work that it claims. What it says of their inputs and outputs must fit in itself.
"""

from __future__ import annotations

import dataclasses
import typing as t

import numpy as np

from vigie.kernel.chain.chain import COINBASE, SEGWIT
from vigie.numeric.blocks import Columns
from vigie.numeric.headers import block_hash, shows_work
from vigie.numeric.merkle import roots
from vigie.rows import blocks as rows
from vigie.rows.money import SCRIPT_TYPES
from vigie.rows.wire import Blocks, BlocksEnd, Data, Done, Failed, Reply, Trouble

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Heard(Columns):
    """Some whole blocks, in the order of their file. Hashes in the order of blocks; arrays are read-only views."""

    block_place: NDArray[np.int64]
    """Byte of the file at which each header stands."""
    block_undone: NDArray[np.uint8]
    """1: ``undo_*`` have one item for each input of the block but its coinbase's, in order."""
    undo_value: NDArray[np.int64]
    undo_height: NDArray[np.int32]
    """Of the block in which what an input spends was made, and whether by its coinbase."""
    undo_coinbase: NDArray[np.uint8]
    undo_length: NDArray[np.uint32]
    undo_type: NDArray[np.uint8]
    undo_scripts: NDArray[np.uint8]

    def hashes(self) -> list[bytes]:
        """Return each block's hash."""
        return [block_hash(one.tobytes()) for one in self.headers]


def hear(network: str, replies: Iterable[Reply]) -> Iterator[Heard | Trouble | BlocksEnd | Failed]:
    """Yield what is said in answer to a ``ReadBlocks``; what does not fit in itself ends it with ``Failed``."""
    batch: _Batch | None = None
    try:
        for reply in replies:
            if isinstance(reply, Failed):
                yield reply
                return
            if isinstance(reply, Data):
                batch, whole = _added(batch, reply, network)
                if whole:
                    yield whole
            else:
                batch = _announced(batch, reply)
                if isinstance(reply, Trouble | BlocksEnd):
                    yield reply
    except _Lie as lie:
        yield Failed(code="protocol", detail=f"blocks: {lie}")


def _added(batch: _Batch | None, piece: Data, network: str) -> tuple[_Batch | None, Heard | None]:
    if batch is None:
        raise _Lie("columns that were not announced")
    return (None, batch.heard(network)) if batch.add(piece) else (batch, None)


def _announced(batch: _Batch | None, reply: Reply) -> _Batch | None:
    if batch is not None:
        raise _Lie("the columns of a batch end early")
    if isinstance(reply, Blocks):
        return _Batch(reply)
    if not isinstance(reply, Trouble | BlocksEnd | Done):
        raise _Lie(type(reply).__name__)
    return None


def framed(network: str, blocks: Iterable[bytes], magic: bytes = b"") -> bytes:
    """Return single blocks, as a node answers them, as what a ``ReadBlocks`` without a key reads."""
    before = magic or rows.MAGICS[network]
    return b"".join(before + len(one).to_bytes(4, "little") + one for one in blocks)


class _Lie(Exception):  # noqa: N818 - it is a verdict about an answer, not an error of ours
    """What was said does not fit in itself."""


class _Batch:
    """Columns that come in pieces."""

    def __init__(self, said: Blocks) -> None:
        self.said = said
        self.sizes = [getattr(said, one.of) * one.wide * np.dtype(one.form).itemsize for one in rows.LAYOUT]
        if not said.blocks or sum(self.sizes) > rows.MOST_BATCH_BYTES:
            raise _Lie(f"{said.blocks} blocks with columns of {sum(self.sizes)} bytes")
        self.bytes = np.empty(sum(self.sizes), np.uint8)
        self.filled = 0

    def add(self, piece: Data) -> bool:
        """Take a piece; tell whether it was the last."""
        end = self.filled + len(piece.data)
        if end > len(self.bytes) or piece.last != (end == len(self.bytes)):
            raise _Lie(f"{end} bytes of columns that have {len(self.bytes)}")
        self.bytes[self.filled : end] = np.frombuffer(piece.data, np.uint8)
        self.filled = end
        return piece.last

    def heard(self, network: str) -> Heard:
        """Cut it into columns, and check them."""
        self.bytes.flags.writeable = False
        columns: dict[str, t.Any] = {}
        start = 0
        for one, size in zip(rows.LAYOUT, self.sizes, strict=True):
            column = self.bytes[start : start + size].view(one.form)
            columns[one.name] = column.reshape(-1, one.wide) if one.wide > 1 else column
            start += size
        made = Heard(**columns)
        _check(made, self.said)
        _check_headers(made, rows.LIMITS[network])
        return made


def _check(of: Heard, said: Blocks) -> None:
    """Errors: ``_Lie``."""
    for counts, total, least in (
        (of.block_txs, said.transactions, 1),
        (of.tx_ins, said.inputs, 1),
        (of.tx_outs, said.outputs, 1),
        (of.out_length, said.script_bytes, 0),
        (of.undo_length, said.undone_script_bytes, 0),
    ):
        parts = int(counts.sum(dtype=np.uint64))
        if parts != total or not _within(counts, least, total):
            raise _Lie(f"parts of {parts} where {total} were said")
    first = np.concatenate([[0], np.cumsum(of.block_txs[:-1], dtype=np.int64)])
    coinbases = np.zeros(len(of.tx_ins), bool)
    coinbases[first] = True
    if not np.array_equal(of.tx_flags & COINBASE == COINBASE, coinbases) or not _within(of.tx_ins[first], 1, 1):
        raise _Lie("coinbases elsewhere than at the beginnings of blocks")
    undone = np.add.reduceat(of.tx_ins, first, dtype=np.int64) - 1
    if int(undone[of.block_undone == 1].sum()) != said.undone:
        raise _Lie("undo for other inputs than there are")
    for name, least, most in _RANGES:
        if not _within(getattr(of, name), least, most):
            raise _Lie(f"{name} beyond {least} to {most}")
    if ((of.in_signs & 3) == 3).any():
        raise _Lie("a sequence of no kind")


_RANGES: t.Final = (
    ("block_place", 0, 1 << 62),
    ("block_bytes", rows.HEADER_BYTES, rows.MOST_BLOCK_BYTES),
    ("block_weight", rows.HEADER_BYTES, rows.MOST_BLOCK_BYTES),
    ("block_said", -1, 1 << 31),
    ("block_undone", 0, 1),
    ("tx_flags", 0, COINBASE | SEGWIT),
    ("in_signs", 0, 63),
    ("out_value", 0, rows.MOST_MONEY),
    ("out_type", 1, len(SCRIPT_TYPES) - 1),
    ("undo_value", 0, rows.MOST_MONEY),
    ("undo_type", 1, len(SCRIPT_TYPES) - 1),
    ("undo_height", 0, 1 << 31),
    ("undo_coinbase", 0, 1),
)


def _within(numbers: NDArray[t.Any], least: int, most: int) -> bool:
    return not len(numbers) or least <= int(numbers.min()) <= int(numbers.max()) <= most


def _check_headers(of: Heard, limit: int) -> None:
    """Errors: ``_Lie``."""
    starts = np.concatenate([[0], np.cumsum(of.block_txs, dtype=np.int64)])
    found, mutated = roots(of.tx_hash, starts)
    if mutated.any() or not np.array_equal(found, of.headers[:, 36:68]):
        raise _Lie("transactions that a header does not commit to")
    if not all(shows_work(one.tobytes(), limit) for one in of.headers):
        raise _Lie("a header without its work")
