"""Broken copies of sound files, the same ones each time: rows or one code, in the same process and bounded."""

import random
import time

import pytest

from media import mutants
from vigie.cell import sniff
from vigie.cell.job import Bench, Refused
from vigie.cell.jobs import watch
from vigie.cell.media.film import DEMUXERS
from vigie.cell.media.images import FORMATS
from vigie.rows.codes import CODES
from vigie.rows.wire import Watch

SIZE = (77, 53)
STILLS = [
    ("JPEG", "RGB", {}),
    ("JPEG", "CMYK", {"progressive": True}),
    ("PNG", "P", {}),
    ("GIF", "P", {}),
    ("WEBP", "RGBA", {}),
    ("BMP", "RGB", {}),
    ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    ("TIFF", "RGB", {"compression": "jpeg"}),
    ("HEIF", "RGB", {}),
    ("AVIF", "RGB", {}),
]
CLIPS = [
    ("mp4", "libx264", {}),
    ("mov", "mjpeg", {"pixels": "yuvj420p"}),
    ("matroska", "mpeg4", {}),
    ("webm", "libvpx", {}),
    ("avi", "mpeg4", {}),
    ("mpegts", "mpeg2video", {}),
    ("asf", "wmv2", {}),
    ("flv", "flv", {}),
    ("3gp", "h263", {"size": (176, 144)}),
]
FLIPPED = 24
AT_MOST_S = 5.0


def put(ask, data, otherwise):
    """Ask as the product does, by the content; by the sound file's type where the content no longer says one."""
    told = sniff.content_type(data[: sniff.HEAD_BYTES], tail=data[-sniff.TAIL_BYTES :], size=len(data))
    content_type = told if told in FORMATS or told in DEMUXERS else otherwise
    began = time.process_time()
    try:
        codes = [trouble.code for trouble in ask(data, content_type, most_pixels=4_000_000).troubles]
    except Refused as refused:
        codes = [refused.code]
    assert set(codes) <= set(CODES)
    assert time.process_time() - began < AT_MOST_S


def all_mutants(sound, seed, size):
    other = bytes(random.Random(seed).randbytes(64)) + sound
    return mutants.of(sound, other, width=size[0], height=size[1], count=FLIPPED, seed=seed)


@pytest.mark.parametrize("place", range(len(STILLS)))
def test_stills(ask, still, place):
    format_, mode, options = STILLS[place]
    sound = still(format_, mode, size=SIZE, **options)
    content_type = next(name for name, reader in FORMATS.items() if reader == format_)
    names = [name for name, data in all_mutants(sound, place, SIZE) if put(ask, data, content_type) is None]
    assert len(names) >= FLIPPED + 14


@pytest.mark.parametrize("place", range(len(CLIPS)))
def test_clips(ask, clip, place):
    format_, codec, options = CLIPS[place]
    options = {"size": (76, 52), **options}
    sound = clip(format_, codec, frames=4, gop=2, **options)
    content_type = sniff.content_type(sound)
    assert content_type in DEMUXERS
    names = [name for name, data in all_mutants(sound, place, options["size"]) if put(ask, data, content_type) is None]
    assert len(names) >= FLIPPED + 14


def test_mutants_are_the_same_each_time():
    one, other = (dict(mutants.of(bytes(range(256)) * 9, b"x" * 99, width=1, height=2, count=9, seed=3)) for _ in "ab")
    assert one == other
    assert one["size2-0"].startswith(b"\xff\xff\x02")


@pytest.mark.parametrize("at", [52, 202])
def test_a_place_that_no_file_has_is_an_error_of_the_input(clip, tmp_path, at):
    """ASF with an object of 2^54 bytes and more: FFmpeg seeks to where no file reaches, and is told so."""
    data = bytearray(clip("asf", "wmv2", size=(76, 52), frames=4, gop=2))
    data[at] = 0x5D
    path = tmp_path / "film"
    path.write_bytes(data)
    said = []
    with path.open("rb") as file:
        bench = Bench(files=[file], scratch=[], scratch_paths=[], send=said.append)
        try:
            watch.run(Watch(content_type="video/x-ms-asf"), bench)
        except Refused as refused:
            said.append(refused.code)
    assert said
