"""The store of the chain on disk: it grows, is cut, is opened, and says when it was damaged."""

import itertools
import os
import shutil
import signal
import tempfile
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain_feeds import drawn_feed, heights, same
from vigie.kernel.chain import layout
from vigie.kernel.chain.chain import COINBASE, MISSING, UNSPENT
from vigie.kernel.chain.feed import NAMES
from vigie.kernel.chain.files import Growing
from vigie.kernel.chain.growth import Growth
from vigie.kernel.chain.layout import digests
from vigie.kernel.chain.opening import damage, manifest_of, opened
from vigie.kernel.errors import IntegrityError, UsageError
from vigie.numeric.headers import block_hash


def stored(folder, *feeds, first=0):
    for feed in feeds:
        with Growth(folder, "regtest") as growth:
            growth.put(feed, heights(growth.height() + 1 if growth.blocks else first, feed))
            growth.seal()
    return opened(folder)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 1 << 30), cuts=st.lists(st.integers(1, 11), max_size=4, unique=True))
def test_growing_in_pieces_is_growing_at_once(seed, cuts):
    feed = drawn_feed(seed, 12)
    with tempfile.TemporaryDirectory() as name:
        at_once = stored(Path(name, "once"), feed)
        edges = [0, *sorted(cuts), 12]
        pieces = [feed.blocks(a, b) for a, b in itertools.pairwise(edges)]
        same(stored(Path(name, "pieces"), *pieces), at_once)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1 << 30), keep=st.integers(1, 11), again=st.booleans())
def test_what_was_cut_off_was_never_there(seed, keep, again):
    feed = drawn_feed(seed, 12)
    with tempfile.TemporaryDirectory() as name:
        short = stored(Path(name, "short"), feed.blocks(0, keep))
        folder = Path(name, "long")
        before = stored(folder, feed)
        kept = before.out_value.copy(), before.out_spender.copy()
        with Growth(folder, "regtest") as growth:
            removed = growth.cut(keep - 1)
            assert removed == [one.tobytes() for one in feed.headers[keep:]]
            if again:
                growth.put(feed.blocks(keep, 12), heights(keep, feed.blocks(keep, 12)))
            growth.seal()
        same(opened(folder), before if again else short)
        assert np.array_equal(before.out_value, kept[0])  # who has it open reads on
        assert np.array_equal(before.out_spender, kept[1])


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 1 << 30))
def test_everything_is_found_as_a_dict_finds_it(seed):
    feed = drawn_feed(seed, 10)
    with tempfile.TemporaryDirectory() as name:
        chain = stored(Path(name), feed.blocks(0, 3), feed.blocks(3, 4), feed.blocks(4, 10), first=500)
    made, numbers, known = {}, {}, []
    outs, ins, at = 0, 0, 0
    spender = {}
    for tx, tx_hash in enumerate(feed.tx_hash):
        for place in range(ins, ins + int(feed.tx_ins[tx])):
            out = made.get((feed.prev_tx[place].tobytes(), int(feed.prev_vout[place])), MISSING)
            assert chain.prev(place, place + 1)[0] == out
            if out != MISSING:
                spender[out] = tx
        ins += int(feed.tx_ins[tx])
        for vout in range(int(feed.tx_outs[tx])):
            script = feed.scripts[at : at + int(feed.out_length[outs])].tobytes()
            at += len(script)
            numbers.setdefault(script, len(numbers) + 1)
            known.append(numbers[script])
            made[tx_hash.tobytes(), vout] = outs
            outs += 1
    assert chain.out_script.tolist() == known
    assert chain.out_spender.tolist() == [spender.get(out, UNSPENT) for out in range(outs)]
    assert chain.script_numbers([*numbers, b"nobody"]).tolist() == [*numbers.values(), -1]
    assert all(chain.script(number) == script for script, number in numbers.items())
    txids = [one.tobytes()[::-1] for one in feed.tx_hash]
    assert chain.transactions([*txids, bytes(32)]).tolist() == [*range(len(txids)), -1]
    assert chain.outputs_of([1, 2]).tolist() == [n for n, one in enumerate(known) if one in (1, 2)]
    assert chain.heights.tolist() == list(range(500, 510))
    assert [chain.tx_place[int(at)] for at in chain.block_tx[:-1]] == [0] * 10
    missing = sum(one == MISSING for one in chain.prev(0, ins).tolist())
    assert missing >= int((chain.tx_flags == COINBASE).sum())


