"""``vigie secrets``: private keys and seeds that stood in texts of a dump; which there are, and opening one."""

from __future__ import annotations

import typing as t
from pathlib import Path

import typer

from vigie.desk import output
from vigie.desk.opening import opened, viewed
from vigie.desk.options import Folder, Json
from vigie.desk.tables import print_table
from vigie.kernel import durable, vault
from vigie.kernel.errors import UsageError
from vigie.rows.people import Secret

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case

command = typer.Typer(add_completion=False)
COLUMNS: t.Final = ("key", "kind", "size_bytes", "relation", "number", "column")


@command.command("secrets")
def secrets(
    folder: Folder,
    open_: t.Annotated[
        str, typer.Option("--open", metavar="KEY", help="Open one, by its key or the start of it.", show_default=False)
    ] = "",
    to: t.Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="Write it there; a new file.", show_default=False)
    ] = None,
    why: t.Annotated[str, typer.Option("--why", help="The ground for opening it; logged.", show_default=False)] = "",
    as_json: Json = False,
) -> None:
    """List sealed secrets, or open one into a file: that takes the signing key, and the log says who did it and why."""
    if bool(open_) != bool(to) or bool(open_) != bool(why.strip()):
        raise UsageError("To open one give all of --open KEY, --to FILE and --why TEXT.")
    if to:
        _open(opened(folder), open_, to, why, as_json=as_json)
        return
    found = sorted(viewed(folder).read(Secret), key=lambda one: (one.platform, one.relation, one.number, one.start))
    rows = [{name: getattr(one, name) for name in COLUMNS} for one in found]
    if as_json:
        output.document("secrets", secrets=[one | {"key": one["key"].hex()} for one in rows])
        return
    shown = [[one["key"].hex()[:12], *(str(one[name]) for name in COLUMNS[1:])] for one in rows]
    print_table("Sealed secrets", ["key", "kind", "size_bytes>", "relation", "number>", "column"], shown)
    output.emit(f"{len(found):,} sealed; where each belongs: vigie explain {folder} KEY")


def _open(case: Case, prefix: str, to: Path, why: str, *, as_json: bool) -> None:
    found = [one for one in case.read(Secret) if one.key.hex().startswith(prefix.lower())]
    if len(found) != 1:
        raise UsageError(f"--open {prefix}: {len(found) or 'no'} secrets have a key that begins so. Give more of one.")
    if to.exists():
        raise UsageError(f"{to} is there already. Name another file.")
    one = found[0]
    secret = vault.unseal(case.custody.vault_key(), one.sealed, one.key)
    # the log first: who opened it is known even if the disk is full
    case.custody.append("secret_opened", {"secret": one.key.hex(), "why": why.strip()[:1000]})
    durable.write(to, secret)
    if as_json:
        output.document("secrets", key=one.key.hex(), kind=one.kind, file=to)
    else:
        output.emit(f"{one.kind} written to {to}, readable by you alone. The log says that you opened it.")
