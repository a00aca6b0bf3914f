"""The hash lists, read by json, csv, sqlite3 and by hand; and what stands on them against the truth."""

import csv
import hashlib
import json
import re
import sqlite3
import tomllib

import pytest

from vigie.sample.drawing import generator
from vigie.sample.list_nsrl import write_nsrl
from vigie.sample.listing import PER_BLOCK, filler

FILL = 500


@pytest.fixture(scope="module")
def lists(case):
    return {path.name: path for path in (case.folder / "lists").iterdir()}


@pytest.fixture(scope="module")
def digests(found):
    """SHA-256 -> {md5, sha1} of every file in the evidence."""
    return {
        hashlib.sha256(data).hexdigest(): {hashlib.md5(data).hexdigest(), hashlib.sha1(data).hexdigest()}
        for data in found.values()
        if data is not None
    }


@pytest.fixture(scope="module")
def on_lists(lists):
    """Every digest that the listed-lists name, lower hex, without what is withdrawn."""
    vics = [json.loads(lists[name].read_text("utf-8-sig"))["value"] for name in lists if "vics" in name]
    out = {value.lower() for media in vics for one in media for key, value in one.items() if key.upper() in HASHES}
    with lists["icse.csv"].open(newline="") as file:
        out |= {row[name].lower() for row in csv.DictReader(file, delimiter=";") for name in HASHES}
    for name in ("unit-sha256sum.txt", "unit-md5sum.txt"):
        out |= set(re.findall(r"^([0-9a-f]{32}|[0-9a-f]{64}) [ *]", lists[name].read_text(), re.MULTILINE))
    rows = table(lists)
    gone = {row["Ref"] for row in rows if row["Withdrawn on"]}
    return out | {row["Digest (SHA-256)"] for row in rows if row["Ref"] not in gone}


HASHES = ("MD5", "SHA1")


def table(lists):
    with lists["unit-table.tsv"].open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def benign(lists):
    with sqlite3.connect(lists["nsrl-rds3.db"]) as database:
        return {value.lower() for row in database.execute("select sha256, sha1, md5 from FILE") for value in row}


def test_exact_standings_are_those_of_the_lists(truth, digests, on_lists, lists):
    known_good = benign(lists)
    for row in truth.values():
        if row["kind"] not in {"image", "video"} or row["problem"]:
            continue
        names = digests[row["sha256"].hex()] | {row["sha256"].hex()}
        exact = {(True, False): "listed", (True, True): "conflict", (False, True): "benign", (False, False): ""}
        wanted = exact[bool(names & on_lists), bool(names & known_good)]
        assert row["standing"] == wanted or (not wanted and row["standing"] in {"near", "new"}), row


def test_every_list_says_how_it_is_added(case, lists):
    assert {path.name for path in case.lists} == set(case.list_options) == set(lists) - {"mapping.toml"}
    assert all((case.folder / one["mapping"]).exists() for one in case.list_options.values() if "mapping" in one)
    assert all(f"lists add CASE lists/{name}" in (case.folder / "README.txt").read_text() for name in case.list_options)


def test_vics_is_as_windows_tools_write_it(lists):
    raw = lists["national-vics-2.0.json"].read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    media = json.loads(raw.decode("utf-8-sig"))["value"]
    assert len(media) >= FILL
    keys = {key for one in media for key in one}
    assert {"MD5", "Md5", "Category", "category", "RelativeFilePath", "Series"} <= keys
    assert {one["IsDistributed"] for one in media} == {"true", "false"}
    pdq = [other for one in media for other in one.get("AlternativeHashes", ()) if other["HashName"] == "PDQ"]
    assert pdq
    assert all(re.fullmatch("[0-9a-f]{64}", other["HashValue"]) for other in pdq)
    assert "#Media" in json.loads(lists["older-vics-1.3.json"].read_text())["odata.metadata"]


def test_exchange_holds_pdq_and_frame_hashes(lists):
    with lists["exchange-pdq.csv"].open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > FILL
    assert all(row["type"] == "HASH_PDQ" and len(bytes.fromhex(row["indicator"])) == 32 for row in rows)
    data = json.loads(lists["exchange-mixed.json"].read_text())["data"]
    films = [json.loads(one["indicator"]) for one in data if one["type"] == "HASH_VIDEO_VPDQ"]
    assert films
    for frames in films:
        times = [float(frame.split(",")[2]) for frame in frames]
        assert all(abs(at - second) < 0.1 for second, at in enumerate(times)), "one hash a second"
        assert len(frames) >= 3


def test_an_absent_original_is_on_a_list_and_nowhere_else(truth):
    absent = [row for row in truth.values() if row["family"] == "image-00001"]
    assert absent
    assert {row["standing"] for row in absent} == {"near"}
    assert "original" not in {row["edit"] for row in absent}


def test_the_table_withdraws_what_it_named(lists, truth):
    rows = table(lists)
    gone = {row["Digest (SHA-256)"] for row in rows if row["Withdrawn on"]}
    assert gone
    named = {row["Digest (SHA-256)"] for row in rows if not row["Withdrawn on"]}
    assert gone <= named
    standing = {row["sha256"].hex(): row["standing"] for row in truth.values()}
    assert {standing[digest] for digest in gone if digest in standing} == {"new"}
    mapping = tomllib.loads(lists["mapping.toml"].read_text())
    assert {mapping["sha256"], mapping["entry"], mapping["withdrawn"]} <= set(rows[0])


def test_the_md5_list_has_three_lines_that_are_none(lists):
    lines = lists["unit-md5sum.txt"].read_text().splitlines()
    assert sum(not re.fullmatch(r"[0-9a-f]{32} \*.+", line) for line in lines) == 3


def test_filling_has_the_bits_of_pdq_and_no_twins():
    entries = list(filler(generator(1, "lists", 9), PER_BLOCK + 50, start=7, prints=True))
    assert [one.number for one in entries] == list(range(7, PER_BLOCK + 57))
    assert {int.from_bytes(one.prints[0].value).bit_count() for one in entries} == {128}
    assert len({one.sha256 for one in entries}) == len({one.prints[0].value for one in entries}) == len(entries)


def test_nsrl_has_the_views_and_tables_that_tools_read(tmp_path):
    path = tmp_path / "rds.db"
    write_nsrl(path, filler(generator(1, "lists", 9), 20, start=1, prints=False))
    with sqlite3.connect(path) as database:
        names = {name for (name,) in database.execute("select name from sqlite_master")}
        assert {"FILE", "PKG", "MFG", "OS", "METADATA", "VERSION"} <= names
        # what IPED asks
        assert len(database.execute("select sha1, md5, package_id from FILE order by md5").fetchall()) == 20
    database.close()
