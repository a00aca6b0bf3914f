"""A stage is a function between tables. Its signature is its wiring: what it reads, what it writes, its settings.

Two kinds. A *pure* stage takes tables and gives one table, or a tuple of them. A *reading* stage also takes
``Evidence`` - the door to foreign bytes - and yields one ``Unit`` for each thing it read, so that what is done is
kept when a run is killed, and new evidence costs only itself.
"""

from __future__ import annotations

import collections.abc
import hashlib
import inspect
import typing as t
from pathlib import Path

import msgspec

from vigie.kernel.chain.chain import Chain
from vigie.kernel.evidence import Evidence
from vigie.kernel.shelf import Shelf
from vigie.kernel.table import Table
from vigie.rows.base import Row

R = t.TypeVar("R", bound=Row)


Bits: t.TypeAlias = t.Annotated[int, msgspec.Meta(ge=0, le=255)]
"""A setting: a distance of two 256-bit hashes. At 256 everything would meet everything."""
Quality: t.TypeAlias = t.Annotated[int, msgspec.Meta(ge=0, le=100)]
"""A setting: PDQ quality."""
Count: t.TypeAlias = t.Annotated[int, msgspec.Meta(ge=0)]
"""A setting: how many."""
Share: t.TypeAlias = t.Annotated[float, msgspec.Meta(ge=0, le=1)]
"""A setting: a part of a whole."""
Seconds: t.TypeAlias = t.Annotated[float, msgspec.Meta(ge=0)]
"""A setting: a time."""


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of a stage's settings. They come from ``case.toml``, and every value is written into the run record."""


class Unit(msgspec.Struct, t.Generic[R], frozen=True, kw_only=True):
    """What became of one unit of a reading stage: its rows. There is always at least one: a row or a Problem."""

    key: bytes
    """Value of the split column."""
    rows: list[R]
    tables: list[Table[R]] = []
    """Rows of types that come in tables (``Row.PARTS``), in the order in which they are to lie."""
    last: bool = True
    """Is the unit done with these rows? A container with a million members gives them in several parts."""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One registered stage."""

    name: str
    """Short and unique: the function's name, by which the command line and ``case.toml`` call it."""
    call: t.Callable[..., t.Any]
    reads: dict[str, type[Row]]
    writes: tuple[type[Row], ...]
    params: type[Params] | None
    split: str | None
    shelf: str
    """Parameter that takes the ``Shelf`` of search segments, or ``""``: a memo, which changes no result."""
    chain: str
    """Parameter that takes the public chain the case uses, or ``""``; its identity is part of the recipe."""
    reading: bool
    plan: str
    """For a reading stage: the ``select`` that gives one row of its first table for each unit, in reading order."""
    unit: str
    """For a reading stage: the column of the rows it writes that holds the split value (``unit`` in a Problem)."""
    together: str
    """For a reading stage: rows of the plan with one value here are read by one lane, one after another."""
    each: bool
    """For a reading stage: is there one run for each row of its first table, so that the results stay apart?"""
    soon: bool
    """For a reading stage: does it read before the others? It takes minutes where they take hours."""
    code: str
    """SHA-256 of the file that holds it, of the numeric loops and of the row types."""

    def settings(self, given: dict[str, t.Any]) -> Params | None:
        """Decode this stage's section of ``case.toml``, strictly."""
        return msgspec.convert(given, self.params) if self.params else None


STAGES: dict[str, Stage] = {}
"""Every registered stage by name. Present = registered = tested."""


def stage(
    *,
    split: str | None = None,
    plan: str = "",
    unit: str = "",
    together: str = "",
    each: bool = False,
    soon: bool = False,
) -> t.Callable[[t.Callable[..., t.Any]], t.Callable[..., t.Any]]:
    """Register a stage; ``split`` names the column by which its work may be divided. The rest: see ``Stage``."""

    def register(call: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        hints = t.get_type_hints(call)
        result = hints.pop("return")
        reads = {n: t.get_args(h)[0] for n, h in hints.items() if t.get_origin(h) is Table}
        params = [h for h in hints.values() if isinstance(h, type) and issubclass(h, Params)]
        reading = Evidence in hints.values()
        found = Stage(
            name=call.__name__,
            call=call,
            reads=reads,
            writes=_written(result),
            params=params[0] if params else None,
            split=split,
            shelf=next((n for n, h in hints.items() if h is Shelf), ""),
            chain=next((n for n, h in hints.items() if h is Chain), ""),
            reading=reading,
            plan=plan,
            unit=unit,
            together=together,
            each=each,
            soon=soon,
            code=_code(call, READS_CHAIN if Chain in hints.values() else ()),
        )
        if found.name in STAGES:
            raise ValueError(f"two stages are called {found.name}")
        STAGES[found.name] = found
        return call

    return register


def _written(result: t.Any) -> tuple[type[Row], ...]:
    origin = t.get_origin(result)
    if origin is Table:
        return (t.get_args(result)[0],)
    if origin is tuple:
        return tuple(t.get_args(one)[0] for one in t.get_args(result))
    if origin is collections.abc.Iterator:
        (unit,) = t.get_args(result)
        (inner,) = t.get_args(unit)
        return t.get_args(inner) or (inner,)
    raise TypeError(f"a stage returns a Table, a tuple of them or an Iterator of Units, not {result}")


READS_CHAIN: t.Final = ("chain", "files", "layout", "opening", "proof")
"""Modules of ``kernel/chain`` by which a stage reads a chain. The others only make one, and its identity says which."""


def _code(call: t.Callable[..., t.Any], chain: tuple[str, ...]) -> str:
    """Digest the module of the stage and all that it may call: loops, row types, mappings, what steps share."""
    digest = hashlib.sha256(Path(inspect.getfile(call)).read_bytes())
    root = Path(__file__).parent.parent
    native = (root / "numeric" / "native").glob("*.[ch]")
    forums = (*(root / "forums").rglob("*.py"), *(root / "forums").rglob("*.toml"))
    shared = (*(root / "rows").glob("*.py"), *(root / "steps").glob("*.py"))
    read = [root / "kernel" / "chain" / f"{name}.py" for name in chain]
    for module in sorted([*(root / "numeric").rglob("*.py"), *native, *forums, *shared, *read]):
        digest.update(module.read_bytes())
    return digest.hexdigest()
