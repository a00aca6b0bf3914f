"""How a chain lies on disk: which columns there are, in which files, and the sealed manifest that says which count.

``docs/chain.md`` tells it byte by byte. A column's file only ever grows; how much of it counts is said by
``chain.json``, which is written last. So whoever is killed leaves the state before, and whoever reads keeps what he
opened.
"""

from __future__ import annotations

import hashlib
import re
import typing as t
from pathlib import Path

import msgspec
import numpy as np

from vigie.kernel import durable
from vigie.kernel.errors import IntegrityError, UsageError
from vigie.rows.money import NETWORKS

if t.TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT: t.Final = 1
MANIFEST: t.Final = "chain.json"
GROWING: t.Final = "growing.json"
"""The manifest of an import that has not ended: from where the same command goes on."""
PART_BYTES: t.Final = 1 << 24
"""A file has one digest for each so many bytes, so that damage has a place and growing costs only its own."""


class Shape(t.NamedTuple):
    """A column: items as numpy has them, so many side by side; ``extra``: one more item than there are things."""

    of: t.Literal["blocks", "transactions", "inputs", "outputs", "scripts", "script_bytes"]
    form: str
    wide: int = 1
    extra: int = 0

    @property
    def bytes(self) -> int:
        """Return the bytes of a row."""
        return np.dtype(self.form).itemsize * self.wide


COLUMNS: t.Final[dict[str, Shape]] = {
    "headers": Shape("blocks", "u1", 80),
    "heights": Shape("blocks", "<i4"),
    "block_tx": Shape("blocks", "<u8", extra=1),
    "tx_in": Shape("transactions", "<u8", extra=1),
    "tx_out": Shape("transactions", "<u8", extra=1),
    "tx_hash": Shape("transactions", "u1", 32),
    "tx_place": Shape("transactions", "<u4"),
    "tx_version": Shape("transactions", "<i4"),
    "tx_lock": Shape("transactions", "<u4"),
    "tx_vsize": Shape("transactions", "<u4"),
    "tx_flags": Shape("transactions", "u1"),
    "prev_low": Shape("inputs", "<u4"),
    "prev_high": Shape("inputs", "u1"),
    "in_signs": Shape("inputs", "u1"),
    "out_value": Shape("outputs", "<i8"),
    "out_script": Shape("outputs", "<u4"),
    "script_type": Shape("scripts", "u1"),
    "script_start": Shape("scripts", "<u8", extra=1),
    "scripts": Shape("script_bytes", "u1"),
}
"""What a chain says, and its identity rests on. Who spends an output and how things are found follows from it."""
SPENDER: t.Final = Shape("outputs", "<u4")
STALE: t.Final = np.dtype([("header", "u1", 80), ("height", "<i4")])


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file, as far as it counts."""

    file: str
    rows: t.Annotated[int, msgspec.Meta(ge=0)]
    digests: list[str]
    """SHA-256 of each ``PART_BYTES`` of it, in hex."""


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that something was read from."""

    path: str
    """As ``rows.locator`` shows it."""
    sha256: str
    size_bytes: int
    modified_ns: int
    """Of the file when it was read."""
    end: int = 0
    """Where reading goes on when it has grown."""


class Cut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reorganisation: blocks that the store held and others took the place of."""

    fork: int
    """Height of the last block both have."""
    tips: tuple[str, str]
    """Hashes of the last block before and after, as people write them."""
    removed: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a store holds. Nothing that it does not name is read."""

    format: int = FORMAT
    network: str
    scoped: bool
    generation: int
    """One more with each growth: part of the name of every file that it makes."""
    salt: str
    columns: dict[str, Part]
    spender: Part
    spent: int
    """Of so many transactions the inputs are in ``spender``; in ``chain.json`` all."""
    tx_runs: list[Part]
    script_runs: list[Part]
    stale: Part
    missing: int
    """Inputs, but those of coinbases, whose output is not here."""
    sources: list[Source]
    cuts: list[Cut]
    kept: Part | None = None
    """Of a scoped store: what it is made anew from (``scoped.Batch``, msgpack); ``rows`` are bytes."""
    proofs: Part | None = None
    """Of a scoped store: merkle branches by id (``proof.Branch``, msgpack)."""
    identity: str = ""
    seal: str = ""
    """SHA-256 of this document with nothing here."""


def run_bytes(rows: int) -> int:
    """Return the size of a run's file: its keys, uint64 each, and behind them its places, uint32 each."""
    return rows * 12


