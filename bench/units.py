"""Costs of one unit of each kind of work, measured through the real cell; what ``projection`` multiplies."""

from __future__ import annotations

import functools
import itertools
import os
import tempfile
import threading
import time
import typing as t
from pathlib import Path

import numpy as np
import simplejpeg

import cell_overhead
import films
import index
import pdq
import scale
import video
from vigie.kernel.blob import digest_of
from vigie.kernel.cell import Cell, Limits
from vigie.kernel.isolation import Level
from vigie.numeric import hamming
from vigie.rows import wire
from vigie.rows.fingerprints import EDITED, TURNED

if t.TYPE_CHECKING:
    from collections.abc import Callable

STILLS = {"0.3 MP": (480, 640), "2 MP": (1080, 1920), "12 MP": (3024, 4032)}
FILMS = tuple(itertools.product((360, 720, 1080), (50, 250)))
ROUNDS, LEAST_S, MOST_S = 5, 0.2, 4.0
"""Samples of a unit; what one takes at least, so that a clock of 10 ms is good enough; what all may take."""
LIMITS = Limits(wall_s=300, cpu_s=300, memory_bytes=2 << 30, output_bytes=64 << 20)
GB = 1e9
FILES = 2000


class Unit(t.NamedTuple):
    """One measured cost."""

    samples: list[float]
    unit: str
    how: str


Units: t.TypeAlias = "dict[str, Unit]"


def sampled(work: Callable[[], t.Any], per: float, clock: Callable[[], float], rounds: int = ROUNDS) -> list[float]:
    """Time some work, so often that a sample takes ``LEAST_S``; return seconds for one of ``per``."""
    began = time.monotonic()
    work()
    took = max(time.monotonic() - began, 1e-4)
    many = max(1, round(LEAST_S / took))
    out = []
    for _ in range(max(3, min(rounds, int(MOST_S / (took * many))))):
        before = clock()
        for _ in range(many):
            work()
        out.append((clock() - before) / many / per)
    return out


def asked(cell: Cell, ask: wire.Ask, fd: int) -> list[wire.Reply]:
    """Ask the cell; stop the benchmark where it fails."""
    os.lseek(fd, 0, os.SEEK_SET)
    replies = list(cell.ask(ask, [fd], limits=LIMITS))
    if isinstance(replies[-1], wire.Failed):
        raise SystemExit(f"{ask}: {replies[-1]}")
    return replies


def measured(scratch: Path, *, quiet: bool) -> tuple[Units, dict[str, float]]:
    """Measure everything; return the costs, and counts that hold for this material whatever the clock says.

    ``quiet``: has this process the cores to itself? Else lanes and runs are measured by their CPU time, too.
    """
    units: Units = {}
    counts: dict[str, float] = {}
    paths = made()
    with (
        Cell(scratch=scratch, minimum=Level.S0, job="look") as look,
        Cell(scratch=scratch, minimum=Level.S0, job="decode") as decode,
        Cell(scratch=scratch, minimum=Level.S0, job="watch") as watch,
    ):
        for job, cell in (("look", look), ("decode", decode), ("watch", watch)):
            nothing = sampled(
                functools.partial(cell_overhead.measure, cell, 50, wire_layers(), []), 50, cpu_of(cell), 5
            )
            units[f"ask of {job}"] = Unit(nothing, "s", "the cell forks, and refuses; 50 in a row")
        digests(units, look, scratch)
        stills(units, counts, decode, scratch)
        hours(units, counts, watch, paths)
    lanes(units, scratch, paths, quiet=quiet)
    house(units, scratch, paths, quiet=quiet)
    searches(units, counts)
    return units, counts


def wire_layers() -> tuple[t.Any, ...]:
    """All layers of the sandbox."""
    return cell_overhead.SETS["+ seccomp (all)"][1]


def cpu_of(*cells: Cell) -> Callable[[], float]:
    """Return a clock of the CPU seconds of this process and of everything in these cells."""
    return lambda: cell_overhead.cpu_ms(list(cells)) / 1e3


def made() -> dict[tuple[int, int], Path]:
    """Return the films, of which each shape has one shown once (``short-``); make them where they are not there."""
    paths = {shape: video.FOLDER / f"{shape[0]}p-gop{shape[1]}.mp4" for shape in FILMS}
    if not all(path.exists() for path in paths.values()):
        video.make(paths, films.clips()[: video.CLIPS])
    return paths


def short(path: Path) -> Path:
    """Return the film that is shown once."""
    return path.with_name(f"short-{path.name}")


