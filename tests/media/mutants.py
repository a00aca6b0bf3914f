"""Broken copies of sound files, the same ones each time: cut, flipped, with another's head, with sizes that lie.

``python tests/media/mutants.py SEEDS INTO [FLIPPED]`` writes them for ``bench/hostile.py``: of each file in a folder
``FLIPPED`` (200) copies with random bytes changed, and one of each other kind.
"""

import random
import struct
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

EIGHTHS = range(1, 8)
LARGE = (65_535, 0x7FFFFFFF, 0xFFFFFFFF)


def cut(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield it cut at each eighth, and a byte before its end."""
    for part in EIGHTHS:
        yield f"cut{part}", data[: len(data) * part // 8]
    yield "cut-last", data[:-1]


def flipped(data: bytes, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield ``count`` copies with one to eight bytes changed; half of them in the first 256 bytes only."""
    for number in range(count):
        dice = random.Random(seed * 1_000_003 + number)
        out = bytearray(data)
        for _ in range(dice.randint(1, 8)):
            out[dice.randrange(min(len(out), 256) if number % 2 else len(out))] = dice.randrange(256)
        yield f"flip{number}", bytes(out)


def lying(data: bytes, sizes: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield copies in which the first place that holds one of the sizes, as coded, holds a huge number instead."""
    for place, coded in enumerate(sizes):
        at = data.find(coded)
        for number, large in enumerate(LARGE if at >= 0 else ()):
            yield f"size{place}-{number}", data[:at] + struct.pack(">I", large)[-len(coded) :] + data[at + len(coded) :]


def crossed(data: bytes, other: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield it with no magic, with the magic and the first sixty-four bytes of another, and around another."""
    yield "no-magic", bytes(12) + data[12:]
    yield "magic", other[:12] + data[12:]
    yield "head", other[:64] + data[64:]
    yield "middle", data[: len(data) // 2] + other + data[len(data) // 2 :]
    yield "twice", data + data
    yield "zeros", data[: len(data) // 3] + bytes(len(data) // 3) + data[len(data) * 2 // 3 :]


def of(data: bytes, other: bytes, *, width: int, height: int, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield every mutant of one file by name."""
    yield from cut(data)
    yield from flipped(data, count, seed)
    coded = [struct.pack(f"{order}{kind}", side) for side in (width, height) for order in "<>" for kind in "HI"]
    yield from lying(data, coded)
    yield from crossed(data, other)


def main() -> None:
    """Write the mutants of a folder of seeds; their size is told by their names (``NAME-WxH.ext``)."""
    seeds, into = Path(sys.argv[1]), Path(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    paths = sorted(path for path in seeds.iterdir() if path.is_file())
    for number, path in enumerate(paths):
        width, height = map(int, path.stem.rpartition("-")[2].split("x"))
        other = paths[(number + 7) % len(paths)].read_bytes()
        folder = into / path.name
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in of(path.read_bytes(), other, width=width, height=height, count=count, seed=number):
            (folder / f"{name}{path.suffix}").write_bytes(data)


if __name__ == "__main__":
    main()
