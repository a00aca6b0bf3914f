"""Search over 256-bit codes at radius 31: speed, recall, memory, growth, and the distance to the machine's limits.

``python bench/index.py [SIZE ...]`` (default 1, 10 and 30 million; other sets than the uniform one up to 10 million).
One thread; figures are of CPU time, for the machine is shared. Of the build that of the system stands apart: on a
virtual machine, memory that nobody had before is expensive, and no program has a hand in it. Half the queries are
members with up to 30 bits changed, half strangers. Recall is against comparing all, for the first queries; single and
batch must find the same for all others. Levels of instructions are asked in turn, round by round; best and median.
Sets: *uniform*; *clustered* (groups of 50 within 24 bits); *skewed* (PDQ hashes of random crops of drawn landscapes,
each many times with 40 bits changed, so that they are distinct but fall into the same buckets). *Mapped*: the file that
a case keeps, from the page cache, and after ``posix_fadvise(DONTNEED)`` from the disk: then by the clock. Peers are
measured where they can be imported, also from ``.peers`` (``make bench-peers``).
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
import typing as t
from itertools import pairwise
from pathlib import Path

import numpy as np

import figures
from vigie.kernel import shelf
from vigie.numeric import hamming, native
from vigie.numeric.distinct import Words
from vigie.numeric.hamming_native import NativeLoops
from vigie.numeric.hamming_numba import NumbaLoops
from vigie.numeric.hamming_tables import Loops, Numbers, Tables
from vigie.numeric.pdq import hash_rgb
from vigie.sample.drawing import draw

RADIUS, BATCH, SINGLE, CHECKED, ROUNDS = 31, 400_000, 3_000, 60, 5
OTHERS_UP_TO = 10_000_000
"""Codes of the largest set that is not uniform, and that is kept in a file: 30 million cost minutes and gigabytes."""
PEERS = Path(__file__).parent.parent / ".peers"
CACHE = Path("/tmp/vigie-bench-crops.npy")


def cpu(call: t.Callable[..., t.Any], *given: t.Any, **named: t.Any) -> tuple[t.Any, float]:
    """Return what a call gives, and the CPU seconds it took."""
    start = time.process_time()
    out = call(*given, **named)
    return out, time.process_time() - start


def changed(rng: np.random.Generator, codes: Words, bits: int) -> Words:
    """Flip so many random bits (some twice) of each code, in one of 65,536 ways: drawing them anew takes minutes."""
    ways = np.zeros((1 << 16, 4), np.uint64)
    for _ in range(bits):
        at = rng.integers(0, 256, len(ways))
        ways[np.arange(len(ways)), at // 64] ^= np.uint64(1) << (at % 64).astype(np.uint64)
    return codes ^ ways[rng.integers(len(ways), size=len(codes))]


def crops(rng: np.random.Generator, pictures: int = 120, each: int = 150) -> Words:
    """Return PDQ hashes of random crops of drawn landscapes, made once."""
    if not CACHE.exists():
        found = []
        for _ in range(pictures):
            pixels = np.asarray(draw(rng, 640, 480).convert("RGB"))
            for _ in range(each):
                high, wide = rng.integers(160, 480), rng.integers(160, 640)
                y, x = rng.integers(0, 481 - high), rng.integers(0, 641 - wide)
                print_ = hash_rgb(np.ascontiguousarray(pixels[y : y + high, x : x + wide]))
                if print_.quality >= 50:
                    found.append(np.frombuffer(print_.value, np.uint64))
        np.save(CACHE, np.array(found))
    found_codes: Words = np.load(CACHE)
    return found_codes


def codes_of(kind: str, n: int, rng: np.random.Generator) -> Words:
    """Return n codes of a kind."""
    if kind == "uniform":
        return rng.integers(0, 1 << 64, (n, 4), dtype=np.uint64)
    if kind == "clustered":
        middles = rng.integers(0, 1 << 64, (n // 50, 4), dtype=np.uint64)
        return changed(rng, middles[rng.integers(len(middles), size=n)], 12)
    some = crops(rng)
    return changed(rng, some[rng.integers(len(some), size=n)], 40)


def peak_mb() -> int:
    """Return the largest resident size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def limits() -> tuple[float, float]:
    """Measure one core: popcount filter over the nearest cache, and reading from memory."""
    rng = np.random.default_rng(0)
    small = rng.integers(0, 1 << 64, (20_000, 4), dtype=np.uint64)
    few = rng.integers(0, 1 << 64, (20_000, 4), dtype=np.uint64)
    _, scan_s = cpu(hamming.LOOPS.scan, small, few, RADIUS, above=False)
    big = np.ones(1 << 26, np.uint64)
    read = min(cpu(big.sum)[1] for _ in range(3))
    rate = len(small) * len(few) / scan_s
    print(f"one core now: comparing all {rate / 1e9:.1f} G pairs/s, reading {big.nbytes / read / 1e9:.1f} GB/s")
    return rate, big.nbytes / read


