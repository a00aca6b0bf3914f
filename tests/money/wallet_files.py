"""Wallet files of tests, and reading one as the cell does."""

from __future__ import annotations

import io
import json
import lzma
import sqlite3
import tempfile
import typing as t
from pathlib import Path

from vigie.cell.job import Bench, Refused
from vigie.cell.jobs import read_wallet
from vigie.rows.wire import ReadWallet, Reply

FOLDER = Path(__file__).parent / "wallets"
SQLITE = "application/x-bitcoin-wallet-sqlite"
BDB = "application/x-bitcoin-wallet-bdb"


def data(name: str) -> bytes:
    """Return the bytes of a file that is kept compressed."""
    return lzma.decompress((FOLDER / f"{name}.xz").read_bytes())


def truth(name: str) -> t.Any:
    """Return what the software that made it says of it."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def read(content: bytes, content_type: str) -> list[Reply]:
    """Return all that the job answers."""
    out: list[Reply] = []
    bench = Bench(files=[io.BytesIO(content)], scratch=[], scratch_paths=[], send=out.append)
    read_wallet.run(ReadWallet(content_type=content_type), bench)
    return out


def read_or_refused(content: bytes, content_type: str) -> list[Reply] | Refused:
    """Return all that the job answers, or why it refuses."""
    try:
        return read(content, content_type)
    except Refused as refused:
        return refused


def logged() -> tuple[bytes, bytes]:
    """Return a wallet as it lies while it is open, and the log beside it: one label was put there, then another."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "wallet.dat")
        path.write_bytes(data("core_plain.dat"))
        held = sqlite3.connect(path, isolation_level=None)
        held.execute("pragma journal_mode=wal")
        held.execute("pragma wal_autocheckpoint=0")
        for text in (b"log one", b"log two"):
            key = b"\x04name\x2c" + b"bcrt1qcr8te4kr609gcawutmrza0j4xv80jy8zeqchgx"
            held.execute("insert or replace into main values (?, ?)", (key, bytes([len(text)]) + text))
        found = path.read_bytes(), path.with_name("wallet.dat-wal").read_bytes()
        held.close()
    return found


R = t.TypeVar("R")


def of(kind: type[R], replies: list[Reply]) -> list[R]:
    """Return the replies of one kind."""
    return [one for one in replies if isinstance(one, kind)]
