"""Dumps in several files, written by hand: which files are one, what claims what, and a mapping proposed for one."""

import time

import pytest

from cell.dumps import test_postgres_custom as custom
from drive import main
from kernel.conftest import new_case
from vigie.desk.cli import call
from vigie.kernel.case import Case
from vigie.kernel.conservation import check
from vigie.kernel.table import of
from vigie.rows.artefacts import Bundle, File, Relation
from vigie.rows.people import Account, Post
from vigie.rows.problems import Problem
from vigie.steps.artefacts.people_bundles import bundles

STAGES = ("originals", "files", "bundles", "relations", "bundled")
TABLE = """-- MySQL dump 10.13
/*!40101 SET NAMES utf8mb4 */;
CREATE TABLE `{}` (
{}
) ENGINE=InnoDB;
-- Dump completed
"""
COLUMNS = "`nr` int,\n `naam` varchar(50),\n `epost` varchar(80),\n `wachtwoord` char(60),\n `x` varchar(40)"
MEMBERS = "".join(f"{i}\tn{i}\tn{i}@example.org\t$2y$10$secret\t192.0.2.{i}\n" for i in range(1, 6))


def table(name, columns="`a` int,\n `b` text"):
    return TABLE.format(name, columns)


def toc(*files):
    entries = [custom.entry(1, b"TABLE", b"t", custom.TABLE, file=b"")]
    entries += [custom.entry(2 + i, b"TABLE DATA", b"t", b"", custom.COPY, file=one) for i, one in enumerate(files)]
    return custom.head(custom.NONE, form=3) + custom.number(len(entries)) + b"".join(entries)


FOLDERS = {
    "two tables of a name": {"a.sql": table("a"), "a.txt": "1\tx\n", "b.sql": table("a"), "b.txt": "2\ty\n"},
    "no rows": {"a.sql": table("a"), "a.txt": "", "b.sql": table("b")},
    "a readme": {"a.sql": table("a") + "INSERT INTO `a` VALUES (1,'x');\n", "a.txt": "1\tx\n"},
    "another dump": {"a.sql": table("a", "`c` int"), "a.txt": table("a") + "INSERT INTO `a` VALUES (1,'x');\n"},
    "only rows": {"a.txt": "1\tx\n"},
    "two claim one": {"toc.dat": toc(b"2.dat", b"2.dat"), "2.dat": custom.ROWS},
    "nobody claims": {"toc.dat": toc(b"2.dat"), "2.dat": custom.ROWS, "3.dat": custom.ROWS},
    "a table twice": {"toc.dat": toc(b"2.dat", b"3.dat"), "2.dat": custom.ROWS, "3.dat": custom.ROWS[:4]},
    "contents cut": {"toc.dat": toc(b"2.dat")[:-150], "2.dat": custom.ROWS},
    "empty": {"toc.dat": toc(b"2.dat"), "2.dat": b""},
}
FOUND = {
    "two tables of a name": ({"a": (1, "a.txt")}, {"repeated", "no_table", "decode_error"}),
    "no rows": ({"a": (0, "a.txt"), "b": (0, "")}, {"beside"}),
    "two claim one": ({"public.t": (0, "")}, {"no_table", "decode_error", "beside"}),
    "nobody claims": ({"public.t": (2, "2.dat")}, {"no_table", "decode_error"}),
    "a table twice": ({"public.t": (2, "2.dat")}, {"repeated", "truncated"}),
    "contents cut": ({"public.t": (0, "")}, {"truncated", "no_table", "decode_error"}),
    "empty": ({"public.t": (0, "2.dat")}, {"truncated"}),
}


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles")
    for name, files in FOLDERS.items():
        (folder / "server" / name).mkdir(parents=True)
        for file, body in files.items():
            (folder / "server" / name / file).write_bytes(body if isinstance(body, bytes) else body.encode())
    main(new_case(folder / "case"), [str(folder / "server")], only=STAGES)
    return Case.open(folder / "case")


def test_which_folders_are_dumps(case):
    assert {one.folder.removeprefix("server!").rstrip("/") for one in case.read(Bundle)} == set(FOUND)


@pytest.mark.parametrize("name", FOUND)
def test_tables_and_what_is_odd(case, name):
    tables, codes = FOUND[name]
    (bundle,) = (one for one in case.read(Bundle) if one.folder == f"server!{name}/")
    found = {one.name: (one.rows, one.beside) for one in case.read(Relation) if one.content == bundle.content}
    assert found == tables
    assert {one.code for one in case.read(Problem) if one.unit == bundle.content} == codes


def test_what_is_no_part_is_read_by_itself(case):
    rows = {one.content: one.rows for one in case.read(Relation)}
    for one in case.read(File):
        if "a readme" in one.locator and one.name == "a.sql":
            assert rows[one.sha256] == 1
        if "another dump" in one.locator:
            assert rows[one.sha256] == (one.name == "a.txt")


def test_nothing_is_lost(case):
    for one in check(case).balances:
        assert one.state != "broken" or one.name == "records", str(one)


