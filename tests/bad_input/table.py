"""What is put before vigie, and what must come of it. A new kind of bad input is one more line here."""

import gzip
import random
import tarfile
from collections.abc import Callable
from typing import NamedTuple

from bad_input.makers import (
    CONCAT,
    HTML,
    PLAYLIST,
    SVG,
    TEXT,
    clip,
    endless_mp4,
    gif_bomb,
    jpeg,
    layered_bomb,
    long_gif,
    nested,
    odd,
    overlapping_zip,
    png_bomb,
    scrambled,
    sevenzipped,
    still,
    tarred,
    webp_bomb,
    zipped,
)
from vigie.sample.zipcrypto import encrypted_zip


class Bad(NamedTuple):
    """One file of the seizure."""

    name: str
    make: Callable[[], bytes]
    problems: set[str]
    """``stage:code`` of every Problem on it or on what lies in it; all of these and no others."""
    inside: frozenset[str] | set[str] | None = frozenset()
    """Names of what is listed inside; None: not compared."""
    kind: str | None = None
    """Kind it is told to be; None: not compared."""


DECODED = ("prints:truncated", "prints:decode_error")
PICTURES = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")
FILMS = (("mp4", "mpeg4"), ("matroska", "mpeg4"), ("mpegts", "mpeg2video"), ("avi", "mpeg4"))


