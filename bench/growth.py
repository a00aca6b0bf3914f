"""The main job on generated cases of two sizes: the cost of a file should stay flat as the case grows tenfold.

``python bench/growth.py [MEDIUM LARGE]``: folders made by ``vigie sample``; made anew where none are given, which takes
longer than the measurement.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from scale import measure, show


def made(folder: Path, size: str) -> Path:
    """Generate a sample of this size."""
    subprocess.run(["vigie", "sample", str(folder), "--seed", "1", "--size", size], check=True, capture_output=True)
    return folder


def evidence(folder: Path) -> list[Path]:
    """Return what is to be taken in of a sample."""
    return sorted((folder / "evidence").iterdir())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="vigie-growth-") as temporary:
        given = [Path(one) for one in sys.argv[1:]]
        medium, large = given or [made(Path(temporary) / size, size) for size in ("medium", "large")]
        small = measure(evidence(medium))
        show("sample medium", small)
        big = measure(evidence(large))
        show("sample large", big)
        ratio = (big["cpu_s"] / big["files"]) / (small["cpu_s"] / small["files"])
        grown = big["files"] / small["files"]
        memory = big["peak_bytes"] / small["peak_bytes"]
        print(f"files x {grown:.1f}: CPU per file x {ratio:.2f}, peak memory x {memory:.2f}")
