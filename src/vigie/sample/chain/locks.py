"""Scripts that outputs pay to, and what is needed to spend from them."""

from __future__ import annotations

import hashlib
import typing as t

from vigie.sample.chain.curve import N, Point, compressed

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.sample.chain.wallets import Wallet

KINDS = ("p2pk", "p2pkh", "p2sh", "multisig", "p2wpkh", "p2wsh", "p2tr", "anchor")
"""Names as in ``rows.money.SCRIPT_TYPES``. ``p2sh`` is P2SH-P2WPKH here, ``p2wsh`` 2 of 3, ``multisig`` 1 of 2."""
SIZES = {"p2pk": 114, "p2pkh": 148, "p2sh": 91, "multisig": 115, "p2wpkh": 68, "p2wsh": 105, "p2tr": 58, "anchor": 41}
"""About the virtual bytes of an input that spends one."""
ANCHOR = bytes.fromhex("51024e73")
_MANY = {"multisig": 2, "p2wsh": 3}


class Lock:
    """A script, who holds its keys, and what signing for it needs."""

    __slots__ = ("code", "keys", "kind", "path", "pushes", "role", "script", "seen", "sized", "wallet")

    def __init__(self, wallet: Wallet, kind: str, points: list[tuple[int, Point]], role: str, path: str = "") -> None:
        self.wallet, self.kind, self.role, self.path = wallet, kind, role, path
        self.keys = [key for key, _ in points]
        self.seen = False
        """Has an output of the chain paid it?"""
        self.pushes = b""
        """What the script's spender shows of it: public key, redeem script, witness script."""
        self.code = b""
        """What is signed in its place, its length before it."""
        match kind:
            case "p2tr":
                (_, (x, y)) = points[0]
                # The point itself is the output key: nothing is committed to. With an odd y the other secret signs
                self.keys = [N - points[0][0] if y & 1 else points[0][0]]
                self.pushes = x.to_bytes(32)
                self.script = b"\x51\x20" + self.pushes
            case "anchor":
                self.script = ANCHOR
            case "multisig" | "p2wsh":
                shown = [b"\x21" + compressed(at) for _, at in points]
                some = 1 if kind == "multisig" else 2
                script = bytes([0x50 + some]) + b"".join(shown) + bytes([0x50 + len(shown), 0xAE])
                self.code = sized(script)
                self.pushes = script
                self.script = script if kind == "multisig" else b"\0\x20" + hashlib.sha256(script).digest()
            case _:
                self._of_one_key(kind, compressed(points[0][1]))
        self.sized = sized(self.script)
        """The script with its length before it."""

    def _of_one_key(self, kind: str, public: bytes) -> None:
        self.pushes = public
        hashed = hash160(public)
        plain = b"\x76\xa9\x14" + hashed + b"\x88\xac"
        self.code = sized(plain)
        match kind:
            case "p2pk":
                self.script = b"\x21" + public + b"\xac"
                self.code = sized(self.script)
            case "p2pkh":
                self.script = plain
            case "p2wpkh":
                self.script = b"\0\x14" + hashed
            case "p2sh":
                self.script = b"\xa9\x14" + hash160(b"\0\x14" + hashed) + b"\x87"
                self.pushes = public + hashed
            case _:
                raise ValueError(f"no such kind of lock: {kind}")


class Locksmith:
    """Makes locks with keys of nobody."""

    def __init__(self, keys: Iterator[tuple[int, Point]]) -> None:
        self._keys = keys

    def make(self, wallet: Wallet, kind: str, role: str) -> Lock:
        """Return a new lock of a wallet."""
        keys = self._keys
        if kind in _MANY:
            return Lock(wallet, kind, [next(keys) for _ in range(_MANY[kind])], role)
        return Lock(wallet, kind, [] if kind == "anchor" else [next(keys)], role)


def hash160(data: bytes) -> bytes:
    """Return RIPEMD-160 of SHA-256."""
    return hashlib.new("ripemd160", hashlib.sha256(data).digest()).digest()


def sized(data: bytes) -> bytes:
    """Return bytes with their number before them (CompactSize)."""
    return compact(len(data)) + data


def compact(number: int) -> bytes:
    """Return a number as CompactSize."""
    if number < 0xFD:
        return number.to_bytes(1)
    if number < 0x1_0000:
        return b"\xfd" + number.to_bytes(2, "little")
    return b"\xfe" + number.to_bytes(4, "little")
