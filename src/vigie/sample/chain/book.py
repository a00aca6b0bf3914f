"""The truth about a chain, written down as it is made: rows in parts, so that memory does not grow with the chain."""

from __future__ import annotations

import contextlib
import typing as t

from vigie.kernel.schema import schema
from vigie.kernel.table import columns, passing
from vigie.rows.chain_truth import (
    TruthOrder,
    TruthPath,
    TruthPeel,
    TruthScript,
    TruthSettled,
    TruthTransaction,
    TruthWallet,
)
from vigie.sample.chain.addressed import addresses

if t.TYPE_CHECKING:
    from pathlib import Path

    from vigie.rows.base import Row
    from vigie.sample.chain.locks import Lock

ROWS: tuple[type[Row], ...] = (
    TruthWallet,
    TruthScript,
    TruthTransaction,
    TruthOrder,
    TruthSettled,
    TruthPath,
    TruthPeel,
)
PART = 1 << 15


class Book(contextlib.ExitStack):
    """Files named after their tables, open until it is left."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.paths = tuple(folder / f"{row.table()}.parquet" for row in ROWS)
        self._writers = {row: self.enter_context(passing(path, schema(row)))
                         for row, path in zip(ROWS, self.paths, strict=True)}  # fmt: skip
        self._held: dict[type[Row], list[tuple[t.Any, ...]]] = {row: [] for row in ROWS}
        self._names = {row: row.__struct_fields__[1:] for row in ROWS}
        self._seen: list[Lock] = []
        self.counts = dict.fromkeys(ROWS, 0)
        self.callback(self._flush)

    def add(self, row: type[Row], *values: t.Any) -> None:
        """Write a row, its columns in their order, the key left out."""
        held = self._held[row]
        held.append(values)
        if len(held) >= PART:
            self._write(row)

    def script(self, lock: Lock) -> None:
        """Write a script that is paid for the first time."""
        lock.seen = True
        self._seen.append(lock)
        if len(self._seen) >= PART:
            self._scripts()

    def _scripts(self) -> None:
        some, self._seen = self._seen, []
        kinds, scripts = [one.kind for one in some], [one.script for one in some]
        for lock, address in zip(some, addresses(kinds, scripts), strict=True):
            wallet = lock.wallet
            self._held[TruthScript].append(
                (lock.script, lock.kind, address, wallet.name, wallet.owner, lock.role, lock.path)
            )
        self._write(TruthScript)

    def _write(self, row: type[Row]) -> None:
        held, self._held[row] = self._held[row], []
        if held:
            self.counts[row] += len(held)
            given = {name: list(one) for name, one in zip(self._names[row], zip(*held, strict=True), strict=True)}
            self._writers[row].write_table(columns(row, **given).arrow)

    def _flush(self) -> None:
        self._scripts()
        for row in ROWS:
            self._write(row)
