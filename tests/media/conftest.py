"""Benign pictures and clips, drawn from a seed, and a way to ask the jobs that decode about bytes."""

import dataclasses
import io

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

from vigie.cell.job import Bench
from vigie.cell.jobs import decode, watch
from vigie.cell.media import images
from vigie.rows.wire import Decode, Facts, Parts, Print, Trouble, Varied, Watch


@dataclasses.dataclass
class Answer:
    facts: Facts
    prints: list[Print]
    varied: list[Varied]
    parts: list[Parts]
    troubles: list[Trouble]


@pytest.fixture(scope="session")
def ask():
    images.prepare()

    def run(data, content_type, **more):
        replies = []
        bench = Bench(files=[io.BytesIO(data)], scratch=[], scratch_paths=[], send=replies.append)
        if content_type in images.FORMATS:
            decode.run(Decode(content_type=content_type, **more), bench)
        else:
            watch.run(Watch(content_type=content_type, **more), bench)
        facts, *rest = replies
        assert isinstance(facts, Facts)
        prints = [reply for reply in rest if isinstance(reply, Print)]
        varied = [reply for reply in rest if isinstance(reply, Varied)]
        parts = [reply for reply in rest if isinstance(reply, Parts)]
        troubles = [reply for reply in rest if isinstance(reply, Trouble)]
        assert len(prints) + len(varied) + len(parts) + len(troubles) == len(rest)
        assert prints
        assert len(varied) == len(parts) == (facts.kind == "image")
        return Answer(facts, prints, varied, parts, troubles)

    return run


def drawn(width, height, seed=0, step=0.0):
    """Overlapping shapes that drift with ``step``: gradients at all of PDQ's frequencies, as photographs have."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", (width, height), (120, 130, 110))
    pen = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y, a, b = rng.uniform(-0.1, 1.1, 4)
        x, y = x + step * (a - 0.5), y + step * (b - 0.5)
        size = rng.uniform(0.05, 0.35, 2)
        box = [x * width, y * height, (x + size[0]) * width, (y + size[1]) * height]
        shape = pen.ellipse if rng.random() < 0.5 else pen.rectangle
        shape(box, fill=tuple(int(c) for c in rng.integers(0, 256, 3)))
    return np.asarray(picture)


@pytest.fixture(scope="session")
def draw():
    return drawn


@pytest.fixture(scope="session")
def still():
    def make(format_, mode="RGB", size=(320, 240), seed=0, **options):
        images.prepare()
        held = io.BytesIO()
        Image.fromarray(drawn(*size, seed=seed)).convert(mode).save(held, format_, **options)
        return held.getvalue()

    return make


@pytest.fixture(scope="session")
def clip():
    def make(
        format_="mp4",
        codec="libx264",
        *,
        frames=20,
        size=(160, 120),
        pixels="yuv420p",
        seed=0,
        rate=25,
        gop=10,
        still=False,
        times=None,
        turn=0,
        full=False,
        tags=None,
        muxing=None,
        **options,
    ):
        held = io.BytesIO()
        with av.open(held, "w", format=format_, options=muxing or {}) as container:
            container.metadata.update(tags or {})
            stream = container.add_stream(codec, rate=rate, options={k: str(v) for k, v in options.items()})
            stream.width, stream.height, stream.pix_fmt = *size, pixels
            stream.codec_context.thread_count = 1
            stream.codec_context.gop_size = gop
            if full:
                stream.codec_context.color_range = 2
            if turn:
                stream.set_display_rotation(turn)
            for number in range(frames):
                step = 0.0 if still else number * 0.12
                frame = av.VideoFrame.from_ndarray(drawn(*size, seed=seed, step=step), format="rgb24")
                frame = frame.reformat(format=pixels, dst_color_range=2 if full else None)
                frame.pts = number if times is None else times[number]
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return held.getvalue()

    return make
