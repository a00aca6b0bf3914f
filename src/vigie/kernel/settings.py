"""``case.toml``: who works under which authority, and every setting of every stage. Strictly decoded."""

from __future__ import annotations

import re
import tomllib
import typing as t
from pathlib import Path

import msgspec

from vigie.kernel.errors import UsageError
from vigie.kernel.isolation import Level
from vigie.kernel.stage import STAGES

FILE = "case.toml"


class About(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The head of a case."""

    name: str
    authority: str
    examiner: str
    legal_basis: str = ""
    created: str


class Machine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the machine may be asked for. These change how fast an answer comes, never the answer."""

    memory_mb: t.Annotated[int, msgspec.Meta(ge=256)] = 1024
    """Memory of relational work, at least 256; it spills to the case's ``tmp`` folder beyond that.

    DuckDB cannot sort a million rows of evidence in 128 MB on two threads; in 256 MB it sorts 6 million (measured)."""
    isolation: Level = Level.S2
    """Weakest isolation level under which foreign bytes may be read in this case."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of ``case.toml``."""

    case: About
    machine: Machine = Machine()
    stage: dict[str, dict[str, t.Any]] = {}


def load(folder: Path) -> Settings:
    """Read ``case.toml``; every unknown key, wrong type and unknown stage is an error that names it."""
    file = folder / FILE
    where = ""
    try:
        settings = msgspec.convert(tomllib.loads(file.read_text()), Settings)
        for name, given in settings.stage.items():
            if name not in STAGES:
                raise UsageError(f"{file}: there is no stage {name!r}; known: {', '.join(sorted(STAGES))}")
            where = f"[stage.{name}] "
            if given and STAGES[name].params is None:
                raise UsageError(f"{file}: {where}has no settings. Take the section out.")
            STAGES[name].settings(given)
    except FileNotFoundError:
        raise UsageError(f"{folder} is no vigie case: it has no {FILE}. Make one with: vigie new {folder}") from None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: {where}{error}. Mend the file, or take the value out to get its default.") from None
    return settings


def draft(about: About) -> str:
    """Return the text of a new ``case.toml``."""
    head = "".join(f"{name} = {_text(value)}\n" for name, value in msgspec.structs.asdict(about).items())
    return (
        "# The settings of this case. Every value has a default; a change makes new runs beside the old ones,\n"
        "# and `vigie run` writes it into the custody log. Settings of a stage go under [stage.NAME].\n\n"
        f'[case]\n{head}\n[machine]\nmemory_mb = 1024\nisolation = "S2"\n'
    )


def _text(value: str) -> str:
    """Return a TOML basic string (TOML 1.0, section String)."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda c: f"\\u{ord(c[0]):04x}", escaped) + '"'
