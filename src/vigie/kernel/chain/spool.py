"""Blocks that were read and wait for their turn: in files without a name, for a node writes them as they arrive."""

from __future__ import annotations

import dataclasses
import tempfile
import typing as t

import numpy as np

from vigie.kernel.chain.chain import COINBASE
from vigie.kernel.chain.feed import Cutter, Feed, starts

if t.TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vigie.kernel.chain.heard import Heard

UNDO: t.Final = ("undo_value", "undo_length", "undo_type", "undo_scripts", "block_undone")


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Undo:
    """What a run of blocks spends, as a node wrote it down."""

    of: NDArray[np.bool_]
    """For each input of the run: does it stand here? In order; none of a coinbase, nor of a block without undo data."""
    value: NDArray[np.int64]
    length: NDArray[np.uint32]
    scripts: NDArray[np.uint8]


class Batch:
    """Blocks as they were heard, out of memory."""

    def __init__(self, heard: Heard, folder: Path) -> None:
        self._places: dict[str, tuple[int, str, tuple[int, ...]]] = {}
        self._file = tempfile.TemporaryFile(dir=folder, prefix="spool-")  # noqa: SIM115 - it lives as long as the batch
        for name in (*Feed.__slots__, *UNDO):
            column = getattr(heard, name)
            self._places[name] = self._file.tell(), column.dtype.str, column.shape
            self._file.write(np.ascontiguousarray(column).reshape(-1).view(np.uint8).data)
            self._file.write(bytes(-self._file.tell() % 16))
        self._file.flush()
        self.left = len(heard.block_txs)
        """Blocks of it that somebody may still ask for."""
        self._cutter: Cutter | None = None
        self._undo: list[NDArray[t.Any]] = []

    def blocks(self, first: int, last: int) -> tuple[Feed, Undo]:
        """Return some of its blocks, mapped, and what they spend as far as the node wrote that down."""
        if self._cutter is None:
            feed = Feed(**{name: self._column(name) for name in Feed.__slots__})
            self._cutter = Cutter(feed)
            inputs = starts(feed.tx_ins)[starts(feed.block_txs).astype(np.int64)].astype(np.int64)
            undone = (np.diff(inputs) - 1) * self._column("block_undone")
            self._undo = [starts(undone), starts(self._column("undo_length"))]
        run = self._cutter.blocks(first, last)
        return run, self._undone(first, last, run)

    def _undone(self, first: int, last: int, run: Feed) -> Undo:
        of_blocks, of_scripts = self._undo
        some = slice(int(of_blocks[first]), int(of_blocks[last]))
        own = slice(int(of_scripts[some.start]), int(of_scripts[some.stop]))
        of_txs = np.repeat(self._column("block_undone")[first:last], run.block_txs) * ((run.tx_flags & COINBASE) == 0)
        return Undo(
            of=np.repeat(of_txs.astype(np.bool_), run.tx_ins),
            value=self._column("undo_value")[some],
            length=self._column("undo_length")[some],
            scripts=self._column("undo_scripts")[own],
        )

    def forget(self) -> None:
        """Unmap what is not looked at now; it may be asked for again."""
        self._cutter, self._undo = None, []

    def close(self) -> None:
        """Let it go."""
        self.forget()
        self._file.close()

    def _column(self, name: str) -> NDArray[t.Any]:
        place, form, shape = self._places[name]
        if 0 in shape:
            return np.empty(shape, form)
        return np.memmap(self._file, form, "r", place, shape).view(np.ndarray)
