"""``vigie trace`` on a chain that was really mined, and proofs that hold against its headers."""

import json

import pytest

from mined_chain import GENESIS_RAW, mined
from money.test_importing import folder
from vigie.desk.cli import call
from vigie.desk.opening import viewed
from vigie.kernel.chain.used import chain_of
from vigie.kernel.table import of
from vigie.numeric.coins import scripts
from vigie.rows.clusters import ClusterMember
from vigie.rows.paths import Hop
from vigie.rows.payments import Receipt, Settlement
from vigie.rows.tags import Tag
from vigie.steps.groups.money_proofs import proofs
from vigie.steps.restated import encoded, recompute


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    room = tmp_path_factory.mktemp("trace")
    blocks = folder(room / "blocks", [GENESIS_RAW, *(one.raw for one in mined(21, 112))])
    for words in (
        ["new", room / "case", "--authority", "A", "--examiner", "B"],
        ["chain", "import", room / "store", "--blocks", blocks, "--network", "regtest"],
        ["chain", "use", room / "case", room / "store"],
    ):
        assert call([str(word) for word in words]) == 0
    return room / "case"


@pytest.fixture(scope="module")
def spent(case):
    """An output that a transaction of the chain spends, as txid:vout."""
    chain = chain_of(viewed(case))
    tx = next(n for n in range(len(chain.tx_flags)) if chain.tx_in[n + 1] - chain.tx_in[n] >= 1 and chain.tx_place[n])
    out = int(chain.prev(int(chain.tx_in[tx]), int(chain.tx_in[tx + 1]))[0])
    made = int(chain.tx_of([out])[0])
    return f"{chain.txid(made).hex()}:{out - int(chain.tx_out[made])}"


def asked(capsys, *words, code=0):
    capsys.readouterr()
    assert call([str(word) for word in words]) == code
    return capsys.readouterr()


@pytest.mark.parametrize("more", [(), ("--backward",), ("--policy", "haircut")])
def test_a_document_is_computed_again_from_the_store(capsys, case, spent, more):
    text = asked(capsys, "trace", case, spent, *more, "--json").out
    said = json.loads(text)
    assert recompute(said, chain_of(viewed(case)), of(Tag)) == text.encode() == encoded(said)
    assert sum(one["amount_sat"] for one in said["flows"]) == said["flows"][0]["seed_sat"] > 0
    assert asked(capsys, "trace", case, spent, *more, "--json").out == text


def test_people_read_why_a_trace_ended(capsys, case, spent):
    out = asked(capsys, "trace", case, spent).out
    assert "The trace ends there: up to the chain's last block it is not spent." in " ".join(out.split())
    assert "stop rules: hops 20" in out


def test_all_outputs_of_an_address_are_traced(capsys, case):
    chain = chain_of(viewed(case))
    number = next(n for n in range(1, len(chain.script_type)) if scripts.address(chain.script(n), "regtest"))
    address = scripts.address(chain.script(number), "regtest")
    said = json.loads(asked(capsys, "trace", case, address, "--json").out)
    assert len({(one["seed_txid"], one["seed_vout"]) for one in said["flows"]}) == len(chain.outputs_of([number]))


@pytest.mark.parametrize("what", ["00" * 32 + ":0", "nothing", "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq8h2k5q"])
def test_what_the_chain_does_not_hold_is_said(capsys, case, what):
    err = asked(capsys, "trace", case, what, code=2).err
    assert what in err


def test_without_a_chain_there_is_no_trace(capsys, tmp_path):
    assert call(["new", str(tmp_path / "case"), "--authority", "A", "--examiner", "B"]) == 0
    assert "vigie chain" in asked(capsys, "trace", tmp_path / "case", "00" * 32 + ":0", code=2).err


def test_what_was_mined_is_proved(case, spent):
    chain = chain_of(viewed(case))
    txid, vout = spent.split(":")
    hop = Hop.make(flow=b"F" * 16, number=0, txid=bytes.fromhex(txid), vout=int(vout), value_sat=1, amount_sat=1,
                   address="", height=1, at=None, layer="A", signals="", share=1.0)  # fmt: skip
    (one,) = proofs(of(Receipt), of(Settlement), of(ClusterMember), of(Hop, [hop]), chain).rows()
    assert one.holds, one.text
    assert chain.headers[chain.block_of(chain.transactions([one.txid]))[0]].tobytes() == one.header
