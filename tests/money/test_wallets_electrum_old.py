"""Electrum's files of 2.0 to 2.9, in the shapes that its own ``tests/test_storage_upgrade`` keeps; keys drawn here."""

import json

import pytest

from money.wallet_files import of, read
from vigie.cell import sniff_wallets
from vigie.numeric.coins import descriptors, extended, scripts
from vigie.numeric.coins.derive import Points
from vigie.numeric.coins.derive import scripts as derive
from vigie.rows.wire import WalletAddressFound, WalletHead, WalletKeyFound, WalletSecretFound

# BIP 84 and BIP 32 vectors
ONE = extended.read(
    "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"
).text
TWO = extended.read(
    "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8"
).text
SECRET = "L2sED74axVXC4H8szBJ4rQJrkfem7UMc6usLCPUoEWxDCFGUaGUM"  # no checksum is asked of what is sealed as it stands


def made(text, count=3):
    """Return scripts and addresses of a descriptor's first indexes."""
    found = [one for some in derive(descriptors.read(text).node, Points(0, 0, count)) for one in some.scripts]
    return [scripts.address(one.tobytes(), "main") for one in found]


def pubkeys(xpub, branch=0, count=3):
    """Return the keys that an account lists, in hexadecimal."""
    found = derive(descriptors.read(f"pk({xpub}/{branch}/*)").node, Points(0, 0, count))
    return [one.tobytes()[1:-1].hex() for some in found for one in some.scripts]


def account(xpub, count=3):
    return {"receiving": pubkeys(xpub, 0, count), "change": pubkeys(xpub, 1, 2), "xpub": xpub}


ADDRESSES = made(f"pkh({ONE}/0/*)")
SHAPES = {
    "2.0 with accounts of a device": (
        {"accounts": {"0": account(ONE), "1": account(TWO, 2)}, "accounts_expanded": {}, "labels": {"0": "Main"},
         "addr_history": {ADDRESSES[0]: []}, "master_public_keys": {"x/0'": ONE, "x/1'": TWO}, "wallet_type": "trezor"},
        {*ADDRESSES, *made(f"pkh({TWO}/0/*)")}, 0,
    ),
    "2.0 of two": (
        {"accounts": {"0": {"receiving": [list(one) for one in zip(pubkeys(ONE), pubkeys(TWO), strict=True)],
                            "change": [], "xpub": ONE, "xpub2": TWO}},
         "master_private_keys": {"x1/": "xprv..."}, "master_public_keys": {"x1/": ONE, "x2/": TWO},
         "seed": "start accuse", "seed_version": 11, "use_encryption": False, "wallet_type": "2of2"},
        set(made(f"sh(sortedmulti(2,{ONE}/0/*,{TWO}/0/*))")), 2,
    ),
    "2.1 imported keys": (
        {"accounts": {"/x": {"imported": {ADDRESSES[0]: [pubkeys(ONE)[0], SECRET]}}}, "accounts_expanded": {},
         "use_encryption": False, "wallet_type": "imported"},
        {ADDRESSES[0]}, 1,
    ),
    "2.0 watched addresses": (
        {"accounts": {"/x": {"imported": {one: [None, None] for one in ADDRESSES}}}, "accounts_expanded": {},
         "wallet_type": "imported"},
        set(ADDRESSES), 0,
    ),
    "2.8 watched addresses": (
        {"addr_history": {one: [] for one in ADDRESSES}, "addresses": ADDRESSES, "seed_version": 13,
         "wallet_type": "imported"},
        set(ADDRESSES), 0,
    ),
    "2.9 imported keys": (
        {"addr_history": {ADDRESSES[0]: []}, "addresses": {"change": [], "receiving": ADDRESSES[:1]},
         "keystore": {"keypairs": {pubkeys(ONE)[0]: SECRET}, "type": "imported"}, "seed_version": 13,
         "use_encryption": False, "wallet_type": "standard"},
        {ADDRESSES[0]}, 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_of_each_version_is_told_and_leads_to_its_addresses(shape):
    document, expected, secrets = SHAPES[shape]
    data = json.dumps(document, indent=4).encode()
    assert sniff_wallets.content_type(data) == sniff_wallets.ELECTRUM
    found = read(data, sniff_wallets.ELECTRUM)
    told = {one.address for one in of(WalletAddressFound, found)}
    for key in of(WalletKeyFound, found):
        if key.descriptor and key.branch <= 0:
            told.update(made(key.descriptor if "/" in key.descriptor else f"pkh({key.value})", 3))
    assert expected <= told
    assert len(of(WalletSecretFound, found)) == secrets
    assert of(WalletHead, found)[0].watching == (secrets == 0)
