"""Names of the custody files in a case folder, and the two small ones: public key and where the private one is."""

from __future__ import annotations

import os
from pathlib import Path

from vigie.kernel import note, signing
from vigie.kernel.errors import IntegrityError, NotAllowed

LOG = "custody.log"
CHECKPOINT = "custody.checkpoint"
CHECKPOINTS = "custody.checkpoints"
PUB = "custody.pub"
KEY = "custody.key"
POINTER = b"file:"
"""``custody.key`` is the private key, or this and the path of the key on one line."""

MOST_PUB_BYTES = 4096


def read_keys(folder: Path) -> list[note.VerifierKey]:
    """Read the pinned verifier key, as a list of one; IntegrityError where the file is missing or damaged."""
    path = folder / PUB
    if not path.is_file():
        raise IntegrityError(f"{path} is missing: no case, or its key was removed. Restore it from a copy.")
    with path.open("rb") as stream:
        data = stream.read(MOST_PUB_BYTES)
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as error:
        raise IntegrityError(f"{path} is damaged at byte {error.start}. Restore it from a copy.") from error
    if text.count("\n") != 1 or not text.endswith("\n"):
        raise IntegrityError(f"{path} is damaged: it holds one line, the verifier key. Restore it from a copy.")
    return [note.read_key(text[:-1])]


def key_path(folder: Path) -> Path:
    """Return where the private key lies; NotAllowed where nothing says so."""
    path = folder / KEY
    if not path.is_file():
        raise NotAllowed(f"The signing key {path} is missing; without it nothing can be added. Put it back.")
    with path.open("rb") as stream:
        data = stream.read(signing.MOST_KEY_BYTES)
    if data.startswith(POINTER):
        return Path(os.fsdecode(data.removeprefix(POINTER).removesuffix(b"\n")))
    return path
