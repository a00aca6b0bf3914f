#!/usr/bin/env python3
"""Check the custody log of a vigie case without vigie.

    python -I verify_custody.py CASE [--key VKEY] [--checkpoint FILE|SIZE:ROOT]

Needs Python 3.11 and the package `cryptography`, nothing else; writes nothing. CASE is the case folder, or any
folder with custody.log, custody.checkpoint, custody.checkpoints and custody.pub. `--key` is the verifier key you
were given when the case began, `--checkpoint` a checkpoint that was kept outside, or the line of `vigie status` that
somebody wrote down: only these two show that the whole log was not set back, or made anew by a holder of the key.

Exit status 0: everything fits. 3: it does not, and each line printed says what. 2: wrong use.
Formats: docs/custody.md; RFC 6962 (Merkle tree), RFC 8785 (JSON), C2SP signed-note and tlog-checkpoint.
"""

import argparse
import base64
import binascii
import datetime as dt
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MOST_ENTRY_BYTES = 65_535
MOST_CHECKPOINT_BYTES = 4096
FIELDS = {"about", "act", "at", "prev", "seq", "who"}


class Wrong(Exception):  # noqa: N818 - it is the finding, not a fault of this program
    """Something is not as it was signed."""


class Key:
    """A C2SP verifier key: name+hex(key id)+base64(0x01 || Ed25519 public key)."""

    def __init__(self, text: str) -> None:
        """Read the key; Wrong unless it is the one way to write it."""
        found = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text)
        blob = unbase64(found[3]) if found else b""
        if not found or len(blob) != 33 or blob[0] != 1:
            raise Wrong(f"not an Ed25519 verifier key: {text[:100]!r}")
        self.text, self.name = text, found[1]
        self.id = hashlib.sha256(self.name.encode() + b"\n" + blob).digest()[:4]
        if self.id.hex() != found[2]:
            raise Wrong(f"key id {found[2]} does not belong to this name and key, {self.id.hex()} does")
        self._public = Ed25519PublicKey.from_public_bytes(blob[1:])

    def check(self, text: str, signature: str) -> None:
        """Check base64(key id || signature) over a text; Wrong where it does not fit."""
        blob = unbase64(signature)
        if blob[:4] != self.id:
            raise Wrong(f"signed by key {blob[:4].hex()}, not by {self.id.hex()}")
        try:
            self._public.verify(blob[4:], text.encode())
        except InvalidSignature:
            raise Wrong("the signature does not fit the text") from None


class Tree:
    """RFC 6962 Merkle root over a growing list of lines."""

    def __init__(self) -> None:
        """Begin with no line."""
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, line: bytes) -> None:
        """Add one line, without its newline."""
        node, level = hashlib.sha256(b"\0" + line).digest(), self.size
        while level & 1:
            node, level = hashlib.sha256(b"\1" + self._peaks.pop() + node).digest(), level >> 1
        self._peaks.append(node)
        self.size += 1

    def root(self) -> str:
        """Return the root in base64."""
        root = self._peaks[-1] if self._peaks else hashlib.sha256(b"").digest()
        for peak in reversed(self._peaks[:-1]):
            root = hashlib.sha256(b"\1" + peak + root).digest()
        return base64.b64encode(root).decode()


