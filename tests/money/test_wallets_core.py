"""Wallets of a real Bitcoin Core node: what it says is in them is what is read of the file, encrypted or not."""

from __future__ import annotations

import random
import sqlite3
import typing as t

import pytest
from embit.descriptor import Descriptor
from embit.networks import NETWORKS

from money.wallet_files import SQLITE, data, of, read, read_or_refused, truth
from vigie.cell.job import Refused
from vigie.cell.sniff import content_type
from vigie.cell.wallets import descriptors
from vigie.rows.wallets import WALLET_SECRETS
from vigie.rows.wire import (
    Reply,
    Trouble,
    WalletAddressFound,
    WalletHead,
    WalletKeyFound,
    WalletMoveFound,
    WalletSecretFound,
)

TRUTH = truth("core.json")
WALLETS = ("plain", "encrypted")


@pytest.fixture(scope="module", params=WALLETS)
def wallet(request: pytest.FixtureRequest) -> tuple[str, list[Reply]]:
    return request.param, read(data(f"core_{request.param}.dat"), SQLITE)


def derived(keys: list[WalletKeyFound]) -> dict[str, str]:
    """Address -> path, of all that the wallet's own descriptors give up to the end of their ranges."""
    out = {}
    for key in keys:
        of_key = Descriptor.from_string(key.descriptor)
        for index in range(max(key.range_end, 1)):
            path = f"m/{key.path}/{key.branch}/{index}"
            out[of_key.derive(index).address(NETWORKS["regtest"])] = path
    return out


def test_a_wallet_is_told_by_its_content():
    for name in (*WALLETS, "watching"):
        whole = data(f"core_{name}.dat")
        assert content_type(whole[: 1 << 18], size=len(whole)) == SQLITE


def test_every_address_of_an_order_follows_from_public_keys(wallet):
    name, replies = wallet
    made = derived(of(WalletKeyFound, replies))
    orders = TRUTH[name]["orders"]
    assert len(orders) == {"plain": 180, "encrypted": 192}[name]
    assert [made.get(one["address"]) for one in orders] == [one["path"] for one in orders]


def test_labels_scripts_and_what_is_own(wallet):
    name, replies = wallet
    met = {one.address: one for one in of(WalletAddressFound, replies)}
    for one in TRUTH[name]["orders"]:
        found = met[one["address"]]
        assert (found.label, found.purpose, found.own) == (one["label"], "receive", True)
        assert found.script.hex() == one["script"]
        assert found.network == "regtest"


def test_every_place_is_where_it_stands_in_the_file(wallet):
    name, replies = wallet
    whole = data(f"core_{name}.dat")
    for one in of(WalletAddressFound, replies):
        assert whole[one.start :].startswith(b"\x04name" + bytes([len(one.address)]) + one.address.encode())
    for one in of(WalletKeyFound, replies):
        assert one.value.encode() in whole[one.start : one.start + 400]


