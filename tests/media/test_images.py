"""Stills of every format and mode: one Facts, one Print, the hash of the pixels as stored."""

import io
import struct

import numpy as np
import pdqhash
import pytest
from PIL import Image, ImageCms

from vigie.cell.job import Refused
from vigie.cell.media import gif, images
from vigie.cell.media.colours import BAND_PX, rgb

FORMATS = [
    ("JPEG", "image/jpeg", {}),
    ("JPEG", "image/jpeg", {"progressive": True}),
    ("PNG", "image/png", {}),
    ("GIF", "image/gif", {}),
    ("WEBP", "image/webp", {}),
    ("WEBP", "image/webp", {"lossless": True}),
    ("BMP", "image/bmp", {}),
    ("TIFF", "image/tiff", {}),
    ("TIFF", "image/tiff", {"compression": "tiff_lzw"}),
    ("TIFF", "image/tiff", {"compression": "jpeg"}),
    ("TIFF", "image/tiff", {"compression": "tiff_deflate", "big_tiff": True}),
    ("HEIF", "image/heic", {}),
    ("AVIF", "image/avif", {}),
]


def bits(one, other):
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def reference(image):
    value, _ = pdqhash.compute(np.ascontiguousarray(image))
    return np.packbits(np.asarray(value, np.uint8)).tobytes()


@pytest.mark.parametrize(("format_", "content_type", "options"), FORMATS)
def test_every_format(ask, still, draw, format_, content_type, options):
    answer = ask(still(format_, **options), content_type)
    (found,) = answer.prints
    assert (answer.facts.width_px, answer.facts.height_px, answer.facts.frames) == (320, 240, 1)
    assert (answer.facts.kind, answer.facts.format) == ("image", format_.lower())
    assert answer.facts.decoder
    assert (found.algorithm, found.sampling, found.frame, found.at_s) == ("pdq", "still", 0, 0.0)
    assert found.quality >= 50
    assert bits(found.value, reference(draw(320, 240))) <= 16


@pytest.mark.parametrize("size", [(1, 1), (5, 1), (1, 33), (2, 2), (17, 33), (33, 17), (64, 64), (641, 359)])
@pytest.mark.parametrize(
    ("format_", "content_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]
)
def test_odd_sizes(ask, still, size, format_, content_type):
    answer = ask(still(format_, size=size), content_type)
    assert (answer.facts.width_px, answer.facts.height_px) == size
    if min(size) < 5:
        assert (answer.prints[0].value, answer.prints[0].quality) == (bytes(32), 0)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA"])
def test_png_modes_are_converted_as_the_reference_does(ask, still, mode):
    data = still("PNG", mode)
    expected = reference(np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))
    assert ask(data, "image/png").prints[0].value == expected


def test_alpha_is_dropped_not_composited(ask, draw):
    colours = draw(200, 100)
    held = io.BytesIO()
    Image.fromarray(np.dstack([colours, np.zeros((100, 200), np.uint8)])).save(held, "PNG")
    assert ask(held.getvalue(), "image/png").prints[0].value == reference(colours)


