"""Taking a node's folder of blocks into a store: read in the cell, put in order by their headers, appended.

A node writes blocks as they arrive, so what a block follows may stand behind it, or in another file, and some of what
it wrote was left for a branch with more work. Headers are collected as the files are read; blocks deep below the best
tip go into the store, the others wait (``spool``). What comes in is what headers commit to.
"""

from __future__ import annotations

import os
import re
import typing as t
from pathlib import Path

import msgspec
import numpy as np

from vigie.kernel.blob import digest_of, open_original
from vigie.kernel.chain.chain import MISSING
from vigie.kernel.chain.exports import exports, listed
from vigie.kernel.chain.feed import Feed, together
from vigie.kernel.chain.growth import Growth
from vigie.kernel.chain.heads import DEEPEST
from vigie.kernel.chain.heard import Heard, hear
from vigie.kernel.chain.layout import Cut, Source
from vigie.kernel.chain.pruned import stubs
from vigie.kernel.chain.spool import Batch, Spool, Undo
from vigie.kernel.chain.tree import Tree
from vigie.kernel.errors import IntegrityError, UsageError
from vigie.numeric import runs
from vigie.numeric.headers import block_hash
from vigie.rows import locator
from vigie.rows.blocks import KEY_BYTES
from vigie.rows.wire import Failed, ReadBlocks, ReadColumns, ReadParquet, Reply, Trouble

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

KEEP: t.Final = 2016
"""Blocks below the best tip that wait until all files were read: a branch that forks lower is a deep reorganisation."""
FEED_OUTPUTS: t.Final = 1 << 22
"""Outputs that are put into the store at once: half a gigabyte of memory."""
MOST_TROUBLES: t.Final = 1000
MOST_NEEDED: t.Final = 10
_BLOCKS = re.compile(rb"blk(\d{5,10})\.dat")

Reading: t.TypeAlias = ReadBlocks | ReadColumns | ReadParquet
Ask: t.TypeAlias = "Callable[[Reading, list[int]], Iterator[Reply]]"


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far an import is."""

    files: int
    files_of: int
    bytes_done: int
    bytes_of: int
    blocks: int
    """In the store by now."""
    transactions: int


class Imported(msgspec.Struct, kw_only=True):
    """What came of an import."""

    files: int = 0
    unchanged: int = 0
    """Files that were read before, and are as they were."""
    read: int = 0
    """Blocks that were read ..."""
    added: int = 0
    """... and of these, those that came into the store."""
    waiting: int = 0
    """Blocks that hang on nothing: what they follow is not in the files ..."""
    needed: list[str] = msgspec.field(default_factory=list)
    """... namely these blocks, the first of them; display order."""
    undo_checked: int = 0
    """Inputs whose value and script are those that the node's undo files say: all that both know."""
    troubles: list[str] = msgspec.field(default_factory=list)
    """What could not be read, the first of it."""
    troubled: int = 0
    cut: Cut | None = None
    """A reorganisation that took blocks off the store."""


