"""Deleted records in the free parts of a wallet's file: told by their form, each taken once."""

from __future__ import annotations

import re
import typing as t

from vigie.cell.wallets.core_forms import FORMS
from vigie.cell.wallets.core_record import Record
from vigie.cell.wallets.cursor import Cursor, Short

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LEAST_BYTES: t.Final = 16
MOST: t.Final = 1_000_000
ITEM_HEAD: t.Final = 3
"""Of Berkeley DB: length of an item (2) and its kind (1)."""
_KINDS: t.Final = re.compile(b"|".join(re.escape(bytes([len(one)]) + one.encode()) for one in FORMS))


def carved(loose: Iterable[tuple[int, bytes]], *, paired: bool = False) -> Iterator[Record]:
    """Yield records in parts of the file, given by place (-1: in no one place) and bytes; what is there twice once.

    ``paired``: as Berkeley DB keeps them, each an item of its own and the value's before the key's.
    """
    seen: set[tuple[bytes, bytes]] = set()
    for base, data in loose:
        for met in _KINDS.finditer(data):
            record = _record(data, met.start(), base, paired=paired)
            if record and (record.key, record.value) not in seen:
                seen.add((record.key, record.value))
                yield record
                if len(seen) >= MOST:
                    return


def _record(data: bytes, start: int, base: int, *, paired: bool) -> Record | None:
    cursor = Cursor(data, start)
    kind = cursor.vector().decode()
    key_form, value_form = FORMS[kind]
    try:
        key_form(cursor)
        key = data[start : cursor.at]
        value = _item_before(data, start, len(key)) if paired else cursor
        if value is None:
            return None
        at = value.at
        value_form(value, key)
    except (Short, UnicodeDecodeError):
        return None
    end = value.end if paired else value.at
    return Record(key, data[at:end], base + start if base >= 0 else -1, base + at if base >= 0 else -1, carved=True)


def _item_before(data: bytes, key_at: int, key_bytes: int) -> Cursor | None:
    """Return the item that ends where the key's begins; items begin at multiples of four."""
    top = key_at - ITEM_HEAD
    if top < 0 or int.from_bytes(data[top : top + 2], "little") != key_bytes:
        return None
    for at in range(top - 4, max(top - 65_536, 0) - 1, -4):
        length = int.from_bytes(data[at : at + 2], "little")
        if length and data[at + 2] & 0x7F == 1 and top - 4 < at + ITEM_HEAD + length <= top:
            return Cursor(data, at + ITEM_HEAD, at + ITEM_HEAD + length)
    return None
