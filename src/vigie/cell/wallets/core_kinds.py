"""What a record of each kind says. Source: Bitcoin Core, ``wallet/walletdb.h`` and ``.cpp`` (0.3 to 29).

Each reader raises ``Short`` where the record is not of its kind's form. What needs no other record is yielded at once.
"""

from __future__ import annotations

import dataclasses
import typing as t

from vigie.cell.wallets import core_forms, encoded, transaction
from vigie.cell.wallets.cursor import Cursor, Short
from vigie.cell.wallets.said import micros, secret
from vigie.rows.wire import Reply, WalletAddressFound, WalletMoveFound

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vigie.cell.wallets.core_record import Record

MOST_RAW: t.Final = 1_000_000
"""Bytes of a transaction that are kept; a longer one is named by its id."""
MOST_SCRIPT: t.Final = 10_000


class Descriptor(t.NamedTuple):
    """A descriptor as the wallet keeps it."""

    ident: bytes
    text: str
    created: int
    next: int
    start: int
    end: int
    record: Record


@dataclasses.dataclass(kw_only=True)
class Single:
    """A public key that stands alone."""

    record: Record
    created: int | None = None
    path: str = ""
    fingerprint: str = ""
    pool: bool = False
    """Does it wait to be given out?"""


@dataclasses.dataclass(kw_only=True)
class Held:
    """What waits for other records, and what the wallet as a whole is."""

    descriptors: list[Descriptor] = dataclasses.field(default_factory=list)
    accounts: dict[tuple[bytes, int], bytes] = dataclasses.field(default_factory=dict)
    """Descriptor and number of a key in it -> 74 bytes of an extended public key."""
    active: dict[bytes, int] = dataclasses.field(default_factory=dict)
    """Descriptor in use -> branch."""
    labels: dict[tuple[str, bool], dict[str, tuple[str, Record]]] = dataclasses.field(default_factory=dict)
    """Address, and is it carved? -> ``label`` and ``purpose``, and from which record."""
    singles: dict[bytes, Single] = dataclasses.field(default_factory=dict)
    encrypted: bool = False
    private: bool = False
    flags: int = 0
    version: str = ""
    created: int | None = None

    def single(self, key: bytes, record: Record) -> Single:
        """Return what is known of a public key, after this record."""
        held = self.singles.setdefault(key, Single(record=record))
        if held.record.carved and not record.carved:
            held.record = record
        return held

    def made(self, seconds: int) -> int | None:
        """Return when a key was made; None where that is not said (0, 1)."""
        if not 1 < seconds < 1 << 33:
            return None
        self.created = min(self.created or seconds, seconds)
        return seconds


def _name(record: Record, held: Held) -> None:
    address, label = record.rest().text(), Cursor(record.value).text()
    held.labels.setdefault((address, record.carved), {})["label"] = (label, record)


def _purpose(record: Record, held: Held) -> None:
    address, purpose = record.rest().text(), Cursor(record.value).text()
    held.labels.setdefault((address, record.carved), {})["purpose"] = (purpose, record)


def _key(record: Record, held: Held) -> Iterator[Reply]:
    held.single(core_forms.pubkey(record.rest()), record)
    held.private |= not record.carved
    yield secret("key", Cursor(record.value).vector(), record.kind(), start=record.value_at, carved=record.carved)


def _ckey(record: Record, held: Held) -> Iterator[Reply]:
    held.single(core_forms.pubkey(record.rest()), record)
    return _sealed(record, held)


def _sealed(record: Record, held: Held) -> Iterator[Reply]:
    held.encrypted |= not record.carved
    kind = "mkey" if record.kind() == "mkey" else "ckey"
    yield secret(kind, record.value, record.kind(), start=record.value_at, carved=record.carved)


def _of_descriptor(record: Record, held: Held) -> Iterator[Reply]:
    held.private |= not record.carved
    yield secret("key", Cursor(record.value).vector(), record.kind(), start=record.value_at, carved=record.carved)


