"""The main job on generated cases of two sizes: the cost of a file should stay flat as the case grows tenfold.

``python bench/growth.py [SIZE LARGER]``: sizes of ``vigie sample`` (``medium large`` if none are given; making those
takes longer than the measurement), or folders that it made.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from scale import measure, show


def made(folder: Path, size: str) -> Path:
    """Generate a sample of this size."""
    command = [sys.executable, "-m", "vigie.desk.cli", "sample", str(folder), "--seed", "1", "--size", size]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def evidence(folder: Path) -> list[Path]:
    """Return what is to be taken in of a sample."""
    return sorted((folder / "evidence").iterdir())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="vigie-growth-") as temporary:
        given = sys.argv[1:] or ["medium", "large"]
        folders = [Path(one) if Path(one).is_dir() else made(Path(temporary) / one, one) for one in given]
        small, big = (measure(evidence(folder)) for folder in folders)
        for name, one in zip(given, (small, big), strict=True):
            show(f"sample {Path(name).name}", one)
        ratio = (big["cpu_s"] / big["files"]) / (small["cpu_s"] / small["files"])
        grown = big["files"] / small["files"]
        memory = big["peak_bytes"] / small["peak_bytes"]
        print(f"files x {grown:.1f}: CPU per file x {ratio:.2f}, peak memory x {memory:.2f}")
