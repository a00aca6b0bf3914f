"""The shop's account: BIP 84, m/84'/1'/0' of a seed that anybody can compute; its public key as wallets write it."""

from __future__ import annotations

import hashlib
import hmac
import typing as t

from vigie.sample.chain.curve import N, compressed, point
from vigie.sample.chain.locks import Lock, hash160
from vigie.sample.forum.checksums import base58

if t.TYPE_CHECKING:
    from vigie.sample.chain.wallets import Wallet

TPUB, VPUB = bytes.fromhex("043587cf"), bytes.fromhex("045f1cf6")
"""Versions: BIP 32 of test networks; SLIP-132, which says P2WPKH besides."""
HARD = 1 << 31
PATH = (84 + HARD, 1 + HARD, HARD)


class Node(t.NamedTuple):
    """An extended private key (BIP 32)."""

    key: int
    chain: bytes
    depth: int
    parent: bytes
    number: int

    def child(self, number: int) -> Node:
        """Derive a child."""
        public = compressed(point(self.key))
        data = (b"\0" + self.key.to_bytes(32) if number >= HARD else public) + number.to_bytes(4)
        made = hmac.digest(self.chain, data, "sha512")
        key = (int.from_bytes(made[:32]) + self.key) % N
        return Node(key, made[32:], self.depth + 1, hash160(public)[:4], number)

    @property
    def body(self) -> bytes:
        """What stands after the version of its extended public key: 74 bytes."""
        head = bytes([self.depth]) + self.parent + self.number.to_bytes(4) + self.chain
        return head + compressed(point(self.key))

    def public(self, version: bytes) -> str:
        """Return its extended public key as text."""
        whole = version + self.body
        return base58(whole + hashlib.sha256(hashlib.sha256(whole).digest()).digest()[:4])


class Account:
    """An account with its two branches: addresses to be paid with, and for change."""

    def __init__(self, seed: int) -> None:
        made = hmac.digest(b"Bitcoin seed", hashlib.sha256(f"vigie sample shop {seed}".encode()).digest(), "sha512")
        self.master = Node(int.from_bytes(made[:32]) % N, made[32:], 0, bytes(4), 0)
        node = self.master
        for number in PATH:
            node = node.child(number)
        self.node = node
        self._branches = node.child(0), node.child(1)

    @property
    def fingerprint(self) -> bytes:
        """Of the master key: 4 bytes."""
        return hash160(compressed(point(self.master.key)))[:4]

    def lock(self, wallet: Wallet, branch: int, index: int, role: str) -> Lock:
        """Return the lock of an address."""
        key = self._branches[branch].child(index).key
        return Lock(wallet, "p2wpkh", [(key, point(key))], role, f"{branch}/{index}")
