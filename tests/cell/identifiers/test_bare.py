"""What no rule finds of a secret is in no context and in no label."""

import json

import pytest

from cell.identifiers.finding import search
from money.wallet_files import of, read
from vigie.rows.wallets import WALLET_SECRETS
from vigie.rows.wire import WalletAddressFound, WalletMoveFound, WalletSecretFound

SEED = "stand maple already frame timber syrup goat deal great omit vessel goddess"
WIF = "L2BUNduTSyZwZjwNHynQTF14mv2uz2NRq5n5sYWTb4FkkmqgEE9f"
ADDRESS = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
OTHER = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
TXID = "d1a5ac9a015fac2ef7b341673635512a1511f41fe37d111b267f039eec5d4f58"
WORDS = SEED.split()
FORMS = {
    "json": json.dumps(WORDS),
    "single": "', '".join(WORDS),
    "cells": "".join(f"<td>{one}</td>" for one in WORDS),
    "styled": "".join(f'<li class="w">{n}. <b>{one}</b></li>' for n, one in enumerate(WORDS)),
    "escaped": "\\n".join(WORDS),
    "per cent": "%2C%20".join(WORDS),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("turn", [False, True])
def test_words_of_a_seed_are_in_no_context(form, turn):
    found = search(f"{FORMS[form]} {ADDRESS}" if turn else f"{ADDRESS} {FORMS[form]}")
    assert ADDRESS in found.value
    assert len(found.secrets.row) == 1
    assert not any(word in line for line in found.context for word in WORDS)


def test_pieces_of_a_key_are_in_no_context():
    found = search(f"pay {ADDRESS} key\n{WIF[:20]}\n{WIF[20:]}\n")
    assert (found.value, found.context) == ([ADDRESS], [""])


def test_another_address_beside_it_stays():
    assert search(f"from {ADDRESS} to {OTHER} ok").context == [f"from {ADDRESS} to {OTHER} ok"] * 2


def test_what_may_be_a_raw_key_has_no_context():
    assert search(f"tx {TXID} sent").context == [""]


@pytest.mark.parametrize("text", [f"{SEED} and {WIF}", *FORMS.values(), f"{WIF[:26]} {WIF[26:]}"])
def test_secrets_in_labels_are_sealed(text):
    state = {
        "seed_version": 17, "wallet_type": "standard", "use_encryption": False, "keystore": {"type": "bip32"},
        "addresses": {"receiving": [ADDRESS], "change": []}, "labels": {ADDRESS: f"backup: {text}", TXID: text},
    }  # fmt: skip
    replies = read(json.dumps(state).encode(), "application/x-electrum-wallet")
    labels = [one.label for one in (*of(WalletAddressFound, replies), *of(WalletMoveFound, replies))]
    assert len(labels) == 2
    for part in (*WORDS, WIF[:20], WIF[26:]):
        assert part not in " ".join(labels)
    assert all("\u2026" in one for one in labels)
    held = [one for one in of(WalletSecretFound, replies) if one.place.startswith("label of ")]
    assert {WALLET_SECRETS[one.kind] for one in held} <= {"seed", "key"}
    kept = b" ".join(one.value for one in held)
    assert (WORDS[0].encode() in kept) == (WORDS[0] in text)
    assert (WIF[:20].encode() in kept) == (WIF[:20] in text)


def test_a_plain_label_stays():
    text = "order 1001 of the shop, paid by a friend on Monday, to be sent"
    state = {"seed_version": 17, "addresses": {"receiving": [ADDRESS]}, "labels": {ADDRESS: text}}
    replies = read(json.dumps(state).encode(), "application/x-electrum-wallet")
    assert [one.label for one in of(WalletAddressFound, replies)] == [text]


def test_a_spoiled_address_as_long_as_a_transaction_id_is_nothing():
    assert search("bcrs1pn5r7wpx6dstlkajwkf853qte4nlv2x9rzc4m2khlryt9dfrek5xsd5ad4p").value == []
