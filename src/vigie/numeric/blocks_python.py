"""Blocks into columns in plain Python: the judge of ``native/blocks.c``, and what works without it. See ``blocks``."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.numeric import blocks_codes as codes
from vigie.numeric import scripts_python as scripts
from vigie.numeric.headers import twice
from vigie.numeric.merkle import roots_python

if t.TYPE_CHECKING:
    from numpy.typing import NDArray

    from vigie.numeric.blocks import Columns

COINBASE, SEGWIT = 1, 2
MOST_MONEY: t.Final = 21_000_000 * 100_000_000
MOST_WEIGHT: t.Final = 4_000_000
_NOBODY: t.Final = bytes(32) + b"\xff" * 4
_COMMITS: t.Final = bytes.fromhex("6a24aa21a9ed")


class Counts(t.NamedTuple):
    """How much of columns is filled."""

    blocks: int
    txs: int
    ins: int
    outs: int
    script_bytes: int


class Bad(Exception):  # noqa: N818 - it is a verdict about the input, not an error of ours
    """The rule that is broken; ``code`` is one of ``blocks_codes``."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Reader:
    """Some bytes, read forward."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def over(self, size: int) -> bytes:
        """Return the next bytes. Errors: ``Bad``."""
        if size > len(self.data) - self.at:
            raise Bad(codes.SHORT)
        self.at += size
        return self.data[self.at - size : self.at]

    def size(self) -> int:
        """Return the next CompactSize. Errors: ``Bad``."""
        if self.at >= len(self.data):
            raise Bad(codes.SHORT)
        first = self.data[self.at]
        wide = 1 << first - 0xFC if first >= 0xFD else 0
        value = int.from_bytes(self.data[self.at + 1 : self.at + 1 + wide], "little") if wide else first
        if self.at + 1 + wide > len(self.data):
            raise Bad(codes.SHORT)
        if wide and value < (0xFD if wide == 2 else 1 << 4 * wide):
            raise Bad(codes.SIZE_FORM)
        self.at += 1 + wide
        return value

    def count(self, least: int) -> int:
        """Return a number of things of which each has at least so many bytes. Errors: ``Bad``."""
        value = self.size()
        if value > (len(self.data) - self.at) // least:
            raise Bad(codes.SHORT)
        return value


class _Tx(t.NamedTuple):
    txid: bytes
    whole_id: bytes
    version: int
    lock: int
    bare: int
    whole: int
    segwit: bool
    prevs: list[tuple[bytes, int]]
    signs: list[int]
    outs: list[tuple[int, bytes]]
    script: bytes
    """Of the first input ..."""
    witness: list[bytes]
    """... and its witness."""


def parse(
    raw: NDArray[np.uint8], spans: NDArray[np.int64], out: Columns, why: NDArray[np.int32], where: NDArray[np.int64]
) -> Counts:
    """Fill columns with the sound ones of the blocks at ``spans``; return how far."""
    done = Counts(0, 0, 0, 0, 0)
    for number, (start, end) in enumerate(spans.tolist()):
        reader = Reader(raw[start:end].tobytes())
        try:
            done = _put(out, done, reader.data[:80], _block(reader), end - start)
        except Bad as bad:
            why[number] = bad.code
        where[number] = start + reader.at
    return done


def _block(reader: Reader) -> list[_Tx]:
    header = reader.over(80)
    count = reader.count(60)
    if not count:
        raise Bad(codes.COINBASE_PLACE)
    bare = reader.at
    txs = [_transaction(reader, first=number == 0) for number in range(count)]
    if reader.at != len(reader.data):
        raise Bad(codes.BEHIND)
    if 3 * (bare + sum(one.bare for one in txs)) + reader.at > MOST_WEIGHT:
        raise Bad(codes.HEAVY)
    if any(one.segwit for one in txs):
        _check_witnesses(txs)
    root, doubled = _root([one.txid for one in txs])
    if root != header[36:68]:
        raise Bad(codes.MERKLE)
    if doubled:
        raise Bad(codes.DOUBLED)
    return txs


def _root(hashes: list[bytes]) -> tuple[bytes, bool]:
    found, doubled = roots_python(
        np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 32), np.array([0, len(hashes)], np.int64)
    )
    return found.tobytes(), bool(doubled[0])


def _check_witnesses(txs: list[_Tx]) -> None:
    found = [script for _, script in txs[0].outs if len(script) >= 38 and script.startswith(_COMMITS)]
    if not found or len(txs[0].witness) != 1 or len(txs[0].witness[0]) != 32:
        raise Bad(codes.COMMITMENT)
    root, _ = _root([bytes(32), *(one.whole_id for one in txs[1:])])
    if twice(root + txs[0].witness[0]) != found[-1][6:38]:
        raise Bad(codes.COMMITMENT)


def _transaction(reader: Reader, *, first: bool) -> _Tx:
    begin = reader.at
    version = reader.over(4)
    mark = reader.data[reader.at : reader.at + 2]
    segwit = len(mark) == 2 and mark[0] == 0 and mark[1] != 0
    if segwit:
        if mark[1] != 1:
            raise Bad(codes.WITNESS_FORM)
        reader.at += 2
    body = reader.at
    prevs, shown, sequences = _inputs(reader, first=first)
    outs = _outputs(reader)
    behind = reader.at
    witnesses = [_witness(reader) if segwit else [] for _ in prevs]
    if segwit and not any(witnesses):
        raise Bad(codes.WITNESS_FORM)
    lock = reader.over(4)
    whole = reader.data[begin : reader.at]
    txid = twice(version + reader.data[body:behind] + lock if segwit else whole)
    signs = [0] if first else [scripts.signs(*one) for one in zip(shown, witnesses, strict=True)]
    return _Tx(
        txid=txid,
        whole_id=twice(whole) if segwit else txid,
        version=int.from_bytes(version, "little", signed=True),
        lock=int.from_bytes(lock, "little"),
        bare=behind - body + 8,
        whole=len(whole),
        segwit=segwit,
        prevs=prevs,
        signs=[kind | sign for kind, sign in zip(sequences, signs, strict=True)],
        outs=outs,
        script=shown[0],
        witness=witnesses[0],
    )


def _inputs(reader: Reader, *, first: bool) -> tuple[list[tuple[bytes, int]], list[bytes], list[int]]:
    prevs, shown, sequences = [], [], []
    count = reader.count(41)
    if not count:
        raise Bad(codes.NO_INPUTS)
    for _ in range(count):
        prev = reader.over(36)
        if (prev == _NOBODY) != first or (first and count != 1):
            reader.at -= 36
            raise Bad(codes.COINBASE_PLACE)
        prevs.append((prev[:32], int.from_bytes(prev[32:], "little")))
        shown.append(reader.over(reader.size()))
        sequences.append({b"\xff\xff\xff\xff": 0, b"\xfe\xff\xff\xff": 1}.get(reader.over(4), 2))
    return prevs, shown, sequences


def _outputs(reader: Reader) -> list[tuple[int, bytes]]:
    outs, total = [], 0
    count = reader.count(9)
    if not count:
        raise Bad(codes.NO_OUTPUTS)
    for _ in range(count):
        value = int.from_bytes(reader.over(8), "little")
        total += value
        if total > MOST_MONEY:
            reader.at -= 8
            raise Bad(codes.AMOUNT)
        outs.append((value, reader.over(reader.size())))
    return outs


def _witness(reader: Reader) -> list[bytes]:
    return [reader.over(reader.size()) for _ in range(reader.count(1))]


def _said(script: bytes) -> int:
    if not script:
        return -1
    if script[0] == 0:
        return 0
    if 0x51 <= script[0] <= 0x60:
        return script[0] - 0x50
    wide = script[0]
    if wide > 4 or wide >= len(script) or script[wide] & 0x80:
        return -1
    return int.from_bytes(script[1 : 1 + wide], "little")


def _put(out: Columns, at: Counts, header: bytes, txs: list[_Tx], size: int) -> Counts:
    """Write a sound block behind those before."""
    block, tx, one_in, one_out, byte = at
    bare = sum(one.bare for one in txs) + size - sum(one.whole for one in txs)
    out.headers[block] = np.frombuffer(header, np.uint8)
    out.block_bytes[block], out.block_weight[block], out.block_txs[block] = size, 3 * bare + size, len(txs)
    out.block_said[block] = _said(txs[0].script)
    for number, one in enumerate(txs, tx):
        out.tx_ins[number], out.tx_outs[number] = len(one.prevs), len(one.outs)
        out.tx_version[number], out.tx_lock[number] = one.version, one.lock
        out.tx_vsize[number] = (3 * one.bare + one.whole + 3) // 4
        out.tx_flags[number] = (COINBASE if number == tx else 0) | (SEGWIT if one.segwit else 0)
        out.tx_hash[number] = np.frombuffer(one.txid, np.uint8)
        for (prev, vout), signs in zip(one.prevs, one.signs, strict=True):
            out.prev_tx[one_in] = np.frombuffer(prev, np.uint8)
            out.prev_vout[one_in], out.in_signs[one_in] = vout, signs
            one_in += 1
        for value, script in one.outs:
            out.out_value[one_out], out.out_length[one_out] = value, len(script)
            out.out_type[one_out] = scripts.kind(script)
            out.scripts[byte : byte + len(script)] = np.frombuffer(script, np.uint8)
            one_out, byte = one_out + 1, byte + len(script)
    return Counts(block + 1, tx + len(txs), one_in, one_out, byte)
