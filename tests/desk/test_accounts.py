"""``vigie show CASE accounts``: who comes first and why, of a generated forum; nobody's address without asking."""

import csv
import io
import json

import pytest

from vigie.desk import timelines
from vigie.desk.cli import call
from vigie.desk.faces import FACES
from vigie.desk.opening import viewed
from vigie.kernel.table import look
from vigie.rows.people import Account
from vigie.sample.forum.make import alone

STAGES = ("originals", "files", "relations", "platforms", "records", "activity", "roles", "uploads", "ranking",
          "timeline", "oddities")  # fmt: skip


@pytest.fixture(scope="module")
def forum(tmp_path_factory):
    """A case of a small forum with ranks; not to be changed."""
    root = tmp_path_factory.mktemp("forum")
    alone(root / "sample", 3, "phpbb", 150, 1500)
    case = root / "case"
    assert call(["new", str(case), "--authority", "Unit", "--examiner", "A. Person"]) == 0
    assert call(["add", str(case), str(root / "sample" / "evidence"), "--jobs", "1"]) == 0
    for stage in STAGES:
        assert call(["run", str(case), "--engine", "inline", "--only", stage]) in (0, 3)
    return case


def test_the_first_accounts_and_why_one_stands_third(forum, vigie):
    code, out, _ = vigie("show", forum, "accounts", "--top", "5", "--json")
    assert code == 0
    told = json.loads(out)
    assert [one["rank"] for one in told["rows"]] == [1, 2, 3, 4, 5]
    assert told["total"] > 100
    third = told["rows"][2]
    assert sum(one["points"] for one in third["factors"]) == pytest.approx(third["points"])
    assert {one["basis"] for one in third["roles"]} <= {"fact", "inference"}
    _, said, _ = vigie("show", forum, "accounts", "--why", "3")
    assert third["name"] in said
    for one in third["factors"]:
        assert one["text"] in said.replace("\n", " ")
    _, by_name, _ = vigie("show", forum, "accounts", "--why", third["name"])
    assert by_name == said


def test_why_takes_every_name_that_an_account_is_shown_by(forum, vigie):
    third = json.loads(vigie("show", forum, "accounts", "--why", "3", "--json")[1])["rows"]
    number, key = third[0]["account"], third[0]["key"]
    (row,) = look("select * from a where id = ?::varchar".replace("?", f"'{number}'"), a=viewed(forum).read(Account))
    own, platform = row["key"].hex(), row["platform"].hex()
    for asked in (f":{number}", f"phpbb_:{number}", f"phpbb3:{number}", f"phpBB 3 phpbb_:{number}", key, key[:12],
                  f"{platform}:{number}", f"{platform[:8]}:{number}", own, own[:12].upper()):  # fmt: skip
        code, out, _ = vigie("show", forum, "accounts", "--why", asked, "--json")
        assert code == 0, asked
        assert json.loads(out)["rows"] == third, asked
    for asked in (f"mybb_:{number}", "phpbb_:", "phpbb_:0", "abcdef", "3.0", "' or true --"):
        code, _, err = vigie("show", forum, "accounts", "--why", asked)
        assert code == 2
        assert "PREFIX:NUMBER" in err
    code, _, err = vigie("show", forum, "accounts", "--why", "100000")
    assert code == 2
    assert "Account number 100000 of a platform is PREFIX:100000" in err


def test_top_takes_a_number_or_none(forum, vigie):
    for options, rows in ((("--top", "3", "--csv"), 3), (("--csv", "--top"), 20), (("--top", "--csv"), 20)):
        code, out, _ = vigie("show", forum, "accounts", *options)
        assert code == 0
        assert len(list(csv.DictReader(io.StringIO(out)))) == rows
    assert vigie("show", forum, "accounts", "--top")[0] == 0


@pytest.mark.parametrize(
    "options",
    [("posts", "--top"), ("accounts", "--top", "0"), ("accounts", "--why", "999999"), ("accounts", "--why", "nobody's"),
     ("accounts", "--top", "--where", "rank = 1"), ("accounts", "--top", "--parquet", "x")],
)  # fmt: skip
def test_what_cannot_be_asked_is_a_usage_error(forum, vigie, options):
    code, _, err = vigie("show", forum, *options)
    assert code == 2
    assert "Traceback" not in err


def test_addresses_are_left_out_and_said_to_be_unless_asked_for(forum, vigie):
    with_address = look("select email from a where email <> '' limit 1", a=viewed(forum).read(Account))[0]["email"]
    code, out, err = vigie("show", forum, "accounts", "--csv")
    assert code == 0
    assert with_address not in out
    assert not {"email", "registration_ip", "last_ip", "born"} & set(out.splitlines()[0].split(","))
    assert "left out: email, registration_ip, last_ip, born; --with-contact has them" in err
    code, _, err = vigie("show", forum, "accounts", "--where", f"email = '{with_address}'")
    assert code == 2, "nor can it be asked for in a filter"
    _, out, err = vigie("show", forum, "accounts", "--csv", "--with-contact")
    assert with_address in out
    assert "left out" not in err


def test_a_case_without_a_platform_says_what_to_do(whole, vigie):
    code, _, err = vigie("show", whole, "accounts", "--top")
    assert code == 2
    assert "add a database" in err


def test_plots_of_a_case(forum):
    case = viewed(forum)
    ((name, svg),) = timelines.platforms(case)
    assert name.startswith("phpBB 3")
    assert svg.count("<svg") == 1
    plots = timelines.accounts(case, 3)
    assert [one.split(".")[0] for one, _ in plots] == ["1", "2", "3"]


def test_every_table_leaves_out_no_more_than_it_has_and_can_be_shown_without_it() -> None:
    for name, face in FACES.items():
        assert set(face.contact) <= set(face.row.__struct_fields__), name
        assert set(face.columns) - set(face.contact), name


def test_what_quotes_addresses_is_left_out_unless_asked_for() -> None:
    held = {"attributions": "reasons", "posts": "text", "messages": "text", "located": "ip", "signals": "value",
            "moderations": "detail", "complaints": "text",
            "events": "name"}  # fmt: skip
    assert not {name for name, column in held.items() if column not in FACES[name].contact}