def asked(kind: str, codes: Words, count: int, rng: np.random.Generator) -> Words:
    """Return queries in any order: half are members with up to 30 bits changed, half strangers."""
    members = changed(rng, codes[rng.integers(len(codes), size=count // 2)], 30)
    queries = np.concatenate([members, codes_of(kind, max(count // 2, 50), rng)])
    return queries[rng.permutation(len(queries))]


def single(held: Tables, queries: Words, loops: Loops = hamming.LOOPS, rounds: int = 3) -> tuple[list[float], Numbers]:
    """Return the CPU seconds of each round of queries asked one at a time, and what they found."""
    loops.probe(held, queries[:50], RADIUS, len(held.codes))
    all_found = [cpu(loops.probe, held, queries, RADIUS, len(held.codes)) for _ in range(rounds)]
    return [seconds for _, seconds in all_found], all_found[0][0][0]


def batch(held: Tables, queries: Words, loops: Loops = hamming.LOOPS) -> tuple[float, float, Numbers]:
    """Return the CPU seconds for the tables of the queries, those of the search, and what was found."""
    tables, tables_s = cpu(loops.tables, queries)
    found, stream_s = cpu(loops.stream, held, tables, RADIUS)
    return tables_s, stream_s, found


def measured(kind: str, n: int, limit: tuple[float, float], bars: list[figures.Bar]) -> float:
    """Measure one set; return the single queries a second."""
    rng = np.random.default_rng(n)
    codes = codes_of(kind, n, rng)
    one = built(kind, codes)
    queries = asked(kind, codes, BATCH, rng)
    held, loops = tables_of(one), hamming.LOOPS
    probe = queries[:SINGLE]
    times, found = single(held, probe, rounds=ROUNDS)
    single_s, usual_s = min(times), float(np.median(times))
    tests = loops.candidates(held, probe, RADIUS).mean()
    index, times = hamming.together([one]), []
    for query in probe[:1000]:
        start = time.process_time()
        hamming.search(index, query[None], RADIUS)
        times.append(time.process_time() - start)
    batches = [batch(held, queries) for _ in range(2 if n <= OTHERS_UP_TO else 1)]
    tables_s, stream_s, met = min(batches, key=lambda of: of[0] + of[1])
    batch_s = tables_s + stream_s
    p50, p99 = np.percentile(times, [50, 99]) * 1e6
    rate, read = limit
    print(f"  one at a time {SINGLE / single_s:,.0f}/s, median of {ROUNDS} {SINGLE / usual_s:,.0f}/s"
          f" ({4 * tests * SINGLE / single_s / read:.0%} of reading memory); a call of search() p50 {p50:.0f} us,"
          f" p99 {p99:.0f} us; tests a query {tests:,.0f}")  # fmt: skip
    print(f"  batch of {BATCH:,}: {BATCH / batch_s:,.0f}/s; filter tests {tests * BATCH / stream_s / 1e9:.1f} G/s,"
          f" {tests * BATCH / stream_s / rate:.1f} times as many as comparing all does")  # fmt: skip
    every, scan_s = cpu(loops.scan, one.codes, probe[:CHECKED], RADIUS, above=False)
    mine = {tuple(row) for row in found.tolist() if row[0] < CHECKED}
    theirs = {tuple(row) for row in every.tolist()}
    alike = {tuple(r) for r in found.tolist()} == {tuple(r) for r in met[met[:, 0] < SINGLE].tolist()}
    print(f"  recall {len(mine & theirs)}/{len(theirs)}, too many {len(mine - theirs)}; batch = single: {alike};"
          f" comparing all {CHECKED / scan_s:,.0f}/s")  # fmt: skip
    if kind == "uniform":
        bars.append((f"vigie, {n / 1e6:g} M, batch of {BATCH:,}", BATCH / batch_s, True))
        bars.append((f"vigie, {n / 1e6:g} M, one at a time", SINGLE / single_s, True))
        if n <= OTHERS_UP_TO:
            levels(held, queries)
            peers(one.codes, queries, SINGLE / single_s, BATCH / batch_s, bars)
    return SINGLE / single_s


def built(kind: str, codes: Words) -> hamming.Segment:
    """Build a segment, and say what that takes; again, for then the system has the memory at hand."""
    before = peak_mb()
    one, took = timed(codes)
    size = sum(array.nbytes for array in one) >> 20
    print(f"\n{kind}, {len(codes):,} codes ({len(one.codes):,} distinct): built in {took}; {size:,} MB,"
          f" peak of the process + {peak_mb() - before:,} MB")  # fmt: skip
    if kind == "uniform" and len(codes) <= OTHERS_UP_TO:
        del one
        one, took = timed(codes)
        print(f"  built again: {took}")
    return one


def timed(codes: Words) -> tuple[hamming.Segment, str]:
    """Build a segment; return it, and in words the time it took."""
    start, wall = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    one = hamming.segment(codes)
    end, wall = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - wall
    own, system = end.ru_utime - start.ru_utime, end.ru_stime - start.ru_stime
    parts = f"{own:.1f} of its own, {system:.1f} of the system for memory"
    return one, f"{own + system:.1f} s of CPU ({parts}), {wall:.1f} s of clock"


def levels(held: Tables, queries: Words) -> None:
    """Ask each level of instructions in turn, and numba."""
    every: list[tuple[str, Loops, int]] = [("numba", NumbaLoops(), 1000)]
    if native.NATIVE:
        every += [(native.LEVELS[x], NativeLoops(native.NATIVE, x), 2000) for x in native.NATIVE.levels]
    took: dict[str, list[float]] = {name: [] for name, _, _ in every}
    for _, loops, _ in every:
        loops.probe(held, queries[:50], RADIUS, len(held.codes))
    for _ in range(ROUNDS):
        for name, loops, many in every:
            took[name].append(cpu(loops.probe, held, queries[:many], RADIUS, len(held.codes))[1] / many)
    for name, loops, _ in every:
        batched = ""
        if len(held.codes) <= 1_000_000:
            part = loops.tables(queries[:50_000])
            loops.stream(held, loops.tables(queries[:10]), RADIUS)
            batched = f", batch of 50,000 {50_000 / cpu(loops.stream, held, part, RADIUS)[1]:,.0f}/s"
        best, usual = 1 / min(took[name]), 1 / float(np.median(took[name]))
        print(f"  in turn, {name}: one at a time {best:,.0f}/s, median {usual:,.0f}/s{batched}")


def mapped(n: int) -> None:
    """Measure a segment that lies in a file, in the page cache and not."""
    rng = np.random.default_rng(n)
    codes = codes_of("uniform", n, rng)
    queries = asked("uniform", codes, SINGLE, rng)
    with tempfile.TemporaryDirectory(prefix="vigie-index-") as folder:
        place = Path(folder) / "index"
        start, wall = time.process_time(), time.perf_counter()
        one = shelf.Shelf(place, b"k").segment(codes)
        took = time.process_time() - start, time.perf_counter() - wall
        file = next(place.glob("*.segment"))
        print(f"\nmapped, {n:,} codes, a file of {file.stat().st_size >> 20:,} MB: built, written, two digests, seal"
              f" {took[0]:.1f} s of CPU, {took[1]:.1f} s of clock")  # fmt: skip
        rates = [SINGLE / seconds for seconds in single(tables_of(one), queries, rounds=ROUNDS)[0]]
        print(f"  in the page cache: one at a time {max(rates):,.0f}/s, median {np.median(rates):,.0f}/s")
        del one
        forgotten(file)
        start = time.perf_counter()
        one = shelf.Shelf(place, b"k").segment(codes)
        opened = time.perf_counter() - start
        del one
        print(f"  opened from the disk, all bytes checked: {opened:.1f} s of clock")
        held = tables_of(shelf._mapped(file, shelf.read(file.with_suffix(".record"), b"k"), check=False))  # noqa: SLF001 - as the shelf has it, no byte read
        forgotten(file)
        start = time.perf_counter()
        hamming.LOOPS.probe(held, queries[:1], RADIUS, n)
        first = time.perf_counter() - start
        start = time.perf_counter()
        hamming.LOOPS.probe(held, queries[1:301], RADIUS, n)
        cold = 300 / (time.perf_counter() - start)
        start = time.perf_counter()
        hamming.LOOPS.probe(held, queries[:301], RADIUS, n)
        again = 301 / (time.perf_counter() - start)
        print(f"  not in the page cache, by the clock: first answer after {first * 1e3:.0f} ms, the next 300"
              f" {cold:,.0f}/s, the same again {again:,.0f}/s")  # fmt: skip


def tables_of(one: hamming.Segment) -> Tables:
    """Return the tables of a segment that has some."""
    if one.tables is None:
        raise SystemExit(f"{len(one.codes)} codes have no tables: ask for {hamming.WORTH_TABLES} or more")
    return one.tables


def forgotten(file: Path) -> None:
    """Have the system drop a file's pages, as far as no process maps them."""
    with file.open("rb") as stream:
        os.fsync(stream.fileno())
        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def peers(codes: Words, queries: Words, single: float, batch: float, bars: list[figures.Bar]) -> None:
    """Measure peers on the same codes."""
    sys.path.append(str(PEERS))
    n, bytes_, asked = len(codes), codes.view(np.uint8), queries.view(np.uint8)
    try:
        import faiss  # noqa: PLC0415 - a peer, where there is one
    except ImportError:
        print("  faiss: absent")
    else:
        faiss.omp_set_num_threads(1)
        many = 50 if n > 1_000_000 else 300
        flat = faiss.IndexBinaryFlat(256)
        flat.add(bytes_)
        _, seconds = cpu(flat.range_search, asked[:many], RADIUS + 1)
        bars.append((f"FAISS Flat, {n / 1e6:g} M", many / seconds, False))
        print(f"  FAISS {faiss.__version__} Flat: {many / seconds:,.0f}/s; ours x{single * seconds / many:,.0f} single,"
              f" x{batch * seconds / many:,.0f} batch")  # fmt: skip
        if n <= 1_000_000:
            multi = faiss.IndexBinaryMultiHash(256, 16, 16)
            multi.nflip = 1
            _, built = cpu(multi.add, bytes_)
            _, seconds = cpu(multi.range_search, asked[:many], RADIUS + 1)
            bars.append((f"FAISS MultiHash, {n / 1e6:g} M", many / seconds, False))
            print(f"  FAISS MultiHash 16 x 16, 1 flip: {many / seconds:,.0f}/s, built in {built:.1f} s;"
                  f" ours x{single * seconds / many:,.0f} single, x{batch * seconds / many:,.0f} batch")  # fmt: skip
    try:
        from usearch.index import Index  # noqa: F401, PLC0415 - as above
    except ImportError as error:
        print(f"  usearch: absent ({error})")
    else:
        from usearch.index import MetricKind, search  # noqa: PLC0415 - as above

        few = codes[:200_000].view(np.uint8)
        _, seconds = cpu(search, few, asked[:20], 10, MetricKind.Hamming, exact=True, threads=1)
        rate = 20 / seconds * len(few) / n
        bars.append((f"usearch exact, {n / 1e6:g} M (scaled)", rate, False))
        print(f"  usearch exact, 10 nearest of 200,000, scaled to this size: {rate:,.1f}/s; ours x{single / rate:,.0f}")


def main() -> None:
    """Measure all."""
    sizes = [int(one) for one in sys.argv[1:]] or [1_000_000, 10_000_000, 30_000_000]
    print(f"{native.using()}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    limit = limits()
    rates: list[tuple[int, float]] = []
    bars: list[figures.Bar] = []
    small = [n for n in sizes if n <= OTHERS_UP_TO]
    sets = [("uniform", n) for n in small] + [(kind, n) for n in small for kind in ("skewed", "clustered")]
    sets += [("mapped", n) for n in small[-1:]] + [("uniform", n) for n in sizes if n > OTHERS_UP_TO]
    for kind, n in sets:
        free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
        if n * 300 > free:
            print(f"\n{n:,} codes: {n * 300 >> 20:,} MB would be needed, {free >> 20:,} MB are free: not measured")
        elif kind == "mapped":
            mapped(n)
        else:
            rate = measured(kind, n, limit, bars)
            if kind == "uniform":
                rates.append((n, rate))
                figures.keep("index", "Exact search, radius 31, one thread", "queries a second", bars)
    for (n, a), (m, b) in pairwise(rates):
        print(f"\ngrowth {n:,} -> {m:,}: {m / n:.0f} times the codes, {a / b:.1f} times the time of one query")


if __name__ == "__main__":
    main()
