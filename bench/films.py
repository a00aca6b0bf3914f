"""Films for the video benchmarks: scenes over which a hand-held camera glides, things that move, grain, hard cuts.

The pictures are photographs from a folder (Debian's wallpaper packages serve well) or, where none is given, drawings
of the sample. A film follows from (pictures, seed) alone.
"""

from __future__ import annotations

import contextlib
import typing as t
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageChops

from vigie.numeric.pdq import hash_rgb
from vigie.sample.drawing import draw

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

RATE = 30
WALLPAPERS = Path("/usr/share")
Scene: t.TypeAlias = "tuple[int, float]"
"""Number of a picture, seconds."""


class Target(t.NamedTuple):
    """What is encoded: a file, its size in px, and x264's settings."""

    path: Path
    width: int
    height: int
    gop: int = 250
    crf: int = 23
    rate: int = RATE
    preset: str = "faster"
    codec: str = "libx264"
    pixels: str = "yuv420p"


def photographs(*parts: str) -> list[Path]:
    """Return the installed pictures under /usr/share whose path has one of these parts, sorted; maybe none."""
    found = [
        path
        for part in parts
        for suffix in ("jpg", "jpeg", "png", "webp")
        for path in WALLPAPERS.glob(f"{part}/**/*.{suffix}")
        if path.stat().st_size > 100_000
    ]
    sizes: dict[Path, Path] = {}
    for path in sorted(set(found), key=lambda one: (-one.stat().st_size, one)):
        sizes[path.parent if path.parent.name == "images" else path] = path  # of one picture in many sizes the least
    return sorted(sizes.values())


def clips() -> list[Path]:
    """Return the real clips at hand, sorted: vPDQ's in ``shared/data`` and OpenCV's street (Debian's opencv-doc)."""
    shared = Path(__file__).resolve().parents[2] / "shared/data/vpdq/videos"
    return [*sorted(shared.glob("*.mp4")), *sorted(WALLPAPERS.glob("doc/opencv-doc/examples/data/vtest.avi"))]


def joined(source: Sequence[Path], size: tuple[int, int]) -> Iterator[Image.Image]:
    """Yield the frames of clips one after the other, each cut to this shape at its middle."""
    for path in source:
        with av.open(str(path)) as given:
            for frame in given.decode(video=0):
                image = Image.fromarray(frame.to_ndarray(format="rgb24"))
                scale = max(size[0] / image.width, size[1] / image.height)
                across, down = size[0] / scale, size[1] / scale
                left, top = (image.width - across) / 2, (image.height - down) / 2
                box = _within((left, top, left + across, top + down), image.size)
                yield image.resize(size, Image.Resampling.BICUBIC, box=box)


def detailed(source: Sequence[Path], least_quality: int = 80, least_apart: int = 60) -> list[Path]:
    """Keep pictures that PDQ calls good, all over, and that are not alike: a smooth gradient makes no film."""
    kept: list[Path] = []
    hashes: list[int] = []
    for number, path in enumerate(source):
        image = picture(source, number, 426, 240)
        corners = [image.crop((x, y, x + 326, y + 184)) for x in (0, 100) for y in (0, 56)]
        quality = min(hash_rgb(np.asarray(one)).quality for one in (image, *corners))
        bits = int.from_bytes(hash_rgb(np.asarray(image)).value)
        if quality >= least_quality and all((bits ^ other).bit_count() > least_apart for other in hashes):
            kept.append(path)
            hashes.append(bits)
    return kept


def picture(source: Sequence[Path], number: int, width: int, height: int) -> Image.Image:
    """Return one picture, RGB, cut to the shape asked for: a photograph where there are some, else a drawing."""
    if not source:
        return draw(np.random.default_rng([77, number]), width, height)
    with Image.open(source[number % len(source)]) as given:
        given.draft("RGB", (width, height))  # a JPEG is decoded no larger than need be
        image = given.convert("RGB")
    scale = max(width / image.width, height / image.height)
    across, down = width / scale, height / scale
    left, top = max(0.0, (image.width - across) / 2), max(0.0, (image.height - down) / 2)
    box = (left, top, min(left + across, image.width), min(top + down, image.height))
    return image.resize((width, height), Image.Resampling.BICUBIC, box=box)


