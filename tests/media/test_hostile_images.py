"""Broken and hostile stills: Facts and one Print, or one Refused; never anything else, in bounded time and memory."""

import io
import struct
import time
import tracemalloc
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from vigie.cell.job import Refused
from vigie.cell.media import images
from vigie.rows.codes import CODES

KINDS = [
    ("JPEG", "image/jpeg"),
    ("PNG", "image/png"),
    ("GIF", "image/gif"),
    ("WEBP", "image/webp"),
    ("BMP", "image/bmp"),
    ("TIFF", "image/tiff"),
    ("HEIF", "image/heic"),
    ("AVIF", "image/avif"),
]
AT_MOST_S = 5.0


def verdict(ask, data, content_type, **more):
    """The code of the refusal, ``""`` where it could be read; anything else that is raised fails the test."""
    began = time.process_time()
    try:
        answer = ask(data, content_type, **more)
    except Refused as refused:
        return _known(refused.code)
    finally:
        assert time.process_time() - began < AT_MOST_S
    assert len(answer.prints) == 1
    return ""


def _known(code):
    assert code in CODES
    return code


@pytest.mark.parametrize(("format_", "content_type"), KINDS)
def test_cut_at_many_points(ask, still, format_, content_type):
    data = still(format_, size=(80, 60))
    for end in sorted({*range(0, min(len(data), 200), 9), *range(0, len(data) - 16, max(len(data) // 40, 1))}):
        code = verdict(ask, data[:end], content_type)
        assert code, f"{format_} of {end} of {len(data)} bytes was read"
        assert code in ({"empty"} if end == 0 else {"truncated", "decode_error"})
    assert verdict(ask, data[: len(data) * 3 // 4], content_type) in {"truncated", "decode_error"}


@pytest.mark.parametrize(
    ("format_", "content_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("BMP", "image/bmp")]
)
def test_a_cut_picture_is_called_truncated(ask, still, format_, content_type):
    data = still(format_, size=(80, 60))
    assert verdict(ask, data[: len(data) * 3 // 4], content_type) == "truncated"


@pytest.mark.parametrize(("format_", "content_type"), KINDS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 7)), min_size=1, max_size=6))
def test_flipped_bits(ask, still, format_, content_type, flips):
    data = bytearray(still(format_, size=(40, 30)))
    for place, bit in flips:
        # squared: headers are small and matter most
        data[int(place * place * (len(data) - 1))] ^= 1 << bit
    verdict(ask, bytes(data), content_type, most_pixels=1_000_000)


@pytest.mark.parametrize(("format_", "content_type"), KINDS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tail=st.binary(max_size=200), keep=st.integers(0, 64))
def test_garbage_behind_a_true_head(ask, still, format_, content_type, tail, keep):
    verdict(ask, still(format_, size=(40, 30))[:keep] + tail, content_type, most_pixels=1_000_000)


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, depth=8, colour=2):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def tiff(width, height):
    tags = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, height),
        (279, 4, 8),
    ]
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + body + bytes(4)


BITMAP = struct.Struct("<IIIIiiHHIIIIII")
GIF = b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0) + struct.pack("<BHHHHB", 0x2C, 0, 0, 65535, 65535, 0)
BOMBS = [
    (png(100_000, 100_000), "image/png"),
    (png(100_000, 100_000, 1, 0), "image/png"),
    (png(2**31 - 1, 2**31 - 1), "image/png"),
    (png(11_000, 10_000), "image/png"),
    (GIF + b"\x08\x02AB\0;", "image/gif"),
    (b"BM" + BITMAP.pack(54, 0, 54, 40, 100_000, 100_000, 1, 24, *[0] * 6), "image/bmp"),
    (b"BM" + BITMAP.pack(54, 0, 54, 40, 2**31 - 1, -(2**31), 1, 24, *[0] * 6), "image/bmp"),
    (tiff(100_000, 100_000), "image/tiff"),
    (tiff(2**32 - 1, 2**32 - 1), "image/tiff"),
    (b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff" * 6, "image/webp"),
    (b"RIFF\x16\0\0\0WEBPVP8L\x0a\0\0\0\x2f\xff\xff\xff\x0f" + bytes(5), "image/webp"),
]


@pytest.mark.parametrize(("data", "content_type"), BOMBS)
def test_pixel_bombs_cost_nothing(ask, data, content_type):
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(Refused) as refused:
        ask(data, content_type)
    assert time.process_time() - began < 1.0
    assert tracemalloc.get_traced_memory()[1] < 32 << 20
    tracemalloc.stop()
    assert refused.value.code in {"too_large", "decode_error"}


def test_a_heic_that_lies_about_its_size(ask, still):
    data = bytearray(still("HEIF", size=(80, 60)))
    at = data.index(b"ispe") + 8
    data[at : at + 8] = struct.pack(">II", 100_000, 100_000)
    assert verdict(ask, bytes(data), "image/heic") in {"too_large", "decode_error"}


@pytest.mark.parametrize(
    ("format_", "content_type", "options"),
    [("GIF", "image/gif", {}), ("WEBP", "image/webp", {"lossless": True}), ("PNG", "image/png", {})],
)
def test_ten_thousand_frames(ask, format_, content_type, options):
    frames = [Image.new("L", (4, 6), n * 37 % 256) for n in range(10_000)]
    held = io.BytesIO()
    frames[0].save(held, format_, save_all=True, append_images=frames[1:], **options)
    began = time.process_time()
    answer = ask(held.getvalue(), content_type)
    assert time.process_time() - began < 2.0
    assert answer.facts.frames == 10_000


@pytest.mark.parametrize(
    "data",
    [
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
)
@pytest.mark.parametrize("content_type", sorted(set(images.FORMATS)))
def test_what_only_claims_to_be_a_picture(ask, data, content_type):
    assert verdict(ask, data, content_type) == "decode_error"


@pytest.mark.parametrize("name", [b"zTXt", b"iCCP", b"iTXt"])
def test_what_unfolds_beside_a_picture_does_not_hide_it(ask, still, name):
    """A compressed comment or profile of 64 MB in a small PNG: any viewer shows the picture."""
    data = still("PNG", size=(40, 30))
    body = b"Comment\0" + (b"\1\0\0\0" if name == b"iTXt" else b"\0") + zlib.compress(bytes(64 << 20), 9)
    tracemalloc.start()
    answer = ask(data[:33] + chunk(name, body) + data[33:], "image/png")
    assert tracemalloc.get_traced_memory()[1] < 32 << 20
    tracemalloc.stop()
    assert answer.prints == ask(data, "image/png").prints
