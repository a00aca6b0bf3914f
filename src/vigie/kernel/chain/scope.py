"""A case's part of the chain: what touches its scripts, and what follows, by the filters of the unit's own node.

The node tells by its compact filters (BIP 157, 158) which blocks may touch a script. Such a block is read whole in the
cell, held against its header, and of it only the transactions are kept that the case asked for: those that pay or spend
a watched script, then, round by round, those that spend what came of them (forward) and those that they spend from
(backward). A node that leaves a block out of its answer is not found out: ask your own.
"""

from __future__ import annotations

import os
import typing as t

import msgspec

from vigie.kernel.cell import Limits
from vigie.kernel.chain.assembled import Held, Put, Said
from vigie.kernel.chain.chain import STUB
from vigie.kernel.chain.heard import Heard, framed, hear
from vigie.kernel.chain.node import NodeError, NodeRefusalError
from vigie.kernel.chain.taken import Kept, Seen, each
from vigie.rows.wire import BlocksEnd, Failed, ReadBlocks, Trouble

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from vigie.kernel.cell import Cell
    from vigie.kernel.chain.heads import Heads
    from vigie.kernel.chain.node import Node

MOST: t.Final = Limits(wall_s=300, cpu_s=300, memory_bytes=2 << 30, output_bytes=1 << 30)
SCRIPTS_AT_ONCE: t.Final = 20_000
"""Scripts in one question: each is looked up in every filter, and a request may have 32 MiB."""
BLOCKS_AT_ONCE: t.Final = 16
RETRIES: t.Final = 5
"""Times that the chain may be reorganised while it is read."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """How far to follow."""

    forward: int = 4
    """Rounds: transactions behind those that spend a watched script's money."""
    backward: int = 2
    """Rounds: transactions before those that pay one."""
    fanout: int = 50
    """A transaction with more outputs is kept, and not followed: it looks like a service's payout."""
    least_sat: int = 1000
    """Outputs of less are not followed."""
    first: int = 0
    """Height of the first block that is looked at."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is."""

    round: str
    blocks_read: int
    blocks_of: int
    kept: int


