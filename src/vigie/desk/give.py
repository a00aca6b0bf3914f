"""``vigie give``: what an examiner names by hand, in one place: addresses, public keys, descriptors, transactions."""

from __future__ import annotations

import collections
import sys
import typing as t
from pathlib import Path

import msgspec
import typer

from vigie.desk import output
from vigie.desk.opening import opened, remember
from vigie.desk.options import Folder, Json
from vigie.kernel.errors import UsageError
from vigie.kernel.given import register

command = typer.Typer(add_completion=False)
MOST_BYTES: t.Final = 64 << 20


@command.command("give")
def give(
    folder: Folder,
    what: t.Annotated[
        list[str] | None,
        typer.Argument(metavar="ADDRESS|KEY|DESCRIPTOR|TXID[:VOUT]", help="What to look for.", show_default=False),
    ] = None,
    file: t.Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="More of them, one a line; - reads standard input.", show_default=False),
    ] = None,
    note: t.Annotated[str, typer.Option(help="Why; it stands in the log.", show_default=False)] = "",
    as_json: Json = False,
) -> None:
    """Name what stands in no evidence: addresses are watched, keys derived, transactions traced by the next run.

    Private keys are refused, and nothing of them is kept. What was given stays: the log is of what was done.
    """
    texts = [*(what or []), *(_lines(file) if file else [])]
    if not texts:
        raise UsageError("Give addresses, public keys, descriptors or transactions, or a --file of them.")
    case = opened(folder)
    with case.alone():
        found, new = register(case, texts, note.strip())
    remember(case.custody, as_json=as_json)
    if as_json:
        output.document("give", given=[msgspec.structs.asdict(one) for one in found], new=new)
        return
    kinds = collections.Counter(one.kind for one in found)
    said = ", ".join(f"{kind} {many:,}" for kind, many in sorted(kinds.items()))
    output.emit(f"Given: {said}; new {new:,}. Next: vigie run {output.quoted(folder)}")


def _lines(file: Path) -> list[str]:
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as source:
            data = source.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise UsageError(f"{file} has more than {MOST_BYTES >> 20} MiB. Give it in parts.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{file} is no text in UTF-8.") from None
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
