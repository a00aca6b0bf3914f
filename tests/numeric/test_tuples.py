"""Rows of an INSERT, however the statement is cut into pieces: what was written comes out, and nothing else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric import tuples
from vigie.numeric.tuples import BARE, BYTES, CUT, END, EXPRESSION, FULL, MALFORMED, MORE, NULL, TAIL, TEXT, Tuples


def read(text, wanted, *, cuts=(), rows=4, most=1000, **how):
    """Read a statement in pieces; return its status, rows as lists of (kind, value), and the reader."""
    kept = sum(place >= 0 for place in wanted)
    machine = Tuples(np.array(wanted), rows=rows, room=max(kept, 1) * (most + 64), most=most, **how)
    out, places, status = [], [], MORE

    def take():
        taken = machine.take()
        places.extend(taken.places.tolist())
        at = 0
        for lengths, kinds in zip(taken.lengths.tolist(), taken.kinds.tolist(), strict=True):
            out.append([])
            for length, kind in zip(lengths, kinds, strict=True):
                out[-1].append((kind, taken.values[at : at + length].tobytes()))
                at += length
        assert at == len(taken.values)

    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        piece, at = np.frombuffer(text[begin:end], np.uint8), 0
        while True:
            status, at = machine.read(piece, at, begin)
            if status != FULL:
                break
            take()
        if status != MORE:
            break
    take()
    assert all(text[place : place + 1] == b"(" for place in places)
    return status, out, machine


def quoted(value, escapes, quote=b"'"):
    if not escapes:
        return quote + value.replace(quote, quote * 2) + quote
    for plain, escaped in ((b"\\", b"\\\\"), (b"'", b"\\'"), (b'"', b'\\"'), (b"\0", b"\\0"), (b"\n", b"\\n")):
        value = value.replace(plain, escaped)
    return quote + value + quote


texts = st.binary(max_size=40)
gaps = st.sampled_from([b"", b" ", b"\n", b"/* ' ( */", b" -- ',\n", b"# );\n", b"/***/"])


@st.composite
def values(draw):  # noqa: PLR0911 - one return for each kind of literal
    """Return how a value is written, and what should come of it."""
    kind = draw(st.sampled_from(["text", "double", "null", "bare", "hex", "x", "bit", "binary", "intro", "call"]))
    body = draw(texts)
    if kind in ("text", "double"):
        return kind, body, (TEXT, body)
    if kind == "null":
        return kind, draw(st.sampled_from([b"NULL", b"null", b"Null"])), (NULL, b"")
    if kind == "bare":
        word = draw(
            st.sampled_from([b"0", b"-1.5e3", b"+7", b"12345678901234567890.1", b"TRUE", b"0x", b"0xzz", b"0b12"])
        )
        return kind, word, (BARE, word)
    if kind in ("hex", "x"):
        wide = b"0x" + body.hex().encode() if kind == "hex" else b"X'" + body.hex().encode() + b"'"
        if kind == "hex" and not body:
            wide = b"0x0"
            return kind, wide, (BYTES, b"\0")
        return kind, wide, (BYTES, body)
    if kind == "bit":
        number = draw(st.integers(0, 2**20))
        return kind, f"b'{number:b}'".encode(), (BYTES, number.to_bytes(max(1, (number.bit_length() + 7) // 8)))
    if kind in ("binary", "intro"):
        return kind, body, (BYTES if kind == "binary" else TEXT, body)
    call = draw(st.sampled_from([b"NOW()", b"ST_GeomFromText('POINT(1 2)', ')')", b"FROM_BASE64('YQ==')"]))
    return kind, call, (EXPRESSION, call)


def written(kind, body, escapes):
    if kind == "text":
        return quoted(body, escapes)
    if kind == "double":
        return quoted(body, escapes, b'"')
    if kind == "binary":
        return b"_binary " + quoted(body, escapes)
    if kind == "intro":
        return b"_utf8mb4" + quoted(body, escapes)
    return body


@given(st.data(), st.booleans())
@settings(max_examples=300, deadline=None)
def test_what_was_written_comes_out(data, escapes):
    width = data.draw(st.integers(1, 5))
    table = data.draw(st.lists(st.lists(values(), min_size=width, max_size=width), min_size=1, max_size=6))
    order = data.draw(st.permutations(range(width)))
    kept = sorted(order[: data.draw(st.integers(0, width))])
    wanted = [kept.index(column) if column in kept else -1 for column in range(width)]
    gap = lambda: data.draw(gaps)  # noqa: E731 - short, and drawn anew each time
    lines = [
        gap() + b"(" + b",".join(gap() + written(k, b, escapes) + gap() for k, b, _ in row) + b")" + gap()
        for row in table
    ]
    text = b",".join(lines) + b"; INSERT INTO others VALUES (1);"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    status, found, machine = read(text, wanted, cuts=cuts, rows=data.draw(st.integers(1, 4)), escapes=escapes)
    assert status == END
    assert machine.misfits() == (0, -1)
    assert found == [[row[column][2] for column in kept] for row in table]


@given(st.binary(max_size=300), st.booleans(), st.sampled_from([0, 0x81]))
@settings(max_examples=500, deadline=None)
def test_any_bytes_end_somehow(text, escapes, lead):
    status, found, machine = read(text, [0, -1, 1], most=20, escapes=escapes, lead=lead)
    assert status in (MORE, END, TAIL, MALFORMED)
    assert machine.misfits()[0] >= 0
    assert all(len(value) <= 20 for row in found for _, value in row)


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
@settings(max_examples=300, deadline=None)
def test_cuts_change_nothing(text, cuts):
    cuts = sorted(min(cut, len(text)) for cut in cuts)
    whole, pieces = (read(b"('" + text, [0], cuts=one, most=50) for one in ((), [cut + 2 for cut in cuts]))
    assert whole[:2] == pieces[:2]


def test_every_escape():
    text = rb"('\0\n\r\t\b\Z\\\'\"\%\_\q');"
    assert read(text, [0])[1] == [[(TEXT, b"\0\n\r\t\b\x1a\\'\"\\%\\_q")]]
    assert read(rb"('C:\');", [0], escapes=False)[1] == [[(TEXT, b"C:\\")]]


def test_a_character_of_two_bytes_hides_its_backslash():
    ideograph = "\u7fd4".encode("gbk") + bytes((0x95, 0x5C))  # the second ends in 0x5c
    status, rows, _ = read(b"('" + ideograph + b"');", [0], lead=0x81)
    assert (status, rows) == (END, [[(TEXT, ideograph)]])
    assert read(b"('" + ideograph + b"');", [0])[0] == MORE  # read byte by byte, the quote is escaped


def test_rows_of_another_width_are_counted_and_left_out():
    status, rows, machine = read(b"(1,2),(1),(1,2,3),(),('a','b');", [0, 1])
    assert status == END
    assert rows == [[(BARE, b"1"), (BARE, b"2")], [(TEXT, b"a"), (TEXT, b"b")]]
    assert machine.misfits() == (3, 6)


def test_a_long_value_is_cut_and_says_so():
    status, rows, _ = read(b"('" + b"x" * 5000 + b"',1,'ok');", [0, -1, 1], most=100, cuts=[50, 4000])
    assert (status, rows) == (END, [[(TEXT | CUT, b"x" * 100), (TEXT, b"ok")]])


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"(1) ON DUPLICATE KEY UPDATE a=1;", TAIL),
        (b"(1) AS new;", TAIL),
        (b"(1", MORE),
        (b"(,1);", MALFORMED),
        (b"(1;", MALFORMED),
        (b"(x'zz');", MALFORMED),
        (b"(a'b');", MALFORMED),
    ],
)
def test_how_a_statement_ends(text, status):
    assert read(text, [0])[0] == status


def test_room_is_asked_for():
    with pytest.raises(ValueError, match="do not fit"):
        Tuples(np.array([0, 1]), rows=1, room=100, most=50)
    assert tuples.NULL == 0
