"""Blocks, undo records and scripts: C as Python, both as embit, and nothing that bytes can do beyond a code."""

import dataclasses
import functools
import io

import numpy as np
import pytest
from embit.transaction import Transaction
from hypothesis import given, settings
from hypothesis import strategies as st

import mined
from real_blocks import real_blocks
from vigie.numeric import (
    blocks,
    blocks_codes,
    blocks_native,
    blocks_python,
    scripts_python,
    undo,
    undo_native,
    undo_python,
)
from vigie.numeric.headers import target, work
from vigie.numeric.merkle import roots_native, roots_python, rows
from vigie.numeric.native import NATIVE
from vigie.numeric.sha256 import forms
from vigie.rows.money import SCRIPT_TYPES

needs_native = pytest.mark.skipif(NATIVE is None, reason="no native loops: src/vigie/numeric/native/build.py")


def parsed(raw, how, **more):
    """Return the columns of one block by one of the loops, why not, and where."""
    data, spans = np.frombuffer(raw, np.uint8), np.array([[0, len(raw)]], np.int64)
    out, why, where = blocks._room(len(raw), 1), np.zeros(1, np.int32), np.zeros(1, np.int64)
    counts = how.parse(data, spans, out, why, where, **more)
    return blocks._cut(out, counts), int(why[0]), int(where[0])


def same(raw):
    """Parse by all loops, which must agree in everything; return what they say."""
    columns, why, where = parsed(raw, blocks_python)
    for sha in forms(NATIVE) if NATIVE else []:
        other = parsed(raw, blocks_native, sha=sha)
        assert other[1:] == (why, where)
        for one in dataclasses.fields(columns):
            assert np.array_equal(getattr(other[0], one.name), getattr(columns, one.name)), one.name
    return columns, why, where


@functools.cache
def small():
    """A block with witnesses and every kind of output."""
    return next(one for one in mined.mined() if len(one) > 2000)


def test_real_blocks_are_as_embit_reads_them():
    for name, raw in real_blocks().items():
        if "undo" in name:
            continue
        columns, why, where = same(raw)
        assert (why, where) == (0, len(raw)), name
        stream = io.BytesIO(raw[80:])
        many = int.from_bytes(stream.read(3)[1:], "little") if raw[80] == 0xFD else stream.read(1)[0]
        assert many == len(columns.tx_ins)
        if raw[80] != 0xFD:
            stream.seek(1)
        vin = vout = at = 0
        for number in range(many):
            tx = Transaction.read_from(stream)
            assert columns.tx_hash[number].tobytes() == tx.txid()[::-1]
            assert (columns.tx_version[number], columns.tx_lock[number]) == (tx.version, tx.locktime)
            assert bool(columns.tx_flags[number] & 2) == tx.is_segwit
            for one in tx.vin:
                assert columns.prev_tx[vin].tobytes() == one.txid[::-1]
                assert columns.prev_vout[vin] == one.vout
                vin += 1
            for one in tx.vout:
                length = int(columns.out_length[vout])
                assert columns.out_value[vout] == one.value
                assert columns.scripts[at : at + length].tobytes() == one.script_pubkey.data
                said = {"p2pkh", "p2sh", "p2wpkh", "p2wsh", "p2tr"} & {SCRIPT_TYPES[columns.out_type[vout]]}
                assert said == ({one.script_pubkey.script_type()} - {None})
                vout, at = vout + 1, at + length
        assert (vin, vout, at) == (len(columns.prev_vout), len(columns.out_value), len(columns.scripts))


@needs_native
@settings(deadline=None, max_examples=150)
@given(st.data())
def test_whatever_is_done_to_a_block_both_loops_say_the_same(data):
    raw = bytearray(small())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(80, len(raw) - 1))
        raw[at] = data.draw(st.sampled_from([0, 1, 0x4E, 0xFC, 0xFD, 0xFE, 0xFF, raw[at] ^ 1]))
    cut = data.draw(st.one_of(st.just(len(raw)), st.integers(0, len(raw))))
    same(bytes(raw[:cut]))


@needs_native
@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=300))
def test_bytes_that_are_no_block_are_refused(raw):
    assert same(raw)[1] > 0


