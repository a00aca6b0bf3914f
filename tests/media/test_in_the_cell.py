"""Every format through the real sandbox: what the job answers here, it answers there."""

import pytest

from vigie.cell.media.images import FORMATS
from vigie.kernel.cell import Cell, Limits
from vigie.rows.wire import Decode, Done, Facts, Failed, Print, Watch

STILLS = [
    ("JPEG", "image/jpeg", "RGB"),
    ("JPEG", "image/jpeg", "CMYK"),
    ("PNG", "image/png", "RGBA"),
    ("GIF", "image/gif", "P"),
    ("WEBP", "image/webp", "RGB"),
    ("BMP", "image/bmp", "RGB"),
    ("TIFF", "image/tiff", "RGB"),
    ("HEIF", "image/heic", "RGB"),
    ("AVIF", "image/avif", "RGB"),
]
CLIPS = [
    ("mp4", "libx264", "video/mp4", {}),
    ("mp4", "libx265", "video/mp4", {"x265-params": "log-level=none:pools=1"}),
    ("mp4", "libx264", "video/mp4", {"pixels": "yuv420p10le"}),
    ("mov", "prores_ks", "video/quicktime", {"pixels": "yuv422p10le"}),
    ("3gp", "h263", "video/3gpp", {"size": (176, 144)}),
    ("webm", "libvpx", "video/webm", {}),
    ("webm", "libvpx-vp9", "video/webm", {}),
    ("avi", "rawvideo", "video/x-msvideo", {"pixels": "bgr24"}),
    ("mpegts", "mpeg2video", "video/mp2t", {}),
    ("vob", "mpeg2video", "video/mpeg", {}),
    ("asf", "wmv2", "video/x-ms-asf", {}),
    ("flv", "flv", "video/x-flv", {}),
]


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    jobs = tmp_path_factory.mktemp("jobs")
    for name in ("decode", "watch"):
        (jobs / f"{name}.py").write_text(f"from vigie.cell.jobs.{name} import JOB\n")
    with Cell(scratch=tmp_path_factory.mktemp("scratch"), jobs=jobs) as one:
        print(f"level {one.level}")
        yield one


@pytest.fixture
def inside(cell, tmp_path):
    def run(data, content_type, **more):
        path = tmp_path / "evidence"
        path.write_bytes(data)
        kind = Decode if content_type in FORMATS else Watch
        with path.open("rb") as file:
            return list(cell.ask(kind(content_type=content_type, **more), [file.fileno()], limits=Limits(wall_s=30)))

    return run


@pytest.mark.parametrize(("format_", "content_type", "mode"), STILLS)
def test_stills(inside, ask, still, format_, content_type, mode):
    data = still(format_, mode)
    *replies, last = inside(data, content_type)
    assert isinstance(last, Done), last
    expected = ask(data, content_type)
    assert replies == [expected.facts, *expected.prints, *expected.varied, *expected.parts]


@pytest.mark.parametrize(("format_", "codec", "content_type", "more"), CLIPS)
@pytest.mark.parametrize("sampling", ["key", "dense"])
def test_clips(inside, ask, clip, sampling, format_, codec, content_type, more):
    data = clip(format_, codec, **more)
    *replies, last = inside(data, content_type, sampling=sampling)
    assert isinstance(last, Done), last
    expected = ask(data, content_type, sampling=sampling)
    assert replies == [expected.facts, *expected.prints]
    assert isinstance(replies[0], Facts)
    assert all(isinstance(reply, Print) for reply in replies[1:])


@pytest.mark.parametrize(
    ("data", "content_type", "code"),
    [
        (b"not a picture", "image/png", "decode_error"),
        (b"", "image/png", "empty"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "video/mp4", "decode_error"),
    ],
)
def test_refusals(inside, data, content_type, code):
    (last,) = inside(data, content_type)
    assert isinstance(last, Failed)
    assert last.code == code


@pytest.mark.parametrize(
    ("format_", "content_type", "options"),
    [("PNG", "image/png", {}), ("JPEG", "image/jpeg", {}), ("JPEG", "image/jpeg", {"progressive": True})],
)
def test_too_much_memory_is_a_verdict(cell, tmp_path, still, format_, content_type, options):
    path = tmp_path / "large"
    path.write_bytes(still(format_, size=(4000, 4000), **options))
    with path.open("rb") as file:
        limits = Limits(memory_bytes=30 << 20, wall_s=30)
        last = list(cell.ask(Decode(content_type=content_type), [file.fileno()], limits=limits))[-1]
    assert isinstance(last, Failed)
    assert last.code == "memory_limit", last