def test_transactions_as_the_node_has_them(wallet):
    name, replies = wallet
    moves = {one.txid.hex(): one for one in of(WalletMoveFound, replies)}
    assert set(moves) == set(TRUTH[name]["moves"])
    for txid, said in TRUTH[name]["moves"].items():
        assert moves[txid].raw.hex() == said["raw"]
        assert abs((moves[txid].at or 0) // 1_000_000 - said["at"]) <= 1
    assert {txid for txid, one in moves.items() if one.label == "sweep, to the till"} == set(TRUTH[name]["sent"])


def test_an_encrypted_wallet_keeps_both_seeds_descriptors_and_says_so():
    replies = read(data("core_encrypted.dat"), SQLITE)
    keys, head = of(WalletKeyFound, replies), of(WalletHead, replies)[0]
    assert head.encrypted
    assert len({one.fingerprint for one in keys}) == 2
    assert [one.active for one in keys].count(True) == 8
    assert [one.active for one in keys].count(False) == 8
    kinds = {WALLET_SECRETS[one.kind] for one in of(WalletSecretFound, replies)}
    assert kinds == {"mkey", "ckey"}


def test_what_spends_comes_out_as_a_secret_alone():
    replies = read(data("core_plain.dat"), SQLITE)
    secrets = [one.value for one in of(WalletSecretFound, replies)]
    assert len(secrets) == 8
    said = repr([one for one in replies if not isinstance(one, WalletSecretFound)])
    for secret in secrets:
        private = secret[8:40]  # DER: SEQUENCE, version, OCTET STRING of 32
        assert private.hex() not in said
        assert repr(private)[2:-1] not in said


def test_next_index_counts_what_was_given_out():
    keys = of(WalletKeyFound, read(data("core_plain.dat"), SQLITE))
    assert sorted(one.next_index for one in keys if one.branch == 0) == [45, 45, 45, 45]
    assert {one.script_type for one in keys} == {"p2pkh", "p2sh", "p2wpkh", "p2tr"}


def test_descriptors_that_were_imported():
    replies = read(data("core_watching.dat"), SQLITE)
    keys, head = of(WalletKeyFound, replies), of(WalletHead, replies)[0]
    assert head.watching
    assert {one.value for one in keys} == {one["descriptor"] for one in TRUTH["watching"]["imported"]}
    by_value = {one.value: one for one in keys}
    for said in TRUTH["watching"]["imported"]:
        body = by_value[said["descriptor"]].descriptor
        got = [
            Descriptor.from_string(body).derive(n).address(NETWORKS["regtest"]) for n in range(len(said["addresses"]))
        ]
        assert got == said["addresses"]
    assert not of(WalletSecretFound, replies)


def test_checksums_of_descriptors():
    for said in TRUTH["plain"]["descriptors"]:
        body, _, mark = said["desc"].partition("#")
        assert descriptors.checksum(body) == mark
        assert descriptors.without_checksum(said["desc"]) == body
        assert descriptors.without_checksum(f"{body}#{mark[:-1]}x") is None


def altered(change: t.Callable[[sqlite3.Connection], object]) -> bytes:
    """Return the plain wallet after SQLite itself changed it."""
    base = sqlite3.connect(":memory:")
    base.deserialize(data("core_plain.dat"))
    base.execute("pragma secure_delete = off")  # as the node's own library has it
    change(base)
    base.commit()
    return base.serialize()


def test_deleted_records_are_carved_and_called_so():
    taken = TRUTH["plain"]["orders"][::9]
    keys = [b"\x04name" + bytes([len(one["address"])]) + one["address"].encode() for one in taken]

    def delete(base: sqlite3.Connection) -> None:
        for key in keys:
            base.execute("delete from main where key = ?", (key,))

    replies = read(altered(delete), SQLITE)
    lost = {one["address"]: one["label"] for one in taken}
    carved = {one.address: one.label for one in of(WalletAddressFound, replies) if one.carved}
    assert set(carved) <= set(lost)
    assert len(carved) >= len(lost) * 0.9  # the first bytes of a freed cell are overwritten by SQLite itself
    assert all(lost[address] == label for address, label in carved.items())
    live = {one.address for one in of(WalletAddressFound, replies) if not one.carved and one.label}
    assert live == {one["address"] for one in TRUTH["plain"]["orders"]} - set(lost)


def test_a_long_record_is_read_over_several_pages():
    label = "order 4711 " + "x" * 20_000

    def lengthen(base: sqlite3.Connection) -> None:
        key = b"\x04name\x22" + TRUTH["plain"]["orders"][0]["address"].encode()
        base.execute(
            "update main set value = ? where key = ?",
            (b"\xfd" + len(label).to_bytes(2, "little") + label.encode(), key),
        )

    found = [one for one in of(WalletAddressFound, read(altered(lengthen), SQLITE)) if "4711" in one.label]
    assert len(found) == 1
    assert len(found[0].label) == 1000


def test_records_of_unknown_kinds_and_wrong_forms_are_told():
    def spoil(base: sqlite3.Connection) -> None:
        base.execute("insert into main values (?, ?)", (b"\x06future", b"?"))
        base.execute("insert into main values (?, ?)", (b"\x04pool" + bytes(8), b"\xff" * 20))
        base.execute("insert into main values (?, ?)", (b"\xff", b""))
        base.execute("insert into main values (?, ?)", (b"\x02tx" + b"\x07" * 32, b"no transaction"))

    replies = read(altered(spoil), SQLITE)
    said = {one.code: one.detail for one in of(Trouble, replies)}
    assert "future (1)" in said["unread"]
    assert "1 records of kind" in said["misfit"]
    assert of(WalletHead, replies)[0].unread == 4
    assert [one.raw for one in of(WalletMoveFound, replies) if one.txid == b"\x07" * 32] == [b""]


@pytest.mark.parametrize("keep", [0, 50, 99, 100, 2048, 4096, 4097, 30_000, 60_000])
def test_a_truncated_wallet_gives_what_is_there_or_is_refused(keep):
    replies = read_or_refused(data("core_plain.dat")[:keep], SQLITE)
    if isinstance(replies, Refused):
        assert replies.code in ("damaged", "truncated")
    else:
        assert "truncated" in {one.code for one in of(Trouble, replies)}
        assert of(WalletHead, replies)


def test_a_database_without_the_table_is_refused():
    base = sqlite3.connect(":memory:")
    base.execute("create table other (a, b)")
    with pytest.raises(Refused, match="main"):
        read(base.serialize(), SQLITE)


@pytest.mark.parametrize("seed", range(40))
def test_spoiled_bytes_never_stop_the_reader(seed):
    whole, chance = bytearray(data("core_plain.dat")), random.Random(seed)
    for _ in range(chance.choice([1, 10, 300])):
        whole[chance.randrange(100, len(whole))] = chance.randrange(256)
    replies = read_or_refused(bytes(whole), SQLITE)
    assert replies.code == "damaged" if isinstance(replies, Refused) else of(WalletHead, replies)
