"""Video: key frames and dense sampling against vPDQ at one hash a second and against the bare decoder, one thread.

``python bench/video.py [CLIP...]``. The film is the first 250 frames of real clips joined (vPDQ's of ``shared/data``,
or those given), each cut to 16:9 at its middle, 30 frames a second; at 640 x 360 and 1280 x 720 by x264 (veryfast, CRF
23, B-frames), a key frame at least every 50 or 250 frames; made once and kept under /tmp. ``key`` reads
every key frame, ``key, thinned`` one in four seconds, as the product does. Figures are seconds of video
for one second of CPU, medians of three rounds in turn; ratios are of the same rounds. The peer runs in a Python of its
own: ``VPDQ_PYTHON``, with ``pip install vpdq==0.2.5`` (to build it needs cmake and the headers of FFmpeg).
"""

from __future__ import annotations

import functools
import itertools
import os
import statistics
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import av

import figures
import films
from vigie.cell.media import video as cell
from vigie.rows.wire import KEY_APART_S

FOLDER = Path("/tmp/vigie-bench-films/projection")
CLIPS, TAKE = 4, 250
"""Clips that a film is joined of, and frames of each: a cut makes a key frame, so a take is as long as a GOP."""
SHAPES = ((360, 50), (360, 250), (720, 50), (720, 250))
ROUNDS = 3
PEER = """
import sys, time, vpdq
t = time.process_time()
n = len(vpdq.computeHash(sys.argv[1], seconds_per_hash=1, thread_count=1))
print(time.process_time() - t, n)
"""
TIMES = 4
HEAVY = ("vpdq 1/s", "dense", "decode all", "decode reference frames")
"""What reads the film once: the others read it ``TIMES`` times over, for they take too little time to be measured."""
DRAWN = ("vpdq 1/s", "dense", "key", "key, thinned")
Way: t.TypeAlias = "t.Callable[[Path], tuple[float, int]]"
FLOORS = {("dense", 50): 1.7, ("dense", 250): 1.7, ("key", 50): 9.0, ("key", 250): 40.0}


def main() -> None:
    """Make the films, measure in rounds, print the table."""
    paths = {shape: FOLDER / f"{shape[0]}p-gop{shape[1]}.mp4" for shape in SHAPES}
    if not all(path.exists() for path in paths.values()):
        make(paths, [Path(one) for one in sys.argv[1:]] or films.clips()[:CLIPS])
    peer = os.environ.get("VPDQ_PYTHON", "")
    if not peer:
        print("vpdq: absent (VPDQ_PYTHON names no Python that has it)\n")
    bars: list[figures.Bar] = []
    print("| film | measure | x real time | frames hashed | over vpdq | floor |\n|---|---|---|---|---|---|")
    for (height, gop), path in paths.items():
        seconds = length(path)
        ways: dict[str, Way] = {"vpdq 1/s": functools.partial(against, peer)} if peer else {}
        ways |= {"dense": sampled("dense"), "key": sampled("key", 0.0), "key, thinned": sampled("key")}
        ways |= {"decode all": decoded("DEFAULT")}
        ways |= {"decode reference frames": decoded("NONREF"), "decode key frames": decoded("NONKEY"), "demux": demuxed}
        took: dict[str, list[float]] = {name: [] for name in ways}
        hashed: dict[str, int] = {}
        short = path.with_name(f"short-{path.name}")
        for _ in range(ROUNDS):
            for name, way in ways.items():
                heavy = name in HEAVY
                cpu, hashed[name] = way(short if heavy else path)
                took[name].append(cpu * seconds / length(short) if heavy else cpu)
        for name, all_took in took.items():
            speed = seconds / statistics.median(all_took)
            if name in DRAWN:
                bars.append((f"{name}, {height}p GOP {gop}", speed, name != "vpdq 1/s"))
            over = [p / o for p, o in zip(took["vpdq 1/s"], all_took, strict=True)] if peer else []
            ratio = f"{statistics.median(over):.1f}" if over else ""
            floor = FLOORS.get((name, gop), "")
            print(
                f"| {height}p GOP {gop} | {name} | {speed:,.0f} | {hashed[name] or ''} | {ratio} | {floor} |",
                flush=True,
            )
    figures.keep("video", "Videos hashed, one thread", "seconds of video a second", bars)


def make(paths: dict[tuple[int, int], Path], source: list[Path]) -> None:
    """Join the clips to one film, and encode it in all shapes at once."""
    parts = {shape: path.with_name(f"part-{path.name}") for shape, path in paths.items()}
    targets = [films.Target(part, h * 16 // 9, h, gop=gop, preset="veryfast") for (h, gop), part in parts.items()]
    largest = max(height for height, _ in paths)
    takes = (itertools.islice(films.joined([clip], (largest * 16 // 9, largest)), TAKE) for clip in source)
    films.write(itertools.chain.from_iterable(takes), targets)
    for shape, part in parts.items():
        films.repeat(part, paths[shape], TIMES)
        part.rename(paths[shape].with_name(f"short-{paths[shape].name}"))


def length(path: Path) -> float:
    """Return the seconds of video in a file."""
    with av.open(str(path)) as container:
        return (container.duration or 0) / av.time_base


def against(python: str, path: Path) -> tuple[float, int]:
    """Run the peer."""
    said = subprocess.run([python, "-c", PEER, str(path)], check=True, capture_output=True, text=True).stdout.split()
    return float(said[-2]), int(said[-1])


def sampled(mode: t.Literal["key", "dense"], apart_s: float = KEY_APART_S) -> Way:
    """Measure what the cell does; ``apart_s``: 0 reads every key frame."""

    def way(path: Path) -> tuple[float, int]:
        began = time.process_time()
        with path.open("rb") as file:
            found = cell.sample(file, "video/mp4", mode, 10**8, 10**6, key_apart_s=apart_s)
        return time.process_time() - began, len(found.prints)

    return way


def decoded(skip: t.Literal["DEFAULT", "NONREF", "NONKEY"]) -> t.Callable[[Path], tuple[float, int]]:
    """Measure the decoder alone: the floor."""

    def way(path: Path) -> tuple[float, int]:
        began = time.process_time()
        with av.open(str(path), buffer_size=1 << 18) as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            stream.codec_context.skip_frame = skip
            count = sum(1 for _ in container.decode(stream))
        return time.process_time() - began, count

    return way


def demuxed(path: Path) -> tuple[float, int]:
    """Measure the reading of packets alone."""
    began = time.process_time()
    with av.open(str(path), buffer_size=1 << 18) as container:
        for _ in container.demux(video=0):
            pass
    return time.process_time() - began, 0


if __name__ == "__main__":
    main()
