"""A backup beside the live dump of a forum, through the real sandbox: everybody and everything counts once."""

import json
import re

import pytest

from vigie.desk.cli import call
from vigie.kernel.case import Case
from vigie.kernel.explain import explain
from vigie.rows.artefacts import Relation
from vigie.rows.copies import Copy, Layer, Remnant
from vigie.rows.people import Account, Post
from vigie.rows.persons import Identifier, Person
from vigie.rows.problems import Problem
from vigie.rows.roles import Activity
from vigie.sample.forum.make import alone

STAGES = ("files", "relations", "platforms", "records", "copies", "activity", "identifiers", "bonds", "persons")
DELETED, SINCE = 5, 20
"""A post that is gone from the later dump; so many of its posts were written since the older."""
FORMER = "former@example.net"
"""Address of a member, in the older dump only."""
START = r"\(%d,\d+,\d+,\d+,\d+,'"


def inserted(text, table):
    """The statement that fills a table, without its end."""
    begin = text.index(f"INSERT INTO `phpbb_{table}` VALUES")
    return text[begin : text.index(";\n/*!40000 ALTER TABLE", begin)]


def starts(posts, number):
    """Where the row of a post begins."""
    return re.search(START % number, posts).start()


def dumps(folder):
    """Two dumps of one forum, and the name of a member.

    The older lacks the last posts. Of the later one post is gone, the member has another name, and the table of members
    stands there twice: once as it was in the older.
    """
    later = older = alone(folder / "forum", 1, "phpbb", 60, 400).dump.read_text("latin-1")
    posts, users = inserted(older, "posts"), inserted(older, "users")
    last = max(int(one) for one in re.findall(r"\),\((\d+),\d+,\d+,\d+,\d+,'", posts))
    older = older.replace(posts, posts[: starts(posts, last - SINCE + 1) - 1])
    later = later.replace(posts, posts[: starts(posts, DELETED)] + posts[starts(posts, DELETED + 1) :])
    mail = re.findall(r"'([a-z0-9._-]+@[a-z.]+)'", users)[-1]
    older = older.replace(f"'{mail}'", f"'{FORMER}'", 1)
    name = re.findall(r",'([a-z]+[0-9]+)','\1',", users)[0]
    declared = later[later.index("DROP TABLE IF EXISTS `phpbb_users`") : later.index(users)]
    later = later.replace(users, f"{users};\nUNLOCK TABLES;\n{declared}" + users.replace(f"'{name}'", "'northwind77'"))
    return older, later, name


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copies")
    older, later, name = dumps(folder)
    evidence = folder / "evidence"
    evidence.mkdir()
    (evidence / "backup.sql").write_text(older, "latin-1")
    (evidence / "live.sql").write_text(later, "latin-1")
    assert call(["new", str(folder / "case"), "--authority", "A", "--examiner", "E"]) == 0
    assert call(["add", str(folder / "case"), str(evidence)]) == 0
    for stage in STAGES:
        assert call(["run", str(folder / "case"), "--only", stage]) == 0
    return Case.open(folder / "case", read_only=True), name


def test_a_backup_beside_the_live_dump_counts_once(case):
    opened, name = case
    (told,) = opened.read(Copy)
    assert (told.verdict, told.renamed, told.counts_as) == ("copy", 1, told.later)
    assert told.shared == told.accounts - 1  # Anonymous never registered
    posts = {one.key: one for one in opened.read(Post)}
    ids = {one.id for one in posts.values()}
    did = opened.read(Activity).rows()
    assert {one.platform for one in did} == {told.later}
    assert len(did) == len({one.account for one in did})
    assert {one.name for one in did} >= {"northwind77"}
    assert name not in {one.name for one in did}
    guests = {one.id for one in posts.values() if one.account in ("", "0")}
    assert sum(one.posts for one in did) == len(ids - guests)
    (gone,) = [one for one in opened.read(Remnant) if one.into == "post"]
    assert (gone.kind, posts[gone.row_key].id, gone.platform) == ("only", str(DELETED), told.platform)


