"""Where people look at money: tables, chains of reasons, request sheets, the report's section with its drawn paths."""

import itertools
import json
import time

import pytest

from drawn_chain import txid
from money import test_exchanges as drawn
from vigie.desk.cli import call
from vigie.desk.flowgraph import Step, parts
from vigie.desk.flowgraph import drawn as laid
from vigie.desk.opening import opened
from vigie.kernel.case import now
from vigie.kernel.evaluate import record
from vigie.kernel.run import Recipe, tools
from vigie.kernel.table import of, write


def put(case, *tables):
    """Commit rows as if a stage had made them."""
    for rows in tables:
        row = type(rows[0])
        recipe = Recipe(stage=row.table(), code="", params={}, inputs={}, tools=tools())
        file = case.place(row, recipe.id)
        digest = write(of(row, rows), file)
        outputs = {str(file.relative_to(case.folder)): digest}
        case.commit(row.table(), record(recipe, now(), time.monotonic(), outputs, {row.table(): len(rows)}))


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("money") / "case"
    assert call(["new", str(folder), "--authority", "Unit 1", "--examiner", "E"]) == 0
    tags = [drawn.tag(0, "hot", "One"), drawn.tag(1, "deposit", "<b>One</b>")]
    actors = [drawn.actor("one", "One", jurisdictions="MT", legal_name="One Ltd", aliases="<b>One</b>")]
    exchanges, enquiries = drawn.asked(tags=tags, actors=actors)
    one = opened(folder)
    with one.alone():
        put(
            one,
            drawn.PACKS,
            tags,
            actors,
            [drawn.OUT, drawn.BACK],
            drawn.HOPS,
            [drawn.settled()],
            exchanges,
            enquiries,
            [drawn.watched("shop")],
        )
    return folder


def out(capsys, *arguments):
    capsys.readouterr()
    assert call([str(one) for one in arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("exchanges", 1),
        ("enquiries", 2),
        ("paths", 2),
        ("hops", 4),
        ("tags", 2),
        ("settlements", 1),
        ("wallets", 0),
        ("payments", 0),
        ("receipts", 0),
        ("clusters", 0),
        ("withheld", 0),
        ("watched", 1),
        ("tagconflicts", 0),
    ],
)
def test_every_table_of_money_is_shown(case, capsys, table, rows):
    assert json.loads(out(capsys, "show", case, table, "--json"))["total"] == rows


def test_a_service_is_explained_down_to_the_payment_and_the_pack(case, capsys):
    key = json.loads(out(capsys, "show", case, "exchanges", "--json"))["rows"][0]["key"]
    said = out(capsys, "explain", case, key)
    assert all(word in said for word in ("enquiry", "flow", "hop", "settlement", "tag"))


def test_a_sheet_for_each_service_asks_first_whether_the_address_is_theirs(case, capsys, tmp_path):
    folder = tmp_path / "sheets"
    out(capsys, "enquiries", case, "--out", folder)
    assert sorted(one.name for one in folder.iterdir()) == [f"001-MT-One.{suffix}" for suffix in ("csv", "json", "txt")]
    text = (folder / "001-MT-One.txt").read_text()
    assert text.startswith("DRAFT")
    assert text.index("confirm first") < text.index("naturalPerson")
    assert f"{txid('cash-out').hex()}:0" in text
    assert "0.00059000 BTC (59000 satoshi)" in text
    assert "never a person" in text
    assert f"{txid('mint').hex()}:0 (100000 satoshi)" in text, "the service's own output that paid it out"
    body = json.loads((folder / "001-MT-One.json").read_text())
    assert [one["value_sat"] for one in body["outputs"]] == [60_000, 59_000]
    assert "account" not in {name for one in body["outputs"] for name in one}
    assert call(["enquiries", str(case), "--out", str(folder)]) == 2


