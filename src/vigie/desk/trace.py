"""``vigie trace``: where one output's money went or came from, and all that the answer rests on."""

from __future__ import annotations

import sys
import typing as t

import typer

from vigie.desk import output
from vigie.desk.opening import viewed
from vigie.desk.options import Folder, Json
from vigie.desk.tables import print_table
from vigie.kernel.chain.used import chain_of
from vigie.kernel.errors import UsageError
from vigie.numeric.coins import scripts
from vigie.rows.payments import Watched
from vigie.rows.tags import Tag
from vigie.steps.followed import Stops
from vigie.steps.restated import document, encoded

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case
    from vigie.kernel.chain.chain import Chain

command = typer.Typer(add_completion=False)
MOST_SEEDS: t.Final = 1_000
MOST_ENDS: t.Final = 50


@command.command("trace")
def trace(
    folder: Folder,
    what: t.Annotated[str, typer.Argument(metavar="TXID:VOUT|ADDRESS", help="What is traced.", show_default=False)],
    backward: t.Annotated[bool, typer.Option("--backward", help="Where it came from: possible origins.")] = False,
    policy: t.Annotated[str, typer.Option(help="fifo or haircut.")] = "fifo",
    hops: t.Annotated[int, typer.Option(min=0, help="Hops at most.")] = Stops().hops,
    least: t.Annotated[int, typer.Option(min=0, help="Satoshi below which nothing is followed.")] = Stops().least_sat,
    most: t.Annotated[int, typer.Option(min=1, help="Ends of one output that are listed.")] = MOST_ENDS,
    as_json: Json = False,
) -> None:
    """Trace an output, or all outputs of an address, to where a rule stops it. Only the case's own chain is asked.

    The JSON document holds all that is needed to compute it again, byte for byte.
    """
    if policy not in ("fifo", "haircut"):
        raise UsageError(f"There is no policy {policy!r}. There are: fifo, haircut.")
    case = viewed(folder)
    chain = chain_of(case)
    said = document(
        chain, case.read(Tag), own_scripts(case, chain), _outputs(chain, what), policy=policy,
        direction="backward" if backward else "forward", settings=Stops(hops=hops, least_sat=least), most=most,
    )  # fmt: skip
    if as_json:
        sys.stdout.write(encoded(said).decode())
        return
    names = {one["key"]: number for number, one in enumerate(said["flows"], 1)}
    steps = [
        [str(names[one["flow"]]), str(one["number"]), f"{one['txid']}:{one['vout']}", f"{one['amount_sat']:,}",
         f"{one['value_sat']:,}", str(one["height"]), one["layer"], one["address"], one["signals"]]
        for one in said["hops"]
    ]  # fmt: skip
    print_table("hops", ["end>", "hop>", "output", "satoshi>", "of>", "height>", "layer", "address", "signals"], steps)
    for one in said["flows"]:
        output.emit(f"{names[one['key']]}. {one['stop']}: {one['text']}")
    output.emit("stop rules: " + ", ".join(f"{name} {value}" for name, value in said["settings"].items()))
    reached = ", ".join(f"{name} {many:,}" for name, many in sorted(said["transactions_reached"].items()))
    output.emit(f"transactions reached by each policy: {reached}; chain {said['chain']['identity'][:12]}")


def own_scripts(case: Case, chain: Chain) -> list[bytes]:
    """Return the scripts of the case's own wallets, which are no service."""
    return [one.script for one in case.read(Watched) if one.own and one.network == chain.network]


def _outputs(chain: Chain, what: str) -> list[tuple[bytes, int]]:
    """Return the outputs that are meant."""
    txid, _, vout = what.lower().partition(":")
    if len(txid) == 64 and not set(txid) - set("0123456789abcdef") and vout.isdecimal() and len(vout) < 10:
        return [(bytes.fromhex(txid), int(vout))]
    read = scripts.read(what)
    if read is None:
        raise UsageError(f"{what!r} is neither TXID:VOUT nor an address of Bitcoin whose checksum holds.")
    (number,) = chain.script_numbers([read.script]).tolist()
    outs = chain.outputs_of([number] if number > 0 else [])
    if not len(outs):
        raise UsageError(f"The chain of this case holds no output of {what}.")
    if len(outs) > MOST_SEEDS:
        raise UsageError(
            f"{what} has {len(outs):,} outputs, and {MOST_SEEDS:,} are traced at most. Name one: TXID:VOUT."
        )
    tx = chain.tx_of(outs).tolist()
    return [(chain.txid(one), int(out) - int(chain.tx_out[one])) for one, out in zip(tx, outs.tolist(), strict=True)]
