"""Ed25519 private keys on disk: PKCS 8 in PEM, mode 0600, with or without a passphrase.

The key never enters a zygote or a worker; only the custody log opens it, and only when it signs.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vigie.kernel import durable
from vigie.kernel.errors import NotAllowed, UsageError

Ask = Callable[[], bytes]
"""Gives the passphrase when it is needed; the command line asks a person."""

MOST_KEY_BYTES = 1 << 14


def create(path: Path, passphrase: bytes | None = None) -> Ed25519PrivateKey:
    """Make a key and write it to ``path``; UsageError where a file is there already."""
    if path.exists():
        raise UsageError(f"{path} is there already. A key is never overwritten: name another file.")
    key = Ed25519PrivateKey.generate()
    cipher: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        if not passphrase:
            raise UsageError("An empty passphrase protects nothing: give one, or none at all.")
        cipher = serialization.BestAvailableEncryption(passphrase)
    durable.write(path, key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, cipher))
    return key


def load(path: Path, ask: Ask | None = None) -> Ed25519PrivateKey:
    """Read the key at ``path``; NotAllowed where it is missing, open to others, locked or not Ed25519."""
    data = _read(path)
    encrypted = b"BEGIN ENCRYPTED PRIVATE KEY" in data
    if encrypted and ask is None:
        raise NotAllowed(f"{path} is locked with a passphrase, and none was asked for. Use a terminal.")
    try:
        key = serialization.load_pem_private_key(data, ask() if encrypted and ask else None)
    except ValueError as error:
        raise NotAllowed(f"{path} cannot be opened: wrong passphrase, or no private key.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise NotAllowed(f"{path} is no Ed25519 key.")
    return key


def pem(key: Ed25519PrivateKey) -> bytes:
    """Return the bytes of the file that holds this key without a passphrase."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            mode = stat.S_IMODE(path.stat().st_mode)
            data = stream.read(MOST_KEY_BYTES)
    except (FileNotFoundError, PermissionError) as error:
        raise NotAllowed(f"The signing key {path} cannot be read; without it nothing can be signed.") from error
    if mode & 0o077:
        raise NotAllowed(f"Others may read the signing key {path} (mode {mode:o}). Run: chmod 600 {path}")
    return data
