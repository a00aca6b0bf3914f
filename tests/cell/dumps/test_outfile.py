"""Rows as ``SELECT ... INTO OUTFILE`` writes them, in all its ways, and what only looks so."""

import io
import time
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cell.dumps.readings import Cut, every, odd, rows, sound
from vigie.cell.dumps import outfile, outfile_form
from vigie.cell.dumps.create import Column
from vigie.cell.dumps.pieces import Batch, Created, Odd
from vigie.numeric.outfile import Form
from vigie.numeric.tuples import CUT, NULL, Rows

SQL = b"""-- MySQL dump 10.13
/*!50503 SET NAMES utf8mb4 */;
CREATE TABLE `users` (
  `id` int NOT NULL AUTO_INCREMENT,
  `name` varchar(60) DEFAULT NULL,
  `text` text,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=9 DEFAULT CHARSET=latin1;
"""
WRITTEN = {
    "usual": Form(),
    "quoted": Form(b",", b"\r\n", 34, 92),
    "optionally": Form(b";", b"\n", 34, 92),
    "another escape": Form(b"\t", b"\n", -1, ord("^")),
    "longer": Form(b"::", b"|\n", -1, 92),
    "bars": Form(b"|~|", b"\r\n", -1, 92),
    "apostrophes": Form(b",", b"\n", 39, 92),
}


def written(values, form, *, all_quoted=True):
    """Write a row as the server does (``select_export::send_data`` of sql_class.cc)."""
    out = []
    for number, value in enumerate(values):
        if value is None:
            out.append(bytes([form.escape]) + b"N" if form.escape >= 0 else b"NULL")
            continue
        quoted = form.quote >= 0 and (number or all_quoted)
        first = form.quote if form.quote >= 0 else form.term[0]
        special = {form.escape, first, form.line[0], 0}
        text = b"".join(
            bytes([form.escape]) + (b"0" if byte == 0 else bytes([byte])) if form.escape >= 0 and byte in special
            else bytes([byte]) for byte in value
        )  # fmt: skip
        out.append(bytes([form.quote]) + text + bytes([form.quote]) if quoted else text)
    return form.term.join(out) + form.line


def read(body, sql=SQL, name="users.txt", want=every, step=None):
    file = io.BytesIO(body) if step is None else Cut(body, step)
    return sound([own(one) for one in outfile.read(io.BytesIO(sql), file, name, want)])


def own(piece):
    """Return a piece whose rows do not lie where the next ones are read."""
    return piece._replace(rows=Rows(*(one.copy() for one in piece.rows))) if isinstance(piece, Batch) else piece


def values(pieces, table="users"):
    return [[None if kind & ~CUT == NULL else value for kind, value in row] for _, row in rows(pieces, table)]


HARD = [
    [b"1", b"a\tb\nc\\d\0e'\"\r\n,;|~|::", b""],
    [b"2", None, b"\\N"],
    [b"-3", b"NULL", "翔 é".encode()],
    [b"4", b"", b"\\"],
    [b"5", b'"', b"'"],
    [b"6", b"^", b"it's"],
]


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("step", [None, 1, 7])
def test_every_way_of_writing_is_told(name, step):
    form = WRITTEN[name]
    body = b"".join(written(one, form, all_quoted=name != "optionally") for one in HARD)
    found = read(body, step=step)
    assert values(found) == HARD
    assert not [one for one in odd(found) if one != "assumed"]
    places = [place for place, _ in rows(found, "users")]
    assert [body[place:].lstrip(b"'\"")[:1] for place in places] == [b"1", b"2", b"-", b"4", b"5", b"6"]


def test_the_usual_way_needs_no_word():
    assert odd(read(b"".join(written(one, Form()) for one in HARD))) == []
    for body in (b"1\tx\ty\n", b"1\tx,y\tz;\n2\ta,b\tc;\n", b"1\t\\N\t\\N\n", b'1\t"x"\ty\n'):
        assert odd(read(body)) == [], body


