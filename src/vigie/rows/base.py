"""What a row is: a frozen record with one key, derived from its natural key, and links to other rows."""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import typing as t
from typing import ClassVar

import msgspec


class Size(msgspec.Struct, frozen=True):
    """Fixed width of a bytes column, in bytes."""

    bytes: int


class Of(msgspec.Struct, frozen=True):
    """A column that points at rows of another type: the link that ``explain`` follows.

    ``by`` names the column of the other row that holds the same value; it is the other row's key unless
    said otherwise (a content digest, say, may lead to several files).
    """

    row: str
    by: str = "key"


class Examples(msgspec.Struct, frozen=True):
    """Realistic values, so that generated rows meet each other as real ones do."""

    values: tuple[t.Any, ...]


Key = t.Annotated[bytes, Size(16)]
"""Key of a row: the first 16 bytes of SHA-256 over table name and natural key."""

Sha256 = t.Annotated[bytes, Size(32)]
Sha1 = t.Annotated[bytes, Size(20)]
Md5 = t.Annotated[bytes, Size(16)]
Bits256 = t.Annotated[bytes, Size(32)]
"""A 256-bit hash in text order: ``bytes.fromhex`` of its 64 hex digits, bit 255 first."""

SEPARATOR = "\x1f"

ROWS: dict[str, type[Row]] = {}
"""Every row type by the name of its table."""


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every row. ``NATURAL`` names the columns that tell one row from another."""

    NATURAL: ClassVar[tuple[str, ...]] = ()
    ORDER: ClassVar[tuple[str, ...]] = ("key",)
    """Columns by which its files are sorted; they tell all rows apart."""
    PARTS: ClassVar[bool] = False
    """Do a reading stage's rows of this type come in tables and stay in the order in which they came?"""

    UNLIKE: ClassVar[frozenset[str]] = frozenset({"key"})
    """Columns of millions of rows whose values hardly repeat: files are written sooner where that is known."""

    key: Key

    def __init_subclass__(cls, **kwargs: t.Any) -> None:
        """Register the row type under its table's name; one whose name begins with ``_`` is a base, and has none."""
        super().__init_subclass__(**kwargs)
        if not cls.__name__.startswith("_"):
            ROWS[cls.table()] = cls

    @classmethod
    def table(cls) -> str:
        """Name of the table that holds such rows."""
        return cls.__name__.lower()

    @classmethod
    def make(cls, **fields: t.Any) -> t.Self:
        """Build a row and derive its key from its natural key."""
        return cls(key=key_of(cls, *(fields.get(name, b"") for name in cls.NATURAL)), **fields)


def key_of(row: type[Row], *natural: t.Any) -> bytes:
    """Return the key of the row with this natural key; 16 bytes.

    SHA-256 over the table's name and the text forms of the values, joined by U+001F. ``kernel.keyed`` derives
    those of whole columns; a property test holds the two together.
    """
    text = SEPARATOR.join([row.table(), *map(text_of, natural)])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def text_of(value: t.Any) -> str:
    """Return the text form of a value inside a natural key: hex for bytes, decimal for integers."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return str(value)


def links(row: type[Row]) -> dict[str, Of]:
    """Return column -> link for every column of the row type that points at other rows."""
    out: dict[str, Of] = {}
    for name, hint in t.get_type_hints(row, include_extras=True).items():
        for note in _notes(hint):
            if isinstance(note, Of):
                out[name] = note
    return out


def _notes(hint: t.Any) -> t.Iterator[t.Any]:
    yield from getattr(hint, "__metadata__", ())
    for inner in t.get_args(hint):
        if not isinstance(inner, str):
            yield from _notes(inner)
