"""``vigie secrets``: private keys and seeds that stood in evidence; which there are, and opening one."""

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
from vigie.rows.sightings import SightedSecret
from vigie.rows.wallets import WalletSecret

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case

command = typer.Typer(add_completion=False)
SEALED: t.Final[dict[type[t.Any], tuple[str, ...]]] = {
    Secret: ("relation", "number", "column", "start"),
    WalletSecret: ("content", "place", "start"),
    SightedSecret: ("content", "start", "encoding"),
}
"""Rows that keep one sealed, and by which columns they say where it stood."""


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
    view = viewed(folder)
    rows = [
        {"key": one.key, "kind": one.kind, "size_bytes": one.size_bytes, "in": row.table()}
        | {name: getattr(one, name) for name in places}
        for row, places in SEALED.items()
        for one in sorted(view.read(row), key=lambda one: tuple(getattr(one, name) for name in row.NATURAL))
    ]
    if as_json:
        output.document("secrets", secrets=[{name: _plain(value) for name, value in one.items()} for one in rows])
        return
    shown = [[one["key"].hex()[:12], one["kind"], str(one["size_bytes"]), one["in"], _where(one)] for one in rows]
    print_table("Sealed secrets", ["key", "kind", "size_bytes>", "in", "where"], shown)
    output.emit(f"{len(rows):,} sealed; where each belongs: vigie explain {folder} KEY")


def _plain(value: t.Any) -> t.Any:
    return value.hex() if isinstance(value, bytes) else value


def _where(one: dict[str, t.Any]) -> str:
    names = list(one)[4:]
    return ", ".join(f"{name} {one[name].hex()[:12] if isinstance(one[name], bytes) else one[name]}" for name in names)


def _open(case: Case, prefix: str, to: Path, why: str, *, as_json: bool) -> None:
    found = [one for row in SEALED for one in case.read(row) if one.key.hex().startswith(prefix.lower())]
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
