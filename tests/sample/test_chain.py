"""The practice chain: a node takes it, and its truth is what a parser of vigie's finds in it."""

import json
import sqlite3

import pytest

from sample.reading_chain import by_height, double, records
from vigie.desk.cli import call
from vigie.kernel.table import look, read_parquet
from vigie.sample.chain.account import Account
from vigie.sample.chain.alone import alone
from vigie.sample.chain.curve import keys, point, secret
from vigie.sample.chain.evidence import checksum, descriptor
from vigie.sample.chain.files import BlockFiles

pbk = pytest.importorskip("pbk", reason="pip install --pre py-bitcoinkernel")
ANY = 2_500


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return alone(tmp_path_factory.mktemp("chain") / "all", 3, ANY)


@pytest.fixture(scope="module")
def told(made):
    return {path.stem: read_parquet(path) for path in made.truth}


@pytest.fixture(scope="module")
def chainman(made, tmp_path_factory):
    manager = pbk.load_chainman(tmp_path_factory.mktemp("node"), pbk.ChainType.REGTEST)
    for block in by_height(made.blocks):
        manager.process_block(pbk.Block(block))
    return manager


def test_keys_by_addition_are_those_by_multiplication():
    some = keys(secret("test"))
    for _ in range(2_100):
        key, at = next(some)
    assert at == point(key)


def test_bitcoin_core_takes_every_block(made, chainman):
    assert chainman.get_active_chain().height == made.height
    assert made.transactions >= ANY * 0.95


