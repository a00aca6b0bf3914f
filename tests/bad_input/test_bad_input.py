"""Everything bad at once, in one case and through the whole run: rows or a Problem each, nothing lost, soon."""

import shutil
import time
import warnings
from collections import Counter
from pathlib import Path

import pytest

from bad_input.table import BAD, CUT, Bad
from kernel.rig import Rig
from vigie.kernel.local import Local
from vigie.rows.codes import CODES
from vigie.rows.fingerprints import Fingerprint
from vigie.rows.leads import Lead

MOST_S = 600
"""It takes ten on an idle core; others may be using this one."""


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory, engine: Local) -> Rig:
    """Return a case in which all of it was run."""
    folder = tmp_path_factory.mktemp("bad") / "seized"
    (folder / "cut").mkdir(parents=True)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Duplicate name")  # zipfile's word on what we want it to write
        for bad in BAD:
            (folder / bad.name).write_bytes(bad.make())
    for name, make in CUT:
        (folder / name).write_bytes(make())
    rig = Rig(folder.parent / "case", engine)
    started = time.monotonic()
    rig.add(folder)
    rig.run()
    assert time.monotonic() - started < MOST_S
    return rig


@pytest.fixture(scope="module")
def problems(rig: Rig) -> Counter[tuple[str, str, str]]:
    return rig.problems()


def test_nothing_is_lost(rig: Rig) -> None:
    assert rig.all_holds()
    assert len(rig.case.read(Lead)) > 0


def test_the_codes_are_known(problems: Counter[tuple[str, str, str]]) -> None:
    assert {code for _, _, code in problems} <= CODES.keys()


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_it_ends_as_it_must(rig: Rig, problems: Counter[tuple[str, str, str]], bad: Bad) -> None:
    mine = {f"{stage}:{code}" for stage, where, code in problems if where.split("!")[0] == bad.name}
    assert mine == bad.problems
    files = rig.files()
    assert bad.kind in (None, files[bad.name].kind)
    if bad.inside is not None:
        found = {path.partition("!")[2] for path in files if path.startswith(bad.name + "!")}
        assert {name for name in found if "!" not in name} == bad.inside


@pytest.mark.parametrize("name", [name for name, _ in CUT])
def test_what_was_cut_is_said_to_be_broken(rig: Rig, problems: Counter[tuple[str, str, str]], name: str) -> None:
    content = rig.files()[name].sha256
    told = {code for stage, where, code in problems if where == name and stage == "prints"}
    printed = any(one.content == content for one in rig.case.read(Fingerprint))
    assert told <= {"truncated", "decode_error", "no_frames"}
    if not told:  # a stream without a length, cut between two packets, is a whole stream
        assert name in ("cut/mpegts-2", "cut/mpegts-50", "cut/mpegts-95", "cut/matroska-95")
        assert printed or rig.files()[name].kind == "other"


def test_a_bomb_costs_no_more_than_its_bound(rig: Rig) -> None:
    unfolded = Counter[str]()
    for path, one in rig.files().items():
        unfolded[path.split("!")[0]] += one.size_bytes if "!" in path else 0
    assert max(unfolded.values()) < 400 << 20
    assert sum(path.startswith("overlap.zip!") for path in rig.files()) < 2000


def test_nothing_of_it_was_written_outside_the_case(rig: Rig, tmp_path: Path) -> None:
    assert {path.name for path in rig.folder.parent.iterdir()} == {"case", "seized"}
    assert not list((rig.folder / "tmp").iterdir())
    assert not list((rig.folder / "work").iterdir())
    assert shutil.disk_usage(tmp_path).free > 0
