"""``vigie verify``: re-read evidence and case, and say exactly what differs."""

from __future__ import annotations

import getpass
import os
import typing as t

import msgspec
import typer

from vigie import steps
from vigie.desk import output
from vigie.desk.kept import asked
from vigie.desk.opening import passphrase, remember
from vigie.desk.options import Folder, Json
from vigie.desk.progress import verifying
from vigie.kernel import note, seen, settings
from vigie.kernel.custody import Custody
from vigie.kernel.errors import UsageError
from vigie.kernel.verify import Report
from vigie.kernel.verify import verify as verified

if t.TYPE_CHECKING:
    from pathlib import Path

command = typer.Typer(add_completion=False)
DIFFERS = 3
STRAYS = 1


@command.command("verify")
def verify(
    folder: Folder,
    evidence: t.Annotated[
        bool, typer.Option("--evidence/--no-evidence", help="Also re-hash the evidence where it lies.")
    ] = True,
    log: t.Annotated[bool, typer.Option("--log/--no-log", help="Note the verification in the custody log.")] = True,
    checkpoint: t.Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE|SIZE:ROOT",
            help="A custody.checkpoint kept outside, or the line of `vigie status`: the log must go on from it.",
            show_default=False,
        ),
    ] = None,
    accept_rollback: t.Annotated[
        str,
        typer.Option(metavar="REASON", help="A backup was restored on purpose: put it on record.", show_default=False),
    ] = "",
    as_json: Json = False,
) -> None:
    """Re-hash evidence, manifests, tables and records, check the custody log.

    Exit code 3 if anything differs from what was recorded, 1 if there is something nobody recorded and nothing uses.
    """
    steps.load()
    kept, early = asked(checkpoint or [], folder)
    if accept_rollback.strip():
        _accept(folder, accept_rollback.strip(), as_json=as_json)
    with verifying(as_json=as_json) as watch:
        report = verified(folder, watch, evidence=evidence, kept=kept)
    report.differences[:0] = early
    report.custody_sound &= not early
    writable = os.access(folder, os.W_OK)
    logged = log and writable and report.custody_sound and _log(folder, report, evidence=evidence)
    if report.custody_sound:
        remember(Custody.open(folder, who=_who(folder), read_only=True), as_json=as_json)
    if as_json:
        output.document(
            "verify",
            sound=not report.differences,
            strays=[msgspec.structs.asdict(one) for one in report.strays],
            differences=[msgspec.structs.asdict(one) for one in report.differences],
            remarks=report.remarks,
            checked=report.checked,
            logged=logged,
        )
    else:
        _print(report, evidence=evidence)
        if log and not logged:
            why = "it cannot be trusted as it is" if writable else "the case folder cannot be written to"
            output.emit(f"Nothing was written to the custody log, for {why}.")
    raise typer.Exit(DIFFERS if report.differences else STRAYS if report.strays else 0)


def _print(report: Report, *, evidence: bool) -> None:
    for one in report.differences:
        output.emit(f"DIFFERS {output.clean(str(one), most=1200)}")
    for stray in report.strays:
        output.emit(f"UNKNOWN {output.clean(str(stray), most=1200)}")
    for remark in report.remarks:
        output.emit(f"remark: {output.clean(remark, most=600)}")
    counts = ", ".join(f"{count:,} {what}" for what, count in report.checked.items())
    output.emit(f"Checked: {counts}.")
    if not evidence:
        output.emit("The evidence itself was not read.")
    if report.differences:
        output.emit(f"{len(report.differences):,} differences. Keep the case as it is and compare it with a copy.")
    else:
        output.emit("Nothing differs.")
    if report.strays:
        output.emit(f"{len(report.strays):,} unknown: vigie did not write them and uses none. Find out who did.")


def _accept(folder: Path, reason: str, *, as_json: bool) -> None:
    """Put on record that an older or other history of the case counts on this machine from now on."""
    custody = Custody.open(folder, who=_who(folder), ask=passphrase)
    before = seen.recall(custody.origin)
    if before is None or not seen.differs(custody):
        raise UsageError("--accept-rollback: the case holds all that this machine has seen of it. Leave it out.")
    note.verify(before.signed, custody.keys)  # another key under the same name is no backup
    about: dict[str, str | int | list[str]] = {
        "seen": before.checkpoint.size,
        "seen_root": before.checkpoint.root.hex(),
        "entries": custody.size,
        "reason": reason,
    }
    custody.append("rollback_accepted", about)
    remember(custody, as_json=as_json, anew=True)


def _log(folder: Path, report: Report, *, evidence: bool) -> bool:
    about: dict[str, str | int | list[str]] = {
        "differences": len(report.differences),
        "strays": len(report.strays),
        "evidence": "read" if evidence else "not read",
        "checked": [f"{count} {what}" for what, count in report.checked.items()],
    }
    custody = Custody.open(folder, who=_who(folder), ask=passphrase)
    custody.append("verified", about)
    return True


def _who(folder: Path) -> str:
    """Return the examiner; where the settings are damaged, the user who is logged in."""
    try:
        return settings.load(folder).case.examiner
    except UsageError:
        return getpass.getuser()
