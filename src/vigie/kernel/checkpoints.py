"""``custody.checkpoints``: every checkpoint the log ever had, one a line, append-only.

``<number> <size> <base64 root> <base64 of key id and signature>``, numbers from 1, sizes rising. Origin and
key name stand in ``custody.pub``, so each line gives back its whole signed note. The last complete line is the
commit point of the log; ``custody.checkpoint`` is the same note in the usual form, published after it.
"""

from __future__ import annotations

import os
import re

import msgspec

from vigie.kernel.errors import IntegrityError
from vigie.kernel.note import Checkpoint, Note, decode_base64, read_signature

MOST_LINE_BYTES = 512
_LINE = re.compile(rb"([1-9][0-9]{0,18}) ([1-9][0-9]{0,18}) ([A-Za-z0-9+/=]{44}) ([A-Za-z0-9+/=]{8,256})")


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """One checkpoint with its number in the history and its note."""

    number: int
    checkpoint: Checkpoint
    note: Note

    def line(self) -> bytes:
        """Return its line in the history, with newline."""
        size, root = self.checkpoint.text().split("\n")[1:3]
        return f"{self.number} {size} {root} {self.note.signatures[0].text()}\n".encode()


def read_line(line: bytes, origin: str) -> Signed:
    """Read a line without its newline; the signature is not judged. IntegrityError where it is malformed."""
    found = _LINE.fullmatch(line)
    if not found:
        raise IntegrityError(f"not a checkpoint line: {line[:80]!r}.")
    number, size, root, signature = (part.decode() for part in found.groups())
    checkpoint = Checkpoint(origin, int(size), decode_base64(root))
    if len(checkpoint.root) != 32:
        raise IntegrityError(f"a root of {len(checkpoint.root)} bytes.")
    note = Note(checkpoint.text(), (read_signature(origin, signature),))
    return Signed(number=int(number), checkpoint=checkpoint, note=note)


class Tail(msgspec.Struct, frozen=True, kw_only=True):
    """End of the history: its last two complete lines, where they end, and what a crash left behind them."""

    last: bytes | None
    before: bytes | None
    end: int
    torn: bytes


def read_tail(fd: int) -> Tail:
    """Read the end of the history open at ``fd``; IntegrityError where no line ends near it."""
    size = os.fstat(fd).st_size
    window = 3 * MOST_LINE_BYTES
    data = os.pread(fd, window, max(0, size - window))
    whole, newline, torn = data.rpartition(b"\n")
    if len(torn) > MOST_LINE_BYTES:
        raise IntegrityError("custody.checkpoints ends in no line. Restore it from a copy.")
    lines = whole.split(b"\n") if newline else []
    last = lines[-1] if lines else None
    before = lines[-2] if len(lines) > 1 else None
    return Tail(last=last, before=before, end=size - len(torn), torn=torn)
