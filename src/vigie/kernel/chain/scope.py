"""A case's part of the chain: what touches its scripts, and what follows, by the filters of the unit's own node.

The node tells by its compact filters (BIP 157, 158) which blocks may touch a script. Such a block is read whole in the
cell, held against its header, and of it only the transactions are kept that the case asked for: those that pay or spend
a watched script, then, round by round, those that spend what came of them (forward) and those that they spend from
(backward). All of it is written down as it comes (``notes``), so that nothing is asked twice.
"""

from __future__ import annotations

import os
import typing as t

import msgspec

from vigie.kernel.cell import Limits
from vigie.kernel.chain.assembled import Held, Put, Said
from vigie.kernel.chain.chain import STUB
from vigie.kernel.chain.filters import unnamed
from vigie.kernel.chain.heard import Heard, framed, hear
from vigie.kernel.chain.node import NodeError, NodeRefusalError
from vigie.kernel.chain.notes import Answered, Asked, Found, Left, Notes, Question, Read
from vigie.kernel.chain.notes import Said as NowSaid
from vigie.kernel.chain.proof import root
from vigie.kernel.chain.taken import Kept, Seen, each
from vigie.kernel.errors import IntegrityError
from vigie.rows.wire import BlocksEnd, Failed, ReadBlocks, Trouble

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from vigie.kernel.cell import Cell
    from vigie.kernel.chain.filters import Filters
    from vigie.kernel.chain.heads import Heads
    from vigie.kernel.chain.node import Node

