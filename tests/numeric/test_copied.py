"""Rows of a COPY, however its text is cut into pieces: what was written comes out, and nothing else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric.copied import Copied
from vigie.numeric.tuples import CUT, END, FULL, MORE, NULL, TEXT


def read(text, wanted, *, cuts=(), rows=3, most=1000, leads=b""):
    """Read a text in pieces; return its status, rows as lists of values (None: NULL), their places, and the reader."""
    kept = sum(place >= 0 for place in wanted)
    machine = Copied(np.array(wanted, np.int64), rows=rows, room=max(kept, 1) * (most + 64), most=most, leads=leads)
    out, places, status = [], [], MORE

    def take():
        taken, at = machine.take(), 0
        places.extend(taken.places.tolist())
        for lengths, kinds in zip(taken.lengths.tolist(), taken.kinds.tolist(), strict=True):
            out.append([])
            for length, kind in zip(lengths, kinds, strict=True):
                value = taken.values[at : at + length].tobytes()
                out[-1].append(None if kind == NULL else value if kind == TEXT else (kind, value))
                at += length
        assert at == len(taken.values)

    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        piece, at = np.frombuffer(text[begin:end], np.uint8), 0
        while True:
            status, at = machine.read(piece, at, begin)
            if status != FULL:
                break
            take()
        if status == END:
            break
    take()
    return status, out, places, machine


ESCAPES = {8: b"b", 9: b"t", 10: b"n", 11: b"v", 12: b"f", 13: b"r", 92: b"\\"}
values = st.none() | st.binary(max_size=12) | st.sampled_from([b"\\N", b"\\.", b"N", b".", b"\r", b"\\"])


def written(rows, end=b"\n"):
    """Write rows as PostgreSQL does (CopyAttributeOutText)."""
    lines = []
    for row in rows:
        told = [b"\\N" if value is None else b"".join(b"\\" + ESCAPES[byte] if byte in ESCAPES else bytes([byte])
                                                      for byte in value) for value in row]  # fmt: skip
        lines.append(b"\t".join(told) + end)
    return b"".join(lines) + b"\\." + end


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 4).flatmap(lambda width: st.lists(st.lists(values, min_size=width, max_size=width))), st.data())
def test_what_was_written_comes_out(rows, data):
    width = len(rows[0]) if rows else 1
    text = written(rows, data.draw(st.sampled_from([b"\n", b"\r\n"]))) + b"SELECT 1;"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    status, found, places, machine = read(text, list(range(width)), cuts=cuts)
    assert status == END
    assert found == rows
    assert places == sorted(set(places))
    assert machine.misfits() == (0, -1)


@settings(max_examples=300, deadline=None)
@given(st.text("\\N.t\t\n\r01xX8a", max_size=60).map(str.encode), st.lists(st.integers(-1, 0), max_size=4), st.data())
def test_any_bytes_are_the_same_however_they_are_cut(text, chosen, data):
    wanted = [int(np.count_nonzero(np.array(chosen[:at]) >= 0)) if one >= 0 else -1 for at, one in enumerate(chosen)]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    whole, pieces = read(text, wanted, most=4), read(text, wanted, cuts=cuts, most=4)
    assert whole[:3] == pieces[:3]
    assert whole[3].misfits() == pieces[3].misfits()
    assert whole[3].ended() == pieces[3].ended()


@pytest.mark.parametrize(("text", "value"), [
    (b"\\101\\x41\\x4\\18\\8", b"AA\x04\x0188"), (b"\\1011", b"A1"), (b"\\377\\777", b"\xff\xff"), (b"\\xg\\q", b"xgq"),
    (b"\\Nx", b"Nx"), (b"x\\N", b"xN"), (b"\\\n", b"\n"), (b"a\\.", b"a."), (b"\\.x", b".x"), (b"a\rb", b"a\rb"),
    (b"\\N\rx", b"N\rx"), (b"\\N\r\r", b"N\r"),
])  # fmt: skip
def test_escapes(text, value):
    assert read(text + b"\n\\.\n", [0])[:2] == (END, [[value]])


def test_misfits_are_counted_and_told_by_the_first():
    status, rows, places, machine = read(b"1\t2\n3\n\n4\t5\t6\n7\t8\n\\.\n", [0, -1])
    assert (status, rows, places) == (END, [[b"1"], [b"7"]], [0, 13])
    assert machine.misfits() == (3, 4)


def test_what_is_longer_than_is_kept_is_cut():
    assert read(b"abcdef\tx\n\\.\n", [0, 1], most=4)[1] == [[(TEXT | CUT, b"abcd"), b"x"]]


def test_a_backslash_within_a_character_is_none():
    text = "表\tソ\n".encode("cp932") + b"\\.\n"
    assert read(text, [0, 1], leads=bytes(range(0x81, 0xA0)))[1] == [["表".encode("cp932"), "ソ".encode("cp932")]]


@pytest.mark.parametrize(
    ("text", "ended"), [(b"1\n\\.", True), (b"1\n\\.\r", True), (b"1\n\\", False), (b"1\n", False)]
)
def test_the_last_line_may_lack_its_end(text, ended):
    status, _, _, machine = read(text, [0])
    assert (status, machine.ended()) == (MORE, ended)