class Importer:
    """One import. ``ask`` has a cell answer; its files are closed here."""

    def __init__(self, growth: Growth, ask: Ask, watch: Callable[[Progress], None], tmp: Path) -> None:
        self._growth, self._ask, self._watch, self._spool = growth, ask, watch, Spool(tmp)
        self._tree = Tree(growth.network)
        self._where: dict[int, tuple[Batch, int]] = {}
        """Of a header that waits: its batch and place in it."""
        self._batches = set[Batch]()
        self._said: dict[int, int] = {}
        """Height that the coinbase of a header says."""
        self._source: dict[int, int] = {}
        """Of a header that waits, its file."""
        self.result = Imported()
        heights = growth.column("heights")
        for number, header in enumerate(growth.column("headers")):
            self._tree.add(header.tobytes(), height=int(heights[number]) if number == 0 else -1)
        self._stored = set(range(growth.blocks))
        """Headers whose blocks are in the store."""
        for row in growth.stale_rows():
            self._tree.add(row["header"].tobytes())

    def take(self, folder: bytes) -> Imported:
        """Import a node's folder of blocks and seal the store.

        Errors: UsageError, IntegrityError, OSError; the store is then what it was.
        """
        key, network = _key(folder), self._growth.network
        names = [[name, *_undo_beside(folder, name)] for name in _files(folder)]

        def ask(number: int) -> Reading:
            return ReadBlocks(network=network, key=key, undo=len(names[number]) > 1)

        return self._all(folder, names, ask)

    def take_columns(self, folder: bytes) -> Imported:
        """Import a folder of exports in columns and seal the store. Errors: as ``take``."""
        form, groups = exports(folder)
        network = self._growth.network

        def ask(number: int) -> Reading:
            if form == "parquet":
                return ReadParquet(network=network, blocks=len(groups[number].blocks), before=self._highest())
            return ReadColumns(network=network, form=form, before=self._highest())

        return self._all(folder, [[*one.blocks, *one.transactions] for one in groups], ask)

    def _highest(self) -> bytes:
        """Return the hash of the best block that is known: what follows it does not say so in an export."""
        return self._tree.hashes[self._tree.best] if self._tree.best >= 0 else b""

    def _all(self, folder: bytes, names: list[list[bytes]], ask: Callable[[int], Reading]) -> Imported:
        known = {one.path: one for one in self._growth.sources}
        sizes = [sum(os.stat(os.path.join(folder, name)).st_size for name in some) for some in names]
        sources: dict[str, Source] = {}
        for number, some in enumerate(names):
            with _Opened([os.path.join(folder, name) for name in some]) as files:
                shown = [locator.show(path) for path in files.paths]
                told = [self._recorded(one, fd, known) for one, fd in zip(shown, files.descriptors, strict=True)]
                if all(told):
                    self.result.unchanged += 1
                else:
                    told = [self._digested(one, fd) for one, fd in zip(shown, files.descriptors, strict=True)]
                    if not self._read(number, ask(number), files.descriptors, _together(shown)):
                        told = []  # as if it had not been met: the same command reads it again
                sources |= {one.path: one for one in told if one}
                self.result.files += 1
            if self._feed(KEEP):
                self._done(sources, [os.path.join(folder, one[0]) for one in names], final=-1)
                self._growth.save()
            self._told(number + 1, len(names), sum(sizes[: number + 1]), sum(sizes))
        if not self.result.read and not self._growth.blocks:
            why = self.result.troubles[0] if self.result.troubles else "They hold nothing but what a node reserves."
            raise UsageError(f"No block was read from {locator.show(folder)}. {why}")
        self._rooted()
        self._feed(0)
        self._finish(sources, [os.path.join(folder, some[0]) for some in names])
        if self.result.read or not self._growth.sealed:
            self._growth.seal()
        self._told(len(names), len(names), sum(sizes), sum(sizes))
        return self.result

    def close(self) -> None:
        """Let go of what waits."""
        for one in self._batches:
            one.close()
        self._spool.close()

    def _recorded(self, shown: str, fd: int, known: dict[str, Source]) -> Source | None:
        about, there = os.fstat(fd), known.get(shown)
        same = there and (there.size_bytes, there.modified_ns) == (about.st_size, about.st_mtime_ns)
        return there if same else None

    def _digested(self, shown: str, fd: int) -> Source:
        about = os.fstat(fd)
        digest = digest_of(fd).hex()
        return Source(path=shown, sha256=digest, size_bytes=about.st_size, modified_ns=about.st_mtime_ns)

    def _read(self, number: int, ask: Reading, descriptors: list[int], shown: str) -> bool:
        """Read a file; tell whether it came to its end."""
        for one in hear(self._growth.network, self._ask(ask, descriptors)):
            if isinstance(one, Heard):
                self._heard(one, number)
            elif isinstance(one, Trouble):
                self._trouble(f"{shown}: {one.detail} ({one.code})")
            elif isinstance(one, Failed):
                self._trouble(f"{shown} could not be read to its end: {one.detail or one.code}")
                return False
        return True

    def _heard(self, heard: Heard, source: int) -> None:
        batch = self._spool.add(heard)
        self._batches.add(batch)
        for place, header in enumerate(heard.headers):
            number = self._tree.add(header.tobytes())
            self.result.read += 1
            if number in self._stored or number in self._where:
                batch.left -= 1
                continue
            self._where[number] = batch, place
            self._said[number] = int(heard.block_said[place])
            self._source[number] = source
        self._left(batch)

    def _trouble(self, text: str) -> None:
        self.result.troubled += 1
        if len(self.result.troubles) < MOST_TROUBLES:
            self.result.troubles.append(text)

    def _rooted(self) -> None:
        """Where the first block is not there (a pruned node) begin with the lowest one that says its height."""
        if self._tree.best >= 0 or not self._where:
            return
        best: tuple[int, int] | None = None
        for root in self._tree.roots():
            said = self._said.get(root, -1)
            if said >= 0 and (best is None or said < best[1]):
                best = root, said
        if best is None:
            raise UsageError("No block of the folder says its height. Import the files from the first one on.")
        self._tree.place(*best)
        wrong = [n for n in self._tree.branch(self._tree.best) if self._said[n] != self._tree.heights[n]]
        if wrong:
            raise UsageError(
                f"The block {self._tree.hashes[wrong[0]][::-1].hex()} says the height {self._said[wrong[0]]}, but"
                f" stands at {self._tree.heights[wrong[0]]}. Import the files from the first one on."
            )
        todo = self._tree.branch(self._tree.best)
        self._growth.begin_with(stubs(lambda: ((feed, undo) for _, _, feed, undo in self._runs(todo))))

    def _feed(self, keep: int) -> bool:
        """Put the best branch into the store, but for its last blocks; tell whether there were some."""
        tree, growth = self._tree, self._growth
        if tree.best < 0 or (keep and tree.heights[tree.best] - keep <= growth.height()):
            return False
        todo = tree.branch(tree.best, down_to=self._stored)
        if todo[0] in self._stored:
            self._fork(todo.pop(0))
        elif growth.blocks:
            raise UsageError(
                f"{growth.folder}: the files have a chain with more work that does not begin as the store's does."
                " Import them into a new folder."
            )
        todo = todo[: len(todo) - keep]
        tree.check(todo)
        run: list[tuple[int, Feed, Undo]] = []
        outputs = 0
        for place, number, feed, undo in self._runs(todo):
            run.append((number, feed, undo))
            outputs += len(feed.out_value)
            if outputs >= FEED_OUTPUTS:
                self._put(run)
                if place < len(todo):
                    growth.save()
                run, outputs = [], 0
        if run:
            self._put(run)
        return bool(todo)

    def _runs(self, todo: list[int]) -> Iterator[tuple[int, int, Feed, Undo]]:
        """Yield what stands side by side in a batch: how far that is, the first one's number, its blocks."""
        at = 0
        while at < len(todo):
            if todo[at] not in self._where:
                raise UsageError(
                    f"The block of height {self._tree.heights[todo[at]]}, {self._tree.hashes[todo[at]][::-1].hex()}, is"
                    " known by its header, but is not in the files. Import the folder of a node that has it."
                )
            batch, place = self._where[todo[at]]
            end = at + 1
            while end < len(todo) and self._where.get(todo[end]) == (batch, place + end - at):
                end += 1
            yield end, todo[at], *batch.blocks(place, place + end - at)
            at = end

    def _put(self, run: list[tuple[int, Feed, Undo]]) -> None:
        growth, tree = self._growth, self._tree
        feed = together([one for _, one, _ in run])
        first = tree.heights[run[0][0]]
        prev = growth.put(feed, np.arange(first, first + len(feed.headers), dtype=np.int32))
        self.result.added += len(feed.headers)
        at = 0
        for _, one, undo in run:
            self._undone(prev[at : at + len(one.prev_vout)][undo.of], undo)
            at += len(one.prev_vout)
        for header in feed.headers:
            number = tree.numbers[block_hash(header.tobytes())]
            self._stored.add(number)
            batch, _ = self._where.pop(number)
            batch.left -= 1
            self._left(batch)
        for batch in self._batches:
            batch.forget()

    def _left(self, batch: Batch) -> None:
        """Let a batch go whose blocks nobody waits for."""
        if not batch.left and batch in self._batches:
            batch.close()
            self._batches.remove(batch)

    def _undone(self, prev: NDArray[np.int64], undo: Undo) -> None:
        """Hold what a run spends against what the node wrote down of it. Errors: IntegrityError."""
        growth = self._growth
        here = np.flatnonzero(prev != MISSING)
        begins = np.concatenate([[0], np.cumsum(undo.length, dtype=np.int64)]).astype(np.uint64)
        scripts = growth.column("out_script")[prev[here]].astype(np.int64)
        if len(here) < len(prev):
            lengths = undo.length[here]
            own = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.uint64)
            texts = np.empty(int(own[-1]), np.uint8)
            runs.gathered(undo.scripts, begins, here, own, texts)
        else:
            own, texts = begins, undo.scripts
        same = runs.same_texts(growth.column("script_start"), growth.column("scripts"), scripts, own, texts)
        same &= growth.column("out_value")[prev[here]] == undo.value[here]
        if not same.all():
            out = int(prev[here[np.flatnonzero(~same)[0]]])
            tx = int(np.searchsorted(growth.column("tx_out"), np.uint64(out), "right")) - 1
            raise IntegrityError(
                f"The undo files say another value or script of output {out - int(growth.column('tx_out')[tx])} of"
                f" {growth.column('tx_hash')[tx].tobytes()[::-1].hex()} than its block. One of them is damaged:"
                " compare the folder with the seizure, or import it without rev*.dat."
            )
        self.result.undo_checked += len(here)

    def _fork(self, fork: int) -> None:
        """Take blocks off the store that stand above a header. Errors: UsageError for more than ``DEEPEST``."""
        tree, growth = self._tree, self._growth
        deep = growth.height() - tree.heights[fork]
        if not deep:
            return
        if deep > DEEPEST:
            raise UsageError(
                f"{growth.folder}: the files have a chain with more work that leaves the store's {deep:,} blocks below"
                f" its tip; {DEEPEST} is the most. If that is right, import into a new folder."
            )
        before = growth.tip()
        for header in growth.cut(tree.heights[fork]):
            self._stored.discard(tree.add(header))
        self.result.cut = Cut(
            fork=tree.heights[fork], tips=(before[::-1].hex(), tree.hashes[tree.best][::-1].hex()), removed=deep
        )
        growth.cuts.append(self.result.cut)

    def _finish(self, sources: dict[str, Source], paths: list[bytes]) -> None:
        """Say what is stale, and which files need not be read again."""
        tree = self._tree
        stale = tree.beside(tree.branch(tree.best)) if tree.best >= 0 else []
        stale.sort(key=lambda one: (tree.heights[one], tree.hashes[one]))
        headers = np.frombuffer(b"".join(tree.headers[one] for one in stale), np.uint8).reshape(-1, 80)
        self._growth.stale(headers, np.array([tree.heights[one] for one in stale], np.int32))
        self.result.waiting = sum(tree.heights[one] < 0 for one in self._where)
        self.result.needed = [tree.headers[one][4:36][::-1].hex() for one in tree.roots()[:MOST_NEEDED]]
        self._done(sources, paths, final=self._growth.height() - DEEPEST)

    def _done(self, sources: dict[str, Source], paths: list[bytes], *, final: int) -> None:
        """Say which files need not be read again: of whose blocks none waits, but what is stale up to ``final``."""
        tree = self._tree
        waits = {self._source[one] for one in self._where if not 0 <= tree.heights[one] <= final}
        again = {locator.show(paths[one]) for one in waits}
        kept = {one.path: one for one in self._growth.sources} | sources
        for shown in again & set(kept):
            kept[shown] = msgspec.structs.replace(kept[shown], modified_ns=-1)
        self._growth.sources = [kept[path] for path in sorted(kept)]

    def _told(self, files: int, files_of: int, done: int, total: int) -> None:
        growth = self._growth
        self._watch(
            Progress(
                files=files, files_of=files_of, bytes_done=done, bytes_of=total, blocks=growth.blocks,
                transactions=growth.transactions,
            )
        )  # fmt: skip


