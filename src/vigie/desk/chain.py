"""``vigie chain``: stores of the public chain, which lie beside cases, for one chain serves them all."""

from __future__ import annotations

import os
import re
import typing as t
from pathlib import Path

import numpy as np
import typer

from vigie.desk import output
from vigie.desk.opening import opened as opened_case
from vigie.desk.opening import remember
from vigie.desk.options import Accept, Folder, Json
from vigie.desk.progress import watching
from vigie.desk.tables import print_table
from vigie.kernel.cell import Cell, Limits
from vigie.kernel.chain.columns import columns_wrong
from vigie.kernel.chain.exports import exports
from vigie.kernel.chain.fetched import Audit
from vigie.kernel.chain.fetched import fetch as fetch_it
from vigie.kernel.chain.filters import Vouched
from vigie.kernel.chain.growth import Growth
from vigie.kernel.chain.importing import Importer, Progress
from vigie.kernel.chain.naming import use as name_it
from vigie.kernel.chain.node import Node, cookie, is_near
from vigie.kernel.chain.opening import damage, manifest_of, opened
from vigie.kernel.chain.scope import Bounds, Step
from vigie.kernel.errors import IntegrityError, UsageError
from vigie.kernel.evaluate import Progress as Shown
from vigie.numeric.headers import block_hash
from vigie.rows.money import NETWORKS, SCRIPT_TYPES

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.kernel.chain.importing import Imported, Reading
    from vigie.kernel.evaluate import Watch
    from vigie.kernel.isolation import Level
    from vigie.rows.wire import Reply

command = typer.Typer(
    add_completion=False,
    help="The public chain: import a node's blocks, fetch a case's part, show and verify a store, use one in a case.",
)
Store = t.Annotated[Path, typer.Argument(metavar="STORE", help="The folder of the store.", show_default=False)]
LIMITS: t.Final = Limits(wall_s=3600, cpu_s=3600, memory_bytes=4 << 30, output_bytes=8 << 30)
"""For a file of 128 MiB, which a node does not exceed."""
EXPORTED: t.Final = Limits(wall_s=12 * 3600, cpu_s=12 * 3600, memory_bytes=4 << 30, output_bytes=64 << 30)
"""For files of an export, which hold as much as their maker put there."""


@command.command("import")
def take(
    store: Store,
    blocks: t.Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="A node's folder of blk*.dat; it is only read.", show_default=False),
    ] = None,
    columns: t.Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Blocks and transactions as bitcoin-etl or GraphSense export them: Parquet, JSON lines, CSV.",
            show_default=False,
        ),
    ] = None,
    network: t.Annotated[str, typer.Option(metavar="|".join(NETWORKS), help="Which chain it is.")] = "main",
    accept_isolation: Accept = None,
    as_json: Json = False,
) -> None:
    """Take a node's blocks into a store, or what came since. May be stopped and given again at any time."""
    if network not in NETWORKS:
        raise UsageError(f"--network: there is no {network!r}. There are {', '.join(NETWORKS)}.")
    if (blocks is None) == (columns is None):
        raise UsageError("Give --blocks DIR or --columns FOLDER.")
    with watching(as_json=as_json) as watch:
        found = taken(store, network, accept_isolation, watch, blocks=blocks, columns=columns)
    _imported(store, found, as_json=as_json)


