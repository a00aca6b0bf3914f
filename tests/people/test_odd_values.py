"""Values that are not what their column is read as: none goes uncounted, and a person is told what to do."""

import collections
import re

import numpy as np
import pyarrow as pa
import pytest

from kernel.conftest import new_case
from kernel.rig import Rig
from people.test_records import STAGES, TABLES, dump
from vigie.forums.mapping import parse, shipped, to_json
from vigie.forums.reading import readings
from vigie.kernel.columnar import BATCH_ROWS, made
from vigie.kernel.conservation import check
from vigie.kernel.evidence import Evidence
from vigie.kernel.local import Local
from vigie.kernel.table import of
from vigie.rows.artefacts import Field
from vigie.rows.people import Account, Platform, Taken
from vigie.rows.problems import Problem
from vigie.rows.wire import Cells, Portion
from vigie.steps import odd_values
from vigie.steps.artefacts.people_records import _Reader

ODD = {
    b"(2,0,2,'','192.0.2.2',1500000002,'n&quot;2'": b"(2,0,2,'','192.0.2.299',1e3,'ren\xe9'",
    b"(3,0,2,'','192.0.2.3',1500000003,'n&quot;3'": b"(3,0,2,'','0.0.0.0',0,'chlo\xe9'",
    b"(4,0,2,'','192.0.2.4',1500000004,'n&quot;4'": b"(4,0,2,'','',99999999999,'d\xe9j\xe0'",
    b"(5,0,2,'','192.0.2.5',1500000005,": b"(5,0,2,'','192.0.2.5',-1,",
}

VISITS = """
software = "own"
title = "Own"
[recognise.visits]
columns = ["nr", "seen"]
[[rule]]
name = "visit"
table = "visits"
into = "event"
[rule.fields]
account = "nr"
action = "'login'"
at = "unix(split(seen, ','))"
"""


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    (folder / "server").mkdir()
    raw = dump("phpbb_", 3)
    for before, after in ODD.items():
        assert before in raw
        raw = raw.replace(before, after)
    (folder / "server" / "forum.sql").write_bytes(raw)
    engine = Local(1)
    made = Rig(new_case(folder / "case"), engine)
    made.add(folder / "server")
    made.run(STAGES)
    yield made
    engine.close()


def said(rig):
    """What the stage remarked, by code."""
    out = {}
    for one in rig.case.read(Problem):
        if one.stage == "records":
            out.setdefault(one.code, []).append(one.detail)
            assert not one.counts
    return out


def test_each_column_says_how_many_values_are_not_what_it_is_read_as_and_where(rig):
    place = (rig.folder.parent / "server" / "forum.sql").read_bytes().index(b"(2,0,2,")
    assert sorted(said(rig)["bad_value"]) == [
        f"phpbb_users.user_ip: 1 values are no IP address; first in row 2 (at {place})",
        f"phpbb_users.user_regdate: 1 values are no whole number; first in row 2 (at {place})",
        "phpbb_users.user_regdate: 2 values are no time from 1990 to 2099; first in row 4",
    ]
    assert [one.registered is None for one in rig.case.read(Account)] == [False, True, True, True, True, *[False] * 3]
    assert check(rig.case).state != "broken"


def test_the_wrong_character_set_is_said_by_column_with_what_it_likely_is_and_what_to_do(rig):
    (detail,) = said(rig)["bad_text"]
    assert detail.startswith("phpbb_users.username: 3 values; first in row 2 (at ")
    assert "its byte 4;" in detail
    assert "3 of 3 looked at fit windows-1252 (western European), likely" in detail
    setting = re.search(r"charsets = \{.*\}", detail)[0]
    settings = rig.folder / "case.toml"
    before = settings.read_text()
    settings.write_text(f"{before}\n[stage.records]\n{setting}\n")
    rig.reopen()
    rig.run(STAGES)
    names = [one.name for one in rig.case.read(Account)]
    assert names[1:4] == ["ren\xe9", "chlo\xe9", "d\xe9j\xe0"]
    assert "bad_text" not in said(rig)
    assert said(rig)["charset"][0].startswith("phpbb_users.username: 3 values were read as latin1, as case.toml says")
    settings.write_text(before + '\n[stage.records]\ncharsets = { "000000" = "latin1" }\n')
    rig.reopen()
    rig.run(STAGES)
    assert "bad_text" in said(rig), "that of another dump"


def rows(place, columns, first, many):
    one = Cells(lengths=memoryview(np.full(many, -1, "<i4")).cast("B"), values=memoryview(b""))
    places = memoryview(np.zeros(many, "<i8")).cast("B")
    return Portion(wish=place, number=first, places=places, columns=[one] * columns)


@pytest.mark.parametrize("batches", [1, 5])
def test_of_a_reader_that_lies_what_was_made_is_what_came_of_it(tmp_path, batches):
    mapping = to_json(next(one for one in shipped() if one.software == "phpbb3"))
    told = {"content": b"c" * 32, "prefix": "phpbb_", "software": "phpbb3", "title": "", "score": 1.0, "missing": ""}
    names = TABLES["posts"].split()
    given = [
        Field.make(content=b"c" * 32, relation="phpbb_posts", number=at, name=name, type="text")
        for at, name in enumerate(names)
    ]
    reader = _Reader(Platform.make(**told, mapping=mapping), "x.sql", of(Field, given))
    (wish,) = reader.ask().wishes
    many = BATCH_ROWS + 7
    replies = [rows(0, len(wish.columns), 1 + many * at, many) for at in range(batches)]
    replies.append(rows(0, len(wish.columns), 7, 5))  # out of their order
    units = list(reader.read(iter(replies), Evidence(lambda _: None, tmp=tmp_path, items=())))
    came = collections.Counter()
    for unit in units:
        for table in unit.tables:
            came.update((one.rule for one in table) if len(table) < 9 else {table.arrow["rule"][0].as_py(): len(table)})
    taken = {one.rule: one for one in units[-1].rows if isinstance(one, Taken)}
    assert [one.code for one in units[-1].rows if isinstance(one, Problem)] == ["protocol"]
    assert {rule: one.made for rule, one in taken.items()} == {rule: came[rule] for rule in taken}
    assert all(one.made + one.left == one.read for one in taken.values())
    assert taken["post"].read % many == 0


def test_a_time_that_is_a_part_of_a_value_is_counted_too():
    mapping = parse(VISITS, "own.toml")
    ((select,),) = (one.selects for one in readings(mapping, "", {"visits": ["nr", "seen"]}, bytes(16)))
    seen = ["1500000000,1500000009", "77,1500000000,78", "", "0"]
    batch = pa.table({"number": range(1, 5), "place": range(4), "c0": list("1234"), "c1": seen})
    rows = made(select.into, select.sql, batch, plain=select.plain, fixed=select.fixed)
    lost = {}
    odd_values.times(select, rows, batch, lost)
    assert list(odd_values.untimed("visits", lost)) == [
        ("bad_value", "visits.seen: 2 values are no time from 1990 to 2099; first in row 2")
    ]
