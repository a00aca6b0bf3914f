"""What a column of an unknown table is: a guess from its name, its type and the shape of its values."""

from __future__ import annotations

import re
import typing as t

import msgspec

from vigie.forums.words import meaning, words

if t.TYPE_CHECKING:
    from vigie.forums.shapes import Shape

MOST: t.Final = 0.8
"""Share of the values that must have a shape for it to count; a starting value, not measured."""
SOME: t.Final = 0.2
"""As above, for wallets among other things (evidence.md 2.7)."""
FEWEST: t.Final = 5
"""Values without which a share says nothing."""
MOST_NAME: t.Final = 200
"""Characters of a name of a column."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a table that nothing reads."""

    name: str
    type: str
    shape: Shape | None = None
    """None: its values were not looked at."""


class Guess(msgspec.Struct, frozen=True, kw_only=True):
    """What a column is taken for."""

    column: Column
    meaning: str
    why: str


def guess(column: Column, table: str = "", fewest: int = FEWEST) -> Guess:
    """Say what a column is, by its values where there are ``fewest`` and they tell, else by its name and type."""
    if "`" in column.name or len(column.name) > MOST_NAME:  # it could not be written
        return Guess(column=column, meaning="", why="")
    means, word = meaning(column.name, table)
    shape = column.shape if column.shape and column.shape.seen >= fewest else None
    told = _by_values(means, shape) if shape else None
    if told is None:
        told = (means, f"its name says {word!r}") if means and _fits(means, kind(column), shape) else ("", "")
    last = told[0] == "ip" and "last" in words(column.name)
    return Guess(column=column, meaning="last_ip" if last else told[0], why=told[1])


def _by_values(named: str, shape: Shape) -> tuple[str, str] | None:
    """Return what the values say a column is, and why; None where they do not tell. ``named``: what its name says."""
    if named in ("password", "wallet", "transaction"):
        return None
    for name, (means, text) in _TELLING.items():
        least = SOME if name == "wallet" else MOST
        if shape.shares[name] >= least and not (name == "url" and named in ("path", "file")):
            return (
                "last_ip" if means == "ip" and named == "seen" else means,
                f"{100 * shape.shares[name]:.0f} % of {shape.seen} values {text}",
            )
    if not named and max(shape.shares[name] for name in TIMES) >= MOST:
        return "time", "its values are times"
    if not named and shape.shares["words"] >= MOST and shape.distinct > shape.seen / 2:
        return "text", f"{100 * shape.shares['words']:.0f} % of {shape.seen} values are sentences"
    return None


TIMES: t.Final = ("unix", "unix_ms", "datetime")
_TELLING: t.Final = {
    "crypt": ("password", "look like hashes of passwords"),
    "email": ("email", "are e-mail addresses"),
    "ip": ("ip", "are IP addresses"),
    "digest": ("digest", "are digests in hex"),
    "filename": ("file", "are names of files"),
    "url": ("website", "are addresses on the web"),
    "wallet": ("wallet", "are addresses of wallets"),
}
"""Shape -> the meaning that it makes by itself, and how that is said."""
_TYPES: t.Final = {
    "truth": r"bool|bit\b|tinyint\(1\)",
    "time": r"datetime|timestamp|date\b",
    "number": r"(tiny|small|medium|big)?int|integer|serial|bigserial|decimal|numeric|float|double|real|money",
    "bytes": r"(var)?binary|bytea|(tiny|medium|long)?blob",
}
_WORDED: t.Final = frozenset({"text", "subject", "name", "file", "path", "signature", "about", "digest"})


def looked(one: Guess) -> str:
    """Return what was looked at in a column, and what came of it."""
    column, seen = one.column, one.column.shape.seen if one.column.shape else None
    values = "values not looked at" if seen is None else f"{seen} {'value' if seen == 1 else 'values'}"
    few = ", too few to tell by" if seen is not None and seen < FEWEST else ""
    said = f"perhaps {one.meaning}, for {one.why}" if one.meaning else "neither name nor values say what it is"
    return f"{column.name} ({column.type or 'no type'}; {values}{few}): {said}"


def kind(column: Column) -> str:
    """Return the kind of a declared type: ``number``, ``time``, ``bytes``, ``truth`` or ``text``."""
    return next((one for one, form in _TYPES.items() if re.match(form, column.type.lower())), "text")


def _fits(means: str, declared: str, shape: Shape | None) -> bool:
    """Tell whether type and values allow what the name says."""
    if means in _WORDED:
        return declared in ("text", "bytes")
    if means in ("email", "agent"):
        return declared == "text"
    if means in ("time", "registered", "seen", "until"):
        return declared in ("time", "number", "text") and (not shape or max(shape.shares[one] for one in TIMES) >= SOME)
    return True
