"""Digest and identify a batch of files."""

from __future__ import annotations

from vigie.cell import digests
from vigie.cell.job import Bench, Job
from vigie.rows.wire import Look, Seen, Trouble


def run(ask: Look, bench: Bench) -> None:  # noqa: ARG001 - the ask says no more than that it is one
    """Send one ``Seen`` for each file, or one ``Trouble`` ``unreadable`` with its index."""
    for index, file in enumerate(bench.files):
        try:
            file.seek(0)
            found = digests.of(file)
        except OSError as error:
            bench.send(Trouble(number=index, code="unreadable", detail=f"read: {error.strerror or error}"))
            continue
        bench.send(Seen(index=index, **found._asdict()))


def warm() -> None:
    """Nothing is loaded late here."""


JOB = Job(ask=Look, run=run, warm=warm)