def test_many_rows_in_quotes_need_no_word():
    body = b"".join(written([b"%d" % i, b"name %d" % i, b"text"], WRITTEN["quoted"]) for i in range(50))
    found = read(body)
    assert odd(found) == []
    assert values(found)[7] == [b"7", b"name 7", b"text"]


def test_what_the_bytes_do_not_tell_is_said():
    words = SQL.replace(b"`id` int NOT NULL AUTO_INCREMENT", b"`id` varchar(9)")
    (said,) = [one for one in read(b'"a"\t"b"\t"c"\n', words) if isinstance(one, Odd)]
    assert said.code == "assumed"
    assert 'enclosed by "' in said.detail
    assert "not as fields terminated by \\t, not enclosed" in said.detail
    found = read(b"1\tNULL\tx\n")
    assert odd(found) == ["assumed"], "a name, or no escape and NULL"
    assert values(found) == [[b"1", b"NULL", b"x"]]


def test_no_escape_is_told_where_null_stands_for_a_number():
    many = SQL.replace(b"`text` text", b"`text` int")
    found = read(b"1\tC:\\new\t4\n2\tNULL\tNULL\n", many)
    assert values(found) == [[b"1", b"C:\\new", b"4"], [b"2", None, None]]
    assert odd(found) == []


MADE = SQL.replace(b"`text` text", b"`text` int GENERATED ALWAYS AS (`id` + 1) VIRTUAL")


@pytest.mark.parametrize(
    ("body", "many", "codes"),
    [
        (b"", 0, []),
        (b"1\tx\ty\n2\tx\n3\tx\ty\n", 2, ["width"]),
        (b"1\tx\n2\tx\n", 0, ["assumed", "width"]),
        (b"1\tx\ty\tz\n", 0, ["assumed", "width"]),
        (b"1\tx\ty\n2\tx", 1, ["truncated"]),
        (b"1\tx\ty\n2\tx\ty", 1, ["truncated"]),
        (b"1\tx\ty\n2\tx\ty\\", 1, ["truncated"]),
        (b"1\tx\ty\n2\tx\t\\N", 1, ["truncated"]),
        (b"\\", 0, ["truncated"]),
        (b'1,"x","y"\n2,"x","', 1, ["assumed", "truncated"]),
        (b"\n\n\n", 0, ["assumed", "width"]),
        (b"\0" * 5000, 0, None),
        (b"1\tx\ty\n" * 40000 + b"7\tC:\\path\ty\n", 40001, ["assumed"]),
    ],
)
def test_what_is_broken_is_told(body, many, codes):
    found = read(body)
    assert len(rows(found, "users")) == many
    assert codes is None or sorted(odd(found)) == sorted(codes)


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        (SQL, "other.txt"),
        (b"-- nothing\n", "users.txt"),
        (SQL + SQL.replace(b"users", b"more"), "users.txt"),
        (b"CREATE TABLE `users` (PRIMARY KEY (`id`)) ENGINE=x;\n", "users.txt"),
    ],
)
def test_rows_of_no_table_are_not_guessed_at(sql, name):
    found = read(b"1\tx\ty\n", sql, name)
    assert odd(found) == ["no_table"]
    assert not [one for one in found if isinstance(one, Batch | Created)]


def test_names_as_the_server_writes_them_in_files():
    sql = SQL.replace(b"`users`", "`odd/na``me é`".encode())
    for name in ("odd@002fna@0060me@0020@0p.txt", "odd@002fna@0060me@0020é.txt"):
        assert len(rows(read(b"1\tx\ty\n", sql, name), "odd/na`me é")) == 1


def test_columns_that_are_computed_may_be_left_out():
    assert values(read(b"1\tx\t2\n", MADE)) == [[b"1", b"x", b"2"]]
    found = read(b"1\tx\n2\ty\n", MADE)
    assert values(found) == [[b"1", b"x"], [b"2", b"y"]]
    batches = [one for one in found if isinstance(one, Batch)]
    assert [[column.name for column in one.columns] for one in batches] == [["id", "name"]]


