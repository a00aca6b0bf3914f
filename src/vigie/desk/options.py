"""Arguments and options that several commands share, so that they read the same everywhere."""

from __future__ import annotations

import json
import os
import platform
import typing as t
from pathlib import Path

import typer

from vigie.desk import output
from vigie.kernel.isolation import Level

Folder = t.Annotated[Path, typer.Argument(metavar="CASE", help="The case folder.", show_default=False)]
Json = t.Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Jobs = t.Annotated[
    int | None,
    typer.Option("--jobs", min=1, max=256, help="Files read at once.", show_default="one for each processor"),
]
Accept = t.Annotated[
    Level | None,
    typer.Option(
        "--accept-isolation",
        help="Go on at this weaker isolation level, on the record.",
        metavar="S0|S1|S2",
        show_default=False,
    ),
]

WithContact = t.Annotated[
    bool, typer.Option("--with-contact", help="Do not leave out contact data, addresses and private texts.")
]


def left_out(names: t.Iterable[str], *, as_json: bool) -> None:
    """Say on stderr which columns are not there since nobody asked for them."""
    text = f"left out: {', '.join(names)}; --with-contact has them"
    output.note(json.dumps({"note": text}) if as_json else f"note: {text}")


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def machine() -> str:
    """Return the name of the processor and how many of its cores this process may use: times mean nothing without."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{name}, {processors()} cores"
