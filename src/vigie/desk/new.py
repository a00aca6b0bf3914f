"""``vigie new``: make a case folder."""

from __future__ import annotations

import typing as t
from pathlib import Path

import typer

from vigie import steps
from vigie.desk import output
from vigie.desk.opening import passphrase, remember
from vigie.desk.options import Folder, Json
from vigie.kernel.case import Case, now
from vigie.kernel.errors import UsageError
from vigie.kernel.settings import About

command = typer.Typer(add_completion=False)


@command.command("new")
def new(
    folder: Folder,
    authority: t.Annotated[str, typer.Option(help="Who conducts the case.", show_default=False)],
    examiner: t.Annotated[str, typer.Option(help="Who works on it; stands in every log entry.", show_default=False)],
    legal_basis: t.Annotated[str, typer.Option(help="Warrant, order or statute.", show_default=False)] = "",
    key: t.Annotated[
        Path | None,
        typer.Option(help="Keep the signing key in this file, not in the case folder.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a case folder: settings, custody log and signing key."""
    steps.load()
    for name, value in (("--authority", authority), ("--examiner", examiner)):
        if not value.strip():
            raise UsageError(f"{name} is empty. The custody log must say who it is.")
    locked = key is not None and key.is_file() and b"ENCRYPTED" in key.read_bytes()
    case = Case.create(
        folder,
        About(
            name=folder.resolve().name,
            authority=authority,
            examiner=examiner,
            legal_basis=legal_basis,
            created=now().isoformat(timespec="seconds"),
        ),
        key_file=key,
        passphrase=passphrase() if locked else None,
    )
    remember(case.custody, as_json=as_json)
    verifier = case.custody.verifier_key
    if as_json:
        output.document("new", case=folder, verifier_key=verifier)
        return
    output.emit(f"Case made: {folder}")
    output.emit(f"Verifier key of its custody log (give it to whoever is to check it later): {verifier}")
    output.emit(f"Next: vigie add {output.quoted(folder)} PATH")
