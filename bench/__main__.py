"""``python -m bench [PART ...]``: measure vigie beside its peers, and write ``docs/benchmarks.md`` and its pictures.

Without a part: all that are bounded, in less than half an hour on two quiet cores. With parts: these, and only their
sections are written anew; a section says when, under which load, with which versions it was measured. ``PART=A,B``
gives a part other arguments. A part is stopped after five minutes (``BOUND_S``), and its section says so.

Peers are looked for in this Python and in ``.peers`` (``make bench-peers``); those that are not there are named.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

from vigie.kernel.run import READERS, TOOLS, tools, version
from vigie.numeric import native

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
PAGE, PICTURES = DOCS / "benchmarks.md", DOCS / "bench"
PEERS = HERE.parent / ".peers"
MAKE = "`make bench-peers`"
HOW = {"perception": "asks for OpenCV below 5: `pip install perception` in a Python of its own"}
"""How a peer is had that ``make bench-peers`` cannot put beside the others."""
BOUND_S = int(os.environ.get("BOUND_S", "300"))
PHOTOGRAPHS = Path(os.environ.get("VIGIE_BENCH_PICTURES", HERE.parent / ".pictures"))
"""Debian packages of benign pictures, each unpacked into a folder of its name (``make bench-pictures``)."""
HOSTILE = os.environ.get("VIGIE_BENCH_HOSTILE", "")
"""A folder of public test corpora for ``hostile``."""
GCOMPRIS = tuple(
    f"gcompris-qt-data/usr/share/gcompris-qt/rcc/{one}.rcc"
    for one in ("erase", "explore_monuments", "explore_world_animals", "explore_farm_animals")
)
RECALL = (
    *GCOMPRIS,
    "ukui-wallpapers", "lomiri-wallpapers-16.04", "lomiri-wallpapers-20.04",
    "stellarium-data/usr/share/stellarium/landscapes", "sway-backgrounds",
)  # fmt: skip
FALSE_HITS = (
    *GCOMPRIS,
    "stellarium-data", "kgeography-data", "plasma-workspace-wallpapers", "ukui-wallpapers", "mate-backgrounds",
    "gnome-backgrounds", "lomiri-wallpapers-20.04", "opencv-doc",
)  # fmt: skip


class Part(t.NamedTuple):
    """One section of the page."""

    title: str
    arguments: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    """Folders and ``.rcc`` files below ``PHOTOGRAPHS`` that it is given; it is not measured where there are none."""
    markdown: bool = False
    """Is what it prints Markdown?"""
    usual: bool = True
    """Is it measured when no part is named?"""


PARTS = {
    "pdq": Part("PDQ beside its peers", peers=("pdqhash", "perception")),
    "index": Part("Search over 256-bit codes", peers=("faiss-cpu", "usearch")),
    "recall": Part("What is found of edited pictures", ("--photographs", "25"), folders=RECALL, markdown=True),
    "false_hits": Part("How often unrelated pictures meet", ("--sources", "400"), folders=FALSE_HITS, markdown=True),
    "regions": Part("Parts of pictures, and the second check", folders=RECALL, markdown=True, usual=False),
    "variants": Part("What a still costs beside its decoding"),
    "video": Part("Videos beside vPDQ", peers=("vpdq",), markdown=True),
    "video_recall": Part("What is found of processed videos", ("4",), markdown=True),
    "identifiers": Part("Identifiers in texts", ("speed",), peers=("google-re2", "graphsense-lib"), markdown=True),
    "linkage": Part("Same person beside Splink", peers=("splink", "sqlglot"), markdown=True, usual=False),
    "anytime": Part("Share decided against time"),
    "cell_overhead": Part("What the sandbox adds to an item", ("--items", "150")),
    "scale": Part("Small files", ("2000", "20000")),
    "growth": Part("Ten times the case", ("small", "medium")),
    "house_memory": Part("The house alone", ("100000", "1000000")),
    "hostile": Part("Hostile files", (HOSTILE,), markdown=True, usual=bool(HOSTILE)),
    "forum": Part("A forum's database, from dump to answers"),
    "projection": Part("The case-size projection", markdown=True),
}


def main() -> None:
    """Measure and write."""
    given = dict(one.partition("=")[::2] for one in sys.argv[1:])
    if unknown := given.keys() - PARTS.keys():
        raise SystemExit(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    left_out = []
    for name in given or [name for name, part in PARTS.items() if part.usual]:
        print(f"== {PARTS[name].title}", flush=True)
        arguments = given[name].split(",") if given.get(name) else list(PARTS[name].arguments)
        if section := measured(name, PARTS[name], arguments):
            write(PARTS[name].title, section)
        else:
            left_out.append(name)
    if left_out:
        raise SystemExit(f"not measured, their sections stay as they were: {', '.join(left_out)}")


def measured(name: str, part: Part, arguments: list[str]) -> str:
    """Run one part; return its section, or nothing where what it needs is not here."""
    script = HERE / f"{name}.py"
    folders = [one for one in part.folders if (PHOTOGRAPHS / one).exists()]
    if not script.exists() or (part.folders and not folders):
        missing = "its pictures (make bench-pictures)" if script.exists() else str(script)
        print(f"not measured: {missing} is not here\n", flush=True)
        return ""
    load, began = os.getloadavg()[0], time.monotonic()
    said, code, memory = run([sys.executable, str(script), *arguments, *(str(PHOTOGRAPHS / one) for one in folders)])
    took = time.monotonic() - began
    print(said, flush=True)
    if code and code != -signal.SIGKILL:
        print(f"it ended with {code}\n", flush=True)
        return ""
    stopped = f" **Stopped after {BOUND_S} s: what it had said until then.**" if code else ""
    at = f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC"
    doc = script.read_text().split('"""')[1].strip().replace(f"python bench/{name}.py", f"python -m bench {name}")
    pictures = f"; pictures of {', '.join(one.split('/')[0] for one in folders)}" if folders else ""
    drawn = [one for one in (PICTURES / f"{name}.svg", DOCS / f"{name}.svg") if one.exists()]
    picture = "".join(f"\n![{part.title}]({one.relative_to(DOCS)})\n" for one in drawn)
    return (
        f"*{at}, {took:.0f} s, load {load:.1f} before and {os.getloadavg()[0]:.1f} after on {os.cpu_count()} cores,"
        f" {processor()}; peak of one process {memory:,} MB; {of_us()}{of_peers(part.peers)}{pictures}.*{stopped}\n\n"
        f"{doc}\n\n{said if part.markdown else fenced(said)}\n{picture}"
    )


