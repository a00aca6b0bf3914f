"""Columns of a dump as the job gives them: all rows, in their order, in replies of bounded size."""

import io
import typing as t

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.cell.job import Bench
from vigie.cell.jobs import extract
from vigie.kernel.columnar import Columns
from vigie.numeric.columns import Cells
from vigie.rows.wire import MOST_REPLY_BYTES, Extent, Extract, Form, Mentions, Portion, Reply, WantedColumn, Wish

HEAD = b"-- MySQL dump\nCREATE TABLE `u` (`id` int, `ip` varbinary(16), `text` longtext, `more` longtext);\n"
COLUMNS = [
    WantedColumn(name="text"),
    WantedColumn(name="ip", form="raw"),
    WantedColumn(name="id"),
    WantedColumn(name="no"),
]


def asked(dump: bytes, *wishes: Wish) -> list[Reply]:
    out: list[Reply] = []
    ask = Extract(content_type="application/x-mysqldump", wishes=list(wishes))
    extract.run(ask, Bench(files=[io.BytesIO(dump)], scratch=[], scratch_paths=[], send=out.append))
    assert all(len(msgspec.msgpack.encode(one)) <= MOST_REPLY_BYTES for one in out)
    return out


def table(replies: list[Reply], forms: list[Form]) -> list[dict[str, t.Any]]:
    held, rows = Columns(forms), []
    for one in replies:
        if isinstance(one, Portion):
            assert one.number == len(rows) + 1
            held.add(one)
            rows += held.take().to_pylist()
    return rows


def test_wanted_columns_come_in_the_order_asked_for() -> None:
    dump = HEAD + b"INSERT INTO `u` VALUES (1,0x0a000001,'a','x'),(2,NULL,NULL,'y');\n"
    dump = dump + b"INSERT INTO u (text, id) VALUES ('b', 3);\n"
    replies = asked(dump, Wish(relation="u", columns=COLUMNS), Wish(relation="none", columns=COLUMNS))
    rows = table(replies, ["text", "raw", "text", "text"])
    assert [(one["c0"], one["c1"], one["c2"], one["c3"]) for one in rows] == [
        ("a", b"\n\0\0\1", "1", None), (None, None, "2", None), ("b", None, "3", None)
    ]  # fmt: skip
    assert [dump[one["place"] : one["place"] + 2] for one in rows] == [b"(1", b"(2", b"('"]
    assert replies[-2:] == [Extent(wish=0, rows=3), Extent(wish=1, rows=0)]


def test_a_column_may_be_wanted_as_bytes_and_as_text() -> None:
    both = Wish(relation="u", columns=[WantedColumn(name="ip", form="raw"), WantedColumn(name="ip")])
    (row,) = table(asked(HEAD + b"INSERT INTO u VALUES (1,0xff,'','');", both), ["raw", "text"])
    assert (row["c0"], row["c1"]) == (b"\xff", "\\xff")


def test_rows_larger_than_a_reply_are_cut_and_kept() -> None:
    long = "é".encode() * 400_000
    dump = HEAD + b"".join(b"INSERT INTO u VALUES (%d,NULL,'%s','%s');\n" % (i, long, long) for i in range(3))
    wish = Wish(relation="u", columns=[WantedColumn(name="id"), *([WantedColumn(name="text")] * 5)])
    replies = asked(dump, wish)
    rows = table(replies, ["text"] * 6)
    assert [one["c0"] for one in rows] == ["0", "1", "2"]
    assert all(set(one["c1"]) == {"é"} and len(one["c1"]) > 50_000 for one in rows)
    assert replies[-1].cut == 3 + 5 * 3  # by what is kept of a value of the dump, then by the reply


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 5000), max_size=40), st.integers(1, 4))
def test_portions_lose_nothing(sizes: list[int], columns: int) -> None:
    lengths = np.array(sizes, np.int32)
    cells = [Cells(np.arange(lengths.sum(), dtype=np.uint8), lengths)] * columns
    extract.ROOM_BYTES = 9000
    try:
        found = list(extract.portions(0, 1, np.arange(len(sizes)), cells))
    finally:
        extract.ROOM_BYTES = 900_000
    assert sum(len(one.places) // 8 for one, _ in found) == len(sizes)
    for column in range(columns):
        given_back = b"".join(one.columns[column].values for one, _ in found)
        assert len(given_back) <= len(cells[0].values)
        assert given_back == cells[0].values.tobytes() or sum(cut for _, cut in found)


def test_identifiers_that_are_as_long_as_they_may_be_fit_their_replies() -> None:
    url = b"http://a.com/" + b"&nGt;" * 406  # written out, it takes more bytes than it has there
    dump = HEAD + b"INSERT INTO u (id, text) VALUES " + b",".join(b"(%d,'%s')" % (n, url) for n in range(900)) + b";\n"
    replies = asked(dump, Wish(relation="u", columns=[WantedColumn(name="text", search=True)]))
    assert sum(len(one.kinds) for one in replies if isinstance(one, Mentions)) >= 900
    assert replies[-1] == Extent(wish=0, rows=900)
