"""A Discourse forum that Debian's PostgreSQL wrote into several files is the same forum as in one."""

import io
import shutil
import tarfile

import lz4.frame
import pytest
import zstandard

from cell.dumps import postgres_server
from drive import main
from kernel.conftest import new_case
from people.test_records_postgres import FORUM
from vigie.kernel.case import Case
from vigie.kernel.conservation import check
from vigie.kernel.explain import explain
from vigie.rows.artefacts import Bundle, BundleFile, File, Relation
from vigie.rows.people import Account, Platform, Post, Profile, Topic
from vigie.rows.problems import Problem

pytestmark = pytest.mark.skipif(not postgres_server.INITDB, reason=postgres_server.MISSING)

STAGES = ("originals", "files", "bundles", "relations", "bundled", "platforms", "records")
WAYS = {
    "packed": ["-Fd"],
    "plain": ["-Fd", "-Z0"],
    "inserts": ["-Fd", "--column-inserts"],
    "tar": ["-Ft"],
    "cut": ["-Fd", "-Z0"],
    "alone": ["-Fd"],
}


def repacked(folder, pack, ending):
    """Pack the files with rows as newer versions of pg_dump do."""
    for path in sorted(folder.glob("[0-9]*.dat")):
        path.with_suffix(f".dat.{ending}").write_bytes(pack(path.read_bytes()))
        path.unlink()


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles")
    server = folder / "server"
    server.mkdir()
    with postgres_server.running() as one:
        one.do("CREATE DATABASE forum", "postgres")
        one.do(FORUM + "SELECT lo_from_bytea(0, 'large');")
        (server / "one.sql").write_bytes(one.run("pg_dump"))
        for name, how in WAYS.items():
            # each says another time: else two would be the same dump in two places
            one.do(f"COMMENT ON TABLE users IS '{name}'")
            one.run("pg_dump", *how, "-f", name)
            shutil.move(one.folder / name, server / (f"{name}.tar" if name == "tar" else name))
    for name, pack in (("lz4", lz4.frame.compress), ("zst", zstandard.compress)):
        with tarfile.open(server / "tar.tar") as archive:
            archive.extractall(server / name, filter="data")
        (server / name / "restore.sql").unlink()
        toc = (server / name / "toc.dat").read_bytes()
        (server / name / "toc.dat").write_bytes(toc.replace(b"'tar'", b"'" + name.encode() + b"'"))
        repacked(server / name, pack, name)
    whole = max((server / "cut").glob("[0-9]*.dat"), key=lambda path: path.stat().st_size)
    whole.write_bytes(whole.read_bytes()[:-40])
    for path in (server / "alone").glob("[0-9]*.dat.gz"):
        path.unlink()
    inside = io.BytesIO()
    with tarfile.open(fileobj=inside, mode="w:gz") as archive:
        archive.add(server / "inserts", "backup/inserts")
    shutil.rmtree(server / "inserts")
    (server / "inside.tar.gz").write_bytes(inside.getvalue())
    main(new_case(folder / "case"), [str(server)], only=STAGES)
    return Case.open(folder / "case")


def folder_of(case, platform):
    found = {one.content: one.folder for one in case.read(Bundle)} | {
        one.sha256: one.locator for one in case.read(File)
    }
    return found[platform.content].removeprefix("server!")


def test_each_is_one_platform(case):
    assert sorted(folder_of(case, one) for one in case.read(Platform)) == sorted(
        [
            "one.sql",
            "packed/",
            "plain/",
            "tar.tar!",
            "cut/",
            "lz4/",
            "zst/",
            "inside.tar.gz!backup/inserts/",
            "alone/toc.dat",
        ]
    )
    assert {one.software for one in case.read(Platform)} == {"discourse"}


@pytest.mark.parametrize(("row", "many"), [(Account, 20), (Post, 60), (Topic, 5), (Profile, 40)])
def test_all_hold_the_same(case, row, many):
    kept = [name for name in row.__struct_fields__ if name not in ("key", "platform", "place")]
    found = {}
    for one in case.read(row):
        found.setdefault(one.platform, []).append(repr([getattr(one, name) for name in kept]))
    by = {folder_of(case, one): sorted(found.get(one.key, [])) for one in case.read(Platform)}
    right = by.pop("one.sql")
    assert len(right) == many
    assert by.pop("alone/toc.dat") == []
    cut = by.pop("cut/")
    assert set(cut) <= set(right)
    assert (len(cut) < many) == (row is Post)
    assert all(rows == right for rows in by.values())


def test_what_is_missing_is_said(case):
    told = {}
    for one in case.read(Problem):
        if one.stage in ("relations", "bundled", "records"):
            told.setdefault(one.subject.removeprefix("server!").split("/")[0], set()).add(one.code)
    alone = {"unread"}  # the large object
    assert told.pop("alone") == {"beside", *alone}
    assert told.pop("cut") == {"truncated", *alone}
    names = ("one.sql", "packed", "plain", "tar.tar!toc.dat", "lz4", "zst", "inside.tar.gz!backup")
    assert told == dict.fromkeys(names, alone)


def test_nothing_is_lost(case):
    balances = {one.name: one for one in check(case).balances}
    for name in ("relations", "bundled", "records"):
        assert balances[name].state == "holds", str(balances[name])
    assert balances["bundled"].total == 7
    assert len(list(case.read(Bundle))) == 7


def test_a_row_leads_to_its_byte(case):
    """The place of a row is its byte in the file that its table names."""
    (platform,) = (one for one in case.read(Platform) if folder_of(case, one) == "plain/")
    post = next(one for one in case.read(Post) if one.platform == platform.key and one.id == "7")
    (table,) = (one for one in case.read(Relation) if one.content == platform.content and one.name == post.relation)
    (file,) = (one for one in case.read(BundleFile) if one.content == table.content and one.name == table.beside)
    path = case.folder.parent / file.locator.replace("!", "/")
    line = path.read_bytes()[post.place :].split(b"\n")[0]
    assert line.split(b"\t")[0] == b"7"
    assert path.read_bytes()[: post.place].count(b"\n") + 1 == post.number
    (node,) = explain(case, post.key.hex())
    text = repr(node)
    assert file.locator in text
    assert "toc.dat" in text
