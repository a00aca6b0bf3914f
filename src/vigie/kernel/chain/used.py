"""Which chain a case works with: the one named last. Without one every stage sees a chain that holds nothing."""

from __future__ import annotations

import typing as t
from pathlib import Path

from vigie.kernel.chain.assembled import none
from vigie.kernel.chain.opening import opened
from vigie.kernel.errors import UsageError
from vigie.rows import locator
from vigie.rows.ledgers import Ledger

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case
    from vigie.kernel.chain.chain import Chain

FOLDER: t.Final = "chain"
"""Of a case, for a chain that holds only what the case asked for."""


def ledger_of(case: Case) -> Ledger | None:
    """Return the chain that a case uses, as it was named; None: none was."""
    return max(case.read(Ledger), key=lambda one: (one.added_at, one.key), default=None)


def identity_of(case: Case) -> bytes:
    """Return what decides the outcome of stages that read the chain."""
    ledger = ledger_of(case)
    return ledger.identity if ledger else none().identity


def chain_of(case: Case) -> Chain:
    """Open the chain that a case uses. Errors: UsageError where it is gone, IntegrityError where it is another."""
    ledger = ledger_of(case)
    if ledger is None:
        return none()
    store = place(case.folder, ledger)
    if not store.exists():
        raise UsageError(f"{store}, the chain of this case, is gone. Name its new place: vigie chain use CASE STORE")
    return opened(store, ledger.identity)


def place(folder: Path, ledger: Ledger) -> Path:
    """Return where the store lies: below the case, or where it was when it was named."""
    path = Path(locator.read(ledger.path).decode(errors="surrogateescape"))
    return folder / path  # an absolute path stays what it is
