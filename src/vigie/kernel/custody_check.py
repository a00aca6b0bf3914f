"""Every deviation of a custody log from what was signed, each with file, line, what was expected and what is there.

Reads all of it in one pass and in bounded memory; changes nothing, needs no private key.
docs/verify_custody.py does the same without vigie.
"""

from __future__ import annotations

import itertools
import typing as t
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from vigie.kernel import checkpoints, custody_entry, lock, merkle, note
from vigie.kernel.custody_files import CHECKPOINT, CHECKPOINTS, LOG, PUB, read_keys
from vigie.kernel.errors import IntegrityError

MOST_DIFFERENCES = 1000
"""A log of which every line differs need not be told line by line."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One deviation. ``line`` counts from 1; 0 where the file as a whole is meant."""

    file: str
    line: int
    expected: str
    found: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: expected {self.expected}; found {self.found}"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A state of the log that was kept outside the case: the log must begin with it."""

    name: str
    """Who kept it, for people."""
    size: int
    root: str
    """Merkle root in hex, or the beginning of it as a person wrote it down."""


def check(folder: Path, *, kept: Sequence[Kept] = (), wait_s: float = 30.0) -> list[Difference]:
    """Return what differs in the custody files of a case, at most ``MOST_DIFFERENCES``; empty: nothing does.

    That the log goes on from a kept checkpoint is not taken from a proof: the root is computed over those same lines.
    Writers wait meanwhile. Errors: NotAllowed where one of them holds the log longer than ``wait_s``.
    """
    path = folder / LOG
    with ExitStack() as stack:
        if path.is_file():
            log = stack.enter_context(path.open("rb"))
            stack.enter_context(lock.held(log.fileno(), path, wait_s))
        return list(itertools.islice(_differences(folder, kept), MOST_DIFFERENCES))


def _differences(folder: Path, kept: Sequence[Kept]) -> Iterator[Difference]:
    missing = [name for name in (LOG, CHECKPOINTS, CHECKPOINT, PUB) if not (folder / name).is_file()]
    yield from (_whole(name, "the file", "no such file") for name in missing)
    keys: list[note.VerifierKey] = []
    if PUB not in missing:
        try:
            keys = read_keys(folder)
        except IntegrityError as error:
            yield _whole(PUB, "the verifier key of this case", str(error))
    if LOG in missing or CHECKPOINTS in missing:
        return
    with ExitStack() as stack:
        log = stack.enter_context((folder / LOG).open("rb"))
        history = stack.enter_context((folder / CHECKPOINTS).open("rb"))
        reading = _Reading(log, keys, kept)
        number = 0
        for number, line in enumerate(iter(lambda: history.readline(checkpoints.MOST_LINE_BYTES), b""), 1):
            yield from reading.checkpoint(number, line)
        if not number:
            yield _whole(CHECKPOINTS, "at least one signed checkpoint", "none")
        yield from reading.rest()
    if CHECKPOINT not in missing:
        yield from _published(folder / CHECKPOINT, reading.last)


