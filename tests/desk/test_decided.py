"""What is decided while a case is read: the counts end where the standings do, and whoever asks is told."""

import hashlib
import json
import os
import shutil
from collections import Counter
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest

from desk.conftest import picture
from vigie.desk import going
from vigie.desk.anytime import anytime
from vigie.desk.charts import course
from vigie.desk.cli import call
from vigie.desk.decided import Judging
from vigie.desk.going import seen, telling
from vigie.desk.opening import engine, needs, opened
from vigie.desk.run import evaluated
from vigie.kernel import evaluate, meanwhile
from vigie.kernel.meanwhile import Count
from vigie.kernel.strays import GOING
from vigie.rows.matches import Standing


def film(path, seed):
    """Write eight seconds of pictures that change each second."""
    with av.open(path, "w") as out:
        stream = out.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 160, 128, "yuv420p"
        for number in range(40):
            frame = np.asarray(picture(1000 * seed + number // 5, (160, 128)))
            for packet in stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")):
                out.mux(packet)
        for packet in stream.encode():
            out.mux(packet)


@pytest.fixture(scope="module")
def ready(tmp_path_factory, seizure):
    """A case with pictures and films that are listed, near, benign, both, new and broken; nothing is run yet."""
    root = tmp_path_factory.mktemp("decided")
    evidence = root / "server"
    shutil.copytree(seizure / "server" / "up", evidence)
    picture(3).transpose(0).save(evidence / "mirrored.png")
    for seed in (1, 2, 3):
        film(evidence / f"film{seed}.mp4", seed)
    (evidence / "cut.mp4").write_bytes((evidence / "film3.mp4").read_bytes()[:2000])
    (evidence / "broken.png").write_bytes((evidence / "p5.png").read_bytes()[:300])
    names = ("p1.png", "film1.mp4", "again.jpg")
    digest = {name: hashlib.sha256((evidence / name).read_bytes()).hexdigest() for name in (*names, "p4.png")}
    (root / "listed.txt").write_text("".join(f"{digest[name]}  {name}\n" for name in names[:2]))
    (root / "benign.txt").write_text("".join(f"{digest[name]}  {name}\n" for name in ("again.jpg", "p4.png", "p1.png")))
    case = str(root / "case")
    assert call(["new", case, "--authority", "u", "--examiner", "e"]) == 0
    assert call(["add", case, str(evidence), "--jobs", "1"]) == 0
    assert call(["lists", "add", case, str(root / "listed.txt")]) == 0
    assert call(["lists", "add", case, str(root / "benign.txt"), "--meaning", "benign"]) == 0
    mapping = str(seizure / "mapping.toml")
    assert call(["lists", "add", case, str(seizure / "unit.csv"), "--mapping", mapping]) == 0
    return root / "case"


@pytest.fixture
def fresh(ready, tmp_path):
    """A copy of that case."""
    return Path(shutil.copytree(ready, tmp_path / "case"))


@pytest.fixture
def eager(monkeypatch):
    """Look after every unit."""
    monkeypatch.setattr(meanwhile, "LEAST_WAIT_S", 0.0)
    monkeypatch.setattr(meanwhile, "WAITS", 0)


def standings(case):
    """Return how many pictures and videos stand where, as the tables say."""
    return Counter(one.standing for one in case.read(Standing) if one.kind != "other")


def drive(folder, watch, stages=None):
    """Do these stages as ``vigie run`` does; return the case."""
    case = opened(folder)
    case.custody.append("run_started", {"engine": "inline", "jobs": 1, "only": "", "keys": 0})
    with engine(case, 1) as worker:
        evaluated(case, stages or evaluate.order(), worker, needs(case), watch)
    return case


@pytest.mark.usefixtures("eager")
def test_the_counts_end_where_the_standings_do(fresh):
    told: list[evaluate.Progress] = []
    case = drive(fresh, told.append)
    want = standings(case)
    assert set(want) == {"listed", "near", "new", "conflict", "benign"}
    first = next(one for one in told if one.decided.of)
    assert (first.stage, first.done) == ("prints", 0)
    assert first.decided.by == {"listed": 2, "conflict": 1}  # by digest alone, before anything is decoded
    after = {one.stage: one.decided for one in told if not one.finished}
    assert Counter(after["dense"].by) == want
    assert after["dense"].total == after["dense"].of == want.total()
    assert 0 < after["prints"].total < want.total()
    assert Counter(after["leads"].by) == want
    totals = [one.decided.total for one in told]
    assert totals == sorted(totals)


@pytest.mark.usefixtures("eager")
def test_what_another_sitting_read_is_counted(fresh):
    def stop(one):
        if one.stage == "prints" and one.done >= 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drive(fresh, stop)
    assert list((fresh / "work").glob("prints-*/*.chunk"))
    told: list[evaluate.Progress] = []
    case = drive(fresh, told.append)
    first = next(one for one in told if one.decided.of)
    assert first.kept == first.done >= 7
    assert first.decided.total > 2
    last = [one for one in told if one.stage == "dense"][-1]
    assert Counter(last.decided.by) == standings(case)
    course_of = anytime(case)
    assert course_of.kept >= 7
    assert course_of.complete


@pytest.mark.usefixtures("eager")
def test_a_later_run_counts_what_earlier_runs_read(fresh):
    stages = evaluate.order()
    drive(fresh, lambda _: None, stages[: [one.name for one in stages].index("dense")])
    told: list[evaluate.Progress] = []
    case = drive(fresh, told.append)
    last = [one for one in told if one.stage == "dense"][-1]
    assert Counter(last.decided.by) == standings(case)


@pytest.mark.usefixtures("eager")
def test_status_tells_of_a_run_that_goes_on_and_of_one_that_was_stopped(fresh, monkeypatch, vigie):
    monkeypatch.setattr(going, "EVERY_S", 0.0)
    asked = []

    def ask(one):
        if one.stage == "prints" and one.done == 9 and not asked:
            asked.append(json.loads(vigie("status", fresh, "--json")[1])["run"])
            asked.append(vigie("status", fresh)[1])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), telling(fresh, ask) as told:
        drive(fresh, told)
    run, words = asked
    assert run["by"] == f"process {os.getpid()}"
    assert run["going"]["progress"]["stage"] == "prints"
    assert run["going"]["progress"]["decided"]["of"] > run["going"]["progress"]["done"] - 2
    assert f"In use by process {os.getpid()}" in words
    assert "decided: " in words
    stopped = seen(fresh)
    assert stopped.by == ""
    assert stopped.going.progress.stage == "prints"
    code, out, _ = vigie("verify", fresh)
    assert code == 0, out
    assert GOING in out
    assert "A run was stopped" in vigie("status", fresh)[1]
    assert vigie("run", fresh, "--engine", "inline")[0] == 0
    assert seen(fresh) is None
    assert not (fresh / GOING).exists()
    assert json.loads(vigie("status", fresh, "--json")[1])["run"] is None


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b"\xff" * 10, b'{"began": 1, "at": 2, "progress": []}', b"{" * 70_000]
)
def test_what_somebody_else_wrote_there_is_not_shown(case, raw):
    (case / GOING).write_bytes(raw)
    assert seen(case) is None


