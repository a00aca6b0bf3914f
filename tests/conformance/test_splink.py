"""What Splink says of resembling accounts: against sums made by hand, and against Splink alone, without vigie."""

import collections
import datetime as dt
import functools
import json
import math
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from person_rows import BOARD, DAY, FORUM, SHOP, account, bound, made, named
from vigie.desk.linkage import MODEL, PAIRS, written
from vigie.kernel.database import Room
from vigie.kernel.errors import UsageError
from vigie.kernel.stage import STAGES
from vigie.kernel.table import Table, of
from vigie.rows.countries import Address
from vigie.rows.people import Mention, Post, Profile
from vigie.rows.roles import Activity
from vigie.steps.candidates import SAME, known, pairs, seen, traits
from vigie.steps.comparisons import BLOCKS, COMPARISONS
from vigie.steps.groups.people_persons import Persons, persons
from vigie.steps.groups.people_resemblances import Resembling, resemblances
from vigie.steps.weighing import scores

ROOT = Path(__file__).parents[2]
CHECK = ROOT / "docs" / "check_splink.py"


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


ALL = Resembling(possible=0.0)


@functools.cache
def read(seed):
    rows = people(seed)
    bonds = bound(rows)[1]
    _, aliases = persons(**filled("persons", rows, bonds=bonds), params=Persons())
    return filled("resemblances", rows, bonds=bonds, aliases=aliases, identifiers=named(rows))


@functools.cache
def said(seed):
    return resemblances(**read(seed), params=ALL)


@functools.cache
def compared(seed):
    """The records, as Splink gets them, and the accounts of which they are made."""
    reads = read(seed)
    about = (reads[name] for name in ("accounts", "identifiers", "bonds", "aliases", "activities"))
    accounts = traits(*about, ALL.hours)
    return known(accounts, seen(accounts, reads["addresses"], reads["located"]), reads["bonds"], ALL.bounds()), accounts


@pytest.mark.parametrize("seed", [1, 2])
def test_a_score_is_the_sum_of_its_levels(seed):
    """Fellegi and Sunter 1969 by hand: log2 of prior odds and of m over u, of levels as they were learnt from."""
    kept, weighed, parameters = said(seed)
    share = {(one.comparison, one.level): one for one in parameters}
    prior = share["prior", 0].m
    records, accounts = compared(seed)
    number = {(one.platform, one.account): one.n for one in accounts}
    found = {(number[x.platform_a, x.account_a], number[x.platform_b, x.account_b]): x for x in kept}
    listed = [one for one in pairs(records, accounts, 0) if one.rules & SAME - 1 and not one.rules & SAME]
    assert {(one.a, one.b) for one in listed} == set(found)
    assert len(found) > 300
    added = collections.defaultdict(float)
    for row in weighed:
        added[row.resemblance] += row.bits
    for one in listed:
        bits = math.log2(prior / (1 - prior))
        for about, level in zip(COMPARISONS, one.levels, strict=True):
            if level != "-":
                bits += math.log2(share[about.name, int(level)].m / share[about.name, int(level)].u)
        scored = found[one.a, one.b]
        assert scored.weight_bits == pytest.approx(bits, abs=1e-6), "whole thousandths, and its parts are"
        assert added[scored.key] == pytest.approx(scored.weight_bits, abs=1e-9)
        assert scored.probability == pytest.approx(1 / (1 + 2**-bits), abs=1e-6)
        assert scored.by == next(rule for at, rule in enumerate(BLOCKS) if one.rules >> at & 1)
    for at, about in enumerate(COMPARISONS):
        assert {one.levels[at] for one in listed} >= set(map(str, range(len(about.levels)))), about.name
    assert {one.by for one in kept} == set(BLOCKS)


@pytest.mark.parametrize("threads", [1, 4])
def test_neither_order_nor_threads_change_a_bit(tmp_path, threads):
    _, _, parameters = said(1)
    records, _ = compared(1)
    turned = Table(records.row, records.arrow.take(np.arange(len(records))[::-1]))
    room = Room(folder=tmp_path, threads=threads)
    one, other = (scores(x, parameters, 0.95, 0.0, where) for x, where in ((records, None), (turned, room)))
    assert sorted(map(repr, one)) == sorted(map(repr, other))
    assert len(one) > 300


def test_too_little_memory_is_told(tmp_path):
    _, _, parameters = said(1)
    with pytest.raises(UsageError, match="Raise memory_mb"):
        scores(compared(1)[0], parameters, 0.95, 0.0, Room(folder=tmp_path, memory_bytes=1 << 20))


WATCHED = """
import socket, sys
def watch(event, args):
    if event.startswith(("socket.", "urllib.", "http.", "subprocess.", "os.system")):
        sys.exit(f"{event} {args}")
sys.addaudithook(watch)
from test_splink import said
print(len(said(1)[0]))
try:
    socket.create_connection(("192.0.2.1", 9), 0.01)
finally:
    print("seen")
"""


def test_splink_opens_no_connection():
    told = ran("-c", WATCHED)
    assert int(told.stdout.splitlines()[0]) > 300, told.stderr
    assert told.stderr.startswith("socket."), "the watch sees what it is for"


def test_splink_is_loaded_only_where_pairs_are_scored():
    code = "import sys; import vigie.steps; vigie.steps.load(); import vigie.desk.cli; print('splink' in sys.modules)"
    assert ran("-c", code).stdout == "False\n"


def ran(*given):
    where = {"PYTHONPATH": f"{Path(__file__).parent}:{ROOT / 'tests'}", "PATH": "/usr/bin:/bin"}
    return subprocess.run([sys.executable, *map(str, given)], capture_output=True, text=True, env=where, check=False)


def exported(folder, seed):
    kept, _, parameters = said(seed)
    written(folder, read(seed), parameters, kept, ALL)
    return kept


def test_splink_alone_says_the_same(tmp_path):
    kept = exported(tmp_path / "out", 1)
    done = ran(CHECK, tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    pairs = pq.read_table(tmp_path / "out" / PAIRS)
    assert len(pairs) == len(kept) > 300
    assert set(pairs["by"].to_pylist()) == set(BLOCKS)


def test_a_model_that_weighs_otherwise_is_told(tmp_path):
    exported(tmp_path / "out", 1)
    file = tmp_path / "out" / MODEL
    model = json.loads(file.read_text())
    model["comparisons"][0]["comparison_levels"][1]["m_probability"] *= 1.0001
    file.write_text(json.dumps(model))
    done = ran(CHECK, tmp_path / "out")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "only vigie has 0, only Splink 0" in done.stdout
