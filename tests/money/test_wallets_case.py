"""Wallet files in a case, through the real sandbox: rows, sealed secrets, nothing lost."""

import hashlib
import json

import pytest

from kernel.conftest import new_case
from kernel.rig import Rig
from money.wallet_files import data, logged, truth
from vigie.kernel import vault
from vigie.kernel.conservation import check
from vigie.kernel.explain import explain
from vigie.kernel.local import Local
from vigie.rows.artefacts import File
from vigie.rows.problems import Problem
from vigie.rows.wallets import Wallet, WalletAddress, WalletKey, WalletMove, WalletSecret

STAGES = ("originals", "files", "wallets")
SEED = b"wild father tree among universe such mobile favorite target dynamic credit identify"
CHECKPOINTED, LOG = logged()
FILES = {
    "open/wallet.dat": lambda: CHECKPOINTED,
    "open/wallet.dat-wal": lambda: LOG,
    "core.dat": lambda: data("core_plain.dat"),
    "again/core.dat": lambda: data("core_plain.dat"),
    "core.dat-journal": lambda: b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(504),
    "encrypted.dat": lambda: data("core_encrypted.dat"),
    "old.dat": lambda: data("core_old.dat"),
    "electrum/default_wallet": lambda: data("electrum_plain"),
    "electrum/whole": lambda: data("electrum_whole"),
    "cut.dat": lambda: data("core_old.dat")[:8192],
    "broken": lambda: b'{"seed_version": 17, "wallet_type": "standard", "labels": {"a',
}


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("wallets")
    for name, made in FILES.items():
        path = folder / "server" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made())
    engine = Local(1)
    rig = Rig(new_case(folder / "case"), engine)
    rig.add(folder / "server")
    rig.run(STAGES)
    yield rig
    engine.close()


def wallet(rig: Rig, name: str) -> Wallet:
    content = next(one.sha256 for one in rig.case.read(File) if one.name == name)
    return next(one for one in rig.case.read(Wallet) if one.content == content)


def test_each_wallet_has_one_row_or_a_problem(rig: Rig) -> None:
    kinds = sorted(one.kind for one in rig.case.read(Wallet))
    core = ["bitcoin-core-bdb", "bitcoin-core-bdb", "bitcoin-core-sqlite", "bitcoin-core-sqlite"]
    assert kinds == [*core, core[-1], "electrum", "electrum-encrypted"]
    (balance,) = [one for one in check(rig.case).balances if one.name == "wallets"]
    assert (balance.state, balance.total, balance.parts) == ("holds", 8, {"wallets": 7, "problems": 1})
    assert all(
        one.kind == "wallet" for one in rig.case.read(File) if one.content_type.startswith("application/x-electrum")
    )


def test_rows_count_as_the_wallet_says(rig: Rig) -> None:
    held = wallet(rig, "encrypted.dat")
    assert (held.encrypted, held.keys, held.labels, held.moves, held.highest) == (True, 16, 192, 50, 44)
    for row, count in ((WalletKey, held.keys), (WalletAddress, held.addresses), (WalletMove, held.moves)):
        mine = sorted(one.number for one in rig.case.read(row) if one.content == held.content)
        assert mine == list(range(count))


def test_labels_name_orders(rig: Rig) -> None:
    content = wallet(rig, "encrypted.dat").content
    said = {one["address"]: one["label"].split()[1] for one in truth("core.json")["encrypted"]["orders"]}
    met = {one.address: one.order for one in rig.case.read(WalletAddress) if one.content == content and one.order}
    assert met == said
    kinds = {one.type for one in rig.case.read(WalletAddress) if one.content == content}
    assert kinds == {"p2pkh", "p2sh", "p2wpkh", "p2tr"}


def test_secrets_open_with_the_cases_key_alone_and_are_nowhere_else(rig: Rig) -> None:
    content = wallet(rig, "default_wallet").content
    (seed,) = [one for one in rig.case.read(WalletSecret) if one.content == content and one.kind == "seed"]
    key = rig.case.custody.vault_key()
    assert vault.unseal(key, seed.sealed, seed.key) == SEED
    assert seed.same == vault.same(key, SEED)
    whole = b"".join(one.read_bytes() for one in rig.folder.rglob("*") if one.is_file())
    assert SEED not in whole
    assert b"xpub" not in seed.sealed


def test_what_lies_beside_and_what_cannot_be_read_is_a_problem(rig: Rig) -> None:
    told = {(one.subject.rpartition("!")[2], one.code, one.counts) for one in rig.case.read(Problem)}
    assert (
        "again/core.dat",
        "beside",
        False,
    ) in told  # the content is read once, what lies beside any of its places is told
    assert ("electrum/whole", "encrypted", False) in told
    assert ("cut.dat", "truncated", False) in told
    assert ("broken", "truncated", True) in told


def test_a_log_beside_is_merged_in_the_sandbox(rig: Rig) -> None:
    held = next(one for one in rig.case.read(Wallet) if "merged with a log" in one.text)
    assert hashlib.sha256(LOG).hexdigest() in held.text
    said = {(one.label, one.carved) for one in rig.case.read(WalletAddress) if one.content == held.content}
    assert {("log two", False), ("log one", True)} <= said


def test_a_key_is_explained_back_to_the_bytes_of_the_file(rig: Rig) -> None:
    content = wallet(rig, "encrypted.dat").content
    one = next(one for one in rig.case.read(WalletKey) if one.content == content)
    told = json.dumps(explain(rig.case, one.key.hex()), default=str)
    assert "encrypted.dat" in told
    assert one.value.encode() in data("core_encrypted.dat")[one.start : one.start + 400]
