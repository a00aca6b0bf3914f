"""A store of what a case asked for: some transactions of some blocks, in the same files as a whole chain.

New transactions may stand anywhere among those there are, so the store is made anew from what is kept of each
transaction, as a new generation beside the old one, and the manifest turns over from one to the other.
"""

from __future__ import annotations

import contextlib
import os
import typing as t

import msgspec
import numpy as np

from vigie.kernel import lock
from vigie.kernel.chain import layout
from vigie.kernel.chain.assembled import Held, Said, assemble
from vigie.kernel.chain.chain import MISSING
from vigie.kernel.chain.files import fresh, whole
from vigie.kernel.chain.growth import LOCK, swept
from vigie.kernel.chain.layout import COLUMNS, SPENDER, STALE, Manifest, Part
from vigie.kernel.chain.opening import opened
from vigie.kernel.chain.proof import Branch
from vigie.kernel.errors import UsageError

if t.TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vigie.kernel.chain.chain import Chain


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a chain: transactions of some blocks, and stubs of what they spend."""

    blocks: list[Held]
    """By ascending height; of each the wanted transactions by ascending ``place``."""
    stubs: list[Said]
    """Transactions that are not in ``blocks``, of which only outputs are known (``STUB``)."""
    branches: dict[bytes, Branch] = {}
    """By id: what hangs each of ``blocks`` on its header."""


def append(folder: Path, network: str, batch: Batch) -> Chain:
    """Add to what a scoped store holds, or make it, and open it.

    Errors: UsageError where the store is another network's or a whole chain's, or a block has another header than the
    one held at its height (a reorganisation: ``replace`` with what still stands); IntegrityError; OSError.
    """
    there = held(folder)
    return replace(folder, network, _merged(folder, there, batch) if there else batch)


def held(folder: Path) -> Batch | None:
    """Return what a scoped store holds; None where there is no store. Errors: IntegrityError, UsageError."""
    manifest = layout.read(folder)
    if manifest is None:
        return None
    if manifest.kept is None:
        raise UsageError(f"{folder} holds a whole chain. Give another folder for what a case asks for.")
    return msgspec.msgpack.decode(whole(folder / manifest.kept.file, manifest.kept), type=Batch)


def replace(folder: Path, network: str, batch: Batch, *, wait_s: float = 5.0) -> Chain:
    """Have a scoped store hold this and nothing else, and open it. Errors: as ``append``."""
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as held_open:
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        held_open.callback(os.close, descriptor)
        held_open.enter_context(lock.held(descriptor, folder / LOCK, wait_s))
        before = layout.read(folder)
        if before and (before.network != network or not before.scoped):
            raise UsageError(f"{folder} holds another chain ({before.network}). Give another folder.")
        generation = before.generation + 1 if before else 0
        chain = assemble(network, batch.blocks, stubs=batch.stubs, scoped=True)

        def put(name: str, rows: NDArray[t.Any], width: int) -> Part:
            with contextlib.closing(fresh(folder, f"{name}.{generation}", width)) as growing:
                growing.put(rows)
                return growing.part()

        def runs(name: str, number: int) -> list[Part]:
            run = getattr(chain, name)[number]
            raw = np.frombuffer(run.keys.tobytes() + run.at.tobytes(), np.uint8)
            part = put(name.removesuffix("s"), raw, 1)
            return [msgspec.structs.replace(part, rows=len(run.keys))] if len(run.keys) else []

        manifest = Manifest(
            network=network,
            scoped=True,
            generation=generation,
            salt=chain.salt.tobytes().hex(),
            columns={name: put(name, getattr(chain, name), shape.bytes) for name, shape in COLUMNS.items()},
            spender=put("out_spender", chain.out_spender, SPENDER.bytes),
            spent=len(chain.tx_hash),
            tx_runs=runs("tx_runs", 0),
            script_runs=runs("script_runs", 0),
            stale=put("stale", np.empty(0, "u1"), STALE.itemsize),
            missing=int((chain.prev(0, len(chain.prev_low)) == MISSING).sum()),
            sources=[],
            cuts=[],
            kept=put("kept", np.frombuffer(msgspec.msgpack.encode(batch), np.uint8), 1),
            proofs=put("proofs", np.frombuffer(msgspec.msgpack.encode(batch.branches), np.uint8), 1),
        )
        swept(folder, layout.write(folder, manifest))
    return opened(folder)


def _merged(folder: Path, old: Batch, new: Batch) -> Batch:
    blocks = {one.height: one for one in old.blocks}
    for one in new.blocks:
        there = blocks.get(one.height)
        if there is not None and there.header != one.header:
            raise UsageError(f"{folder} holds another block of height {one.height}: the chain was reorganised.")
        said = {each.place: each for each in [*(there.said if there else []), *one.said]}
        blocks[one.height] = Held(header=one.header, height=one.height, said=[said[place] for place in sorted(said)])
    whole = {each.txid for one in blocks.values() for each in one.said}
    stubs: dict[bytes, Said] = {}
    for stub in (*old.stubs, *new.stubs):
        if stub.txid not in whole:
            stubs[stub.txid] = _together(stubs[stub.txid], stub) if stub.txid in stubs else stub
    return Batch(
        blocks=[blocks[height] for height in sorted(blocks)],
        stubs=[stubs[txid] for txid in sorted(stubs)],
        branches=old.branches | new.branches,
    )


def _together(one: Said, other: Said) -> Said:
    """Return a stub with the outputs that either knows."""
    longest = max(len(one.put), len(other.put))
    both = [[*each.put, *[None] * (longest - len(each.put))] for each in (one, other)]
    return msgspec.structs.replace(one, put=[a or b for a, b in zip(*both, strict=True)])