def cut(raw: bytes, percent: int) -> bytes:
    """Return the first part of the bytes, and four of them at least."""
    return raw[: max(4, len(raw) * percent // 100)]


def _three(first: int) -> tuple[tuple[str, bytes], ...]:
    return tuple((f"{name}.jpg", jpeg(first + n)) for n, name in enumerate("abc"))


BAD = (
    # nothing, next to nothing, and names that lie
    Bad("empty.jpg", lambda: b"", {"files:empty"}, kind="other"),
    Bad("empty.zip", lambda: b"PK\5\6" + bytes(18), set(), kind="container"),
    Bad("one-byte.jpg", lambda: b"\xff", {"files:unrecognised"}, kind="other"),
    Bad("noise.jpg", lambda: random.Random(5).randbytes(5000), {"files:unrecognised"}, kind="other"),
    Bad("picture.txt", lambda: jpeg(11), set(), kind="image"),
    Bad("html.jpg", lambda: HTML, set(), kind="other"),
    Bad("script.png", lambda: b"#!/bin/sh\nrm -rf /\n", set(), kind="other"),
    Bad("archive.jpg", lambda: zipped(("in.jpg", jpeg(15))), set(), {"in.jpg"}, "container"),
    # names that look like the second part of something
    Bad("upload.002", lambda: zipped(("in.jpg", jpeg(33))), set(), {"in.jpg"}, "container"),
    Bad("dump.sql", lambda: zipped(("in.jpg", jpeg(34))), set(), {"in.jpg"}, "container"),
    # two formats at once
    Bad("tail.jpg", lambda: jpeg(12) + zipped(("hidden.jpg", jpeg(13))), {"prints:appended"}, kind="image"),
    Bad("tail.gif", lambda: still("GIF", 14) + zipped(("x.txt", TEXT)), {"prints:appended"}, kind="image"),
    # pictures and films that claim more than there is
    Bad("bomb.png", lambda: png_bomb(100_000, 100_000), {"prints:too_large"}, kind="image"),
    Bad("largest.png", lambda: png_bomb(2**31 - 1, 2**31 - 1), {"prints:too_large"}, kind="image"),
    Bad("bomb.gif", gif_bomb, {"prints:too_large"}, kind="image"),
    Bad("bomb.webp", webp_bomb, {"prints:too_large"}, kind="image"),
    Bad("endless.mp4", endless_mp4, {"prints:memory_limit"}, kind="video"),
    Bad("repeated.ts", lambda: clip("mpegts", "mpeg2video") * 300, set(), kind="video"),
    Bad("long.gif", lambda: long_gif(10_000), set(), kind="image"),
    # texts that make a careless reader open other files
    Bad("playlist.mp4", lambda: PLAYLIST, set(), kind="other"),
    Bad("playlist.jpg", lambda: PLAYLIST, set(), kind="other"),
    Bad("concat.mp4", lambda: CONCAT, set(), kind="other"),
    Bad("entity.svg", lambda: SVG, {"files:unsupported"}, kind="container"),
    # changed bytes
    Bad("scrambled.mp4", lambda: scrambled(clip("mp4", "mpeg4", 20, 5), 3, 60, 200), {"prints:no_frames"}),
    Bad(
        "scrambled.zip",
        lambda: scrambled(zipped(("a.jpg", jpeg(31)), ("b.jpg", jpeg(32))), 2, 5),
        {"files:truncated", "files:bad_checksum", "prints:decode_error"},
        {"a.jpg", "b.jpg"},
    ),
    # archives that unfold to more than they are
    Bad("layers.zip", layered_bomb, {"files:bomb", "files:unrecognised"}, None),
    Bad("overlap.zip", overlapping_zip, {"files:bomb", "files:damaged", "files:duplicate_name"}, None),
    Bad("zeros.gz", lambda: gzip.compress(gzip.compress(bytes(400 << 20), 1), 9), {"files:bomb"}, {"zeros"}),
    Bad("deep.zip", lambda: nested(12, jpeg(23), "bottom.jpg"), {"files:too_deep"}, None),
    # archives with names and members that no archive should have
    Bad(
        "traversal.zip",
        lambda: zipped(
            ("../../etc/cron.d/x", TEXT), ("/abs.jpg", jpeg(16)), ("ok.jpg", jpeg(17)), ("a/../../b.jpg", jpeg(18))
        ),
        {"files:traversal"},
        {"../../etc/cron.d/x", "/abs.jpg", "ok.jpg", "a/../../b.jpg"},
    ),
    Bad(
        "odd.tar",
        lambda: tarred(
            ("a.jpg", jpeg(19)),
            odd("sym", tarfile.SYMTYPE, "/etc/passwd"),
            odd("hard", tarfile.LNKTYPE, "a.jpg"),
            odd("character", tarfile.CHRTYPE),
            odd("block", tarfile.BLKTYPE),
            odd("fifo", tarfile.FIFOTYPE),
            ("z.jpg", jpeg(20)),
        ),
        {"files:link", "files:special"},
        {"a.jpg", "z.jpg"},
    ),
    Bad(
        "same.zip",
        lambda: zipped(("x.jpg", jpeg(24)), ("x.jpg", jpeg(25))),
        {"files:duplicate_name"},
        {"x.jpg", "x.jpg#2"},
    ),
    # archives that are locked
    Bad(
        "locked.zip",
        lambda: encrypted_zip(b"in.jpg", jpeg(21), password=b"okari", salt=bytes(12)),
        {"files:encrypted"},
    ),
    Bad("locked.7z", lambda: sevenzipped(("in.jpg", jpeg(22)), password="okari"), {"files:encrypted"}),
    # archives that end too early or too late
    Bad("cut.zip", lambda: cut(zipped(*_three(26)), 60), {"files:truncated", "prints:truncated"}, None),
    Bad(
        "cut.tar", lambda: cut(tarred(*_three(26)), 50), {"files:damaged", "files:truncated", "prints:truncated"}, None
    ),
    Bad("cut.7z", lambda: cut(sevenzipped(*_three(26)), 50), {"files:damaged"}),
    Bad("cut.gz", lambda: cut(gzip.compress(random.Random(1).randbytes(50_000)), 40), {"files:truncated"}, {"cut"}),
    Bad("tail.gz", lambda: gzip.compress(jpeg(29), mtime=0) + b"trailing garbage", {"files:damaged"}, {"tail"}),
)
CUT = tuple(
    (f"cut/{form}-{percent}", lambda form=form, percent=percent: cut(still(form), percent))
    for form in PICTURES
    for percent in (1, 10, 50, 90, 99)
) + tuple(
    (f"cut/{form}-{percent}", lambda form=form, codec=codec, percent=percent: cut(clip(form, codec), percent))
    for form, codec in FILMS
    for percent in (2, 50, 95)
)
"""Media that end too early, anywhere."""
