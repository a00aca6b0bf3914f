"""What a fetch has come to know, written down as it goes, so that a stopped one goes on and a second one asks for more.

One file, appended to, each record with its length and a sum over it and all before. From the first record on that does
not fit - a power cut leaves such - all is cut off and asked again; that nothing is missing of a fetch that ended, the
case's log tells (``fetched``).
"""

from __future__ import annotations

import hashlib
import os
import typing as t

import msgspec

from vigie.kernel.chain.files import unlinked
from vigie.kernel.chain.taken import Kept
from vigie.kernel.errors import IntegrityError, UsageError

if t.TYPE_CHECKING:
    from pathlib import Path

FORMAT: t.Final = 1
SUM_BYTES: t.Final = 16

Place = tuple[bytes, int]
"""An output: id of its transaction (display order), and which of its outputs."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Blocks to find by filters, and what of them is wanted."""

    kind: t.Literal["watched", "forward", "backward"]
    scripts: list[bytes]
    """That filters are asked for; ``watched``: what pays or spends one of these is kept ..."""
    places: list[Place] = []
    """... ``forward``: what spends one of these outputs ..."""
    txids: list[bytes] = []
    """... ``backward``: these transactions."""
    first: int
    last: int


class Record(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of what is written down."""


class Begun(Record, frozen=True, kw_only=True):
    """Of which network all that follows is."""

    format: int = FORMAT
    network: str


class Asked(Record, frozen=True, kw_only=True):
    """A question was begun; one that was not answered before is dropped."""

    question: Question


class Found(Record, frozen=True, kw_only=True):
    """Blocks (display order) that may touch the next ``scripts`` scripts of the question."""

    scripts: int
    blocks: list[bytes]


class Read(Record, frozen=True, kw_only=True):
    """So many more of the blocks that were found, by their height, were read; this was kept of them."""

    blocks: int
    kept: list[Kept]


class Answered(Record, frozen=True, kw_only=True):
    """All blocks of the question were read."""


class Left(Record, frozen=True, kw_only=True):
    """Blocks from a height on left the chain, and these transactions with them."""

    fork: int
    txids: list[bytes]


class Said(Record, frozen=True, kw_only=True):
    """Transactions of which the node says now what they spend."""

    kept: list[Kept]


RECORDS: t.Final = Begun | Asked | Found | Read | Answered | Left | Said


class Notes:
    """What is known. ``path``: where it is written down; None: nowhere. A context manager."""

    def __init__(self, network: str, path: Path | None = None) -> None:
        """Read what was written down. Errors: IntegrityError where it is damaged, UsageError: of another network."""
        self.network = network
        self.kept: dict[bytes, Kept] = {}
        """By id, display order."""
        self.watched: dict[bytes, tuple[int, int]] = {}
        """Of a watched script: the first and last height between which all blocks that may touch it were read."""
        self.followed: dict[Place, int] = {}
        """Of an output: up to which height its spender was sought, from its own block on."""
        self.sought: dict[bytes, tuple[int, int]] = {}
        """Of a transaction that was not found: where it was sought."""
        self.question: Question | None = None
        """What is not answered yet; of it ..."""
        self.scanned, self.read = 0, 0
        """... so many scripts were asked for, and so many blocks were read ..."""
        self.found = set[bytes]()
        """... of these."""
        self.sums = set[str]()
        """Over all up to each record, in hex: the log names the one with which a fetch ended."""
        self._sum = bytes(SUM_BYTES)
        self._stream: t.BinaryIO | None = None
        self._path = path
        if path is not None:
            self._stream = os.fdopen(unlinked(path, os.O_RDWR | os.O_CREAT), "r+b")
            try:
                self._load(self._stream)
            except BaseException:
                self._stream.close()
                raise

    def __enter__(self) -> t.Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    @property
    def sum(self) -> str:
        """Return the sum over all that is noted, in hex."""
        return self._sum.hex()

    def add(self, record: Record) -> None:
        """Write something down, on disk when this returns. Errors: OSError."""
        self._apply(record)
        if self._stream is None:
            return
        data = msgspec.msgpack.encode(record)
        self._sum = _sum(self._sum, data)
        self.sums.add(self._sum.hex())
        self._stream.write(len(data).to_bytes(4, "little") + self._sum + data)
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def _load(self, stream: t.BinaryIO) -> None:
        decoder = msgspec.msgpack.Decoder(RECORDS)
        size, end = os.fstat(stream.fileno()).st_size, 0
        while end < size:
            head = stream.read(4 + SUM_BYTES)
            length = int.from_bytes(head[:4], "little")
            last = end + 4 + SUM_BYTES + length
            if len(head) < 4 + SUM_BYTES or last > size or not length:
                break  # what a killed writer left
            data = stream.read(length)
            own = _sum(self._sum, data)
            if own != head[4:]:
                break
            odd = IntegrityError(f"{self._path}: record at byte {end:,} is none of ours. Remove it and fetch anew.")
            try:
                record = decoder.decode(data)
            except msgspec.DecodeError:
                raise odd from None
            if isinstance(record, Begun) != (end == 0):
                raise odd
            self._apply(record)
            self._sum, end = own, last
            self.sums.add(own.hex())
        stream.truncate(end)
        stream.seek(end)
        if not end:
            self.add(Begun(network=self.network))

    def _apply(self, record: Record) -> None:
        if isinstance(record, Begun):
            if record.format != FORMAT or record.network != self.network:
                raise UsageError(
                    f"{self._path} is of a fetch from network {record.network} (format {record.format}), asked is now"
                    f" {self.network}. Ask a node of that network, or remove the file and fetch anew."
                )
        elif isinstance(record, Asked):
            self.question, self.scanned, self.read, self.found = record.question, 0, 0, set()
        elif isinstance(record, Found):
            self.scanned += record.scripts
            self.found |= {*record.blocks}
        elif isinstance(record, Read):
            self.read += record.blocks
            self.kept |= {one.said.txid: one for one in record.kept}
        elif isinstance(record, Said):
            self.kept |= {one.said.txid: one for one in record.kept}
        elif isinstance(record, Answered):
            self._answered(t.cast("Question", self.question))
        elif isinstance(record, Left):
            self._left(record)

    def _answered(self, of: Question) -> None:
        if of.kind == "watched":
            for script in of.scripts:
                first, last = self.watched.get(script, (of.first, of.first - 1))
                self.watched[script] = (min(first, of.first), of.last) if of.first <= last + 1 else (of.first, of.last)
        self.followed |= dict.fromkeys(of.places, of.last)
        self.sought |= dict.fromkeys(of.txids, (of.first, of.last))
        self.question, self.scanned, self.read, self.found = None, 0, 0, set()

    def _left(self, record: Left) -> None:
        most = record.fork - 1
        self.watched = {one: (first, min(last, most)) for one, (first, last) in self.watched.items()}
        self.followed = {one: min(last, most) for one, last in self.followed.items()}
        self.sought = {one: (first, min(last, most)) for one, (first, last) in self.sought.items()}
        for txid in record.txids:
            del self.kept[txid]
        if self.question is not None and self.question.last > most:
            self.question, self.scanned, self.read, self.found = None, 0, 0, set()


def _sum(before: bytes, data: bytes) -> bytes:
    return hashlib.sha256(before + data).digest()[:SUM_BYTES]
