"""The form for ARM marks what plain C and this machine do: run under qemu. How fast it is on ARM was never measured."""

import random
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from numeric.test_identifiers_loops import PARTS
from vigie.numeric.identifiers_anchors import anchors
from vigie.numeric.native import NATIVE, build

DRIVER = Path(__file__).with_name("identifiers_neon.c")
CROSS, QEMU = "aarch64-linux-gnu-gcc", "qemu-aarch64"
FLAGS = [one for one in build.FLAGS if one not in {"-fPIC", "-shared", "-O3"} and not one.startswith("-Wl")]


def rows():
    """Texts with all that is looked for, and long runs."""
    chance = random.Random(3)
    plain = [b"water", b"\xd0\xbf", b"a" * 40, b"0123 " * 20, b"nothing", b"[x]"]
    for _ in range(400):
        yield b" ".join(chance.choice([*PARTS, *plain]) for _ in range(chance.randrange(40)))


def by_level(program, compile_, machine):
    """Build and run the driver; return what each level says."""
    done = subprocess.run([*compile_, "-o", str(program), "-lm"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    some, wanted = list(rows()), anchors(national=True)
    offsets = np.cumsum([0, *map(len, some)])
    given = b"".join(
        (*(one.tobytes() for one in wanted), np.array([len(some)]).tobytes(), offsets.tobytes(), *some)
    )  # fmt: skip
    done = subprocess.run([*machine, str(program)], input=given, check=False, capture_output=True, timeout=300)
    assert done.returncode == 0, (done.returncode, done.stderr)
    out = {}
    for line in done.stdout.decode().splitlines():
        level, _, said = line.partition(" ")
        out.setdefault(int(level), []).append(said)
    return out


def test_neon_marks_what_plain_c_and_this_machine_mark(tmp_path):
    missing = [tool for tool in (CROSS, QEMU) if shutil.which(tool) is None]
    if missing or build.compiler() is None or NATIVE is None:
        lacks = ", ".join(missing) or "C compiler, or no library built with it"
        pytest.skip(f"no {lacks}: sudo apt install gcc gcc-aarch64-linux-gnu qemu-user")
    library = [str(build.HERE / build.LIBRARY), f"-Wl,-rpath,{build.HERE}"]
    here = by_level(tmp_path / "here", [*build.compiler(), *FLAGS, str(DRIVER), *library], [])
    loops = [str(build.HERE / name) for name in ("cpu.c", "identifiers.c")]
    cross = [CROSS, *FLAGS, "-O2", "-static", '-DVIGIE_SOURCES=""', str(DRIVER), *loops]
    there = by_level(tmp_path / "there", cross, [QEMU])
    assert there.keys() == {0, 3}
    assert sum(said.startswith("mark") for said in there[3]) > 2000
    assert there[3] == there[0]
    assert all(said == there[0] for said in here.values())