def digests(units: Units, look: Cell, scratch: Path) -> None:
    """Measure what the bytes of a file cost: three digests when it is taken in, one before each further reading."""
    path = scratch / "bytes"
    path.write_bytes(np.random.default_rng(1).bytes(1 << 27))
    size = path.stat().st_size / GB
    with path.open("rb") as file:
        fd = file.fileno()
        three = sampled(lambda: asked(look, wire.Look(), fd), size, cpu_of(look))
        units["taking in, bytes"] = Unit(three, "s/GB", "MD5, SHA-1, SHA-256 and type of 134 MB in the cell, warm")
        one = sampled(lambda: digest_of(fd), size, time.process_time)
        units["held to its digest"] = Unit(one, "s/GB", "SHA-256 in the house before a content is decoded, warm")
    path.unlink()


def stills(units: Units, counts: dict[str, float], decode: Cell, scratch: Path) -> None:
    """Measure stills by size."""
    asks: list[float] = []
    for name, (height, width) in STILLS.items():
        path = scratch / "still.jpg"
        path.write_bytes(simplejpeg.encode_jpeg(pdq.picture(height, width), quality=90, colorsubsampling="420"))
        counts[f"GB, still of {name}"] = path.stat().st_size / GB
        with path.open("rb") as file:
            fd = file.fileno()
            replies = asked(decode, wire.Decode(content_type="image/jpeg"), fd)
            spent = sampled(
                functools.partial(asked, decode, wire.Decode(content_type="image/jpeg"), fd), 1, cpu_of(decode)
            )
        units[f"still of {name}"] = Unit(
            spent, "s", "JPEG 90 through the cell: decoded, hashed, 8 turns, variants, parts"
        )
        regions = sum(len(one.regions) for one in replies if isinstance(one, wire.Parts))
        asks.append(1 + len(TURNED) + len(EDITED) + regions)
    counts["queries of a still"] = float(np.mean(asks))


def hours(units: Units, counts: dict[str, float], watch: Cell, paths: dict[tuple[int, int], Path]) -> None:
    """Measure an hour of film: key frames, all that others refer to, and the packets alone, which is the floor."""
    empty = float(np.median(units["ask of watch"].samples))
    for (height, gop), long in paths.items():
        name = f"{height}p GOP {gop}"
        counts[f"GB an hour, {name}"] = long.stat().st_size / GB / (video.length(long) / 3600)
        for mode, path in (("key frames", long), ("dense", short(long))):
            ask = wire.Watch(content_type="video/mp4", sampling="key" if mode == "key frames" else "dense")
            h = video.length(path) / 3600
            with path.open("rb") as file:
                fd = file.fileno()
                kept = sum(isinstance(one, wire.Print) for one in asked(watch, ask, fd))
                each = sampled(functools.partial(asked, watch, ask, fd), 1, cpu_of(watch))
            counts[f"hashes an hour, {mode}, {name}"] = kept / h
            how = f"{h * 3600:.0f} s of film through the cell, less an ask"
            units[f"{mode}, {name}"] = Unit([max(one - empty, 1e-6) / h for one in each], "s/h", how)
        h = video.length(long) / 3600
        floor = sampled(functools.partial(video.demuxed, long), h, time.process_time)
        units[f"packets alone, {name}"] = Unit(floor, "s/h", "demuxed and not decoded, without a cell: the floor")


def lanes(units: Units, scratch: Path, paths: dict[tuple[int, int], Path], *, quiet: bool) -> None:
    """Measure what two lanes at once take for each, over the CPU of one alone."""
    jpeg = scratch / "lane.jpg"
    jpeg.write_bytes(simplejpeg.encode_jpeg(pdq.picture(*STILLS["2 MP"]), quality=90))
    jobs, pictures = ("decode", "watch"), 20

    def work(cells: list[Cell], fds: list[int]) -> None:
        for _ in range(pictures):
            asked(cells[0], wire.Decode(content_type="image/jpeg"), fds[0])
        asked(cells[1], wire.Watch(content_type="video/mp4", sampling="key"), fds[1])

    pairs = [[Cell(scratch=scratch, minimum=Level.S0, job=job) for job in jobs] for _ in range(2)]
    files = [[path.open("rb") for path in (jpeg, paths[720, 250])] for _ in range(2)]
    fds = [[one.fileno() for one in each] for each in files]
    clock, factors = cpu_of(*pairs[0], *pairs[1]), []
    for cells, each in zip(pairs, fds, strict=True):
        work(cells, each)
    for _ in range(3):
        before = clock()
        work(pairs[0], fds[0])
        alone = clock() - before
        threads = [threading.Thread(target=work, args=one) for one in zip(pairs, fds, strict=True)]
        before, began = clock(), time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        factors.append((time.monotonic() - began if quiet else (clock() - before) / 2) / alone)
    for cell in itertools.chain(*pairs):
        cell.close()
    for file in itertools.chain(*files):
        file.close()
    what = "wall" if quiet else "CPU of each (busy machine: no wall)"
    how = f"{what} of two lanes with {pictures} stills and a film each, over the CPU of one such lane alone"
    units["two lanes"] = Unit(factors, "x", how)


