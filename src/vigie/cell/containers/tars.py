"""tar: v7, ustar, GNU and pax, read as a stream, nothing unpacked.

The standard library parses the headers. It ends in silence at a header it cannot read, takes a name header of any
size into memory and goes back where a size is negative (CVE-2025-8194); ``_Header`` closes the three.
"""

from __future__ import annotations

import tarfile
import typing as t
from collections.abc import Iterator

from vigie.cell.containers import unpack
from vigie.cell.containers.entry import (
    CHUNK,
    Broken,
    Entry,
    Fault,
    Found,
    Source,
    Times,
    bounded,
    broken_by,
    in_archive,
    micros,
)

MOST_HEADER_BYTES = 1 << 20
"""A pax or GNU name header; Linux paths end at 4096 bytes."""
MOST_DRAINED_BYTES = 64 << 20
"""How far bytes after the end of the archive are looked at."""
_LONG = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
_PAX_TIMES = {"atime": "accessed", "ctime": "changed", "LIBARCHIVE.creationtime": "created"}

# tarfile has TarError for what it knows; its number and text parsing let ValueError, OverflowError, KeyError,
# IndexError and UnicodeError through, a chain of name headers RecursionError, and a huge sparse map MemoryError.
_ERRORS = (
    tarfile.TarError,
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    LookupError,
    TypeError,
    RecursionError,
    MemoryError,
)


class _Header(tarfile.TarInfo):
    """A member whose header is bounded, in an archive that remembers why it ended."""

    @classmethod
    def fromtarfile(cls, tarfile: t.Any) -> t.Any:
        try:
            return super().fromtarfile(tarfile)
        except Exception as error:
            tarfile.ended_by = error
            raise

    def _proc_member(self, archive: t.Any) -> t.Any:
        if self.size < 0 or (self.type in _LONG and self.size > MOST_HEADER_BYTES):
            raise tarfile.ReadError(f"a header of {self.size} bytes")
        return super()._proc_member(archive)  # type: ignore[misc]  # private to tarfile; the only place sizes pass


class _Readable:
    """The chunks of a stream as something with ``read``."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = memoryview(b"")

    def read(self, size: int) -> bytes:
        """Return ``size`` bytes, fewer at the end."""
        out = bytearray()
        while len(out) < size:
            if not self._left:
                self._left = memoryview(next(self._chunks, b""))
                if not self._left:
                    break
            some = self._left[: size - len(out)]
            self._left = self._left[len(some) :]
            out += some
        return bytes(out)


def read(source: Source) -> Iterator[Found]:
    """Yield the members of a plain tar."""
    yield from read_stream(unpack.pieces(source.files[0]))


@broken_by(*_ERRORS)
def read_stream(chunks: Iterator[bytes]) -> Iterator[Found]:
    """Yield the members of a tar that comes as a stream."""
    stream = _Readable(chunks)
    archive = tarfile.open(  # noqa: SIM115 - it holds nothing that needs closing
        fileobj=t.cast("t.IO[bytes]", stream), mode="r|", tarinfo=_Header, encoding="utf-8", errors="surrogateescape",
        bufsize=tarfile.RECORDSIZE,
    )  # fmt: skip
    while (member := archive.next()) is not None:
        archive.members = []  # type: ignore[attr-defined]  # it would keep every header it ever saw
        yield from _member(archive, member)
    why = getattr(archive, "ended_by", None)
    if not isinstance(why, tarfile.EOFHeaderError):  # type: ignore[attr-defined]  # private to tarfile
        cut = isinstance(why, tarfile.TruncatedHeaderError | tarfile.EmptyHeaderError)  # type: ignore[attr-defined]
        raise Broken("truncated" if cut else "damaged", f"no end-of-archive mark; the last header: {why}")
    drained = 0
    while (more := archive.fileobj.read(CHUNK)) and drained < MOST_DRAINED_BYTES:
        drained += len(more)
        if more.strip(b"\0"):
            detail = "bytes follow the end-of-archive mark; they were not read"
            yield Fault(steps=(), code="damaged", detail=detail, counts=False)
            return


def _member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[Found]:
    name = member.name.encode("utf-8", "surrogateescape")
    steps = (bounded(name),)
    if member.isdir():
        return
    if member.issym() or member.islnk():
        kind = "symbolic" if member.issym() else "hard"
        yield Fault(steps=steps, code="link", detail=f"{kind} link to {member.linkname!r}")
    elif member.isdev():
        yield Fault(steps=steps, code="special", detail="a device or pipe")
    else:
        entry = Entry(steps=steps, chunks=lambda: _content(archive, member), times=_times(member))
        yield from in_archive(name, entry)


@broken_by(*_ERRORS)
def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    # tarfile's own reader throws away what it has where a member is cut; only sparse ones need it to fill the holes
    if member.issparse():
        sparse = archive.extractfile(member)
        if sparse is None:
            raise Broken("damaged", f"a sparse member of unknown type {member.type!r}")
        file: t.Any = sparse
    else:
        file = archive.fileobj
        file.seek(member.offset_data)
    left = member.size
    while left > 0:
        chunk = file.read(min(CHUNK, left))
        if not chunk:
            raise Broken("truncated", f"{left} of {member.size} bytes are missing")
        left -= len(chunk)
        yield chunk


def _times(member: tarfile.TarInfo) -> Times:
    """Return the times; all are UTC. ``mtime`` is in each header, the others only where pax records give them."""
    more: dict[str, int | None] = {}
    for record, field in _PAX_TIMES.items():
        text = member.pax_headers.get(record, "")
        try:
            more[field] = micros(float(text)) if text else None
        except (ValueError, OverflowError):
            more[field] = None  # "nan", "1e999", letters: the record says no time
    seconds = float(member.mtime)
    return Times(modified=micros(seconds) if abs(seconds) < 1e12 else None, times_from="tar", **more)
