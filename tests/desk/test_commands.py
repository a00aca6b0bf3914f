"""The command line from outside: what it prints, what it refuses, what it ends with."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from vigie import steps
from vigie.desk import cli
from vigie.desk.cli import COMMANDS, call
from vigie.kernel.case import Case
from vigie.kernel.errors import NotAllowed
from vigie.rows.leads import Lead
from vigie.rows.list_formats import LIST_FORMATS

TABLES = ("leads", "groups", "matches", "files", "problems", "lists", "items", "media", "tallies")


def test_every_command_has_help_and_json(vigie):
    for name in COMMANDS:
        code, out, _ = vigie(name, "--help")
        assert code == 0
        assert "--json" in out or name in ("lists", "geo", "map", "chain", "tags")  # these have commands of their own


def test_run_ends_with_its_numbers(whole, vigie):
    code, out, err = vigie("run", whole, "--json", "--engine", "inline")
    told = json.loads(out)
    assert code == 0
    assert told["schema"] == 1
    told = told["numbers"]
    assert told["files"] == 15
    assert told["standings"]["listed"] == 1
    assert told["standings"]["near"] == 1
    assert told["conservation"]["state"] == "holds"
    assert all("progress" in json.loads(line) for line in err.splitlines())


def test_status_says_that_all_is_done(whole, vigie):
    code, out, _ = vigie("status", whole, "--json")
    told = json.loads(out)
    assert code == 0
    assert {one["state"] for one in told["stages"]} == {"done"}
    assert told["isolation"]["level"] in ("S0", "S1", "S2", "S3")
    assert [one["name"] for one in told["items"]] == ["server"]


def test_status_of_a_new_case_says_what_is_to_be_done(tmp_path, vigie):
    assert vigie("new", tmp_path / "c", "--authority", "A", "--examiner", "E")[0] == 0
    code, out, _ = vigie("status", tmp_path / "c", "--json")
    assert code == 0
    assert {one["state"] for one in json.loads(out)["stages"]} == {"to do"}
    assert vigie("run", tmp_path / "c")[0] == 2


@pytest.mark.parametrize("table", TABLES)
def test_show_says_the_same_in_each_form(whole, vigie, table):
    code, out, _ = vigie("show", whole, table, "--json")
    rows = json.loads(out)["rows"]
    assert code == 0
    assert json.loads(out)["total"] == len(rows)
    code, out, _ = vigie("show", whole, table, "--csv")
    cells = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert len(cells) == len(rows)
    assert vigie("show", whole, table)[0] == 0


def test_show_limits_and_filters(whole, vigie):
    _, out, _ = vigie("show", whole, "files", "--json", "--where", "kind = 'image' and size_bytes > 0", "--limit", "3")
    told = json.loads(out)
    assert len(told["rows"]) == 3
    assert told["total"] > 3
    digest = told["rows"][0]["sha256"]
    _, out, _ = vigie("show", whole, "files", "--json", "--where", f"sha256 = '{digest}'")
    assert {one["sha256"] for one in json.loads(out)["rows"]} == {digest}


def test_what_is_exported_is_logged_and_watched_over(case, vigie):
    file = case / "files.parquet"
    assert vigie("show", case, "files", "--parquet", file)[0] == 0
    assert pq.read_table(file).num_rows == 15
    assert '"act":"exported"' in (case / "custody.log").read_text()
    assert vigie("verify", case)[0] == 0
    assert vigie("show", case, "files", "--parquet", file)[0] == 2  # never overwritten


@pytest.mark.parametrize(
    "where",
    [
        "1=1; drop table files",
        "1=1); drop table files; --",
        "name in (select content from read_text('/etc/passwd'))",
        "exists (from read_csv('/etc/passwd'))",
        "1=1) union select (2",
        "1=1) limit (1",
        "no_such_column = 1",
        "name = ",
        "name",
        "(" * 300,
        "x" * 20_000,
    ],
)
def test_a_bad_filter_is_a_usage_error(whole, vigie, where):
    code, out, err = vigie("show", whole, "files", "--where", where)
    assert code == 2
    assert "root:" not in out + err
    assert "--where" in err
    assert "Traceback" not in err


def test_names_out_of_evidence_are_printed_not_obeyed(whole, vigie):
    _, out, _ = vigie("show", whole, "files", "--limit", "100")
    assert "[red]alarm.png" in out
    assert "\u202e" not in out
    assert r"\xe2\x80\xaegnp" in out
    assert r"new\x0aline.png" in out
    _, out, _ = vigie("show", whole, "files", "--csv")
    names = {row["name"] for row in csv.DictReader(io.StringIO(out))}
    assert "'=cmd()|calc.png" in names
    assert not any(name.startswith(("=", "+", "-", "@")) for name in names)
    assert "[b]Unit[/b]" in vigie("status", whole)[1]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["status", "/nonexistent"], 2),
        (["show", "/nonexistent", "files"], 2),
        (["verify", "/nonexistent"], 2),
        (["frobnicate"], 2),
        (["show"], 2),
        (["new", "/tmp"], 2),
        (["run", "CASE", "--only", "nothing"], 2),
        (["run", "CASE", "--engine", "ray"], 2),
        (["run", "CASE", "--jobs", "0"], 2),
        (["run", "CASE", "--key-file", "/nonexistent"], 2),
        (["add", "CASE", "/nonexistent"], 2),
        (["add", "CASE", "/proc"], 2),
        (["add", "CASE", "CASE"], 2),
        (["show", "CASE", "files", "--csv", "--parquet", "x"], 2),
        (["show", "CASE", "everything"], 2),
        (["lists", "add", "CASE", "/etc/hostname", "--format", "checksums"], 2),
        (["lists", "add", "CASE", "/nonexistent"], 2),
        (["lists", "add", "CASE", "/etc/hostname", "--format", "tea-leaves"], 2),
        (["lists"], 2),
        (["explain", "CASE", "ffffffffffff"], 2),
        (["explain", "CASE", "ab"], 2),
        (["explain", "CASE", "no such thing"], 2),
    ],
)
def test_a_mistake_is_one_clear_message(whole, vigie, arguments, code):
    arguments = [str(whole) if one == "CASE" else one for one in arguments]
    got, out, err = vigie(*arguments)
    assert (got, out) == (code, "")
    assert err.startswith("vigie: ")
    assert "Traceback" not in err
    got, _, err = vigie(*arguments, "--json")
    assert got == code
    assert json.loads(err.splitlines()[-1])["code"] == code


def test_all_options_that_are_missing_are_named_at_once(tmp_path, vigie):
    code, _, err = vigie("new", str(tmp_path / "case"))
    assert code == 2
    assert "--authority" in err
    assert "--examiner" in err
    assert "--authority" not in vigie("new", str(tmp_path / "case"), "--authority=A")[2]


@pytest.mark.parametrize("form", ["auto", "checksums", "tea-leaves"])
def test_a_list_that_is_not_read_is_told_of_mappings_and_formats(whole, vigie, seizure, form):
    code, _, err = vigie("lists", "add", whole, seizure / "unit.csv", "--format", form)
    assert code == 2
    assert "--mapping FILE.toml" in err
    assert "docs/lists.md" in err
    assert all(name in err for name in LIST_FORMATS) or form == "checksums"


def test_only_one_stage_and_the_known_names_in_the_message(case, vigie):
    assert "standing" in vigie("run", case, "--only", "nothing")[2]
    code, out, _ = vigie("run", case, "--only", "standing", "--json")
    assert code == 0
    assert [one["stage"] for one in json.loads(out)["runs"]] == ["standing"]


def test_a_changed_table_is_an_integrity_failure(case, vigie):
    table = next((case / "tables/file").glob("*.parquet"))
    body = bytearray(table.read_bytes())
    body[100] ^= 1
    table.write_bytes(body)
    code, _, err = vigie("show", case, "files")
    assert code == 3
    assert table.name in err


def test_a_key_that_others_may_read_is_not_allowed(case, vigie):
    (case / "custody.key").chmod(0o644)
    code, _, err = vigie("show", case, "files", "--parquet", case / "x.parquet")
    assert code == 4
    assert "chmod 600" in err


def test_a_mapping_must_be_flat_text(case, vigie, seizure, tmp_path):
    mapping = tmp_path / "m.toml"
    for text in ("sha256 = 3", "= nonsense", ""):
        mapping.write_text(text)
        assert vigie("lists", "add", case, seizure / "unit.csv", "--mapping", mapping)[0] == 2


def test_keys_of_volumes_reach_no_log(case, vigie, tmp_path):
    keys = tmp_path / "keys"
    keys.write_bytes(b"very secret passphrase\n")
    assert vigie("run", case, "--key-file", keys, "--engine", "inline")[0] == 0
    for path in case.rglob("*"):
        assert path.is_dir() or b"very secret" not in path.read_bytes()


def test_an_unexpected_exception_is_named_a_bug(case, vigie, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr(cli.typer.main, "get_command", broken)
    code, _, err = vigie("status", case)
    assert code == 70
    assert "bug of vigie" in err
    assert "Traceback" not in err
    (trace,) = (case / "tmp").glob("vigie-bug-*")
    assert "ZeroDivisionError" in trace.read_text()


def test_ctrl_c_stops_cleanly_and_the_same_command_goes_on(seizure, tmp_path, vigie):
    case = tmp_path / "case"
    assert call(["new", str(case), "--authority", "A", "--examiner", "E"]) == 0
    command = [sys.executable, "-m", "vigie.desk.cli", "add", str(case), str(seizure / "server"), "--jobs", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ}) as process:
        deadline = time.monotonic() + 30
        while not any((case / "runs").iterdir()) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)  # the list of the evidence is committed: digesting is under way
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode in (0, 130)  # 0: it was quicker than the signal
    assert "Traceback" not in err
    assert ("the same command goes on" in err) == (process.returncode == 130)
    assert vigie("add", case, seizure / "server")[0] == 0
    assert vigie("verify", case)[0] == 0


def test_a_case_opened_for_reading_shows_the_same_and_writes_nothing(case):
    before = {path: path.stat().st_mtime_ns for path in case.rglob("*")}
    steps.load()
    seen = Case.open(case, read_only=True)
    assert len(seen.read(Lead)) > 0
    assert len(seen.read(Lead)) == len(Case.open(case).read(Lead))
    with pytest.raises(NotAllowed):
        seen.custody.append("viewed", {})
    assert {path: path.stat().st_mtime_ns for path in case.rglob("*")} == before


def test_the_date_of_a_list_is_a_date(case, vigie, seizure):
    for wrong in ("3.2.2026", "2026/02/03", "February"):
        assert vigie("lists", "add", case, seizure / "unit.csv", "--dated", wrong)[0] == 2


def test_a_named_isolation_level_is_on_record(case, vigie):
    assert vigie("run", case, "--accept-isolation", "S1", "--engine", "inline")[0] == 0
    assert '"act":"isolation_lowered"' in (case / "custody.log").read_text()


def test_adding_again_changes_nothing(case, vigie, seizure):
    before = set((case / "tables").rglob("*.parquet"))
    code, out, _ = vigie("add", case, seizure / "server", "--json")
    assert code == 0
    assert json.loads(out)["items"][0]["again"] is True
    assert set((case / "tables").rglob("*.parquet")) == before
    assert Path(case / json.loads(out)["items"][0]["manifest"]).is_file()
