"""The custody log of a case: what was taken in, run, seen and decided; append-only, chained and signed.

``custody.log`` holds one entry a line, each naming the SHA-256 of the line before; a Merkle root over all lines
is signed after every append (or batch) into ``custody.checkpoints`` and ``custody.checkpoint``. An entry exists
once a signed checkpoint covers it. Form and limits: docs/custody.md; why: docs/decisions/0003-custody-log.md.
"""

from __future__ import annotations

import datetime as dt
import math
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vigie.kernel import checkpoints, custody_check, custody_entry, durable, lock, merkle, note, seal, signing, vault
from vigie.kernel.custody_check import Difference
from vigie.kernel.custody_entry import About, Entry
from vigie.kernel.custody_files import CHECKPOINT, CHECKPOINTS, KEY, LOG, POINTER, PUB, key_path, read_keys
from vigie.kernel.errors import IntegrityError, NotAllowed, UsageError

__all__ = ["About", "Custody", "Difference", "Entry"]

FLUSH_BYTES = 1 << 20
WAIT_S = 30.0
BACK = "clock_set_back_s"
"""Whole seconds, rounded up, by which an entry is earlier than the one before it."""


def now() -> dt.datetime:
    """Return the time in UTC."""
    return dt.datetime.now(dt.UTC)


class _Head:
    """How far the log has been read and found right."""

    def __init__(self) -> None:
        self.tree = merkle.Frontier()
        self.offset = 0
        self.prev = custody_entry.FIRST_PREV
        self.at: dt.datetime | None = None
        self.signed: checkpoints.Signed | None = None
        self.history_end = 0

    def add(self, line: bytes) -> None:
        """Take in one line, without its newline."""
        self.tree.append(merkle.leaf_hash(line))
        self.offset += len(line) + 1