def digests(array: NDArray[t.Any]) -> list[str]:
    """Return the digests of an array's bytes, as a ``Part`` has them."""
    data = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
    return [hashlib.sha256(data[at : at + PART_BYTES]).hexdigest() for at in range(0, len(data), PART_BYTES)]


def identity(network: str, scoped: bool, parts: dict[str, list[str]]) -> bytes:
    """Return what a chain is known by: it depends on what it holds alone, not on how it came to."""
    digest = hashlib.sha256(f"vigie chain {FORMAT}\n{network}\n{scoped}\n".encode())
    for name in COLUMNS:
        digest.update(f"{name} {' '.join(parts[name])}\n".encode())
    return digest.digest()


def write(folder: Path, manifest: Manifest, name: str = MANIFEST) -> Manifest:
    """Seal a manifest: from now on the store is what it says. Its files are on disk already. Errors: OSError."""
    parts = {column: part.digests for column, part in manifest.columns.items()}
    bare = msgspec.structs.replace(manifest, identity=identity(manifest.network, manifest.scoped, parts).hex(), seal="")
    sealed = msgspec.structs.replace(bare, seal=_seal(bare))
    durable.write(folder / name, msgspec.json.format(msgspec.json.encode(sealed), indent=1))
    return sealed


def read(folder: Path, name: str = MANIFEST) -> Manifest | None:
    """Read a manifest; None where there is none. Errors: IntegrityError, UsageError for one of another format."""
    path = folder / name
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise UsageError(f"{folder} is no folder. Give the folder of a store of the chain.") from None
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise IntegrityError(
            f"{path} is no manifest of a chain: {error}. Restore it, or import the chain anew."
        ) from None
    if manifest.format != FORMAT:
        raise UsageError(f"{path} has format {manifest.format}; this vigie reads format {FORMAT}. Import it anew.")
    if manifest.seal != _seal(msgspec.structs.replace(manifest, seal="")):
        raise IntegrityError(f"{path} was changed: its seal does not fit. Restore it, or import the chain anew.")
    if set(manifest.columns) != set(COLUMNS) or manifest.identity != _identity(manifest):
        raise IntegrityError(f"{path} does not fit in itself. Restore it, or import the chain anew.")
    _refuse_strange(path, manifest)
    return manifest


def _refuse_strange(path: Path, manifest: Manifest) -> None:
    """Refuse what vigie never writes: whoever seals a manifest himself could name a file outside the store."""
    named = [(name, part) for name, part in manifest.columns.items()]
    named += [("out_spender", manifest.spender), ("stale", manifest.stale)]
    named += [("tx_run", part) for part in manifest.tx_runs] + [("script_run", part) for part in manifest.script_runs]
    named += [(name, part) for name, part in (("kept", manifest.kept), ("proofs", manifest.proofs)) if part]
    for name, part in named:
        if not re.fullmatch(rf"{name}\.[0-9]+(\.[0-9]+)?", part.file, re.ASCII):
            raise IntegrityError(f"{path} names {part.file!r} as its {name}, which vigie never does. Do not use it.")
    for part, size in sizes(manifest).values():
        if len(part.digests) != -(-size // PART_BYTES):
            raise IntegrityError(f"{path}: {part.file} has not a digest for each part. Do not use it.")
    if manifest.network not in NETWORKS or not re.fullmatch("[0-9a-f]{32}", manifest.salt):
        raise IntegrityError(f"{path} has a network or a salt that vigie never writes. Do not use it.")


def _identity(manifest: Manifest) -> str:
    parts = {column: part.digests for column, part in manifest.columns.items()}
    return identity(manifest.network, manifest.scoped, parts).hex()


def _seal(manifest: Manifest) -> str:
    return hashlib.sha256(msgspec.json.encode(manifest, order="deterministic")).hexdigest()


def sizes(manifest: Manifest) -> dict[str, tuple[Part, int]]:
    """Return every file of a store with the bytes of it that count, by its name."""
    found = {part.file: (part, part.rows * COLUMNS[name].bytes) for name, part in manifest.columns.items()}
    found[manifest.spender.file] = manifest.spender, manifest.spender.rows * SPENDER.bytes
    found[manifest.stale.file] = manifest.stale, manifest.stale.rows * STALE.itemsize
    for part in (*manifest.tx_runs, *manifest.script_runs):
        found[part.file] = part, run_bytes(part.rows)
    found |= {part.file: (part, part.rows) for part in (manifest.kept, manifest.proofs) if part}
    return found
