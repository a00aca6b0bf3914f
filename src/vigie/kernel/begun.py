"""Which runs were begun: a sealed note of each, from before its first file until its log entry stands.

So a table that a killed run left can be told from one that somebody planted: vigie removes the first, and names the
second and leaves it where it is.
"""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

from vigie.kernel import durable
from vigie.kernel.seal import same, seal

NAME: t.Final = re.compile(r"([0-9a-f]{32})\.begun")


def note(tmp: Path, key: bytes, run_id: str) -> None:
    """Write down that a run is about to write files. Errors: OSError."""
    durable.write(_path(tmp, run_id), _text(key, run_id))


def holds(tmp: Path, key: bytes, run_id: str) -> bool:
    """Tell whether this case's key has noted the run."""
    path = _path(tmp, run_id)
    return not path.is_symlink() and path.is_file() and same(path.read_bytes()[:128], _text(key, run_id))


def noted(tmp: Path) -> list[str]:
    """Return the ids of runs of which there is a note, by whomever."""
    return sorted(found[1] for path in tmp.iterdir() if (found := NAME.fullmatch(path.name)))


def forget(tmp: Path, run_id: str) -> None:
    """Remove the note of a run whose log entry stands, or whose files are removed."""
    _path(tmp, run_id).unlink(missing_ok=True)


def _path(tmp: Path, run_id: str) -> Path:
    return tmp / f"{run_id}.begun"


def _text(key: bytes, run_id: str) -> bytes:
    return seal(key, b"begun", run_id.encode()).hex().encode() + b"\n"