@command.command("show")
def show(store: Store, as_json: Json = False) -> None:
    """Show what a store holds: its tip, heights, counts, stale blocks, kinds of scripts."""
    about = _about(store)
    if as_json:
        output.document("chain show", **about)
        return
    kind = "what a case asked for" if about["scoped"] else "whole blocks"
    output.emit(f"{store}: {about['network']}, {kind}; identity {about['identity'][:16]}")
    if about["blocks"]:
        output.emit(f"  heights {about['first']:,} to {about['height']:,}, tip {about['tip']} of {about['time']}")
    output.emit(
        f"  {about['blocks']:,} blocks, {about['transactions']:,} transactions, {about['inputs']:,} inputs,"
        f" {about['outputs']:,} outputs ({about['unspent']:,} unspent), {about['scripts']:,} scripts"
    )
    output.emit(
        f"  {about['missing']:,} inputs spend what is not here; {about['stale']:,} stale blocks;"
        f" {about['files']:,} files read; {output.size(about['bytes'])} on disk"
    )
    for one in about["cuts"]:
        output.emit(
            f"  reorganised: {one['removed']:,} blocks above height {one['fork']:,} were taken off, tip then"
            f" {one['tips'][0]}, now {one['tips'][1]}"
        )
    rows = [[name, f"{one['outputs']:,}", f"{one['scripts']:,}", f"{one['satoshi']:,}"]
            for name, one in about["types"].items() if one["outputs"]]  # fmt: skip
    print_table("Kinds of scripts", ["kind", "outputs>", "scripts>", "satoshi>"], rows)


@command.command("verify")
def verify(store: Store, as_json: Json = False) -> None:
    """Read a whole store against the digests it was sealed with; say which bytes of which file differ."""
    with watching(as_json=as_json) as watch:

        def told(done: int, of: int) -> None:
            watch(Shown(stage="chain", done=done, of=of, bytes_done=done, bytes_of=of, finished=done == of))

        found = [str(error) for error in damage(store, told)]
        if not found:
            opened(store)
    if as_json:
        output.document("chain verify", damaged=found)
    for one in () if as_json else found:
        output.emit(one)
    if found:
        raise IntegrityError(f"{store}: {len(found):,} pieces of it are not what was sealed.")
    if not as_json:
        output.emit(f"{store}: all that it holds is what was sealed.")


@command.command("use")
def use(folder: Folder, store: Store, as_json: Json = False) -> None:
    """Have a case work with a store as it is now. When the store has grown, name it again."""
    case = opened_case(folder)
    with case.alone(), watching(as_json=as_json) as watch:

        def told(done: int, of: int) -> None:
            watch(Shown(stage="chain", done=done, of=of, bytes_done=done, bytes_of=of, finished=done == of))

        one = name_it(case, store, told)
    remember(case.custody, as_json=as_json)
    if as_json:
        output.document("chain use", ledger={name: getattr(one, name) for name in one.__struct_fields__})
        return
    output.emit(
        f"{output.clean(str(folder))} works with the chain in {output.clean(one.path)} up to height {one.height:,}."
    )


