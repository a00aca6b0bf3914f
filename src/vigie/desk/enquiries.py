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
from vigie.desk.opening import opened, remember
from vigie.desk.options import Folder, Json
from vigie.kernel import durable
from vigie.kernel.chain.used import ledger_of
from vigie.kernel.errors import UsageError
from vigie.kernel.table import look, plain
from vigie.rows.paths import Enquiry, Exchange
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
    "Of the case, at most the output's value. Lines that name the same output may speak of the same money, which came"
    " back to the payer and was paid again: do not add them."
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
    *("direction", "txid", "vout", "address", "value_sat", "before_txid", "before_vout", "before_address"),
    *("before_sat", "amount_sat", "earliest", "latest"),
    *("layers", "tag_label", "tag_source", "tag_pack", "tag_lastmod", "reference"),
)
"""``reference``: of the case's row; the account of the platform is not told to the service."""
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
        asked = _asked(case, one, with_private=with_private)
        if any(title in one.named_by for title in private):
            one = msgspec.structs.replace(one, named_by=OWN)  # noqa: PLW2901 - the row that is told of, not the case's
        name = f"{one.rank:03}-{one.country or 'XX'}-{re.sub('[^A-Za-z0-9]+', '-', one.label).strip('-')[:60]}"
        texts = {"txt": text(case, one, asked), "json": _json(case, one, asked), "csv": _csv(asked)}
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


def _asked(case: Case, service: Exchange, *, with_private: bool) -> list[dict[str, t.Any]]:
    """Return one row for each output to ask about."""
    told = "true" if with_private else "not p.private"
    rows = look(
        _SQL.format(key=service.key.hex(), told=told), e=case.read(Enquiry), t=case.read(Tag), p=case.read(Pack)
    )
    return [{name: plain(value) for name, value in one.items()} for one in rows]


_SQL: t.Final = """
    select e.direction, lower(hex(e.txid)) as txid, e.vout, any_value(e.address) as address,
        max(e.value_sat) as value_sat, lower(hex(any_value(e.before_txid))) as before_txid,
        any_value(e.before_vout) as before_vout, any_value(e.before_address) as before_address,
        max(e.before_sat) as before_sat,
        least(sum(e.amount_sat), coalesce(nullif(max(e.value_sat), 0), sum(e.amount_sat)))::bigint as amount_sat,
        min(e.earliest) as earliest,
        max(e.latest) as latest, max(e.layers) as layers,
        max(t.label) filter (where {told}) as tag_label, max(t.source) filter (where {told}) as tag_source,
        max(p.title || ' by ' || p.creator) filter (where {told}) as tag_pack,
        max(t.lastmod) filter (where {told}) as tag_lastmod,
        lower(hex(min(e.key)))[:12] as reference
    from e left join t on t.key = e.tag left join p on p.file = t.file
    where e.exchange = unhex('{key}')
    group by e.direction, e.txid, e.vout, e.before_txid, e.before_vout
    order by latest nulls last, txid, e.vout, before_txid, before_vout
"""


def text(case: Case, one: Exchange, asked: list[dict[str, t.Any]]) -> str:
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
    ]
    for number, each in enumerate(asked, 1):
        value, part = bitcoin(each["value_sat"]), bitcoin(each["amount_sat"])
        lines += [
            f"{number}. {each['direction']}: {value} BTC ({each['value_sat']} satoshi)",
            f"   output   {each['txid']}:{each['vout']}",
            f"   address  {each['address'] or NO_ADDRESS}",
            *_before(each),
            f"   between  {each['earliest'] or 'not known'} and {each['latest'] or 'not known'}",
            f"   of it, by the tracing policy, of the case: {part} BTC; rests on layers {each['layers']}",
            f"   tag      {_tag(each)}",
            f"   our reference {each['reference']}",
            "",
        ]
    return "\n".join(output.clean(line, most=2000) for line in lines) + "\n"


def _before(each: dict[str, t.Any]) -> list[str]:
    """Return the lines on the output before: without it a service cannot tell whose deposit a gathered one was."""
    if not each["before_txid"]:
        return []
    return [
        {"deposit": "   paid from, which may be at a deposit address of yours if you gathered deposits",
         "withdrawal": "   paid out of, which the tag says is yours"}[each["direction"]],
        f"   output   {each['before_txid']}:{each['before_vout']} ({each['before_sat']} satoshi)",
        f"   address  {each['before_address'] or NO_ADDRESS}",
    ]  # fmt: skip


def _tag(each: dict[str, t.Any]) -> str:
    if each["tag_label"] is None:
        return OWN
    when = each["tag_lastmod"] or "undated"
    return f"{each['tag_label']}, {each['tag_pack']}, {when}, source {each['tag_source']}"


def bitcoin(satoshi: int) -> str:
    """Return an amount in bitcoin, exactly."""
    return f"{satoshi // 10**8}.{satoshi % 10**8:08}"


def _json(case: Case, one: Exchange, asked: list[dict[str, t.Any]]) -> str:
    chain = ledger_of(case)
    service = {name: plain(getattr(one, name)) for name in one.__struct_fields__ if name not in ("key", "accounts")}
    body = {
        "draft": DRAFT, "first": FIRST, "then": THEN, "ivms101": ASKED, "service": service, "outputs": asked,
        "chain": {"network": one.network, "tip": chain.tip.hex(), "height": chain.height} if chain else None,
    }  # fmt: skip
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"


def _csv(asked: list[dict[str, t.Any]]) -> str:
    body = io.StringIO()
    out = csv.writer(body, lineterminator="\r\n")
    out.writerow(COLUMNS)
    for one in asked:
        out.writerow([output.cell(one[name]) for name in COLUMNS])
    return body.getvalue()