def test_what_private_packs_say_stays_out_of_sheets_unless_asked_for(tmp_path, capsys):
    folder = tmp_path / "case"
    assert call(["new", str(folder), "--authority", "Unit 1", "--examiner", "E"]) == 0
    tags = [drawn.tag(0, "deposit", "One", file=drawn.PRIVATE, actor="one")]
    actors = [drawn.actor("one", "One", file=drawn.PRIVATE, jurisdictions="MT")]
    packs = [drawn.pack(drawn.PRIVATE, "Operation Heron", private=True)]
    exchanges, enquiries = drawn.asked(tags=tags, actors=actors, packs=packs, flows=[drawn.OUT])
    one = opened(folder)
    with one.alone():
        put(one, packs, tags, actors, [drawn.OUT], drawn.HOPS, exchanges, enquiries)
    for option, told in ([], False), (["--with-private"], True):
        out(capsys, "enquiries", folder, "--out", tmp_path / str(told), *option)
        sheets = [each.read_text() for each in (tmp_path / str(told)).iterdir()]
        assert len(sheets) == 3
        assert [("Operation Heron" in each) for each in sheets] == [told] * 3


def test_without_a_chain_or_tags_it_says_what_to_do_first(tmp_path, capsys):
    folder = tmp_path / "case"
    assert call(["new", str(folder), "--authority", "Unit 1", "--examiner", "E"]) == 0
    assert call(["enquiries", str(folder), "--out", str(tmp_path / "sheets")]) == 2
    assert "vigie chain use" in capsys.readouterr().err


def test_the_report_has_a_sheet_for_each_path_and_nothing_of_a_pack_is_markup(case, capsys):
    out(capsys, "report", case)
    page = (case / "report.html").read_text()
    assert "The chain shows control of addresses, never a person." in page
    assert page.count('class="chart flow full"') == 2
    assert f"{txid('cash-out').hex()}:0" in page
    assert "<b>One</b>" not in page
    assert "<script" not in page
    assert "One Ltd" in page
    assert "0.00050000 of 0.00060000 BTC" in page
    # each path on its own pages: what makes it again, when it stops, how old and contested its tag is
    sheets = page.split('class="path-sheet"')[1:]
    assert f"vigie trace case {txid('withdraw').hex()}:0 --policy fifo --hops 20" in sheets[0] + sheets[1]
    assert all("never a person" in one and "Contradicted by" in one and "of 2020-01-02" in one for one in sheets)


def test_the_export_is_a_tagpack_with_the_units_own_addresses_and_no_customers(case, capsys, tmp_path):
    file = tmp_path / "out.yaml"
    out(capsys, "tags", "export", case, "--out", file)
    assert call(["new", str(tmp_path / "other"), "--authority", "A", "--examiner", "E"]) == 0
    said = json.loads(out(capsys, "tags", "add", tmp_path / "other", file, "--json"))
    assert [(one["title"], one["creator"], one["tags"]) for one in said["packs"]] == [
        ("Attributions of case case", "Unit 1", 1)
    ]


def test_a_drawing_is_the_same_each_time_and_widths_go_by_amounts():
    steps = [Step(number=n, amount_sat=100 - 10 * n, layer="ABC"[n % 3]) for n in range(9)]
    one = laid(steps, 100)
    assert one == laid(steps, 100)
    assert len(one.boxes) == 9
    widths = [band.width for band in one.bands]
    assert widths == sorted(widths, reverse=True)
    assert {box.dash for box in one.boxes} == {"", "7 4", "2 4"}
    assert max(box.y for box in one.boxes) + 62 < one.height
    assert laid([], 0).bands == []


@pytest.mark.parametrize("hops", [0, 1, 24, 25, 31, 201])
def test_a_long_path_is_drawn_in_parts_that_a_page_can_hold(hops):
    steps = [Step(number=n, amount_sat=100, layer="A") for n in range(hops)]
    found = parts(steps, 100)
    assert all(one.height <= 620 for one in found)
    assert [box.number for one in found for box in one.boxes[one is not found[0] :]] == list(range(hops))
    assert all(one.boxes[0].number == before.boxes[-1].number for before, one in itertools.pairwise(found))
    assert sum(len(one.bands) for one in found) == max(0, hops - 1)