@command.command("fetch")
def fetch(
    folder: Folder,
    node: t.Annotated[
        str, typer.Option(metavar="URL", help="The unit's own node, as http://127.0.0.1:8332.", show_default=False)
    ],
    login: t.Annotated[
        Path,
        typer.Option("--cookie", metavar="FILE", help="Its .cookie, or its data folder.", show_default=False),
    ],
    forward: t.Annotated[int, typer.Option(min=0, max=100, help="Rounds to follow what was paid on.")] = 4,
    backward: t.Annotated[int, typer.Option(min=0, max=100, help="Rounds to follow back where it came from.")] = 2,
    fanout: t.Annotated[int, typer.Option(min=1, help="Transactions with more outputs are not followed.")] = 50,
    least_sat: t.Annotated[int, typer.Option(min=0, help="Outputs of less satoshi are not followed.")] = 1000,
    first: t.Annotated[int, typer.Option("--from", min=0, metavar="HEIGHT", help="First block to look at.")] = 0,
    every_filter: t.Annotated[
        bool,
        typer.Option("--every-filter", help="Hold answers against all filters of the node, not a sample (hours)."),
    ] = False,
    filter_header: t.Annotated[
        str,
        typer.Option(
            metavar="HEIGHT:HEX",
            help="Header of a filter as another node says it (getblockfilter): proves that no block is left out.",
            show_default=False,
        ),
    ] = "",
    network: t.Annotated[
        str, typer.Option(metavar="|".join(NETWORKS), help="Whose cookie a data folder has.")
    ] = "main",
    remote: t.Annotated[
        bool, typer.Option("--remote", help="Ask a node beyond this machine and private networks, unencrypted.")
    ] = False,
    accept_isolation: Accept = None,
    as_json: Json = False,
) -> None:
    """Fetch only what touches the case, by the filters of the unit's own node. It is asked, and nobody else."""
    if network not in NETWORKS:
        raise UsageError(f"--network: there is no {network!r}. There are {', '.join(NETWORKS)}.")
    asked = Node(node, cookie(login, network))
    if not remote and not is_near(asked.host):
        raise UsageError(
            f"{asked.host} is neither this machine nor of a private network, and the case's scripts and the node's"
            " cookie would travel unencrypted. Go through a tunnel (ssh -L), or say that you mean it: --remote."
        )
    vouched = _vouched(filter_header)
    bounds = Bounds(forward=forward, backward=backward, fanout=fanout, least_sat=least_sat, first=first)
    case = opened_case(folder)
    with (
        case.alone(),
        watching(as_json=as_json) as watch,
        Cell(scratch=case.folder / "tmp", accept=accept_isolation, job="read_blocks") as cell,
        Cell(scratch=case.folder / "tmp", accept=accept_isolation, job="match_filters") as other,
    ):

        def told(one: Step) -> None:
            whole = one.blocks_read == one.blocks_of
            watch(Shown(stage=one.round, done=one.blocks_read, of=one.blocks_of, finished=whole))

        audit = Audit(other, whole=every_filter or vouched is not None, vouched=vouched)
        found = fetch_it(case, asked, cell, bounds, told, audit)
    remember(case.custody, as_json=as_json)
    if as_json:
        ledger = {name: getattr(found.ledger, name) for name in found.ledger.__struct_fields__}
        fields = {name: getattr(found, name) for name in found.__struct_fields__ if name != "ledger"}
        output.document("chain fetch", **fields, ledger=ledger)
        return
    output.emit(
        f"{found.transactions:,} transactions that touch {found.scripts:,} scripts or follow, up to height"
        f" {found.tip:,}; {found.stubs:,} more known by what these spend. Go on with: vigie run CASE"
    )
    output.emit(f"  {found.known:,} of them were known before; {found.read:,} blocks were read now")
    output.emit(f"  {found.filters:,} filters of the node were looked at: none says more than its answers")
    if found.unsaid:
        output.note(
            f"note: of {found.unsaid:,} transactions the node did not say what they spend. Start it with rest=1"
            " (Core 30, Knots 29 or later answer rest/spenttxouts) and fetch again: without it no trace goes through"
            " them."
        )


def _vouched(given: str) -> Vouched | None:
    if not given:
        return None
    height, _, header = given.partition(":")
    if not re.fullmatch("[0-9]{1,9}", height) or not re.fullmatch("[0-9a-fA-F]{64}", header):
        raise UsageError(
            f"--filter-header: {given[:90]!r} is no HEIGHT:HEX. Another node says it: bitcoin-cli getblockfilter HASH"
        )
    return Vouched(height=int(height), header=bytes.fromhex(header))


