"""Files of blocks: as Core's own kernel wrote and reads them, through the real cell; and what is wrong with files."""

import dataclasses
import io

import numpy as np
import pytest

import mined
from vigie.cell.chain import undone as undone_records
from vigie.cell.job import Bench, Refused
from vigie.cell.jobs import read_blocks
from vigie.kernel.cell import Cell, Limits
from vigie.kernel.chain.heard import Heard, framed, hear
from vigie.numeric import blocks, blocks_python
from vigie.rows import wire
from vigie.rows.money import SCRIPT_TYPES
from vigie.rows.wire import BlocksEnd, Failed, ReadBlocks, Trouble

KEY = bytes.fromhex("a1b2c3d4e5f60718")
pbk = pytest.importorskip("pbk", reason="pip install py-bitcoinkernel==0.1.0a5")


@pytest.fixture(scope="module")
def made():
    return mined.mined()


@pytest.fixture(scope="module")
def node(made, tmp_path_factory):
    """A folder that Core's kernel wrote, and the kernel."""
    folder = tmp_path_factory.mktemp("node")
    kernel = pbk.load_chainman(folder, pbk.ChainType.REGTEST)
    for one in made:
        kernel.process_block(pbk.Block(one))
    return folder, kernel


def obscured(data, key=KEY):
    return bytes(one ^ key[at % 8] for at, one in enumerate(data))


def read(data, undo=None, key=b"", **more):
    """Do the job in this process, and hear its answer as the house does."""
    out = []
    files = [io.BytesIO(data), *([io.BytesIO(undo)] if undo is not None else [])]
    ask = ReadBlocks(network="regtest", key=key, undo=undo is not None, **more)
    try:
        read_blocks.run(ask, Bench(files=files, scratch=[], scratch_paths=[], send=out.append))
    except Refused as refused:
        out.append(Failed(code=refused.code, detail=refused.detail))
    return list(hear("regtest", out))


def hashes(said):
    return [one for some in said if isinstance(some, Heard) for one in some.hashes()]


def codes(said):
    return [one.code for one in said if isinstance(one, Trouble | Failed)]


def test_what_core_wrote_is_read_as_core_reads_it(node, tmp_path):
    folder, kernel = node
    key = (folder / "blocks/xor.dat").read_bytes()
    assert any(key)
    with (
        Cell(scratch=tmp_path, job="read_blocks", minimum="S0") as cell,
        (folder / "blocks/blk00000.dat").open("rb") as blk,
        (folder / "blocks/rev00000.dat").open("rb") as rev,
    ):
        ask = ReadBlocks(network="regtest", key=key, undo=True)
        limits = Limits(wall_s=60, cpu_s=60, memory_bytes=1 << 30, output_bytes=64 << 20)
        said = list(hear("regtest", cell.ask(ask, [blk.fileno(), rev.fileno()], limits=limits)))
    assert codes(said) == []
    (heard,), (end,) = ([one for one in said if isinstance(one, kind)] for kind in (Heard, BlocksEnd))
    active = {bytes(one.block_hash): one for one in kernel.get_active_chain().block_tree_entries}
    assert len(active) == 109
    assert end.blocks == 113
    assert end.undone >= 108
    _compare(heard, active, kernel)


