"""Job: read one wallet file."""

from __future__ import annotations

import hashlib
import typing as t

import numpy as np

from vigie.cell.identifiers import find
from vigie.cell.job import Bench, Job, Refused
from vigie.cell.wallets import core, core_bdb, core_sqlite, electrum, encoded, free, wasabi
from vigie.numeric import sqlite_sums
from vigie.rows.content_types import WALLETS
from vigie.rows.wire import ReadWallet, Reply, Trouble

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_TROUBLES: t.Final = 200


def _sqlite(file: t.BinaryIO, beside: t.BinaryIO | None = None) -> Iterator[Reply]:
    file.seek(0)
    network = core_sqlite.network(file.read(100))
    yield from core.read(core_sqlite.read(file, beside), "bitcoin-core-sqlite", network)


def _bdb(file: t.BinaryIO) -> Iterator[Reply]:
    yield from core.read(core_bdb.read(file), "bitcoin-core-bdb", "")


READERS: t.Final[dict[str, Callable[[t.BinaryIO], Iterator[Reply]]]] = {
    "bitcoin-core-bdb": _bdb,
    "electrum": electrum.read,
    "electrum-encrypted": electrum.read_encrypted,
    "wasabi": wasabi.read,
}


def run(ask: ReadWallet, bench: Bench) -> None:
    """Send what it says as it comes. Raises ``Refused`` where it can be read in no way."""
    kind = WALLETS.get(ask.content_type)
    if kind is None:
        raise Refused("unsupported", f"{ask.content_type} is no wallet that is read")
    troubles = 0
    replies = _sqlite(*bench.files[:2]) if kind == "bitcoin-core-sqlite" else READERS[kind](bench.files[0])
    for reply in replies:
        if isinstance(reply, Trouble):
            troubles += 1
            if troubles > MOST_TROUBLES:
                continue
        for one in free.sealed(reply):
            bench.send(one)
    if troubles > MOST_TROUBLES:
        bench.send(
            Trouble(code="damaged", detail=f"{troubles - MOST_TROUBLES} more that could not be read", counts=False)
        )


def warm() -> None:
    """Load what is loaded late."""
    encoded.hash160(b"")
    sqlite_sums.summed(np.zeros(2, np.uint32), 0, 0)
    find.warm_money()
    hashlib.sha256(b"")


JOB = Job(ask=ReadWallet, run=run, warm=warm)