def test_text_in_the_tables_own_character_set_is_told():
    found = read("1\té\tü ist nicht UTF-8\n".encode("latin-1"))
    assert odd(found) == ["charset"]
    assert [one.charset for one in found if isinstance(one, Batch)] == ["latin1"]
    assert [one.charset for one in read("1\té\tü\n".encode()) if isinstance(one, Batch)] == ["utf8mb4"]


def test_an_escape_before_the_first_of_two_bytes():
    sql = SQL.replace(b"utf8mb4", b"gbk")
    found = read(b"1\t\\\xb9\x5c\t\xb9\xa6\n", sql)
    assert values(found) == [[b"1", b"\xb9\x5c", b"\xb9\xa6"]]
    assert odd(found) == []


class Long(io.RawIOBase):
    """One row whose text has so many bytes, as a file."""

    def __init__(self, many, ends=b"\n2\tx\ty\n"):
        self._left, self._head, self._ends = many, b"1\tname\t", ends

    def readable(self):
        return True

    def read(self, size=-1):
        if self._head:
            out, self._head = self._head, b""
        elif self._left:
            out = b"\\\n" * (min(size, self._left) // 2)
            self._left -= len(out)
        else:
            out, self._ends = self._ends, b""
        return out


@pytest.mark.parametrize("want", [every, lambda _table, _columns: []])
def test_a_line_of_300_megabytes_is_read_in_bounded_memory(want):
    began = time.process_time()
    tracemalloc.start()
    try:
        found = list(outfile.read(io.BytesIO(SQL), Long(300 << 20), "users.txt", want))
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()
    assert sum(len(one.rows.places) for one in found if isinstance(one, Batch)) == 2
    assert time.process_time() - began < 20
    if want is every:
        (first, _) = rows(found, "users")
        assert first[1][2][0] & CUT
        assert first[1][2][1] == b"\n" * outfile.MOST_VALUE


value = (
    st.none() | st.binary(max_size=9) | st.sampled_from([b"\\N", b"NULL", b"a\tb", b"\\", b'"', b"\n", b"\r\n", b"::"])
)
texts = st.lists(st.tuples(value, value), min_size=1, max_size=6)


@settings(max_examples=300, deadline=None)
@given(texts, st.sampled_from(sorted(WRITTEN)), st.integers(1, 40))
@example([(None, None)], "usual", 1)
def test_what_was_written_is_read_by_its_own_form(given_, name, step):
    form = WRITTEN[name]
    table = [[b"%d" % number, *pair] for number, pair in enumerate(given_)]
    body = b"".join(written(one, form) for one in table)
    reading = outfile._Reading(Cut(body, step), Created("users", [Column(one, "text") for one in "abc"]), b"", every)
    reading._told = lambda _sample: (reading._made.columns, outfile_form.Told(form, 1.0, None))
    assert values(list(reading.pieces())) == table


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300) | st.text("1\t\n\\N,\"';x^:|\r", max_size=60).map(str.encode), st.integers(1, 60))
def test_any_bytes_end_in_pieces_that_are_the_same_however_they_are_read(body, step):
    whole, cut = read(body), read(body, step=step)
    assert rows(whole, "users") == rows(cut, "users")
    assert odd(whole) == odd(cut)


@pytest.mark.parametrize("filling", [b"\n", b" ", b"`a", b"``", b"`a` ", b")", b"SET ", b"CHARSET ", b") CHARSET\n"])
def test_a_declaration_full_of_one_thing_is_read_at_once(filling):
    sql = SQL.replace(b"ENGINE=", b"ENGINE=x" + filling * ((200 << 10) // len(filling)) + b"\n")
    began = time.process_time()
    read(b"1\tx\ty\n", sql)
    assert time.process_time() - began < 5


def test_bytes_that_may_be_anything_are_told_in_bounded_time():
    """Every sign that may part values or rows, or escape them, and nothing that fits."""
    body = (
        b"\t,;|:^~#\x01\x1f||::|~|@@~~\n\r\n|\n;\n\x1e\0\"'"
        + b"".join(b"%cN" % one for one in b"^/!#$%&*~@+|?`")
        + b"\t^,/;!"
    ) * 3000
    began = time.process_time()
    read(body)
    assert time.process_time() - began < 20