def test_a_doubled_tail_is_refused_though_the_root_is_right():
    txs = [mined.coinbase(5, [(1, b"\x51")]), mined.coinbase(6, [(1, b"\x51")])]
    txs[1].vin[0].txid, txs[1].vin[0].vout = bytes([1]) * 32, 0
    three = [txs[0], txs[1], mined.coinbase(7, [(2, b"\x51")])]
    three[2].vin[0].txid, three[2].vin[0].vout = bytes([2]) * 32, 0
    raw = mined.block(bytes(32), 1, three[0], three[1:])
    assert same(raw)[1] == 0
    assert same(raw[:80] + b"\x04" + raw[81:] + three[2].serialize())[1] == blocks_codes.DOUBLED


def body(*txs):
    raw = mined.headed(bytes(32), mined._root([one.txid()[::-1] for one in txs]), 1)
    return raw + bytes([len(txs)]) + b"".join(one.serialize() for one in txs)


def test_each_rule_has_its_code():
    mint = mined.coinbase(5, [(1, b"\x51")])
    raw = body(mint)
    assert same(raw)[1] == 0
    assert same(raw + b"\0")[1] == blocks_codes.BEHIND
    assert same(raw[:-1])[1] == blocks_codes.SHORT
    assert same(raw[:40] + b"\0" + raw[41:])[1] == blocks_codes.MERKLE
    assert same(raw[:80] + b"\xfd\x01\x00" + raw[81:])[1] == blocks_codes.SIZE_FORM
    assert same(raw[:80] + b"\xff" * 9 + raw[81:])[1] == blocks_codes.SHORT
    assert same(raw[:80] + b"\0" + bytes(99))[1] == blocks_codes.COINBASE_PLACE
    assert same(body(mined.coinbase(5, [(mined_money(), b""), (1, b"")])))[1] == blocks_codes.AMOUNT
    assert same(body(mint, mint))[1] == blocks_codes.COINBASE_PLACE
    whole = bytearray(small())
    at = bytes(whole).rindex(bytes.fromhex("6a24aa21a9ed"))
    whole[at + 10] ^= 1
    assert same(bytes(whole))[1] == blocks_codes.COMMITMENT


def mined_money():
    return 21_000_000 * 100_000_000


def test_a_transaction_of_20_000_inputs_is_read():
    mint, wide = mined.coinbase(5, [(1, b"\x51")]), mined.coinbase(5, [(1, b"\x51")])
    one = wide.vin[0]
    wide.vin = []
    for number in range(20_000):
        wide.vin.append(type(one)(number.to_bytes(4, "little") * 8, number, one.script_sig, sequence=0))
    raw = mined.block(bytes(32), 1, mint, [wide])
    columns, why, _ = same(raw)
    assert why == 0
    assert columns.tx_ins.tolist() == [1, 20_000]
    assert columns.prev_vout[1:].tolist() == list(range(20_000))
    assert set(columns.in_signs[1:].tolist()) == {2}


@needs_native
@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=9), min_size=1, max_size=4))
def test_roots_are_those_of_python(runs):
    leaves = np.array([[one] * 32 for run in runs for one in run], np.uint8)
    starts = np.concatenate([[0], np.cumsum([len(one) for one in runs])]).astype(np.int64)
    found, doubled = roots_python(leaves, starts)
    for sha in forms(NATIVE):
        other = roots_native(leaves, starts, NATIVE, sha)
        assert np.array_equal(other[0], found)
        assert np.array_equal(other[1], doubled)


@needs_native
@settings(deadline=None, max_examples=40)
@given(st.integers(1, 40), st.randoms(use_true_random=False))
def test_the_rows_of_a_tree_end_at_its_root_and_are_those_of_python(many, chance):
    leaves = np.array([[*chance.randbytes(32)] for _ in range(many)], np.uint8)
    said = rows(leaves, None)
    assert np.array_equal(said[-1], roots_python(leaves, np.array([0, many]))[0])
    for sha in forms(NATIVE):
        other = rows(leaves, NATIVE, sha)
        assert [one.tolist() for one in other] == [one.tolist() for one in said]


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("21" + "02" * 33 + "ac", "p2pk"), ("21" + "05" * 33 + "ac", "nonstandard"), ("41" + "04" * 65 + "ac", "p2pk"),
        ("41" + "02" * 65 + "ac", "nonstandard"), ("76a914" + "00" * 20 + "88ac", "p2pkh"),
        ("a914" + "00" * 20 + "87", "p2sh"), ("0014" + "00" * 20, "p2wpkh"), ("0020" + "00" * 32, "p2wsh"),
        ("0021" + "00" * 33, "nonstandard"), ("5120" + "00" * 32, "p2tr"), ("51024e73", "anchor"),
        ("51024e74", "witness"),
        ("6002abcd", "witness"), ("51" + "21" + "02" * 33 + "51ae", "multisig"),
        ("52" + "21" + "02" * 33 + "51ae", "nonstandard"),
        ("51" + ("21" + "03" * 33) * 20 + "0114ae", "multisig"), ("51ae", "nonstandard"), ("6a", "op_return"),
        ("6a04ffffffff", "op_return"), ("", "nonstandard"), ("51", "nonstandard"), ("5101", "nonstandard"),
    ],
)  # fmt: skip
def test_kinds_of_scripts(script, kind):
    assert SCRIPT_TYPES[scripts_python.kind(bytes.fromhex(script))] == kind


