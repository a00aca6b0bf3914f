"""What a fetch writes down: read again as it was, cut where a writer was killed, refused where it is damaged."""

import hashlib

import msgspec
import pytest

from vigie.kernel.chain.assembled import Put, Took
from vigie.kernel.chain.assembled import Said as Told
from vigie.kernel.chain.notes import Answered, Asked, Found, Left, Notes, Question, Read, Said
from vigie.kernel.chain.proof import Branch
from vigie.kernel.chain.taken import Kept
from vigie.kernel.errors import IntegrityError, UsageError

TXIDS = [bytes([number]) * 32 for number in range(9)]


def kept(txid, spends=(None,)):
    took = [Took(txid=bytes(32), vout=0)]
    said = Told(txid=txid, took=took, put=[Put(value=5, script=b"\x51", type=1)])
    return Kept(said=said, block=b"\7" * 32, spends=spends, branch=Branch(branch=[], coinbase=txid, coinbase_branch=[]))


FIRST = Question(kind="watched", scripts=[b"a", b"b"], first=3, last=9)
NEXT = Question(kind="forward", scripts=[b"c"], places=[(TXIDS[1], 0)], txids=[], first=5, last=9)
BACK = Question(kind="backward", scripts=[b"d"], txids=[TXIDS[4]], first=0, last=7)
RECORDS = [
    Asked(question=FIRST), Found(scripts=2, blocks=[b"x" * 32, b"y" * 32]), Read(blocks=2, kept=[kept(TXIDS[1])]),
    Answered(), Asked(question=NEXT), Found(scripts=1, blocks=[]), Answered(),
    Asked(question=BACK), Found(scripts=1, blocks=[b"z" * 32]), Read(blocks=1, kept=[kept(TXIDS[4])]), Answered(),
    Said(kept=[kept(TXIDS[1], (Put(value=1, script=b"", type=1),))]),
    Asked(question=FIRST), Found(scripts=1, blocks=[b"x" * 32]),
]  # fmt: skip


def state(notes):
    return (dict(notes.kept), dict(notes.watched), dict(notes.followed), dict(notes.sought), notes.question,
            notes.scanned, notes.read, set(notes.found))  # fmt: skip


def written(path, records=RECORDS):
    with Notes("regtest", path) as notes:
        states = [state(notes)]
        for one in records:
            notes.add(one)
            states.append(state(notes))
    return states


def test_what_was_written_is_what_is_known(tmp_path):
    written(tmp_path / "notes")
    with Notes("regtest", tmp_path / "notes") as notes:
        assert notes.watched == {b"a": (3, 9), b"b": (3, 9)}
        assert notes.followed == {(TXIDS[1], 0): 9}
        assert notes.sought == {TXIDS[4]: (0, 7)}
        assert set(notes.kept) == {TXIDS[1], TXIDS[4]}
        assert notes.kept[TXIDS[1]].says_what_it_spends()
        assert (notes.question, notes.scanned, notes.found) == (FIRST, 1, {b"x" * 32})


def test_wherever_it_is_cut_off_what_was_whole_is_known(tmp_path):
    path = tmp_path / "notes"
    states = written(path)
    whole = path.read_bytes()
    counts = set()
    for size in range(0, len(whole) + 1, 7):
        path.write_bytes(whole[:size] + (bytes(40) if size % 2 else b""))
        with Notes("regtest", path) as notes:
            at = len(notes.sums) - 1  # its first record says of which network it is
            assert state(notes) == states[at]
            counts.add(at)
    assert counts >= {0, 5, len(RECORDS) - 1}


def test_after_a_cut_it_goes_on(tmp_path):
    path = tmp_path / "notes"
    states = written(path)
    path.write_bytes(path.read_bytes()[:-3])
    with Notes("regtest", path) as notes:
        notes.add(RECORDS[-1])
    with Notes("regtest", path) as notes:
        assert state(notes)[1:] == states[-1][1:]


def test_from_damage_on_nothing_is_believed(tmp_path):
    path = tmp_path / "notes"
    states = written(path)
    whole = path.read_bytes()
    for at in range(60, len(whole), 13):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with Notes("regtest", path) as notes:
            known = len(notes.sums) - 1
            assert known < len(RECORDS)
            assert state(notes) == states[known]
        assert path.stat().st_size <= at


def test_another_network_s_notes_are_refused(tmp_path):
    written(tmp_path / "notes")
    with pytest.raises(UsageError, match="network regtest"):
        Notes("main", tmp_path / "notes")


def test_blocks_that_left_the_chain_are_asked_for_again(tmp_path):
    written(tmp_path / "notes", [*RECORDS, Left(fork=6, txids=[TXIDS[4]])])
    with Notes("regtest", tmp_path / "notes") as notes:
        assert notes.watched == {b"a": (3, 5), b"b": (3, 5)}
        assert notes.followed == {(TXIDS[1], 0): 5}
        assert notes.sought == {TXIDS[4]: (0, 5)}
        assert set(notes.kept) == {TXIDS[1]}
        assert notes.question is None, "its last block left"


def test_an_earlier_beginning_is_asked_for(tmp_path):
    lower = Question(kind="watched", scripts=[b"a"], first=0, last=9)
    written(tmp_path / "notes", [*RECORDS[:4], Asked(question=lower), Found(scripts=1, blocks=[]), Answered()])
    with Notes("regtest", tmp_path / "notes") as notes:
        assert notes.watched == {b"a": (0, 9), b"b": (3, 9)}


def test_a_record_that_is_none_of_ours_is_said_with_what_to_do(tmp_path):
    path = tmp_path / "notes"
    with Notes("main", path):
        pass
    begun = path.read_bytes()
    data = msgspec.msgpack.encode({"type": "Later"})
    added = hashlib.sha256(begun[4:20] + data).digest()[:16]
    path.write_bytes(begun + len(data).to_bytes(4, "little") + added + data)
    with pytest.raises(IntegrityError, match=r"none of ours\. Remove it"):
        Notes("main", path)
