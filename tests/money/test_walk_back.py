"""From an enquiry back to the seized byte, and from every row of money to evidence or to a block's header."""

import hashlib
import importlib
import re
from pathlib import Path

import pytest

from money.walked_case import done, made, said
from vigie.desk.opening import viewed
from vigie.kernel.chain.used import chain_of
from vigie.kernel.explain import explain
from vigie.numeric.coins import scripts
from vigie.numeric.headers import block_hash
from vigie.rows.base import Row
from vigie.rows.evidence import Item, Original
from vigie.rows.paths import Enquiry, Flow
from vigie.rows.payments import Settlement

ROOMS = ("given", "ledgers", "wallets", "sightings", "derived", "payments", "tags", "clusters", "paths")
ON_THE_CHAIN = (
    "receipt", "settlement", "cluster", "clustermember", "change", "flow", "hop", "proof", "exchange", "enquiry"
)  # fmt: skip
BY_HAND = ("given", "ledger", "packfile", "pack", "tag", "actor", "tagged", "tagconflict", "signalrate", "withheld")
"""What ends at what people handed over, and at the log that says so."""


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = made(tmp_path_factory.mktemp("walk"))
    chain = chain_of(viewed(folder))
    txid = chain.txid(len(chain.tx_hash) // 2).hex()
    done(None, "give", folder, scripts.address(bytes([0, 20]) + bytes(20), "regtest"), txid, "--note", "a hint")
    done(None, "run", folder)
    return viewed(folder)


def flat(node):
    yield node
    for below in node.rests_on:
        yield from flat(below)


def tree(case, key):
    (node,) = explain(case, key.hex())
    return node, list(flat(node))


def path(top, *tables, start=None):
    """Return the first row that stands below, by rows of these tables; what stands elsewhere in the tree is that."""
    whole = {one.key: one for one in flat(top) if not one.again}

    def walk(node, rest):
        if not rest:
            return node
        for below in node.rests_on:
            if below.table == rest[0] and (found := walk(whole.get(below.key, below), rest[1:])):
                return found
        return None

    return walk(start or top, tables)


def taken(nodes):
    return [one for one in nodes if one.table == "item" and one.custody["entry"] is not None]


def test_an_enquiry_leads_to_the_order_the_wallet_file_its_bytes_and_the_custody_entry(case):
    with_order = [one for one in case.read(Enquiry) if one.settlement]
    assert with_order
    flows = {one.key: one for one in case.read(Flow)}
    derived = 0
    for enquiry in with_order:
        node, _ = tree(case, enquiry.key)
        assert path(node, "tag", "packfile").custody["entry"] is not None
        receipt = path(node, "flow", "receipt")
        assert receipt.row["txid"] == flows[enquiry.flow].seed_txid.hex()
        assert path(node, "flow", "hop"), "each step"
        assert path(node, "settlement", "payment", "platform", "file", "original", "item").custody["entry"] is not None
        wallet = ("flow", "receipt", "watched", "derived", "scheme", "walletkey")
        if found := path(node, *wallet, "file", "original"):
            derived += 1
            assert path(node, "item", start=found).custody["checkpoint"]["root"]
            at = found.row["path"]
            original = next(one for one in case.read(Original) if one.path == at)
            item = next(one for one in case.read(Item) if one.key == original.item)
            assert original.sha256.hex() == found.row["sha256"]
            key = path(node, *wallet).row
            data = Path(item.path, at).read_bytes()
            assert key["value"].encode() in data, "the key's own bytes"
            assert key["start"] < 0 or key["value"].encode() in data[key["start"] :][: len(key["value"]) + 8]
        assert path(node, "flow", "receipt", "proof").row["holds"]
    assert derived, "one at least was paid to an address that a wallet file leads to"


def test_every_proof_leads_to_a_header_of_the_chain_that_the_log_names(case):
    proof = next(iter(case.read(importlib.import_module("vigie.rows.paths").Proof)))
    node, _ = tree(case, proof.key)
    chain = chain_of(case)
    headers = {block_hash(one.tobytes())[::-1] for one in chain.headers}
    assert bytes.fromhex(node.row["block"]) in headers
    ledger = path(node, "ledger")
    assert (ledger.custody["act"], ledger.custody["identity"]) == ("chain_used", chain.identity.hex())


@pytest.mark.parametrize("room", ROOMS)
def test_each_row_of_each_table_reaches_evidence_or_the_chain(case, room):
    module = importlib.import_module(f"vigie.rows.{room}")
    for row in (one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Row)):
        if row is Row or row.__module__ != module.__name__:
            continue
        rows = case.read(row).rows()
        for one in rows[:: max(1, len(rows) // 2)][:2]:
            _, nodes = tree(case, one.key)
            proved = any(below.table == "proof" and below.row["holds"] for below in nodes)
            named = any(below.custody and below.custody["entry"] is not None for below in nodes)
            assert named, (row.table(), one)
            if row.table() in ON_THE_CHAIN and (row is not Settlement or one.receipt):
                assert proved, (row.table(), one)
            elif row.table() not in BY_HAND and row is not Settlement:
                assert taken(nodes) or path(nodes[0], "given") or path(nodes[0], "scheme", "given"), (row.table(), one)


def test_what_was_given_is_watched_traced_and_in_the_log(case, capsys):
    given = said(capsys, "show", case.folder, "given")["rows"]
    assert sorted(one["kind"] for one in given) == ["address", "transaction"]
    txid = next(one["value"] for one in given if one["kind"] == "transaction")
    assert txid in {one.seed_txid.hex() for one in case.read(Flow)}
    for one in given:
        (node,) = explain(case, one["key"])
        assert node.custody["act"] == "given"
    assert "given by E. Xaminer" in done(capsys, "explain", case.folder, given[0]["key"]).out


def test_the_report_has_the_digest_of_what_its_command_prints(case, capsys):
    done(capsys, "report", case.folder)
    page = (case.folder / "report.html").read_text()
    shown = re.findall(
        r"<code>vigie trace \S+ ([^|]+?) \| sha256sum</code>.*?<code class=\"path\">([0-9a-f]{64})<", page
    )
    assert shown
    for command, digest in shown[:4]:
        text = done(capsys, "trace", case.folder, *command.split()).out
        assert hashlib.sha256(text.encode()).hexdigest() == digest