class _Opened:
    """Files that belong together, open for reading."""

    def __init__(self, paths: list[bytes]) -> None:
        self.paths = paths
        self.descriptors: list[int] = []

    def __enter__(self) -> t.Self:
        for path in self.paths:
            try:
                self.descriptors.append(open_original(path))
            except OSError as error:
                self.__exit__()
                raise UsageError(f"{locator.show(path)}: {error.strerror}.") from None
        return self

    def __exit__(self, *_: object) -> None:
        for one in self.descriptors:
            os.close(one)
        self.descriptors = []


def _files(folder: bytes) -> list[bytes]:
    names = sorted((int(found[1]), name) for name in listed(folder) if (found := _BLOCKS.fullmatch(name)))
    if not names:
        raise UsageError(f"{locator.show(folder)} has no blk*.dat. Give a node's folder of blocks.")
    return [name for _, name in names]


def _undo_beside(folder: bytes, name: bytes) -> list[bytes]:
    undo = b"rev" + name[3:]
    return [undo] if os.path.exists(os.path.join(folder, undo)) else []


def _together(shown: list[str]) -> str:
    """Name files that are read together."""
    return ", ".join(shown) if len(shown) < 4 else f"{shown[0]} and {len(shown) - 1} files read with it"


def _key(folder: bytes) -> bytes:
    path = os.path.join(folder, b"xor.dat")
    try:
        fd = open_original(path)
    except FileNotFoundError:
        return b""
    with open(fd, "rb") as stream:
        key = stream.read(KEY_BYTES + 1)
    if len(key) != KEY_BYTES:
        raise UsageError(f"{locator.show(path)} has {len(key)} bytes; the key of a folder of blocks has {KEY_BYTES}.")
    return key
