"""What this machine's user has last seen of each case: its newest signed checkpoint, kept outside the case folder.

A folder that was set back as a whole - log, checkpoints and tables together - fits itself in every part. Only what is
kept elsewhere shows it. One small signed note a case, in ``$XDG_STATE_HOME/vigie/seen`` (XDG Base Directory
Specification 0.8); where there is no such place, nothing else is affected, and the caller is told so.
"""

from __future__ import annotations

import hashlib
import os
import re
import typing as t
from pathlib import Path

import msgspec

from vigie.kernel import durable, note
from vigie.kernel.errors import IntegrityError

if t.TYPE_CHECKING:
    from vigie.kernel.custody import Custody

_ORIGIN = re.compile(r"vigie\.invalid/([0-9a-f]{32})")


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The checkpoint of a case that was seen last, and where that is written."""

    path: Path
    signed: note.Note
    checkpoint: note.Checkpoint


def path_of(origin: str) -> Path | None:
    """Return where the checkpoint of the case with this origin is kept; None where this user has no home."""
    given, home = os.environ.get("XDG_STATE_HOME", ""), os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises
    base = given if given.startswith("/") else f"{home}/.local/state" if home.startswith("/") else ""
    found = _ORIGIN.fullmatch(origin)
    name = found[1] if found else hashlib.sha256(origin.encode()).hexdigest()[:32]
    return Path(base, "vigie", "seen", f"{name}.note") if base else None


def recall(origin: str) -> Seen | None:
    """Return what was seen of a case; None where that is nothing, or cannot be read.

    A note that is torn or of another case is nothing: it is written anew at the next chance. Whether the case's key
    signed it is for the caller to ask.
    """
    path = path_of(origin)
    if path is None:
        return None
    try:
        with path.open("rb") as stream:
            signed = note.read_note(stream.read(note.MOST_NOTE_BYTES))
        checkpoint = note.read_checkpoint(signed.text)
    except (OSError, IntegrityError):
        return None
    return Seen(path=path, signed=signed, checkpoint=checkpoint) if checkpoint.origin == origin else None


def differs(log: Custody) -> str:
    """Say how a log contradicts what was seen of it, with both sizes; ``""`` where it goes on from there."""
    seen = recall(log.origin)
    if seen is None:
        return ""
    known = f"this machine has seen {seen.checkpoint.size} entries ({seen.path})"
    try:
        note.verify(seen.signed, log.keys)
    except IntegrityError as error:
        return f"{known} under another key than that of {log.folder}: {error}"
    if log.size < seen.checkpoint.size:
        return f"the log of {log.folder} has {log.size} entries, and {known}: the case was set back"
    if log.root_at(seen.checkpoint.size) != seen.checkpoint.root:
        return (
            f"the log of {log.folder} has {log.size} entries, and {known}, which do not begin alike: "
            "the case was set back and went on from there, or two copies of it did"
        )
    return ""


def hold(log: Custody) -> None:
    """Hold a log against what was seen of it. Errors: IntegrityError, with the way out."""
    if text := differs(log):
        raise IntegrityError(
            f"{text}. Nothing was done. Compare with a copy; if a backup was restored on purpose, put that on record: "
            f"vigie verify {log.folder} --accept-rollback REASON"
        )


def remember(log: Custody, *, anew: bool = False) -> str:
    """Keep the newest checkpoint of a log, if it is newer than what was seen; return why it cannot be kept, or ``""``.

    ``anew``: also if it is not, for a person said so.
    """
    path = path_of(log.origin)
    if path is None:
        return "this user has no home folder"
    seen = recall(log.origin)
    if seen and not anew and seen.checkpoint.size >= log.size:
        return ""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        durable.write(path, log.signed_note.encode())
    except OSError as error:  # a convenience of this machine: no reason to stop the work on a case
        return f"{error.filename or path}: {error.strerror}"
    return ""