def _compare(heard, active, kernel):  # noqa: C901 - one walk over all that a block has
    tx = vin = vout = byte = undo = undo_byte = seen = 0
    for number, hash_ in enumerate(heard.hashes()):
        many = int(heard.block_txs[number])
        entry = active.get(hash_) or active.get(hash_[::-1])
        block = kernel.blocks[entry] if entry else None
        spent = kernel.block_spent_outputs[entry] if entry and entry.height else None
        seen += entry is not None
        if spent is not None:
            assert heard.block_undone[number] == 1
        for place in range(many):
            ours = heard.tx_hash[tx].tobytes()
            theirs = block.transactions[place] if block else None
            if theirs:
                assert bytes(theirs.txid) in {ours, ours[::-1]}
                assert (len(theirs.inputs), len(theirs.outputs)) == (heard.tx_ins[tx], heard.tx_outs[tx])
            for at in range(int(heard.tx_ins[tx])):
                if theirs:
                    point = theirs.inputs[at].out_point
                    prev = heard.prev_tx[vin].tobytes()
                    assert bytes(point.txid) in {prev, prev[::-1]}
                    assert point.index == heard.prev_vout[vin]
                vin += 1
                if place and heard.block_undone[number]:
                    length = int(heard.undo_length[undo])
                    if spent is not None:
                        coin = spent.transactions[place - 1].coins[at]
                        assert coin.output.amount == heard.undo_value[undo]
                        assert (
                            bytes(coin.output.script_pubkey)
                            == heard.undo_scripts[undo_byte : undo_byte + length].tobytes()
                        )
                        assert coin.confirmation_height == heard.undo_height[undo]
                        assert coin.is_coinbase == bool(heard.undo_coinbase[undo])
                    undo, undo_byte = undo + 1, undo_byte + length
            for at in range(int(heard.tx_outs[tx])):
                length = int(heard.out_length[vout])
                if theirs:
                    assert theirs.outputs[at].amount == heard.out_value[vout]
                    assert bytes(theirs.outputs[at].script_pubkey) == heard.scripts[byte : byte + length].tobytes()
                vout, byte = vout + 1, byte + length
            tx += 1
    assert seen == len(active)
    assert undo == len(heard.undo_value)


def test_kinds_and_signs_of_what_was_made(made):
    said = read(framed("regtest", made))
    heard = said[0]
    assert [SCRIPT_TYPES[one] for one in heard.out_type[: len(mined.KINDS)]] == [one.type for one in mined.KINDS]
    minted = int(heard.block_txs[: int(np.argmax(heard.block_txs))].sum())
    first = int(heard.tx_ins[: minted + 1].sum())
    many = len(mined.KINDS)
    assert [int(one) & ~3 for one in heard.in_signs[first : first + many]] == [one.signs for one in mined.KINDS]
    assert [int(one) & 3 for one in heard.in_signs[first : first + 9]] == [0, 1, 2] * 3
    assert heard.block_said.tolist()[:105] == list(range(1, 106))


def test_with_a_key_and_a_tail_it_is_as_without(made):
    plain = framed("regtest", made)
    for data, key in ((obscured(plain) + bytes(70_000), KEY), (plain + bytes(70_000), bytes(8)), (plain, b"")):
        said = read(data, key=key)
        assert codes(said) == []
        assert hashes(said) == hashes(read(plain))
        assert said[-1].end == len(plain)


def test_what_was_appended_is_read_from_where_it_ended(made):
    first, all_ = framed("regtest", made[:50]), framed("regtest", made)
    end = read(obscured(first) + bytes(999), key=KEY)[-1].end
    said = read(obscured(all_) + bytes(999), key=KEY, start=end)
    assert hashes(said) == hashes(read(all_))[50:]
    assert said[0].block_place[0] == end + 8


@pytest.mark.parametrize(
    ("data", "key", "says"),
    [
        (obscured, b"12345678", ["with the key that was given", "its xor.dat is not there or another", "--network"]),
        (obscured, b"", ["without a key it begins", "xor.dat is not there", "--network"]),
        (lambda plain: plain, KEY, ["it begins as one of network regtest", "Import it without"]),
        (lambda plain: plain, b"123", ["the key has 3 bytes"]),
        (lambda plain: b"\xf9\xbe\xb4\xd9" + plain[4:], b"", ["network main", "--network main"]),
        (lambda plain: obscured(b"\xf9\xbe\xb4\xd9" + plain[4:]), KEY, ["network main", "--network main"]),
        (lambda plain: b"\xf9\xbe\xb4\xd9" + plain[4:], KEY, ["network main", "without, with --network main"]),
        (lambda plain: plain[:4] + b"\xff" * 90, b"", ["cut off or damaged"]),
    ],
)
def test_a_wrong_key_or_network_is_said_with_what_to_do(made, data, key, says):
    said = read(data(framed("regtest", made[:1])), key=key)
    assert codes(said) == ["no_blocks"]
    for one in says:
        assert one in said[-1].detail


