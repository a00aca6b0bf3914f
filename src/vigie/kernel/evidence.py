"""The door to foreign bytes: finds originals where they lie, and has cells read them.

One ``Evidence`` serves one lane of work. A cell does one thing at a time, and a member of a container is decoded
while the container is being walked: so a lane has a cell for each job, started when it is first needed.
"""

from __future__ import annotations

import contextlib
import os
import typing as t

import msgspec

from vigie.kernel.blob import Blob, Lost, digest_of, open_original
from vigie.kernel.cell import Cell, Limits
from vigie.kernel.walked import deliver
from vigie.rows import locator
from vigie.rows.wire import (
    Ask,
    Bounds,
    Compare,
    Decode,
    Expand,
    Extract,
    Failed,
    Look,
    ReadList,
    ReadRanges,
    ReadTags,
    ReadWallet,
    Reply,
    Seek,
    Seen,
    Survey,
    Trouble,
    Verify,
    Watch,
)

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from vigie.rows.artefacts import File
    from vigie.rows.evidence import Item, Original

MOST_FDS = 160
"""Descriptors that fit beside the scratch files; an image in more segments is opened by path."""
MOST_WANTED = 20_000
JOBS: dict[type[Ask], str] = {
    Look: "look",
    Expand: "expand",
    Verify: "verify",
    Decode: "decode",
    Compare: "compare",
    Watch: "watch",
    ReadList: "read_list",
    ReadRanges: "read_ranges",
    ReadTags: "read_tags",
    ReadWallet: "read_wallet",
    Survey: "survey",
    Extract: "extract",
    Seek: "seek",
}
"""Ask -> module of ``cell.jobs`` that answers it."""


class Pace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long and how large a reader may be. Sources: engine.md 1.4; Plaso, IPED and Dangerzone use like figures."""

    wall_s: float = 30.0
    wall_s_per_mb: float = 2.0
    most_wall_s: float = 1800.0
    memory_mb: int = 1024
    output_mb: int = 64

    def limits(self, size_bytes: int, *, file_bytes: int = 0) -> Limits:
        """Return the limits for an input of this size."""
        wall = min(self.wall_s + self.wall_s_per_mb * size_bytes / 1e6, self.most_wall_s)
        return Limits(
            wall_s=wall,
            cpu_s=int(wall) + 1,
            memory_bytes=self.memory_mb << 20,
            output_bytes=self.output_mb << 20,
            file_bytes=file_bytes,
        )


class Evidence:
    """What a reading stage works with."""

    def __init__(
        self,
        cell: Callable[[str], Cell],
        *,
        tmp: Path,
        items: Iterable[Item],
        secrets: Sequence[bytes] = (),
        vault: bytes = b"",
    ) -> None:
        self.cell = cell
        self.tmp = tmp
        self.items = {item.key: item for item in items}
        self.secrets = tuple(secrets)
        self.vault = vault
        """Key of ``kernel/vault.py``; empty: there is none."""

    def path(self, item: bytes, path: str) -> bytes:
        """Return the real path of an original of an item."""
        root = locator.read(self.items[item].path)
        if not path:
            return root
        folder = root if self.items[item].kind == "folder" else os.path.dirname(root)
        return os.path.join(folder, locator.read(path))

    def place(self, item: bytes, path: str) -> tuple[bytes, ...]:
        """Return the steps of an original's locator."""
        name = locator.read(self.items[item].name)
        return (name, locator.read(path)) if path else (name,)

    def ask(
        self, ask: Ask, fds: Sequence[int] = (), *, limits: Limits, readable: Sequence[bytes] = (), scratch: int = 0
    ) -> Iterator[Reply]:
        """Ask the cell; the last reply is ``Done`` or ``Failed``."""
        return self.cell(JOBS[type(ask)]).ask(ask, fds, limits=limits, readable=readable, scratch=scratch)

    def look(self, fds: Sequence[int], limits: Limits) -> dict[int, Seen | Trouble | Failed]:
        """Digest and identify files. When a cell dies over a batch, each file of the rest is asked about alone."""
        out: dict[int, Seen | Trouble | Failed] = {}
        end: Failed | None = None
        for reply in self.ask(Look(), fds, limits=limits):
            if isinstance(reply, Seen):
                out[reply.index] = reply
            elif isinstance(reply, Trouble):
                out[reply.number] = reply
            elif isinstance(reply, Failed):
                end = reply
        for index in range(len(fds)):
            if index in out:
                continue
            if len(fds) == 1:
                out[index] = end or Failed(code="protocol", detail="the reader ended without a word on this file")
                continue
            os.lseek(fds[index], 0, os.SEEK_SET)
            alone = self.look([fds[index]], limits)[0]
            out[index] = msgspec.structs.replace(alone, index=index) if isinstance(alone, Seen) else alone
        return out

    @contextlib.contextmanager
    def opened(self, paths: Sequence[bytes]) -> Iterator[tuple[list[int], Sequence[bytes]]]:
        """Open originals for the cell; give descriptors, or the paths it may open where they are too many."""
        if len(paths) > MOST_FDS:
            yield [], paths
            return
        with contextlib.ExitStack() as stack:
            fds = []
            for path in paths:
                fds.append(open_original(path))
                stack.callback(os.close, fds[-1])
            yield fds, ()

    def open(
        self,
        files: Sequence[File],
        originals: dict[bytes, Original],
        segments: dict[bytes, list[Original]],
        *,
        bounds: Bounds,
        pace: Pace,
    ) -> Iterator[tuple[File, Blob | Lost]]:
        """Give the bytes of each file, once, in an order that reads each container as few times as possible.

        ``originals`` holds those of files inside containers; ``segments`` what continues them.

        The caller closes each ``Blob`` before it asks for the next. Bytes that are not those of the file's
        SHA-256 are never given: ``Lost`` ``changed`` comes in their place.
        """
        inside: dict[bytes, list[File]] = {}
        for file in files:
            if file.depth:
                inside.setdefault(file.original, []).append(file)
            else:
                yield file, self._direct(file)
        for key, wanted in inside.items():
            for start in range(0, len(wanted), MOST_WANTED):
                part = wanted[start : start + MOST_WANTED]
                yield from deliver(self, originals[key], segments.get(key, []), part, bounds=bounds, pace=pace)

    def _direct(self, file: File) -> Blob | Lost:
        path = locator.SEPARATOR.join(file.locator.split(locator.SEPARATOR)[1:])
        try:
            fd = open_original(self.path(file.item, path))
        except FileNotFoundError:
            return Lost(code="missing")
        except OSError as error:
            return Lost(code="unreadable", detail=error.strerror or "")
        try:
            found = digest_of(fd)
        except OSError as error:
            os.close(fd)
            return Lost(code="unreadable", detail=error.strerror or "")
        if found != file.sha256:
            os.close(fd)
            return Lost(code="changed", detail=f"SHA-256 is {found.hex()}, was {file.sha256.hex()}")
        return Blob(fd=fd, size_bytes=file.size_bytes, sha256=found)
