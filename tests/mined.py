"""Blocks of regtest that a node accepts: every kind of output, each spent by a real signature, and a stale branch.

Transactions are made and signed by embit; ``pbk`` (Bitcoin Core's own kernel) checks and writes them.
"""

from __future__ import annotations

import hashlib
import struct
import typing as t

from embit import ec, script
from embit.transaction import SIGHASH, Transaction, TransactionInput, TransactionOutput

from vigie.numeric.headers import block_hash, shows_work
from vigie.rows.blocks import LIMITS

GENESIS_HASH = bytes.fromhex("0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206")[::-1]
START = 1_296_688_602
KEY = ec.PrivateKey(hashlib.sha256(b"a key of the tests").digest())
OLD = ec.PrivateKey(KEY.secret, compressed=False)
PUB, OLD_PUB = KEY.sec(), OLD.sec()
MULTI = b"\x51" + 2 * (b"\x21" + PUB) + b"\x52\xae"
TWO = b"\x51\x21" + PUB + b"\x41" + OLD_PUB + b"\x52\xae"


def twice(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def hash160(data: bytes) -> bytes:
    return hashlib.new("ripemd160", hashlib.sha256(data).digest()).digest()


def push(*items: bytes) -> bytes:
    """Return a script that pushes items; empty ones as OP_0."""
    return b"".join(bytes([len(one)]) + one if len(one) < 76 else b"\x4c" + bytes([len(one)]) + one for one in items)


class Kind(t.NamedTuple):
    """An output and how it is spent."""

    type: str
    script: bytes
    spend: t.Callable[[Transaction, int, list[bytes], list[int]], tuple[bytes, list[bytes]]]
    """Of a transaction, the input, and all that is spent: the script and the witness."""
    signs: int
    """Bits of ``in_signs``, but those of the sequence."""


def legacy(code: bytes, made: t.Callable[[bytes], bytes], flag: int = SIGHASH.ALL, *, grind: bool = True) -> t.Any:
    def spend(tx: Transaction, at: int, _scripts: list[bytes], _values: list[int]) -> tuple[bytes, list[bytes]]:
        digest = tx.sighash_legacy(at, script.Script(code), flag)
        return made(KEY.sign(digest, grind).serialize() + bytes([flag])), []

    return spend


def segwit(code: bytes, made: t.Callable[[bytes], list[bytes]], outer: bytes = b"", flag: int = SIGHASH.ALL) -> t.Any:
    def spend(tx: Transaction, at: int, _scripts: list[bytes], values: list[int]) -> tuple[bytes, list[bytes]]:
        digest = tx.sighash_segwit(at, script.Script(code), values[at], flag)
        return outer, made(KEY.sign(digest).serialize() + bytes([flag]))

    return spend


def taproot(flag: int = SIGHASH.DEFAULT) -> t.Any:
    def spend(tx: Transaction, at: int, scripts: list[bytes], values: list[int]) -> tuple[bytes, list[bytes]]:
        digest = tx.sighash_taproot(at, [script.Script(one) for one in scripts], values, flag)
        return b"", [KEY.schnorr_sign(digest).serialize() + (bytes([flag]) if flag else b"")]

    return spend


def plain(unlock: bytes = b"", *items: bytes) -> t.Any:
    return lambda *_: (unlock, list(items))


def pkh(pub: bytes) -> bytes:
    return b"\x76\xa9\x14" + hash160(pub) + b"\x88\xac"


def p2sh(inner: bytes) -> bytes:
    return b"\xa9\x14" + hash160(inner) + b"\x87"


WPKH = b"\x00\x14" + hash160(PUB)
WSH = b"\x00\x20" + hashlib.sha256(MULTI).digest()
ONE, LOW, SMALL, SIGNED = 4, 8, 16, 32
ALONE = SIGHASH.ALL | SIGHASH.ANYONECANPAY
KINDS = (
    Kind("p2pk", b"\x21" + PUB + b"\xac", legacy(b"\x21" + PUB + b"\xac", push), LOW | SIGNED),
    Kind("p2pk", b"\x41" + OLD_PUB + b"\xac", legacy(b"\x41" + OLD_PUB + b"\xac", push), LOW | SIGNED),
    Kind("p2pkh", pkh(PUB), legacy(pkh(PUB), lambda sig: push(sig, PUB)), LOW | SMALL | SIGNED),
    Kind("p2pkh", pkh(OLD_PUB), legacy(pkh(OLD_PUB), lambda sig: push(sig, OLD_PUB)), LOW | SIGNED),
    Kind("p2pkh", pkh(PUB), legacy(pkh(PUB), lambda sig: push(sig, PUB), ALONE), ONE | LOW | SMALL | SIGNED),
    Kind("p2sh", p2sh(MULTI), legacy(MULTI, lambda sig: push(b"", sig, MULTI)), LOW | SMALL | SIGNED),
    Kind("p2sh", p2sh(b"\x51"), plain(b"\x01\x51"), 0),
    Kind("p2sh", p2sh(WPKH), segwit(pkh(PUB), lambda sig: [sig, PUB], push(WPKH)), LOW | SMALL | SIGNED),
    Kind("multisig", TWO, legacy(TWO, lambda sig: push(b"", sig)), LOW | SIGNED),
    Kind("p2wpkh", WPKH, segwit(pkh(PUB), lambda sig: [sig, PUB]), LOW | SMALL | SIGNED),
    Kind("p2wpkh", WPKH, segwit(pkh(PUB), lambda sig: [sig, PUB], flag=ALONE), ONE | LOW | SMALL | SIGNED),
    Kind("p2wsh", WSH, segwit(MULTI, lambda sig: [b"", sig, MULTI]), LOW | SMALL | SIGNED),
    Kind("p2tr", b"\x51\x20" + KEY.xonly(), taproot(), LOW | SIGNED),
    Kind("p2tr", b"\x51\x20" + KEY.xonly(), taproot(SIGHASH.ALL), LOW | SIGNED),
    Kind("anchor", b"\x51\x02\x4e\x73", plain(), 0),
    Kind("witness", b"\x52\x03abc", plain(), 0),
    Kind("nonstandard", b"\x51", plain(), 0),
    Kind("nonstandard", b"\x51" + b"\x61" * 40, plain(), 0),
)


def coinbase(height: int, outputs: list[tuple[int, bytes]], extra: bytes = b"") -> Transaction:
    said = height.to_bytes((height.bit_length() + 8) // 8 or 1, "little")
    head = push(said) if height > 16 else bytes([0x50 + height]) if height else b"\x00"
    one = TransactionInput(bytes(32), 0xFFFFFFFF, script.Script(head + push(b"vigie" + extra)))
    return Transaction(2, [one], [TransactionOutput(value, script.Script(put)) for value, put in outputs], 0)


def block(before: bytes, time: int, mint: Transaction, txs: list[Transaction]) -> bytes:
    """Return a block with its work and, where it needs one, a commitment to its witnesses."""
    if any(one.is_segwit for one in txs):
        mint.vin[0].witness = script.Witness([bytes(32)])
        root = _root([bytes(32), *(twice(one.serialize()) for one in txs)])
        mint.vout.append(TransactionOutput(0, script.Script(bytes.fromhex("6a24aa21a9ed") + twice(root + bytes(32)))))
    root = _root([one.txid()[::-1] for one in (mint, *txs)])
    body = bytes([len(txs) + 1]) if len(txs) < 252 else b"\xfd" + (len(txs) + 1).to_bytes(2, "little")
    body += b"".join(one.serialize() for one in (mint, *txs))
    return headed(before, root, time) + body


def headed(before: bytes, root: bytes, time: int) -> bytes:
    """Return a header that shows its work."""
    for nonce in range(1 << 32):
        header = struct.pack("<i32s32sIII", 0x20000000, before, root, time, LIMITS["regtest"], nonce)
        if shows_work(header, LIMITS["regtest"]):
            return header
    raise AssertionError


def spending(took: list[tuple[bytes, int, int, Kind]], put: list[tuple[int, bytes]], sequence: int) -> Transaction:
    """Return a signed transaction; ``took``: txid (display order), vout, value, kind."""
    vin = [TransactionInput(txid, vout, script.Script(b""), sequence=sequence) for txid, vout, _, _ in took]
    tx = Transaction(2, vin, [TransactionOutput(value, script.Script(one)) for value, one in put], 0)
    scripts, values = [one[3].script for one in took], [one[2] for one in took]
    shown = [kind.spend(tx, at, scripts, values) for at, (_, _, _, kind) in enumerate(took)]
    for one, (unlock, items) in zip(tx.vin, shown, strict=True):
        one.script_sig, one.witness = script.Script(unlock), script.Witness(items)
    return tx


def _root(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [twice(hashes[at] + hashes[min(at + 1, len(hashes) - 1)]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def mined() -> list[bytes]:
    """Return blocks in the order in which a node meets them: 105, two on one branch, and three on another from 103."""
    out: list[bytes] = []
    before, values = GENESIS_HASH, [5_0000_0000 // 100 * (number + 1) for number in range(len(KINDS))]
    first = coinbase(1, [(value, kind.script) for value, kind in zip(values, KINDS, strict=True)])
    for height in range(1, 106):
        mint = first if height == 1 else coinbase(height, [(50_0000_0000, b"\x51")])
        txs = _spends(first.txid(), values) if height == 102 else []
        out.append(block(before, START + height, mint, txs))
        before = block_hash(out[-1][:80])
    fork = block_hash(out[102][:80])
    held = Kind("nonstandard", b"\x51", plain(), 0)
    took = _mint_of(out[1])
    for branch, (tip, height, many) in enumerate(((before, 106, 2), (fork, 104, 5))):
        spent = spending([(took, 0, 50_0000_0000, held)], [(49_0000_0000 - branch, WPKH)], 0)
        last = tip
        for number in range(many):
            mint = coinbase(height + number, [(50_0000_0000, b"\x51")], bytes([branch]))
            out.append(block(last, START + 200 + 10 * branch + number, mint, [] if number else [spent]))
            last = block_hash(out[-1][:80])
    return out


def _mint_of(raw: bytes) -> bytes:
    return Transaction.parse(raw[81:]).txid()


def _spends(txid: bytes, values: list[int]) -> list[Transaction]:
    """Spend everything: half of it each by itself, the rest at once; the last spends what the first made."""
    sequences = (0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD)
    every = [(txid, vout, value, kind) for vout, (value, kind) in enumerate(zip(values, KINDS, strict=True))]
    txs = [spending([one], [(one[2] - 1000, WPKH), (0, b"\x6a\x04vigi")], sequences[one[1] % 3]) for one in every[:9]]
    txs.append(spending(every[9:], [(sum(one[2] for one in every[9:]) - 1000, b"\x51\x20" + KEY.xonly())], 1))
    wpkh = next(kind for kind in KINDS if kind.type == "p2wpkh")
    txs.append(spending([(txs[0].txid(), 0, values[0] - 1000, wpkh)], [(values[0] - 2000, pkh(PUB))], 0))
    return txs
