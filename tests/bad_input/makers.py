"""Bytes that are not what they should be, each made by a few lines: benign, drawn from seeds."""

import functools
import io
import random
import struct
import tarfile
import zipfile
import zlib

import av
import numpy as np
import py7zr
from PIL import Image

from kernel.conftest import draw


@functools.cache
def jpeg(seed: int = 1) -> bytes:
    """Return a whole JPEG."""
    return still("JPEG", seed)


@functools.cache
def still(form: str, seed: int = 1, **options: object) -> bytes:
    """Return a whole picture."""
    out = io.BytesIO()
    draw(seed).save(out, form, **options)
    return out.getvalue()


@functools.cache
def clip(form: str = "mp4", codec: str = "mpeg4", frames: int = 10, seed: int = 3) -> bytes:
    """Return a whole short film."""
    out = io.BytesIO()
    with av.open(out, "w", format=form) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 160, "yuv420p"
        stream.codec_context.thread_count = 1
        stream.codec_context.gop_size = 5
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(np.roll(np.asarray(draw(seed)), number * 3, 1), format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def nested(depth: int, inner: bytes, name: str) -> bytes:
    """Return zips inside zips."""
    raw = zipped((name, inner))
    for level in range(depth - 1, 0, -1):
        raw = zipped((f"{level}.zip", raw), method=zipfile.ZIP_STORED)
    return raw


def sevenzipped(*members: tuple[str, bytes], password: str | None = None) -> bytes:
    """Return a 7z of these members."""
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password) as archive:
        for name, data in members:
            archive.writestr(data, name)
    return out.getvalue()


def tarred(*members: tarfile.TarInfo | tuple[str, bytes]) -> bytes:
    """Return a tar of these members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for one in members:
            if isinstance(one, tarfile.TarInfo):
                archive.addfile(one)
            else:
                info = tarfile.TarInfo(one[0])
                info.size = len(one[1])
                archive.addfile(info, io.BytesIO(one[1]))
    return out.getvalue()


def odd(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """Return a member of a tar that is no file."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG (PNG, section 5.3)."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few hundred bytes that claims to be huge."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def gif_bomb() -> bytes:
    """Return the largest GIF that a header can claim, over a picture of two bytes."""
    head = b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0)
    return head + struct.pack("<BHHHHB", 0x2C, 0, 0, 65535, 65535, 0) + b"\x08\x02AB\0;"


def webp_bomb() -> bytes:
    """Return a lossless WebP whose header claims 16383 x 16383 (RFC 9649, 3.4)."""
    body = b"VP8L" + struct.pack("<I", 9) + b"\x2f" + (16382 | 16382 << 14).to_bytes(4, "little") + bytes(5)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def long_gif(frames: int) -> bytes:
    """Return an animation of very many small frames."""
    pictures = [Image.new("P", (16, 16), number % 7) for number in range(frames)]
    for number, picture in enumerate(pictures):
        picture.putpixel((number % 16, number // 16 % 16), 200)
    out = io.BytesIO()
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:], duration=20)
    return out.getvalue()


def endless_mp4() -> bytes:
    """Return a film whose tables claim a thousand million frames (ISO 14496-12, stts and stsz)."""
    raw = bytearray(clip())
    for table, place in ((b"stts", 8), (b"stsz", 8), (b"mdhd", 16), (b"mvhd", 16)):
        struct.pack_into(">I", raw, raw.index(table) + place, 10**9)
    return bytes(raw)


def overlapping_zip(count: int = 2000) -> bytes:
    """Return a zip whose directory names one member many times: the quoted-overlap bomb (Fifield 2019)."""
    raw = zipped(("a", bytes(1 << 20)))
    at = raw.index(b"PK\1\2")
    end = raw.rindex(b"PK\5\6")
    entry = raw[at:end]
    many = b"".join(entry[:-1] + bytes([97 + n % 26]) for n in range(count))
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(many), at, 0)
    return raw[:at] + many + tail


def layered_bomb(levels: int = 5, fan: int = 16) -> bytes:
    """Return the scheme of 42.zip: sixteen in each of sixteen, a MiB of zeros at the bottom."""
    raw = bytes(1 << 20)
    for _ in range(levels):
        raw = zipped(*((f"{number}.zip", raw) for number in range(fan)))
    return raw


def scrambled(raw: bytes, seed: int, count: int, start: int = 0) -> bytes:
    """Return the bytes with some of them changed."""
    rng, out = random.Random(seed), bytearray(raw)
    for _ in range(count):
        out[rng.randrange(start, len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


HTML = b"<!DOCTYPE html>\n<html><body>404 not found</body></html>\n"
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/passwd\n#EXTINF:5,\nhttp://127.0.0.1:9/a.ts\n"
CONCAT = b"ffconcat version 1.0\nfile '/etc/passwd'\nduration 5\n"
SVG = (
    b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>'
)
TEXT = b"plain text, told apart by nothing\n"