def test_bitcoin_core_takes_no_forged_signature(made, tmp_path):
    """A bit of the last witness or script of a block is turned, and its transaction's id mended where it has to be."""
    manager = pbk.load_chainman(tmp_path, pbk.ChainType.REGTEST)
    blocks = [one for one in by_height(made.blocks) if len(one) > 400]
    target = blocks[len(blocks) // 2]
    height = None
    for number, block in enumerate(by_height(made.blocks)):
        if block is not target and block != target:
            manager.process_block(pbk.Block(block))
            continue
        height = manager.get_active_chain().height
        spoilt = bytearray(block)
        at = block.rindex(b"\x02\x21") if b"\x02\x21" in block else len(block) - 40
        spoilt[at - 4] ^= 1
        try:
            manager.process_block(pbk.Block(bytes(spoilt)))
        except pbk.ProcessBlockException:
            pass
        break
    assert height is not None
    assert number
    assert manager.get_active_chain().height == height


def test_undo_data_are_what_bitcoin_core_has(made, chainman):
    """Amounts, scripts, heights of all spent coins, in the order of heights."""
    previous = [block[4:36] for block in by_height(made.blocks)]
    undos = list(records(made.blocks, "rev"))
    assert len(undos) == made.height
    known = {
        double(parent + undo[:-32]): undo
        for undo in undos
        for parent in previous
        if undo[-32:] == double(parent + undo[:-32])
    }
    assert len(known) == made.height
    entries = list(chainman.get_active_chain().block_tree_entries)[1:]
    spent = sum(len(chainman.block_spent_outputs[entry].transactions) for entry in entries)
    assert spent == made.transactions


def test_truth_names_what_bitcoin_core_has(told, chainman):
    """Every transaction, and every output with its script, value and owner."""
    scripts = {row["script"]: row for row in look("select * from s", s=told["truthscript"])}
    transactions = {row["txid"].hex(): row for row in look("select * from t", t=told["truthtransaction"])}
    held, unknown = {}, 0
    for entry in chainman.get_active_chain().block_tree_entries:
        if entry.height:
            for place, one in enumerate(chainman.blocks[entry].transactions):
                row = transactions[str(one.txid)]
                assert (row["height"], row["place"]) == (entry.height, place)
                held[str(one.txid)] = one
                unknown += sum(bytes(put.script_pubkey) not in scripts for put in one.outputs
                               if bytes(put.script_pubkey)[:1] != b"\x6a")  # fmt: skip
    assert set(held) == set(transactions)
    assert unknown == 0
    for row in look("select * from s", s=told["truthsettled"]):
        put = held[row["txid"].hex()].outputs[row["vout"]]
        assert put.amount == row["value_sat"]
        assert scripts[bytes(put.script_pubkey)]["address"] == row["address"]
    for row in look("select * from p", p=told["truthpath"]):
        end = scripts[bytes(held[row["end_txid"].hex()].outputs[row["end_vout"]].script_pubkey)]
        if row["direction"] == "forward":
            assert (end["wallet"], end["role"]) == (f"exchange:{row['actor']}", "deposit")
        else:
            assert transactions[row["end_txid"].hex()]["wallet"] == f"exchange:{row['actor']}"


def test_change_goes_back_to_the_wallet_that_paid(told, chainman):
    scripts = {row["script"]: row["wallet"] for row in look("select * from s", s=told["truthscript"])}
    rows = {row["txid"].hex(): row for row in look('select * from t where "change" >= 0', t=told["truthtransaction"])}
    met = 0
    for entry in chainman.get_active_chain().block_tree_entries:
        for one in chainman.blocks[entry].transactions if entry.height else ():
            if str(one.txid) in rows:
                row = rows[str(one.txid)]
                assert scripts[bytes(one.outputs[row["change"]].script_pubkey)] == row["wallet"]
                met += 1
    assert met == len(rows) > 500


def test_everything_that_is_wanted_happens(told):
    kinds = {row["kind"] for row in look("select distinct does as kind from t", t=told["truthtransaction"])}
    assert kinds >= {
        "spend",
        "payment",
        "withdrawal",
        "batch",
        "deposit",
        "sweep",
        "consolidation",
        "peel",
        "tx0",
        "dust",
    }
    types = {row["type"] for row in look("select distinct type from s", s=told["truthscript"])}
    assert types >= {"p2pk", "p2pkh", "p2sh", "multisig", "p2wpkh", "p2wsh", "p2tr"}
    through = {row["through"] for row in look("select distinct through from p", p=told["truthpath"])}
    assert {"", "peel"} <= through
    joins = {row["join"] for row in look('select distinct "join" from t', t=told["truthtransaction"])}
    assert joins >= {"whirlpool_tx0", "joinmarket", "stonewall"}


def test_chains_of_a_seed_are_the_same_again(tmp_path):
    one, other, third = (alone(tmp_path / name, seed, 1_000) for name, seed in (("a", 4), ("b", 4), ("c", 5)))
    first, second = (
        {path.name: path.read_bytes() for path in sorted(some.blocks.parent.parent.parent.rglob("*")) if path.is_file()}
        for some in (one, other)
    )
    assert first == second
    assert (third.blocks / "blk00000.dat").read_bytes() != first["blk00000.dat"]
    with pytest.raises(FileExistsError, match="is not empty"):
        alone(tmp_path / "a", 4, 1_000)


def test_a_key_changes_the_files_and_nothing_that_stands_in_them(made, tmp_path):
    plain = BlockFiles(tmp_path / "plain", b"")
    raw = next(iter(records(made.blocks, "blk")))
    plain._write(plain._blk, raw)
    plain.close()
    assert (tmp_path / "plain" / "blk00000.dat").read_bytes().startswith(raw)
    assert not (tmp_path / "plain" / "xor.dat").exists()


def test_descriptors_have_the_checksum_of_bip_380():
    assert checksum("raw(deadbeef)") == "89f8spxm"
    assert descriptor(Account(1), 0).startswith("wpkh([")


def test_the_sample_ties_orders_of_its_forums_to_the_chain(case):
    told = {path.stem: read_parquet(path) for path in case.people}
    rows = look(
        "select o.direction, o.note, o.received_sat, o.expected_sat, p.amount from p join o using (dump, payment, "
        "account, address) where p.processor = 'bitcoin'",
        p=told["truthpayment"],
        o=told["truthorder"],
    )
    assert len(rows) == len(told["truthorder"]) > 10
    assert all(round(float(row["amount"]) * 1e8) == row["expected_sat"] for row in rows)
    assert all(bool(row["received_sat"]) != ("unpaid" in row["note"]) for row in rows)


def test_traces_of_the_shops_wallet_lie_on_its_server(case):
    home = case.folder / "evidence" / "server" / "home" / "shop"
    wallet = json.loads((home / ".electrum/regtest/wallets/watch_shop").read_text())
    assert wallet["keystore"]["xprv"] is None
    assert wallet["keystore"]["xpub"] in (home / "notes/payments.txt").read_text()
    orders = look("select address, index from o where index >= 0", o=read_parquet(case.folder / "truthorder.parquet"))
    assert all(wallet["addresses"]["receiving"][row["index"]] == row["address"] for row in orders)
    base = sqlite3.connect(f"file:{home}/.bitcoin/regtest/wallets/watch/wallet.dat?mode=ro", uri=True)
    try:
        assert base.execute("pragma application_id").fetchone() == (0xFABFB5DA - (1 << 32),)
        assert base.execute("select count(*) from main").fetchone()[0] >= 10
    finally:
        base.close()


def test_options_of_a_chain_alone_are_refused_without_it(tmp_path, capsys):
    assert call(["sample", str(tmp_path / "new"), "--transactions", "2000"]) == 2
    assert "--chain-only" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
