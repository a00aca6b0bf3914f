"""Addresses, extended keys and taproot against all vectors that Bitcoin Core and the BIPs publish."""

import itertools
import json
import lzma
import typing as t
from pathlib import Path

import numpy as np

from vigie.cell.identifiers import coins
from vigie.numeric.coins import base58, bech32, curve, descriptors, extended, scripts
from vigie.numeric.coins.derive import Points
from vigie.numeric.coins.derive import scripts as scripts_of

HERE = Path(__file__).parent / "vectors"


def vectors(name: str) -> t.Any:
    return json.loads(lzma.decompress((HERE / f"{name}.json.xz").read_bytes()))


def test_all_valid_keys_and_addresses_of_core() -> None:
    networks = {"main": "main", "testnet4": "test", "signet": "test", "regtest": "regtest"}
    for text, held, about in vectors("key_io_valid"):
        if about["isPrivkey"]:
            assert coins.private(text)
            assert scripts.read(text) is None
            continue
        for form in (text, text.upper()) if about.get("tryCaseFlip") else (text,):
            told = scripts.read(form)
            assert told is not None
            assert told.script.hex() == held
            base_58 = not about.get("tryCaseFlip")
            assert told.network == ("test" if base_58 and about["chain"] != "main" else networks[about["chain"]])
            assert scripts.address(told.script, told.network) == text


def test_no_invalid_key_or_address_of_core_is_taken() -> None:
    for (text,) in vectors("key_io_invalid"):
        assert scripts.read(text) is None, text
        assert not coins.private(text), text


def test_public_derivation_of_bip_32() -> None:
    done = 0
    for one in vectors("bip32")["public"]:
        steps = [(extended.read(text), index) for text, index in one["steps"]]
        assert all(
            key is not None and key.text == text for (key, _), (text, _) in zip(steps, one["steps"], strict=True)
        )
        for (parent, index), (child, _) in itertools.pairwise(steps):
            assert (child.parent, child.child, child.depth) == (parent.fingerprint, index, parent.depth + 1)
            if index < curve.HARDENED:
                keys, chains = curve.children(parent.key, parent.chain, index, 1)
                assert (keys[0].tobytes(), chains[0].tobytes()) == (child.key, child.chain)
                done += 1
    assert done >= 4


def test_none_of_the_invalid_keys_of_bip_32_is_taken() -> None:
    wrong = vectors("bip32")["invalid"]
    assert len(wrong) >= 16
    assert not any(extended.read(text) for text in wrong)


def test_taproot_outputs_of_bip_341() -> None:
    for one in vectors("bip341_wallet_vectors")["scriptPubKey"]:
        root = one["intermediary"]["merkleRoot"]
        inner = np.frombuffer(b"\2" + bytes.fromhex(one["given"]["internalPubkey"]), np.uint8).reshape(1, 33)
        key = curve.tapped(inner, [bytes.fromhex(root)] if root else None)[0].tobytes()
        assert key.hex() == one["intermediary"]["tweakedPubkey"]
        assert scripts.witness(1, key).hex() == one["expected"]["scriptPubKey"]
        assert bech32.address("bc", 1, key) == one["expected"]["bip350Address"]
        if not root:
            read = descriptors.read(f"tr({one['given']['internalPubkey']})")
            assert (
                scripts_of(read.node, Points(0, 0, 1))[0].scripts[0].tobytes().hex() == one["expected"]["scriptPubKey"]
            )


def test_base_58_gives_back_what_it_was_given() -> None:
    for text, _, about in vectors("key_io_valid"):
        body = base58.checked(text)
        assert about.get("tryCaseFlip") or base58.written(body) == text
