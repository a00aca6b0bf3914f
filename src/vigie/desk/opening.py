"""Opening a case as a command needs it: the log, the engine, and what reading evidence takes."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import sys
import typing as t
from pathlib import Path

from vigie import steps
from vigie.desk import output
from vigie.kernel import seen
from vigie.kernel.case import Case
from vigie.kernel.custody import Custody
from vigie.kernel.custody_files import LOG
from vigie.kernel.engine import Needs
from vigie.kernel.errors import NotAllowed, UsageError
from vigie.kernel.isolation import Level
from vigie.kernel.local import Local
from vigie.rows.evidence import Item

if t.TYPE_CHECKING:
    from collections.abc import Iterator

MOST_KEY_BYTES: t.Final = 8 << 20
"""As cryptsetup (DEFAULT_KEYFILE_SIZE_MAXKB)."""
CONTROLS: t.Final = frozenset(range(32)) - frozenset(b"\t\n\r")
"""Bytes that no text has: a file with one is a key as a whole, not keys in lines."""


def opened(folder: Path) -> Case:
    """Open the case in a folder, with all stages known. Errors: as ``Case.open``; IntegrityError if it was set back."""
    steps.load()
    case = Case.open(folder, ask=passphrase)
    seen.hold(case.custody)
    return case


def remember(log: Custody, *, as_json: bool, anew: bool = False) -> None:
    """Keep what this machine has seen of a case; where that cannot be, say so in one line."""
    if why := seen.remember(log, anew=anew):
        text = f"This machine cannot keep what it has seen of the case ({why}), nor notice that it is set back."
        output.note(json.dumps({"note": text}) if as_json else f"note: {text}")


def viewed(folder: Path) -> Case:
    """Open a case to look at it, also where it may not be written to: a copy on a read-only medium, say."""
    steps.load()
    case = Case.open(folder, ask=passphrase, read_only=not os.access(folder / LOG, os.W_OK))
    if text := seen.differs(case.custody):
        output.note(f"note: {text}. Look at it with that in mind; find out more with: vigie verify {folder}")
    return case


def passphrase() -> bytes:
    """Ask a person for the passphrase of the signing key. Errors: NotAllowed without a terminal."""
    if not sys.stdin.isatty():
        raise NotAllowed("The signing key is locked with a passphrase, which is asked for on a terminal only.")
    return getpass.getpass("Passphrase of the case's signing key: ").encode()


def secrets(file: Path | None, *, ask: bool) -> tuple[bytes, ...]:
    """Return keys of encrypted volumes from a file or a prompt; they are kept in memory only.

    A text holds one a line. The file as a whole is tried last: that is what a key file of cryptsetup is.
    """
    if file is not None and ask:
        raise UsageError("Give --key-file or --ask-key, not both.")
    if file is not None:
        with file.open("rb") as keys:
            whole = keys.read(MOST_KEY_BYTES + 1)
        if len(whole) > MOST_KEY_BYTES:
            raise UsageError(f"{file} is no key file: it has more than {MOST_KEY_BYTES >> 20} MiB.")
        text = not CONTROLS.intersection(whole)
        lines = whole.replace(b"\r\n", b"\n").split(b"\n") if text else []
        if not (whole.strip() if text else whole):
            raise UsageError(f"{file} holds no key: one on each line.")
        return tuple(dict.fromkeys(one for one in (*lines, whole) if one))
    if not ask:
        return ()
    if not sys.stdin.isatty():
        raise UsageError("--ask-key asks on a terminal. Use --key-file in a script.")
    return (getpass.getpass("Key, passphrase or recovery password of the encrypted volume: ").encode(),)


def needs(case: Case, *, keys: tuple[bytes, ...] = (), accept: Level | None = None) -> Needs:
    """Return what reading evidence takes in this case; a weaker isolation level is logged once it is accepted."""
    minimum = case.settings.machine.isolation
    if accept is not None and accept < minimum:
        case.custody.append("isolation_lowered", {"accepted": str(accept), "policy": str(minimum)})
    return Needs(
        tmp=case.folder / "tmp",
        items=case.read(Item).rows(),
        secrets=keys,
        vault=case.custody.vault_key(),
        minimum=minimum,
        accept=accept,
    )


@contextlib.contextmanager
def engine(case: Case, jobs: int) -> Iterator[Local]:
    """Give an engine while no other process works on the case, and end its cells whatever happens."""
    one = Local(jobs)
    with case.alone():
        try:
            yield one
        finally:
            one.close()
