"""Walk one container and everything in it."""

from __future__ import annotations

import contextlib
import os
import typing as t

from vigie.cell.containers import disks, sevenz
from vigie.cell.containers.entry import Source
from vigie.cell.containers.walk import Walk
from vigie.cell.job import Bench, Job, Refused
from vigie.rows.content_types import is_disk
from vigie.rows.wire import Expand


@contextlib.contextmanager
def opened(ask_paths: list[bytes], bench: Bench) -> t.Iterator[list[t.BinaryIO]]:
    """Give the descriptors that came with an ask; open its paths, in their order, where there are too many for that.

    Raises Refused ``segment_missing`` or ``unreadable``.
    """
    if len(bench.files) >= len(ask_paths):
        yield bench.files
        return
    with contextlib.ExitStack() as stack:
        files: list[t.BinaryIO] = []
        for path in ask_paths:
            try:
                files.append(stack.enter_context(open(path, "rb", opener=_quietly)))
            except OSError as error:
                code = "segment_missing" if isinstance(error, FileNotFoundError) else "unreadable"
                raise Refused(code, f"{os.fsdecode(path)!r}: {error.strerror or error}") from error
        yield files


def _quietly(path: str, flags: int) -> int:
    """Open without changing the access time, where the kernel grants that."""
    try:
        return os.open(path, flags | os.O_NOATIME)
    except PermissionError:
        return os.open(path, flags)


def run(ask: Expand, bench: Bench) -> None:
    """Send what it holds. Raises Refused where nothing of it can be read."""
    with opened(ask.paths, bench) as files:
        if not files:
            raise Refused("unreadable", "neither a descriptor nor a path was given")
        try:
            size = sum(file.seek(0, os.SEEK_END) for file in files)
        except OSError as error:
            raise Refused("unreadable", f"seek: {error.strerror or error}") from error
        name = os.path.basename(ask.paths[0]) if ask.paths else b""  # noqa: PTH119 - bytes
        used = files if is_disk(ask.content_type) else files[:1]
        source = Source(files=used, content_type=ask.content_type, name=name, secrets=tuple(ask.secrets))
        Walk(ask, bench, size).run(source)


def warm() -> None:
    """Load what the readers load late."""
    disks.warm()
    sevenz.warm()


JOB = Job(ask=Expand, run=run, warm=warm, opens=True)
