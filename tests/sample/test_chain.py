"""The practice chain: a node takes it, and its truth is what a parser of vigie's finds in it."""

import contextlib
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


@pytest.fixture(scope="module")
def held(chainman):
    """(height, place, txid as text, [(value, script) of each output]) of every transaction after the first block's.

    The library's own objects must not outlive it, nor stand in a report of pytest's.
    """
    out = []
    for entry in chainman.get_active_chain().block_tree_entries:
        if entry.height:
            for place, one in enumerate(chainman.blocks[entry].transactions):
                puts = [(put.amount, bytes(put.script_pubkey)) for put in one.outputs]
                out.append((entry.height, place, str(one.txid), puts))
    return out


@pytest.fixture(scope="module")
def height(chainman):
    return chainman.get_active_chain().height


def test_keys_by_addition_are_those_by_multiplication():
    some = keys(secret("test"))
    for _ in range(2_100):
        key, at = next(some)
    assert at == point(key)


def test_bitcoin_core_takes_every_block(made, height):
    assert height == made.height
    assert made.transactions >= ANY * 0.95


def test_bitcoin_core_takes_no_forged_signature(made, tmp_path):
    """A bit of a signature is turned, which no hash of the block but that of its witnesses covers."""
    manager = pbk.load_chainman(tmp_path, pbk.ChainType.REGTEST)
    blocks = list(by_height(made.blocks))
    number = next(at for at, one in enumerate(blocks) if at > 140 and one.count(b"\x02\x47\x30") > 2)
    for block in blocks[:number]:
        manager.process_block(pbk.Block(block))
    before = manager.get_active_chain().height
    spoilt = bytearray(blocks[number])
    spoilt[blocks[number].index(b"\x02\x47\x30") + 20] ^= 1
    with contextlib.suppress(pbk.ProcessBlockException):
        manager.process_block(pbk.Block(bytes(spoilt)))
    after = manager.get_active_chain().height
    manager.process_block(pbk.Block(blocks[number]))
    taken = manager.get_active_chain().height
    assert (after, taken) == (before, before + 1)


def test_undo_data_are_in_the_order_of_heights_and_belong_to_their_blocks(made):
    previous = {}
    for block in by_height(made.blocks):
        previous.setdefault(block[4:36], len(previous))
    places = []
    for undo in records(made.blocks, "rev"):
        parent = next(one for one in previous if double(one + undo[:-32]) == undo[-32:])
        places.append(previous[parent])
    assert len(places) == made.height
    assert sorted(places) == list(range(made.height))


def test_truth_names_what_bitcoin_core_has(told, held):
    """Every transaction, and every output with its script, value and owner."""
    scripts = {row["script"]: row for row in look("select * from s", s=told["truthscript"])}
    rows = {row["txid"].hex(): row for row in look("select * from t", t=told["truthtransaction"])}
    assert {(row["height"], row["place"], txid) for txid, row in rows.items()} == {one[:3] for one in held}
    puts = {txid: puts for _, _, txid, puts in held}
    paid = {script for some in puts.values() for _, script in some if script[:1] != b"\x6a"}
    assert paid == set(scripts)
    for row in look("select * from s", s=told["truthsettled"]):
        value, script = puts[row["txid"].hex()][row["vout"]]
        assert (value, scripts[script]["address"]) == (row["value_sat"], row["address"])
    for row in look("select * from p", p=told["truthpath"]):
        _, script = puts[row["end_txid"].hex()][row["end_vout"]]
        if row["direction"] == "forward":
            assert (scripts[script]["wallet"], scripts[script]["role"]) == (f"exchange:{row['actor']}", "deposit")
        else:
            assert rows[row["end_txid"].hex()]["wallet"] == f"exchange:{row['actor']}"


def test_change_goes_back_to_the_wallet_that_paid(told, held):
    scripts = {row["script"]: row["wallet"] for row in look("select * from s", s=told["truthscript"])}
    rows = {row["txid"].hex(): row for row in look('select * from t where "change" >= 0', t=told["truthtransaction"])}
    back = [scripts[puts[rows[txid]["change"]][1]] == rows[txid]["wallet"] for _, _, txid, puts in held if txid in rows]
    assert len(back) == len(rows) > 500
    assert all(back)


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
        records = dict(base.execute("select key, value from main"))
    finally:
        base.close()
    bip32 = pytest.importorskip("embit.bip32", reason="pip install embit")
    account = bip32.HDKey.from_string(wallet["keystore"]["xpub"])
    for branch, name in enumerate((b"\x11activeexternalspk\x02", b"\x11activeinternalspk\x02")):
        held = records[b"\x15walletdescriptorcache" + records[name] + bytes(4)]
        assert held == b"\x4a" + account.derive([branch]).serialize()[4:]


def test_transactions_have_about_as_many_inputs_and_outputs_as_real_ones(tmp_path):
    """Else coins pile up that nobody spends, and memory with them. The first blocks hand out money, and weigh here."""
    some = alone(tmp_path / "some", 6, 20_000)
    assert some.inputs / some.transactions == pytest.approx(2.28, rel=0.02)
    assert some.outputs / some.transactions == pytest.approx(2.42, rel=0.09)


def test_options_of_a_chain_alone_are_refused_without_it(tmp_path, capsys):
    assert call(["sample", str(tmp_path / "new"), "--transactions", "2000"]) == 2
    assert "--chain-only" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