def test_a_store_that_is_not_sealed_stays_what_it_was(tmp_path):
    feed = drawn_feed(3, 12)
    before = stored(tmp_path, feed.blocks(0, 4))
    with Growth(tmp_path, "regtest") as growth:
        growth.put(feed.blocks(4, 8), heights(4, feed.blocks(4, 8)))
        growth.save()
        growth.put(feed.blocks(8, 9), heights(8, feed.blocks(8, 9)))
    same(opened(tmp_path), before)
    with Growth(tmp_path, "regtest") as growth:
        assert growth.height() == 7  # what was saved is there, what was not is gone
        growth.put(feed.blocks(8, 12), heights(8, feed.blocks(8, 12)))
        growth.seal()
    same(opened(tmp_path), stored(tmp_path / "other", feed))


def test_of_two_transactions_with_one_id_the_later_is_spent(tmp_path):
    one, other = drawn_feed(1, 1, each=1), drawn_feed(2, 1, each=1)
    other = type(other)(**{name: getattr(one if name.startswith("tx_") else other, name) for name in NAMES})
    other.headers.setflags(write=False)
    with Growth(tmp_path, "regtest") as growth:
        growth.put(one, heights(0, one))
        header = other.headers.copy()
        header[0, 4:36] = np.frombuffer(block_hash(one.headers[0].tobytes()), np.uint8)
        outs = {
            "out_value": one.out_value,
            "out_length": one.out_length,
            "out_type": one.out_type,
            "scripts": one.scripts,
        }
        second = type(other)(**{**{n: getattr(other, n) for n in NAMES}, "headers": header, **outs})
        growth.put(second, heights(1, second))
        growth.seal()
    chain = opened(tmp_path)
    assert chain.transactions([one.tx_hash[0].tobytes()[::-1]]).tolist() == [1]
    assert chain.hashes(one.tx_hash, np.array([1])).tolist() == [0]


def test_what_does_not_follow_is_refused(tmp_path):
    feed = drawn_feed(5, 6)
    with Growth(tmp_path, "regtest") as growth:
        growth.put(feed.blocks(0, 2), heights(0, feed.blocks(0, 2)))
        with pytest.raises(UsageError, match="does not follow"):
            growth.put(feed.blocks(3, 4), heights(2, feed.blocks(3, 4)))


