"""Blocks that were read and wait for their turn: in files without a name, for a node writes them as they arrive."""

from __future__ import annotations

import dataclasses
import mmap
import tempfile
import typing as t

import numpy as np

from vigie.kernel.chain.chain import COINBASE
from vigie.kernel.chain.feed import NAMES, Cutter, Feed, starts

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
    type: NDArray[np.uint8]
    scripts: NDArray[np.uint8]


FILE_BYTES: t.Final = 1 << 30
"""After so many another file is begun; one goes when nobody waits in it."""


class Spool:
    """Where blocks wait, in few files: a process may not have many open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: _File | None = None

    def add(self, heard: Heard) -> Batch:
        """Take blocks as they were heard. Errors: OSError."""
        if self._file is None or self._file.end > FILE_BYTES:
            if self._file is not None:
                self._file.leave()
            self._file = _File(self._folder)
        return Batch(heard, self._file)

    def close(self) -> None:
        """Let go of the file that was being written."""
        if self._file is not None:
            self._file.leave()
            self._file = None


class _File:
    """A file without a name, closed when its writer and all its batches have left it."""

    def __init__(self, folder: Path) -> None:
        self.stream = tempfile.TemporaryFile(dir=folder, prefix="spool-")  # noqa: SIM115 - see ``leave``
        self.users = 1

    @property
    def end(self) -> int:
        return self.stream.tell()

    def leave(self) -> None:
        self.users -= 1
        if not self.users:
            self.stream.close()


class Batch:
    """Blocks as they were heard, out of memory."""

    def __init__(self, heard: Heard, file: _File) -> None:
        self._file = file
        file.users += 1
        stream = file.stream
        stream.write(bytes(-stream.tell() % mmap.ALLOCATIONGRANULARITY))
        self._begin = stream.tell()
        self._places: dict[str, tuple[int, str, tuple[int, ...]]] = {}
        for name in (*NAMES, *UNDO):
            column = getattr(heard, name)
            self._places[name] = stream.tell() - self._begin, column.dtype.str, column.shape
            stream.write(np.ascontiguousarray(column).reshape(-1).view(np.uint8).data)
            stream.write(bytes(-stream.tell() % 16))
        stream.flush()
        self._size = stream.tell() - self._begin
        self.left = len(heard.block_txs)
        """Blocks of it that somebody may still ask for."""
        self._map: mmap.mmap | None = None
        self._cutter: Cutter | None = None
        self._undo: list[NDArray[t.Any]] = []

    def blocks(self, first: int, last: int) -> tuple[Feed, Undo]:
        """Return some of its blocks, mapped, and what they spend as far as the node wrote that down."""
        if self._cutter is None:
            feed = Feed(**{name: self._column(name) for name in NAMES})
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
            type=self._column("undo_type")[some],
            scripts=self._column("undo_scripts")[own],
        )

    def forget(self) -> None:
        """Unmap what is not looked at now; it may be asked for again."""
        self._map, self._cutter, self._undo = None, None, []

    def close(self) -> None:
        """Let it go."""
        self.forget()
        self._file.leave()

    def _column(self, name: str) -> NDArray[t.Any]:
        place, form, shape = self._places[name]
        if self._map is None:
            self._map = mmap.mmap(self._file.stream.fileno(), self._size, offset=self._begin, access=mmap.ACCESS_READ)
        count = int(np.prod(shape))
        return np.frombuffer(self._map, form, count, place).reshape(shape)