def test_the_digest_of_a_dump_is_that_of_its_files(case):
    """The same files in another folder, and in another order, are the same dump; another name is another dump."""
    files = [one for one in case.read(File) if "nobody claims" in one.locator]
    found, parts = bundles(of(File, files))
    moved = [_moved(one, one.locator.replace("nobody claims", "z/else")) for one in reversed(files)]
    again, _ = bundles(of(File, [*moved, *files]))
    assert [one.content for one in again] == [one.content for one in found]
    assert [one.folder for one in again] == ["server!nobody claims/"]
    assert {one.of for one in parts} == {"", "toc.dat"}
    other, _ = bundles(of(File, [_moved(one, one.locator.replace("3.dat", "4.dat")) for one in files]))
    assert [one.content for one in other] != [one.content for one in found]


def _moved(one, locator):
    fields = {name: getattr(one, name) for name in one.__struct_fields__ if name != "key"}
    return File.make(**{**fields, "locator": locator, "name": locator.rsplit("/", 1)[-1]})


def test_a_mapping_is_proposed_of_its_values(tmp_path, capfd):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "leden.sql").write_text(table("leden", COLUMNS))
    (tmp_path / "in" / "leden.txt").write_text(MEMBERS)
    case = new_case(tmp_path / "case")
    assert call(["add", str(case), str(tmp_path / "in"), "--jobs", "1"]) == 0
    assert call(["run", str(case), "--engine", "inline"]) == 0
    capfd.readouterr()
    assert call(["show", str(case), "bundlefiles", "--json"]) == 0
    shown = capfd.readouterr().out
    assert "leden.txt" in shown
    assert call(["map", "suggest", str(case)]) == 0
    text = capfd.readouterr().out
    assert 'registration_ip = "ip(x)"  # 100 % of 5 values are IP addresses' in text
    (tmp_path / "own.toml").write_text(text)
    assert call(["map", "use", str(case), str(tmp_path / "own.toml")]) == 0
    assert call(["run", str(case), "--engine", "inline"]) in (0, 1)
    accounts = {one.id: (one.name, one.email, one.place) for one in Case.open(case).read(Account)}
    assert accounts["2"] == ("n2", "n2@example.org", MEMBERS.index("2\tn2"))


def test_many_tables_in_one_folder_are_not_held_against_each_other(case):
    """Each against each, 16,000 tables took 36 s and 100,000 would have taken 20 minutes."""
    files = [one for one in case.read(File) if "two tables of a name" in one.locator and one.name.startswith("a.")]
    many = [_moved(one, one.locator.replace("/a.", f"/t{i}.")) for i in range(8000) for one in files]
    before = time.process_time()
    (bundle,), parts = bundles(of(File, many))
    assert time.process_time() - before < 4
    assert bundle.files == len(parts) == 16_000
    assert all(one.of in ("", one.name.replace(".txt", ".sql")) for one in parts)


USERS = (
    "id username username_lower trust_level created_at registration_ip_address last_seen_at previous_visit_at staged"
)
POSTS = "id user_id topic_id post_number raw cooked created_at user_deleted"
LATER = b"'2020-01-01 00:00:00'"


def test_rows_in_the_file_of_another_table_cost_none_of_their_own(tmp_path):
    """What is numbered anew in a second file ended the reading of all: a row slipped in made a forum unreadable."""
    entries = []
    for at, (name, columns) in enumerate(((b"users", USERS), (b"posts", POSTS))):
        listed = columns.replace(" ", ", ").encode()
        made = b"CREATE TABLE public." + name + b" (" + listed.replace(b",", b" text,") + b" text);\n"
        copy = b"COPY public." + name + b" (" + listed + b") FROM stdin;\n" if name == b"users" else b""
        entries.append(custom.entry(at, b"TABLE", name, made, file=b""))
        entries.append(custom.entry(at + 5, b"TABLE DATA", name, b"", copy, file=b"%d.dat" % (at + 2)))
    folder = tmp_path / "server"
    folder.mkdir()
    toc = custom.head(custom.NONE, form=3) + custom.number(len(entries)) + b"".join(entries)
    (folder / "toc.dat").write_bytes(toc)
    users = (f"{i}\tu{i}\tu{i}\t1\t2020-01-01 00:00:00\t192.0.2.1\t\\N\t\\N\tf\n" for i in range(5))
    (folder / "2.dat").write_bytes("".join(users).encode() + b"\\.\n")
    posts = b"".join(b"INSERT INTO public.posts VALUES (%d,1,1,%d,'a','b',%s,'f');\n" % (i, i, LATER) for i in range(3))
    slipped = b"INSERT INTO public.users VALUES (9,'x','x',1,%s,'192.0.2.1',NULL,NULL,'f');\n" % LATER
    (folder / "3.dat").write_bytes(posts + slipped)
    main(new_case(tmp_path / "case"), [str(folder)], only=(*STAGES, "platforms", "records"))
    case = Case.open(tmp_path / "case")
    found = {one.name: (one.rows, one.beside) for one in case.read(Relation)}
    assert found == {"public.posts": (3, "3.dat"), "public.users": (5, "2.dat")}
    assert (len(case.read(Account)), len(case.read(Post))) == (5, 3)
    assert {(one.stage, one.code) for one in case.read(Problem)} == {("bundled", "repeated")}
