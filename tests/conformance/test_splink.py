"""Scores of resembling accounts against Splink itself: the same pairs, levels and match weights."""

import datetime as dt
import importlib.util
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from person_rows import BOARD, DAY, FORUM, SHOP, account, bound, made, named
from vigie.desk.linkage import MODEL, PAIRS, written
from vigie.kernel.stage import STAGES
from vigie.kernel.table import of
from vigie.rows.countries import Address
from vigie.rows.people import Mention, Post, Profile
from vigie.rows.roles import Activity
from vigie.steps.comparisons import BLOCKS, COMPARISONS
from vigie.steps.groups.people_persons import Persons, persons
from vigie.steps.groups.people_resemblances import Resembling, resemblances

ROOT = Path(__file__).parents[2]
CHECK = ROOT / "docs" / "check_splink.py"
PEERS = ROOT / ".peers"
"""Where ``make bench-peers`` puts what the tests do not need."""

pytestmark = pytest.mark.skipif(
    not importlib.util.find_spec("splink") and not (PEERS / "splink").exists(),
    reason="splink is not here: make bench-peers, or pip install splink into the environment",
)


def people(seed):
    """Rows of some hundred accounts on three platforms, of few names, addresses, birthdays: all levels are reached."""
    rng = random.Random(seed)

    def some(count, draw):
        return [draw() for _ in range(count)]

    stems = some(90, lambda: "".join(rng.choices("abcdefghiklmnoprstuvwz", k=9)))
    born = some(60, lambda: f"{rng.randrange(1960, 2000)}-0{rng.randrange(1, 10)}-1{rng.randrange(10)}")
    lively = some(12, lambda: [rng.choice((0, 0, 1, 3, 6)) for _ in range(24)])
    homes = [f"192.0.2.{n}" for n in range(40)] + [f"198.51.{n}.7" for n in range(250)]
    pairs = some(120, lambda: rng.sample(homes, 2))
    rows = []
    for n in range(360):
        platform, stem = rng.choice((FORUM, SHOP, BOARD)), rng.choice(stems)
        name = rng.choice((stem, f"{stem}{n}", f"{stem[:-1]}_{n}", f"{stem[::-1]}x"))
        mail = rng.choice((name, stem, f"user{n}mail"))
        rows.append(
            account(
                n + 1, name, f"{mail}@example{n}.org", platform, language=rng.choice(("en", "de", "sv", "")),
                born=rng.choice((*born, "")), time_zone=rng.choice(("Europe/Berlin", "Asia/Tokyo", "UTC+1", "")),
                registered=DAY + dt.timedelta(days=rng.randrange(400)),
            )
        )  # fmt: skip
        where = {"account": str(n + 1), "platform": platform}
        if rng.random() < 0.3:
            site = f"https://{rng.choice(stems)}.example.net/"
            rows.append(made(Profile, kind="website", name="website", value=site, **where))
        if rng.random() < 0.7:
            noise = rng.choice((0, 1, 4))
            hours = " ".join(str(one + rng.randrange(noise + 1)) for one in rng.choice(lively))
            rows.append(made(Activity, hours=hours, **where))
        for _ in range(rng.randrange(3)):
            at = DAY + dt.timedelta(days=rng.randrange(12))
            rows += [
                made(Address, ip=ip, use="login", first=at, last=at, **where)
                for ip in (rng.choice(homes), *rng.choice(pairs))
            ]
        if rng.random() < 0.3:
            told = {"platform": platform, "relation": "posts", "number": 10_000 + n}
            value = f"contact.{rng.randrange(60)}@example.com"
            rows += [
                made(Post, account=str(n + 1), **told),
                made(Mention, kind="email", value=value, context=rng.choice(("write to me", "")), **told),
            ]
    return rows


def filled(stage, rows, **known):
    """What a stage reads: tables that are known, else those of rows of their type."""
    reads = STAGES[stage].reads.items()
    return {name: known.get(name) or of(row, [one for one in rows if type(one) is row]) for name, row in reads}


def exported(folder, seed):
    rows = people(seed)
    bonds = bound(rows)[1]
    _, aliases = persons(**filled("persons", rows, bonds=bonds), params=Persons())
    reads = filled("resemblances", rows, bonds=bonds, aliases=aliases, identifiers=named(rows))
    params = Resembling(possible=0.0)
    kept, _, parameters = resemblances(**reads, params=params)
    written(folder, reads, parameters, kept, params)
    return kept


def checked(folder):
    path = os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(PEERS)])
    env = os.environ | {"PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, str(CHECK), str(folder)], capture_output=True, text=True, env=env, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("seed", [1, 2])
def test_splink_weighs_every_pair_the_same(tmp_path, seed):
    kept = exported(tmp_path / "out", seed)
    code, said = checked(tmp_path / "out")
    assert code == 0, said
    pairs = pq.read_table(tmp_path / "out" / PAIRS)
    assert len(pairs) == len(kept) > 300
    assert set(pairs["by"].to_pylist()) == set(BLOCKS)
    for at, one in enumerate(COMPARISONS):
        met = {levels[at] for levels in pairs["levels"].to_pylist()}
        assert met >= {str(level) for level in range(len(one.levels))}, one.name


def test_a_model_that_weighs_otherwise_is_told(tmp_path):
    exported(tmp_path / "out", 1)
    file = tmp_path / "out" / MODEL
    model = json.loads(file.read_text())
    model["comparisons"][0]["comparison_levels"][1]["m_probability"] *= 1.0001
    file.write_text(json.dumps(model))
    code, said = checked(tmp_path / "out")
    assert code == 3, said
    assert "only vigie has 0, only Splink 0" in said
