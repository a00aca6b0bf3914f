"""Private keys and seeds that stand in a file of tags: taken out of every text of it, where ``…`` stands then.

A tag is said to others, in reports and in packs; whoever wrote a key into one, or gave a list of keys for one of
addresses, must not have it said again.
"""

from __future__ import annotations

import typing as t

import msgspec
import numpy as np

from vigie.cell.identifiers.context import SEALED
from vigie.cell.identifiers.find import find
from vigie.cell.identifiers.place import Hidden
from vigie.cell.identifiers.sealed import Sealed
from vigie.cell.tags.found import Column
from vigie.rows.people import SECRETS

if t.TYPE_CHECKING:
    from vigie.cell.tags.found import Found

LEAST: t.Final = 47
"""Bytes of the shortest seed; keys have 51 and more."""
BATCH_BYTES: t.Final = 32 << 20


def without_secrets(found: Found) -> None:
    """Take them out of what was read of a file, and say how many texts had one."""
    many = 0
    for name in ("title", "creator", "description"):
        (text,), met = _shown([getattr(found, name)])
        setattr(found, name, text)
        many += met
    for name, one in found.texts.items():
        values, met = _shown([one] if isinstance(one, str) else one.values)
        if met:
            found.texts[name] = values[0] if isinstance(one, str) else Column(one.codes, values)
        many += met
    for at, actor in enumerate(found.actors):
        names = [name for name in actor.__struct_fields__ if isinstance(getattr(actor, name), str)]
        values, met = _shown([getattr(actor, name) for name in names])
        if met:
            found.actors[at] = msgspec.structs.replace(actor, **dict(zip(names, values, strict=True)))
        many += met
    told = found.troubles.told
    told[:] = [msgspec.structs.replace(one, detail=shown(one.detail)) for one in told]
    if many:
        found.troubles.add("bad_value", f"{many:,} texts of it hold private keys or seeds: these were left out")


def shown(text: str) -> str:
    """Return a text without secrets."""
    return _shown([text])[0][0]


def cut(text: str, most: int) -> str:
    """Return the first characters of a text without secrets: of a key that is cut off nothing would tell what it is."""
    return shown(text)[:most]


def _shown(texts: list[str]) -> tuple[list[str], int]:
    """Return texts without their secrets, and how many had one."""
    chosen = [at for at, one in enumerate(texts) if len(one) >= LEAST]
    out, many = texts, 0
    while chosen:
        some, size = list[tuple[int, bytes]](), 0
        while chosen and size < BATCH_BYTES:
            some.append((chosen[-1], texts[chosen.pop()].encode("utf-8", "replace")))
            size += len(some[-1][1])
        for at, text in _without(some):
            out = [*texts] if out is texts else out
            out[at] = text
            many += 1
    return out, many


def _without(some: list[tuple[int, bytes]]) -> t.Iterator[tuple[int, str]]:
    """Yield those of some texts that hold secrets, without them."""
    offsets = np.cumsum([0, *(len(one) for _, one in some)], dtype=np.int64)
    body = np.frombuffer(b"".join(one for _, one in some), np.uint8)
    hidden = find(body, offsets, kinds=frozenset(), quotes=False).secrets
    of: dict[int, list[Hidden]] = {}
    for row, start, end, kind in zip(*(one.tolist() for one in hidden), strict=True):
        of.setdefault(row, []).append(Hidden(start, end, SECRETS[kind]))
    for row, secrets in of.items():
        at, text = some[row]
        parts, done = list[bytes](), 0
        for start, end in Sealed(secrets).within(0, len(text)):
            parts += [text[done:start], SEALED.encode()]
            done = end
        yield at, b"".join((*parts, text[done:])).decode("utf-8", "replace")
