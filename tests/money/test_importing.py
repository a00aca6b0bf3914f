"""Folders of blocks taken into a store: a node's own, held against Bitcoin Core's kernel, and what is odd in one."""

import os
from pathlib import Path

import numpy as np
import pbk
import pytest

from mined_chain import GENESIS_RAW, Block, mined, record
from vigie.kernel.cell import Cell, Limits
from vigie.kernel.chain import importing
from vigie.kernel.chain.chain import MISSING, NO_VALUE, STUB, UNSPENT
from vigie.kernel.chain.growth import Growth
from vigie.kernel.chain.importing import Importer
from vigie.kernel.chain.opening import damage, manifest_of, opened
from vigie.kernel.chain.proof import check, prove
from vigie.kernel.errors import UsageError

LIMITS = Limits(wall_s=60, cpu_s=60, memory_bytes=2 << 30, output_bytes=1 << 30)


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    with Cell(scratch=tmp_path_factory.mktemp("cell"), job="read_blocks") as one:
        yield one


def imported(cell, store: Path, blocks: Path, watch=lambda _: None):
    with Growth(store, "regtest") as growth:
        importer = Importer(growth, lambda ask, files: cell.ask(ask, files, limits=LIMITS), watch, store)
        try:
            return importer.take(os.fsencode(blocks))
        finally:
            importer.close()


