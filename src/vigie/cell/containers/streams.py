"""gzip, bzip2, xz, LZ4, Zstandard: one compressed content, or a tar in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vigie.cell import sniff
from vigie.cell.containers import tars, unpack
from vigie.cell.containers.entry import Broken, Entry, Fault, Found, Source, Times, in_archive, micros

_CODERS: dict[str, tuple[Callable[[], unpack.Coder], tuple[bytes, ...]]] = {
    "application/gzip": (unpack.gzip, (b"\x1f",)),
    "application/x-bzip2": (unpack.bzip2, (b"B",)),
    "application/x-xz": (unpack.xz, (b"\xfd",)),
    "application/x-lz4": (unpack.lz4_frame, (b"\x04", *(bytes([0x50 + i]) for i in range(16)))),
    "application/zstd": (unpack.zstd, (b"\x28", *(bytes([0x50 + i]) for i in range(16)))),  # a frame or a skippable one
}
"""How a stream is unpacked, and the byte it begins with: a piece may end after one."""
_SUFFIXES = (b".gz", b".bz2", b".xz", b".zst", b".gzip", b".bz", b".zstd", b".lz4")


def read(source: Source) -> Iterator[Found]:
    """Yield the one content, or, where it is a tar, the tar's members."""
    new, magic = _CODERS[source.content_type]
    stream = unpack.Stream(new, unpack.pieces(source.files[0]), magic)
    chunks = stream.chunks()
    first, fault = b"", None
    try:
        while len(first) < 512 and (more := next(chunks, b"")):
            first += more
    except Broken as error:
        fault = error
    if fault is None and sniff.is_tar(first):
        yield from tars.read_stream(_again(first, chunks))
        yield from _remark(stream)
        return
    name, times = _header(source)
    entry = Entry(steps=(name,), chunks=lambda: _again(first, chunks, fault), times=times)
    yield from in_archive(name, entry)
    for _ in chunks:  # where nobody asked for the content, its end still tells whether bytes follow
        pass
    yield from _remark(stream)


def _again(first: bytes, chunks: Iterator[bytes], fault: Broken | None = None) -> Iterator[bytes]:
    if first:
        yield first
    if fault is not None:
        raise fault
    yield from chunks


def _remark(stream: unpack.Stream) -> Iterator[Found]:
    if stream.trailing:
        detail = "bytes that belong to no stream follow the last one"
        yield Fault(steps=(), code="damaged", detail=detail, counts=False)


def _header(source: Source) -> tuple[bytes, Times]:
    """Return the name of the content and its time; gzip may say both (RFC 1952 2.3), the others say neither."""
    stem = source.name.rsplit(b"/", 1)[-1]
    suffix = next((suffix for suffix in _SUFFIXES if stem.lower().endswith(suffix)), b"")
    stem = stem[: len(stem) - len(suffix)] or b"content"
    if source.content_type != "application/gzip":
        return stem, Times()
    file = source.files[0]
    file.seek(0)
    head = file.read(70_000)
    times = Times(modified=micros(int.from_bytes(head[4:8], "little")), times_from="gzip")
    if len(head) < 10 or not head[3] & 8:
        return stem, times
    at = 10
    if head[3] & 4:
        at += 2 + int.from_bytes(head[10:12], "little")
    name, ended, _ = head[at : at + 1024].partition(b"\0")
    return (name if name and ended else stem), times
