"""7z, through py7zr's parser and decoders.

Its extraction is not used: it refuses a whole archive for one name with ``..``, numbers names in its own way, and
sizes its buffers by what the machine has free. The folders are unpacked here, in order and a MiB at a time.
"""

from __future__ import annotations

import binascii
import bz2
import lzma
import struct
import typing as t
from collections.abc import Iterator

import py7zr
import py7zr.exceptions
from Cryptodome.Cipher import AES

from vigie.cell.containers.entry import (
    CHUNK,
    Broken,
    Entry,
    Fault,
    Found,
    Source,
    Tally,
    Times,
    bounded,
    broken_by,
    filetime,
    in_archive,
)

# py7zr has ArchiveError for what it foresees. Its header parser takes numbers from the file as they are, so a changed
# byte also shows as struct.error, EOFError, LookupError, TypeError, AttributeError, AssertionError, ValueError,
# OverflowError, ZeroDivisionError, MemoryError or RecursionError; its decoders raise LZMAError, OSError, RuntimeError.
_ERRORS = (
    py7zr.exceptions.ArchiveError,
    struct.error,
    lzma.LZMAError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ValueError,
    OSError,
    ArithmeticError,
    MemoryError,
    RuntimeError,
)


@broken_by(*_ERRORS)
def read(source: Source) -> Iterator[Found]:
    """Yield the members in the archive's order."""
    archive = _open(source)
    folders: dict[int, _Folder] = {}
    met = 0
    for member in archive.files if hasattr(archive, "files") else ():
        met += 1
        name = member.filename.encode("utf-8", "surrogatepass")
        steps = (bounded(name),)
        folder = None
        if not member.emptystream:
            folder = folders.get(id(member.folder))
            if folder is None:
                start = _start(archive, member.folder)
                folder = folders[id(member.folder)] = _Folder(source.files[0], member, start)
            folder.pending.append(member.uncompressed)
        if member.is_directory:
            continue
        if member.is_symlink or member.is_junction:
            yield Fault(steps=steps, code="link", detail="symbolic link")
        elif member.is_socket:
            yield Fault(steps=steps, code="special", detail="a socket")
        else:
            times = Times(
                modified=filetime(_number(member, "lastwritetime")),
                accessed=filetime(_number(member, "lastaccesstime")),
                created=filetime(_number(member, "creationtime")),
                times_from="7z",
            )
            chunks = _nothing if folder is None else folder.reader(member)
            yield from in_archive(name, Entry(steps=steps, chunks=chunks, times=times))
    yield from _tally(archive, met)


def _tally(archive: t.Any, met: int) -> Iterator[Tally]:
    """Two parts of the header must agree: streams in the folders, and files with and without one (7zFormat.txt)."""
    header = archive.header
    if header.main_streams is None or header.files_info is None:
        return
    streams = sum(header.main_streams.substreamsinfo.num_unpackstreams_folders)
    empty = sum(1 for file in header.files_info.files if file.get("emptystream"))
    yield Tally(by="7z streams and empty files", said=streams + empty, met=met)


def _open(source: Source) -> t.Any:
    """Open with each key that the examiner gave; only a folder or a header that is encrypted asks for one."""
    wrong = "needs a key"
    for secret in (None, *source.secrets):
        source.files[0].seek(0)
        password = None if secret is None else secret.decode("utf-8", "surrogateescape")
        try:
            archive = py7zr.SevenZipFile(source.files[0], password=password)
        except py7zr.exceptions.PasswordRequired:
            continue
        except (*_ERRORS,) as error:
            if secret is None:
                raise
            wrong = f"no key given fits the header ({type(error).__name__})"
            continue
        if not archive.password_protected or _fits(archive, source.files[0], secret):
            return archive
    raise Broken("encrypted", wrong)


def _fits(archive: t.Any, file: t.BinaryIO, secret: bytes | None) -> bool:
    """Try the first encrypted member against its CRC: 7z has no other way to tell a wrong key."""
    first = next((member for member in archive.files if not member.emptystream), None)
    if secret is None or first is None:
        return first is None
    try:
        for _ in _Folder(file, first, _start(archive, first.folder)).reader(first)():
            pass
    except Broken:
        return False
    first.folder.decompressor = None
    return True


def _start(archive: t.Any, folder: t.Any) -> int:
    """Return where the packed bytes of a folder begin: each folder has the packed streams of its coders in turn."""
    streams = archive.header.main_streams
    before = 0
    for other in streams.unpackinfo.folders:
        if other is folder:
            break
        before += max(coder.get("numinstreams", 1) for coder in other.coders)
    return int(archive.afterheader) + int(streams.packinfo.packpositions[before])


def _number(member: t.Any, field: str) -> int | None:
    value = member.file_properties().get(field)
    return None if value is None else int(value)


def _nothing() -> Iterator[bytes]:
    return iter(())


class _Folder:
    """One compressed block that holds several members after each other."""

    def __init__(self, file: t.BinaryIO, first: t.Any, start: int) -> None:
        self._file = file
        self._first = first
        self._at = start
        self._coder: t.Any = None
        self._broken: Broken | None = None
        self.pending: list[int] = []
        """Sizes of the members announced and not read: unpacked and dropped when a later one is asked for."""

    def reader(self, member: t.Any) -> t.Any:
        """Return the function that gives the bytes of the member announced last."""

        def chunks() -> Iterator[bytes]:
            if self._broken is not None:
                raise Broken(self._broken.code, f"the block it lies in is broken: {self._broken.detail}")
            crc, left = 0, int(member.uncompressed)
            before, self.pending = self.pending[:-1], []
            try:
                for size in before:
                    for _ in self._unpack(size):
                        pass
                for chunk in self._unpack(left):
                    crc, left = binascii.crc32(chunk, crc), left - len(chunk)
                    yield chunk
            except Broken as error:
                self._broken = error
                raise
            finally:  # who asks may stop early; the rest then lies before the next member
                self.pending.insert(0, left)
            if member.crc32 is not None and crc != member.crc32:
                raise Broken("bad_checksum", f"CRC-32 {crc:08x}, promised {member.crc32:08x}", whole=True)

        return chunks

    @broken_by(*_ERRORS)
    def _unpack(self, size: int) -> Iterator[bytes]:
        if self._coder is None:
            try:
                self._coder = self._first.folder.get_decompressor(self._first.compressed, reset=True)
            except py7zr.exceptions.UnsupportedCompressionMethodError as error:
                raise Broken("unsupported", f"7z method: {error.message}") from error
            except py7zr.exceptions.PasswordRequired as error:
                raise Broken("encrypted", "needs a key") from error
        idle = 0
        while size > 0:
            self._file.seek(self._at)
            chunk = bytes(self._coder.decompress(self._file, min(size, CHUNK)))
            moved = self._file.tell() - self._at
            self._at += moved
            idle = 0 if chunk or moved else idle + 1
            if idle > 1:
                raise Broken("truncated", f"{size} bytes are missing")
            size -= len(chunk)
            if chunk:
                yield chunk


def warm() -> None:
    """Load what py7zr loads late."""
    bz2.BZ2Decompressor()
    cipher = AES.new(bytes(32), AES.MODE_CBC, bytes(16))  # the mode is a module of its own
    cipher.decrypt(bytes(16))