def taken(
    store: Path,
    network: str,
    accept: Level | None,
    watch: Watch,
    *,
    blocks: Path | None = None,
    columns: Path | None = None,
) -> Imported:
    """Take a node's blocks, or exports in columns, into a store. Errors: UsageError, IntegrityError, OSError."""
    job = "read_blocks"
    if columns:
        job = "read_parquet" if exports(os.fsencode(columns)).form == "parquet" else "read_columns"
    with Growth(store, network) as growth:
        tmp = store / "tmp"
        tmp.mkdir(mode=0o700, exist_ok=True)
        with Cell(scratch=tmp, accept=accept, job=job) as cell:

            def ask(what: Reading, files: list[int]) -> Iterator[Reply]:
                return cell.ask(what, files, limits=EXPORTED if columns else LIMITS)

            def told(one: Progress) -> None:
                watch(
                    Shown(
                        stage="blocks",
                        done=one.files,
                        of=one.files_of,
                        bytes_done=one.bytes_done,
                        bytes_of=one.bytes_of,
                        finished=one.files == one.files_of,
                    )
                )

            importer = Importer(growth, ask, told, tmp)
            try:
                given = os.fsencode(t.cast("Path", columns or blocks))
                return importer.take_columns(given) if columns else importer.take(given)
            finally:
                importer.close()
                tmp.rmdir()


def _imported(store: Path, found: Imported, *, as_json: bool) -> None:
    about = _about(store)
    if as_json:
        fields = {name: getattr(found, name) for name in found.__struct_fields__ if name != "cut"}
        output.document("chain import", **fields, cut=about["cuts"][-1] if found.cut else None, store=about)
        return
    for one in found.troubles:
        output.note(f"problem: {output.clean(one, most=400)}")
    if found.cut:
        output.emit(
            f"The chain was reorganised: {found.cut.removed:,} blocks above height {found.cut.fork:,} were taken off."
        )
    again = f", {found.unchanged:,} as they were before" if found.unchanged else ""
    output.emit(
        f"{found.files:,} files{again}: {found.read:,} blocks read, {found.added:,} added, {about['stale']:,} stale,"
        f" {found.waiting:,} hang on nothing; {found.troubled:,} problems"
    )
    if found.needed:
        output.note(
            f"note: {found.waiting:,} blocks wait for what they follow, which is in none of the files: block"
            f" {found.needed[0]}{' and others' if len(found.needed) > 1 else ''}. Import the files that hold it, with"
            " these beside them."
        )
    if found.undo_checked:
        output.emit(f"  {found.undo_checked:,} spent outputs held against the node's undo files: no difference")
    output.emit(f"  the store reaches from height {about['first']:,} to {about['height']:,}, tip {about['tip']}")


def _about(store: Path) -> dict[str, t.Any]:
    manifest, chain = manifest_of(store), opened(store)
    for error in columns_wrong(store, manifest, chain):
        raise error
    kinds = chain.script_type[chain.out_script]
    outputs = np.bincount(kinds, minlength=len(SCRIPT_TYPES))
    scripts = np.bincount(chain.script_type[1:], minlength=len(SCRIPT_TYPES))
    held = len(chain.headers)
    return {
        "network": manifest.network,
        "scoped": manifest.scoped,
        "identity": manifest.identity,
        "first": int(chain.heights[0]) if held else -1,
        "height": int(chain.heights[-1]) if held else -1,
        "tip": block_hash(chain.headers[-1].tobytes())[::-1].hex() if held else "",
        "time": str(np.datetime64(int(chain.times()[-1]), "s")) + "Z" if held else "",
        "blocks": held,
        "transactions": len(chain.tx_hash),
        "inputs": len(chain.prev_low),
        "outputs": len(chain.out_value),
        "unspent": int((chain.out_spender == np.iinfo(np.uint32).max).sum()),
        "scripts": len(chain.script_type) - 1,
        "missing": manifest.missing,
        "stale": manifest.stale.rows,
        "files": len(manifest.sources),
        "bytes": sum(path.stat().st_size for path in store.iterdir() if path.is_file()),
        "cuts": [{name: getattr(cut, name) for name in cut.__struct_fields__} for cut in manifest.cuts],
        "types": {
            name: {
                "outputs": int(outputs[kind]),
                "scripts": int(scripts[kind]),
                "satoshi": int(chain.out_value[(kinds == kind) & (chain.out_value >= 0)].sum()),
            }
            for kind, name in enumerate(SCRIPT_TYPES)
        },
    }
