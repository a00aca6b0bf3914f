"""What a Bitcoin Core wallet says, its records put together: keys, addresses with labels, transactions, secrets.

An encrypted wallet says all of it but the private keys: account keys stand in ``walletdescriptorlhcache``, public keys
in the *key* of ``ckey`` records, labels and transactions as they are.
"""

from __future__ import annotations

import collections
import typing as t

import msgspec

from vigie.cell.wallets import descriptors, encoded
from vigie.cell.wallets.core_kinds import KINDS, Descriptor, Held
from vigie.cell.wallets.core_record import Record
from vigie.cell.wallets.cursor import Short
from vigie.cell.wallets.said import micros, secret
from vigie.rows.wire import (
    MOST_LINE,
    Reply,
    Trouble,
    WalletAddressFound,
    WalletHead,
    WalletKeyFound,
    WalletMoveFound,
)

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WITHOUT_PRIVATE_KEYS: t.Final = 1 << 32
_NAMED: t.Final = 20


def read(records: Iterable[Record | Trouble | str], kind: str, network: str) -> Iterator[Reply]:
    """Yield what the records say; what needs all of them comes at the end, and last the head.

    A text among them is what there is to say of the file as a whole.
    """
    yield from _Core(kind, network).read(records)


class _Core:
    def __init__(self, kind: str, network: str) -> None:
        self._kind, self._network = kind, network
        self._records = self._unread = 0
        self._odd: collections.Counter[str] = collections.Counter()
        self._unknown: collections.Counter[str] = collections.Counter()
        self._held = Held()
        self._said: list[str] = []
        self._met: set[int] = set()
        """Hashes of the records that count: what was carved and is one of these is a copy that moving pages left."""

    def read(self, records: Iterable[Record | Trouble | str]) -> Iterator[Reply]:
        for record in records:
            if isinstance(record, Trouble):
                yield record
            elif isinstance(record, str):
                self._said.append(record)
            else:
                yield from self._record(record)
        self._network = self._network or self._guess()
        yield from self._addresses()
        yield from self._described()
        yield from self._singles()
        yield from self._troubles()
        yield self._head()

    def _record(self, record: Record) -> Iterator[Reply]:
        mark = hash((record.key, record.value))
        if record.carved and mark in self._met:
            return
        self._met.add(mark)
        self._records += 1
        kind = record.kind()
        if kind not in KINDS:
            self._unread += 1
            self._unknown[kind if kind.isidentifier() else "(no name)"] += 1
            return
        try:
            for reply in KINDS[kind](record, self._held) or ():
                named = isinstance(reply, WalletAddressFound | WalletMoveFound)
                yield msgspec.structs.replace(reply, network=self._network) if named else reply
        except Short:
            self._unread += 1
            self._odd[kind] += 1
            if kind == "tx" and len(record.key) == 35:  # its id alone is a fact
                yield WalletMoveFound(
                    network=self._network, txid=record.key[:2:-1], carved=record.carved, place="tx", start=record.key_at
                )

    def _guess(self) -> str:
        """Return the network of most of its addresses; ``""`` where there is none."""
        met = collections.Counter(encoded.script_of(address)[1] for address, _ in self._held.labels)
        met.pop("", None)
        return met.most_common(1)[0][0] if met else ""

    def _addresses(self) -> Iterator[Reply]:
        for (address, carved), said in self._held.labels.items():
            label, purpose = said.get("label", ("", None)), said.get("purpose", ("", None))
            record = label[1] or purpose[1]
            if record is None:
                raise AssertionError("a label of no record")
            script, network = encoded.script_of(address)
            yield WalletAddressFound(
                # base58 and bech32 say "test" where the file knows which
                network=self._network or network,
                address=address[:1000],
                script=script,
                own=purpose[0] not in ("send", "refund"),
                label=label[0][:1000],
                purpose=purpose[0][:100],
                carved=carved,
                place="name" if label[1] else "purpose",
                start=record.key_at,
            )

    def _described(self) -> Iterator[Reply]:
        for one in self._held.descriptors:
            body = descriptors.without_checksum(one.text)
            if body is None:
                self._odd["walletdescriptor"] += 1
                body = one.text.partition("#")[0]
            if len(one.text) > MOST_LINE:
                self._odd["walletdescriptor"] += 1
                continue
            if descriptors.private(body):
                yield secret("descriptor", one.text.encode("utf-8", "replace"), "walletdescriptor",
                             start=one.record.value_at, carved=one.record.carved)  # fmt: skip
                continue
            yield self._descriptor(one, body)

    def _descriptor(self, one: Descriptor, body: str) -> Reply:
        def account(number: int) -> str:
            key = self._held.accounts.get((one.ident, number))
            return encoded.xpub(key, self._network) if key else ""

        said = descriptors.public(body, account)
        ranged = "*" in body
        branch = self._held.active.get(one.ident, -1)
        return WalletKeyFound(
            kind="descriptor",
            value=one.text,
            descriptor=said.descriptor if len(said.descriptor) <= MOST_LINE else "",
            xpub=said.xpub,
            network=self._network,
            fingerprint=said.fingerprint,
            path=said.path[:1000],
            script_type=descriptors.script_type(body),
            branch=said.branch if said.branch >= 0 else branch,
            next_index=_index(one.next) if ranged else -1,
            range_start=_index(one.start) if ranged else -1,
            range_end=_index(one.end) if ranged else -1,
            active=one.ident in self._held.active,
            created=micros(self._held.made(one.created)),
            carved=one.record.carved,
            place=f"walletdescriptor {one.ident[::-1].hex()}",
            start=one.record.value_at,
        )

    def _singles(self) -> Iterator[Reply]:
        for key, one in self._held.singles.items():
            text = key.hex()
            origin = f"[{one.fingerprint}{'/' + one.path if one.path else ''}]" if one.fingerprint else ""
            yield WalletKeyFound(
                kind="pubkey",
                value=text,
                descriptor=f"combo({origin}{text})" if len(key) == 33 or key[0] == 4 else "",
                network=self._network,
                fingerprint=one.fingerprint,
                path=one.path,
                active=not one.record.carved,
                created=micros(one.created),
                carved=one.record.carved,
                place=one.record.kind() + (" (pool)" if one.pool and one.record.kind() != "pool" else ""),
                start=one.record.key_at,
            )

    def _troubles(self) -> Iterator[Reply]:
        for kind, many in self._odd.most_common(_NAMED):
            yield Trouble(code="misfit", detail=f"{many} records of kind {kind} are not of its form", counts=False)
        if self._unknown:
            named = ", ".join(f"{kind[:40]} ({many})" for kind, many in self._unknown.most_common(_NAMED))
            yield Trouble(code="unread", detail=f"records of kinds that are not known: {named}", counts=False)

    def _head(self) -> WalletHead:
        held = self._held
        carved = sum(one.record.carved for one in held.descriptors)
        text = f"{len(held.descriptors) - carved} descriptors, {len(held.singles)} single keys"
        if held.encrypted:
            text += "; private keys are under a passphrase, all else is in clear"
        text = "; ".join([text, *self._said])
        return WalletHead(
            kind=self._kind,
            network=self._network,
            version=held.version,
            encrypted=held.encrypted,
            watching=bool(held.flags & WITHOUT_PRIVATE_KEYS) or not (held.private or held.encrypted),
            created=micros(held.created),
            records=self._records,
            unread=self._unread,
            text=text,
        )


def _index(number: int) -> int:
    return max(number, -1)
