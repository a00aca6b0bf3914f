"""Structures that loop, lie or go on for ever beside a sound picture: the picture is read, and at what cost."""

import io
import struct
import time
import zlib

import pytest
from PIL import Image

from vigie.cell.job import Refused
from vigie.cell.media import jpeg, png

LOOP = (  # directory 8 says that its EXIF, its GPS and its next directory are directory 8
    b"II*\0\x08\0\0\0"
    + struct.pack("<H", 2)
    + struct.pack("<HHII", 0x8769, 4, 1, 8)
    + struct.pack("<HHII", 0x8825, 4, 1, 8)
    + struct.pack("<I", 8)
)
GARBAGE = bytes(range(256)) * 200


def chunk(kind, body=b""):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def beside(data, *chunks):
    """A PNG with chunks behind its header."""
    return data[:33] + b"".join(chunks) + data[33:]


def quick(ask, data, content_type, most_s=2.0):
    began = time.process_time()
    answer = ask(data, content_type)
    assert time.process_time() - began < most_s
    return answer


@pytest.mark.parametrize(
    ("format_", "content_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("HEIF", "image/heic"),
        ("AVIF", "image/avif"),
    ],
)
def test_exif_that_bites_its_tail_and_a_profile_of_garbage(ask, still, format_, content_type):
    plain = ask(still(format_, size=(80, 60)), content_type)
    odd = still(format_, size=(80, 60), exif=b"Exif\0\0" + LOOP, icc_profile=GARBAGE)
    assert quick(ask, odd, content_type).prints == plain.prints


def chained(data, count):
    """A TIFF with ``count`` empty directories behind its first."""
    out = bytearray(data + b"\0" * (len(data) % 2))
    first = struct.unpack_from("<I", out, 4)[0]
    entries = struct.unpack_from("<H", out, first)[0]
    start = len(out)
    struct.pack_into("<I", out, first + 2 + 12 * entries, start)
    for number in range(1, count + 1):
        out += struct.pack("<HI", 0, start + 6 * number if number < count else 0)
    return bytes(out)


def test_a_tiff_of_many_directories(ask, still):
    data = still("TIFF", size=(80, 60))
    assert quick(ask, chained(data, 9), "image/tiff").facts.frames == 10
    many = quick(ask, chained(data, 200_000), "image/tiff")
    assert many.facts.frames == 65_536
    assert many.prints == ask(data, "image/tiff").prints


def test_comments_without_end_do_not_hide_a_png(ask, still):
    data = still("PNG", size=(80, 60))
    found = quick(ask, beside(data, *[chunk(b"tEXt", b"a\0b")] * 100_000), "image/png")
    assert found.prints == ask(data, "image/png").prints


def test_an_animation_out_of_order_keeps_its_first_picture(ask, still):
    data = still("PNG", size=(80, 60))
    broken = beside(data, chunk(b"acTL", struct.pack(">II", 9, 0)), chunk(b"fdAT", b"\0\0\0\7junk"))
    answer = ask(broken, "image/png")
    assert answer.prints == ask(data, "image/png").prints
    assert answer.facts.frames == 10


@pytest.mark.parametrize("default", [True, False])
def test_frames_of_an_animated_png_as_pillow_counts_them(default):
    pictures = [Image.new("RGB", (8, 6), (n, 0, 0)) for n in range(5)]
    held = io.BytesIO()
    pictures[0].save(held, "PNG", save_all=True, append_images=pictures[1:], default_image=default)
    with Image.open(held) as image:
        assert png.parts(held.getvalue()).frames == image.n_frames


def test_a_png_of_apples_is_named(ask, still):
    with pytest.raises(Refused, match="unsupported"):
        ask(beside(still("PNG"), chunk(b"CgBI", bytes(4))), "image/png")


@pytest.mark.parametrize("marker", sorted(jpeg.LOSSLESS_OR_LAYERED))
def test_processes_that_would_give_wrong_colours_are_named(ask, still, marker):
    data = still("JPEG", size=(80, 60))
    at = data.index(b"\xff\xc0") + 1
    with pytest.raises(Refused) as refused:
        ask(data[:at] + bytes([marker]) + data[at + 1 :], "image/jpeg")
    assert refused.value.code in {"unsupported", "decode_error"}


@pytest.mark.parametrize("between", [b"", b"\xff" * 100_000, b"\xff\xfe\0\x04ab" * 1000, b"\xff\xd0\xff\x01"])
def test_the_process_is_found_behind_whatever_comes_first(still, between):
    data = still("JPEG", size=(80, 60))
    assert jpeg.process(data[:2] + between + data[2:]) == 0xC0
    assert jpeg.process(data[:2] + between) == 0


@pytest.mark.parametrize("data", [b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff\xda\0\0", b"\xff\xd8" + b"\xff\0" * 99])
def test_no_process_where_there_is_none(data):
    assert jpeg.process(data) == 0