def test_words():
    assert (
        going.told(Count(of=50_000, by={"listed": 2_000, "near": 300}))
        == "2,300 of 50,000 (5%): 2,000 listed, 300 near"
    )
    assert going.told(Count(of=0)) == "0 of 0"


def test_the_report_draws_it(whole):
    found = anytime(opened(whole))
    assert found.complete
    assert found.share(found.seconds) == 1.0
    assert found.share(-1) == 0.0
    assert [count for _, count in found.points] == sorted(count for _, count in found.points)
    drawn = course(found, left=60, width=640, height=180)
    places = [tuple(map(float, one.split(","))) for one in drawn.line.split()]
    assert all(60 <= x <= 700 and 0 <= y <= 180 for x, y in places)
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert (places[0], places[-1]) == ((60.0, 180.0), (700.0, 0.0))
    assert all(one.x >= 60 and one.x + one.width <= 700.5 for one in drawn.bands)
    assert {hue for hue, _, _ in drawn.legend} >= {one.hue for one in drawn.bands}
    assert 2 <= len(drawn.across) <= 8
    long = course(msgspec.structs.replace(found, seconds=90_000.0), left=60, width=640, height=180)
    assert len(long.across) <= 8
    assert long.across[1].text.endswith(" h")


def test_a_judge_that_heard_of_nothing_knows_nothing(case):
    judge = Judging(opened(case))
    assert judge.now() == Count()
    judge.settle()
    assert judge.now().total == judge.now().of > 0