def house(
    units: Units, scratch: Path, paths: dict[tuple[int, int], Path], *, quiet: bool, pictures: int = 40, rounds: int = 2
) -> None:
    """Measure real runs: what the house adds to a file, and what a run of one lane takes over the sum of its parts."""
    few, many, small = scratch / "few", scratch / "many", scratch / "small"
    sizes = list(STILLS)[:2]
    jpegs = [simplejpeg.encode_jpeg(pdq.picture(*STILLS[one]), quality=90, colorsubsampling="420") for one in sizes]
    for folder, count in ((few, 2), (many, pictures + 2)):
        folder.mkdir()
        for number in range(count):
            (folder / f"{number}.jpg").write_bytes(jpegs[number % 2] + number.to_bytes(4, "big"))
    for shape in FILMS[:4]:
        (many / f"{shape}.mp4").write_bytes(short(paths[shape]).read_bytes())
    cost = {name: float(np.median(one.samples)) for name, one in units.items()}
    parts = sum(cost[f"still of {size}"] * pictures / 2 for size in sizes)
    for height, gop in FILMS[:4]:
        h = video.length(short(paths[height, gop])) / 3600
        parts += sum(
            cost[f"{mode}, {height}p GOP {gop}"] * h + cost["ask of watch"] for mode in ("key frames", "dense")
        )
    os.environ["VIGIE_LANES"] = "1"
    over = []
    for _ in range(rounds):
        base, full = (scale.measure([one]) for one in (few, many))
        wall = sum(full["took"][stage] - base["took"][stage] for stage in ("prints", "dense"))
        over.append((wall if quiet else full["cpu_s"] - base["cpu_s"]) / parts)
    what = "wall of prints and dense" if quiet else "CPU of all stages (busy machine: no wall)"
    how = f"{what}, 1 lane, {pictures} stills and 4 films, over the sum of the costs above"
    units["a run over its parts"] = Unit(over, "x", how)
    os.environ["VIGIE_LANES"] = "2"
    files = []
    for number in range(rounds):
        got = []
        for count in (FILES // 10, FILES):
            run = scale.measure([scale.small_files(small / f"{number}-{count}", count, pictures=0)])
            got.append(run["took"]["add"] + run["took"]["files"] if quiet else run["cpu_s"])
        files.append((got[1] - got[0]) / (FILES - FILES // 10))
    what = "wall of taking in and listing" if quiet else "CPU of a run of"
    units["house, a file"] = Unit(files, "s", f"{what} {FILES:,} small files less that of a tenth, 2 lanes")


def searches(units: Units, counts: dict[str, float]) -> None:
    """Measure the index at 1 M and 10 M codes, and the join of a set with itself."""
    for n in (1_000_000, 10_000_000):
        name = f"{n // 1_000_000} M"
        rng = np.random.default_rng(n)
        codes = index.codes_of("uniform", n, rng)
        built = [index.cpu(hamming.segment, codes) for _ in range(1 if n > 1_000_000 else 3)]
        one = built[-1][0]
        units[f"index of {name}, built"] = Unit([s for _, s in built], "s", "sorted and tables made, CPU of one thread")
        del built
        counts[f"bytes a code, {name}"] = sum(array.nbytes for array in one) / n
        queries = index.asked("uniform", codes, index.BATCH, rng)
        alone, _ = index.single(one.tables, queries[: index.SINGLE], rounds=3)
        units[f"one query of {name}"] = Unit([s / index.SINGLE for s in alone], "s", "3,000 one at a time, radius 31")
        batch = [sum(index.batch(one.tables, queries)[:2]) / len(queries) for _ in range(3)]
        units[f"query of {name}, in a batch"] = Unit(batch, "s", "400,000 at once, with their own tables")
        del one, queries
    codes = index.codes_of("uniform", 2_000_000, np.random.default_rng(5))
    for n in (1_000_000, 2_000_000):
        segment = hamming.segment(codes[:n])
        joins = [index.cpu(hamming.joined, segment, index.RADIUS)[1] / n for _ in range(2)]
        units[f"join of {n / 1e6:g} M, a code"] = Unit(joins, "s", "a set with itself at radius 31, for grouping")


def temporary() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that goes away."""
    return tempfile.TemporaryDirectory(prefix="vigie-projection-")
