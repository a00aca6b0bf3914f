"""Pictures inside Qt resource files (``.rcc``), as gcompris-qt-data packs its photographs.

Source: Qt's ``qresource.cpp``: a header, and where the tree of entries, the data and the names lie; all big-endian.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

DIRECTORY, DEFLATED, OTHERWISE_PACKED = 2, 1, 4
ENTRY_BYTES = {1: 14, 2: 22, 3: 22}
"""By the version of the file; later ones tell a time too."""


def entries(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each file in a resource file, sorted by name. Raises ValueError for others."""
    held = path.read_bytes()
    if held[:4] != b"qres":
        raise ValueError(f"{path} is no Qt resource file")
    version, tree, data, names = struct.unpack_from(">4I", held, 4)
    if version not in ENTRY_BYTES:
        raise ValueError(f"{path} is a Qt resource file of version {version}; 1 to 3 are read")

    def walk(number: int, above: str) -> Iterator[tuple[str, bytes]]:
        at = tree + ENTRY_BYTES[version] * number
        offset, flags = struct.unpack_from(">IH", held, at)
        (length,) = struct.unpack_from(">H", held, names + offset)
        name = above + held[names + offset + 6 : names + offset + 6 + 2 * length].decode("utf-16-be") if number else ""
        if flags & DIRECTORY:
            count, first = struct.unpack_from(">2I", held, at + 6)
            for child in range(first, first + count):
                yield from walk(child, f"{name}/")
        elif not flags & OTHERWISE_PACKED:
            (start,) = struct.unpack_from(">I", held, at + 10)
            (size,) = struct.unpack_from(">I", held, data + start)
            value = held[data + start + 4 : data + start + 4 + size]
            yield name, zlib.decompress(value[4:]) if flags & DEFLATED else value

    yield from sorted(walk(0, ""))
