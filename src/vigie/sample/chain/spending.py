"""Transactions: put together, signed as their inputs ask (BIP 143, BIP 341, and as before them), in bytes."""

from __future__ import annotations

import hashlib
import struct
import typing as t

from vigie.sample.chain.locks import compact, sized
from vigie.sample.chain.signing import ecdsa, schnorr

if t.TYPE_CHECKING:
    from vigie.sample.chain.locks import Lock

ALL, ANYONE = 1, 0x81
"""What a signature covers: everything, or everything but the other inputs (SIGHASH_ANYONECANPAY)."""
_BARE = frozenset(("p2pk", "p2pkh", "multisig"))
_NO_WITNESS = _BARE | {"anchor"}
_TAG = hashlib.sha256(b"TapSighash").digest()
_TAPROOT = hashlib.sha256(_TAG + _TAG)
_ZEROS = bytes(32)


class Coin:
    """An output that may be spent."""

    __slots__ = ("lock", "mark", "outpoint", "past", "spent", "value")

    def __init__(self, outpoint: bytes, value: int, lock: Lock, mark: int) -> None:
        self.outpoint = outpoint
        """36 bytes, as inputs name it."""
        self.value = value
        self.lock = lock
        self.mark = mark
        """Twice the height, and one more of a coinbase: as undo data have it."""
        self.spent = False
        self.past: t.Any = ()
        """What its owner knows of where it came from."""


class Signed(t.NamedTuple):
    """A transaction in bytes. Ids are in the order of blocks."""

    txid: bytes
    wtxid: bytes
    raw: bytes
    weight: int


def hash256(data: bytes) -> bytes:
    """Return SHA-256 of SHA-256."""
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def signed(
    coins: t.Sequence[Coin],
    outputs: t.Sequence[bytes],
    *,
    version: int,
    sequence: int,
    locktime: int,
    low_r: bool,
    covers: int = ALL,
) -> Signed:
    """Return a transaction that spends coins; each output is its value and its script, as they are hashed."""
    head, tail = struct.pack("<i", version), struct.pack("<I", locktime)
    tick = struct.pack("<I", sequence)
    before = [coin.outpoint for coin in coins]
    count, puts = compact(len(coins)), b"".join(outputs)
    paid = compact(len(outputs)) + puts
    kinds = {coin.lock.kind for coin in coins}
    ticks = tick * len(coins)
    legacy = _Legacy(head, count, before, tick, paid + tail)
    middle = end = b""
    if not kinds <= _BARE:
        own = covers == ALL
        middle = head + (hash256(b"".join(before)) + hash256(ticks) if own else bytes(64))
        end = tick + hash256(puts) + tail + struct.pack("<I", covers)
    taproot = _taproot(coins, before, ticks, puts, head, tail) if "p2tr" in kinds else b""
    scripts: list[bytes] = []
    witnesses: list[bytes] = []
    for place, coin in enumerate(coins):
        lock = coin.lock
        kind, keys, shown = lock.kind, lock.keys, lock.pushes
        if kind == "p2tr":
            digest = _TAPROOT.copy()
            digest.update(taproot + struct.pack("<I", place))
            scripts.append(b"\0")
            witnesses.append(b"\x01\x40" + schnorr(digest.digest(), keys[0], shown))
        elif kind == "anchor":
            scripts.append(b"\0")
            witnesses.append(b"\0")
        elif kind in _BARE:
            signature = ecdsa(hash256(legacy.of(place, lock.code, covers)), keys[0], covers, low_r=low_r)
            push = bytes([len(signature)]) + signature
            if kind == "p2pkh":
                push += b"\x21" + shown
            scripts.append(sized(b"\0" + push if kind == "multisig" else push))
            witnesses.append(b"\0")
        else:
            digest_ = hash256(middle + coin.outpoint + lock.code + coin.value.to_bytes(8, "little") + end)
            signature = ecdsa(digest_, keys[0], covers, low_r=low_r)
            if kind == "p2wsh":
                second = ecdsa(digest_, keys[1], covers, low_r=low_r)
                witnesses.append(b"\x04\0" + sized(signature) + sized(second) + sized(shown))
            else:
                witnesses.append(b"\x02" + bytes([len(signature)]) + signature + b"\x21" + shown[:33])
            scripts.append(b"\x17\x16\0\x14" + shown[33:] if kind == "p2sh" else b"\0")
    body = count + b"".join([out + script + tick for out, script in zip(before, scripts, strict=True)]) + paid
    bare = head + body + tail
    txid = hash256(bare)
    if kinds <= _NO_WITNESS:  # a witness that is empty throughout is refused
        return Signed(txid, txid, bare, 4 * len(bare))
    raw = head + b"\0\x01" + body + b"".join(witnesses) + tail
    return Signed(txid, hash256(raw), raw, 3 * len(bare) + len(raw))


class _Legacy:
    """What is signed where there is no witness: the whole transaction, the spent script in the place of its input."""

    def __init__(self, head: bytes, count: bytes, before: list[bytes], tick: bytes, rest: bytes) -> None:
        self._head, self._count, self._before, self._tick, self._rest = head, count, before, tick, rest

    def of(self, place: int, code: bytes, covers: int) -> bytes:
        """Return what the input at a place signs."""
        empty = b"\0" + self._tick
        if covers == ANYONE:
            inputs = b"\x01" + self._before[place] + code + self._tick
        else:
            first, last = self._before[:place], self._before[place + 1 :]
            inputs = self._count + b"".join(
                [*(one + empty for one in first), self._before[place], code, self._tick, *(one + empty for one in last)]
            )
        return self._head + inputs + self._rest + struct.pack("<I", covers)


def _taproot(
    coins: t.Sequence[Coin], before: list[bytes], ticks: bytes, puts: bytes, head: bytes, tail: bytes
) -> bytes:
    """Return what all key path signatures of a transaction share (BIP 341, Common signature message)."""
    amounts = b"".join([coin.value.to_bytes(8, "little") for coin in coins])
    scripts = b"".join([coin.lock.sized for coin in coins])
    parts = (hashlib.sha256(one).digest() for one in (b"".join(before), amounts, scripts, ticks, puts))
    return b"\0\0" + head + tail + b"".join(parts) + b"\0"