def test_a_table_that_stands_twice_counts_once_and_says_so(case):
    opened, _ = case
    (again,) = [one for one in opened.read(Relation) if one.again]
    assert again.name == "phpbb_users"
    (problem,) = [one for one in opened.read(Problem) if one.code == "repeated"]
    assert f"byte {again.again}" in problem.detail
    (twice,) = [one for one in opened.read(Layer) if one.before and one.into == "account"]
    assert (twice.before, twice.changed, twice.only) == (again.again, 1, 0)
    assert twice.rows == twice.same + 1


def test_the_old_name_is_still_a_name_of_the_account_and_nobody_is_tied_to_himself(case):
    opened, name = case
    handles = {one.account: [] for one in opened.read(Identifier)}
    for one in opened.read(Identifier):
        handles[one.account] += [one] if one.kind == "handle" else []
    (both,) = [found for found in handles.values() if "northwind77" in {one.value for one in found}]
    assert {one.value for one in both} == {"northwind77", name}
    apart = {one.platform for one in opened.read(Account)}
    assert len(apart) == 2
    assert all(one.platforms == 1 for one in opened.read(Person))


def test_what_only_the_backup_has_is_explained_by_the_backup(case):
    opened, _ = case
    (gone,) = [one for one in opened.read(Remnant) if one.into == "post"]
    (former,) = [one for one in opened.read(Identifier) if one.value == FORMER]
    assert former.platform != gone.platform
    for row, table in ((gone, "post"), (former, "account")):
        (tree,) = explain(opened, row.key.hex())
        (found,) = [node for node in tree.rests_on if node.table == table]
        assert found.row["platform"] == gone.platform.hex()
        assert any("backup.sql" in node.row["locator"] for node in below(tree) if node.table == "file")


def below(tree):
    yield tree
    for one in tree.rests_on:
        yield from below(one)


def test_they_are_shown(case, capsys):
    opened, _ = case
    for table, kind in (("copies", Copy), ("layers", Layer), ("remnants", Remnant)):
        capsys.readouterr()
        assert call(["show", str(opened.folder), table, "--json"]) == 0
        assert len(json.loads(capsys.readouterr().out)["rows"]) == len(opened.read(kind))


def test_what_is_gone_is_shown_as_people_know_it(case, capsys):
    opened, _ = case
    (gone,) = [one for one in opened.read(Remnant) if one.into == "post"]
    post = next(one for one in opened.read(Post) if one.key == gone.row_key)
    for options in ((), ("--with-contact",)):
        capsys.readouterr()
        assert call(["show", str(opened.folder), "remnants", "--json", "--where", "\"into\" = 'post'", *options]) == 0
        (row,) = json.loads(capsys.readouterr().out)["rows"]
        assert (row["name"], row["what"]) == (post.name or row["name"], post.subject)
        assert (row["at"], row["kind"], row["later_read"]) == (post.at.strftime("%Y-%m-%dT%H:%M:%SZ"), "only", "whole")
        assert row["place"].endswith("of evidence!backup.sql")
        assert row.get("words") == (post.text.replace("\n", " ")[:120] if options else None)


def test_the_report_says_which_dump_is_the_older_copy(case, tmp_path):
    opened, _ = case
    assert call(["report", str(opened.folder), "--out", str(tmp_path / "page.html")]) == 0
    page = (tmp_path / "page.html").read_text()
    assert "An older copy" in page
    assert "gone by the later date: 1 post" in page
    assert "not known to be gone" not in page
    assert "cut off" not in page


def test_where_the_later_dump_is_cut_off_the_report_says_so(tmp_path):
    older, later, _ = dumps(tmp_path)
    evidence, folder = tmp_path / "evidence", str(tmp_path / "case")
    evidence.mkdir()
    (evidence / "backup.sql").write_text(older, "latin-1")
    (evidence / "live.sql").write_text(later[: later.rindex(";\n/*!40000 ALTER TABLE") - 3], "latin-1")
    assert call(["new", folder, "--authority", "A", "--examiner", "E"]) == 0
    assert call(["add", folder, str(evidence)]) == 0
    for stage in STAGES[: STAGES.index("copies") + 1]:
        assert call(["run", folder, "--only", stage]) == 0
    assert call(["report", folder, "--out", str(tmp_path / "page.html")]) == 0
    page = (tmp_path / "page.html").read_text()
    assert "The later dump:" in page
    assert "The dump is cut off; what tables and rows stood behind the cut is not known" in page
