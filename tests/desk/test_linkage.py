"""``vigie linkage``: what is handed to Splink comes out of the case, is logged, and names no address or birthday."""

import json
import resource
import shutil

import pyarrow.parquet as pq
import pytest

from vigie.desk.cli import call
from vigie.desk.linkage import ACCOUNTS, MODEL, PAIRS
from vigie.desk.opening import viewed
from vigie.desk.show import shown
from vigie.kernel.durable import sha256_of
from vigie.kernel.stage import STAGES
from vigie.rows.persons import Identifier, Resemblance
from vigie.sample.forum.make import alone

STAGE = "resemblances"
LEAST = 6000
"""Bytes that a file may have: those that are handed over have more."""


def needed():
    """Resemblances, and all stages that they wait for, in order."""
    from vigie.kernel.evaluate import order  # noqa: PLC0415 - stages are registered by the first command

    wanted = {STAGE}
    for stage in reversed(order()):
        if stage.name in wanted:
            rows = set(stage.reads.values())
            wanted |= {one.name for one in STAGES.values() if rows & set(one.writes)}
    return [one.name for one in order() if one.name in wanted]


@pytest.fixture(scope="module")
def forum(tmp_path_factory):
    """A case of a small forum with resemblances; not to be changed."""
    root = tmp_path_factory.mktemp("forum")
    alone(root / "sample", 3, "phpbb", 200, 2500)
    case = root / "case"
    assert call(["new", str(case), "--authority", "Unit", "--examiner", "A. Person"]) == 0
    assert call(["add", str(case), str(root / "sample" / "evidence"), "--jobs", "1"]) == 0
    for stage in needed():
        assert call(["run", str(case), "--engine", "inline", "--only", stage]) in (0, 3)
    return case


def test_what_is_written_is_of_the_case_and_logged(forum, tmp_path, vigie):
    out = tmp_path / "out"
    code, said, _ = vigie("linkage", forum, "--splink", out, "--json")
    told = json.loads(said)
    assert code == 0
    assert told["sha256"] == {name: sha256_of(out / name) for name in (ACCOUNTS, PAIRS, MODEL)}
    case = viewed(forum)
    logged = [one.about for one in case.custody.entries() if one.act == "exported"]
    assert {one["sha256"] for one in logged} == set(told["sha256"].values())
    weighed = {(one["unique_id_l"], one["unique_id_r"]): one for one in pq.read_table(out / PAIRS).to_pylist()}
    number = {(one["platform"], one["account"]): one["unique_id"] for one in pq.read_table(out / ACCOUNTS).to_pylist()}
    kept = case.read(Resemblance).rows()
    assert kept
    for one in kept:
        pair = (number[one.platform_a.hex(), one.account_a], number[one.platform_b.hex(), one.account_b])
        assert weighed[pair]["weight_bits"] == one.weight_bits
    assert vigie("linkage", forum, "--splink", out)[0] == 2, "what is there already is not written over"


def test_what_scored_and_from_where_on_is_shown(forum, tmp_path, vigie):
    code, _, said = vigie("show", forum, "resemblances")
    assert code == 0
    clause = said.strip().removeprefix("note: ")
    assert clause.startswith("scored by Splink ")
    why = "shared addresses and hours are not enough for it"
    assert clause.endswith(f": likely from 0.95 ({why}), else possible, from 0.3")
    case = shutil.copytree(forum, tmp_path / "case")
    assert vigie("report", case)[0] == 0
    assert clause in (case / "report.html").read_text()


def test_nothing_that_reaches_a_person_is_in_it(forum, tmp_path, vigie):
    assert vigie("linkage", forum, "--splink", tmp_path / "out")[0] == 0
    rows = pq.read_table(tmp_path / "out" / ACCOUNTS).to_pylist()
    words = {str(x) for row in rows for value in row.values() for x in (value if isinstance(value, list) else [value])}
    contacts = {one.value for one in viewed(forum).read(Identifier) if one.kind != "handle"}
    assert contacts
    assert not words & contacts
    assert not [word for word in words if "@" in word or word.count(".") == 3]
    assert [row for row in rows if row["local"].startswith("#")]
    bare = {row["bare"]: row["unique_id"] for row in rows}
    assert not [row for row in rows if bare.get(row["local"]) == row["unique_id"]], "one's own handle is no reason"
    assert {row["born"][:1] for row in rows} <= {"", "#"}, "numbers, which say where it is the same"


def test_settings_that_changed_since_are_told(forum, tmp_path, vigie):
    case = shutil.copytree(forum, tmp_path / "case")
    with (case / "case.toml").open("a") as file:
        file.write("\n[stage.resemblances]\nmost_near = 0\nmost_behind = 0\nmost_alike = 2\n")
    code, _, said = vigie("linkage", case, "--splink", tmp_path / "out")
    assert code == 2
    assert "vigie run" in said
    assert not (tmp_path / "out").exists()


def test_a_case_without_pairs_is_told(case, tmp_path, vigie):
    code, _, said = vigie("linkage", case, "--splink", tmp_path / "out")
    assert code == 2
    assert "No accounts were compared" in said


def test_what_fails_leaves_nothing_behind(forum, tmp_path, vigie):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    largest = max(one.stat().st_size for one in forum.rglob("*") if one.is_file())
    assert largest > LEAST
    resource.setrlimit(resource.RLIMIT_FSIZE, (LEAST, hard))  # as of a disk that is full
    try:
        code, _, said = vigie("linkage", forum, "--splink", tmp_path / "here" / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert code
    assert "File too large" in said or "bug" in said
    assert not list((tmp_path / "here").iterdir())


def test_a_probability_is_never_rounded_up_to_a_certainty():
    assert [shown("probability", value) for value in (0.99999, 0.998454, 0.4331, 1.0)] == [
        "0.999",
        "0.998",
        "0.433",
        "1.000",
    ]
