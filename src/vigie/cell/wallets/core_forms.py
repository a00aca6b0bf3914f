"""How long a record of Core's is, and whether it can be one: by its form alone, for what was deleted.

A form reads key and value from a cursor and raises ``Short`` where they cannot be of its kind. Each asks for something
that chance does not give: an address' or a descriptor's checksum, a transaction's own id, a point's first byte.
"""

from __future__ import annotations

import typing as t

from vigie.cell.wallets import descriptors, encoded, transaction
from vigie.cell.wallets.cursor import Cursor, Short

if t.TYPE_CHECKING:
    from collections.abc import Callable

MOST_LABEL: t.Final = 1000
PURPOSES: t.Final = (b"receive", b"send", b"refund", b"unknown")


def _need(holds: object, what: str) -> None:
    if not holds:
        raise Short(what)


def pubkey(cursor: Cursor) -> bytes:
    """Read a public key with its length before it. Raises ``Short`` where its first byte is none of one."""
    key = cursor.vector()
    _need((len(key) == 33 and key[0] in (2, 3)) or (len(key) == 65 and key[0] in (4, 6, 7)), "no public key")
    return key


def _address(cursor: Cursor) -> None:
    raw = cursor.vector()
    _need(14 <= len(raw) <= 90 and raw.isascii() and encoded.script_of(raw.decode())[0], "no address")


def _label(cursor: Cursor, _: bytes) -> None:
    raw = cursor.vector()
    _need(len(raw) <= MOST_LABEL and b"\0" not in raw, "no label")


def _purpose(cursor: Cursor, _: bytes) -> None:
    _need(cursor.vector() in PURPOSES, "no purpose")


def _moved(cursor: Cursor, key: bytes) -> None:
    _need(transaction.read(cursor).txid == key[-32:][::-1], "another transaction")
    skip_wallet_part(cursor)


def skip_wallet_part(cursor: Cursor) -> tuple[dict[str, str], int, bool]:
    """Read what a wallet adds to a transaction: its notes, the time it came, whether it is the wallet's own."""
    cursor.take(32)  # the block
    cursor.take(32 * min(cursor.compact(), 64))
    cursor.take(4)
    _need(not cursor.compact(), "earlier transactions in it, as before 2013")
    notes: dict[str, str] = {}
    for _ in range(min(cursor.compact(), 1000)):
        name = cursor.text()
        notes[name] = cursor.text()
    for _ in range(2 * min(cursor.compact(), 1000)):
        cursor.vector()
    cursor.take(4)
    received = cursor.number("I")
    own = cursor.number("B") != 0
    cursor.take(1)
    return notes, received, own


def _private(cursor: Cursor, _: bytes) -> None:
    der = cursor.vector()
    _need(100 <= len(der) <= 300 and der[0] == 0x30, "no private key")
    cursor.take(32)


def _encrypted(cursor: Cursor, _: bytes) -> None:
    _need(len(cursor.vector()) == 48, "no encrypted key")


def _master(cursor: Cursor, _: bytes) -> None:
    _need(len(cursor.vector()) == 48 and len(cursor.vector()) == 8, "no master key")
    cursor.take(8)
    cursor.vector()


def _pool(cursor: Cursor, _: bytes) -> None:
    cursor.take(12)
    pubkey(cursor)


def _meta(cursor: Cursor, _: bytes) -> None:
    version, made = cursor.number("i"), cursor.number("q")
    _need(version in (1, 10, 11, 12) and 0 <= made < 1 << 33, "no metadata")
    if version >= 10:
        cursor.vector()
        cursor.take(20)
    if version >= 12:
        cursor.take(4)
        cursor.take(4 * min(cursor.compact(), 256))
        cursor.take(1)


def _descriptor(cursor: Cursor, _: bytes) -> None:
    raw = cursor.vector()
    _need(raw.isascii() and b"#" in raw and descriptors.without_checksum(raw.decode()) is not None, "no descriptor")
    cursor.take(20)


def _extended(cursor: Cursor, _: bytes) -> None:
    held = cursor.vector()
    _need(len(held) == 74 and held[41] in (2, 3), "no extended key")


def _script(cursor: Cursor, key: bytes) -> None:
    _need(encoded.hash160(cursor.vector()) == key[-20:], "another script")


def _skip(many: int) -> Callable[[Cursor], object]:
    return lambda cursor: cursor.take(many)


def _id_and_key(cursor: Cursor) -> None:
    cursor.take(32)
    pubkey(cursor)


FORMS: t.Final[dict[str, tuple[Callable[[Cursor], object], Callable[[Cursor, bytes], None]]]] = {
    "name": (_address, _label),
    "purpose": (_address, _purpose),
    "tx": (_skip(32), _moved),
    "key": (pubkey, _private),
    "wkey": (pubkey, _private),
    "ckey": (pubkey, _encrypted),
    "mkey": (_skip(4), _master),
    "pool": (_skip(8), _pool),
    "keymeta": (pubkey, _meta),
    "cscript": (_skip(20), _script),
    "walletdescriptor": (_skip(32), _descriptor),
    "walletdescriptorkey": (_id_and_key, _private),
    "walletdescriptorckey": (_id_and_key, _encrypted),
    "walletdescriptorlhcache": (_skip(36), _extended),
}
"""Kind -> what its key adds to the name, and its value; the key as a whole is given to the second."""
