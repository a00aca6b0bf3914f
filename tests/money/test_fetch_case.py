"""``vigie chain fetch``: from an address in case.toml, by a real node, to what was paid and where it went."""

import json

import pytest

from vigie.desk.cli import call


def said(capsys, *words, code=0):
    capsys.readouterr()
    assert call([str(word) for word in (*words, "--json")]) == code, capsys.readouterr().err
    out = capsys.readouterr()
    return json.loads(out.out) if out.out else json.loads(out.err.splitlines()[-1])


@pytest.fixture
def case(tmp_path):
    assert call(["new", str(tmp_path / "case"), "--authority", "A", "--examiner", "B"]) == 0
    return tmp_path / "case"


def test_from_an_address_to_what_was_paid_to_it(capsys, knots, case):
    ask = knots.ask
    for name in ("payer", "seller"):
        ask("createwallet", f"fetch-{name}")
    own = ask("getnewaddress", wallet="fetch-payer")
    shop = ask("getnewaddress", wallet="fetch-seller")
    ask("generatetoaddress", 101, own)
    txid = ask("send", {shop: "0.25"}, wallet="fetch-payer")["txid"]
    ask("generatetoaddress", 1, own)

    fetch = ("chain", "fetch", case, "--node", knots.url, "--cookie", knots.folder, "--network", "regtest")
    assert "Nothing of network regtest is watched" in said(capsys, *fetch, code=2)["error"]
    said(capsys, "give", case, shop, "--note", "from the shop's page")
    said(capsys, "run", case)
    found = said(capsys, *fetch)
    assert found["transactions"] >= 1
    assert found["unsaid"] == 0
    assert found["filters"] > 0
    again = said(capsys, *fetch)
    assert (again["known"], again["read"]) == (found["transactions"], 0)
    assert again["ledger"]["identity"] == found["ledger"]["identity"]
    said(capsys, "run", case)
    (receipt,) = said(capsys, "show", case, "receipts")["rows"]
    assert (receipt["txid"], receipt["value_sat"], receipt["address"]) == (txid, 25_000_000, shop)
    assert said(capsys, "status", case)["numbers"]["money"]["tip"]["behind"] == 0
    said(capsys, "give", case, own)
    said(capsys, "run", case)
    assert said(capsys, "status", case)["numbers"]["money"]["tip"]["behind"] == 1
    checked = said(capsys, "verify", case)
    assert checked["checked"]["chains"] == 1
    assert checked["strays"] == []
    notes = case / "chain" / "notes"
    notes.write_bytes(notes.read_bytes()[:-1])
    assert "not what the case's log names" in said(capsys, *fetch, code=3)["error"]
    wrong = said(capsys, *fetch, "--filter-header", "5:xyz", code=2)
    assert "HEIGHT:HEX" in wrong["error"]


def test_a_node_that_is_not_there_is_said(capsys, case, tmp_path):
    (tmp_path / "cookie").write_text("__cookie__:none")
    wrong = said(
        capsys, "chain", "fetch", case, "--node", "http://127.0.0.1:1", "--cookie", tmp_path / "cookie", code=2
    )
    assert "cannot be asked" in wrong["error"]
