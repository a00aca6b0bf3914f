"""C2SP signed notes and checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), Ed25519 only.

A note is text, an empty line and signature lines ``U+2014 name base64(key id || signature)``. Every text has
one form: what is read is written again and must come out the same, so no byte can change unseen.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from vigie.kernel.errors import IntegrityError

ED25519 = b"\x01"
MOST_NOTE_BYTES = 1 << 16
MOST_SIGNATURES = 64
MOST_SIZE = (1 << 63) - 1
_DASH = "\N{EM DASH}"
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]{1,255}")
_VKEY = re.compile(r"([^\s+]{1,255})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{1,8192})")


class VerifierKey(msgspec.Struct, frozen=True):
    """Name and Ed25519 public key (32 bytes) of somebody who signs."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Key id: the first 4 bytes of SHA-256 over name, newline, type and public key."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def text(self) -> str:
        """Return the key as ``name+hex(key id)+base64(type || public key)``."""
        return f"{self.name}+{self.id.hex()}+{_encode(ED25519 + self.public)}"

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Tell whether ``signature`` (64 bytes) over ``message`` is by this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Signature(msgspec.Struct, frozen=True):
    """One signature line: name of the key, its id (4 bytes) and the signature."""

    name: str
    key_id: bytes
    signature: bytes

    def text(self) -> str:
        """Return base64 of key id and signature, as it stands in the line."""
        return _encode(self.key_id + self.signature)


class Note(msgspec.Struct, frozen=True):
    """A text that ends in a newline, and who signed it."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        """Return the note as it stands in a file."""
        lines = [f"{_DASH} {one.name} {one.text()}\n" for one in self.signatures]
        return (self.text + "\n" + "".join(lines)).encode()


class Checkpoint(msgspec.Struct, frozen=True):
    """State of a log: its origin, how many entries, and the Merkle root over them (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{_encode(self.root)}\n"


def read_key(text: str) -> VerifierKey:
    """Read a verifier key; IntegrityError where it is not the one form of an Ed25519 key."""
    found = _VKEY.fullmatch(text)
    if not found:
        raise IntegrityError(f"not a verifier key: {text[:80]!r}. Restore it from a copy.")
    blob = decode_base64(found[3])
    key = VerifierKey(found[1], blob[1:])
    if blob[:1] != ED25519 or len(blob) != 33 or key.text() != text:
        raise IntegrityError(f"verifier key damaged: {text[:80]!r} has another key id, type or length.")
    return key


def sign(text: str, name: str, key: Ed25519PrivateKey) -> Note:
    """Sign a text that ends in a newline, under the name of the key."""
    verifier = verifier_of(name, key)
    return Note(text, (Signature(name, verifier.id, key.sign(text.encode())),))


def verifier_of(name: str, key: Ed25519PrivateKey) -> VerifierKey:
    """Return the public side of a key; ValueError where the name cannot stand in a note."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"a key name has no spaces, plus signs or control characters: {name!r}")
    return VerifierKey(name, key.public_key().public_bytes_raw())


def read_note(data: bytes) -> Note:
    """Read a signed note, without judging its signatures; IntegrityError where it is malformed."""
    if len(data) > MOST_NOTE_BYTES:
        raise IntegrityError(f"a signed note of {len(data)} bytes; at most {MOST_NOTE_BYTES} are read.")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise IntegrityError(f"a signed note is UTF-8; byte {error.start} is not.") from error
    text, blank, tail = whole.rpartition("\n\n")
    lines = tail.split("\n")
    if not blank or lines.pop() or not 1 <= len(lines) <= MOST_SIGNATURES:
        raise IntegrityError("a signed note is a text, an empty line and signature lines; this is not.")
    note = Note(text + "\n", tuple(map(_read_signature, lines)))
    if any(ord(char) < 0x20 and char != "\n" for char in whole) or note.encode() != data:
        raise IntegrityError("the signed note holds control characters or is not in its one form.")
    return note


def verify(note: Note, keys: Iterable[VerifierKey]) -> VerifierKey:
    """Return the first known key that signed the note.

    Signatures of unknown keys are passed over; a bad one of a known key, or none that is known, is an
    IntegrityError.
    """
    known = {(key.name, key.id): key for key in keys}
    good: VerifierKey | None = None
    for one in note.signatures:
        key = known.get((one.name, one.key_id))
        if key is None:
            continue
        if not key.verifies(note.text.encode(), one.signature):
            raise IntegrityError(f"the signature of {key.name}+{key.id.hex()} does not fit the text.")
        good = good or key
    if good is None:
        raise IntegrityError("no signature by the pinned key (custody.pub).")
    return good


def read_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint; IntegrityError where it is not three lines in their one form."""
    lines = text.split("\n")
    if len(lines) != 4 or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]) or int(lines[1]) > MOST_SIZE:
        raise IntegrityError("a checkpoint has three lines: origin, size, root; this has others.")
    checkpoint = Checkpoint(lines[0], int(lines[1]), decode_base64(lines[2]))
    if len(checkpoint.root) != 32 or checkpoint.text() != text:
        raise IntegrityError("the checkpoint is not in its one form (32-byte root, nothing after it).")
    return checkpoint


def decode_base64(text: str) -> bytes:
    """Decode base64 in its one form (padding, no spare bits); IntegrityError otherwise."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise IntegrityError(f"not base64: {text[:80]!r}.") from error
    if _encode(data) != text:
        raise IntegrityError(f"base64 with spare bits: {text[:80]!r}.")
    return data


def read_signature(name: str, text: str) -> Signature:
    """Read base64 of key id and signature; IntegrityError where it is malformed."""
    blob = decode_base64(text)
    if len(blob) < 5 or not _NAME.fullmatch(name):
        raise IntegrityError(f"malformed signature of {name[:80]!r}.")
    return Signature(name, blob[:4], blob[4:])


def _read_signature(line: str) -> Signature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != _DASH:
        raise IntegrityError(f"not a signature line: {line[:80]!r}.")
    return read_signature(parts[1], parts[2])


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()
