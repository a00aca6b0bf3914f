"""``vigie linkage``: what Splink was given to score accounts by, so that others can have it score them again."""

from __future__ import annotations

import json
import tempfile
import typing as t
from pathlib import Path

import typer

from vigie.desk import output
from vigie.desk.opening import opened, remember
from vigie.desk.options import Folder, Json
from vigie.desk.show import inside
from vigie.kernel import durable
from vigie.kernel.errors import UsageError
from vigie.kernel.handed import handed
from vigie.kernel.stage import STAGES
from vigie.kernel.table import look
from vigie.rows.persons import Parameter, Resemblance
from vigie.steps.candidates import known, seen, traits
from vigie.steps.copied import one_of_each
from vigie.steps.splinkable import VEILED, model
from vigie.steps.weighing import scores

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case
    from vigie.kernel.table import Table
    from vigie.steps.groups.people_resemblances import Resembling

command = typer.Typer(add_completion=False)
STAGE: t.Final = "resemblances"
ACCOUNTS: t.Final = "accounts.parquet"
PAIRS: t.Final = "pairs.parquet"
MODEL: t.Final = "model.json"


@command.command("linkage")
def linkage(
    folder: Folder,
    splink: t.Annotated[
        Path, typer.Option("--splink", metavar="DIR", help="Write them there; a new folder.", show_default=False)
    ],
    as_json: Json = False,
) -> None:
    """Write the accounts that Splink compared, the model, and its scores, as it reads them; of contacts, numbers alone.

    `python docs/check_splink.py DIR` has it score these accounts again, without vigie, and says where it differs.
    """
    case = opened(folder)
    stage = STAGES[STAGE]
    if not len(case.read(Parameter)):
        raise UsageError("Resemblances are not scored yet: vigie run, then this again.")
    if splink.exists():
        raise UsageError(f"{splink} is there already. Name a new folder.")
    params = t.cast("Resembling", stage.settings(case.settings.stage.get(STAGE, {})))
    counts = written(
        splink,
        {name: case.read(row) for name, row in stage.reads.items()},
        case.read(Parameter),
        case.read(Resemblance),
        params,
    )
    digests = {name: durable.sha256_of(splink / name) for name in (ACCOUNTS, PAIRS, MODEL)}
    for name, digest in digests.items():
        _log(case, splink / name, counts.get(name, 1), digest)
    remember(case.custody, as_json=as_json)
    if as_json:
        output.document("linkage", folder=splink, accounts=counts[ACCOUNTS], pairs=counts[PAIRS], sha256=digests)
        return
    output.emit(f"{counts[ACCOUNTS]:,} accounts and {counts[PAIRS]:,} pairs written to {splink}")
    for name, digest in digests.items():
        output.emit(f"  {name}: SHA-256 {digest}")
    output.emit(f"To have Splink score them again: python docs/check_splink.py {splink}")


def written(
    folder: Path,
    reads: dict[str, Table[t.Any]],
    parameters: Table[Parameter],
    kept: Table[Resemblance],
    params: Resembling,
) -> dict[str, int]:
    """Write the three files into a new folder; return how many rows each table has.

    ``reads``: what the stage reads, by name. Errors: UsageError where these rows and settings do not give ``kept``.
    """
    once = one_of_each(reads["layers"], reads["remnants"], accounts=reads["accounts"])
    identifiers, bonds, aliases = reads["identifiers"], reads["bonds"], reads["aliases"]
    made = traits(once["accounts"], identifiers, bonds, aliases, reads["activities"], params.hours)
    records = known(made, seen(made, reads["addresses"], reads["located"]), bonds, params.bounds())
    pairs = scores(records, parameters, params.likely, 0.0, reads["accounts"].room)
    (again,) = look(_AGAIN, kept=kept, made=made, pairs=pairs)
    if again["differ"]:
        raise UsageError(
            f"{again['differ']:,} resemblances do not come out of the rows and settings there are now:"
            " something changed after they were scored. Do vigie run, then this again."
        )
    if not len(pairs):
        raise UsageError("No accounts were compared: none share a trait that few have, or an exact bond ties them.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside it, so that it is whole under its name or not there; ``tempfile`` takes it away where something fails.
    with tempfile.TemporaryDirectory(prefix=f"{folder.name}.tmp-", dir=folder.parent) as name:
        making = Path(name) / "made"
        making.mkdir()
        counts = {
            ACCOUNTS: handed(VEILED, making / ACCOUNTS, records=records, pairs=pairs),
            PAIRS: handed(_SCORED, making / PAIRS, pairs=pairs),
        }
        durable.write(making / MODEL, json.dumps(model(parameters), indent=1).encode())
        making.rename(folder)
    durable.sync_folder(folder.parent)
    return counts


def _log(case: Case, file: Path, rows: int, digest: str) -> None:
    about: dict[str, t.Any] = {"table": f"linkage {file.name}", "rows": rows, "sha256": digest}
    case.custody.append("exported", about | inside(case, file))


_SCORED: t.Final = """
    select unique_id_l, unique_id_r, replace(array_to_string(levels[2:], ''), '-1', '-') as levels, weight_bits, "by"
    from pairs order by unique_id_l, unique_id_r
"""
_AGAIN: t.Final = """
    select count(*) as differ from kept
    left join made x on x.platform = platform_a and x.account = account_a
    left join made y on y.platform = platform_b and y.account = account_b
    left join pairs on unique_id_l = x.n and unique_id_r = y.n
    where pairs.weight_bits is distinct from kept.weight_bits
"""
