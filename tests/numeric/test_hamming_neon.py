"""The form for ARM finds what all others find: run under qemu, compared with plain C and with this machine.

Results only: how fast it is on ARM was never measured.
"""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from vigie.numeric import variants
from vigie.numeric.native import LEVELS, NATIVE, build
from vigie.numeric.pdq import COSINES

DRIVER = Path(__file__).with_name("hamming_neon.c")
CROSS, QEMU = "aarch64-linux-gnu-gcc", "qemu-aarch64"
FLAGS = [one for one in build.FLAGS if one not in {"-fPIC", "-shared", "-O3"} and not one.startswith("-Wl")]
LOOPS = [str(build.HERE / name) for name in ("cpu.c", "hamming.c", "hamming_build.c", "pdq.c", "variants.c")]


def results(program: Path, compile_: list[str], machine: list[str]) -> list[tuple[str, str, str]]:
    """Build and run the driver; return (level, what was done, digest), the level by its name."""
    done = subprocess.run([*compile_, "-o", str(program), "-lm"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    some = variants.HELD[:40:3] + variants.QUERY[::3]
    maps, edges = variants._maps(some, 300, 420)
    tables = (COSINES, variants._DCT, variants._DCT_T, np.array([len(edges)]), maps, edges)
    given = b"".join(np.ascontiguousarray(one).tobytes() for one in tables)
    done = subprocess.run([*machine, str(program)], input=given, check=False, capture_output=True, timeout=300)
    assert done.returncode == 0, (done.returncode, done.stderr)
    first, *lines = done.stdout.decode().splitlines()
    assert first.startswith("levels ")
    found = [re.fullmatch(r"(\S) (.*): (.*)", line).groups() for line in lines]
    return [(LEVELS[int(level)] if level != "-" else "all", what, said) for level, what, said in found]


def by_level(found):
    """Split by level: one line after another of what was done, and its result."""
    levels = dict.fromkeys(level for level, _, _ in found)
    return {level: [(what, said) for one, what, said in found if one == level] for level in levels}


def test_neon_finds_what_plain_c_and_this_machine_find(tmp_path):
    missing = [tool for tool in (CROSS, QEMU) if shutil.which(tool) is None]
    if missing or build.compiler() is None or NATIVE is None:
        lacks = ", ".join(missing) or "C compiler, or no library built with it"
        pytest.skip(f"no {lacks}: sudo apt install gcc gcc-aarch64-linux-gnu qemu-user")
    library = [str(build.HERE / build.LIBRARY), f"-Wl,-rpath,{build.HERE}"]
    here = by_level(results(tmp_path / "here", [*build.compiler(), *FLAGS, str(DRIVER), *library], []))
    cross = [CROSS, *FLAGS, "-O2", "-static", '-DVIGIE_SOURCES=""', str(DRIVER), *LOOPS]
    there = by_level(results(tmp_path / "there", cross, [QEMU]))
    assert there.keys() == {"all", "scalar", "neon"}
    assert sum(int(said.split()[0]) for what, said in there["neon"] if what.startswith("hamming")) > 10_000
    assert there["neon"] == there["scalar"]
    for level, lines in here.items():
        assert lines == there["all" if level == "all" else "scalar"], level