@pytest.mark.parametrize("format_", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_clipped(ask, draw, format_):
    grey = draw(320, 240)[:, :, 1]
    held = io.BytesIO()
    Image.fromarray(grey.astype(np.uint16) * 257).save(held, format_)
    found = ask(held.getvalue(), f"image/{format_.lower()}").prints[0]
    assert found.value == reference(np.repeat(grey[:, :, None], 3, axis=2))


@pytest.mark.parametrize("kind", [np.int32, np.float32])
def test_unbounded_numbers_are_scaled_by_their_own_range(ask, draw, kind):
    grey = draw(320, 240)[:, :, 1]
    held = io.BytesIO()
    Image.fromarray((grey.astype(kind) - 100) * 31).save(held, "TIFF")
    found = ask(held.getvalue(), "image/tiff").prints[0]
    assert bits(found.value, reference(np.repeat(grey[:, :, None], 3, axis=2))) <= 4


@pytest.mark.parametrize("values", [np.nan, np.inf, -np.inf, 0.0])
def test_floats_without_a_range(ask, values):
    held = io.BytesIO()
    Image.fromarray(np.full((60, 80), values, np.float32)).save(held, "TIFF")
    assert ask(held.getvalue(), "image/tiff").prints[0].quality == 0


def test_cmyk(ask, still, draw):
    answer = ask(still("JPEG", "CMYK", quality=95), "image/jpeg")
    assert "Pillow" in answer.facts.decoder
    assert bits(answer.prints[0].value, reference(draw(320, 240))) <= 10


def test_lab(ask, draw):
    transform = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    held = io.BytesIO()
    ImageCms.applyTransform(Image.fromarray(draw(320, 240)), transform).save(held, "TIFF")
    assert bits(ask(held.getvalue(), "image/tiff").prints[0].value, reference(draw(320, 240))) <= 10


@pytest.mark.parametrize(
    ("format_", "content_type"),
    [
        ("GIF", "image/gif"),
        ("WEBP", "image/webp"),
        ("PNG", "image/png"),
        ("TIFF", "image/tiff"),
        ("AVIF", "image/avif"),
    ],
)
def test_an_animation_is_its_first_frame_and_counts_the_rest(ask, draw, format_, content_type):
    pages = [Image.fromarray(draw(160, 120, seed=n)) for n in range(5)]
    held = io.BytesIO()
    pages[0].save(held, format_, save_all=True, append_images=pages[1:])
    answer = ask(held.getvalue(), content_type)
    assert answer.facts.frames == 5
    assert bits(answer.prints[0].value, reference(draw(160, 120, seed=0))) <= 20


def test_gif_of_very_many_frames_is_counted_without_decoding():
    one = struct.pack("<BHHHHB", 0x2C, 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    data = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6) + one * 100_000 + b";"
    assert gif.frames(data) == 100_000


def test_same_bytes_same_answer(ask, still):
    data = still("JPEG")
    assert ask(data, "image/jpeg") == ask(data, "image/jpeg")


def test_jpeg_with_a_survivable_error_is_read_by_pillow(ask, still):
    """Bytes between segments: libjpeg warns and goes on, as every viewer does."""
    data = still("JPEG")
    at = data.index(b"\xff\xdb")
    answer = ask(data[:at] + b"\0\0\0" + data[at:], "image/jpeg")
    assert answer.prints[0].value == ask(data, "image/jpeg").prints[0].value


@pytest.mark.parametrize(
    ("data", "content_type", "code"),
    [
        (b"", "image/png", "empty"),
        (b"", "video/mp4", "empty"),
        (b"x", "image/x-canon-cr3", "unsupported"),
        (b"x", "audio/mpeg", "unsupported"),
        (b"not at all", "image/png", "decode_error"),
        (b"\x89PNG\r\n\x1a\n", "image/png", "decode_error"),
        (b"\xff\xd8\xff", "image/jpeg", "decode_error"),
    ],
)
def test_refusals(ask, data, content_type, code):
    with pytest.raises(Refused) as refused:
        ask(data, content_type)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("format_", "content_type"), [("PNG", "image/gif"), ("GIF", "image/png"), ("TIFF", "image/jpeg")]
)
def test_the_library_never_guesses_the_format(ask, still, format_, content_type):
    with pytest.raises(Refused, match="decode_error"):
        ask(still(format_), content_type)


@pytest.mark.parametrize(("format_", "content_type", "options"), FORMATS)
def test_more_pixels_than_the_bound(ask, still, format_, content_type, options):
    data = still(format_, **options)
    assert ask(data, content_type, most_pixels=320 * 240).prints
    with pytest.raises(Refused, match="too_large"):
        ask(data, content_type, most_pixels=320 * 240 - 1)


def test_bands_meet_without_a_seam(draw):
    picture = draw(31, BAND_PX * 2 + 3)
    assert np.array_equal(rgb(Image.fromarray(picture)), picture)


def test_every_reader_is_registered():
    images.prepare()
    assert set(images.FORMATS.values()) <= set(Image.OPEN)
