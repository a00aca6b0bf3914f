"""Half a million tags, as many as the public packs have, into a case: read, made rows, committed; PyYAML reads a part.

Usage: ``python bench/chain_tags.py [--tags 524170] [--peer 20000]``. The packs are generated, of the public set's shape
(reference, money.md, section 8): one exchange's addresses in a pack that says all else in its header, many packs whose
tags say everything, actors. PyYAML's CSafeLoader reads a part of the bytes: it alone would take a minute for all.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import resource
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

import yaml

from vigie.cell.tags import regular, yaml_text
from vigie.desk.cli import call
from vigie.numeric.paid_to import scripts

DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
PACKS = 40


def addresses(count: int, seed: int) -> list[str]:
    """Return valid base58check addresses, made quickly from few."""
    rng, out = random.Random(seed), []
    for _ in range(count):
        body = b"\0" + rng.randbytes(20)
        number = int.from_bytes(body + sha256(sha256(body).digest()).digest()[:4], "big")
        text = ""
        while number:
            number, digit = divmod(number, 58)
            text = DIGITS[digit] + text
        zeros = len(body) - len(body.lstrip(b"\0"))
        out.append("1" * zeros + text)
    return out


def written(folder: Path, tags: int) -> int:
    """Write the packs; return their bytes."""
    large = tags * 336_208 // 524_170
    head = "title: Large\ncreator: bench\ncurrency: BTC\nlabel: Large Exchange\nsource: https://example.org\n"
    head += "confidence: service_data\ncategory: exchange\nlastmod: 2021-01-02\ntags:\n"
    (folder / "large.yaml").write_text(head + "".join(f"- address: {one}\n" for one in addresses(large, 1)))
    each = (tags - large) // PACKS
    for pack in range(PACKS):
        many = each + (tags - large) % PACKS * (pack == 0)
        lines = [f"title: Pack {pack}\ncreator: bench\nis_public: true\ntags:\n"]
        for number, one in enumerate(addresses(many, pack + 2)):
            lines.append(
                f"  - address: {one}\n    currency: BTC\n    network: BTC\n    label: Service {number % 104}\n"
                f"    source: https://www.example.org/wallet/{number % 900}\n    category: exchange\n"
                f"    confidence: web_crawl\n    lastmod: 2019-05-{number % 28 + 1:02}\n"
                f"    actor: service_{number % 104}\n"
            )
        (folder / f"pack{pack}.yaml").write_text("".join(lines))
    actors = ["title: Actors\ncreator: bench\nlastmod: 2023-01-01\ncategories: [exchange]\nactors:\n"]
    for number in range(3813):
        actors.append(f"- id: service_{number}\n  uri: https://example.org\n  label: Service {number}\n")
        actors.append("  jurisdictions: [MT]\n" * (number % 6 == 0))
    (folder / "actors.yaml").write_text("".join(actors))
    return sum(one.stat().st_size for one in folder.iterdir())


def cpu() -> float:
    """Return CPU seconds of this process and of children that ended."""
    mine, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tags", type=int, default=524_170)
    parser.add_argument("--peer", type=int, default=20_000, help="tags that PyYAML reads")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vigie-bench-tags-") as name:
        work = Path(name)
        packs = work / "packs"
        packs.mkdir()
        size = written(packs, given.tags)
        print(f"{given.tags:,} tags in {len(list(packs.iterdir()))} files, {size / 1e6:.1f} MB; {os.cpu_count()} cores")
        call(["new", str(work / "case"), "--authority", "A", "--examiner", "E"])
        began, used, mine = time.perf_counter(), cpu(), time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            assert call(["tags", "add", str(work / "case"), str(packs)]) == 0
        wall, took, mine = time.perf_counter() - began, cpu() - used, time.process_time() - mine
        print(f"vigie tags add: {wall:.2f} s wall, {took:.2f} s CPU (parse, address checks, rows, keys, Parquet, log),")
        print(
            f"of it {took - mine:.2f} in the cell and its start, {mine:.2f} in the house; load {os.getloadavg()[0]:.1f}"
        )
        for one in ("large.yaml", "pack1.yaml"):
            body = (packs / one).read_bytes()
            began = time.process_time()
            found = regular.load(body)
            once = time.process_time() - began
            assert found is not None
            print(f"{one}: its tags found in {once * 1e3:.0f} ms of CPU, {len(body) / once / 1e6:.0f} MB/s")
        data = (packs / "pack1.yaml").read_bytes()
        part = b"  - address".join(data.split(b"  - address")[: given.peer + 1])
        timed = {}
        for called, load in (("the tree, as vigie otherwise", yaml_text.load), ("PyYAML CSafeLoader", _pyyaml)):
            began = time.process_time()
            load(part)
            timed[called] = (time.process_time() - began) / len(part)
            print(f"{called}: {1 / timed[called] / 1e6:.1f} MB/s of CPU, {timed[called] * size:.1f} s for the set")
        ratio = timed["PyYAML CSafeLoader"] / timed["the tree, as vigie otherwise"]
        whole = timed["PyYAML CSafeLoader"] * size / wall
        print(f"parsing: {ratio:.0f} x; the whole load to PyYAML's parsing alone: {whole:.1f} x")
        every = addresses(20_000, 99)
        began = time.process_time()
        assert all(scripts(every))
        print(f"addresses checked and made scripts: {20_000 / (time.process_time() - began) / 1e3:.0f} k/s of CPU")
        began = time.process_time()
        for _ in range(20):
            bytes(bytearray(data))
        copied = len(data) * 20 / (time.process_time() - began)
        print(
            f"distance to memory bandwidth (copying the bytes, {copied / 1e9:.1f} GB/s): {wall * copied / size:.0f} x"
        )


def _pyyaml(data: bytes) -> object:
    return yaml.load(data, Loader=yaml.CSafeLoader)


if __name__ == "__main__":
    sys.exit(main())
