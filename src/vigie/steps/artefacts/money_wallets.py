"""What wallet files hold in clear: public keys, addresses, labels, transactions. What spends is sealed."""

from __future__ import annotations

import collections
import contextlib
import datetime as dt
import typing as t
from collections.abc import Iterator

import msgspec

from vigie.kernel import vault
from vigie.kernel.blob import Blob, Lost, Spool
from vigie.kernel.evidence import Evidence, Pace
from vigie.kernel.stage import Params, Unit, stage
from vigie.kernel.table import Table, look, query
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
MOST_BESIDE: t.Final = 256 << 20
"""Bytes of a log or journal that are held while its wallet is read ..."""
MOST_HELD: t.Final = 512 << 20
"""... and of all that are held at once: here, where no cell bounds memory."""
_COPIES: t.Final = """
    select distinct locator || suffix as beside, sha256
    from among, (values ('-wal'), ('-journal')) as s(suffix)
    where sha256 in (select sha256 from mine)
    """
"""Where a log or a journal would lie, of each place at which the wallet does: all copies have the same bytes."""
_BESIDE: t.Final = f"""
    select * from among where size_bytes > 0 and locator in (select beside from ({_COPIES}))
    order by depth > 0, original, locator
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
    of = {one["beside"]: one["sha256"] for one in look(_COPIES, mine=files, among=among)}
    beside = query(File, _BESIDE, mine=files, among=among)
    held: dict[bytes, list[_Beside]] = {}
    room = MOST_HELD
    for file, blob in opened(beside, originals, evidence, bounds=params.bounds, pace=params.opening):
        one = _Beside.of(file.name, blob, room)
        room -= len(one.data)
        held.setdefault(of[file.locator], []).append(one)
    for file, blob in opened(files, originals, evidence, bounds=params.bounds, pace=params.opening):
        reader = _Reader(file, evidence.vault)
        if isinstance(blob, Lost):
            yield reader.lost(blob)
        else:
            yield from reader.read(blob, evidence, params.pace, held.get(file.sha256, []))


def _spooled(data: bytes, evidence: Evidence) -> Blob:
    spool = Spool(evidence.tmp)
    spool.add(data)
    return spool.blob()


class _Beside(t.NamedTuple):
    """A log or journal that lies beside a wallet."""

    name: str
    data: bytes
    lost: str
    """Why it could not be had; ``""``: it could."""

    @classmethod
    def of(cls, name: str, blob: Blob | Lost, room: int) -> t.Self:
        if isinstance(blob, Lost):
            return cls(name, b"", f"{blob.code} {blob.detail}")
        if blob.size_bytes > min(MOST_BESIDE, room):
            limits = f"at most {MOST_BESIDE} are merged, and {MOST_HELD} of wallets that are read together"
            return cls(name, b"", f"it has {blob.size_bytes} bytes; {limits}")
        with open(blob.fd, "rb", closefd=False) as source:
            return cls(name, source.read(), "")


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

    def read(self, blob: Blob, evidence: Evidence, pace: Pace, beside: list[_Beside]) -> Iterator[Unit[Rows]]:
        """Give the rows of the wallet in parts, read with the log or journal that lies beside it."""
        for one in beside:
            if one.lost:
                self._rows.append(self._problem("beside", f"{one.name} was not merged: {one.lost}"[:1000]))
        useful = [one for one in beside if not one.lost]
        for one in useful[1:]:
            self._rows.append(self._problem("beside", f"{one.name} was not merged: {useful[0].name} was"[:1000]))
        with contextlib.ExitStack() as stack:
            fds = [blob.fd, *(stack.enter_context(_spooled(one.data, evidence)).fd for one in useful[:1])]
            yield from self._read(blob, fds, evidence, pace)

    def _read(self, blob: Blob, fds: list[int], evidence: Evidence, pace: Pace) -> Iterator[Unit[Rows]]:
        before, head, failed = blob.state(), None, False
        ask = ReadWallet(content_type=self._file.content_type)
        for reply in evidence.ask(ask, fds, limits=pace.limits(blob.size_bytes)):
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
