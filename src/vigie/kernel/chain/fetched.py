"""Fetching a case's part of the chain from the unit's own node into the case, and working with it."""

from __future__ import annotations

import os
import typing as t

import msgspec

from vigie.kernel import durable
from vigie.kernel.chain import scoped
from vigie.kernel.chain.files import unlinked
from vigie.kernel.chain.filters import Filters, Vouched
from vigie.kernel.chain.heads import Heads
from vigie.kernel.chain.naming import use
from vigie.kernel.chain.node import NodeError
from vigie.kernel.chain.notes import Notes
from vigie.kernel.chain.scope import HEADS, NOTES, Bounds, Scope, Step
from vigie.kernel.chain.used import FOLDER
from vigie.kernel.errors import IntegrityError, UsageError
from vigie.rows.money import NETWORKS
from vigie.rows.payments import Watched
from vigie.rows.tags import Tag, stops

if t.TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vigie.kernel.case import Case
    from vigie.kernel.cell import Cell
    from vigie.kernel.chain.node import Node
    from vigie.rows.ledgers import Ledger

ACT: t.Final = "chain_fetched"


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    ledger: Ledger
    scripts: int
    """That were asked for."""
    transactions: int
    stubs: int
    tip: int
    unsaid: int
    """Transactions of which the node did not say what they spend."""
    known: int
    """Transactions that were known from an earlier fetch, ended or not."""
    read: int
    """Blocks that were read now."""
    filters: int
    """Filters that the node's answers were held against."""


def belongs(one: Watched, network: str) -> bool:
    """Tell whether a script may be of a network: base 58 has one form for all test networks (Core, chainparams.cpp)."""
    alike = "main" not in (one.network, network) and one.type in ("p2pkh", "p2sh")
    return bool(one.script) and (one.network == network or alike)


class Audit(t.NamedTuple):
    """How the node's answers are held against its filters."""

    cell: Cell
    whole: bool = False
    vouched: Vouched | None = None


def fetch(
    case: Case, node: Node, cell: Cell, bounds: Bounds, watch: Callable[[Step], None], audit: Audit | None = None
) -> Fetched:
    """Fetch what touches the case's watched scripts, and what follows; have the case work with it; log it.

    Errors: UsageError where nothing is watched or the case has a whole chain there; NodeError.
    """
    about = node.about()
    network = about.chain  # Core calls networks as we do (chaintype.cpp)
    if network not in NETWORKS:
        raise NodeError(f"The node at {node} is of a network that vigie does not know: {about.chain[:40]!r}.")
    if about.initialblockdownload and network != "regtest":
        raise NodeError(
            f"The node at {node} is still loading the chain ({about.blocks:,} of {about.headers:,} blocks). Ask it"
            " when it is done: what it lacks would be missing in the case."
        )
    scripts = [one.script for one in case.read(Watched) if belongs(one, network)]
    if not scripts:
        raise UsageError(
            f"Nothing of network {network} is watched in this case. Take wallets or dumps in and `vigie run`, or give"
            " addresses, keys or descriptors: vigie give CASE."
        )
    named = {one.script for one in case.read(Tag) if one.script and stops(one.tag_type, one.category, one.concepts)}
    folder = case.folder / FOLDER
    scoped.held(folder)  # a whole chain is not overwritten
    folder.mkdir(exist_ok=True)
    heads = Heads(network)
    _remembered(folder, heads)
    with Notes(network, folder / NOTES) as notes:
        _as_logged(case, notes)
        known = len(notes.kept)
        filters = Filters(node, audit.cell, heads, whole=audit.whole, vouched=audit.vouched) if audit else None
        scope = Scope(node, cell, heads, bounds, named.__contains__, watch, notes, filters)
        scope.fetch(scripts, lambda: _remember(folder, heads))
    blocks, stubs = scope.blocks()
    batch = scoped.Batch(blocks=blocks, stubs=stubs, branches={txid: one.branch for txid, one in scope.kept.items()})
    if not blocks:
        raise UsageError(
            f"The chain up to height {len(scope.heads) - 1:,} has no payment of the {len(scripts):,} scripts that the"
            f" case watches, by the filters of the node at {node}."
        )
    scoped.replace(folder, network, batch)
    ledger = use(case, folder)
    unsaid = sum(not one.says_what_it_spends() for one in scope.kept.values())
    about_it: dict[str, t.Any] = {"ledger": ledger.key.hex(), "node": str(node), "scripts": len(scripts)}
    about_it |= {"tip": scope.heads.hash_at(scope.upto).hex(), "transactions": len(scope.kept)}
    about_it |= {"notes": notes.sum}
    case.custody.append(ACT, about_it | msgspec.to_builtins(bounds))
    return Fetched(
        ledger=ledger,
        scripts=len(scripts),
        transactions=len(scope.kept),
        stubs=len(stubs),
        tip=scope.upto,
        unsaid=unsaid,
        known=known,
        read=scope.read,
        filters=filters.looked_at if filters else 0,
    )


def _remember(folder: Path, heads: Heads) -> None:
    durable.write(folder / HEADS, bytes(heads.raw))


def _remembered(folder: Path, heads: Heads) -> None:
    """Take up the headers of an earlier fetch. Errors: IntegrityError where they cannot be."""
    path = folder / HEADS
    if not path.exists():
        return
    with os.fdopen(unlinked(path, os.O_RDONLY), "rb") as stream:
        raw = stream.read()
    try:
        heads.load(raw)
    except NodeError as error:
        raise IntegrityError(f"{path}: {error} Remove it, and fetch again.") from None


def _as_logged(case: Case, notes: Notes) -> None:
    """Hold what was noted against the log. Errors: IntegrityError."""
    logged = [entry.about.get("notes") for entry in case.custody.entries() if entry.act == ACT]
    if logged and logged[-1] is not None and notes.kept and logged[-1] not in notes.sums:
        raise IntegrityError(
            f"{case.folder / FOLDER / NOTES} is not what the case's log names. Restore it, or remove it and fetch anew."
        )
