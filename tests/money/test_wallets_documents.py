"""Wallets that are a document: what Electrum says of its files is what is read; older and other forms; hostile ones."""

from __future__ import annotations

import json
import typing as t

import pytest
from embit.descriptor import Descriptor
from embit.networks import NETWORKS
from hypothesis import given
from hypothesis import strategies as st

from money.wallet_files import data, of, read, read_or_refused, truth
from vigie.cell.job import Refused
from vigie.cell.sniff import content_type
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

ELECTRUM, WHOLE = "application/x-electrum-wallet", "application/x-electrum-wallet-encrypted"
WASABI = "application/x-wasabi-wallet"
TRUTH = truth("electrum.json")
SEGWIT = "wild father tree among universe such mobile favorite target dynamic credit identify"


def derived(key: WalletKeyFound, many: int, network: str = "regtest") -> list[str]:
    return [Descriptor.from_string(key.descriptor).derive(n).address(NETWORKS[network]) for n in range(many)]


def addresses(replies: list[Reply]) -> dict[str, WalletAddressFound]:
    return {one.address: one for one in of(WalletAddressFound, replies) if not one.carved}


@pytest.mark.parametrize("name", ["plain", "fields", "whole", "multisig"])
def test_electrums_files_are_told_by_their_content(name):
    whole = data(f"electrum_{name}")
    assert content_type(whole[: 1 << 18], size=len(whole)) == (WHOLE if name == "whole" else ELECTRUM)


@pytest.mark.parametrize("name", ["plain", "fields"])
def test_addresses_labels_and_requests_of_electrum(name):
    replies = read(data(f"electrum_{name}"), ELECTRUM)
    said, met = TRUTH[name], addresses(read(data(f"electrum_{name}"), ELECTRUM))
    for branch, listed in enumerate((said["receiving"], said["change"])):
        for index, one in enumerate(listed):
            assert (met[one].branch, met[one].index, met[one].own) == (branch, index, True)
    assert [met[one].label for one in said["receiving"][:12]] == [f"order {3000 + n}" for n in range(12)]
    asked = met[said["receiving"][12]]
    assert (asked.label, asked.expected_sat) == ("order 3999", 81_000)
    keys = of(WalletKeyFound, replies)
    assert [one.value for one in keys] == [said["xpub"], said["xpub"]]
    assert derived(keys[0], len(said["receiving"])) == said["receiving"]
    assert derived(keys[1], len(said["change"])) == said["change"]


def test_places_are_bytes_of_the_file():
    whole = data("electrum_plain")
    for one in of(WalletAddressFound, read(whole, ELECTRUM)):
        assert whole[one.start : one.start + len(one.address)] == one.address.encode()


def test_of_a_multisig_wallet_the_descriptor_gives_its_addresses():
    replies = read(data("electrum_multisig"), ELECTRUM)
    lines = [one for one in of(WalletKeyFound, replies) if one.kind == "descriptor"]
    assert derived(lines[0], len(TRUTH["multisig"]["receiving"])) == TRUTH["multisig"]["receiving"]
    assert derived(lines[1], len(TRUTH["multisig"]["change"])) == TRUTH["multisig"]["change"]


def test_secrets_are_sealed_and_stand_nowhere_else():
    replies = read(data("electrum_plain"), ELECTRUM)
    held = {WALLET_SECRETS[one.kind]: one for one in of(WalletSecretFound, replies)}
    assert held["seed"].value.decode() == SEGWIT
    assert held["xprv"].value.startswith(b"vprv")
    said = repr([one for one in replies if not isinstance(one, WalletSecretFound)])
    assert all(one.value.decode() not in said for one in of(WalletSecretFound, replies))


def test_a_password_on_fields_hides_no_public_key():
    replies = read(data("electrum_fields"), ELECTRUM)
    assert of(WalletHead, replies)[0].encrypted
    assert SEGWIT.encode() not in {one.value for one in of(WalletSecretFound, replies)}


def test_a_file_under_a_password_is_a_problem_and_no_more():
    replies = read(data("electrum_whole"), WHOLE)
    assert [one.code for one in of(Trouble, replies)] == ["encrypted"]
    assert of(WalletHead, replies)[0].whole
    assert len(replies) == 2


