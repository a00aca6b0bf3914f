"""Tables of delimited text: the values that Python's csv reads, however reads are cut, and what is no such table."""

import csv
import io
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cell.dumps.readings import Cut, every, odd, rows, sound
from vigie.cell import sniff, sniff_tables
from vigie.cell.dumps import delimited, records
from vigie.cell.dumps.create import Created
from vigie.cell.dumps.pieces import Batch, Odd
from vigie.cell.dumps.readers import READERS
from vigie.numeric.tuples import CUT, NULL, TEXT

NAMES = ["user_id", "User name", "e-mail", "joined"]


def written(body, delimiter=",", end="\r\n", **how):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, **how)
    writer.writerows([NAMES, *body])
    return text.getvalue().encode()


def body(many=3):
    return [[str(number), f"user {number}", f"u{number}@example.org", "2020-01-01"] for number in range(1, many + 1)]


def read(content, want=every):
    return sound(list(READERS["text/csv"](io.BytesIO(content), want)))


def told(content):
    """Return the type of a content, as ``Look`` tells it."""
    return sniff.content_type(content[: sniff.HEAD_BYTES], tail=content[-512:], size=len(content))


def values(content, want=every):
    return [[text.decode() for _, text in row] for _, row in rows(read(content, want), "table")]


ODD_TEXTS = [
    "",
    "a,b",
    'say "hi"',
    "two\nlines",
    "three\r\n\r\nlines",
    '"',
    "\u00fcml\u00e4ut \U0001f600",
    ";|\t",
    " x ",
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_value_is_the_one_that_was_written(delimiter, end):
    made = body(200)
    rng = random.Random(7)
    for row in made:
        row[1] = rng.choice(ODD_TEXTS)
    content = written(made, delimiter, end)
    assert told(content) == "text/csv"
    pieces = read(content)
    assert [one.columns for one in pieces if isinstance(one, Created)] == [[(name, "") for name in NAMES]]
    assert values(content) == made
    assert odd(pieces) == []
    for place, row in rows(pieces, "table"):
        assert content[place:].startswith(row[0][1] + delimiter.encode()), "a place is where the record begins"


def test_what_is_wanted_and_what_is_null():
    content = b'id,name,note\n1,\\N,\n2,"\\N",""\n3,NULL,x\n'
    found = [row for _, row in rows(read(content, lambda _table, _columns: [1, 2]), "table")]
    assert found == [[(NULL, b""), (NULL, b"")], [(TEXT, b"\\N"), (TEXT, b"")], [(TEXT, b"NULL"), (TEXT, b"x")]]
    assert [row for _, row in rows(read(content, lambda _table, _columns: []), "table")] == [[], [], []]


def test_marks_and_other_encodings():
    made = body()
    made[0][1] = "J\u00fcrgen\u20ac"
    plain = written(made)
    marked = "\ufeff" + plain.decode()
    utf16 = [marked.encode(f"utf-16-{order}") for order in ("le", "be")]
    for content in (b"\xef\xbb\xbf" + plain, *utf16, b"sep=,\r\n" + plain):
        assert told(content) == "text/csv"
        assert values(content) == made
    other = plain.decode().encode("cp1252")
    assert told(other) == "text/csv"
    pieces = read(other)
    assert odd(pieces) == ["charset"]
    (batch,) = [one for one in pieces if isinstance(one, Batch)]
    assert batch.charset == "cp1252"
    assert batch.rows.values.tobytes().decode("cp1252") == "".join(map("".join, made))


def test_a_few_wrong_bytes_do_not_make_it_another_encoding():
    made = body(50)
    made[0][1] = "\u00fc" * 20
    content = written(made).replace(b"user 7,", b"user\xff7,")
    pieces = read(content)
    assert [one.charset for one in pieces if isinstance(one, Batch)] == ["utf8mb4"]
    assert odd(pieces) == []


def test_records_of_another_width_are_counted():
    content = written([*body(20), ["21", "x"], ["22", "x", "y", "z", "too much"], *body(2)])
    pieces = read(content)
    assert len(rows(pieces, "table")) == 22
    (said,) = [one for one in pieces if isinstance(one, Odd)]
    assert (said.code, said.many) == ("width", 2)
    assert content[said.place :].startswith(b"21,x")


def test_blank_lines_are_nothing():
    assert values(written(body(2)) + b"\r\n\n" + b"3,a,b,c") == [*body(2), ["3", "a", "b", "c"]]


def test_a_long_value_is_cut_at_a_whole_character():
    long = "\u20ac" * delimited.MOST_VALUE
    content = written([*body(), ["4", long, "a", "b"]])
    kind, text = rows(read(content), "table")[-1][1][1]
    assert kind == TEXT | CUT
    assert len(text) > delimited.MOST_VALUE - 3
    assert long.startswith(text.decode())


def test_a_quote_that_is_never_closed_costs_its_line():
    """And the lines behind it are read, once."""
    open_quote = b'5,"open,x,2020-01-01\r\n'
    few = written(body(20)) + open_quote + written(body(30)).partition(b"\n")[2]
    pieces = read(few)
    assert len(rows(pieces, "table")) == 50
    assert [(one.code, one.many) for one in pieces if isinstance(one, Odd)] == [("width", 1)]


def test_many_quotes_that_are_never_closed_take_no_longer_than_others():
    line = b'a"b,"c,1,2\n'
    content = written(body(4000)) + line * 1_000_000  # each opens a quote, also where the one before is open
    began = time.process_time()
    found = read(content)
    assert time.process_time() - began < 20
    assert len(rows(found, "table")) >= 4000


def test_a_line_of_many_megabytes_is_left_out_and_said():
    long = [["6", "x" * (17 << 20), "y", "z"], ["7", 'y\n"' * (5 << 20), "y", "z"]]
    pieces = read(written([*body(500), *long, *body(5)]))
    found = rows(pieces, "table")
    assert len(found) >= 505
    assert [row[0][1] for _, row in found[:500]] == [b"%d" % number for number in range(1, 501)]
    assert [row[0][1] for _, row in found[-5:]] == [b"1", b"2", b"3", b"4", b"5"]
    assert {one.code for one in pieces if isinstance(one, Odd)} == {"width"}
    assert sum(one.many for one in pieces if isinstance(one, Odd)) >= 2


NOT_TABLES = {
    "prose": b"Dear Sir, I write to you, as before, with regret.\nNothing, to be sure, has changed.\nYours, as ever\n",
    "two columns": b"name,born\na,1\nb,2\nc,3\n",
    "no names": b"1,2,3\n4,5,6\n7,8,9\n",
    "words only": b"red,green,blue\nround,square,flat\nhot,cold,warm\n",
    "twice a name": b"a,a,b\n1,2,3\n4,5,6\n",
    "one record": b"a,b,c\n1,2,3\n",
    "code": b"int a, b, c;\nfor (a = 1, b = 2, c = 3; a < 4; a++)\n  f(a, b, c);\n",
    "of many widths": b"a,b,c\n" + b"1,2,3\n1,2\n" * 50,
    "mail": b"Received: from a, b, c\nSubject: x, y, z\nTo: 1, 2, 3\n",
    "addresses": b"a@example.org,b,c\nd@example.org,e,f\ng@example.org,h,i\n",
}


@pytest.mark.parametrize("name", NOT_TABLES)
def test_what_is_no_table(name):
    content = NOT_TABLES[name]
    assert sniff_tables.delimited(content) is None
    assert told(content) == "text/plain"
    assert odd(read(content)) == ["malformed"], "whoever gives it to the reader all the same"


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.text(st.characters(codec="utf-8"), max_size=30)), min_size=3, max_size=20
    ),
    st.integers(1, 40),
)
@settings(deadline=None)
def test_the_same_however_reads_are_cut(made, step):
    content = written([[str(number), text, "x", "y"] for number, text in made])
    if sniff_tables.delimited(content) is None:  # what a value may look like is no matter here
        return
    whole = read(content)
    part = list(delimited.read(Cut(content, step), every))
    assert rows(part, "table") == rows(whole, "table")
    assert odd(part) == odd(whole)
    assert [row[1][1].decode() for _, row in rows(whole, "table")] == [text for _, text in made]


@given(st.binary(max_size=300), st.integers(1, 40))
@settings(deadline=None, max_examples=120)
def test_any_bytes(content, step):
    read(content)
    text = written(body(12)) + content
    if sniff_tables.delimited(text) is None:
        return
    whole = read(text)
    part = list(delimited.read(Cut(text, step), every))
    assert rows(part, "table") == rows(whole, "table")
    assert len(rows(whole, "table")) >= 12


def test_the_bound_of_a_record_leaves_room_for_forums():
    assert records.MOST_RECORD >= 16 * delimited.MOST_VALUE
