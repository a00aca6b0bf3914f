"""The record of one evaluation: what was run, on what, by which code, and what came out."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import importlib.metadata
import typing as t
from pathlib import Path

import msgspec

from vigie.kernel.curve import Point

TOOLS = ("duckdb", "numpy", "pyarrow")
READERS = (
    "av", "cryptography", "ijson", "libbde-python", "libewf-python", "libfsapfs-python", "libfsxfs-python",
    "libvhdi-python", "libvmdk-python", "libvslvm-python", "lz4", "numba", "opencv-python-headless", "pillow",
    "pillow-heif", "py7zr", "pytsk3", "simplejpeg", "zstandard",
)  # fmt: skip


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that decides what comes out. Its digest is the id of the run: the same run is never done twice."""

    stage: str
    code: str
    params: dict[str, t.Any]
    inputs: dict[str, list[str]]
    """For each table read: the SHA-256 of its files."""
    tools: dict[str, str]
    cell: str = ""
    """Digest of the code and the versions that read foreign bytes; ``""`` for a pure stage."""
    attempt: int = 0
    """Raised when a run is done again because evidence was missing or a key has been given since."""

    @property
    def id(self) -> str:
        """Content address of the run: 32 hex digits."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()[:32]

    @property
    def kind(self) -> str:
        """Content address of the way of working, whatever the input: what was read in this way need not be again."""
        same = msgspec.structs.replace(self, inputs={}, attempt=0)
        return hashlib.sha256(msgspec.json.encode(same, order="deterministic")).hexdigest()[:32]


class Run(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One evaluation as it happened."""

    id: str
    recipe: Recipe
    version: str
    started: dt.datetime
    seconds: float
    level: str
    """Isolation level proved when foreign bytes were read; ``""`` for a pure stage."""
    units: int
    """How many units went in, for a reading stage; 0 otherwise."""
    rows: dict[str, int]
    outputs: dict[str, str]
    """File below the case folder -> its SHA-256."""
    loops: str = ""
    """What did the numeric loops: ``native avx512``, ``numba (...)``. Not in the recipe: the results are the same."""
    points: list[Point] = []
    """How far a reading stage was, moment by moment, in the sitting that ended it; what was kept is in the first."""

    def files(self, table: str) -> list[str]:
        """Return the files of this run that hold rows of a table."""
        return [name for name in self.outputs if name.startswith(f"tables/{table}/")]


@functools.cache
def version() -> str:
    """Return the version of vigie that is running."""
    return importlib.metadata.version("vigie")


@functools.cache
def tools(names: tuple[str, ...] = TOOLS) -> dict[str, str]:
    """Return the versions of the libraries that can change a result."""
    return {name: importlib.metadata.version(name) for name in names}


@functools.cache
def cell_digest() -> str:
    """Digest all code that runs in the cell, and the versions of the libraries it reads with."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256(msgspec.json.encode(tools(READERS), order="deterministic"))
    for folder in ("cell", "numeric", "rows"):
        for file in sorted([*(root / folder).rglob("*.py"), *(root / folder).rglob("*.[ch]")]):
            digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