PIECES = [b"\x21" + b"\x02" * 33,
          b"\x41" + b"\x04" * 65, b"\x51", b"\x52", b"\x01\x12", b"\xae", b"\xac", b"\x00\x14",
          b"\x6a", b"\x4c", b"\x4d\xff", b"\x14" + b"a" * 20,
          b"\x76\xa9", b"\x87", b"\x88", b"\x20" + b"b" * 32]  # fmt: skip


@needs_native
@settings(deadline=None, max_examples=200)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=3)), max_size=8).map(b"".join))
def test_any_script_has_one_kind(script):
    out, starts = np.zeros(1, np.uint8), np.array([0, len(script)], np.int64)
    data = np.frombuffer(script + b"\0", np.uint8)
    NATIVE.lib.scripts_types(
        blocks_native.ctypes.c_void_p(data.ctypes.data), blocks_native.ctypes.c_void_p(starts.ctypes.data),
        blocks_native.ctypes.c_int64(1), blocks_native.ctypes.c_void_p(out.ctypes.data),
    )  # fmt: skip
    assert out[0] == scripts_python.kind(script)


def test_signs():
    sig = mined.KEY.sign(b"\1" * 32).serialize() + b"\x01"
    high = next(
        one for one in (mined.KEY.sign(bytes([n]) * 32, grind=False).serialize() for n in range(99)) if one[3] == 33
    )
    key, low, signed, small_ = mined.PUB, 8, 32, 16
    assert scripts_python.signs(mined.push(sig, key), []) == low | signed | small_
    assert scripts_python.signs(mined.push(high + b"\x81", mined.OLD_PUB), []) == signed | 4
    assert scripts_python.signs(mined.push(sig, high + b"\x01"), []) == signed
    assert scripts_python.signs(b"", [bytes(64)]) == low | signed
    assert scripts_python.signs(b"", [bytes(64) + b"\x81", b"\x50annex"]) == low | signed | 4
    assert scripts_python.signs(b"", [bytes(65), b"\x51", b"\xc0" + bytes(32)]) == low | signed
    assert scripts_python.signs(b"", [b"", sig, mined.MULTI]) == low | signed | small_
    assert scripts_python.signs(b"\xac", []) == 0


# ------------------------------------------------------------------------------------------------ undo
def varint(number):
    out = [number & 0x7F]
    while number > 0x7F:
        number = (number >> 7) - 1
        out.append(number & 0x7F | 0x80)
    return bytes(out[::-1])


def packed_amount(value):
    if not value:
        return 0
    zeros = 0
    while value % 10 == 0 and zeros < 9:
        value, zeros = value // 10, zeros + 1
    return 1 + 10 * (9 * (value // 10) + value % 10 - 1) + zeros if zeros < 9 else 1 + 10 * (value - 1) + 9


def packed_script(script):
    if scripts_python.kind(script) == scripts_python.P2PKH:
        return b"\0" + script[3:23]
    if scripts_python.kind(script) == scripts_python.P2SH:
        return b"\1" + script[2:22]
    if len(script) == 35 and scripts_python.kind(script) == scripts_python.P2PK:
        return script[1:34]
    if len(script) == 67 and scripts_python.kind(script) == scripts_python.P2PK and script[1] == 4:
        return bytes([4 + script[65] % 2]) + script[2:34]
    return varint(len(script) + 6) + script


def record(txs, height=7):
    """Write an undo record as Core does: of each transaction its (value, script)s."""
    out = bytes([len(txs)]) if len(txs) < 0xFD else b"\xfd" + len(txs).to_bytes(2, "little")
    for tx in txs:
        out += bytes([len(tx)]) if len(tx) < 0xFD else b"\xfd" + len(tx).to_bytes(2, "little")
        for value, script in tx:
            out += (
                varint(height * 2 + 1)
                + (b"\0" if height else b"")
                + varint(packed_amount(value))
                + packed_script(script)
            )
    return out


def undone(raw, ins):
    """Parse a record by both loops, which must agree."""
    given_, said = np.array(ins, np.uint32), []
    for how in (undo_python, undo_native) if NATIVE else (undo_python,):
        many = int(given_.sum())
        kinds = {"value": np.int64, "height": np.int32, "length": np.uint32, "coinbase": np.uint8, "type": np.uint8}
        out = undo.Undone(
            **{name: np.zeros(many, kind) for name, kind in kinds.items()}, scripts=np.zeros(3 * len(raw), np.uint8)
        )
        code, where, size, points = how.parse(raw, given_, out)
        columns = [getattr(out, one).tolist() for one in (*kinds, "scripts")] if not code else []
        said.append((code, where, columns, size if not code else 0, points if not code else []))
    assert said[0] == said[-1]
    return said[0][0]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.tuples(st.integers(0, 21 * 10**14), st.sampled_from([one.script for one in mined.KINDS])),
                         min_size=1, max_size=4), max_size=4), st.sampled_from([0, 7, 963_000]))  # fmt: skip
