"""What lies beside a SQLite file: a write-ahead log that goes on from it, or a journal that takes a change back.

By the formats alone (https://sqlite.org/fileformat2.html, sections 3 and 4), as SQLite itself would do it when the file
is opened next: frames count up to the last commit whose salts and checksums hold; a journal's pages stand again where
they stood. The file itself stays as it is: pages are laid over it in memory, by where they lie.
"""

from __future__ import annotations

import hashlib
import io
import struct
import typing as t

import numpy as np

from vigie.numeric.sqlite_sums import summed

if t.TYPE_CHECKING:
    from collections.abc import Iterator

LOG: t.Final = (0x377F0682, 0x377F0683)
"""Magic numbers of a log: sums over words of the lower, or of the higher byte first."""
JOURNAL: t.Final = bytes.fromhex("d9d505f920a163d7")
MOST_BYTES: t.Final = 1 << 30
_HEAD, _FRAME = 32, 24
_ALL: t.Final = 0xFFFFFFFF


class Beside(t.NamedTuple):
    """What came of a file beside."""

    pages: dict[int, int]
    """Number of a page -> byte of the file beside at which it lies now."""
    whole: int
    """Pages of the database with it; -1: as many as it says itself."""
    loose: list[tuple[int, int]]
    """Pages that do not count - of earlier states, of changes never committed -: their number and where they lie."""
    text: str
    """What was found, for people."""
    merged: bool
    """Does it change anything?"""


class Merged(io.RawIOBase):
    """A database with the pages of a file beside it in their places; read only."""

    def __init__(self, file: t.BinaryIO, beside: t.BinaryIO, found: Beside, size: int) -> None:
        super().__init__()
        self._file, self._beside, self._found, self._size, self._at = file, beside, found, size, 0
        whole = file.seek(0, io.SEEK_END)
        self._end = whole if found.whole < 0 else found.whole * size

    def seekable(self) -> bool:
        """Say that any place can be read."""
        return True

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a byte."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._end}[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, page by page from where each lies."""
        left = max(0, self._end - self._at) if size < 0 else min(size, max(0, self._end - self._at))
        out = []
        while left:
            number, within = divmod(self._at, self._size)
            take = min(left, self._size - within)
            place = self._found.pages.get(number + 1)
            source = self._file if place is None else self._beside
            source.seek((number * self._size if place is None else place) + within)
            part = source.read(take)
            out.append(part + bytes(take - len(part)))
            self._at, left = self._at + take, left - take
        return b"".join(out)

    def elsewhere(self, number: int) -> bool:
        """Tell whether a page is not of the file itself."""
        return number in self._found.pages

    def loose(self) -> Iterator[bytes]:
        """Give the pages that no longer count: of the file itself what was replaced, of the one beside what is old."""
        for number in sorted(self._found.pages):
            self._file.seek((number - 1) * self._size)
            yield self._file.read(self._size)
        for _, place in self._found.loose:
            self._beside.seek(place)
            yield self._beside.read(self._size)


def laid(file: t.BinaryIO, beside: t.BinaryIO, size: int) -> tuple[t.BinaryIO, Beside]:
    """Return a database of pages of ``size`` bytes with what lies beside it, or as it is, and what came of that."""
    whole = beside.seek(0, io.SEEK_END)
    beside.seek(0)
    head = beside.read(_HEAD)
    if whole > MOST_BYTES:
        found = _none(f"it has {whole} bytes, and {MOST_BYTES} at most are read")
    elif int.from_bytes(head[:4]) in LOG and len(head) == _HEAD:
        found = _log(beside, head, size, whole)
    elif head.startswith(JOURNAL):
        found = _journal(beside, size, whole)
    else:
        found = _none("it is neither a log nor a journal of SQLite, or was ended")
    if not found.merged and not found.loose:
        return file, found
    return t.cast("t.BinaryIO", Merged(file, beside, found, size)), found


def digest(beside: t.BinaryIO) -> str:
    """Return SHA-256 of a file, in hexadecimal."""
    beside.seek(0)
    held = hashlib.sha256()
    while part := beside.read(1 << 20):
        held.update(part)
    return held.hexdigest()


def _none(text: str) -> Beside:
    return Beside({}, -1, [], text, merged=False)


def _log(beside: t.BinaryIO, head: bytes, size: int, whole: int) -> Beside:
    """Read a log (section 4): each frame's sum goes on from the one before."""
    magic, _, pages_of, _, *salts = struct.unpack(">6I", head[:24])
    order: t.Literal["<u4", ">u4"] = ">u4" if magic & 1 else "<u4"
    sums = summed(np.frombuffer(head[:24], order).astype(np.uint32), 0, 0)
    if pages_of != size:
        return _none(f"its pages have {pages_of} bytes, the file's {size}")
    if sums != struct.unpack(">2I", head[24:]):
        return _none("the sum over its head does not hold")
    pages, waiting, loose = dict[int, int](), dict[int, int](), list[tuple[int, int]]()
    count, commits, good, total = -1, 0, True, (whole - _HEAD) // (_FRAME + size)
    for frame in range(total):
        at = _HEAD + frame * (_FRAME + size)
        beside.seek(at)
        held = beside.read(_FRAME + size)
        number, after, *said = struct.unpack(">6I", held[:_FRAME])
        if good:
            sums = summed(np.frombuffer(held[:8], order).astype(np.uint32), *sums)
            sums = summed(np.frombuffer(held[_FRAME:], order).astype(np.uint32), *sums)
            good = said == [*salts, *sums] and number > 0
        if not good:
            loose.append((number, at + _FRAME))  # of a log before this one, whose place was taken from the start
            continue
        if number in waiting:
            loose.append((number, waiting[number]))
        waiting[number] = at + _FRAME
        if after:
            loose += [(one, pages[one]) for one in waiting if one in pages]
            pages |= waiting
            waiting, count, commits = {}, after, commits + 1
    loose += list(waiting.items())
    pages = {number: place for number, place in pages.items() if number <= count}
    text = f"a log of {total} frames, {commits} changes committed"
    text += f", {len(waiting)} frames of one that never was" if waiting else ""
    return Beside(pages, count, loose, text, merged=commits > 0)


def _journal(beside: t.BinaryIO, size: int, whole: int) -> Beside:
    """Read a journal (section 3): the pages as they were before a change that was not finished."""
    pages, before, at, last = dict[int, int](), -1, 0, False
    while not last and at + 28 <= whole:
        beside.seek(at)
        head = beside.read(28)
        many, nonce, said, sector, pages_of = struct.unpack(">5I", head[8:])
        if not head.startswith(JOURNAL) or not 512 <= sector <= 1 << 16 or pages_of != size:
            break
        before = said if before < 0 else before
        at, last = at + sector, many == _ALL
        for _ in range((whole - at) // (size + 8) if last else many):
            beside.seek(at)
            held = beside.read(size + 8)
            if len(held) < size + 8 or int.from_bytes(held[-4:]) != _sum(held[4:-4], nonce):
                last = True
                break
            pages.setdefault(int.from_bytes(held[:4]), at + 4)
            at += size + 8
        at += -at % sector
    pages = {number: place for number, place in pages.items() if 0 < number <= before}
    if not pages:
        return _none("a journal with nothing to take back")
    return Beside(pages, before, [], f"a journal: {len(pages)} pages stand again as before a change", merged=True)


def _sum(page: bytes, nonce: int) -> int:
    return (nonce + sum(page[at] for at in range(len(page) - 200, 0, -200))) & _ALL
