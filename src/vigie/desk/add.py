"""``vigie add``: take evidence in."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import msgspec
import typer

from vigie.desk import output
from vigie.desk.opening import engine, needs, opened, remember
from vigie.desk.options import Accept, Folder, Jobs, Json, processors
from vigie.desk.progress import watching
from vigie.kernel import intake
from vigie.kernel.errors import UsageError
from vigie.kernel.evaluate import do, stage_named
from vigie.kernel.walk import refuse
from vigie.rows.evidence import Item

command = typer.Typer(add_completion=False)


@command.command("add")
def add(
    folder: Folder,
    paths: t.Annotated[list[Path], typer.Argument(metavar="PATH...", help="Folders, archives, images.")],
    name: t.Annotated[str, typer.Option(help="Name of the item in the case.", show_default="its file name")] = "",
    accept_mismatch: t.Annotated[
        str, typer.Option(metavar="REASON", help="Take an image in though it fails its own hash.", show_default=False)
    ] = "",
    jobs: Jobs = None,
    accept_isolation: Accept = None,
    as_json: Json = False,
) -> None:
    """Take evidence in: list it, digest it, verify what it says of itself, write its manifest, log it.

    The evidence stays where it is and is only ever opened for reading. Stopped half-way, the same command goes on.
    """
    if name and len(paths) > 1:
        raise UsageError("--name names one item: give one PATH with it.")
    case = opened(folder)
    for path in paths:
        refuse(os.fsencode(path), os.fsencode(case.folder))
    case.note_settings()
    wants = needs(case, accept=accept_isolation)
    with engine(case, jobs or processors()) as worker, watching(as_json=as_json) as watch:
        items = [intake.register(case, os.fsencode(path), name=name or None) for path in paths]
        wants = msgspec.structs.replace(wants, items=case.read(Item).rows())
        if accept_mismatch.strip():
            do(case, stage_named(intake.ORIGINALS), worker, wants, watch)
            do(case, stage_named(intake.VERIFICATIONS), worker, wants, watch)
            intake.accept(case, items, accept_mismatch.strip())
        taken = intake.take_in(case, items, worker, wants, watch)
    remember(case.custody, as_json=as_json)
    if as_json:
        output.document("add", items=[msgspec.structs.asdict(one) for one in taken])
        return
    for one in taken:
        problems = f", {one.problems:,} problems" if one.problems else ""
        again = " (had been taken in before: nothing has changed)" if one.again else ""
        output.emit(
            f"{output.clean(one.item)}: {one.originals:,} files, {output.size(one.size_bytes)}{problems}{again}"
        )
        output.emit(f"  manifest {one.manifest}, SHA-256 {one.sha256}")
    output.emit(f"Next: vigie lists add {output.quoted(folder)} FILE, then vigie run {output.quoted(folder)}")
