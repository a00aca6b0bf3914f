"""Checkpoints that somebody kept outside a case, as they are given on the command line."""

from __future__ import annotations

import re
from pathlib import Path

from vigie.kernel import custody_files, note
from vigie.kernel.custody_check import Difference, Kept
from vigie.kernel.errors import IntegrityError, UsageError

WRITTEN = re.compile(r"([1-9][0-9]{0,18}):([0-9a-f]{16,64})")
"""Entries and the beginning of the root in hex, as ``vigie status`` prints them: at least 64 bits."""
SHOWN = 32


def line(size: int, root: bytes) -> str:
    """Return a checkpoint as a person writes it down; 128 bits of its root."""
    return f"{size}:{root.hex()[:SHOWN]}"


def asked(given: list[str], folder: Path) -> tuple[list[Kept], list[Difference]]:
    """Return what the log must go on from; and, of files, those that the case's key did not sign.

    Errors: UsageError for what is no checkpoint.
    """
    kept, wrong = list[Kept](), list[Difference]()
    for one in given:
        if found := WRITTEN.fullmatch(one):
            kept.append(Kept(name="the checkpoint that was written down", size=int(found[1]), root=found[2]))
            continue
        signed, checkpoint = _read(Path(one))
        try:
            note.verify(signed, custody_files.read_keys(folder))
        except IntegrityError as error:
            expected = f"the case of {one}, signed with its key"
            wrong.append(Difference(file=custody_files.PUB, line=0, expected=expected, found=str(error)))
            continue
        kept.append(Kept(name=f"the checkpoint {one}", size=checkpoint.size, root=checkpoint.root.hex()))
    return kept, wrong


def _read(file: Path) -> tuple[note.Note, note.Checkpoint]:
    try:
        with file.open("rb") as stream:
            signed = note.read_note(stream.read(note.MOST_NOTE_BYTES))
        return signed, note.read_checkpoint(signed.text)
    except IntegrityError as error:
        raise UsageError(
            f"{file} is no checkpoint: {error} Give a copy of custody.checkpoint, or SIZE:ROOT as status prints it."
        ) from None
