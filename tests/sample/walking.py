"""Every file of a sample's evidence, found by readers that are not vigie's: zipfile, tarfile, py7zr, pytsk3."""

import gzip
import io
import os
import struct
import tarfile
import zipfile

import py7zr
import pytsk3

from vigie.rows.locator import join

START_BYTES = 2048 * 512


def loose(evidence):
    """Yield (steps, path) of what lies in the evidence as itself; links too."""
    for item in sorted(evidence.iterdir()):
        if item.is_file():
            yield (os.fsencode(item.name),), item
            continue
        for path in sorted(item.rglob("*")):
            if path.is_symlink() or path.is_file():
                yield (os.fsencode(item.name), os.fsencode(path.relative_to(item))), path


def files(evidence):
    """Yield (locator, bytes or None) of every file at any depth; None for what has no content that can be read."""
    for steps, path in loose(evidence):
        if path.is_symlink():
            yield join(*steps), None
        else:
            yield from _content(steps, path.read_bytes())


def _content(steps, data):
    yield join(*steps), data
    name = steps[-1]
    if name.endswith(b".zip"):
        yield from _zip(steps, data)
    elif name.endswith(b".tar.gz"):
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                yield from _content((*steps, member.name.encode()), archive.extractfile(member).read())
    elif name.endswith(b".gz"):
        yield join(*steps, name.rpartition(b"/")[2].removesuffix(b".gz")), gzip.decompress(data)
    elif name.endswith(b".7z"):
        factory = py7zr.io.BytesIOFactory(1 << 28)
        with py7zr.SevenZipFile(io.BytesIO(data)) as archive:
            archive.extractall(factory=factory)
        for member, content in factory.products.items():
            content.seek(0)
            yield from _content((*steps, member.encode()), content.read())
    elif name.endswith(b".img"):
        for path, content, _ in disk(data):
            yield from _content((*steps, b"p1", path), content)


def _zip(steps, data):
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile:  # cut off before its directory: what is left of the first, stored member
        name_bytes, extra_bytes = struct.unpack_from("<26xHH", data)
        at = 30 + name_bytes + extra_bytes
        yield from _content((*steps, data[30 : 30 + name_bytes]), data[at:])
        return
    with archive:
        for info in archive.infolist():
            inner = (*steps, info.filename.encode())
            if info.flag_bits & 1:
                yield join(*inner), None
                continue
            try:
                content = archive.read(info)
            except zipfile.BadZipFile:  # a wrong checksum: the stored bytes follow the local header
                at = info.header_offset + 30 + len(info.filename)
                content = data[at : at + info.file_size]
            yield from _content(inner, content)


def disk(data):
    """Yield (path, bytes, is it allocated) of the files in the first partition of a disk image, by The Sleuth Kit."""

    class Image(pytsk3.Img_Info):
        def __init__(self):
            super().__init__(url="", type=pytsk3.TSK_IMG_TYPE_EXTERNAL)

        def read(self, offset, size):
            return data[offset : offset + size]

        def get_size(self):
            return len(data)

    def walk(folder, above):
        for entry in folder:
            name, meta = entry.info.name.name, entry.info.meta
            if name in {b".", b".."} or name.startswith(b"$") or meta is None or b"Volume Label" in name:
                continue
            if meta.type == pytsk3.TSK_FS_META_TYPE_DIR:
                yield from walk(entry.as_directory(), above + name + b"/")
            else:
                content = entry.read_random(0, meta.size) if meta.size else b""
                yield above + name, content, bool(int(meta.flags) & pytsk3.TSK_FS_META_FLAG_ALLOC)

    yield from walk(pytsk3.FS_Info(Image(), offset=START_BYTES).open_dir("/"), b"/")
