"""What wallet files hold in clear: public keys, addresses, labels, transactions. What spends is sealed."""

from __future__ import annotations

import collections
import datetime as dt
import typing as t
from collections.abc import Iterator

import msgspec

from vigie.kernel import vault
from vigie.kernel.blob import Blob, Lost
from vigie.kernel.evidence import Evidence, Pace
from vigie.kernel.stage import Params, Unit, stage
from vigie.kernel.table import Table, look
from vigie.rows.artefacts import File
from vigie.rows.content_types import WALLETS
from vigie.rows.evidence import Original
from vigie.rows.problems import Problem
from vigie.rows.wallets import WALLET_SECRETS, Wallet, WalletAddress, WalletKey, WalletMove, WalletSecret
from vigie.rows.wire import (
    Bounds,
    Failed,
    ReadWallet,
    Trouble,
    WalletAddressFound,
    WalletHead,
    WalletKeyFound,
    WalletMoveFound,
    WalletSecretFound,
)
from vigie.steps.opened import opened
from vigie.steps.scripts import order_of, type_of

Rows: t.TypeAlias = Wallet | WalletKey | WalletAddress | WalletMove | WalletSecret | Problem
PART: t.Final = 2000
"""Rows that are given at once: a service's wallet has millions of addresses."""
MOST_SECRETS: t.Final = 1_000_000
_EPOCH: t.Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_BESIDE: t.Final = """
    select distinct w.sha256, b.name, b.size_bytes from (
        select *, unnest([locator || '-wal', locator || '-journal']) as other from among where kind = 'wallet'
    ) w join among b on b.locator = w.other and b.size_bytes > 0
    order by all
    """


class Wallets(Params, frozen=True):
    """Settings. A wallet is read at 2 MB/s and more."""

    bounds: Bounds = Bounds()
    pace: Pace = Pace(wall_s=60, wall_s_per_mb=3.0, most_wall_s=1e5, memory_mb=4096, output_mb=1 << 14)
    opening: Pace = Pace(wall_s=60, wall_s_per_mb=0.5, most_wall_s=1e6, memory_mb=2048)


@stage(
    split="sha256",
    unit="content",
    together="original",
    soon=True,
    plan="""
    select * from files where kind = 'wallet'
    qualify row_number() over (partition by sha256 order by depth, locator) = 1
    order by depth > 0, original, locator
    """,
)
def wallets(
    files: Table[File], among: Table[File], originals: Table[Original], evidence: Evidence, params: Wallets
) -> Iterator[Unit[Rows]]:
    """Read each wallet file; what of it cannot be read is a Problem. No passphrase is ever tried."""
    beside: dict[bytes, list[str]] = {}
    for one in look(_BESIDE, among=among):
        beside.setdefault(one["sha256"], []).append(f"{one['name']} ({one['size_bytes']} bytes)")
    for file, blob in opened(files, originals, evidence, bounds=params.bounds, pace=params.opening):
        reader = _Reader(file, evidence.vault)
        if isinstance(blob, Lost):
            yield reader.lost(blob)
        else:
            yield from reader.read(blob, evidence, params.pace, beside.get(file.sha256, []))


