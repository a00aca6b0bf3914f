"""Every row can be walked back to the seized item."""

import json

import pytest
from rich.console import Console

from vigie.desk import explain as desk
from vigie.desk.opening import opened
from vigie.kernel import explain as module
from vigie.kernel.errors import UsageError
from vigie.kernel.explain import MOST_NODES, explain
from vigie.rows.artefacts import File
from vigie.rows.base import ROWS
from vigie.rows.groups import Group
from vigie.rows.leads import Lead
from vigie.rows.matches import Match


def nodes(tree):
    """All nodes below and with this one."""
    yield tree
    for below in tree.rests_on:
        yield from nodes(below)


@pytest.fixture(scope="module")
def loaded(whole):
    return opened(whole)


@pytest.mark.parametrize("row", [Lead, Group, Match, File])
def test_the_chain_ends_at_a_signed_custody_entry(loaded, row):
    for one in list(loaded.read(row))[:4]:
        (tree,) = explain(loaded, one.key.hex())
        ends = [node for node in nodes(tree) if node.table == "item" and node.custody]
        assert ends
        assert ends[0].custody["checkpoint"]["entries"] > ends[0].custody["entry"]
        assert ends[0].row["name"] == "server"


def test_a_near_match_names_list_entry_threshold_and_rule(loaded):
    (match,) = [one for one in loaded.read(Match) if one.method == "near" and one.distance_bits]
    (tree,) = explain(loaded, match.key.hex())
    found = {node.table: node for node in nodes(tree)}
    assert {"match", "fingerprint", "known", "hashlist", "listfile", "file", "original", "item"} <= set(found)
    assert found["match"].rule.stage == "near"
    assert found["match"].rule.params["most_bits"] == match.threshold_bits
    assert found["fingerprint"].rule.cell
    assert found["fingerprint"].rule.isolation in ("S0", "S1", "S2", "S3")
    assert found["hashlist"].row["entries"] == 1


def test_a_lead_rests_on_its_reasons_and_its_group(loaded):
    for lead in list(loaded.read(Lead))[:5]:
        (tree,) = explain(loaded, lead.key.hex())
        below = {node.table for node in tree.rests_on}
        assert below == {"reason", "group"}
        assert sum(node.row["points"] for node in tree.rests_on if node.table == "reason") <= lead.points + 0.01


def test_every_rule_names_a_committed_run(loaded):
    commits = {entry.seq: entry for entry in loaded.custody.entries()}
    for lead in list(loaded.read(Lead))[:5]:
        for node in nodes(*explain(loaded, lead.key.hex())):
            entry = commits[node.rule.custody_entry]
            assert (entry.act, entry.about["run"]) == ("run", node.rule.run)


def test_the_tree_is_bounded_and_shows_no_row_twice_in_full(loaded):
    for lead in list(loaded.read(Lead))[:5]:
        found = list(nodes(*explain(loaded, lead.key.hex())))
        assert len(found) < 10 * MOST_NODES
        full = [(node.table, node.key) for node in found if not node.again]
        assert len(full) == len(set(full))


def test_any_row_of_any_table_can_be_explained(loaded):
    for row in ROWS.values():
        table = loaded.read(row)
        for one in list(table)[:2]:
            (tree,) = explain(loaded, one.key.hex())
            assert (tree.table, tree.key) == (row.table(), one.key.hex())


def test_a_digest_and_a_locator_lead_to_the_same_file(loaded):
    file = next(one for one in loaded.read(File) if one.kind == "image")
    (tree,) = explain(loaded, file.locator)
    assert (tree.table, tree.key) == ("file", file.key.hex())
    (tree,) = explain(loaded, file.sha256.hex())
    assert file.key.hex() in {node.key for node in nodes(tree)}
    other = next(one for one in loaded.read(File) if one.kind == "other")
    assert {node.table for node in explain(loaded, other.sha256.hex())} == {"file"}


def test_a_prefix_that_fits_several_is_refused_with_their_names(loaded, monkeypatch):
    monkeypatch.setattr(module, "LEAST_PREFIX", 1)
    with pytest.raises(UsageError, match=r"fits several: \w+ [0-9a-f]{32}"):
        explain(loaded, "a")


@pytest.mark.parametrize("width", [20, 60, 80, 200])
def test_no_digest_is_broken_however_narrow_the_terminal(whole, vigie, loaded, monkeypatch, width):
    monkeypatch.setattr(desk, "console", lambda **_: Console(width=width, highlight=False))
    lead = next(iter(loaded.read(Lead)))
    _, out, _ = vigie("explain", whole, lead.key.hex(), "--json")
    (tree,) = json.loads(out)["nodes"]
    _, out, _ = vigie("explain", whole, lead.key.hex())
    assert tree["row"]["example"]
    assert digests(tree) > set()
    assert all(digest in out for digest in digests(tree))
    assert "custody entry" in " ".join(out.split())


def digests(node):
    """All digests of the files below a node."""
    own = {node["row"]["sha256"]} if node["table"] == "file" else set()
    return own.union(*map(digests, node["rests_on"]))


def test_json_and_text_tell_the_same_chain(whole, vigie, loaded):
    lead = next(iter(loaded.read(Lead)))
    _, out, _ = vigie("explain", whole, lead.key.hex(), "--json")
    (tree,) = json.loads(out)["nodes"]
    assert tree["key"] == lead.key.hex()
    code, out, _ = vigie("explain", whole, lead.key.hex()[:12])
    assert code == 0
    assert lead.key.hex()[:12] in out
    assert "custody entry" in out
