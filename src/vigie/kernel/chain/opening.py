"""Opening a store of the chain, and checking that it is what was named.

A small store is read whole against its digests when it is opened. A large one is checked where that costs nothing:
the manifest's seal, every file's length, the headers, both ends of what counts. ``damage`` reads all of it.
"""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.kernel.chain import layout
from vigie.kernel.chain.chain import Chain, Run
from vigie.kernel.chain.columns import columns_wrong
from vigie.kernel.chain.derived import derived_wrong
from vigie.kernel.chain.files import changed, differences, mapped
from vigie.kernel.errors import IntegrityError, UsageError

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vigie.kernel.chain.layout import Manifest, Part

WHOLE_BYTES: t.Final = 1 << 26
"""A store of no more is read whole: a twentieth of a second."""


def opened(folder: Path, identity: bytes | None = None) -> Chain:
    """Map a store and check it; ``identity``: what it must be.

    Errors: UsageError where there is none, or it has grown since it was named; IntegrityError where it is damaged.
    """
    manifest = manifest_of(folder)
    while True:
        try:
            chain = mapped_by(folder, manifest)
            break
        except IntegrityError:
            newer = manifest_of(folder)
            if newer.generation == manifest.generation:
                raise
            manifest = newer  # somebody sealed a growth while we opened, and took old files away
    if identity is not None and chain.identity != identity:
        raise UsageError(
            f"{folder} is not as it was named: its identity is {chain.identity.hex()[:12]}, named was"
            f" {identity.hex()[:12]}. If it was grown since then, name it again: vigie chain use CASE {folder}"
        )
    files = layout.sizes(manifest)
    whole = sum(size for _, size in files.values()) <= WHOLE_BYTES
    chosen = files if whole else {name: files[name] for name in [manifest.columns["headers"].file]}
    for name, (part, size) in chosen.items():
        for error in differences(folder / name, part, size):
            raise error
    return chain


def manifest_of(folder: Path) -> Manifest:
    """Return the manifest of a store. Errors: UsageError where there is none, IntegrityError."""
    manifest = layout.read(folder)
    if manifest is None:
        begun = layout.read(folder, layout.GROWING) is not None
        hint = "its import has not ended: give the same command again" if begun else "make one with vigie chain import"
        raise UsageError(f"{folder} holds no chain that can be used: {hint}.")
    return manifest


def mapped_by(folder: Path, manifest: Manifest) -> Chain:
    """Map the files that a manifest names. Errors: IntegrityError."""
    columns = {
        name: mapped(folder, manifest.columns[name].file, shape.form, manifest.columns[name].rows, shape.wide)
        for name, shape in layout.COLUMNS.items()
    }
    chain = Chain(
        network=manifest.network,
        identity=bytes.fromhex(manifest.identity),
        scoped=manifest.scoped,
        **columns,
        out_spender=mapped(folder, manifest.spender.file, layout.SPENDER.form, manifest.spender.rows),
        salt=np.frombuffer(bytes.fromhex(manifest.salt), "<u8"),
        tx_runs=tuple(mapped_run(folder, part) for part in manifest.tx_runs),
        script_runs=tuple(mapped_run(folder, part) for part in manifest.script_runs),
        proofs=(folder / manifest.proofs.file, manifest.proofs) if manifest.proofs else None,
    )
    _fits(folder, manifest, chain)
    return chain


def mapped_run(folder: Path, part: Part) -> Run:
    """Map a run's file."""
    keys = mapped(folder, part.file, "<u8", part.rows)
    return Run(keys, mapped(folder, part.file, "<u4", part.rows, offset=part.rows * 8))


def damage(folder: Path, watch: t.Callable[[int, int], None] | None = None) -> Iterator[IntegrityError]:
    """Read a whole store against its digests and yield what differs; ``watch`` hears bytes done and bytes of.

    Where all are as sealed, no column may point out of another, and what follows from the columns is made anew and
    compared: a seal that somebody computed himself does not help him, for the identity rests on the columns alone.
    """
    manifest = manifest_of(folder)
    files = layout.sizes(manifest)
    total, done, whole = sum(size for _, size in files.values()), 0, True
    for name, (part, size) in files.items():
        for error in differences(folder / name, part, size):
            whole = False
            yield error
        done += size
        if watch:
            watch(done, total)
    if whole:
        chain = mapped_by(folder, manifest)
        for error in columns_wrong(folder, manifest, chain):
            whole = False
            yield error
        if whole:  # what follows is made by loops that trust the columns
            yield from derived_wrong(folder, manifest, chain)


def _fits(folder: Path, manifest: Manifest, chain: Chain) -> None:
    """Columns have the lengths that each other's ends say."""
    n_tx, n_in, n_out = len(chain.tx_hash), len(chain.prev_low), len(chain.out_value)
    said = {
        "headers": (len(chain.headers), len(chain.heights)),
        "block_tx": (len(chain.block_tx), len(chain.headers) + 1),
        "tx_in": (len(chain.tx_in), n_tx + 1),
        "tx_out": (len(chain.tx_out), n_tx + 1),
        "tx_place": (len(chain.tx_place), n_tx),
        "tx_version": (len(chain.tx_version), n_tx),
        "tx_lock": (len(chain.tx_lock), n_tx),
        "tx_vsize": (len(chain.tx_vsize), n_tx),
        "tx_flags": (len(chain.tx_flags), n_tx),
        "prev_high": (len(chain.prev_high), n_in),
        "in_signs": (len(chain.in_signs), n_in),
        "out_script": (len(chain.out_script), n_out),
        "script_start": (len(chain.script_start), len(chain.script_type) + 1),
    }
    for name, (has, should) in said.items():
        if has != should:
            raise changed(folder / manifest.columns[name].file, 0, has)
    ends = {"block_tx": (chain.block_tx, n_tx), "tx_in": (chain.tx_in, n_in), "tx_out": (chain.tx_out, n_out),
            "script_start": (chain.script_start, len(chain.scripts))}  # fmt: skip
    for name, (column, end) in ends.items():
        if int(column[-1]) != end:
            raise changed(folder / manifest.columns[name].file, column.nbytes - 8, column.nbytes)
    if len(chain.out_spender) != n_out or manifest.spent != n_tx:
        raise changed(folder / manifest.spender.file, 0, chain.out_spender.nbytes)
