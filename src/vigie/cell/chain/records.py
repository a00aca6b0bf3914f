"""Finding records in a file: magic, size, bytes. What is no record is stepped over and told, up to the next that is."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vigie.cell.chain.file import File

HEAD_BYTES: t.Final = 8


class Record(t.NamedTuple):
    """Where its bytes lie."""

    start: int
    end: int


class Gap(t.NamedTuple):
    """Bytes that are no record."""

    start: int
    end: int
    cut: bool
    """Does it begin as a record that the file ends in?"""


def records(
    file: File, magic: bytes, sizes: tuple[int, int], sound: Callable[[Record], bool]
) -> Iterator[Record | Gap]:
    """Yield records of ``sizes`` (least, most) bytes, and what lies between.

    A record that is followed by another one, or by the end of what is used, is one. Of any other its size may be wrong:
    it is one if ``sound`` says so.
    """
    at = gap = 0
    cut = False
    while at < file.used:
        one = _record(file.data, at, magic, sizes)
        if one and one.end <= len(file.data) and (_is_followed(file, one.end, magic) or sound(one)):
            if gap < at:
                yield Gap(gap, at, cut)
            yield one
            at = gap = one.end
            cut = False
            continue
        cut |= bool(one and one.end > len(file.data) and gap == at)
        at = _next(file, magic, at + 1)
    if gap < file.used:
        yield Gap(gap, file.used, cut)


def candidates(file: File, magic: bytes, sizes: tuple[int, int], behind: int) -> Iterator[Record]:
    """Yield all that may be records with ``behind`` bytes behind each; they may overlap, a sum tells which are."""
    at = 0
    while at < file.used:
        one = _record(file.data, at, magic, sizes)
        if one and one.end + behind <= len(file.data):
            yield one
            if _is_followed(file, one.end + behind, magic):
                at = one.end + behind
                continue
        at = _next(file, magic, at + 1)


def _record(data: bytearray, at: int, magic: bytes, sizes: tuple[int, int]) -> Record | None:
    """Return the record whose magic stands here, which may reach beyond the file."""
    size = int.from_bytes(data[at + 4 : at + HEAD_BYTES], "little")
    if data[at : at + 4] != magic or not sizes[0] <= size <= sizes[1]:
        return None
    return Record(at + HEAD_BYTES, at + HEAD_BYTES + size)


def _is_followed(file: File, end: int, magic: bytes) -> bool:
    return end == file.used or file.data[end : end + 4] == magic


def _next(file: File, magic: bytes, at: int) -> int:
    found = file.data.find(magic, at, file.used)
    return file.used if found < 0 else found