class _Reading:
    """The log, read along with the history of its checkpoints."""

    def __init__(self, log: t.BinaryIO, keys: list[note.VerifierKey], kept: Sequence[Kept]) -> None:
        self.last: checkpoints.Signed | None = None
        self._log = log
        self._keys = keys
        self._tree = merkle.Frontier()
        self._prev = custody_entry.FIRST_PREV
        self._ended = False
        self._kept = sorted(kept, key=lambda one: one.size)

    def checkpoint(self, number: int, line: bytes) -> Iterator[Difference]:
        """Hold one line of the history against its signature and against the log."""
        try:
            signed = checkpoints.read_line(line.removesuffix(b"\n"), self._keys[0].name if self._keys else "unknown")
        except IntegrityError as error:
            yield Difference(file=CHECKPOINTS, line=number, expected="a checkpoint", found=str(error))
            return
        if not line.endswith(b"\n"):
            yield Difference(file=CHECKPOINTS, line=number, expected="a newline at its end", found="none")
        if signed.number != number:
            found = f"number {signed.number}: lines were removed, added or moved"
            yield Difference(file=CHECKPOINTS, line=number, expected=f"number {number}", found=found)
        if self._keys:
            try:
                note.verify(signed.note, self._keys)
            except IntegrityError as error:
                yield Difference(file=CHECKPOINTS, line=number, expected="a valid signature", found=str(error))
                return
        size = signed.checkpoint.size
        if self.last is not None and size <= self.last.checkpoint.size:
            expected = f"more than {self.last.checkpoint.size} entries"
            yield Difference(file=CHECKPOINTS, line=number, expected=expected, found=f"{size} entries")
            return
        self.last = signed
        while self._kept and self._kept[0].size <= size:
            yield from self._hold(self._kept.pop(0))
        yield from self._read_to(size)
        if self._tree.size < size:
            yield _whole(LOG, f"{size} signed entries (checkpoint {number})", f"{self._tree.size} entries")
        elif self._tree.root() != signed.checkpoint.root:
            expected = f"Merkle root {signed.checkpoint.root.hex()} over lines 1-{size}, signed as checkpoint {number}"
            yield Difference(file=LOG, line=size, expected=expected, found=self._tree.root().hex())

    def rest(self) -> Iterator[Difference]:
        """Say what stands in the log behind the last signed entry, and what was kept but is not there."""
        signed = self._tree.size
        for one in self._kept:
            yield from self._hold(one)
        yield from self._read_to(None)
        if self._tree.size > signed:
            found = f"{self._tree.size - signed} more that nobody signed; opening the case logs them as recovered"
            yield Difference(file=LOG, line=signed + 1, expected=f"{signed} signed entries", found=found)

    def _hold(self, one: Kept) -> Iterator[Difference]:
        yield from self._read_to(one.size)
        expected = f"to begin with the {one.size} entries, Merkle root {one.root}, of {one.name}"
        if self._tree.size < one.size:
            yield _whole(LOG, expected, f"{self._tree.size} entries: the case was set back, or entries were lost")
        elif not self._tree.root().hex().startswith(one.root):
            found = f"Merkle root {self._tree.root().hex()} over lines 1-{one.size}: another history of this case"
            yield Difference(file=LOG, line=one.size, expected=expected, found=found)

    def _read_to(self, size: int | None) -> Iterator[Difference]:
        while not self._ended and (size is None or self._tree.size < size):
            line = custody_entry.read_line(self._log)
            if not line:
                self._ended = True
                return
            yield from self._entry(self._tree.size + 1, line)
            self._tree.append(merkle.leaf_hash(line.removesuffix(b"\n")))
            self._prev = custody_entry.digest(line.removesuffix(b"\n"))

    def _entry(self, number: int, line: bytes) -> Iterator[Difference]:
        if not line.endswith(b"\n"):
            yield Difference(file=LOG, line=number, expected="a newline at the end of the entry", found="none: torn")
        try:
            entry = custody_entry.decode(line.removesuffix(b"\n"))
        except ValueError as error:
            yield Difference(file=LOG, line=number, expected="an entry in canonical form", found=str(error))
            return
        if entry.seq != number - 1:
            yield Difference(file=LOG, line=number, expected=f"entry {number - 1}", found=f"entry {entry.seq}")
        if entry.prev != self._prev:
            expected = f"SHA-256 {self._prev} of the line before"
            found = f"{entry.prev}: this line or the one before was changed"
            yield Difference(file=LOG, line=number, expected=expected, found=found)
        if number == 1 and self._keys and entry.about.get("vkey") != self._keys[0].text():
            expected = f"the key of {PUB}, {self._keys[0].text()}"
            yield Difference(file=LOG, line=1, expected=expected, found=str(entry.about.get("vkey")))


def _published(path: Path, last: checkpoints.Signed | None) -> Iterator[Difference]:
    with path.open("rb") as stream:
        found = stream.read(note.MOST_NOTE_BYTES)
    if last is not None and found != last.note.encode():
        expected = f"the last checkpoint of {CHECKPOINTS} (number {last.number}, {last.checkpoint.size} entries)"
        yield _whole(CHECKPOINT, expected, f"{len(found)} other bytes: {found[:200]!r}")


def _whole(file: str, expected: str, found: str) -> Difference:
    return Difference(file=file, line=0, expected=expected, found=found)
