"""Sheets of what to ask can be added up: an output stands once, with at most its value."""

import csv
import dataclasses

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from money import test_exchanges as drawn
from vigie.desk.asked import added_up, asked_of
from vigie.desk.enquiries import _csv, _way
from vigie.kernel.table import of
from vigie.rows.base import key_of
from vigie.rows.paths import Enquiry, Exchange
from vigie.rows.tags import Pack, Tag, TagConflict
from vigie.steps.leads.money_exchanges import _amount

TAGS = [drawn.tag(0, "hot", "One"), drawn.tag(1, "warm", "Uno", file=drawn.PRIVATE)]
SERVICE = key_of(Exchange, "regtest", "one", "One")


@dataclasses.dataclass
class Service:
    key: bytes


@dataclasses.dataclass
class Line:
    direction: str
    output: tuple[int, int]
    before: int
    amount: int
    order: int
    tag: int


VALUES = {(tx, vout): (tx + 1) * 1_000 + vout for tx in range(3) for vout in range(2)}
LINES = st.lists(
    st.builds(
        Line,
        direction=st.sampled_from(["deposit", "withdrawal"]),
        output=st.sampled_from(sorted(VALUES)),
        before=st.integers(-1, 2),
        amount=st.integers(0, 5_000),
        order=st.integers(0, 4),
        tag=st.integers(0, 1),
    ),
    max_size=12,
)


def enquiry(number, one):
    return Enquiry.make(
        exchange=SERVICE,
        flow=number.to_bytes(16, "big"),
        direction=one.direction,
        txid=bytes([one.output[0]]) * 32,
        vout=one.output[1],
        address=f"a{one.output}",
        amount_sat=one.amount,
        value_sat=VALUES[one.output],
        before_txid=b"" if one.before < 0 else bytes([one.before + 9]) * 32,
        before_vout=min(0, one.before),
        before_address="",
        before_sat=7,
        nearer="",
        earliest=None,
        latest=drawn.DAY,
        tag=TAGS[one.tag].key,
        settlement=bytes([one.order]) * 16 if one.order else b"",
        account="",
        order="",
        layers="A+B" if one.order else "A+C",
        text="",
    )


def sheet(lines):
    rows = [enquiry(number, one) for number, one in enumerate(lines)]
    packs = of(Pack, drawn.PACKS)
    return rows, asked_of(Service(SERVICE), of(Enquiry, rows), of(Tag, TAGS), packs, of(TagConflict, []))


@settings(max_examples=60, deadline=None)
@given(lines=LINES)
def test_a_sheet_adds_up_to_no_more_than_its_outputs_and_to_what_the_service_is_said_to_have(lines):
    rows, outputs = sheet(lines)
    said = {(one.txid, one.vout): one for one in outputs}
    assert len(said) == len(outputs) == len({one.output for one in lines})
    for one in lines:
        out = said[(bytes([one.output[0]]) * 32).hex(), one.output[1]]
        of_it = [each for each in lines if each.output == one.output]
        assert out.of_case_sat == min(sum(each.amount for each in of_it), VALUES[one.output])
        assert out.orders == len({each.order for each in of_it} - {0})
        assert out.directions == sorted({each.direction for each in of_it})
        assert len(out.ways) == len({(each.direction, each.before) for each in of_it})
    sums = added_up(outputs)
    assert sums["all"].of_case_sat == sum(one.of_case_sat for one in outputs) == _amount(rows)
    assert all(one.of_case_sat <= one.value_sat for one in sums.values())
    assert sums["all"].value_sat <= sums["deposit"].value_sat + sums["withdrawal"].value_sat


def columns(outputs):
    return list(csv.DictReader(_csv(outputs).splitlines()))


def test_lines_of_one_output_in_csv_have_its_amounts_once():
    three = [Line("deposit", (1, 0), before, 1_500, order, 0) for before, order in ((0, 1), (1, 2), (1, 2))]
    _, outputs = sheet([*three, Line("deposit", (0, 0), -1, 400, 0, 0)])
    lines = columns(outputs)
    assert [(one["output"], one["value_sat"], one["of_case_sat"], one["orders"]) for one in lines] == [
        ("1", "1000", "400", "0"),
        ("2", "2000", "2000", "2"),
        ("2", "", "", ""),
    ]
    assert sum(int(one["of_case_sat"] or 0) for one in lines) == added_up(outputs)["all"].of_case_sat


@pytest.mark.parametrize("with_private", [False, True])
def test_a_way_names_its_own_tag_and_a_private_one_only_when_asked(with_private):
    lines = [Line("withdrawal", (0, 0), 0, 5, 1, 0), Line("withdrawal", (0, 0), 1, 5, 1, 1)]
    rows = [enquiry(number, one) for number, one in enumerate(lines)]
    (one,) = asked_of(
        Service(SERVICE),
        of(Enquiry, rows),
        of(Tag, TAGS),
        of(Pack, drawn.PACKS),
        of(TagConflict, []),
        with_private=with_private,
    )
    assert [(way.tag_label, way.tag_pack) for way in one.ways] == [
        ("One", "Public by C"),
        ("Uno", "Own by C") if with_private else (None, None),
    ]
    assert one.layers == "A+B"


@pytest.mark.parametrize("private", [False, True])
def test_a_sheet_says_which_address_a_tag_names_and_what_else_is_said_of_it(private):
    pack = drawn.PRIVATE if private else drawn.PUBLIC
    tags = [TAGS[0], drawn.tag(2, "hot", "Two", file=pack, level=20)]
    _, conflicts = drawn.run("tagged", tags=tags)
    rows = [enquiry(number, Line("deposit", (0, 0), 0, 5, 1, 0)) for number in range(2)]
    (one,) = asked_of(
        Service(SERVICE), of(Enquiry, rows), of(Tag, tags), of(Pack, drawn.PACKS), of(TagConflict, conflicts)
    )
    (way,) = one.ways
    assert (way.tag_address, way.contested) == ("of hot", "" if private else "Two, Public by C (exchange)")
    said = _way(way)
    assert said[3].strip().startswith("tag      One on of hot, Public by C"), "not of the address above it"
    assert [line for line in said if "but" in line.split()] == (
        [] if private else ["   but      Two, Public by C (exchange)"]
    )


@pytest.mark.parametrize(("before", "near"), [("of hot", False), ("of warm", True)])
def test_an_output_that_only_its_cluster_ties_to_the_tag_is_not_said_to_be_tagged(before, near):
    row = msgspec.structs.replace(enquiry(0, Line("withdrawal", (0, 0), 0, 5, 1, 0)), before_address=before)
    tables = of(Enquiry, [row]), of(Tag, TAGS), of(Pack, drawn.PACKS), of(TagConflict, [])
    (one,) = asked_of(Service(SERVICE), *tables)
    assert ("spends together" in _way(one.ways[0])[0]) is near
