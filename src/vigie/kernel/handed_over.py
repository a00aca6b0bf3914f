"""Files that an examiner hands over beside the evidence: hash lists, databases of IP networks, packs of tags.

Each stays where it is; the case keeps its path, digest and size, and what the examiner said of it.
"""

from __future__ import annotations

import contextlib
import os
import time
import typing as t

from vigie.kernel.blob import digest_of, open_original
from vigie.kernel.case import now
from vigie.kernel.errors import UsageError
from vigie.kernel.evaluate import record
from vigie.kernel.run import Recipe, tools
from vigie.kernel.table import of, write
from vigie.rows import locator

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vigie.kernel.case import Case
    from vigie.rows.base import Row


class HandedOver(t.NamedTuple):
    """An open file that was handed over."""

    fd: int
    path: bytes
    """Without links."""
    about: dict[str, t.Any]
    """What a row of it says: ``path``, ``sha256``, ``size_bytes``, ``added_at``."""


@contextlib.contextmanager
def opened(path: bytes, what: str) -> Iterator[HandedOver]:
    """Open a file; ``what``: what it should be, for the errors. Errors: UsageError."""
    real, shown = os.path.realpath(path), locator.show(path)
    try:
        fd = open_original(real)
    except OSError as error:
        raise UsageError(f"{shown}: {error.strerror}. Give the path of {what}.") from None
    with open(fd, "rb"):
        if not os.path.isfile(real):
            raise UsageError(f"{shown} is no file. Give the path of {what}.")
        about = {"path": locator.show(real), "sha256": digest_of(fd), "size_bytes": os.fstat(fd).st_size,
                 "added_at": now().isoformat(timespec="seconds")}  # fmt: skip
        yield HandedOver(fd, real, about)


def commit(case: Case, stage: str, row: type[Row], rows: Sequence[Row], label: str = "", **params: str) -> None:
    """Commit rows of files that were handed over, instead of those that counted under ``label`` before.

    ``params``: what tells these rows from all others of the stage; ``label`` is made of them where none is given.
    """
    started, clock = now(), time.monotonic()
    recipe = Recipe(stage=stage, code="", params=dict(params), inputs={}, tools=tools())
    label = label or f"{stage}:{recipe.id}"
    if known := case.run(recipe.id):
        case.choose(label, known)
        return
    file = case.place(row, recipe.id)
    outputs = {str(file.relative_to(case.folder)): write(of(row, rows), file)}
    case.commit(label, record(recipe, started, clock, outputs, {row.table(): len(rows)}))
