"""``vigie enquiries``: one sheet for each service, of what to ask it: a draft for the authority's own form.

Names of fields are IVMS101's (interVASP Messaging Standard 101, 2020), which exchanges know from the travel rule.
"""

from __future__ import annotations

import csv
import io
import json
import re
import typing as t
from pathlib import Path

import msgspec
import typer

from vigie.desk import output
from vigie.desk.asked import Output, Way, added_up, asked
from vigie.desk.opening import opened, remember
from vigie.desk.options import Folder, Json
from vigie.kernel import durable
from vigie.kernel.chain.used import ledger_of
from vigie.kernel.errors import UsageError
from vigie.kernel.table import plain
from vigie.rows.paths import Exchange
from vigie.rows.tags import Pack, Tag

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case

command = typer.Typer(add_completion=False)
DRAFT: t.Final = "DRAFT for the authority's own form. Not a request, and not proof of who controls an address."
FIRST: t.Final = "1. Please confirm first which of the addresses below are, or were at that time, controlled by you."
THEN: t.Final = "2. If so, of the customer whose deposit or withdrawal it was at that time, please state:"
ASSERTED: t.Final = (
    "Addresses are attributed to you by a tag, which is somebody's assertion. The chain shows control of addresses,"
    " never a person."
)
INTERVALS: t.Final = (
    "Times are intervals: a block's time may be off by two hours, and an address may have had another customer before"
    " or after."
)
AT_MOST: t.Final = (
    "Each output stands here once. Of the case is at most what is said, and never more than its value, for the same"
    " money may have come back to the payer and been paid again. Amounts may be added up within deposits and within"
    " withdrawals: they are turnover, since what went out may have come in again."
)
OWN: t.Final = "the authority's own knowledge"
"""Instead of what a private pack says."""
ASKED: t.Final = {
    "naturalPerson.name.nameIdentifier.primaryIdentifier": "family name",
    "naturalPerson.name.nameIdentifier.secondaryIdentifier": "given names",
    "naturalPerson.dateAndPlaceOfBirth.dateOfBirth": "date of birth",
    "naturalPerson.dateAndPlaceOfBirth.placeOfBirth": "place of birth",
    "naturalPerson.geographicAddress": "address",
    "naturalPerson.nationalIdentification.nationalIdentifier": "number of the identity document, its kind and issuer",
    "naturalPerson.customerIdentification": "your number of the customer",
    "naturalPerson.countryOfResidence": "country of residence",
    "legalPerson.name.nameIdentifier.legalPersonName": "of a company: its name",
    "accountNumber": "account and all its deposit addresses",
}
"""Field of IVMS101 -> what is asked."""
COLUMNS: t.Final = (
    *("output", "direction", "txid", "vout", "address", "value_sat", "of_case_sat", "orders"),
    *("earliest", "latest", "layers", "reference"),
)
"""Of a sheet in CSV, with those of a ``Way`` behind them. An output that was come by on several ways has a line for
each; its amounts stand in the first alone, so that columns can be added up."""
NO_ADDRESS: t.Final = "(none: the script has no address)"


@command.command("enquiries")
def enquiries(
    folder: Folder,
    out: t.Annotated[Path, typer.Option(metavar="FOLDER", help="A new folder for the sheets.", show_default=False)],
    with_private: t.Annotated[bool, typer.Option("--with-private", help="Name tags of private packs too.")] = False,
    as_json: Json = False,
) -> None:
    """Write a sheet for each service (text, JSON, CSV) with what to ask it; whose orders they were is not in it."""
    case = opened(folder)
    if out.exists():
        raise UsageError(f"{out} exists. Give a new folder.")
    services = sorted(case.read(Exchange), key=lambda one: one.rank)
    if not services:
        raise UsageError(f"No payment was followed to a service that can be asked. {_missing(case, folder)}")
    private = [] if with_private else [one.title for one in case.read(Pack) if one.private]
    out.mkdir(parents=True, mode=0o700)
    made = []
    for one in services:
        outputs = asked(case, one, with_private=with_private)
        if any(said.startswith(title) for title in private for said in one.named_by.split("; ")):
            one = msgspec.structs.replace(one, named_by=OWN)  # noqa: PLW2901 - the row that is told of, not the case's
        name = f"{one.rank:03}-{one.country or 'XX'}-{re.sub('[^A-Za-z0-9]+', '-', one.label).strip('-')[:60]}"
        texts = {"txt": text(case, one, outputs), "json": _json(case, one, outputs), "csv": _csv(outputs)}
        for suffix, body in texts.items():
            made.append((f"{name}.{suffix}", durable.write(out / f"{name}.{suffix}", body.encode())))
    about: dict[str, t.Any] = {"what": "enquiries", "files": [f"{digest} {name}" for name, digest in made][:200]}
    case.custody.append("exported", about)
    remember(case.custody, as_json=as_json)
    if as_json:
        output.document("enquiries", folder=out, files=[{"name": name, "sha256": digest} for name, digest in made])
    else:
        output.emit(f"Drafts for {len(services):,} services in {output.clean(str(out))}: {len(made):,} files")


