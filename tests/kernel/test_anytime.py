"""What decides cheaply comes first, and changes no table; what is decided meanwhile is counted at little cost."""

import itertools

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.rig import Rig
from vigie.kernel.curve import MOST_POINTS, Curve
from vigie.kernel.evaluate import order
from vigie.kernel.meanwhile import LEAST_WAIT_S, MOST_WAITING, WAITS, Count, Meanwhile
from vigie.kernel.run import Run
from vigie.kernel.stage import STAGES, Unit
from vigie.kernel.table import of, query
from vigie.rows.artefacts import File
from vigie.rows.base import ROWS
from vigie.rows.problems import Problem


def test_lists_decide_before_pictures_are_decoded_and_pictures_before_videos_frame_by_frame():
    place = {stage.name: number for number, stage in enumerate(order())}
    assert place["withdrawn"] < place["exact"] < place["prints"] < place["triage"] < place["dense"]
    assert place["files"] < place["verifications"] < place["prints"]


def test_no_stage_reads_while_a_pure_one_could_be_done():
    done: set[str] = set()
    writers = {row: {one.name for one in STAGES.values() if row in one.writes} for row in ROWS.values()}
    for stage in order():
        if stage.reading:
            waiting = [one for one in STAGES.values() if not one.reading and one.name not in done]
            ready = [
                one.name for one in waiting if all(writers[row] - {one.name} <= done for row in one.reads.values())
            ]
            assert ready == []
        done.add(stage.name)


def test_stills_of_the_whole_case_are_read_before_videos(seizure, tmp_path, engine):
    rig = Rig(tmp_path / "case", engine)
    rig.add(seizure)
    rig.run(("files",))
    files = rig.case.read(File).rows()
    mixed = [msgspec.structs.replace(one, kind="video" if number % 3 else "image") for number, one in enumerate(files)]
    planned = query(File, STAGES["prints"].plan, files=of(File, mixed)).rows()
    kinds = [one.kind for one in planned]
    assert kinds == sorted(kinds)
    assert len(kinds) == len({one.sha256 for one in mixed})
    for kind in ("image", "video"):
        heaps = [one.original for one in planned if one.kind == kind and one.depth]
        assert len([1 for a, b in itertools.pairwise(heaps) if a != b]) == max(len(set(heaps)) - 1, 0)


def test_in_which_order_contents_are_read_leaves_no_mark(seizure, tmp_path, engine, monkeypatch):
    digests, stage = [], STAGES["prints"]
    plain, order_by, usual = stage.plan.rpartition("order by kind")
    for name, ordered in (("usual", f"{order_by}{usual}"), ("by digest", "order by sha256 desc")):
        plan = plain + ordered
        monkeypatch.setitem(STAGES, "prints", msgspec.structs.replace(stage, plan=plan, together=""))
        rig = Rig(tmp_path / name, engine)
        rig.add(seizure)
        rig.run()
        rig.all_holds()
        digests.append({name: rig.case.digests(row) for name, row in ROWS.items() if name != "item"})
    assert digests[0] == digests[1]


class Counting:
    """A judge that counts rows, and says how long that took."""

    def __init__(self, costs_s: float) -> None:
        self.costs_s, self.now_s, self.spent_s = costs_s, 0.0, 0.0
        self.units: list[bytes] = []
        self.rows = 0
        self.whole: bool | None = None

    def now(self) -> Count:
        return Count(of=100, by={"new": len(self.units)})

    def begin(self, stage):
        return bool(stage.writes)

    def add(self, units, tables):
        self.units += units["unit"].to_pylist()
        self.rows += sum(len(table) for table in tables.values())
        self.now_s += self.costs_s
        self.spent_s += self.costs_s

    def end(self, *, whole):
        self.whole = whole


def _unit(number: int) -> Unit[Problem]:
    key = number.to_bytes(4, "big")
    row = Problem.make(stage="prints", subject=str(number), code="empty", detail="", counts=True, unit=key)
    return Unit(key=key, rows=[row])


@settings(deadline=None, max_examples=40)
@given(costs_s=st.floats(0.001, 30), every_s=st.floats(0.001, 3), count=st.integers(1, 150))
def test_looking_costs_little_and_every_unit_is_counted_once_at_most(costs_s, every_s, count):
    judge = Counting(costs_s)
    looks = Meanwhile(judge, STAGES["prints"], lambda: judge.now_s, lambda: judge.now_s)
    for number in range(count):
        judge.now_s += every_s
        looks.came(_unit(number))
    looks.end()
    assert judge.spent_s <= 3 * costs_s + judge.now_s / WAITS  # the first is not weighed, one may be under way
    assert len(set(judge.units)) == len(judge.units) == judge.rows
    assert judge.whole == (len(judge.units) == count)
    if every_s * count > LEAST_WAIT_S + every_s:
        assert judge.units


def test_what_waits_is_bounded_and_then_the_count_is_not_whole():
    judge = Counting(0.0)
    looks = Meanwhile(judge, STAGES["prints"], lambda: judge.now_s, lambda: judge.now_s)
    for number in range(MOST_WAITING + 5):
        looks.came(_unit(number))
    judge.now_s = 100.0
    looks.end()
    assert len(judge.units) == MOST_WAITING
    assert judge.whole is False


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0, 50), min_size=1, max_size=1000))
def test_a_curve_is_bounded_and_ends_where_the_stage_did(steps):
    curve, at = Curve(), 0.0
    for number, step in enumerate(steps):
        at += step
        curve.add(at, number, 10 * number, number // 2)
    curve.add(at, len(steps), 0, 7, last=True)
    points = curve.points
    assert len(points) <= MOST_POINTS
    assert points[0].units == 0
    assert (points[-1].units, points[-1].decided) == (len(steps), 7)
    assert [one.seconds for one in points] == sorted(one.seconds for one in points)


def test_a_record_from_before_curves_is_read(seizure, tmp_path, engine):
    rig = Rig(tmp_path / "case", engine)
    rig.add(seizure)
    (run,) = rig.run(("files",))
    assert run.points
    raw = msgspec.json.decode(msgspec.json.encode(run))
    del raw["points"]
    assert msgspec.convert(raw, Run).points == []
