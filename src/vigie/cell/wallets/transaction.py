"""A transaction as nodes and wallets store it (BIP 144), and its id."""

from __future__ import annotations

import hashlib
import typing as t

from vigie.cell.wallets.cursor import Cursor, Short

MOST_BYTES: t.Final = 4_000_000
"""Of one: a block has no more."""


class Transaction(t.NamedTuple):
    """``txid`` in display order; ``raw`` with its witness."""

    txid: bytes
    raw: bytes


def read(cursor: Cursor) -> Transaction:
    """Read the one that begins at the cursor and move behind it. Raises ``Short`` where none does."""
    start = cursor.at
    version = cursor.take(4)
    witness = cursor.data[cursor.at : cursor.at + 2] == b"\0\1"
    if witness:
        cursor.take(2)
    body = cursor.at
    inputs = cursor.compact()
    _bounded(inputs, 41, cursor)
    for _ in range(inputs):
        cursor.take(36)
        cursor.vector()
        cursor.take(4)
    outputs = cursor.compact()
    _bounded(outputs, 9, cursor)
    for _ in range(outputs):
        cursor.take(8)
        cursor.vector()
    stripped = version + cursor.data[body : cursor.at]
    if witness:
        for _ in range(inputs):
            items = cursor.compact()
            _bounded(items, 1, cursor)
            for _ in range(items):
                cursor.vector()
    stripped += cursor.take(4)
    if not inputs or not outputs or cursor.at - start > MOST_BYTES:
        raise Short("no transaction has this form")
    txid = hashlib.sha256(hashlib.sha256(stripped).digest()).digest()[::-1]
    return Transaction(txid, cursor.data[start : cursor.at])


def _bounded(many: int, least_bytes: int, cursor: Cursor) -> None:
    if many * least_bytes > cursor.left:
        raise Short(f"{many} parts in {cursor.left} bytes")
