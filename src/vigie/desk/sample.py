"""``vigie sample``: generate a benign case to practise on."""

from __future__ import annotations

import sys
import typing as t
from pathlib import Path

import typer

from vigie.desk import output
from vigie.desk.options import Json
from vigie.desk.progress import watching
from vigie.kernel.errors import UsageError
from vigie.kernel.evaluate import Progress
from vigie.sample.chain import alone as chain_alone
from vigie.sample.forum.make import alone
from vigie.sample.forum.world import Software
from vigie.sample.make import make

if t.TYPE_CHECKING:
    from vigie.sample.made import Size, Summary

command = typer.Typer(add_completion=False)
Sizes = t.Annotated[t.Literal["small", "medium", "large"], typer.Option(help="How much of it.")]
Seed = t.Annotated[int, typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same files.")]
ACCOUNTS: t.Final = 10_000
ROWS: t.Final = 200_000
TRANSACTIONS: t.Final = 100_000
LEAST_TRANSACTIONS: t.Final = 1_000
LEAST_ACCOUNTS: t.Final = 100
LEAST_ROWS: t.Final = 1_000


@command.command("sample")
def sample(
    folder: t.Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.", show_default=False)],
    seed: Seed = 1,
    size: Sizes = "small",
    forum_only: t.Annotated[bool, typer.Option("--forum-only", help="One forum of any size, and no media.")] = False,
    software: t.Annotated[
        Software | None, typer.Option(help="Of that forum.", show_default="phpbb", metavar="phpbb|mybb|xenforo|custom")
    ] = None,
    accounts: t.Annotated[
        int | None, typer.Option(min=LEAST_ACCOUNTS, help="Of that forum.", show_default=f"{ACCOUNTS:,}")
    ] = None,
    rows: t.Annotated[
        int | None, typer.Option(min=LEAST_ROWS, help="Of that forum, about.", show_default=f"{ROWS:,}")
    ] = None,
    chain_only: t.Annotated[
        bool, typer.Option("--chain-only", help="One chain of any size, and nothing else.")
    ] = False,
    transactions: t.Annotated[
        int | None,
        typer.Option(min=LEAST_TRANSACTIONS, help="Of that chain, about.", show_default=f"{TRANSACTIONS:,}"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Draw pictures and films by program, pack them as a seizure, write hash lists and the truth about each file."""
    if chain_only and forum_only:
        raise UsageError("--chain-only and --forum-only are one or the other")
    if transactions and not chain_only:
        raise UsageError("--transactions goes with --chain-only; a whole sample has its --size")
    if chain_only and (software or accounts or rows):
        raise UsageError("--software, --accounts and --rows go with --forum-only")
    if chain_only:
        _chain(folder, seed, transactions or TRANSACTIONS, as_json=as_json)
        return
    if forum_only:
        _forum(folder, seed, software or "phpbb", accounts or ACCOUNTS, rows or ROWS, as_json=as_json)
        return
    if software or accounts or rows:
        raise UsageError("--software, --accounts and --rows go with --forum-only; a whole sample has its --size")
    made = drawn(folder, seed, size, as_json=as_json)
    if as_json:
        output.document("sample", **{name: getattr(made, name) for name in made.__struct_fields__})
        return
    output.emit(
        f"{made.files:,} files ({made.images:,} pictures, {made.videos:,} films of {made.families:,} families), "
        f"{output.size(made.bytes)}, {len(made.lists)} hash lists in {folder}"
    )
    output.emit(f"{made.accounts:,} accounts in {made.forums:,} forums")
    output.emit(f"{made.transactions:,} transactions in a chain of {made.height:,} blocks")
    output.emit(f"How to work on it: {folder}/README.txt")


def _forum(folder: Path, seed: int, software: Software, accounts: int, rows: int, *, as_json: bool) -> None:
    with watching(as_json=as_json) as watch:

        def tell(done: int, of: int) -> None:
            watch(Progress(stage="sample forum", done=0, of=1, bytes_done=done, bytes_of=of))

        try:
            made = alone(folder, seed, software, accounts, rows, tell)
        except FileExistsError as error:
            raise UsageError(str(error)) from None
        finally:
            sys.stderr.flush()
        watch(Progress(stage="sample forum", done=1, of=1, bytes_done=made.bytes, bytes_of=made.bytes, finished=True))
    if as_json:
        output.document("sample", **{name: getattr(made, name) for name in made.__struct_fields__})
        return
    size = output.size(made.bytes)
    output.emit(f"{made.accounts:,} accounts, {made.rows:,} rows, {size} in {output.clean(str(made.dump))}")


def _chain(folder: Path, seed: int, transactions: int, *, as_json: bool) -> None:
    with watching(as_json=as_json) as watch:

        def tell(done: int, of: int) -> None:
            watch(Progress(stage="sample chain", done=done, of=of, finished=done >= of))

        try:
            made = chain_alone.alone(folder, seed, transactions, tell)
        except FileExistsError as error:
            raise UsageError(str(error)) from None
        finally:
            sys.stderr.flush()
    if as_json:
        output.document(
            "sample", blocks=made.blocks, height=made.height, transactions=made.transactions, orders=made.orders,
            bytes=made.bytes, truth=made.truth,
        )  # fmt: skip
        return
    size = output.size(made.bytes)
    where = output.clean(str(made.blocks))
    output.emit(f"{made.transactions:,} transactions up to height {made.height:,}, {size} in {where}")


def drawn(folder: Path, seed: int, size: Size, *, as_json: bool) -> Summary:
    """Make a sample and show how far it is. Errors: UsageError where the folder holds something."""
    with watching(as_json=as_json) as watch:

        def tell(part: str, done: int, of: int) -> None:
            watch(Progress(stage=f"sample {part}", done=done, of=of, finished=done >= of))

        try:
            return make(folder, seed=seed, size=size, progress=tell)
        except FileExistsError as error:
            raise UsageError(str(error)) from None
        finally:
            sys.stderr.flush()
