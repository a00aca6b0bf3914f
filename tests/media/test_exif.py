"""What EXIF says, and what it cannot make the reader do."""

import io
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from vigie.cell.media import exif, tiff
from vigie.cell.media.tags import place
from vigie.cell.media.text import clean

DMS = ((48.0, 12.0, 30.0), (16.0, 22.0, 15.0))


def block(**more):
    found = Image.Exif()
    found[0x010F], found[0x0110], found[0x0131], found[0x0112] = "Lumen\n", "  L-3\0x", "Firm 1.2", 6
    inner = found.get_ifd(0x8769)
    inner[0x9003], inner[0x9011], inner[0x9291] = "2026:11:22 03:44:05", "+01:00", "25"
    inner[0xA431], inner[0xA433], inner[0xA434] = "SN-0042", "Glass", "50mm F1.8"
    place_ = found.get_ifd(0x8825)
    place_[1], place_[2], place_[3], place_[4] = "N", DMS[0], "W", DMS[1]
    place_.update(more)
    return found


@pytest.mark.parametrize(
    ("format_", "content_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("TIFF", "image/tiff"),
        ("HEIF", "image/heic"),
        ("AVIF", "image/avif"),
    ],
)
def test_from_every_format_that_carries_it(ask, draw, format_, content_type):
    held = io.BytesIO()
    Image.fromarray(draw(160, 120)).save(held, format_, exif=block())
    facts = ask(held.getvalue(), content_type).facts
    assert (facts.camera_make, facts.camera_model) == ("Lumen", "L-3")
    if format_ == "TIFF":  # Pillow writes no directory below the main one into a TIFF
        assert (facts.software, facts.orientation) == ("Firm 1.2", 6)
        return
    assert facts.camera_serial == "SN-0042"
    assert (facts.lens, facts.software) == ("50mm F1.8", "Firm 1.2")
    assert facts.taken == "2026:11:22 03:44:05.25+01:00"
    assert facts.latitude == pytest.approx(48 + 12 / 60 + 30 / 3600)
    assert facts.longitude == pytest.approx(-(16 + 22 / 60 + 15 / 3600))
    if format_ not in {"HEIF", "AVIF"}:  # their orientation is the container's own, see docs/fingerprints.md
        assert facts.orientation == 6


@pytest.mark.parametrize(
    "bad",
    [
        {2: (91.0, 0.0, 0.0)},
        {4: (181.0, 0.0, 0.0)},
        {2: (math.nan, 0.0, 0.0)},
        {2: (1.0, 2.0, 3.0, 4.0)},
        {2: "north"},
    ],
)
def test_a_place_that_cannot_be_is_none(bad):
    found = block()
    found.get_ifd(0x8825).update(bad)
    with_bad = exif.read(_bytes(found))
    assert (with_bad.latitude, with_bad.longitude) == (None, None)


def _bytes(found):
    try:
        return found.tobytes()
    except (ValueError, struct.error, TypeError):
        pytest.skip("Pillow refuses to write it")


def test_zero_denominators_are_none():
    gps = struct.pack("<HHHI", 1, 2, 5, 3)
    directory = struct.pack("<H", 1) + struct.pack("<HHII", 0x8825, 4, 1, 26) + bytes(4)
    inner = struct.pack("<H", 2) + struct.pack("<HHI4s", 1, 2, 2, b"N") + gps[2:8] + bytes(40)
    assert exif.read(b"II*\0\x08\0\0\0" + directory + inner).latitude is None


@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise(data):
    for head in (b"", b"Exif\0\0", b"II*\0", b"MM\0*", b"II+\0\x08\0\0\0", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"):
        exif.read(head + data)
        found = tiff.block(head + data)
        assert found is None or found.pages() >= 1


@given(st.data())
def test_flipped_bits_never_raise_and_stay_in_bounds(data):
    block_ = bytearray(block().tobytes())
    for _ in range(data.draw(st.integers(1, 8))):
        block_[data.draw(st.integers(6, len(block_) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    said = exif.read(bytes(block_))
    for text in (said.camera_make, said.camera_model, said.camera_serial, said.lens, said.software, said.taken):
        assert len(text) <= 128
        assert text.isprintable()
    assert said.latitude is None or -90 <= said.latitude <= 90
    assert said.longitude is None or -180 <= said.longitude <= 180
    assert 1 <= said.orientation <= 8


def test_a_directory_chain_that_bites_its_tail_ends():
    loop = b"II*\0\x08\0\0\0" + struct.pack("<H", 0) + struct.pack("<I", 8)
    found = tiff.block(loop)
    assert found is not None
    assert found.pages() == 1


@given(st.text(max_size=600))
def test_cleaned_text_fits_the_wire(text):
    short = clean(text)
    assert len(short) <= 128
    assert short.isprintable()
    short.encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+48.2083-016.3708/", (48.2083, -16.3708)),
        ("+4812.5-01622.25+180/", (48 + 12.5 / 60, -(16 + 22.25 / 60))),
        ("+481230-0162215/", (48 + 12 / 60 + 30 / 3600, -(16 + 22 / 60 + 15 / 3600))),
        ("+91.0+000.0/", (None, None)),
        ("+12.0+181.0/", (None, None)),
        ("here", (None, None)),
        ("", (None, None)),
    ],
)
def test_iso_6709(text, expected):
    assert place({"com.apple.quicktime.location.ISO6709": text}) == pytest.approx(expected)
