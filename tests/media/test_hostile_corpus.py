"""Files that others made to break readers (``data/PROVENANCE.md``): each gives rows or the one code named here."""

import pathlib

import pytest

from vigie.cell import digests
from vigie.cell.job import Refused
from vigie.kernel.cell import Cell, Limits
from vigie.rows.codes import CODES
from vigie.rows.content_types import kind_of
from vigie.rows.wire import Decode, Done, Facts, Failed, Print, Watch

DATA = pathlib.Path(__file__).parent / "data"

READ = {
    "arithmetic.jpg",
    "badcrc.png",  # of the pixels: they are all there
    "basn4a16.png",
    "chunk_no_fctl.png",  # an animation out of order: its first picture is whole
    "decompression_bomb_extents.gif",
    "empty_ancillary_chunks.png",
    "ftbbn0g01.png",
    "gray-16-tRNS.png",
    "huge_IDAT.png",
    "ibasn6a16.png",
    "invalid-noend.png",
    "invalid-palette.png",
    "invalid-trunc.png",  # of the last chunk
    "pal4rle.bmp",
    "pal8badindex.bmp",
    "pal8topdown.bmp",
    "palette-1-tRNS.png",
    "png_decompression_dos.png",  # a comment of gigabytes beside a picture
    "rgb-alpha-16-linear.png",
    "rgb16-565.bmp",
    "subtitles.mkv",
    "syntax_num_frames_invalid.png",
    "triangle-001.gif",
}
REFUSED = {
    "bad_iCCP.png": "decode_error",
    "badadler.png": "decode_error",
    "badbitcount.bmp": "unsupported",
    "badwidth.bmp": "too_large",
    "broken.png": "decode_error",
    "decompression_bomb.gif": "too_large",
    "huge_eXIf_chunk.png": "truncated",
    "huge_iCCP_chunk.png": "truncated",
    "huge_zTXt_chunk.png": "truncated",
    "invalid-crc32.png": "decode_error",
    "invalid-zlib.png": "decode_error",
    "lossless.jpg": "unsupported",
    "oom-225817ca0f8c663be7ab4b9e717b02c661e66834.tif": "decode_error",
    "pal2.bmp": "unsupported",
    "reallybig.bmp": "too_large",
    "rgb24png.bmp": "unsupported",
    "rgb32-111110.bmp": "unsupported",
    "rgba16-4444.bmp": "unsupported",
    "shortfile.bmp": "truncated",
    "syntax_num_frames_zero.png": "decode_error",
    "testorig12.jpg": "unsupported",
    "zero_width.gif": "decode_error",
}
LIMITS = Limits(wall_s=60, cpu_s=10, memory_bytes=512 << 20)


def test_every_file_has_an_expectation():
    assert READ | REFUSED.keys() == {path.name for path in DATA.iterdir()} - {"PROVENANCE.md"}
    assert set(REFUSED.values()) <= set(CODES)


def content_type(name):
    with (DATA / name).open("rb") as file:
        return digests.of(file).content_type


@pytest.mark.parametrize("name", sorted(READ))
def test_read(ask, name):
    answer = ask((DATA / name).read_bytes(), content_type(name))
    assert answer.prints
    assert not answer.troubles


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused(ask, name):
    with pytest.raises(Refused) as refused:
        ask((DATA / name).read_bytes(), content_type(name))
    assert refused.value.code == REFUSED[name]
    assert " at 0x" not in refused.value.detail, "an address of ours: no two runs would be alike"


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    scratch = tmp_path_factory.mktemp("scratch")
    with Cell(scratch=scratch, job="decode") as stills, Cell(scratch=scratch, job="watch") as films:
        yield {"image": stills, "video": films}


@pytest.mark.parametrize("name", sorted(READ | REFUSED.keys()))
def test_the_same_in_the_sandbox(cells, name):
    told = content_type(name)
    kind = kind_of(told)
    ask = Decode(content_type=told) if kind == "image" else Watch(content_type=told)
    with (DATA / name).open("rb") as file:
        *replies, last = cells[kind].ask(ask, [file.fileno()], limits=LIMITS)
    if name in READ:
        assert isinstance(last, Done), last
        assert {Facts, Print} <= {type(reply) for reply in replies}
    else:
        assert isinstance(last, Failed)
        assert last.code == REFUSED[name], last


def test_an_arithmetic_coded_picture_has_the_hash_of_the_plain_one(ask, still):
    """``arithmetic.jpg`` is the picture that the fixtures draw, written by ``cjpeg -arithmetic``."""
    one = ask((DATA / "arithmetic.jpg").read_bytes(), "image/jpeg").prints[0].value
    other = ask(still("JPEG", size=(160, 120), quality=75), "image/jpeg").prints[0].value
    assert (int.from_bytes(one) ^ int.from_bytes(other)).bit_count() <= 4
