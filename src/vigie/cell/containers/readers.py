"""Which reader opens which content type."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vigie.cell.containers import disks, sevenz, streams, tars, zips
from vigie.cell.containers.entry import Broken, Found, Source
from vigie.rows import content_types

_READERS: dict[str, Callable[[Source], Iterator[Found]]] = {
    "application/zip": zips.read,
    "application/java-archive": zips.read,
    "application/epub+zip": zips.read,
    "application/vnd.openxmlformats-officedocument": zips.read,
    "application/vnd.oasis.opendocument": zips.read,
    "application/x-tar": tars.read,
    "application/gzip": streams.read,
    "application/x-bzip2": streams.read,
    "application/x-xz": streams.read,
    "application/zstd": streams.read,
    "application/x-lz4": streams.read,
    "application/x-7z-compressed": sevenz.read,
}


def read(source: Source) -> Iterator[Found]:
    """Yield what a container holds. Raises ``Broken``: ``unsupported`` for what is known and not read."""
    if advice := content_types.unsupported(source.content_type):
        raise Broken("unsupported", advice)
    if content_types.is_disk(source.content_type):
        yield from disks.read(source)
        return
    reader = _READERS.get(source.content_type)
    if reader is None:
        raise Broken("unsupported", f"{source.content_type} is no container that is opened")
    yield from reader(source)