def _keymeta(record: Record, held: Held) -> None:
    key, cursor = core_forms.pubkey(record.rest()), Cursor(record.value)
    version, made = cursor.number("i"), cursor.number("q")
    single = held.single(key, record)
    single.created = held.made(made)
    if version >= 10:
        single.path = cursor.text().replace("'", "h").removeprefix("m").removeprefix("/")[:1000]
        cursor.take(20)
    if version >= 12:
        fingerprint = cursor.take(4).hex()
        single.fingerprint = fingerprint if single.path else ""


def _pool(record: Record, held: Held) -> None:
    cursor = Cursor(record.value)
    cursor.take(4)
    made = cursor.number("q")
    single = held.single(core_forms.pubkey(cursor), record)
    single.pool = True
    single.created = single.created or held.made(made)


def _watched(record: Record, _: Held) -> Iterator[Reply]:
    yield _script(record.rest().vector(), record)


def _redeemed(record: Record, _: Held) -> Iterator[Reply]:
    inner = Cursor(record.value).vector()
    yield _script(b"\xa9\x14" + encoded.hash160(inner) + b"\x87", record)


def _script(script: bytes, record: Record) -> Reply:
    if len(script) > MOST_SCRIPT:
        raise Short("longer than any script")
    return WalletAddressFound(
        address="", script=script, own=True, carved=record.carved, place=record.kind(), start=record.key_at
    )


def _tx(record: Record, _: Held) -> Iterator[Reply]:
    cursor = Cursor(record.value)
    named = record.rest().take(32)[::-1]
    held = transaction.read(cursor)
    if held.txid != named:
        raise Short("another id")
    notes, received, own = core_forms.skip_wallet_part(cursor)
    smart = notes.get("timesmart", "")
    at = int(smart) if smart.isdecimal() and len(smart) <= 10 else received
    label = ", ".join(notes[one] for one in ("comment", "to", "message") if notes.get(one))
    yield WalletMoveFound(
        txid=named,
        at=micros(at),
        label=label[:1000],
        sent=own,
        raw=held.raw if len(held.raw) <= MOST_RAW else b"",
        carved=record.carved,
        place="tx",
        start=record.value_at,
    )


def _walletdescriptor(record: Record, held: Held) -> None:
    ident, cursor = record.rest().take(32), Cursor(record.value)
    text, created = cursor.text(), cursor.number("Q")
    after, start, end = (cursor.number("i") for _ in range(3))
    held.descriptors.append(Descriptor(ident, text, created, after, start, end, record))


def _account(record: Record, held: Held) -> None:
    rest, key = record.rest(), Cursor(record.value).vector()
    if len(key) != 74 or key[41] not in (2, 3):
        raise Short("no extended public key")
    held.accounts.setdefault((rest.take(32), rest.number("I")), key)


def _active(record: Record, held: Held) -> None:
    held.active[Cursor(record.value).take(32)] = int(record.kind() == "activeinternalspk")


def _flags(record: Record, held: Held) -> None:
    held.flags = Cursor(record.value).number("Q")


def _version(record: Record, held: Held) -> None:
    held.version = str(Cursor(record.value).number("i"))


def _nothing(_: Record, __: Held) -> None:
    """Pass over what says nothing of keys, addresses or payments that another record does not."""


KINDS: t.Final[dict[str, Callable[[Record, Held], Iterator[Reply] | None]]] = {
    "name": _name, "purpose": _purpose, "key": _key, "wkey": _key, "ckey": _ckey, "mkey": _sealed,
    "keymeta": _keymeta, "pool": _pool, "watchs": _watched, "cscript": _redeemed, "tx": _tx,
    "walletdescriptor": _walletdescriptor, "walletdescriptorlhcache": _account,
    "walletdescriptorkey": _of_descriptor, "walletdescriptorckey": _sealed,
    "activeexternalspk": _active, "activeinternalspk": _active, "flags": _flags, "minversion": _version,
    **dict.fromkeys(("walletdescriptorcache", "watchmeta", "hdchain", "version", "acc", "acentry", "bestblock",
                     "bestblock_nomerkle", "defaultkey", "destdata", "lockedutxo", "orderposnext", "setting",
                     "settings", "hashKeyPool", "walletupgraded"), _nothing),
}  # fmt: skip
"""Kinds of records that are known, by name."""