def _missing(case: Case, folder: Path) -> str:
    """Return what to do first."""
    if ledger_of(case) is None:
        return f"The case has no chain: vigie chain use {folder} STORE."
    if not len(case.read(Tag)):
        return f"The case has no tags, so no address is known to be a service's: vigie tags add {folder} FILE."
    return f"See vigie show {folder} paths."


def text(case: Case, one: Exchange, outputs: list[Output]) -> str:
    """Return the sheet as plain text, its words cleaned of what cannot be seen."""
    about, chain = case.settings.case, ledger_of(case)
    basis = about.legal_basis or "(to be filled in)"
    other = f" ({one.label})" if one.legal_name not in ("", one.label) else ""
    by = f" (name and country by {one.named_by}; confirm)" if one.named_by else ""
    tip = f", tip {chain.tip.hex()} at height {chain.height}" if chain else ""
    lines = [
        *(DRAFT, "", f"Authority: {about.authority}", f"Case: {about.name}", f"Legal basis: {basis}"),
        *(f"To: {one.legal_name or one.label}{other}", f"Country: {one.countries or 'not known'}{by}"),
        *(f"Chain: {one.network}{tip}", "", ASSERTED, "", FIRST, THEN),
        *(f"   - {what} ({field})" for field, what in ASKED.items()),
        *("", INTERVALS, AT_MOST, ""),
        *(
            f"{name.capitalize()}s: {of.outputs}, of {bitcoin(of.value_sat)} BTC; of the case at most"
            f" {bitcoin(of.of_case_sat)} BTC"
            for name, of in added_up(outputs).items()
            if name != "all" and of.outputs
        ),
        "",
    ]
    for number, each in enumerate(outputs, 1):
        value = f"{bitcoin(each.value_sat)} BTC ({each.value_sat} satoshi)" if each.value_sat else "value not known"
        orders = f", for {each.orders} order{'s' * (each.orders > 1)}" if each.orders else ""
        lines += [
            f"{number}. {' and '.join(each.directions)}: {value}",
            f"   output   {each.txid}:{each.vout}",
            f"   {'address ' if 'deposit' in each.directions else 'paid to '} {each.address or NO_ADDRESS}",
            *(line for way in each.ways for line in _way(way)),
            f"   between  {each.earliest or 'not known'} and {each.latest or 'not known'}",
            f"   of the case, by the policy: at most {bitcoin(each.of_case_sat)} BTC{orders}; layers {each.layers}",
            f"   our reference {each.reference}",
            "",
        ]
    return "\n".join(output.clean(line, most=2000) for line in lines) + "\n"


def _way(way: Way) -> list[str]:
    """Return the lines on the output before: without it a service cannot tell whose deposit a gathered one was."""
    tags = [f"   tag      {_tag(way)}", *([f"   but      {way.contested}"] if way.contested else [])]
    if not way.before_txid:
        return tags
    near = way.tag_address not in (None, way.before_address)
    theirs = "spends together with an address that the tag says is yours" if near else "the tag says is yours"
    return [
        {"deposit": "   paid from, which may be at a deposit address of yours if you gathered deposits",
         "withdrawal": f"   paid out of, which {theirs}"}[way.direction],
        f"   output   {way.before_txid}:{way.before_vout} ({way.before_sat} satoshi)",
        f"   address  {way.before_address or NO_ADDRESS}",
        *tags,
        *([f"   if it paid your own change, what that paid next on the way here: {way.nearer}"] * bool(way.nearer)),
    ]  # fmt: skip


def _tag(way: Way) -> str:
    if way.tag_label is None:
        return OWN
    where = f"on {way.tag_address or NO_ADDRESS}"
    return f"{way.tag_label} {where}, {way.tag_pack}, {(way.tag_lastmod or 'undated')[:10]}, source {way.tag_source}"


def bitcoin(satoshi: int) -> str:
    """Return an amount in bitcoin, exactly."""
    return f"{satoshi // 10**8}.{satoshi % 10**8:08}"


def _json(case: Case, one: Exchange, outputs: list[Output]) -> str:
    chain = ledger_of(case)
    service = {name: plain(getattr(one, name)) for name in one.__struct_fields__ if name not in ("key", "accounts")}
    body = {
        "draft": DRAFT, "first": FIRST, "then": THEN, "amounts": AT_MOST, "ivms101": ASKED, "service": service,
        "outputs": msgspec.to_builtins(outputs), "sums": msgspec.to_builtins(added_up(outputs)),
        "chain": {"network": one.network, "tip": chain.tip.hex(), "height": chain.height} if chain else None,
    }  # fmt: skip
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"


def _csv(outputs: list[Output]) -> str:
    body = io.StringIO()
    out = csv.writer(body, lineterminator="\r\n")
    ways = [name for name in Way.__struct_fields__ if name not in COLUMNS]
    out.writerow([*COLUMNS, *ways])
    for number, one in enumerate(outputs, 1):
        for place, way in enumerate(one.ways):
            sums = (one.value_sat, one.of_case_sat, one.orders) if place == 0 else ("", "", "")
            line = [number, way.direction, one.txid, one.vout, one.address, *sums]
            line += [one.earliest, one.latest, one.layers, one.reference, *(getattr(way, name) for name in ways)]
            out.writerow([output.cell(each) for each in line])
    return body.getvalue()
