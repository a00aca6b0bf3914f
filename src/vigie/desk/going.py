"""What a run says of itself while it goes on, for ``vigie status`` in another window: a display, and no record.

A small file in ``tmp``, replaced whole every few seconds and removed when the run ends. Nothing is ever concluded from
it: anybody who can write to the folder can write it. Whether a run goes on is told by its lock, not by this file.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import time
import typing as t

import msgspec

from vigie.kernel import durable, lock
from vigie.kernel.case import LOCK, now
from vigie.kernel.evaluate import Progress
from vigie.kernel.strays import GOING

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vigie.kernel.evaluate import Watch
    from vigie.kernel.meanwhile import Count

EVERY_S: t.Final = 2.0
MOST_BYTES: t.Final = 1 << 16


class Going(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run is, or was when it was stopped."""

    began: dt.datetime
    at: dt.datetime
    progress: Progress


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A run that goes on, or one that was stopped."""

    by: str
    """Who holds the case: ``process 1234``; ``""`` where nobody does: the run was stopped."""
    going: Going | None
    """What it says; None where it says nothing (yet)."""


@contextlib.contextmanager
def telling(folder: Path, watch: Watch) -> Iterator[Watch]:
    """Give a function that shows each event as ``watch`` does, and writes it down now and then."""
    path, began, last = folder / GOING, now(), 0.0

    def both(one: Progress) -> None:
        nonlocal last
        watch(one)
        if time.monotonic() - last >= EVERY_S:
            durable.write(path, msgspec.json.encode(Going(began=began, at=now(), progress=one)) + b"\n")
            last = time.monotonic()

    yield both
    path.unlink(missing_ok=True)


def seen(folder: Path) -> Seen | None:
    """Tell of the run that goes on in this case, or was stopped; None where there is none."""
    by = ""
    if (folder / LOCK).is_file():
        with (folder / LOCK).open("rb") as file:
            by = lock.seen(file.fileno())  # asked, not tried: a run that starts just now must find the lock free
    going = _read(folder / GOING)
    return Seen(by=by, going=going) if by or going else None


def _read(path: Path) -> Going | None:
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        raw = file.read(MOST_BYTES)
    try:
        return msgspec.json.decode(raw, type=Going)
    except msgspec.DecodeError:
        return None  # written by another version of vigie, or by somebody else: nothing to show


def told(of: Count) -> str:
    """Return in words what is decided: how many of all, and where they stand."""
    share = f" ({of.total / of.of:.0%})" if of.of else ""
    stand = ", ".join(f"{count:,} {name}" for name, count in of.by.items())
    return f"{of.total:,} of {of.of:,}{share}" + (f": {stand}" if stand else "")


def lines(seen: Seen) -> str:
    """Return in words what goes on in a case, or was stopped."""
    head = f"In use by {seen.by}." if seen.by else "A run was stopped; the next one goes on from there."
    if seen.going is None:
        return head
    one = seen.going.progress
    at = f"{one.stage}, {one.done:,} of {one.of:,}, at {seen.going.at:%Y-%m-%d %H:%M:%S} UTC"
    if not one.decided.of:
        return f"{head} Last heard of: {at}."
    return f"{head} Last heard of: {at}.\n  decided: {told(one.decided)}"