MOST: t.Final = Limits(wall_s=300, cpu_s=300, memory_bytes=2 << 30, output_bytes=1 << 30)
SCRIPTS_AT_ONCE: t.Final = 20_000
"""Scripts in one question: each is looked up in every filter, and a request may have 32 MiB."""
BLOCKS_AT_ONCE: t.Final = 16
NOTES, HEADS = "notes", "heads"
"""Files beside a case's store: what is known of a fetch, and the headers of its chain."""
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
        notes: Notes | None = None,
        filters: Filters | None = None,
    ) -> None:
        """Begin with what is noted. ``ends`` tells whether a script is a service's, where nothing is followed."""
        self._filters = filters
        self.node, self.cell, self.heads, self.bounds, self._ends, self._watch = node, cell, heads, bounds, ends, watch
        self.notes = notes or Notes(heads.network)
        self.upto = -1
        """The tip up to which all was asked."""
        self.read = 0
        """Blocks that were read now."""
        self._round = ""

    @property
    def kept(self) -> dict[bytes, Kept]:
        """Return what is kept, by id in display order."""
        return self.notes.kept

    def fetch(self, scripts: Iterable[bytes], saved: Callable[[], None] = lambda: None) -> None:
        """Keep what touches these scripts and what follows; ``saved`` hears when headers have come.

        Errors: NodeError; what is kept then stays, and the next fetch goes on from there.
        """
        wanted = sorted(set(scripts))
        for _ in range(RETRIES):
            fork = self.heads.follow(self.node, lambda _: None)
            self._forget(fork)
            self._check_kept()
            saved()
            tip = len(self.heads) - 1
            try:
                if self.notes.question is not None:
                    self._go_on()
                self._said_now()
                self._watched(wanted, tip)
                self._follow(set(wanted), tip)
            except _Moved:
                continue
            except NodeRefusalError:
                if self._stands(tip):
                    raise
                continue  # it refused a height or a block that it had before
            if self._stands(tip):
                self.upto = tip
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
        gone = [txid for txid, one in self.kept.items() if self.heads.height_of(one.block) < 0]
        if gone or any(last >= fork for _, last in self.notes.watched.values()):
            self.notes.add(Left(fork=fork, txids=gone))

    def _check_kept(self) -> None:
        """Hold what was kept against the headers. Errors: IntegrityError."""
        for txid, one in self.kept.items():
            header = self.heads.at(self.heads.height_of(one.block))
            if txid != one.said.txid or root(txid[::-1], one.said.place, one.branch.branch) != header[36:68]:
                raise IntegrityError(
                    f"What was fetched before of {txid.hex()} does not hang on its block. Remove the case's chain/"
                    f"{NOTES}, and fetch anew."
                )

    def _said_now(self) -> None:
        """Read again what a node without spent outputs did not say, where this one does."""
        unsaid = {one.said.txid: one.block for one in self.kept.values() if not one.says_what_it_spends()}
        order = sorted(set(unsaid.values()), key=self.heads.height_of)
        if not order or self.node.spent(order[0]) is None:
            return
        for start in range(0, len(order), BLOCKS_AT_ONCE):
            some = [one.kept() for one in self._seen(order[start : start + BLOCKS_AT_ONCE]) if one.txid in unsaid]
            self.notes.add(NowSaid(kept=some))

    def _watched(self, scripts: list[bytes], tip: int) -> None:
        """Ask for what touches scripts, of each where it was not asked before."""
        self._round = "what touches the case"
        begins: dict[int, list[bytes]] = {}
        for script in scripts:
            first, last = self.notes.watched.get(script, (self.bounds.first, self.bounds.first - 1))
            begins.setdefault(self.bounds.first if self.bounds.first < first else last + 1, []).append(script)
        for first, some in sorted(begins.items()):
            self._ask(Question(kind="watched", scripts=some, first=first, last=tip))

    def _follow(self, watched: set[bytes], tip: int) -> None:
        """Keep what spends the outcome of spending a watched script, and what is spent in paying one."""
        ahead = [one for one in self.kept.values() if any(put and put.script in watched for put in one.spends)]
        behind = [one for one in self.kept.values() if any(put and put.script in watched for put in one.said.put)]
        done: set[bytes] = set()
        for number in range(self.bounds.forward):
            self._round = f"forward {number + 1}"
            outputs = {
                (one.said.txid, vout): put
                for one in ahead
                if len(one.said.put) <= self.bounds.fanout
                for vout, put in enumerate(one.said.put)
                if put and put.value >= self.bounds.least_sat and not self._ends(put.script)
            }
            done |= {one.said.txid for one in ahead}
            spent = self._spent()
            self._spenders({place: put for place, put in outputs.items() if place not in spent}, tip)
            spent = self._spent()
            ahead = [self.kept[txid] for txid in sorted({spent[place] for place in outputs if place in spent} - done)]
        done = set()
        for number in range(self.bounds.backward):
            self._round = f"backward {number + 1}"
            done |= {one.said.txid for one in behind}
            spends = {
                took.txid: put
                for one in behind
                for took, put in zip(one.said.took, one.spends, strict=True)
                if put and put.value >= self.bounds.least_sat and not self._ends(put.script)
            }
            self._makers({txid: put for txid, put in spends.items() if txid not in self.kept}, behind)
            behind = [self.kept[txid] for txid in sorted(spends) if txid in self.kept and txid not in done]

    def _spent(self) -> dict[tuple[bytes, int], bytes]:
        """Return which kept transaction spends an output."""
        return {(took.txid, took.vout): txid for txid, one in self.kept.items() for took in one.said.took}

    def _spenders(self, unspent: dict[tuple[bytes, int], Put], tip: int) -> None:
        """Ask for what spends outputs: of new ones from the lowest on, of others where it was not asked before."""
        fresh = [
            self.heads.height_of(self.kept[place[0]].block) for place in unspent if place not in self.notes.followed
        ]
        begins: dict[int, list[tuple[bytes, int]]] = {}
        for place in unspent:
            first = self.notes.followed[place] + 1 if place in self.notes.followed else min(fresh)
            begins.setdefault(first, []).append(place)
        for first, places in sorted(begins.items()):
            scripts = sorted({unspent[place].script for place in places})
            self._ask(Question(kind="forward", scripts=scripts, places=sorted(places), first=first, last=tip))

    def _makers(self, missing: dict[bytes, Put], behind: list[Kept]) -> None:
        """Ask for transactions that were spent, up to where that was, unless they were sought there before."""
        first, last = self.bounds.first, max((self.heads.height_of(one.block) for one in behind), default=-1)
        none = (last + 1, -1)
        sought = {txid: self.notes.sought.get(txid, none) for txid in missing}
        txids = sorted(txid for txid, (since, upto) in sought.items() if since > first or upto < last)
        scripts = sorted({missing[txid].script for txid in txids})
        self._ask(Question(kind="backward", scripts=scripts, txids=txids, first=first, last=last))

    def _ask(self, question: Question) -> None:
        if question.scripts and question.first <= question.last:
            self.notes.add(Asked(question=question))
            self._go_on()

    def _go_on(self) -> None:
        """Answer the question that is noted, from where it was left: find blocks, read them, keep what is wanted."""
        notes, question = self.notes, t.cast("Question", self.notes.question)
        while notes.scanned < len(question.scripts):
            some = question.scripts[notes.scanned : notes.scanned + SCRIPTS_AT_ONCE]
            found = self.node.scan(some, question.first, question.last)
            if any(self.heads.height_of(one) < 0 for one in found):
                raise _Moved
            notes.add(Found(scripts=len(some), blocks=sorted(set(found))))
        if self._filters and not notes.read:
            self._filters.check(question.scripts, question.first, question.last, notes.found, self._looked)
        order = sorted(notes.found, key=self.heads.height_of)
        wanted = _wanted(question)
        while notes.read < len(order):
            some = order[notes.read : notes.read + BLOCKS_AT_ONCE]
            kept = [one.kept() for one in self._seen(some) if one.txid not in notes.kept and wanted(one)]
            notes.add(Read(blocks=len(some), kept=kept))
            self.read += len(some)
            self._watch(Step(round=self._round, blocks_read=notes.read, blocks_of=len(order), kept=len(notes.kept)))
        notes.add(Answered())

    def _looked(self, done: int, of: int) -> None:
        self._watch(Step(round=f"{self._round}: filters", blocks_read=done, blocks_of=of, kept=len(self.kept)))

    def _seen(self, which: list[bytes]) -> Iterator[Seen]:
        """Read blocks in the cell. Errors: NodeError where one is not what was asked for."""
        raw = [self.node.block(one) for one in which]
        spent = [self.node.spent(one) for one in which]
        said = all(one is not None for one in spent)
        files = [
            unnamed([framed(self.heads.network, raw)]),
            *([unnamed([one or b"" for one in spent])] if said else []),
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


def _wanted(of: Question) -> Callable[[Seen], bool]:
    """Return what tells whether a transaction answers a question."""
    scripts, places, txids = set(of.scripts), set(of.places), set(of.txids)
    if of.kind == "forward":
        return lambda one: any((took.txid, took.vout) in places for took in one.took())
    if of.kind == "backward":
        return lambda one: one.txid in txids
    return lambda one: any(put is not None and put.script in scripts for put in (*one.puts(), *one.spends()))


class _Moved(Exception):  # noqa: N818 - it is no error: the chain was reorganised
    """A block is not in the chain as it was read."""