def run(command: list[str]) -> tuple[str, int, int]:
    """Run a command for ``BOUND_S`` at most; return what it printed, its exit status, and the MB of its largest."""
    told = {**os.environ, "VIGIE_BENCH_FIGURES": str(PICTURES), "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(PEERS)}
    if list(PEERS.glob("vpdq*.so")):
        told.setdefault("VPDQ_PYTHON", sys.executable)
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, env=told, start_new_session=True)
        end, (pid, status, used) = time.monotonic() + BOUND_S, os.wait4(process.pid, os.WNOHANG)
        while not pid:
            time.sleep(0.2)
            if time.monotonic() > end:
                os.killpg(process.pid, signal.SIGKILL)
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return out.read().rstrip(), process.returncode, used.ru_maxrss >> 10


def fenced(said: str) -> str:
    """Leave Markdown tables as they are, and fence all else."""
    out = []
    for table, lines in stretches(said.splitlines()):
        body = "\n".join(lines).strip("\n")
        if body:
            out.append(body if table else f"```\n{body}\n```")
    return "\n\n".join(out)


def stretches(lines: list[str]) -> list[tuple[bool, list[str]]]:
    """Split lines into those of tables and others."""
    out: list[tuple[bool, list[str]]] = []
    for line in lines:
        table = line.startswith("|")
        if not out or out[-1][0] != table:
            out.append((table, []))
        out[-1][1].append(line)
    return out


def write(title: str, section: str) -> None:
    """Put a section in its place; all others stay as they are, also those that no part writes."""
    held = PAGE.read_text() if PAGE.exists() else ""
    there = dict(re.findall(r"^## ([^\n]+)\n+(.*?)(?=^## |\Z)", held, re.MULTILINE | re.DOTALL))
    there[title] = section
    ours = [part.title for part in PARTS.values()]
    order = sorted(there, key=lambda one: ours.index(one) if one in ours else len(ours))
    PAGE.write_text(head() + "".join(f"\n## {one}\n\n{there[one].strip()}\n" for one in order))


def head() -> str:
    """Return the top of the page: the machine that wrote it last, and versions."""
    versions = ", ".join(f"{name} {number}" for name, number in tools((*TOOLS, *READERS)).items())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return (
        "# Benchmarks\n\nWritten by `make bench`, or part by part by `python -m bench PART`: each section says when and"
        " under which load.\nThe machine is shared with other work: compare figures of one section with each other.\n"
        "Peers: `make bench-peers` puts those that can be had into `.peers`, never into vigie's own environment.\n\n"
        f"- {processor()}, {os.cpu_count()} cores, {memory} GiB, Linux {platform.release()}; {of_us()}; loops:"
        f" {native.using()}\n- {versions}\n"
    )


def of_us() -> str:
    """Return our own version and Python's."""
    return f"vigie {version()}, Python {platform.python_version()}"


def of_peers(names: tuple[str, ...]) -> str:
    """Return the versions of peers, or that they are absent."""
    held = {
        str(one.metadata["Name"]).lower(): one.version
        for one in importlib.metadata.distributions(path=[*sys.path, str(PEERS)])
        if one.metadata["Name"]
    }
    return "".join(f"; {name} {held.get(name) or f'absent ({HOW.get(name, MAKE)})'}" for name in names)


def processor() -> str:
    """Return the name of the processor."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