def folder(path: Path, *files: list[Block | bytes], key: bytes = b"") -> Path:
    """Write files of blocks, as they come."""
    path.mkdir(exist_ok=True)
    for number, blocks in enumerate(files):
        data = b"".join(record(one if isinstance(one, bytes) else one.raw) for one in blocks)
        mask = (key * (len(data) // 8 + 1))[: len(data)] if key else bytes(len(data))
        plain = np.frombuffer(data, np.uint8) ^ np.frombuffer(mask, np.uint8)
        (path / f"blk{number:05d}.dat").write_bytes(plain.tobytes() + bytes(1000))
    if key:
        (path / "xor.dat").write_bytes(key)
    return path


@pytest.fixture(scope="module")
def long() -> list[Block]:
    return mined(1, 160)


def test_a_nodes_own_folder_holds_what_the_kernel_says(cell, tmp_path, long):
    node = pbk.load_chainman(tmp_path / "node", pbk.ChainType.REGTEST)
    fork = mined(900, 2, after=long[:120])
    for one in (*long[:122], *fork, *long[122:]):
        assert node.process_block(pbk.Block(one.raw))
    entries = list(node.get_active_chain().block_tree_entries)
    found = imported(cell, tmp_path / "store", tmp_path / "node" / "blocks")
    chain = opened(tmp_path / "store")
    assert (found.troubled, found.waiting) == (0, 0)
    assert found.undo_checked == len(chain.prev_low) - len(entries)
    assert manifest_of(tmp_path / "store").missing == 0
    assert chain.heights.tolist() == [entry.height for entry in entries]
    tx, spends = 0, 0
    for number, entry in enumerate(entries):
        block = node.blocks[entry]
        spent = list(node.block_spent_outputs[entry].transactions) if number else []
        assert int(chain.block_tx[number]) == tx
        for place, said in enumerate(block.transactions):
            assert chain.txid(tx).hex() == str(said.txid)
            outs = range(int(chain.tx_out[tx]), int(chain.tx_out[tx + 1]))
            for out, put in zip(outs, said.outputs, strict=True):
                assert int(chain.out_value[out]) == put.amount
                assert chain.script(int(chain.out_script[out])) == bytes(put.script_pubkey)
            prev = chain.prev(int(chain.tx_in[tx]), int(chain.tx_in[tx + 1])).tolist()
            if place:
                for out, took, coin in zip(prev, said.inputs, spent[place - 1].coins, strict=True):
                    made = int(chain.tx_of(out))
                    assert chain.txid(made).hex() == str(took.out_point.txid)
                    assert out - int(chain.tx_out[made]) == took.out_point.index
                    assert int(chain.out_value[out]) == coin.output.amount
                    assert chain.script(int(chain.out_script[out])) == bytes(coin.output.script_pubkey)
                    assert chain.height_of(made) == coin.confirmation_height
                    assert int(chain.out_spender[out]) == tx
                    spends += 1
            else:
                assert prev == [MISSING]
            tx += 1
    assert spends > 100
    assert int((chain.out_spender != UNSPENT).sum()) == spends
    assert {"p2pkh", "p2sh", "p2wpkh", "p2tr", "op_return", "p2pk", "multisig", "anchor", "witness", "p2wsh"} <= {
        chain.type_of(number) for number in range(len(chain.script_type))
    }
    for proof in prove(chain, range(0, tx, 7)):
        check(proof) if proof.height else None
    again = imported(cell, tmp_path / "store", tmp_path / "node" / "blocks")
    assert (again.read, again.unchanged) in [(0, 1), (found.read, 0)]  # stale blocks near the tip: read once more
    assert opened(tmp_path / "store").identity == chain.identity


def test_order_files_and_key_make_no_difference(cell, tmp_path, long):
    every = [GENESIS_RAW, *long]
    imported(cell, tmp_path / "a", folder(tmp_path / "one", every))
    mixed = [every[at] for at in np.random.default_rng(5).permutation(len(every))]
    parts = folder(tmp_path / "many", mixed[:50], mixed[50:51], mixed[51:], key=b"\x01\x02\x03\x04\xff\xfe\x00\x07")
    found = imported(cell, tmp_path / "b", parts)
    assert (found.files, found.added, found.waiting) == (3, 161, 0)
    assert opened(tmp_path / "a").identity == opened(tmp_path / "b").identity


def test_an_import_that_was_stopped_goes_on(cell, tmp_path, long, monkeypatch):
    """What lies deep below the tip is put into the store file by file, and such files are not read again."""
    monkeypatch.setattr(importing, "KEEP", 12)
    monkeypatch.setattr(importing, "FEED_OUTPUTS", 60)
    every = [GENESIS_RAW, *long]
    parts = folder(tmp_path / "blocks", *[every[at : at + 20][::-1] for at in range(0, 161, 20)])

    def stop(progress):
        if progress.files == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imported(cell, tmp_path / "store", parts, stop)
    with pytest.raises(UsageError, match="has not ended"):
        opened(tmp_path / "store")
    found = imported(cell, tmp_path / "store", parts)
    assert found.unchanged == 5
    assert found.added == 161 - (120 - 12)
    imported(cell, tmp_path / "other", folder(tmp_path / "whole", every))
    assert opened(tmp_path / "store").identity == opened(tmp_path / "other").identity
    assert list(damage(tmp_path / "store")) == []
    assert imported(cell, tmp_path / "store", parts).read == 0


def test_the_branch_with_most_work_takes_the_place_of_another(cell, tmp_path, long):
    parts = folder(tmp_path / "blocks", [GENESIS_RAW, *long[:110]])
    imported(cell, tmp_path / "store", parts)
    fork = mined(300, 12, after=long[:105])
    folder(tmp_path / "blocks", [GENESIS_RAW, *long[:110]], fork[:4])
    found = imported(cell, tmp_path / "store", parts)
    assert found.cut is None  # it has less work
    assert opened(tmp_path / "store").heights[-1] == 110
    folder(tmp_path / "blocks", [GENESIS_RAW, *long[:110]], fork)
    found = imported(cell, tmp_path / "store", parts)
    assert found.cut is not None
    assert (found.cut.fork, found.cut.removed) == (105, 5)
    fresh = folder(tmp_path / "fresh", [GENESIS_RAW, *long[:105], *fork])
    imported(cell, tmp_path / "other", fresh)
    assert opened(tmp_path / "store").identity == opened(tmp_path / "other").identity
    assert manifest_of(tmp_path / "store").stale.rows == 5


def test_a_branch_that_forks_too_deep_is_refused(cell, tmp_path):
    chain = mined(1, 230)
    parts = folder(tmp_path / "blocks", [GENESIS_RAW, *chain])
    imported(cell, tmp_path / "store", parts)
    before = opened(tmp_path / "store").identity
    folder(tmp_path / "blocks", [GENESIS_RAW, *chain], mined(5000, 230, after=chain[:5]))
    with pytest.raises(UsageError, match="225 blocks below its tip"):
        imported(cell, tmp_path / "store", parts)
    assert opened(tmp_path / "store").identity == before


def test_blocks_that_hang_on_nothing_wait(cell, tmp_path, long):
    parts = folder(tmp_path / "blocks", [GENESIS_RAW, *long[:60], *long[70:]])
    found = imported(cell, tmp_path / "store", parts)
    assert (found.added, found.waiting) == (61, 90)
    assert found.needed == [long[69].hash[::-1].hex()]
    folder(tmp_path / "blocks", [GENESIS_RAW, *long[:60], *long[70:]], long[60:70])
    found = imported(cell, tmp_path / "store", parts)
    assert (found.added, found.waiting) == (100, 0)
    imported(cell, tmp_path / "other", folder(tmp_path / "whole", [GENESIS_RAW, *long]))
    assert opened(tmp_path / "store").identity == opened(tmp_path / "other").identity


def test_a_pruned_folder_begins_where_it_begins(cell, tmp_path, long):
    found = imported(cell, tmp_path / "store", folder(tmp_path / "blocks", long[100:]))
    chain = opened(tmp_path / "store")
    assert (found.added, int(chain.heights[0]), int(chain.heights[-1])) == (60, 101, 160)
    assert manifest_of(tmp_path / "store").missing > 0


def test_what_a_pruned_folder_spends_from_before_is_known_from_its_undo_files(cell, tmp_path, long):
    node = pbk.load_chainman(tmp_path / "node", pbk.ChainType.REGTEST)
    for one in long:
        assert node.process_block(pbk.Block(one.raw))
    del node
    imported(cell, tmp_path / "whole", tmp_path / "node" / "blocks")
    whole = opened(tmp_path / "whole")
    pruned = folder(tmp_path / "pruned", long[119:])
    for name in ("rev00000.dat", "xor.dat"):
        (pruned / name).write_bytes((tmp_path / "node" / "blocks" / name).read_bytes())
    key = (pruned / "xor.dat").read_bytes()
    blocks = (pruned / "blk00000.dat").read_bytes()
    (pruned / "blk00000.dat").write_bytes(bytes(a ^ key[n % 8] for n, a in enumerate(blocks[:-1000])))
    found = imported(cell, tmp_path / "store", pruned)
    chain = opened(tmp_path / "store")
    assert manifest_of(tmp_path / "store").missing == 0
    assert found.undo_checked == len(chain.prev_low) - 41
    assert list(damage(tmp_path / "store")) == []
    stubs = int(chain.block_tx[0])
    assert stubs > 10
    assert (chain.tx_flags[:stubs] == STUB).all()
    same = whole.transactions([chain.txid(tx) for tx in range(len(chain.tx_hash))])
    assert (same >= 0).all()
    for out in range(len(chain.out_value)):
        tx = int(chain.tx_of(out))
        other = int(whole.tx_out[same[tx]]) + out - int(chain.tx_out[tx])
        if chain.out_value[out] == NO_VALUE:
            assert tx < stubs
            assert chain.out_script[out] == 0
        else:
            assert chain.out_value[out] == whole.out_value[other]
            assert chain.script(int(chain.out_script[out])) == whole.script(int(whole.out_script[other]))
        if chain.out_spender[out] != UNSPENT:
            assert same[chain.out_spender[out]] == whole.out_spender[other]
    with pytest.raises(UsageError, match="no proof"):
        prove(chain, [0])


def test_a_folder_that_is_none_and_a_key_that_is_none(cell, tmp_path, long):
    with pytest.raises(UsageError, match=r"has no blk\*\.dat"):
        imported(cell, tmp_path / "a", tmp_path)
    with pytest.raises(UsageError, match="nothing but what a node reserves"):
        imported(cell, tmp_path / "a", folder(tmp_path / "empty", []))
    parts = folder(tmp_path / "blocks", [GENESIS_RAW, *long[:3]])
    (parts / "xor.dat").write_bytes(b"short")
    with pytest.raises(UsageError, match="has 5 bytes"):
        imported(cell, tmp_path / "b", parts)


def test_a_wrong_key_is_named(cell, tmp_path, long):
    parts = folder(tmp_path / "blocks", [GENESIS_RAW, *long[:3]], key=b"12345678")
    (parts / "xor.dat").write_bytes(b"87654321")
    with pytest.raises(UsageError, match=r"its xor\.dat is not there or another"):
        imported(cell, tmp_path / "store", parts)


def test_a_file_that_is_cut_costs_its_end_only(cell, tmp_path, long):
    parts = folder(tmp_path / "blocks", [GENESIS_RAW, *long[:50]], long[50:])
    whole = (parts / "blk00000.dat").read_bytes()
    (parts / "blk00000.dat").write_bytes(whole[:-1300])
    found = imported(cell, tmp_path / "store", parts)
    assert found.troubled == 1
    assert found.waiting >= 110
    assert int(opened(tmp_path / "store").heights[-1]) in (47, 48, 49)
    (parts / "blk00000.dat").write_bytes(whole)
    assert imported(cell, tmp_path / "store", parts).waiting == 0
    assert int(opened(tmp_path / "store").heights[-1]) == 160