# ---- changes behind the document, as 4.5 and newer write them
def patched(*patches: dict[str, t.Any]) -> bytes:
    return b",\n".join([data("electrum_plain"), *(json.dumps(one).encode() for one in patches)])


def test_changes_are_applied_and_what_they_replace_is_kept():
    first, second, third = TRUTH["plain"]["receiving"][:3]
    replies = read(
        patched(
            {"op": "replace", "path": f"/labels/{first}", "value": "order 5000"},
            {"op": "remove", "path": f"/labels/{second}"},
            {"op": "add", "path": "/labels/" + TRUTH["plain"]["receiving"][20], "value": "order 5020"},
            {"op": "add", "path": "/addresses/receiving/-", "value": TRUTH["multisig"]["receiving"][0]},
        ),
        ELECTRUM,
    )
    now = addresses(replies)
    assert (now[first].label, now[second].label, now[third].label) == ("order 5000", "", "order 3002")
    assert now[TRUTH["plain"]["receiving"][20]].label == "order 5020"
    assert now[TRUTH["multisig"]["receiving"][0]].index == len(TRUTH["plain"]["receiving"])
    before = {one.address: one.label for one in of(WalletAddressFound, replies) if one.carved}
    assert before == {first: "order 3000", second: "order 3001"}
    assert "4 changes" in of(WalletHead, replies)[0].text


def test_a_change_that_is_cut_off_costs_only_itself():
    address = TRUTH["plain"]["receiving"][0]
    whole = patched({"op": "replace", "path": f"/labels/{address}", "value": "order 5000"}) + b',\n{"op": "repl'
    replies = read(whole, ELECTRUM)
    assert addresses(replies)[address].label == "order 5000"
    assert [one.code for one in of(Trouble, replies)] == ["truncated"]


# ---- older forms
XPUB = "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8"
GENESIS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
GENESIS_KEY = (
    "04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb6"
    "49f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f"
)


def test_the_form_of_2_0_with_accounts_and_master_keys():
    state = {
        "accounts": {"0": {"change": [], "receiving": ["02" + "11" * 32] * 3, "xpub": XPUB}},
        "master_public_keys": {"x/": XPUB},
        "master_private_keys": {"x/": "not really one"},
        "seed": "of words",
        "seed_version": 11,
        "use_encryption": False,
        "wallet_type": "standard",
        "transactions": {"ab" * 32: "zz"},
        "verified_tx": {"ab" * 32: [400_000, 1_456_000_000, 7]},
        "labels": {"ab" * 32: "rent", GENESIS: "order 1"},
        "txo": {"ab" * 32: {GENESIS: [[0, 5_000, False]]}},
    }
    replies = read(json.dumps(state).encode(), ELECTRUM)
    keys = of(WalletKeyFound, replies)
    assert [(one.place, one.branch, one.next_index) for one in keys] == [
        ("master_public_keys.x/.xpub", 0, 3),
        ("master_public_keys.x/.xpub", 1, 0),
    ]
    assert keys[0].descriptor == f"pkh([{keys[0].fingerprint}]{XPUB}/0/*)"
    (move,) = of(WalletMoveFound, replies)
    assert (move.label, move.height, move.at, move.amount_sat, move.raw) == (
        *("rent", 400_000, 1_456_000_000_000_000, 5_000),
        b"",
    )
    assert {WALLET_SECRETS[one.kind] for one in of(WalletSecretFound, replies)} == {"seed", "xprv"}
    assert addresses(replies)[GENESIS].label == "order 1"


def test_imported_keys_of_2_6():
    state = {
        "accounts": {"/x": {"imported": {GENESIS: [GENESIS_KEY, "a key that spends"]}}},
        "addr_history": {},
        "wallet_type": "imported",
    }
    replies = read(json.dumps(state).encode(), ELECTRUM)
    assert [one.value for one in of(WalletKeyFound, replies)] == [GENESIS_KEY]
    assert addresses(replies)[GENESIS].own
    assert [(WALLET_SECRETS[one.kind], one.value) for one in of(WalletSecretFound, replies)] == [
        ("wif", b"a key that spends")
    ]


