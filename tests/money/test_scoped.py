"""What a case asked for of a chain: kept, added to, proved."""

import struct

import msgspec
import numpy as np
import pytest

from vigie.kernel.chain.assembled import Held, Put, Said, Took
from vigie.kernel.chain.chain import STUB
from vigie.kernel.chain.opening import opened
from vigie.kernel.chain.proof import Branch, Tree, check, prove, root
from vigie.kernel.chain.scoped import Batch, append, held, replace
from vigie.kernel.errors import IntegrityError, UsageError
from vigie.numeric.headers import block_hash


def mined(leaves: list[bytes], number: int) -> bytes:
    """Return a header over these hashes that shows the work that regtest asks for."""
    tree = np.frombuffer(b"".join(leaves), np.uint8).reshape(-1, 32)
    top = root(leaves[0], 0, Tree(tree).branch(0))
    nonce = 0
    while True:
        header = struct.pack("<i32s32sIII", 4, bytes(32), top, 1_700_000_000 + number, 0x207FFFFF, nonce)
        if block_hash(header)[31] < 0x7F:
            return header
        nonce += 1


def block(height: int, count: int, wanted: list[int]) -> tuple[Held, list[Branch]]:
    leaves = [bytes([height, place]) * 16 for place in range(count)]
    tree = np.frombuffer(b"".join(leaves), np.uint8).reshape(-1, 32)
    said = [
        Said(txid=leaves[place][::-1], took=[Took(txid=bytes([90 + place]) * 32, vout=1)], place=place,
             put=[Put(value=1000 + place, script=bytes([height, place]), type=11)])
        for place in wanted
    ]  # fmt: skip
    own = [
        Branch(branch=Tree(tree).branch(place), coinbase=leaves[0][::-1], coinbase_branch=Tree(tree).branch(0))
        for place in wanted
    ]
    return Held(header=mined(leaves, height), height=height, said=said), own


def batch(height: int, count: int, wanted: list[int], stubs: list[Said]) -> Batch:
    one, own = block(height, count, wanted)
    return Batch(blocks=[one], stubs=stubs, branches=dict(zip([s.txid for s in one.said], own, strict=True)))


def stub(number: int, *values: int | None) -> Said:
    put = [None if value is None else Put(value=value, script=bytes([number]), type=2) for value in values]
    return Said(txid=bytes([number]) * 32, took=[], put=put, flags=STUB)


def test_what_comes_later_stands_where_it_belongs(tmp_path):
    append(tmp_path / "a", "regtest", batch(20, 7, [2, 5], [stub(92, None, 7), stub(95, None, 9)]))
    one = append(tmp_path / "a", "regtest", batch(10, 5, [3], [stub(93, None, 8), stub(92, 5)]))
    one = append(tmp_path / "a", "regtest", batch(20, 7, [4], []))
    assert one.heights.tolist() == [10, 20]
    assert one.tx_place.tolist()[int(one.block_tx[0]) :] == [3, 2, 4, 5]
    stubs = int(one.block_tx[0])
    assert stubs == 3
    assert sorted(one.out_value[: int(one.tx_out[stubs])].tolist()) == [-1, -1, 5, 7, 8, 9]
    whole = held(tmp_path / "a")
    assert whole is not None
    other = replace(tmp_path / "b", "regtest", whole)
    assert one.identity == other.identity == opened(tmp_path / "a").identity


def test_every_transaction_is_proved_and_a_forged_proof_is_not(tmp_path):
    chain = append(tmp_path, "regtest", batch(10, 11, list(range(11)), []))
    for proof in prove(chain, range(11)):
        check(proof)
        for forged in (
            msgspec.structs.replace(proof, txid=bytes(32)),
            msgspec.structs.replace(proof, place=proof.place ^ 2),
            msgspec.structs.replace(proof, branch=proof.branch[:-1]),
            msgspec.structs.replace(proof, header=proof.header[:79] + b"\xff"),
            msgspec.structs.replace(proof, coinbase=bytes(32)),
        ):
            with pytest.raises(IntegrityError):
                check(forged)


def test_an_inner_node_is_no_transaction(tmp_path):
    chain = append(tmp_path, "regtest", batch(10, 8, [4], []))
    (proof,) = prove(chain, [0])
    leaf = proof.txid[::-1]
    inner = root(leaf, 0, proof.branch[:1])[::-1]
    forged = msgspec.structs.replace(proof, txid=inner, place=2, branch=proof.branch[1:])
    assert root(inner[::-1], 2, forged.branch) == proof.header[36:68]  # the branch holds, and yet
    with pytest.raises(IntegrityError, match="forged"):
        check(forged)


def test_another_block_at_a_height_is_a_reorganisation(tmp_path):
    append(tmp_path, "regtest", batch(10, 8, [4], []))
    with pytest.raises(UsageError, match="reorganised"):
        append(tmp_path, "regtest", batch(10, 9, [4], []))
