"""Nothing may be lost without a word: every row that goes missing is counted and named."""

import types

import pytest

from vigie.kernel.conservation import check
from vigie.kernel.table import of
from vigie.rows.artefacts import BundleFile, File, Media, Relation, Tally
from vigie.rows.base import Row
from vigie.rows.evidence import Found, Original
from vigie.rows.groups import Member
from vigie.rows.matches import Standing
from vigie.rows.problems import Problem

STAGES = ("originals", "files", "prints", "standing", "groups", "relations", "bundled", "records",
          "wallets", "sightings")  # fmt: skip
ITEM = b"I" * 16


class Tables:
    """A case that holds just these rows."""

    def __init__(self, rows: list[Row], done=STAGES):
        self.rows = rows
        self.done = done

    def read(self, row):
        return of(row, [one for one in self.rows if type(one) is row])

    def counting(self):
        return {name: types.SimpleNamespace(recipe=types.SimpleNamespace(stage=name)) for name in self.done}


def sound() -> dict[str, Row]:
    """One picture from list to group, by name."""
    digest = b"\x07" * 32
    times = {"modified": None, "accessed": None, "changed": None}
    digests = {"md5": b"m" * 16, "sha1": b"s" * 20, "sha256": digest, "size_bytes": 1}
    found = Found.make(item=ITEM, path="a.jpg", size_bytes=1, **times)
    original = Original.make(found=found.key, item=ITEM, path="a.jpg", content_type="image/jpeg", **digests, **times)
    return {
        "found": found,
        "original": original,
        "file": File.make(
            locator="server!a.jpg", item=ITEM, original=original.key, container="", name="a.jpg", depth=0,
            content_type="image/jpeg", kind="image", origin="allocated", created=None, times_from="posix",
            **digests, **times,
        ),
        "media": Media.make(
            content=digest, kind="image", format="jpeg", width_px=1, height_px=1, frames=1, duration_s=0.0, codec="",
            orientation=1, camera_make="", camera_model="", camera_serial="", lens="", software="", encoder="",
            taken="", latitude=None, longitude=None, decoder="x",
        ),
        "standing": Standing.make(
            content=digest, kind="image", standing="new", matches=0, best=None, distance_bits=0, variant=""
        ),
        "member": Member.make(content=digest, group=b"G" * 16, standing="new", distance_bits=0),
    }  # fmt: skip


def broken(rows: dict[str, Row]) -> set[str]:
    return {one.name for one in check(Tables(list(rows.values()))).balances if one.state == "broken"}


def test_a_whole_case_holds():
    found = check(Tables(list(sound().values())))
    assert found.state == "holds"
    assert str(found) == "conservation: holds"


@pytest.mark.parametrize(
    ("lost", "equation", "name"),
    [
        ("original", "originals", "a.jpg"),
        ("file", "files", "a.jpg"),
        ("media", "prints", "07" * 32),
        ("standing", "standing", "07" * 32),
        ("member", "groups", "07" * 32),
    ],
)
def test_what_is_lost_is_counted_and_named(lost, equation, name):
    rows = sound()
    del rows[lost]
    assert equation in broken(rows)
    said = str(check(Tables(list(rows.values()))))
    assert "BROKEN" in said
    assert name in said


@pytest.mark.parametrize(("lost", "stage"), [("original", "originals"), ("media", "prints")])
def test_a_counted_problem_stands_for_what_gave_no_row(lost, stage):
    rows = sound()
    unit = rows["found"].key if lost == "original" else rows["media"].content
    del rows[lost]
    if lost == "original":
        rows = {"found": rows["found"]}
    rows["problem"] = Problem.make(stage=stage, subject="x", code="unreadable", detail="", counts=True, unit=unit)
    assert not broken(rows)
    remark = Problem.make(stage=stage, subject="x", code="unreadable", detail="", counts=False, unit=unit)
    assert broken(rows | {"problem": remark})


def test_a_content_with_two_standings_or_groups_is_named():
    rows = sound()
    again = Standing.make(
        content=b"\x07" * 32, kind="image", standing="near", matches=1, best=None, distance_bits=1, variant=""
    )
    found = check(Tables([*rows.values(), again]))
    assert [one.name for one in found.balances if one.state == "broken"] == ["standing"]


def test_what_was_not_run_yet_is_open_not_broken():
    rows = sound()
    found = check(Tables([rows["found"], rows["original"]], done=("originals",)))
    assert found.state == "open"
    assert "as far as" in str(found)


@pytest.mark.parametrize(("met", "words"), [(7, "; 1 containers' own count agrees"), (6, ", of 1 it differs")])
def test_a_containers_own_count_stands_beside_what_was_met(met, words):
    tally = Tally.make(container="a.zip", item=ITEM, original=b"O" * 16, by="zip end record", said=7, met=met)
    (members,) = [one for one in check(Tables([*sound().values(), tally])).balances if one.name == "members"]
    assert str(members).endswith(words)
    assert members.state == "holds"
    (members,) = [one for one in check(Tables([*sound().values()])).balances if one.name == "members"]
    assert members.beside == ""


def test_a_dump_without_tables_or_a_problem_is_named():
    rows = sound()
    digest = b"\x09" * 32
    given = {name: getattr(rows["file"], name) for name in rows["file"].__struct_fields__ if name != "key"}
    dump = File.make(**{**given, "locator": "server!d.sql", "name": "d.sql", "kind": "database", "sha256": digest})
    assert broken({**rows, "dump": dump}) == {"relations"}
    said = Problem.make(
        stage="relations", subject="server!d.sql", code="decode_error", detail="", counts=True, unit=digest
    )
    assert broken({**rows, "dump": dump, "said": said}) == set()
    table = Relation.make(
        content=digest,
        name="users",
        dialect="mysql",
        place=0,
        again=0,
        fields=1,
        rows=1,
        misfits=0,
        said_next=0,
        extent="whole",
    )
    assert broken({**rows, "dump": dump, "table": table}) == set()


def test_a_dump_in_several_files_without_tables_or_a_problem_is_named():
    rows = sound()
    whole, digest = b"\x08" * 32, b"\x09" * 32
    given = {name: getattr(rows["file"], name) for name in rows["file"].__struct_fields__ if name != "key"}
    dump = File.make(
        **{**given, "locator": "server!d/toc.dat", "name": "toc.dat", "kind": "database", "sha256": digest}
    )
    part = BundleFile.make(
        content=whole, name="toc.dat", of="", locator="server!d/toc.dat", sha256=digest, size_bytes=1
    )
    assert broken({**rows, "dump": dump, "part": part}) == {"bundled"}
    said = Problem.make(stage="bundled", subject="server!d/", code="damaged", detail="", counts=True, unit=whole)
    assert broken({**rows, "dump": dump, "part": part, "said": said}) == set()
    table = Relation.make(
        content=whole, name="users", dialect="postgres-directory", place=0, again=0, fields=1, rows=1, misfits=0,
        said_next=0, beside="1.dat", extent="whole",
    )  # fmt: skip
    assert broken({**rows, "dump": dump, "part": part, "table": table}) == set()