class Custody:
    """One process's hand on the log. Safe across threads and processes: one writes, others wait."""

    def __init__(
        self,
        folder: Path,
        *,
        who: str,
        read_only: bool,
        ask: signing.Ask | None,
        wait_s: float,
        clock: Callable[[], dt.datetime],
    ) -> None:
        """Use ``create`` or ``open``."""
        self.folder = folder
        self.who = who
        self._read_only = read_only
        self._ask = ask
        self._wait_s = wait_s
        self._clock = clock
        self._keys = read_keys(folder)
        self._signer: Ed25519PrivateKey | None = None
        self._head = _Head()
        self._sound = True
        self._files: tuple[int, int] | None = None
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._mine = threading.RLock()

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        who: str,
        key_file: Path | None = None,
        passphrase: bytes | None = None,
        about: About | None = None,
        clock: Callable[[], dt.datetime] = now,
    ) -> Custody:
        """Begin the log of a new case in ``folder``, with the entry ``created``.

        The private key goes to ``folder/custody.key``, or to ``key_file`` (one that is there already is used, and
        its passphrase is then ``passphrase``). Errors: UsageError where there is a log already.
        """
        if (folder / LOG).exists() or (folder / PUB).exists():
            raise UsageError(f"{folder} holds a custody log already. Open it, or name another folder.")
        origin = f"vigie.invalid/{secrets.token_hex(16)}"
        ask = None if passphrase is None else lambda: passphrase
        if key_file is not None and key_file.exists():
            key = signing.load(key_file, ask)
        else:
            key = signing.create(key_file or folder / KEY, passphrase)
        if key_file is not None and key_file.absolute() != (folder / KEY).absolute():
            durable.write(folder / KEY, POINTER + os.fsencode(key_file.absolute()) + b"\n")
        vkey = note.verifier_of(origin, key).text()
        durable.write(folder / PUB, f"{vkey}\n".encode())
        durable.write(folder / CHECKPOINTS, b"")
        durable.write(folder / LOG, b"")
        log = cls(folder, who=who, read_only=False, ask=ask, wait_s=WAIT_S, clock=clock)
        log._signer = key
        with log._locked():
            log._add("created", {**(about or {}), "log": "vigie-custody-1", "vkey": vkey})
            log._commit()
        return log

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        who: str,
        read_only: bool = False,
        ask: signing.Ask | None = None,
        wait_s: float = WAIT_S,
        clock: Callable[[], dt.datetime] = now,
    ) -> Custody:
        """Open the log of a case after checking it against its last signed checkpoint (engine.md 4.3).

        What a crash left behind the signed entries is put right and logged as ``recovered``: complete entries are
        kept, a torn one is cut. With ``read_only`` nothing is written, no lock is taken and ``append`` is refused.
        ``ask`` gives the passphrase of the key when the first entry is signed. Errors: IntegrityError where log,
        checkpoints or key do not fit each other (nothing is signed then); NotAllowed where another process holds
        the log longer than ``wait_s``.
        """
        log = cls(folder, who=who, read_only=read_only, ask=ask, wait_s=wait_s, clock=clock)
        if read_only:
            with _opened(folder / CHECKPOINTS, os.O_RDONLY) as history:
                tail, published = log._at_rest(history)
            log._catch_up(tail, published)
            return log
        with log.batch():
            durable.sweep(folder)
        return log

    @property
    def size(self) -> int:
        """How many entries are signed."""
        return self._head.signed.checkpoint.size if self._head.signed else 0

    @property
    def verifier_key(self) -> str:
        """The public key that signs, in C2SP form; tell it to whoever is to check the log later."""
        return self._keys[-1].text()

    @property
    def read_only(self) -> bool:
        """Whether it was opened to look at it only."""
        return self._read_only

    @property
    def origin(self) -> str:
        """The opaque name of this log."""
        return self._keys[-1].name

    @property
    def keys(self) -> list[note.VerifierKey]:
        """The pinned keys."""
        return list(self._keys)

    @property
    def signed_note(self) -> note.Note:
        """The newest checkpoint, signed."""
        return self._signed().note

    @property
    def root(self) -> bytes:
        """Merkle root over the signed entries."""
        return self._signed().checkpoint.root

    def root_at(self, size: int) -> bytes:
        """Return the Merkle root over the first ``size`` entries, at most those that are signed; reads them anew."""
        if size == self.size:
            return self.root
        tree = merkle.Frontier()
        with (self.folder / LOG).open("rb") as stream:
            while tree.size < min(size, self.size):
                tree.append(merkle.leaf_hash(custody_entry.read_line(stream).removesuffix(b"\n")))
        return tree.root()

    def seal_key(self) -> bytes:
        """Return the key that seals this case's unfinished work. Errors: NotAllowed without the private key."""
        return seal.key_of(self._load_signer(), self._keys[-1].name)

    def vault_key(self) -> bytes:
        """Return the key that seals secrets met in evidence. Errors: NotAllowed without the private key."""
        return vault.key_of(self._load_signer(), self._keys[-1].name)

    def append(self, act: str, about: About) -> Entry:
        """Add one entry; on return it is on disk and signed (in a batch: when the batch ends).

        Errors: ValueError for an entry that may not stand in the log; NotAllowed without the key or the lock;
        IntegrityError where the log was changed meanwhile; OSError (disk full ...): the entry may or may not have
        been kept, and the next append or opening puts the log in order.
        """
        with self.batch():
            return self._add(act, about)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Hold the log for several entries and sign once at the end, also when the block ends in an error.

        Others wait meanwhile, so keep it short.
        """
        with self._mine:
            if self._files is not None:
                yield
                return
            if self._read_only:
                raise NotAllowed(f"{self.folder / LOG} was opened for reading only.")
            with self._locked() as (log, history):
                if not self._sound:
                    self._head, self._sound = _Head(), True
                self._recover(log, history)
                try:
                    yield
                finally:
                    self._commit()

    def entries(self) -> Iterator[Entry]:
        """Give the signed entries in order, reading the file as they are asked for."""
        with (self.folder / LOG).open("rb") as stream:
            for number in range(1, self.size + 1):
                yield self._decoded(custody_entry.read_line(stream)[:-1], number)

    def check(self) -> list[Difference]:
        """Read all of it again and say everything that differs; empty when nothing does. Not inside a batch."""
        return custody_check.check(self.folder, wait_s=self._wait_s)

    @contextmanager
    def _locked(self) -> Iterator[tuple[int, int]]:
        path = self.folder / LOG
        with (
            _opened(path, os.O_RDWR) as log,
            _opened(self.folder / CHECKPOINTS, os.O_RDWR) as history,
            lock.held(log, path, self._wait_s),
        ):
            self._files, self._pending, self._pending_bytes = (log, history), [], 0
            try:
                yield log, history
            finally:
                self._files = None

    @contextmanager
    def _risky(self) -> Iterator[None]:
        """Mark that what is in memory is worth nothing if the block fails: all is read anew next time."""
        self._sound = False
        yield
        self._sound = True

    def _add(self, act: str, about: About) -> Entry:
        head = self._head
        self._load_signer()
        if BACK in about:
            raise ValueError(f"{BACK} is said by the log itself")
        at = self._clock().astimezone(dt.UTC)
        back = {BACK: math.ceil((head.at - at).total_seconds())} if head.at and at < head.at else {}
        entry = Entry(seq=head.tree.size, at=at, who=self.who, act=act, about={**about, **back}, prev=head.prev)
        line = custody_entry.encode(entry)
        head.add(line)
        head.prev, head.at = custody_entry.digest(line), at
        self._pending.append(line + b"\n")
        self._pending_bytes += len(line) + 1
        if self._pending_bytes > FLUSH_BYTES:
            self._flush()
        return entry

    def _flush(self) -> None:
        log, _ = self._open_files()
        with self._risky():
            _write_at(log, b"".join(self._pending), self._head.offset - self._pending_bytes)
            self._pending, self._pending_bytes = [], 0

    def _commit(self) -> None:
        """Bring entries to disk, then the signed checkpoint, in the order that makes it the commit point."""
        head = self._head
        if not self._sound or head.tree.size == self.size:
            return
        key = self._load_signer()
        log, history = self._open_files()
        self._flush()
        with self._risky():
            os.fsync(log)
            checkpoint = note.Checkpoint(self._keys[-1].name, head.tree.size, head.tree.root())
            signed = checkpoints.Signed(
                number=head.signed.number + 1 if head.signed else 1,
                checkpoint=checkpoint,
                note=note.sign(checkpoint.text(), checkpoint.origin, key),
            )
            _write_at(history, signed.line(), head.history_end)
            os.fsync(history)
            head.signed, head.history_end = signed, head.history_end + len(signed.line())
            durable.write(self.folder / CHECKPOINT, signed.note.encode())

    def _recover(self, log: int, history: int) -> None:
        """Catch up with what others wrote, and put right what a crash left behind the signed entries."""
        tail = checkpoints.read_tail(history)
        about: dict[str, str | int | list[str]] | None
        with self._risky():
            behind = self._catch_up(tail, self._published())
            signed_end = self._head.offset
            adopted = self._adopt()
            cut = os.fstat(log).st_size - self._head.offset
            if not (behind or adopted or cut or tail.torn):
                about = None
            else:
                about = {"adopted": adopted, "cut_bytes": cut, "checkpoint_behind": int(behind)}
                about |= {"cut_sha256": _digest_from(self.folder / LOG, self._head.offset)} if cut else {}
                about |= {"cut_checkpoint_bytes": len(tail.torn)} if tail.torn else {}
                os.ftruncate(log, self._head.offset)
                os.ftruncate(history, tail.end)
                _write_again(log, signed_end, self._head.offset)
                if behind and self._head.signed:  # before the next is signed: it is never more than one behind
                    durable.write(self.folder / CHECKPOINT, self._head.signed.note.encode())
        if about is not None:
            self._add("recovered", about)
            self._commit()

    def _catch_up(self, tail: checkpoints.Tail, published: bytes | None) -> bool:
        """Read on to the last signed checkpoint and hold the log against it; tell if the published one is behind."""
        head = self._head
        if tail.last is None:
            raise IntegrityError(
                f"{self.folder / CHECKPOINTS} holds no signed checkpoint: emptied, or the case was never finished. "
                "Restore it from a copy; if the case is new, remove its folder and make it again."
            )
        signed = self._verified(tail.last)
        behind = self._behind(published, signed, tail)
        size = signed.checkpoint.size
        if size < head.tree.size:
            raise IntegrityError(f"{self.folder / CHECKPOINTS} was set back from {head.tree.size} to {size} entries.")
        line = self._read_to(size)
        if head.tree.root() != signed.checkpoint.root:
            raise IntegrityError(
                f"The first {size} lines of {self.folder / LOG} are not those that were signed: tampering or damage. "
                "Nothing was signed. `vigie verify` names the line; compare with a copy."
            )
        if line:
            self._remember(line)
        head.signed, head.history_end = signed, tail.end
        return behind

    def _read_to(self, size: int) -> bytes:
        """Read on until ``size`` entries are read; return the last line, empty where none was left to read."""
        head = self._head
        line = b""
        with (self.folder / LOG).open("rb") as stream:
            if stream.seek(0, os.SEEK_END) < head.offset:
                raise IntegrityError(f"{self.folder / LOG} became shorter while it was open. Compare with a copy.")
            stream.seek(head.offset)
            while head.tree.size < size:
                line = custody_entry.read_line(stream)
                if not line.endswith(b"\n"):
                    raise IntegrityError(
                        f"{self.folder / LOG} has {head.tree.size} entries, and {size} were signed: entries were lost "
                        "or removed. Nothing was signed. Restore the log from a copy."
                    )
                head.add(line[:-1])
        return line[:-1]

    def _adopt(self) -> int:
        """Read complete entries behind the signed ones, as far as they are right; return how many."""
        head, adopted = self._head, 0
        with (self.folder / LOG).open("rb") as stream:
            stream.seek(head.offset)
            while (line := custody_entry.read_line(stream)).endswith(b"\n") and self._follows(line[:-1]):
                head.add(line[:-1])
                self._remember(line[:-1])
                adopted += 1
        return adopted

    def _follows(self, line: bytes) -> bool:
        try:
            entry = custody_entry.decode(line)
        except ValueError:
            return False
        return entry.seq == self._head.tree.size and entry.prev == self._head.prev

    def _remember(self, line: bytes) -> None:
        at = self._decoded(line, self._head.tree.size).at
        self._head.prev, self._head.at = custody_entry.digest(line), at

    def _decoded(self, line: bytes, number: int) -> Entry:
        try:
            return custody_entry.decode(line)
        except ValueError as error:
            raise IntegrityError(
                f"{self.folder / LOG} line {number} is no entry this vigie can read ({error}): changed since it was "
                "opened, or written by a later version. Run `vigie verify`."
            ) from error

    def _verified(self, line: bytes) -> checkpoints.Signed:
        signed = checkpoints.read_line(line, self._keys[-1].name)
        if self._head.signed is None or signed != self._head.signed:
            note.verify(signed.note, self._keys)
        return signed

    def _published(self) -> bytes | None:
        path = self.folder / CHECKPOINT
        if not path.exists():
            return None
        with path.open("rb") as stream:
            return stream.read(note.MOST_NOTE_BYTES)

    def _at_rest(self, history: int) -> tuple[checkpoints.Tail, bytes | None]:
        """Read both checkpoint files without the lock, at a moment at which no writer came between."""
        deadline = time.monotonic() + self._wait_s
        while True:
            tail, published = checkpoints.read_tail(history), self._published()
            if checkpoints.read_tail(history).end == tail.end:
                return tail, published
            if time.monotonic() >= deadline:
                raise NotAllowed(f"{self.folder / CHECKPOINTS} grows faster than it can be read. Try again later.")

    def _behind(self, published: bytes | None, signed: checkpoints.Signed, tail: checkpoints.Tail) -> bool:
        """Tell if ``custody.checkpoint`` is the one before the last, as a crash between the two leaves it."""
        if published == signed.note.encode():
            return False
        if tail.before is None:
            expected = None
        else:
            expected = checkpoints.read_line(tail.before, self._keys[-1].name).note.encode()
        if published != expected:
            raise IntegrityError(
                f"{self.folder / CHECKPOINT} is not the last checkpoint of {CHECKPOINTS}: one of them was changed, "
                "set back or lost. Nothing was signed. Compare both with a copy."
            )
        return True

    def _signed(self) -> checkpoints.Signed:
        if self._head.signed is None:
            raise RuntimeError("a log that was opened has a signed checkpoint")
        return self._head.signed

    def _load_signer(self) -> Ed25519PrivateKey:
        if self._signer is None:
            path = key_path(self.folder)
            key = signing.load(path, self._ask)
            if note.verifier_of(self._keys[-1].name, key) != self._keys[-1]:
                raise NotAllowed(
                    f"{path} is not the key of {self.folder / PUB}. Nothing was signed; use the case's key."
                )
            self._signer = key
        return self._signer

    def _open_files(self) -> tuple[int, int]:
        if self._files is None:
            raise RuntimeError("the custody log is written under its lock only")
        return self._files


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    try:
        fd = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError as error:
        raise IntegrityError(f"{path} is missing: no case, or the log was removed. Restore it from a copy.") from error
    try:
        yield fd
    finally:
        os.close(fd)


def _write_at(fd: int, data: bytes, offset: int) -> None:
    rest = memoryview(data)
    while rest:
        written = os.pwrite(fd, rest, offset)
        rest, offset = rest[written:], offset + written


def _write_again(fd: int, start: int, end: int) -> None:
    """Write a stretch over itself: pages whose fsync failed once are clean to the kernel, though not on disk."""
    while start < end:
        piece = os.pread(fd, min(FLUSH_BYTES, end - start), start)
        _write_at(fd, piece, start)
        start += len(piece)


def _digest_from(path: Path, offset: int) -> str:
    with path.open("rb") as stream:
        stream.seek(offset)
        return durable.sha256_of_stream(stream)
