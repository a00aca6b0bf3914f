"""The demonstration: the whole job, scored against the truth of its sample."""

import json

from vigie.desk.demo import free


def test_the_demo_finds_what_is_there(tmp_path, vigie):
    code, out, _ = vigie("demo", "--dir", tmp_path / "demo", "--json")
    told = json.loads(out)
    scores = told["scores"]
    assert code == 0
    assert told["numbers"]["conservation"]["state"] == "holds"
    assert scores["files_missed"] == []
    assert scores["problems_missed"] == []
    assert scores["wrong"] == []
    assert scores["spans"] >= 2
    assert scores["spans_missed"] == []
    assert scores["precision"] == 1.0
    assert scores["recall"] >= 0.95
    people = told["people"]
    assert people["roles"].keys() == {"administrator", "moderator", "uploader", "paying"}
    for what, hits in people["roles"].items():
        assert hits["right"] == hits["said"] > 0, what
    assert people["roles"]["administrator"]["found"] == people["roles"]["administrator"]["true"]
    assert people["persons"]["right"] == people["persons"]["said"] > 0
    assert (tmp_path / "demo/case/report.html").is_file()
    assert vigie("verify", tmp_path / "demo/case")[0] == 0


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "demo").mkdir()
    assert free(tmp_path / "demo") == tmp_path / "demo"
    (tmp_path / "demo/mine.txt").write_text("x")
    assert free(tmp_path / "demo") == tmp_path / "demo-2"
    assert (tmp_path / "demo/mine.txt").read_text() == "x"
