"""``vigie geo add``, a run and ``vigie show countries`` on a forum of a few members, through the real sandbox."""

import json

import pytest

from people.mmdb import written
from vigie.desk.cli import call
from vigie.kernel.case import Case
from vigie.kernel.explain import explain
from vigie.kernel.table import Table, read_parquet
from vigie.rows.countries import Attribution, IpBase, Jurisdiction
from vigie.rows.people_truth import TruthAccount
from vigie.rows.persons import Parameter, Shared
from vigie.rows.problems import Problem
from vigie.sample.forum.make import alone

LINKED = ("bonds", "activity", "persons", "resemblances")
STAGES = ("files", "relations", "platforms", "records", "addresses", "identifiers", "located", "signals", "countries")
CHOSEN = ("name", "dated", "format", "ipv4", "ipv6", "rejected")


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("geo")
    assert call(["new", str(folder / "case"), "--authority", "A", "--examiner", "E"]) == 0
    return folder / "case"


def given(case, name, content):
    file = case.parent / name
    file.write_bytes(content)
    return str(file)


def test_databases_are_taken_in_once_and_logged(case, capsys):
    networks = [("192.0.2.0/24", {"country": {"iso_code": "DE"}}), ("2001:db8::/32", {"country": {"iso_code": "FR"}})]
    maxmind = given(case, "country.mmdb", written(networks))
    plain = given(case, "geoip", b"# 2020-03-04\n192.0.2.0,192.0.2.255,AT\nbad\n")
    exits = given(case, "exits.txt", b"198.51.100.9\n")
    as_exits = [exits, "--flag", "tor", "--dated", "2020-01-01"]
    for arguments in ([maxmind], [maxmind], [plain, "--name", "other"], as_exits):
        assert call(["geo", "add", str(case), *arguments]) == 0
    capsys.readouterr()
    assert call(["geo", "show", str(case), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["bases"]
    assert [tuple(one[name][:10] if name == "dated" else one[name] for name in CHOSEN) for one in shown] == [
        ("Test-Country", "2020-01-01", "mmdb", 1, 1, 0), ("exits.txt", "2020-01-01", "networks", 1, 0, 0),
        ("other", "2020-03-04", "ranges", 1, 0, 1),
    ]  # fmt: skip
    opened = Case.open(case, read_only=True)
    assert [one.act for one in opened.custody.entries()].count("geo_added") == 3
    assert [one.code for one in opened.read(Problem)] == ["bad_entry"]
    assert call(["verify", str(case)]) == 0


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (b"198.51.100.9\n", ["--flag", "tor"], "does not say when it was made"),
        (b"198.51.100.9\n", ["--flag", "ghost"], "there is no 'ghost'"),
        (b"198.51.100.9\n", ["--dated", "yesterday"], "is no date"),
        (b"hello\n", [], "cannot be read"),
        (b"", [], "no bytes"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_written(case, capsys, content, options, said):
    before = len(Case.open(case, read_only=True).read(IpBase))
    assert call(["geo", "add", str(case), given(case, "odd", content), *options]) == 2
    assert said in capsys.readouterr().err
    assert len(Case.open(case, read_only=True).read(IpBase)) == before


def test_from_a_dump_to_the_country_that_must_act(tmp_path, capsys):
    forum = alone(tmp_path / "forum", 1, "phpbb", 120, 1500)
    case = tmp_path / "case"
    tables = tmp_path / "forum" / "reference"
    assert call(["new", str(case), "--authority", "A", "--examiner", "E"]) == 0
    assert call(["add", str(case), str(forum.dump)]) == 0
    for name in ("geoip", "geoip6"):
        assert call(["geo", "add", str(case), str(tables / name), "--dated", "2020-01-01", "--name", "practice"]) == 0
    for name in ("tor", "vpn", "hosting"):
        file = str(tables / f"{name}.txt")
        assert call(["geo", "add", str(case), file, "--dated", "2020-01-01", "--flag", name]) == 0
    for name in STAGES:
        assert call(["run", str(case), "--only", name]) == 0
    capsys.readouterr()
    assert call(["show", str(case), "countries", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["rows"]
    truth = {one.account: one for one in Table(TruthAccount, read_parquet(tmp_path / "forum" / "truthaccount.parquet"))}
    found = [one for one in Case.open(case, read_only=True).read(Attribution) if one.rank == 1 and one.country]
    right = [truth[one.account].country == one.country for one in found]
    assert len(found) > 60
    assert sum(right) / len(right) > 0.95
    assert all(one.sources for one in found if "post" in one.kinds)
    suspects = {one["country"]: one["accounts"] for one in shown if one["standing_as"] == "suspect"}
    assert sum(suspects.values()) >= 115
    assert {one.country for one in found if one.standing_as == "suspect"} <= set(suspects)
    for name in LINKED:
        assert call(["run", str(case), "--only", name]) == 0
    walked = Case.open(case, read_only=True)
    signed = {row: tables_below(walked, row) for row in (Jurisdiction, Shared, Parameter)}
    assert all({"account", "original"} <= tables and signed_for for tables, signed_for in signed.values()), signed
    assert {"attribution", "signal", "address"} <= signed[Jurisdiction][0]
    assert "identifier" in signed[Shared][0]
    assert {"weighing", "resemblance"} <= signed[Parameter][0]


def tables_below(case, row):
    """The tables that the explanation of a row of this type walks through, and whether it ends at a signed entry."""
    known = [one for one in case.read(row).rows() if getattr(one, "country", "x") and getattr(one, "pairs", 1)]
    first = max(known, key=lambda one: (getattr(one, "comparison", "") == "handle", one.key))
    waiting, met, ends = explain(case, first.key.hex()), set(), []
    while waiting:
        node = waiting.pop()
        waiting += node.rests_on
        met.add(node.table)
        ends += [node.custody["checkpoint"]] if node.custody else []
    return met, bool(ends)
