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
    try:
        return read(file.read_text(), str(file))
    except FileNotFoundError:
        raise UsageError(f"{folder} is no vigie case: it has no {FILE}. Make one with: vigie new {folder}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: {error}. Mend the file.") from None


def read(text: str, file: str) -> Settings:
    """Read the text of a ``case.toml``; ``file`` is how errors call it."""
    where = ""
    try:
        settings = msgspec.convert(tomllib.loads(text), Settings)
        for name, given in settings.stage.items():
            if name not in STAGES:
                raise UsageError(f"{file}: there is no stage {name!r}; known: {', '.join(sorted(STAGES))}")
            where = f"[stage.{name}] "
            if given and STAGES[name].params is None:
                raise UsageError(f"{file}: {where}has no settings. Take the section out.")
            STAGES[name].settings(given)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
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


def block(text: str, name: str, body: str) -> str:
    """Return the text of a ``case.toml`` with what a command wrote under a name in place of what it wrote before.

    ``body``: whole sections; ``""``: what was written goes. Errors: UsageError for a body that holds our marks.
    """
    first, last = f"# >>> {name}\n", f"# <<< {name}\n"
    if "\n# <<< " in f"\n{body}":
        raise UsageError('a line of it begins with "# <<< ", which marks an end in case.toml. Write it otherwise.')
    text = re.sub(re.escape(first) + ".*?" + re.escape(last), "", text, flags=re.DOTALL).rstrip("\n")
    return f"{text}\n\n{first}{body}{last}" if body else f"{text}\n"


def quoted(value: str) -> str:
    """Return text as TOML writes it: as it stands where that can be, for people read it (TOML 1.0, section String)."""
    plain = "\n" in value and "'''" not in value and not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", value)
    return f"'''\n{value}'''" if plain and not value.endswith("'") else _text(value)


def _text(value: str) -> str:
    """Return a TOML basic string (TOML 1.0, section String)."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda c: f"\\u{ord(c[0]):04x}", escaped) + '"'
