"""Job: read one file of blocks, with its undo file where there is one."""

from __future__ import annotations

import dataclasses
import typing as t

import numpy as np

from vigie.cell.chain import file as files
from vigie.cell.chain.answer import send
from vigie.cell.chain.records import HEAD_BYTES, Gap, Record, records
from vigie.cell.chain.spent import Spent
from vigie.cell.chain.undone import Undo
from vigie.cell.job import Bench, Job, Refused
from vigie.numeric import blocks as loops
from vigie.numeric import undo as undoing
from vigie.numeric.blocks_codes import ROOM, SAYS
from vigie.numeric.headers import block_hash, shows_work
from vigie.rows import blocks as rows
from vigie.rows.wire import BlocksEnd, ReadBlocks, Trouble

if t.TYPE_CHECKING:
    from vigie.cell.chain.file import File

BATCH_BYTES: t.Final = 8 << 20
"""Of blocks that are parsed and answered at once."""
LEAST_BLOCK: t.Final = rows.HEADER_BYTES + 1 + loops.LEAST_TX
MOST_TOLD: t.Final = 1000
"""Gaps and refused blocks of a file, each with its place; more are counted only."""


def run(ask: ReadBlocks, bench: Bench) -> None:
    """Send the sound blocks in the order of the file, what is odd, and what the file was."""
    if ask.network not in rows.MAGICS:
        raise Refused("no_blocks", f"no network {ask.network!r} is known: {', '.join(rows.MAGICS)}")
    magic = ask.magic or rows.MAGICS[ask.network]
    file = files.read(bench.files[0], ask.key, ask.start)
    undo: Undo | Spent | None = Undo(files.read(bench.files[1], ask.key), magic) if ask.undo else None
    if ask.spent:
        undo = Spent(bytes(files.read(bench.files[1], b"").data))
    _Reading(bench, file, ask.network, magic, undo, ask.key).run()


class _Reading:
    """One file being read."""

    def __init__(
        self, bench: Bench, file: File, network: str, magic: bytes, undo: Undo | Spent | None, key: bytes
    ) -> None:
        self._bench, self._file, self._network, self._magic, self._undo = bench, file, network, magic, undo
        self._key, self._limit = key, rows.LIMITS[network]
        self._raw = file.raw
        self._given = self._refused = self._gaps = self._gap_bytes = self._undone = self._told = 0
        self._end = 0

    def run(self) -> None:
        """Go through it."""
        waiting: list[Record] = []
        size = 0
        sizes = (LEAST_BLOCK, rows.MOST_BLOCK_BYTES)
        for one in records(self._file, self._magic, sizes, self._is_block):
            if isinstance(one, Gap):
                self._gap(one)
                continue
            self._end = one.end
            if not shows_work(self._header(one), self._limit):
                self._refuse(one, "its header does not show the work that it claims, or less than the network asks")
                continue
            if waiting and size + one.end - one.start > BATCH_BYTES:
                self._give(waiting)
                waiting, size = [], 0
            waiting.append(one)
            size += one.end - one.start
        if waiting:
            self._give(waiting)
        self._bench.send(
            BlocksEnd(
                blocks=self._given,
                refused=self._refused,
                end=self._file.start + self._end,
                gaps=self._gaps,
                gap_bytes=self._gap_bytes,
                undone=self._undone,
                undo_left=self._undo.left if self._undo else 0,
            )
        )

    def _header(self, one: Record) -> bytes:
        return bytes(self._file.data[one.start : one.start + rows.HEADER_BYTES])

    def _is_block(self, one: Record) -> bool:
        """Tell whether a record that nothing vouches for is one: its work first, which nobody makes for nothing."""
        return shows_work(self._header(one), self._limit) and not loops.parse(self._raw, np.array([one])).why[0]

    def _trouble(self, at: int, code: str, detail: str, *, counts: bool = True) -> None:
        self._told += 1
        if self._told <= MOST_TOLD:
            place = self._file.start + at
            self._bench.send(Trouble(number=place, code=code, detail=f"byte {place}: {detail}", counts=counts))

    def _gap(self, one: Gap) -> None:
        if one == Gap(0, self._file.used, cut=False) and not self._file.start:
            raise Refused("no_blocks", _why_none(bytes(self._file.data[:4]), self._network, self._magic, self._key))
        self._gaps += 1
        self._gap_bytes += one.end - one.start
        if one.cut:
            said = int.from_bytes(self._file.data[one.start + 4 : one.start + HEAD_BYTES], "little")
            self._trouble(one.start, "truncated", f"a block of {said} bytes, of which the file has not all")
        else:
            self._trouble(one.start, "gap", f"{one.end - one.start} bytes that are no record", counts=False)

    def _refuse(self, one: Record, why: str) -> None:
        self._refused += 1
        hash_ = block_hash(self._header(one))[::-1].hex()
        self._trouble(one.start, "bad_block", f"block {hash_}: {why}")

    def _give(self, waiting: list[Record]) -> None:
        columns, why, where = loops.parse(self._raw, np.array(waiting, np.int64))
        for one, code, at in zip(waiting, why.tolist(), where.tolist(), strict=True):
            if code:
                self._refuse(one, f"{SAYS[code]} (seen at byte {self._file.start + at})")
        sound = [one for one, code in zip(waiting, why.tolist(), strict=True) if not code]
        if not sound:
            return
        undone, said = self._undo_of(sound, columns)
        places = np.array([one.start + self._file.start for one in sound], np.int64)
        self._given += len(sound)
        send(self._bench, _named(columns, places, undone, said))

    def _undo_of(self, sound: list[Record], columns: loops.Columns) -> tuple[list[undoing.Undone], list[bool]]:
        """Return what is undone of each block that has it, and which have."""
        if not self._undo:
            return [], [False] * len(sound)
        found: list[undoing.Undone] = []
        said, room = [], rows.MOST_BATCH_BYTES // 2
        starts = np.concatenate([[0], np.cumsum(columns.block_txs, dtype=np.int64)]).tolist()
        for number, one in enumerate(sound):
            ins = columns.tx_ins[starts[number] + 1 : starts[number + 1]]
            undone = _undone(self._undo, columns.headers[number, 4:36].tobytes(), ins)
            if isinstance(undone, undoing.Undone) and (room := room - len(undone.scripts)) < 0:
                undone = undoing.Refusal(ROOM, 0)
            said.append(isinstance(undone, undoing.Undone))
            if isinstance(undone, undoing.Undone):
                found.append(undone)
            elif undone:
                self._trouble(one.start, "bad_undo", f"its undo record: {SAYS[undone.code]}", counts=False)
        self._undone += sum(said)
        return found, said


