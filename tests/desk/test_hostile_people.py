"""Names and texts of a forum that a terminal, a browser or a spreadsheet would obey; and what is nobody's to read."""

import csv
import io
import json
import re

import pytest

from kernel.conftest import new_case
from vigie.desk.cli import call
from vigie.desk.faces import FACES
from vigie.desk.opening import viewed
from vigie.rows.people import Account, Message

TURNED, ESCAPE, FORMULA = "\u202egpj.exe\u2069", "\x1b]0;owned\x07\x1b[2J", "=cmd|' /C calc'!A0"
NAMES = (
    TURNED,
    ESCAPE,
    FORMULA,
    "<script>alert(1)</script>",
    "[red]x[/red]\u200b",
    "a\rb",
    "\x9b31m",
    "@SUM(1)",
    "\t=1",
)
TABLES = {
    "users": "user_id user_type group_id user_permissions user_ip user_regdate username username_clean user_password"
    " user_email user_actkey user_sig user_lang",
    "posts": "post_id topic_id forum_id poster_id poster_ip post_time post_username post_subject post_text"
    " post_checksum bbcode_uid bbcode_bitfield",
    "topics": "topic_id forum_id topic_poster topic_first_poster_name topic_title topic_time topic_moved_id",
    "forums": "forum_id parent_id left_id right_id forum_name",
    "groups": "group_id group_name group_type",
    "privmsgs": "msg_id author_id author_ip message_time message_subject to_address bcc_address message_text",
    "privmsgs_to": "msg_id user_id author_id folder_id",
    "acl_groups": "group_id forum_id auth_option_id auth_role_id auth_setting",
}
FIRST = 10
"""Number of the first member."""


def said(*values: object) -> str:
    """Give a row as mysqldump writes it."""
    quoted = ("'" + str(one).replace("\\", "\\\\").replace("'", "\\'").replace("\r", "\\r") + "'" for one in values)
    return f"({','.join(quoted)})"


def dump() -> str:
    lines = ["-- MySQL dump 10.13", "/*!40101 SET NAMES utf8mb4 */;"]
    for name, columns in (TABLES | {f"x{TURNED}=1": "a b", "tiny": "a b"}).items():
        lines.append(f"CREATE TABLE `phpbb_{name}` ({','.join(f'`{one}` text' for one in columns.split())});")
    rows = {"users": [said(1, 2, 1, "", "", 0, "Anonymous", "anonymous", "", "", "", "", "en"),
                      said(2, 2, 6, "", "", 1_400_000_000, "Some [Bot]", "some [bot]", "", "", "", "", "de")],
            "posts": [], "privmsgs": [], "privmsgs_to": [], "topics": [], "forums": [said(1, 0, 1, 2, TURNED)],
            "groups": [said(5, FORMULA, 0), said(6, "BOTS", 3)], "acl_groups": [said(5, 0, 0, 4, 1)],
            f"x{TURNED}=1": [said(1, 2)], "tiny": [said(ESCAPE, 2)]}  # fmt: skip
    for at, name in enumerate(NAMES):
        who, when = FIRST + at, 1_500_000_000 + at * 86_400
        rows["users"].append(
            said(who, 0, 5, "", f"192.0.2.{at}", when, name, f"clean{at}", "h", f"{at}@example.org", "", "", TURNED)
        )
        rows["topics"].append(said(at, 1, who, name, name, when, 0))
        rows["posts"].append(
            said(at, at, 1, who, "192.0.2.1", when + 9, name, name, f"{name}\nsecond line", "", "", "")
        )
        rows["privmsgs"].append(said(at, who, "192.0.2.1", when, f"veiled {name}", "u_2", "", f"hidden {name}"))
        rows["privmsgs_to"].append(said(at, FIRST, who, 0))
    lines += [f"INSERT INTO `phpbb_{name}` VALUES {','.join(values)};" for name, values in rows.items()]
    return "\n".join(lines) + "\n-- Dump completed\n"


@pytest.fixture(scope="module")
def forum(tmp_path_factory):
    """A case of such a forum; not to be changed."""
    root = tmp_path_factory.mktemp("hostile")
    (root / "in").mkdir()
    (root / "in" / "forum.sql").write_text(dump(), newline="")
    case = new_case(root / "case")
    assert call(["add", str(case), str(root / "in"), "--jobs", "1"]) == 0
    assert call(["run", str(case), "--engine", "inline"]) == 0
    return case


def obeyed(text: str) -> str:
    """Give the characters in a text that a terminal obeys or that a reader does not see, but for ends of lines."""
    return "".join(
        re.findall(
            "[^\\x20-\\x7e\\n\\x80-\\U0010ffff]|[\\x80-\\x9f\\u200b-\\u200f\\u2028-\\u202e\\u2066-\\u2069]", text
        )
    )


def test_the_names_are_in_the_case_as_they_were(forum):
    assert set(NAMES) <= {one.name for one in viewed(forum).read(Account)}


