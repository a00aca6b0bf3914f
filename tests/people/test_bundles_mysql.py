"""A phpBB forum that ``mariadb-dump --tab`` wrote into two files a table is the same forum as in one."""

import contextlib
import gzip
import shutil
import subprocess
import tarfile

import pytest

from cell.dumps import test_mariadb_dumps as usual
from drive import main
from kernel.conftest import new_case
from opened import opened
from people.test_records import dump
from vigie.desk.people import platforms
from vigie.kernel.case import Case
from vigie.kernel.conservation import check
from vigie.kernel.explain import explain
from vigie.rows.artefacts import Bundle, BundleFile, File, Relation
from vigie.rows.people import Account, Mention, Moderation, Platform, Post, Profile, Secret
from vigie.rows.problems import Problem

pytestmark = usual.pytestmark

STAGES = ("originals", "files", "bundles", "relations", "bundled", "platforms", "records")
WAYS = {
    "tab": [],
    "inside": ["--fields-terminated-by=,", '--fields-enclosed-by="', "--lines-terminated-by=\r\n"],
    "packed": ["--fields-escaped-by=^"],
    "broken": [],
}


@contextlib.contextmanager
def running(folder):
    server = usual.Server(folder, "")
    try:
        yield server
    finally:
        server.end()


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tabs")
    evidence = folder / "server"
    evidence.mkdir()
    opened(evidence, 0o777)  # the server writes there
    folder.chmod(0o777)
    (folder / "db").mkdir()
    with running(folder / "db") as server:
        server.do("CREATE DATABASE forum CHARACTER SET utf8mb4")
        server.do(dump("phpbb_").decode(), "forum")
        (evidence / "one.sql").write_bytes(server.dump())
        for name, how in WAYS.items():
            (evidence / name).mkdir()
            (evidence / name).chmod(0o777)
            base = [usual.DUMP, "--no-defaults", f"--socket={server.socket}", "--user=root", f"--tab={evidence / name}"]
            subprocess.run([*base, *how, "--skip-dump-date", "forum"], check=True, capture_output=True)
    with tarfile.open(evidence / "inside.tar.gz", "w:gz") as archive:
        archive.add(evidence / "inside", "var/inside")
    shutil.rmtree(evidence / "inside")
    for path in (evidence / "packed").glob("*.txt"):
        path.with_suffix(".txt.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        path.unlink()
    broken = evidence / "broken"
    (broken / "phpbb_users.txt").unlink()
    posts = broken / "phpbb_posts.txt"
    posts.write_bytes(posts.read_bytes()[:-9])
    shop = (broken / "shop.txt").read_bytes()
    (broken / "shop.txt").write_bytes(b"1\t2\t3\n" + shop)
    (broken / "phpbb_topics.txt.gz").write_bytes(gzip.compress(b"another\ttext\n", mtime=0))
    shutil.copytree(evidence / "tab", evidence / "tab2")
    (evidence / "one.txt").write_bytes(b"what is this?\n")
    shutil.copy(evidence / "tab" / "shop.sql", evidence / "schema.sql")
    (evidence / "schema.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    main(new_case(folder / "case"), [str(evidence)], only=STAGES)
    return Case.open(folder / "case")


def folder_of(case, platform):
    found = {one.sha256: one.locator for one in case.read(File)}
    found |= {one.content: one.folder for one in case.read(Bundle)}
    return found[platform.content].removeprefix("server!")


def test_each_is_one_platform(case):
    right = {"one.sql", "tab/", "inside.tar.gz!var/inside/", "packed/", "broken/"}
    assert sorted(folder_of(case, one) for one in case.read(Platform)) == sorted(right)
    assert {one.software for one in case.read(Platform)} == {"phpbb3"}
    assert {one["locator"].removeprefix("server!") for one in platforms(case)} == right


@pytest.mark.parametrize("row", [Account, Post, Profile, Moderation, Mention, Secret])
def test_all_hold_the_same(case, row):
    kept = [name for name in row.__struct_fields__ if name not in ("key", "platform", "place", "sealed")]
    found = {}
    for one in case.read(row):
        found.setdefault(one.platform, []).append(repr([getattr(one, name) for name in kept]))
    by = {folder_of(case, one): sorted(found.get(one.key, [])) for one in case.read(Platform)}
    right = by.pop("one.sql")
    assert right
    broken = by.pop("broken/")
    assert set(broken) <= set(right)
    assert (broken == []) == (row in (Account, Profile))  # of users
    assert (len(broken) == len(right) - 1) == (row is Post)  # cut
    assert all(rows == right for rows in by.values())


def test_what_is_broken_is_said_and_counted(case):
    told = {}
    for one in case.read(Problem):
        if one.stage in ("relations", "bundled", "records"):
            told.setdefault(one.subject.removeprefix("server!"), set()).add((one.code, one.counts))
    assert told.pop("broken/") == {("beside", False)}
    assert told.pop("broken/phpbb_posts.txt") == {("truncated", False)}
    assert told.pop("broken/shop.txt") == {("misfit", False)}
    assert told.pop("broken/phpbb_topics.txt.gz!phpbb_topics.txt") == {("repeated", True)}
    assert all(codes == {("assumed", False)} for codes in told.values()), told
    (shop,) = (one for one in case.read(Relation) if one.name == "shop" and one.misfits)
    assert (shop.rows, shop.misfits, shop.beside, shop.dialect) == (2, 1, "shop.txt", "mysql-tab")


def test_nothing_is_lost(case):
    for one in check(case).balances:
        if one.name in ("relations", "bundled", "records"):
            assert one.state == "holds", str(one)
    assert {one.folder.removeprefix("server!") for one in case.read(Bundle)} == {
        "tab/", "inside.tar.gz!var/inside/", "packed/", "broken/",
    }  # fmt: skip
    lone = {one.sha256 for one in case.read(File) if one.name in ("one.sql", "schema.sql")}
    assert lone <= {one.content for one in case.read(Relation)} | {one.sha256 for one in case.read(BundleFile)}


def test_a_row_leads_to_its_byte(case):
    (platform,) = (one for one in case.read(Platform) if folder_of(case, one) == "tab/")
    post = next(one for one in case.read(Post) if one.platform == platform.key and one.id == "7")
    path = case.folder.parent / "server" / "tab" / "phpbb_posts.txt"
    assert path.read_bytes()[post.place :].startswith(b"7\t1\t1\t7\t")
    (node,) = explain(case, post.key.hex())
    lies = next(one for one in node.rests_on if one.link == "lies in")
    assert (lies.table, lies.row["name"], lies.row["of"]) == ("bundlefile", "phpbb_posts.txt", "phpbb_posts.sql")
    assert [one.row["locator"] for one in lies.rests_on] == ["server!tab/phpbb_posts.txt"]
    assert any(one.table == "platform" and any(two.table == "bundle" for two in one.rests_on) for one in node.rests_on)


def test_it_is_said_how_much_of_each_table_was_read(case):
    """A text of rows does not say that it ends; one that ends within a row does."""
    of_folder = {folder_of(case, one): one.content for one in case.read(Platform)}
    held = {(one.content, one.name): one.extent for one in case.read(Relation)}
    assert held[of_folder["one.sql"], "phpbb_posts"] == "whole"
    assert held[of_folder["tab/"], "phpbb_posts"] == "open"
    assert held[of_folder["broken/"], "phpbb_posts"] == "cut"
    assert held[of_folder["broken/"], "phpbb_users"] == "damaged"
