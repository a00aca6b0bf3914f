"""What goes to the person: results on stdout, everything else on stderr; evidence text made harmless first.

Names out of evidence are hostile: a terminal obeys control characters, ``rich`` obeys square brackets, a spreadsheet
obeys ``=``. ``clean`` and ``cell`` take that away.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
import tempfile
import typing as t
import unicodedata
from pathlib import Path

SCHEMA: t.Final = 1
"""Version of the JSON that commands print."""
FORMULA: t.Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Also in full width, as some spreadsheets take it."""
_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
_LINES = re.compile(r"\r\n|.", re.DOTALL)
_KEPT = ("\t", "\n", "\r\n")
"""In a cell of a CSV; a carriage return by itself would have a terminal write over the line."""
MOST_SHOWN = 200


def document(command: str, **content: t.Any) -> None:
    """Print one JSON document on stdout."""
    emit(json.dumps({"schema": SCHEMA, "command": command, **content}, ensure_ascii=True, default=_plain))


def emit(text: str) -> None:
    """Print a line on stdout."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """Print a line on stderr."""
    sys.stderr.write(text + "\n")


def failed(text: str, code: int, *, as_json: bool) -> int:
    """Say on stderr what went wrong; return the exit code."""
    if as_json:
        note(json.dumps({"error": text, "code": code}, ensure_ascii=True))
    else:
        note(f"vigie: {clean(text, most=4000)}")
    return code


def clean(text: str, *, most: int = MOST_SHOWN) -> str:
    """Return text that a terminal prints and does not obey; the middle is left out where it is long."""
    if len(text) > most:
        text = f"{text[: most // 2]}…{text[-(most // 2) :]}"
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    if unicodedata.category(char) not in _HIDDEN:
        return char
    return f"\\u{ord(char):04x}" if ord(char) > 0xFF else f"\\x{ord(char):02x}"


def cell(value: t.Any) -> str:
    """Return a value for a CSV cell that no spreadsheet takes for a formula (OWASP, CSV Injection).

    What a terminal, or whoever reads it, would obey is written out, but for tabs and ends of lines: a text keeps its
    lines. JSON has each value as it is.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if not isinstance(value, str):
        return text
    begins = text.startswith(FORMULA) or text.lstrip().startswith(FORMULA)
    if not text.isprintable():
        text = _LINES.sub(lambda found: found[0] if found[0] in _KEPT else _visible(found[0]), text)
    return f"'{text}" if begins else text


def size(count: float) -> str:
    """Return a number of bytes for a person, in binary units."""
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if abs(count) < 1024 or unit == "TiB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    raise AssertionError("unreachable")


def span(seconds: float) -> str:
    """Return a time for a person."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def trace_file(case: Path | None, trace: str) -> str:
    """Write the trace of a bug to the case's ``tmp`` folder where it may be written to, or to a temporary file."""
    folder = case / "tmp" if case and os.access(case / "tmp", os.W_OK) else None
    fd, name = tempfile.mkstemp(prefix="vigie-bug-", suffix=".txt", dir=folder)
    with os.fdopen(fd, "w", encoding="utf-8", errors="backslashreplace") as out:
        out.write(trace)
    return name


def _plain(value: t.Any) -> t.Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Path):
        return os.fsencode(value).decode("utf-8", "backslashreplace")
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"no JSON form for {type(value)}")


def quoted(path: Path) -> str:
    """Return a path as a shell takes it when the line is pasted."""
    return shlex.quote(str(path))
