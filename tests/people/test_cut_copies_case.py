"""A dump that is cut off beside an older copy of its platform, through the real sandbox: not read is not deleted."""

import gzip
import json
import re

import pytest

from vigie.desk.cli import call
from vigie.kernel.case import Case
from vigie.rows.copies import GONE, Copy, Extent, Layer, Remnant
from vigie.rows.people import Account, Message, Platform
from vigie.rows.problems import Problem
from vigie.sample.forum.make import alone

STAGES = ("files", "relations", "platforms", "records", "copies")
USERS = {"phpbb": b"phpbb_users", "mybb": b"mybb_users", "xenforo": b"xf_user"}
DELETED, READ = 20, 40
"""The how-manieth account is gone from the later dump of phpBB, which is cut off in this one, counted from 0. A private
message is gone, too."""


def dumps(folder):
    """Three forums of three programs: of each an older dump that is whole, and a later one that is cut off.

    phpBB in a row of its accounts, MyBB between two tables before its accounts, XenForo packed and in its posts, and
    of this nothing says which is the later.
    """
    for software in ("phpbb", "mybb", "xenforo"):
        text = in_order(alone(folder / software, 3, software, 60, 400).dump.read_bytes(), USERS[software])
        older, later = folder / "evidence" / f"{software}-old.sql", folder / "evidence" / f"{software}.sql"
        older.parent.mkdir(exist_ok=True)
        older.write_bytes(without_the_last_posts(text if software == "xenforo" else counted_back(text)))
        if software == "phpbb":
            sent = starts(text, b"phpbb_privmsgs")
            text = text[: sent[3]] + text[sent[4] :]
            rows = starts(text, USERS[software])
            later.write_bytes(text[: rows[DELETED]] + text[rows[DELETED + 1] : rows[READ] + 30])
        elif software == "mybb":
            later.write_bytes(text[: text.index(b"DROP TABLE IF EXISTS `mybb_users`")])
        else:
            packed = gzip.compress(text[: starts(text, b"xf_post")[300] + 40] + text[-200_000:])
            later.with_suffix(".sql.gz").write_bytes(packed[: len(packed) // 2])


def starts(text, table):
    """Where the rows of a table begin."""
    begin = text.index(b"INSERT INTO `" + table + b"`")
    part = text[begin : text.index(b"UNLOCK TABLES", begin)]
    return [begin + found.start() + 1 for found in re.finditer(rb"[ ,\n]\(\d+,", part)]


def in_order(text, table):
    """With the rows of a table in the order of their numbers, as InnoDB keeps them and mysqldump reads them."""
    at = starts(text, table)
    end = text.index(b";\n", at[-1])
    rows = [text[a:b].rstrip(b",\n ") for a, b in zip(at, [*at[1:], end], strict=True)]
    rows.sort(key=lambda row: int(row[1 : row.index(b",")]))
    return text[: at[0]] + b",".join(rows) + text[end:]


def without_the_last_posts(text):
    table = next(one for one in (b"phpbb_posts", b"mybb_posts", b"xf_post") if b"INSERT INTO `" + one + b"`" in text)
    at = starts(text, table)
    end = text.index(b";\n", at[-1])
    return text[: at[-15] - 1].rstrip(b",\n") + text[end:]


def counted_back(text):
    """As the counters of an older dump are."""
    return re.sub(rb"AUTO_INCREMENT=(\d+)", lambda found: b"AUTO_INCREMENT=%d" % (int(found[1]) - 1), text)


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cut")
    dumps(folder)
    assert call(["new", str(folder / "case"), "--authority", "A", "--examiner", "E"]) == 0
    assert call(["add", str(folder / "case"), str(folder / "evidence")]) == 0
    for stage in STAGES:
        assert call(["run", str(folder / "case"), "--only", stage]) == 0
    return Case.open(folder / "case", read_only=True)


@pytest.fixture(scope="module")
def named(case):
    """Each platform's older copy, by the name of its software."""
    told = {one.key: one.software for one in case.read(Platform)}
    return {told[one.platform]: one for one in case.read(Copy)}


def test_the_later_dump_is_known_though_it_seems_to_end_earlier(named):
    for software in ("phpbb3", "mybb"):
        one = named[software]
        assert (one.verdict, one.dated_by) == ("copy", "counters")
        assert one.later_ends < one.ends  # by its last moments, which the cut took away, it would be the older
        assert "AUTO_INCREMENT" in one.text
    assert named["xenforo2"].dated_by == "unknown"
    assert "is not known: counters and moments do not tell" in named["xenforo2"].text


def test_without_accounts_a_copy_is_known_by_what_was_written(named):
    one = named["mybb"]
    assert (one.verdict, one.shared, one.accounts) == ("copy", 0, 0)
    assert one.things == one.things_same > 1000
    assert "by what was written" in one.text


def test_it_is_told_how_much_of_each_table_was_read(case, named):
    held = {(one.platform, one.relation, one.into): one for one in case.read(Extent)}
    assert held[named["phpbb3"].later, "phpbb_users", "account"].state == "cut"
    assert held[named["phpbb3"].later, "phpbb_posts", "post"].state == "whole"
    assert held[named["mybb"].later, "", ""].state == "cut"
    assert (named["mybb"].later, "mybb_users", "account") not in held
    (gz,) = [one for one in held.values() if (one.relation, one.state) == ("xf_post", "cut")]
    assert gz.upto == gz.rows
    assert "up to" in gz.text
    assert {one.state for one in held.values() if one.platform == named["phpbb3"].platform} == {"whole", "empty"}


def test_an_account_behind_the_cut_is_not_read_and_one_before_it_is_gone(case, named):
    ids = {one.key: int(one.id) for one in case.read(Account)}
    mine = [x for x in case.read(Remnant) if (x.into, x.platform) == ("account", named["phpbb3"].platform)]
    assert {x.later_read for x in mine} == {"passed", "cut"}
    (gone,) = [x for x in mine if x.later_read == "passed"]
    behind = [x for x in mine if x.later_read == "cut"]
    assert ids[gone.row_key] < min(ids[x.row_key] for x in behind)
    assert gone.gone_by == named["phpbb3"].later_ends
    assert gone.absent_because.startswith("Gone by ")
    assert all(x.gone_by is None and "Not read: " in x.absent_because for x in behind)
    (layer,) = [x for x in case.read(Layer) if (x.into, x.relation, x.later_read) == ("account", "phpbb_users", "cut")]
    assert (layer.only, layer.gone, layer.alone) == (len(mine), 1, False)


def test_a_table_that_stood_behind_the_cut_is_no_sign_of_anything(case):
    (users,) = [x for x in case.read(Layer) if (x.into, x.relation) == ("account", "mybb_users")]
    assert (users.alone, users.later_read, users.gone) == (True, "cut", 0)
    assert "behind the cut" in users.text


def test_where_the_order_is_not_known_nothing_is_said_to_be_gone(case):
    layers = [x for x in case.read(Layer) if x.relation.startswith("xf_") and not x.alone]
    assert layers
    assert {x.later_read for x in layers} == {"unordered"}
    assert not sum(x.gone for x in layers)


def test_show_and_report_say_so(case, capsys, tmp_path):
    capsys.readouterr()
    folder = str(case.folder)
    assert call(["show", folder, "remnants", "--json", "--where", "later_read = 'cut' and \"into\" = 'account'"]) == 0
    assert "it may still have stood behind the cut" in capsys.readouterr().out
    assert call(["report", folder, "--out", str(tmp_path / "page.html")]) == 0
    page = (tmp_path / "page.html").read_text()
    assert "Only the older has, and not known to be gone" in page
    assert "gone by the later date: 1 account" in page
    assert "The dump is cut off; what tables and rows stood behind the cut is not known. Not whole: phpbb_users" in page


def test_remnants_are_shown_with_names_and_places(case, capsys):
    rows = shown(case, capsys)
    accounts = {one.key.hex(): one for one in case.read(Account)}
    for one in (row for row in rows if row["into"] == "account"):
        assert one["name"] == accounts[one["row_key"]].name
        assert re.fullmatch(r"phpbb_users row \d+ of evidence!phpbb-old\.sql", one["place"])
        assert one["title"] == "phpBB 3 phpbb_"
    assert all("words" not in one for one in rows)
    asked = shown(case, capsys, "--with-contact")
    assert all("words" in one for one in asked)
    assert {one["into"] for one in rows} >= {"account", "event", "message"}
    (message,) = [one for one in case.read(Message) if one.key.hex() in {x["row_key"] for x in rows}]
    assert len(message.subject) > 3
    assert message.subject not in json.dumps(rows)
    assert message.subject in json.dumps(asked, ensure_ascii=False)


def shown(case, capsys, *options):
    """What ``vigie show remnants`` prints as JSON."""
    capsys.readouterr()
    assert call(["show", str(case.folder), "remnants", "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)["rows"]


def test_it_is_said_in_a_line_what_copies_mean_for_counts(case, capsys):
    for command in (["show", str(case.folder), "accounts"], ["run", str(case.folder), "--only", "copies"]):
        capsys.readouterr()
        assert call(command) == 0
        said = capsys.readouterr()
        assert "Dumps that are an older date of another (an inference): 3." in said.out + said.err
        gone = sum(x.later_read in GONE for x in case.read(Remnant))
        assert f"gone by a later date {gone}, not known to be gone" in said.out + said.err


def test_a_platform_on_several_dates_is_one_in_the_first_line(case, capsys):
    capsys.readouterr()
    assert call(["status", str(case.folder)]) == 0
    told = re.search(r"(\d+) platforms? \((\d+) dumps, counted once\) with ([\d,]+) accounts", capsys.readouterr().out)
    older = {one.platform for one in case.read(Copy) if one.verdict == "copy"}
    assert told is not None
    assert int(told[2]) - int(told[1]) == len(older)
    latest = sum(one.platform not in older for one in case.read(Account))
    assert latest <= int(told[3].replace(",", "")) < len(case.read(Account))


def test_a_dump_that_ends_between_tables_is_said_to_be_cut(case):
    (problem,) = [x for x in case.read(Problem) if x.subject.endswith("mybb.sql")]
    assert (problem.code, problem.stage) == ("truncated", "relations")