@pytest.mark.parametrize("table", FACES)
def test_nothing_that_is_shown_is_obeyed_and_no_private_message_is_shown_unasked(forum, vigie, table):
    bare, asked = (vigie("show", forum, table, *options) for options in ((), ("--with-contact",)))
    assert bare[0] == asked[0] == 0
    assert not obeyed("".join((*bare[1:], *asked[1:])))
    code, out, _ = vigie("show", forum, table, "--csv", "--with-contact")
    assert code == 0
    rows = list(csv.reader(io.StringIO(out, newline="")))
    assert all(len(row) == len(rows[0]) for row in rows)
    for cell in (cell for row in rows for cell in row):
        assert not obeyed(cell.replace("\r\n", "").replace("\t", ""))
        number = re.fullmatch(r"-?[0-9.e+-]+|-?inf|-?nan", cell)
        assert number or not cell.lstrip().startswith(("=", "+", "-", "@"))
    _, out, _ = vigie("show", forum, table, "--json")
    for text in (bare[1], out):
        assert "veiled" not in text
        assert "hidden" not in text


def test_json_has_names_as_they_are(forum, vigie):
    _, out, _ = vigie("show", forum, "accounts", "--json")
    assert not obeyed(out)
    told = json.loads(out)
    assert set(NAMES) <= {one["name"] for one in told["rows"]}


def test_nothing_that_explains_is_obeyed(forum, vigie):
    for options in (("--top",), ("--top", "--csv"), *(("--why", f"phpbb_:{FIRST + at}") for at in range(3))):
        code, out, _ = vigie("show", forum, "accounts", *options)
        assert code == 0
        assert not obeyed(out.replace("\r\n", "\n").replace("\t", ""))
    for one in (*list(viewed(forum).read(Account))[:3], *list(viewed(forum).read(Message))[:2]):
        code, out, err = vigie("explain", forum, one.key.hex(), "--with-contact")
        assert code == 0
        assert not obeyed(out + err)
    for command in (("map", "show"), ("map", "suggest"), ("status",)):
        code, out, err = vigie(*command, forum)
        assert code == 0
        assert not obeyed(out + err)


def test_nothing_in_the_report_is_obeyed(forum, vigie, tmp_path):
    assert vigie("report", forum, "--out", tmp_path / "page.html")[0] == 0
    page = (tmp_path / "page.html").read_text()
    assert not obeyed(page)
    assert "<script" not in page
    assert "\\u202egpj.exe" in page


def test_private_messages_are_nobodys_to_read_unless_asked_for(forum, vigie, tmp_path):
    mine = next(iter(viewed(forum).read(Message)))
    assert vigie("show", forum, "messages", "--parquet", tmp_path / "m.parquet")[0] == 0
    assert b"veiled" not in (tmp_path / "m.parquet").read_bytes()
    assert vigie("show", forum, "messages", "--where", "subject like 'v%'")[0] == 2, "nor can it be asked for"
    for options in ((), ("--json",)):
        code, out, err = vigie("explain", forum, mine.key.hex(), *options)
        assert code == 0
        assert "veiled" not in out
        assert "192.0.2." not in out
        assert "left out: ip, subject, text; --with-contact has them" in err
    assert vigie("report", forum, "--out", tmp_path / "page.html")[0] == 0
    assert "veiled" not in (tmp_path / "page.html").read_text()
    assert "veiled" in vigie("explain", forum, mine.key.hex(), "--json", "--with-contact")[1]
    assert "veiled" in vigie("show", forum, "messages", "--csv", "--with-contact")[1]


def test_technical_accounts_are_set_apart_counted_and_said(forum, vigie, tmp_path):
    rows = {one.name: (one.state, one.technical) for one in viewed(forum).read(Account)}
    assert rows["Anonymous"] == ("guest", "it stands for guests (user_type 2, user_id 1)")
    assert rows["Some [Bot]"] == ("bot", "a program (user_type 2)")
    told = json.loads(vigie("show", forum, "accounts", "--top", "--json")[1])
    assert told["technical"] == 2
    assert told["total"] == len(told["rows"]) == len(NAMES)
    countries = json.loads(vigie("show", forum, "countries", "--json")[1])["rows"]
    assert sum(one["accounts"] for one in countries if one["standing_as"] == "suspect") == len(NAMES)
    apart = "2 technical accounts are neither ranked nor counted by country"
    assert apart in vigie("show", forum, "accounts", "--top")[1]
    for table in ("countries", "ranked", "attributions"):
        assert apart in vigie("show", forum, table)[2]
    code, _, err = vigie("show", forum, "accounts", "--why", "Anonymous")
    assert code == 2
    assert apart in err
    assert vigie("report", forum, "--out", tmp_path / "page.html")[0] == 0
    page = (tmp_path / "page.html").read_text()
    assert "2 technical accounts" in page
    assert "whoever has an account, which accuses nobody" in page
    assert "Accounts of suspects" not in page
    signals = json.loads(vigie("show", forum, "signals", "--json")[1])["rows"]
    assert not {one["account"] for one in signals} & {"1", "2"}


def test_what_was_read_of_databases_is_said_with_how_to_go_on(forum, vigie):
    out = vigie("status", forum)[1]
    assert f"1 platform with {len(NAMES) + 2} accounts, {len(NAMES)} posts, {len(NAMES)} private messages" in out
    assert "2 tables with rows that no mapping reads" in out
