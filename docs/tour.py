"""Walk the tour: run the blocks of ``docs/one-picture.md`` in order and write what came out into the page.

Usage: ``python docs/tour.py``. ``tests/docs/test_tour.py`` walks it too, and compares what came out with what the page
says; ``same`` states how.
"""  # noqa: INP001 - docs is a folder of pages and scripts, not a package

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

PAGE: t.Final = Path(__file__).parent / "one-picture.md"
BLOCK: t.Final = re.compile(r"^```(python|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WIDTH: t.Final = 140
CUT: t.Final = " …"
COMMAND_S: t.Final = 300
SHIFTING: t.Final = (
    (r"/tmp/tour-\w{8}", "FOLDER"),  # noqa: S108 - as it stands in the page
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(\+00:00| UTC)?", "TIME"),
    (r"vigie\.invalid/\S+", "KEY"),
    (r"[A-Za-z0-9+/]{43}=", "ROOT"),
    (r"\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b", "DIGEST"),
    (r"\b\d+\.\d+\.\d+\b", "VERSION"),
    (r"\bS[0-3]\b", "LEVEL"),
    (r"─+", "─"),
    (r"\s+", " "),
)
"""What differs from one walk to the next, and what stands for it when two walks are compared."""


def walk(text: str, folder: Path) -> str:
    """Run all blocks of a page in a folder; return the page with what came out."""

    def done(block: re.Match[str]) -> str:
        if block[1] == "python":
            _run([sys.executable, "-c", block[2]], folder)
            return block[0]
        commands = [line for line in block[2].splitlines() if line.startswith("$ ")]
        out = [line for one in commands for line in (one, *_shell(one[2:], folder))]
        return "\n".join(["```console", *out, "```"])

    return BLOCK.sub(done, text)


def same(page: str, walked: str) -> bool:
    """Tell whether two lines say the same: digests, times, versions, paths, isolation levels and widths may differ.

    A line of the page that was cut is compared as far as it goes.
    """
    said, came = _plain(page.removesuffix(CUT)), _plain(walked.removesuffix(CUT))
    return came.startswith(said) or said.startswith(came) if page.endswith(CUT) else came == said


def _plain(line: str) -> str:
    for pattern, stands_for in SHIFTING:
        line = re.sub(pattern, stands_for, line)
    return line.strip()


def _shell(command: str, folder: Path) -> list[str]:
    """Return what a command prints, at most ``WIDTH`` characters of each line."""
    return [_cut(line.rstrip()) for line in _run(["bash", "-c", command], folder).splitlines() if line.strip()]


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[:WIDTH].rpartition(" ")[0] + CUT


def _run(command: list[str], folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    around = {"PATH": path, "HOME": str(folder), "DOCS": str(PAGE.parent), "LANG": "C.UTF-8", "TERM": "dumb"}
    found = subprocess.run(
        command, cwd=folder, env=around, capture_output=True, text=True, timeout=COMMAND_S, check=False
    )
    if found.returncode:
        raise RuntimeError(f"{command[-1]}\nended with {found.returncode}:\n{found.stdout}\n{found.stderr}")
    return found.stdout


def new_folder() -> Path:
    """Return an empty folder whose name is always equally long, since lines are broken by it."""
    return Path(tempfile.mkdtemp(prefix="tour-", dir="/tmp"))


if __name__ == "__main__":
    PAGE.write_text(walk(PAGE.read_text(encoding="utf-8"), new_folder()), encoding="utf-8")
