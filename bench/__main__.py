"""``python -m bench``: run every benchmark on this machine, one after another, and write ``docs/benchmarks.md``.

Machines are noisy: compare figures of one run with each other, not with those of another day.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import subprocess
import sys
from pathlib import Path

from vigie.kernel.run import READERS, TOOLS, tools, version

HERE = Path(__file__).parent
PARTS = {
    "What the sandbox adds to an item": ["cell_overhead.py"],
    "PDQ beside its peers": ["pdq.py"],
    "Small files, up to 200,000": ["scale.py", "2000", "20000", "200000"],
    "The house alone": ["house_memory.py", "100000", "1000000"],
    "Ten times the case": ["growth.py"],
}


def processor() -> str:
    """Return the name of the processor."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def head() -> str:
    """Return machine and versions."""
    versions = ", ".join(f"{name} {number}" for name, number in tools((*TOOLS, *READERS)).items())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return (
        "# Benchmarks\n\n"
        "Written by `make bench`. The machine is shared with other work, so compare figures with each other.\n\n"
        f"- {dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC, vigie {version()}, Python {platform.python_version()}\n"
        f"- {processor()}, {os.cpu_count()} cores, {memory} GiB, Linux {platform.release()}; load before:"
        f" {os.getloadavg()[0]:.1f}\n- {versions}\n"
    )


def main() -> None:
    """Run all parts."""
    page = head()
    given = dict(one.split("=", 1) for one in sys.argv[1:])
    for title, (script, *usual) in PARTS.items():
        arguments = given[script].split(",") if script in given else usual
        print(f"== {title}", flush=True)
        command = [sys.executable, str(HERE / script), *arguments]
        out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        print(out, flush=True)
        doc = (HERE / script).read_text().split('"""')[1].strip()
        page += f"\n## {title}\n\n{doc}\n\n```\n{out.rstrip()}\n```\n"
    (HERE.parent / "docs" / "benchmarks.md").write_text(page)


if __name__ == "__main__":
    main()