class Scope:
    """What is kept, and what remains to be asked."""

    def __init__(
        self,
        node: Node,
        cell: Cell,
        heads: Heads,
        bounds: Bounds,
        ends: Callable[[bytes], bool],
        watch: Callable[[Step], None],
    ) -> None:
        """Begin with nothing kept. ``ends`` tells whether a script is a service's, where nothing is followed."""
        self.node, self.cell, self.heads, self.bounds, self._ends, self._watch = node, cell, heads, bounds, ends, watch
        self.kept: dict[bytes, Kept] = {}
        """By id, display order."""
        self.scanned: set[bytes] = set()
        """Watched scripts of which all blocks up to ``upto`` were read."""
        self.upto = -1
        self._round = ""

    def fetch(self, scripts: Iterable[bytes]) -> None:
        """Keep what touches these scripts and what follows. Errors: NodeError; what is kept then stays."""
        wanted = sorted(set(scripts))
        for _ in range(RETRIES):
            fork = self.heads.follow(self.node, lambda _: None)
            self._forget(fork)
            tip = len(self.heads) - 1
            try:
                self._watched([one for one in wanted if one in self.scanned], self.upto + 1, tip)
                self._watched([one for one in wanted if one not in self.scanned], self.bounds.first, tip)
                self._follow(set(wanted), tip)
            except _Moved:
                continue
            except NodeRefusalError:
                if self._stands(tip):
                    raise
                continue  # it refused a height or a block that it had before
            if self._stands(tip):
                self.scanned, self.upto = set(wanted), tip
                return
        raise NodeError(
            f"The chain of the node at {self.node} changed {RETRIES} times while it was read. Ask it later."
        )

    def _stands(self, tip: int) -> bool:
        """Tell whether the node still has the chain that was read."""
        return self.node.about().blocks >= tip and self.node.hash_at(tip) == self.heads.hash_at(tip)

    def blocks(self) -> tuple[list[Held], list[Said]]:
        """Return what is kept, as blocks by height, and the stubs: what is spent and not kept itself."""
        held: dict[int, list[Kept]] = {}
        for one in self.kept.values():
            held.setdefault(self.heads.height_of(one.block), []).append(one)
        out = []
        for height in sorted(held):
            inside = sorted(held[height], key=lambda one: one.said.place)
            out.append(Held(header=self.heads.at(height), height=height, said=[one.said for one in inside]))
        return out, self._stubs()

    def _stubs(self) -> list[Said]:
        put: dict[bytes, dict[int, Put | None]] = {}
        for one in self.kept.values():
            for took, spent in zip(one.said.took, one.spends, strict=True):
                if took.txid not in self.kept and spent is not None:
                    put.setdefault(took.txid, {})[took.vout] = spent
        return [
            Said(txid=txid, took=[], put=[known.get(vout) for vout in range(max(known) + 1)], flags=STUB)
            for txid, known in sorted(put.items())
        ]

    def _forget(self, fork: int) -> None:
        """Drop what stands in blocks that are no longer in the chain."""
        self.upto = min(self.upto, fork - 1)
        gone = [txid for txid, one in self.kept.items() if self.heads.height_of(one.block) < 0]
        for txid in gone:
            del self.kept[txid]

    def _watched(self, scripts: list[bytes], first: int, last: int) -> None:
        wanted = set(scripts)

        def touches(one: Seen) -> bool:
            return any(put.script in wanted for put in one.puts()) or any(
                put is not None and put.script in wanted for put in one.spends()
            )

        self._round = "what touches the case"
        self._read(scripts, first, last, touches)

    def _follow(self, watched: set[bytes], tip: int) -> None:
        """Keep what spends the outcome of spending a watched script, and what is spent in paying one."""
        ahead = [one for one in self.kept.values() if any(put and put.script in watched for put in one.spends)]
        behind = [one for one in self.kept.values() if any(put and put.script in watched for put in one.said.put)]
        done: set[bytes] = set()
        for number in range(self.bounds.forward):
            outputs = {
                (one.said.txid, vout): put
                for one in ahead
                if len(one.said.put) <= self.bounds.fanout
                for vout, put in enumerate(one.said.put)
                if put and put.value >= self.bounds.least_sat and not self._ends(put.script)
            }
            done |= {one.said.txid for one in ahead}
            spent = {(took.txid, took.vout): txid for txid, one in self.kept.items() for took in one.said.took}
            open_ = {place: put for place, put in outputs.items() if place not in spent}
            first = min((self.heads.height_of(self.kept[txid].block) for txid, _ in open_), default=tip + 1)
            self._round = f"forward {number + 1}"
            self._read(
                sorted({put.script for put in open_.values()}), first, tip,
                lambda one, open_=open_: any((took.txid, took.vout) in open_ for took in one.took()),  # type: ignore[misc]  # the default binds it now
            )  # fmt: skip
            spent = {(took.txid, took.vout): txid for txid, one in self.kept.items() for took in one.said.took}
            ahead = [self.kept[txid] for txid in sorted({spent[place] for place in outputs if place in spent} - done)]
        done = set()
        for number in range(self.bounds.backward):
            done |= {one.said.txid for one in behind}
            spends = {
                took.txid: put
                for one in behind
                for took, put in zip(one.said.took, one.spends, strict=True)
                if put and put.value >= self.bounds.least_sat and not self._ends(put.script)
            }
            missing = {txid: put for txid, put in spends.items() if txid not in self.kept}
            last = max((self.heads.height_of(one.block) for one in behind), default=-1)
            self._round = f"backward {number + 1}"
            self._read(
                sorted({put.script for put in missing.values()}), self.bounds.first, last,
                lambda one, missing=missing: one.txid in missing,  # type: ignore[misc]  # as above
            )  # fmt: skip
            behind = [self.kept[txid] for txid in sorted(spends) if txid in self.kept and txid not in done]

    def _read(self, scripts: list[bytes], first: int, last: int, wanted: Callable[[Seen], bool]) -> None:
        """Read each block that may touch a script, and keep what is wanted of it."""
        if not scripts or first > last:
            return
        found: set[bytes] = set()
        for start in range(0, len(scripts), SCRIPTS_AT_ONCE):
            found.update(self.node.scan(scripts[start : start + SCRIPTS_AT_ONCE], first, last))
        heights = {one: self.heads.height_of(one) for one in found}
        if any(height < 0 for height in heights.values()):
            raise _Moved
        order = sorted(found, key=lambda one: heights[one])
        for start in range(0, len(order), BLOCKS_AT_ONCE):
            for one in self._seen(order[start : start + BLOCKS_AT_ONCE]):
                if one.txid not in self.kept and wanted(one):
                    self.kept[one.txid] = one.kept()
            step = Step(round=self._round, blocks_read=min(start + BLOCKS_AT_ONCE, len(order)), blocks_of=len(order),
                        kept=len(self.kept))  # fmt: skip
            self._watch(step)

    def _seen(self, which: list[bytes]) -> Iterator[Seen]:
        """Read blocks in the cell. Errors: NodeError where one is not what was asked for."""
        raw = [self.node.block(one) for one in which]
        spent = [self.node.spent(one) for one in which]
        said = all(one is not None for one in spent)
        files = [
            _unnamed([framed(self.heads.network, raw)]),
            *([_unnamed([one or b"" for one in spent])] if said else []),
        ]
        ask = ReadBlocks(network=self.heads.network, spent=said)
        hashes: list[bytes] = []
        try:
            for heard in hear(self.heads.network, self.cell.ask(ask, files, limits=MOST)):
                if isinstance(heard, Failed | Trouble):
                    raise NodeError(
                        f"The node at {self.node} gave a block that cannot be: {heard.detail or heard.code}."
                        " It is damaged, or lies; ask another one."
                    )
                if isinstance(heard, BlocksEnd) and heard.undo_left:
                    raise NodeError(f"The node at {self.node} said more than its blocks spend. Ask another one.")
                if isinstance(heard, Heard):
                    hashes += [one[::-1] for one in heard.hashes()]
                    yield from each(heard)
        finally:
            for fd in files:
                os.close(fd)
        if hashes != which:
            raise NodeError(f"The node at {self.node} gave other blocks than were asked for. It is damaged, or lies.")


class _Moved(Exception):  # noqa: N818 - it is no error: the chain was reorganised
    """A block is not in the chain as it was read."""


def _unnamed(parts: list[bytes]) -> int:
    """Return a file without a name that holds the parts one behind the other."""
    fd = os.memfd_create("blocks", os.MFD_CLOEXEC)
    with open(fd, "wb", closefd=False) as file:
        file.writelines(parts)
    try:
        return os.open(f"/proc/self/fd/{fd}", os.O_RDONLY | os.O_CLOEXEC)  # the cell takes nothing that can be written
    finally:
        os.close(fd)