def test_what_was_undone_comes_back(txs, height):
    raw, ins = record(txs, height), [len(one) for one in txs]
    assert undone(raw, ins) == 0
    found = undo.parse(raw, np.array(ins, np.uint32))
    every = [one for tx in txs for one in tx]
    assert found.value.tolist() == [value for value, _ in every]
    assert found.scripts.tobytes() == b"".join(script for _, script in every)
    assert found.type.tolist() == [scripts_python.kind(script) for _, script in every]
    assert set(found.height.tolist()) <= {height}
    assert set(found.coinbase.tolist()) <= {1}


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_broken_record_ends_in_a_code(data):
    raw = bytearray(record([[(5000, one.script)] for one in mined.KINDS]))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] = data.draw(st.integers(0, 255))
    ins = [1] * len(mined.KINDS)
    cut = data.draw(st.one_of(st.just(len(raw)), st.integers(0, len(raw))))
    code = undone(bytes(raw[:cut]), ins)
    assert isinstance(undo.parse(bytes(raw[:cut]), np.array(ins, np.uint32)), undo.Refusal) or code == 0


def test_a_key_that_is_no_point_is_refused():
    raw = b"\1\1\2\0\0\4" + b"\xff" * 32
    assert undo.parse(raw, np.ones(1, np.uint32)).code in {blocks_codes.POINT, blocks_codes.NUMBER, blocks_codes.SHORT}


def test_what_real_blocks_spent():
    """The records of bcoin's test data hold value and script of each; written as Core writes them they come back."""
    held = real_blocks()
    for name in ("mainnet-300025", "testnet-928831"):
        columns = blocks.parse(
            np.frombuffer(held[f"{name}.raw"], np.uint8), np.array([[0, len(held[f"{name}.raw"])]])
        ).columns
        stream = blocks_python.Reader(held[f"{name}.undo.raw"])
        txs = [
            [(int.from_bytes(stream.over(8), "little"), stream.over(stream.size())) for _ in range(many)]
            for many in columns.tx_ins[1:].tolist()
        ]
        assert stream.at == len(stream.data)
        found = undo.parse(record(txs), columns.tx_ins[1:])
        every = [one for tx in txs for one in tx]
        assert found.value.tolist() == [value for value, _ in every]
        assert found.scripts.tobytes() == b"".join(script for _, script in every)
        minted = int(columns.out_value[: columns.tx_outs[0]].sum())
        fees = sum(value for value, _ in every) - int(columns.out_value[columns.tx_outs[0] :].sum())
        assert 0 <= fees <= minted


@pytest.mark.parametrize(
    ("bits", "value"),
    [(0x1D00FFFF, 0xFFFF << 208), (0x207FFFFF, 0x7FFFFF << 232), (0x01003456, 0), (0x01123456, 0x12), (0x04923456, 0),
     (0x01FEDCBA, 0), (0x05009234, 0x92340000), (0xFF123456, 0), (0x2200FFFF, 0), (0x2100FFFF, 0xFFFF << 240), (0, 0)],
)  # fmt: skip
def test_targets_are_those_of_core(bits, value):
    """Of Core's arith_uint256 tests."""
    assert target(bits) == value
    assert bool(work(bits)) == bool(value)