def _undone(
    undo: Undo | Spent, before: bytes, ins: np.ndarray[t.Any, t.Any]
) -> undoing.Undone | undoing.Refusal | None:
    if isinstance(undo, Spent):
        return undo.of(ins)
    record = undo.of(before, ins)
    return undoing.parse(record, ins) if record else None


def _named(
    columns: loops.Columns, places: np.ndarray[t.Any, t.Any], undone: list[undoing.Undone], said: list[bool]
) -> dict[str, np.ndarray[t.Any, t.Any]]:
    """Return the columns of a batch by name."""
    named = {one.name: getattr(columns, one.name) for one in dataclasses.fields(columns)}
    for one in dataclasses.fields(undoing.Undone):
        name = "undo_scripts" if one.name == "scripts" else f"undo_{one.name}"
        parts = [getattr(some, one.name) for some in undone]
        named[name] = np.concatenate(parts) if parts else np.zeros(0, np.uint8)
    return {**named, "block_place": places, "block_undone": np.array(said, np.uint8)}


def _why_none(head: bytes, network: str, magic: bytes, key: bytes) -> str:
    """Say what a file that holds no record begins with: ``head``, without the key."""
    plain = bytes(one ^ other for one, other in zip(head, key or bytes(4), strict=False))
    given = "with the key that was given (xor.dat)" if key else "without a key"
    for name, known in rows.MAGICS.items():
        if known == magic and head == known:
            return (
                f"it begins as a file of network {name} {given}, but no whole block follows: it is cut off or damaged"
            )
        if head == known:
            return f"{given} it begins as a file of network {name}, and {network} was asked for: --network {name}"
        if plain == known:
            other = "" if name == network else f", with --network {name}"
            return (
                f"{given} it is no file of blocks, but as it lies there it begins as one of network {name}: the xor.dat"
                f" beside it is not its own. Import it without{other}"
            )
    return (
        f"{given} it begins {head.hex()}, not {magic.hex()} as files of network {network} do: it has a key, and its"
        " xor.dat is not there or another; or it is of another network: --network"
    )


def warm() -> None:
    """Load the loops."""
    loops.parse(np.zeros(0, np.uint8), np.zeros((0, 2), np.int64))
    undoing.parse(b"\0", np.zeros(0, np.uint32))
    undoing.parse(b"\1\1\2\0\0\4" + b"\x11" * 32, np.ones(1, np.uint32))


JOB = Job(ask=ReadBlocks, run=run, warm=warm)
"""Files of blocks: every length bounded, every hash made; only what is sound is answered."""