def test_a_cut_file_gives_what_is_whole(made):
    plain = framed("regtest", made)
    whole = framed("regtest", made[:-1])
    said = read(plain[:-10])
    assert codes(said) == ["truncated"]
    assert len(hashes(said)) == len(made) - 1
    assert said[-1].end == len(whole)


def test_garbage_and_holes_are_stepped_over_and_told(made):
    data = (
        b"junk"
        + framed("regtest", made[:3])
        + bytes(5000)
        + b"\xfa\xbf\xb5\xda\xff\xff\xff\x00"
        + framed("regtest", made[3:])
    )
    said = read(data)
    assert codes(said) == ["gap", "gap"]
    assert len(hashes(said)) == len(made)
    assert (said[-1].gaps, said[-1].gap_bytes) == (2, 5012)


def test_a_size_that_lies_hides_no_block_behind_it(made):
    data = bytearray(framed("regtest", made))
    data[4:8] = (len(data) - 8 + 50).to_bytes(4, "little")
    said = read(bytes(data) + bytes(100))
    assert len(hashes(said)) == len(made) - 1
    assert codes(said) == ["gap"]


def test_a_block_against_the_rules_is_left_out_and_named(made):
    bad = bytearray(made[1])
    bad[-1] ^= 1
    idle = made[2][:76] + b"\0\0\0\0" + made[2][80:]
    while mined.shows_work(idle[:80], mined.LIMITS["regtest"]):
        idle = idle[:76] + bytes([idle[76] + 1]) + idle[77:]
    said = read(framed("regtest", [made[0], bytes(bad), idle, made[3]]))
    assert len(hashes(said)) == 2
    assert codes(said) == ["bad_block", "bad_block"]
    assert {"merkle" in one.detail for one in said if isinstance(one, Trouble)} == {True, False}
    assert said[-1].refused == 2


def test_undo_of_another_file_fits_nothing(made, node):
    folder, _ = node
    rev = obscured((folder / "blocks/rev00000.dat").read_bytes(), (folder / "blocks/xor.dat").read_bytes())
    said = read(framed("regtest", made[:1]), rev[:3] + b"x" + rev[4:1000])
    assert codes(said) == []
    whole = read(framed("regtest", made), rev)
    assert whole[-1].undone >= 108
    assert undone_records.SUM_BYTES == 32


def test_an_empty_file_holds_nothing():
    assert [one.blocks for one in read(b"")] == [0]
    assert [one.blocks for one in read(bytes(100))] == [0]


def test_without_the_library_it_is_the_same(made, monkeypatch):
    data = framed("regtest", made)
    before = read(data)[0]
    monkeypatch.setattr(blocks, "NATIVE", None)
    assert blocks_python.COINBASE == 1
    after = read(data)[0]
    for name in (one.name for one in dataclasses.fields(Heard)):
        assert np.array_equal(getattr(before, name), getattr(after, name)), name


def test_a_cell_that_lies_is_not_believed(made):
    out = []
    data = io.BytesIO(framed("regtest", made[:3]))
    read_blocks.run(ReadBlocks(network="regtest"), Bench(files=[data], scratch=[], scratch_paths=[], send=out.append))
    head, body = out[0], out[1].data
    for at in range(0, len(body), 7):
        wrong = body[:at] + bytes([body[at] ^ 0xFF]) + body[at + 1 :]
        for one in hear("regtest", [head, wire.Data(data=wrong, last=True)]):
            assert isinstance(one, Failed | Heard)
    tx_hash = body.rindex(mined.twice(made[0][81:]))
    wrong = body[:tx_hash] + bytes([body[tx_hash] ^ 1]) + body[tx_hash + 1 :]
    assert codes(hear("regtest", [head, wire.Data(data=wrong, last=True)])) == ["protocol"]
    for lie in (
        [out[1]],
        [head, head],
        [head, wire.Data(data=body, last=False)],
        [head, wire.Data(data=body[1:], last=True)],
    ):
        assert codes(hear("regtest", lie)) == ["protocol"]
