"""Compiling the native loops: one shared library of plain C functions, no Python API.

Standard library only and no import of vigie, for ``hatch_build.py`` runs it before vigie is installed. By hand:
``python src/vigie/numeric/native/build.py``.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
LIBRARY = "_native.so"
FLAGS = [
    *("-std=c11", "-O3", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra", "-Wno-unknown-pragmas"),
    # One result on every machine: no fused multiply-add, no reordering of floats, no code for this processor only.
    *("-ffp-contract=off", "-fno-fast-math"),
    *("-fstack-protector-strong", "-D_FORTIFY_SOURCE=2", "-Wl,-z,relro,-z,now,-z,noexecstack"),
]
SANITIZED = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-U_FORTIFY_SOURCE")
"""What the tests add to find reads out of bounds and undefined behaviour."""


def sources(folder: Path = HERE) -> list[Path]:
    """Return the files that the library is made of; every ``*.c`` beside this file belongs to it."""
    return sorted([*folder.glob("*.c"), *folder.glob("*.h")])


def digest(folder: Path = HERE) -> str:
    """Return the SHA-256 over names and bytes of all sources: what a library must have been built from to be used."""
    total = hashlib.sha256()
    for file in sources(folder):
        body = file.read_bytes()
        total.update(f"{file.name} {len(body)}\n".encode() + body)
    return total.hexdigest()


def compiler() -> list[str] | None:
    """Return the command of the C compiler (``$CC``, else cc, gcc or clang), or None where there is none."""
    named = shlex.split(os.environ.get("CC", ""))
    if named:
        return named if shutil.which(named[0]) else None
    found = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    return [found] if found else None


def build(target: Path = HERE / LIBRARY, *, extra: tuple[str, ...] = ()) -> str:
    """Compile all sources into ``target``; return ``""``, or in one line why there is no library now.

    The library takes its name only when it is whole, so that a process that has the old one mapped keeps it.
    """
    command = compiler()
    if command is None:
        return "no C compiler (Debian: sudo apt install gcc)"
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".build-") as folder:
        made = Path(folder) / LIBRARY
        files = [str(file) for file in sources() if file.suffix == ".c"]
        named = f'-DVIGIE_SOURCES="{digest()}"'
        done = subprocess.run(
            [*command, *FLAGS, *extra, named, "-o", str(made), *files, "-lm"],
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
        )
        if done.returncode:
            said = (done.stderr.strip() or f"exit status {done.returncode}").splitlines()[0]
            return f"{shlex.join(command)} failed: {said}"
        made.replace(target)
    return ""


if __name__ == "__main__":
    trouble = build()
    sys.stdout.write(f"{trouble or HERE / LIBRARY}\n")
    sys.exit(bool(trouble))