def test_any_bit_that_turns_is_named_with_its_file(tmp_path):
    stored(tmp_path, drawn_feed(7, 12, each=6))
    manifest = (tmp_path / "chain.json").read_bytes()
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.stat().st_size}
    chance = np.random.default_rng(3)
    for path, data in before.items():
        for _ in range(4):
            place = int(chance.integers(len(data)))
            path.write_bytes(data[:place] + bytes([data[place] ^ 1 << int(chance.integers(8))]) + data[place + 1 :])
            with pytest.raises((IntegrityError, UsageError), match=path.name):
                opened(tmp_path)
        for size in (0, len(data) // 2, len(data) - 1):
            path.write_bytes(data[:size])
            with pytest.raises(IntegrityError, match=path.name):
                opened(tmp_path)
        path.unlink()
        with pytest.raises((IntegrityError, UsageError)):
            opened(tmp_path)
        path.write_bytes(data + b"what a killed writer left behind")
        if path.name != "chain.json":
            opened(tmp_path)
        path.write_bytes(data)
    assert (tmp_path / "chain.json").read_bytes() == manifest
    assert list(damage(tmp_path)) == []


def test_who_seals_it_himself_is_found_out(tmp_path):
    """Digests need no key. What is derived is checked against the columns, and the columns are the identity."""
    chain = stored(tmp_path, drawn_feed(8, 12, each=6))
    manifest = manifest_of(tmp_path)
    spender = chain.out_spender.copy()
    spender[np.flatnonzero(spender != UNSPENT)[0]] = UNSPENT
    path = tmp_path / manifest.spender.file
    path.write_bytes(spender.tobytes())
    part = msgspec.structs.replace(manifest.spender, digests=digests(spender))
    layout.write(tmp_path, msgspec.structs.replace(manifest, spender=part))
    assert opened(tmp_path).identity == chain.identity
    assert [path.name in str(error) for error in damage(tmp_path)] == [True]
    values = chain.out_value.copy()
    values[0] += 1
    (tmp_path / manifest.columns["out_value"].file).write_bytes(values.tobytes())
    columns = manifest.columns | {
        "out_value": msgspec.structs.replace(manifest.columns["out_value"], digests=digests(values))
    }
    layout.write(tmp_path, msgspec.structs.replace(manifest, columns=columns))
    with pytest.raises(UsageError, match="not as it was named"):
        opened(tmp_path, chain.identity)


def grow(folder, cut):
    feed = drawn_feed(11, 40, each=6)
    with Growth(folder, "regtest") as growth:
        growth.cut(cut)
        for at in range(growth.height() + 1, 40, 3):
            some = feed.blocks(at, min(at + 3, 40))
            growth.put(some, heights(at, some))
            if at % 2:
                growth.save()
        growth.seal()


def steps(monkeypatch, die_at=0):
    """Count what brings something to disk, or takes it away; die before one of them, as by a kill from outside."""
    count = [0]
    for name in ("fsync", "replace", "unlink"):
        real = getattr(os, name)

        def step(*words, real=real, **more):
            count[0] += 1
            if count[0] == die_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return None if real is fsync else real(*words, **more)

        monkeypatch.setattr(os, name, step)
    return count


fsync = os.fsync


def test_a_killed_writer_leaves_the_state_before_or_after(tmp_path, monkeypatch):
    feed = drawn_feed(11, 40, each=6)
    short, whole = stored(tmp_path / "short", feed.blocks(0, 20)), stored(tmp_path / "whole", feed)
    seen, saved = set(), 0
    for cut in (99, 12):
        shutil.copytree(tmp_path / "short", tmp_path / f"timed{cut}")
        with monkeypatch.context() as patch:
            count = steps(patch)
            grow(tmp_path / f"timed{cut}", cut)
        every = count[0]
        for die_at in sorted({*range(1, every, every // 6), *range(every - 20, every + 1, 3)}):
            folder = tmp_path / f"killed{cut}-{die_at}"
            shutil.copytree(tmp_path / "short", folder)
            child = os.fork()
            if not child:
                steps(monkeypatch, die_at)
                grow(folder, cut)
                os._exit(0)
            assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
            saved += (folder / "growing.json").exists()
            found = opened(folder).identity
            assert found in (short.identity, whole.identity)
            seen.add(found)
            assert list(damage(folder)) == []
            with monkeypatch.context() as patch:
                steps(patch)
                grow(folder, cut)
            same(opened(folder), whole)
            assert list(damage(folder)) == []
            assert {one.name for one in folder.iterdir()} == {*layout.sizes(manifest_of(folder)), "chain.json", "lock"}
    assert seen == {short.identity, whole.identity}
    assert saved > 5


def sealed_by_somebody(folder, **columns):
    """Seal a store with other columns, as whoever can compute a digest may."""
    manifest = manifest_of(folder)
    parts = dict(manifest.columns)
    for name, rows in columns.items():
        (folder / parts[name].file).write_bytes(rows.tobytes())
        parts[name] = msgspec.structs.replace(parts[name], digests=digests(rows))
    layout.write(folder, msgspec.structs.replace(manifest, columns=parts))


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("block_tx", 1, 2**62),
        ("tx_in", 5, 2**44),
        ("tx_in", 0, 1),
        ("tx_out", 5, 2**45),
        ("script_start", 3, 2**60),
        ("heights", 2, 0),
        ("out_script", 5, 4_000_000_000),
        ("out_value", 5, -2),
        ("out_value", 5, 2**62),
        ("script_type", 2, 200),
        ("prev_high", slice(None), 200),
    ],
)
def test_columns_that_point_out_of_others_are_found_before_they_are_followed(tmp_path, name, place, value):
    column = getattr(stored(tmp_path, drawn_feed(3, 12)), name).copy()
    column[place] = value
    sealed_by_somebody(tmp_path, **{name: column})
    found = [str(one) for one in damage(tmp_path)]
    assert len(found) == 1
    assert ("prev_low" if name == "prev_high" else name) in found[0]


def test_an_output_is_not_spent_before_it_is_there(tmp_path):
    column = stored(tmp_path, drawn_feed(3, 12)).prev_low.copy()
    chain = opened(tmp_path)
    place = int(np.flatnonzero(chain.prev(0, len(column)) != MISSING)[0])
    column[place] = len(chain.out_value) - 1
    sealed_by_somebody(tmp_path, prev_low=column)
    assert "prev_low" in str(next(damage(tmp_path)))


@pytest.mark.parametrize("file", ["../victim", "/etc/hostname", "tx_hash.0", "in_signs.0/../../victim", "in_signs.0\n"])
def test_a_manifest_names_no_file_but_its_own(tmp_path, file):
    folder = tmp_path / "store"
    stored(folder, drawn_feed(3, 4))
    (tmp_path / "victim").write_bytes(b"precious")
    manifest = manifest_of(folder)
    strange = msgspec.structs.replace(manifest.columns["in_signs"], file=file)
    layout.write(folder, msgspec.structs.replace(manifest, columns=manifest.columns | {"in_signs": strange}))
    with pytest.raises(IntegrityError, match="never does"):
        opened(folder)
    with pytest.raises(IntegrityError, match="never does"):
        Growth(folder, "regtest")
    assert (tmp_path / "victim").read_bytes() == b"precious"


@pytest.mark.parametrize("change", [{"rows": -1}, {"digests": []}])
def test_a_manifest_counts_as_vigie_counts(tmp_path, change):
    stored(tmp_path, drawn_feed(3, 4))
    manifest = manifest_of(tmp_path)
    strange = msgspec.structs.replace(manifest.columns["in_signs"], **change)
    layout.write(tmp_path, msgspec.structs.replace(manifest, columns=manifest.columns | {"in_signs": strange}))
    with pytest.raises(IntegrityError):
        opened(tmp_path)


@pytest.mark.parametrize("make", [lambda path, to: path.symlink_to(to), lambda path, _: os.mkfifo(path)])
def test_links_and_pipes_are_not_opened(tmp_path, make):
    folder = tmp_path / "store"
    stored(folder, drawn_feed(3, 4))
    path = folder / manifest_of(folder).columns["in_signs"].file
    path.rename(tmp_path / "victim")
    before = (tmp_path / "victim").read_bytes()
    make(path, tmp_path / "victim")
    with pytest.raises(IntegrityError, match="no plain file"):
        opened(folder)
    with pytest.raises(IntegrityError, match="no plain file"):
        Growing(folder, manifest_of(folder).columns["in_signs"], 1)
    assert (tmp_path / "victim").read_bytes() == before


def test_a_store_that_cannot_be_opened_leaves_no_descriptor_open(tmp_path):
    with Growth(tmp_path / "store", "regtest") as growth:
        growth.seal()
    (tmp_path / "store" / "scripts.0").unlink()
    (tmp_path / "store" / "scripts.0").mkdir()
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(IntegrityError, match="no plain file"):
        Growth(tmp_path / "store", "regtest")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