class _Reader:
    """Makes rows of what the cell says of one wallet."""

    def __init__(self, file: File, vault_key: bytes) -> None:
        self._file, self._vault_key = file, vault_key
        self._count: collections.Counter[type[Rows]] = collections.Counter()
        self._rows: list[Rows] = []
        self._labels = self._unsealed = 0
        self._highest = -1

    def lost(self, blob: Lost) -> Unit[Rows]:
        """Say that there are no bytes."""
        return Unit(key=self._file.sha256, rows=[self._problem(blob.code, blob.detail, counts=True)])

    def read(self, blob: Blob, evidence: Evidence, pace: Pace, beside: list[str]) -> Iterator[Unit[Rows]]:
        """Give the rows of the wallet in parts."""
        before, head, failed = blob.state(), None, False
        ask = ReadWallet(content_type=self._file.content_type)
        for reply in evidence.ask(ask, [blob.fd], limits=pace.limits(blob.size_bytes)):
            if isinstance(reply, WalletHead):
                head = reply
            elif isinstance(reply, Trouble | Failed):
                failed = isinstance(reply, Failed) and not self._count
                self._rows.append(self._problem(reply.code, reply.detail, counts=failed))
            else:
                self._rows += self._made(reply)
            if len(self._rows) >= PART:
                yield Unit(key=self._file.sha256, rows=self._rows, last=False)
                self._rows = []
        if beside:
            detail = f"beside it lie {', '.join(beside)}: what they hold is not merged, and not in these rows"
            self._rows.append(self._problem("beside", detail[:1000]))
        if self._unsealed:
            self._rows.append(self._problem("sealed", f"{self._unsealed} secrets"))
        if blob.state() != before:
            self._rows.append(self._problem("changed", "while it was read"))
        if not failed:
            self._rows.append(self._wallet(head))
        yield Unit(key=self._file.sha256, rows=self._rows)

    def _made(self, reply: t.Any) -> Iterator[Rows]:
        """Make rows of a reply; what comes twice has two."""
        given = {name: getattr(reply, name) for name in reply.__struct_fields__} | {"content": self._file.sha256}
        for name in ("at", "created"):
            if name in given:
                given[name] = None if given[name] is None else _EPOCH + dt.timedelta(microseconds=given[name])
        if isinstance(reply, WalletKeyFound):
            yield WalletKey.make(number=self._next(WalletKey), **given)
            self._highest = max(self._highest, reply.next_index - 1)
        elif isinstance(reply, WalletAddressFound):
            given |= {"type": type_of(reply.script), "order": order_of(reply.label), "layer": "A"}
            yield WalletAddress.make(number=self._next(WalletAddress), **given)
            self._highest = max(self._highest, reply.index)
            self._labels += bool(reply.label)
        elif isinstance(reply, WalletMoveFound):
            yield WalletMove.make(number=self._next(WalletMove), layer="A", **given)
        elif isinstance(reply, WalletSecretFound):
            yield from self._sealed(reply)

    def _sealed(self, reply: WalletSecretFound) -> Iterator[Rows]:
        number = self._next(WalletSecret)
        if not self._vault_key or number >= MOST_SECRETS:
            self._unsealed += 1
            return
        made = WalletSecret.make(
            content=self._file.sha256,
            number=number,
            kind=WALLET_SECRETS[reply.kind],
            carved=reply.carved,
            place=reply.place,
            start=reply.start,
            size_bytes=len(reply.value),
            same=vault.same(self._vault_key, reply.value),
            sealed=b"",
        )
        # empty plaintext has no sealed form
        sealed = vault.seal(self._vault_key, reply.value, made.key) if reply.value else b""
        yield msgspec.structs.replace(made, sealed=sealed)

    def _wallet(self, head: WalletHead | None) -> Wallet:
        """Return what the wallet is; without a head the reading did not come to its end."""
        said = head or WalletHead(kind=WALLETS[self._file.content_type], text="not read to its end")
        return Wallet.make(
            content=self._file.sha256,
            kind=said.kind,
            network=said.network,
            version=said.version,
            encrypted=said.encrypted,
            whole=said.whole,
            watching=said.watching,
            created=None if said.created is None else _EPOCH + dt.timedelta(microseconds=said.created),
            keys=self._count[WalletKey],
            addresses=self._count[WalletAddress],
            labels=self._labels,
            moves=self._count[WalletMove],
            secrets=self._count[WalletSecret],
            highest=self._highest,
            records=said.records,
            unread=said.unread,
            text=said.text,
        )

    def _next(self, row: type[Rows]) -> int:
        self._count[row] += 1
        return self._count[row] - 1

    def _problem(self, code: str, detail: str, *, counts: bool = False) -> Problem:
        return Problem.make(
            stage="wallets", subject=self._file.locator, code=code, detail=detail, counts=counts,
            unit=self._file.sha256,
        )  # fmt: skip