def scenes(
    source: Sequence[Path], plan: Sequence[Scene], seed: int, size: tuple[int, int], grain: int = 6
) -> Iterator[Image.Image]:
    """Yield the frames of a film: ``RATE`` a second, RGB, of this size; ``grain``: levels up and down."""
    width, height = size
    rng = np.random.default_rng([3, seed])
    noise = [
        Image.merge("RGB", [Image.fromarray(rng.integers(0, 2 * grain + 1, (height, width), dtype=np.uint8))] * 3)
        for _ in range(6)
    ]
    at = 0
    for number, seconds in plan:
        own = np.random.default_rng([5, seed, number])
        wide = picture(source, number, round(width * 1.3), round(height * 1.3))
        things = [wide.crop((x, y, x + width // 9, y + height // 6)) for x, y in own.integers(0, height // 2, (3, 2))]
        where, speed = own.uniform(0.1, 0.8, (3, 2)), own.uniform(-0.05, 0.05, (3, 2))
        start, glide = own.uniform(0.06, 0.24, 2), own.uniform(-0.02, 0.02, 2)
        zoom = own.uniform(-0.01, 0.01)
        for frame in range(round(seconds * RATE)):
            now = frame / RATE
            shake = 0.002 * np.array([np.sin(5.1 * now + number), np.cos(4.3 * now)])
            x, y = (np.clip(start + glide * now + shake, 0, 0.3 - 0.02)) * (width, height)
            part = 1 + zoom * min(now, 8) - 0.02
            box = (float(x), float(y), float(x) + width * part, float(y) + height * part)
            image = wide.resize((width, height), Image.Resampling.BILINEAR, box=_within(box, wide.size))
            for thing, place, drift in zip(things, where, speed, strict=True):
                x, y = (place + drift * now) * (width, height)
                image.paste(thing, (int(x), int(y)))
            yield ImageChops.add(image, noise[at % len(noise)], 1, -grain)
            at += 1


def _within(box: tuple[float, ...], size: tuple[int, int]) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    return max(left, 0.0), max(top, 0.0), min(right, float(size[0])), min(bottom, float(size[1]))


def write(frames: Iterable[Image.Image | av.VideoFrame], targets: Sequence[Target]) -> None:
    """Encode one sequence of frames (``RATE`` a second) to each target; a target's rate drops frames."""
    with contextlib.ExitStack() as stack:
        sinks = [_sink(stack, target) for target in targets]
        for number, image in enumerate(frames):
            frame = image if isinstance(image, av.VideoFrame) else yuv(image)
            for sink in sinks:
                sink(number, frame)
        for sink in sinks:
            sink(-1, None)


def yuv(image: Image.Image) -> av.VideoFrame:
    """Return a picture as most videos hold it."""
    return av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24").reformat(format="yuv420p")


def _sink(stack: contextlib.ExitStack, target: Target) -> Callable[[int, av.VideoFrame | None], None]:
    target.path.parent.mkdir(parents=True, exist_ok=True)
    container = stack.enter_context(av.open(str(target.path), "w"))
    options = {"preset": target.preset, "crf": str(target.crf)} if target.codec == "libx264" else {}
    stream: t.Any = container.add_stream(target.codec, rate=target.rate, options=options)
    stream.width, stream.height, stream.pix_fmt = target.width, target.height, target.pixels
    stream.codec_context.gop_size = target.gop
    stream.codec_context.thread_count = 1
    count = 0

    def sink(number: int, frame: av.VideoFrame | None) -> None:
        nonlocal count
        if frame is None:
            container.mux(stream.encode(None))
            return
        if number * target.rate // RATE < count:
            return
        own = frame.reformat(width=target.width, height=target.height, format=target.pixels)
        own.pts, own.time_base = count, Fraction(1, target.rate)
        count += 1
        container.mux(stream.encode(own))

    return sink


def repeat(source: Path, path: Path, times: int) -> None:
    """Write a film that shows another one so many times over, without encoding anything again."""
    with av.open(str(path), "w") as out:
        stream: t.Any = None
        shift = 0
        for _ in range(times):
            with av.open(str(source)) as given:
                stream = stream or out.add_stream_from_template(given.streams.video[0])
                last = 0
                for packet in given.demux(video=0):
                    if packet.dts is None or packet.pts is None:
                        continue
                    last = max(last, packet.pts + (packet.duration or 1))
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = stream
                    out.mux(packet)
                shift += last


def plan_of(seed: int, numbers: Sequence[int], least_s: float = 3.0, most_s: float = 8.0) -> list[Scene]:
    """Return scenes over these pictures in this order, each of a length of its own."""
    rng = np.random.default_rng([9, seed])
    return [(number, round(float(rng.uniform(least_s, most_s)), 2)) for number in numbers]