class Log:
    """custody.log, read once from front to end."""

    def __init__(self, stream: BinaryIO, key: Key | None) -> None:
        """Begin at the first line."""
        self.tree = Tree()
        self._stream, self._key = stream, key
        self._before, self._at = "0" * 64, ""

    def read_to(self, size: int | None) -> Iterator[str]:
        """Read until ``size`` lines were read (None: to the end); give what is wrong with them."""
        while size is None or self.tree.size < size:
            line = self._stream.readline(MOST_ENTRY_BYTES + 1)
            if not line:
                return
            where = f"custody.log line {self.tree.size + 1}"
            if not line.endswith(b"\n"):
                yield f"{where}: no newline at its end: torn, or longer than {MOST_ENTRY_BYTES} bytes"
            line = line.removesuffix(b"\n")
            for wrong in self._entry(line):
                yield f"{where}: {wrong}"
            self.tree.add(line)
            self._before = hashlib.sha256(line).hexdigest()

    def _entry(self, line: bytes) -> Iterator[str]:
        try:
            entry = json.loads(line)
            again = json.dumps(entry, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        except (ValueError, RecursionError):
            yield "not JSON"
            return
        if not isinstance(entry, dict) or set(entry) != FIELDS or not isinstance(entry["about"], dict):
            yield f"not an entry: it has the fields {', '.join(sorted(FIELDS))}"
            return
        if again != line:
            yield "not in canonical form (RFC 8785)"
        if entry["seq"] != self.tree.size:
            yield f"expected entry number {self.tree.size}, found {entry['seq']!r}: lines were added, removed or moved"
        if entry["prev"] != self._before:
            yield (
                f"it was written after a line with SHA-256 {entry['prev']!r}, but the line before it has "
                f"{self._before}: this line or the one before was changed"
            )
        if not self.tree.size and self._key and entry["about"].get("vkey") != self._key.text:
            yield f"the log began under the key {entry['about'].get('vkey')!r}, custody.pub holds {self._key.text!r}"
        yield from self._time(entry)

    def _time(self, entry: dict[str, Any]) -> Iterator[str]:
        at = entry["at"]
        try:
            zone = dt.datetime.fromisoformat(at).tzinfo
        except (TypeError, ValueError):
            zone = None
        if zone != dt.UTC:
            yield f"its time is no UTC time: {at!r}"


def unbase64(text: str) -> bytes:
    """Decode base64; Wrong unless it is the one way to write these bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Wrong(f"not base64: {text[:100]!r}") from None
    if base64.b64encode(data).decode() != text:
        raise Wrong(f"base64 with spare bits set: {text[:100]!r}")
    return data


def note_of(name: str, size: str, root: str, signature: str) -> tuple[str, bytes]:
    """Return the text of a checkpoint that is signed, and the whole signed note."""
    text = f"{name}\n{size}\n{root}\n"
    return text, f"{text}\n\u2014 {name} {signature}\n".encode()


def key_of(folder: Path) -> Key:
    """Read custody.pub; Wrong where it is not one line with a key."""
    with (folder / "custody.pub").open("rb") as stream:
        data = stream.read(MOST_CHECKPOINT_BYTES)
    if data.count(b"\n") != 1 or not data.endswith(b"\n") or not data.isascii():
        raise Wrong("it holds one line with the verifier key, and does not")
    return Key(data.decode()[:-1])


def outside(given: str, key: Key) -> tuple[int, str]:
    """Read what was kept outside: size, and root in base64 or its beginning in hex; Wrong unless the key signed."""
    if written := re.fullmatch(r"([1-9][0-9]{0,18}):([0-9a-f]{16,64})", given):
        return int(written[1]), written[2]
    path = Path(given)
    data = path.read_bytes()
    parts = data.decode().split("\n")
    if len(parts) != 6 or not re.fullmatch(r"[1-9][0-9]{0,18}", parts[1]):
        raise Wrong("not a checkpoint (origin, size, root, empty line, one signature)")
    signature = parts[4].rpartition(" ")[2]
    text, whole = note_of(key.name, parts[1], parts[2], signature)
    if whole != data:
        raise Wrong(f"not a checkpoint of this log, {key.name}")
    key.check(text, signature)
    return int(parts[1]), parts[2]


def history_line(line: bytes, number: int, name: str) -> tuple[int, str, str, bytes]:
    """Take one line of custody.checkpoints apart: size, root, text that is signed, whole note."""
    found = re.fullmatch(rb"([1-9][0-9]*) ([1-9][0-9]*) ([A-Za-z0-9+/=]{44}) ([A-Za-z0-9+/=]+)\n", line)
    if not found:
        raise Wrong("not a checkpoint line (number, size, root, signature)")
    said, size, root, signature = (part.decode() for part in found.groups())
    if int(said) != number:
        raise Wrong(f"expected checkpoint number {number}, found {said}: lines were added, removed or moved")
    text, note = note_of(name, size, root, signature)
    return int(size), root, text, note


def findings(folder: Path, given: Key | None, kept: str | None) -> Iterator[str]:
    """Give everything that does not fit, and only that."""
    missing = [n for n in ("log", "pub", "checkpoint", "checkpoints") if not (folder / f"custody.{n}").is_file()]
    if missing:
        yield from (f"custody.{name}: missing" for name in missing)
        return
    try:
        key = key_of(folder)
        if given and given.text != key.text:
            yield f"custody.pub: holds {key.text!r}, you were given {given.text!r}"
            key = given
        fixed = {}
        if kept:
            size, root = outside(kept, key)
            fixed[size] = root
    except (Wrong, UnicodeDecodeError) as error:
        yield f"custody.pub or the given checkpoint: {error}"
        return
    yield from _read(folder, key, fixed)


def _read(folder: Path, key: Key, fixed: dict[int, str]) -> Iterator[str]:
    last, last_size = b"", 0
    with (folder / "custody.log").open("rb") as stream, (folder / "custody.checkpoints").open("rb") as history:
        log = Log(stream, key)
        for number, line in enumerate(iter(lambda: history.readline(MOST_CHECKPOINT_BYTES), b""), 1):
            where = f"custody.checkpoints line {number}"
            try:
                size, root, text, note = history_line(line, number, key.name)
                key.check(text, text_signature(note))
            except Wrong as error:
                yield f"{where}: {error}"
                continue
            if size <= last_size:
                yield f"{where}: {size} entries after a checkpoint of {last_size}"
                continue
            for known in sorted(known for known in fixed if known <= size):
                yield from log.read_to(known)
                yield from _root(log, known, fixed.pop(known), "the checkpoint you gave")
            yield from log.read_to(size)
            yield from _root(log, size, root, where)
            last, last_size = note, size
        for known, root in sorted(fixed.items()):
            yield from log.read_to(known)
            yield from _root(log, known, root, "the checkpoint you gave")
        yield from log.read_to(None)
        if log.tree.size > last_size:
            yield f"custody.log line {last_size + 1}: {log.tree.size - last_size} line(s) from here on are not signed"
    if not last_size:
        yield "custody.checkpoints: no signed checkpoint"
    with (folder / "custody.checkpoint").open("rb") as published:
        same = published.read(MOST_CHECKPOINT_BYTES) == last
    if not same:
        yield "custody.checkpoint: not the last checkpoint of custody.checkpoints"


def text_signature(note: bytes) -> str:
    """Return the signature of a note that has one."""
    return note.decode().rsplit(" ", 1)[1].removesuffix("\n")


def _root(log: Log, size: int, root: str, where: str) -> Iterator[str]:
    if log.tree.size < size:
        yield f"custody.log: {log.tree.size} entries, but {where} was signed over {size}: entries are lost"
    elif log.tree.root() != root and not unbase64(log.tree.root()).hex().startswith(root):
        yield f"custody.log lines 1-{size}: Merkle root {log.tree.root()}, but {where} was signed over {root}"


def say(line: str) -> None:
    """Print one line; what stands in a tampered file is shown by its repr only, so it cannot steer a terminal."""
    sys.stdout.write(f"{line}\n")


def main() -> int:
    """Check, print and return the exit status."""
    parser = argparse.ArgumentParser(description="Check the custody log of a vigie case without vigie.")
    parser.add_argument("case", type=Path, help="folder with custody.log")
    parser.add_argument("--key", help="verifier key you were given, as in custody.pub")
    parser.add_argument("--checkpoint", help="custody.checkpoint as you copied it, or SIZE:ROOT as `vigie status` said")
    asked = parser.parse_args()
    try:
        given = Key(asked.key) if asked.key else None
    except Wrong as error:
        parser.error(f"--key: {error}")
    found = 0
    try:
        for finding in findings(asked.case, given, asked.checkpoint):
            found += 1
            say(finding)
    except OSError as error:
        parser.error(str(error))
    if found:
        say(f"{found} finding(s): the custody log is NOT as it was signed.")
        return 3
    origin, size, root = (asked.case / "custody.checkpoint").read_text().split("\n")[:3]
    say(f"{size} entries of {origin} are as they were signed; root {root}.")
    say(f"Signed by {(asked.case / 'custody.pub').read_text().strip()}{'' if given else ' (not held against a copy)'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