def test_the_python_literal_of_1_9():
    state = {
        "accounts": {0: {0: ["04" + "11" * 64], 1: [], "mpk": "22" * 64}},
        "addr_history": {GENESIS: [("ab" * 32, 100)]},
        "labels": {GENESIS: "order 77"},
        "master_public_key": "22" * 64,
        "seed": "00" * 16,
        "seed_version": 4,
        "use_encryption": False,
    }
    written = repr(state).encode()
    assert content_type(written) == ELECTRUM
    replies = read(written, ELECTRUM)
    assert addresses(replies)[GENESIS].label == "order 77"
    assert "22" * 64 in {one.value for one in of(WalletKeyFound, replies)}
    assert of(WalletHead, replies)[0].version == "4"


def test_wasabi():
    state = {
        "EncryptedSecret": "6PYcipher",
        "MasterFingerprint": "73C5DA0A",
        "ExtPubKey": XPUB,
        "AccountKeyPath": "84'/0'/0'",
        "BlockchainState": {"Network": "Main", "Height": "800000"},
        "HdPubKeys": [
            {"PubKey": "02" + "11" * 32, "FullKeyPath": "84'/0'/0'/0/4", "Label": "order 12, anna", "KeyState": 2},
            {"PubKey": "not one", "FullKeyPath": "84'/0'/0'/0/5"},
        ],
    }
    written = json.dumps(state).encode()
    assert content_type(written) == WASABI
    replies = read(written, WASABI)
    keys = of(WalletKeyFound, replies)
    assert keys[0].descriptor == f"wpkh([73c5da0a/84h/0h/0h]{XPUB}/0/*)"
    assert (keys[0].next_index, keys[1].next_index) == (6, 0)
    (address,) = of(WalletAddressFound, replies)
    assert (address.label, address.branch, address.index, len(address.script)) == ("order 12, anna", 0, 4, 22)
    assert [one.code for one in of(Trouble, replies)] == ["misfit"]
    assert [WALLET_SECRETS[one.kind] for one in of(WalletSecretFound, replies)] == ["key"]


# ---- hostile
@pytest.mark.parametrize(
    "hostile",
    [
        b"{" * 100_000,
        b'{"labels": ' + b"[" * 200_000,
        b'{"a": ' * 50_000,
        b"{'a': " * 50_000,
        b"{'a': __import__('os').system('true')}",
        b'{"seed_version": ' + b"9" * 10_000 + b"}",
        b"[]",
        b"",
        b'{"labels": {"a": 1}, "addresses": 5, "keystore": [], "transactions": {"zz": {}}, "accounts": "x"}',
        b'{"payment_requests": {"x": 1, "y": {"outputs": [1, [2], [0, 1, 2]], "amount": true, "time": -5}}}',
        b'{"verified_tx3": {"' + b"ab" * 32 + b'": [1e400, -3]}, "txi": {"' + b"ab" * 32 + b'": {"a": {"b": "c"}}}}',
    ],
)
def test_hostile_documents_end_in_rows_or_a_refusal(hostile):
    for kind in (ELECTRUM, WASABI):
        replies = read_or_refused(hostile, kind)
        assert replies.code in ("damaged", "truncated") if isinstance(replies, Refused) else of(WalletHead, replies)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([GENESIS, XPUB, "ab" * 32]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["0", "receiving", "xpub", "imported", "outputs", "x1/", GENESIS, "ab" * 32]), inner, max_size=3
    ),
    max_leaves=12,
)  # fmt: skip
MEMBERS = (
    "keystore", "x1/", "addresses", "labels", "accounts", "txi", "txo", "transactions", "verified_tx3", "invoices",
    "payment_requests", "wallet_type", "HdPubKeys", "ExtPubKey", "BlockchainState",
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON))
def test_whatever_stands_in_a_member_the_reader_comes_to_its_end(state):
    for kind in (ELECTRUM, WASABI):
        assert of(WalletHead, read(json.dumps(state).encode(), kind))
