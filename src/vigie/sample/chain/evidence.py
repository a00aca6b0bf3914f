"""Traces of the shop's wallet on its server: files of Electrum and of Bitcoin Core that can watch only, and a note."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import struct
import typing as t

from vigie.sample.chain.account import PATH, TPUB, VPUB
from vigie.sample.chain.addressed import addresses
from vigie.sample.chain.locks import sized
from vigie.sample.store import FOLDER

if t.TYPE_CHECKING:
    from vigie.sample.chain.account import Account
    from vigie.sample.chain.shop import Shop
    from vigie.sample.made import Made
    from vigie.sample.store import Store

APPLICATION = 0xFABFB5DA - (1 << 32)
"""Of Bitcoin Core's SQLite wallets: the network's magic, signed."""
GAP = 20
_CHARS = "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ "
_CHECK = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def traces(store: Store, shop: Shop, modified: int) -> list[Made]:
    """Put the wallet's traces on the server."""
    core = store.aside / "wallet.dat"
    core_wallet(core, shop)
    parts: tuple[tuple[str, bytes], ...] = (
        ("home/shop/.electrum/regtest/wallets/watch_shop", electrum(shop)),
        ("home/shop/.bitcoin/regtest/wallets/watch/wallet.dat", core.read_bytes()),
        ("home/shop/notes/payments.txt", note(shop)),
    )
    core.unlink()
    return [store.put((FOLDER, path.encode()), data, modified=modified, kind="other") for path, data in parts]


def electrum(shop: Shop) -> bytes:
    """Return an Electrum wallet that can watch only (seed_version 17), as its storage writes it."""
    account = shop.account
    path = "m/" + "/".join(f"{number & 0x7FFFFFFF}h" for number in PATH)
    receiving = _addresses(shop, 0, shop.next + GAP)
    change = _addresses(shop, 1, shop.changes + GAP)
    return json.dumps(
        {
            "addresses": {"change": change, "receiving": receiving},
            "keystore": {
                "derivation": path,
                "label": "shop",
                "pw_hash_version": 1,
                "root_fingerprint": account.fingerprint.hex(),
                "type": "bip32",
                "xprv": None,
                "xpub": account.node.public(VPUB),
            },
            "labels": {receiving[0]: "old board", receiving[1]: "old board 2", receiving[2]: "old board 3"},
            "seed_version": 17,
            "use_encryption": False,
            "wallet_type": "standard",
        },
        indent=4,
        sort_keys=True,
    ).encode()


def note(shop: Shop) -> bytes:
    """Return what somebody wrote down."""
    return (
        "payments\n--------\nnew orders: one address each, from this key (native segwit, receive branch)\n"
        f"  {shop.account.node.public(VPUB)}\nold board: the first three, as before\n"
        f"  {chr(10).join(_addresses(shop, 0, 3)).replace(chr(10), chr(10) + '  ')}\n"
    ).encode()


def core_wallet(path: t.Any, shop: Shop) -> None:
    """Write a Bitcoin Core descriptor wallet without private keys, its records as ``wallet/walletdb.cpp`` has them."""
    account = shop.account
    parts: list[tuple[bytes, bytes]] = [
        (_key("flags"), struct.pack("<Q", 0b111 << 32)),  # no private keys, blank, descriptors
        (_key("minversion"), struct.pack("<i", 169_900)),
        (_key("version"), struct.pack("<i", 280_000)),
    ]
    for branch, count, name in ((0, shop.next, "activeexternalspk"), (1, shop.changes, "activeinternalspk")):
        text = descriptor(account, branch)
        number = hashlib.sha256(text.encode()).digest()
        last = count + 1_000
        body = sized(text.encode()) + struct.pack("<Qiii", 1_546_300_800, count, 0, last)
        parts += [
            (_key("walletdescriptor") + number, body),
            (_key(name) + b"\x02", number),  # OutputType::BECH32
            # The branch's key, from which its addresses follow; it has no hardened step, else the account's lay in
            # walletdescriptorlhcache
            (_key("walletdescriptorcache") + number + bytes(4), sized(account.node.child(branch).body)),
        ]
    for number_, address in enumerate(_addresses(shop, 0, 3)):
        parts.append((_key("name") + sized(address.encode()), sized(f"old board {number_ + 1}".encode())))
        parts.append((_key("purpose") + sized(address.encode()), sized(b"receive")))
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    base = sqlite3.connect(path)
    try:
        base.execute(f"pragma application_id = {APPLICATION}")
        base.execute("pragma user_version = 0")
        base.execute("create table main(key blob primary key not null, value blob not null)")
        base.executemany("insert into main values (?, ?)", parts)
        base.commit()
    finally:
        base.close()


def descriptor(account: Account, branch: int) -> str:
    """Return the descriptor of a branch with its checksum (BIP 380, BIP 382)."""
    path = "/".join(f"{number & 0x7FFFFFFF}h" for number in PATH)
    text = f"wpkh([{account.fingerprint.hex()}/{path}]{_public(account)}/{branch}/*)"
    return f"{text}#{checksum(text)}"


def checksum(text: str) -> str:
    """Return the eight characters after a descriptor (BIP 380)."""
    groups: list[int] = []
    state, classes = 1, []
    for one in text:
        at = _CHARS.index(one)
        groups.append(at & 31)
        classes.append(at >> 5)
        if len(classes) == 3:
            groups.append(classes[0] * 9 + classes[1] * 3 + classes[2])
            classes = []
    if classes:
        groups.append(classes[0] if len(classes) == 1 else classes[0] * 3 + classes[1])
    for value in (*groups, *[0] * 8):
        top = state >> 35
        state = (state & 0x7FFFFFFFF) << 5 ^ value
        for bit, word in enumerate((0xF5DEE51989, 0xA9FDCA3312, 0x1BAB10E32D, 0x3706B1677A, 0x644D626FFD)):
            state ^= word if top >> bit & 1 else 0
    state ^= 1
    return "".join(_CHECK[state >> 5 * (7 - at) & 31] for at in range(8))


def _public(account: Account) -> str:
    return account.node.public(TPUB)


def _addresses(shop: Shop, branch: int, count: int) -> list[str]:
    locks = [shop.account.lock(shop.wallet, branch, number, "") for number in range(count)]
    return addresses([one.kind for one in locks], [one.script for one in locks])


def _key(name: str) -> bytes:
    return sized(name.encode())
