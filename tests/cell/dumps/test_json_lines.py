"""JSON objects as a table: one a line or in an array, and what is no such table."""

import io
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cell.dumps.readings import Cut, every, odd, rows, sound
from vigie.cell import sniff, sniff_tables
from vigie.cell.dumps import json_lines
from vigie.cell.dumps.create import Created
from vigie.cell.dumps.pieces import Odd
from vigie.cell.dumps.readers import READERS
from vigie.numeric.tuples import BARE, CUT, NULL, TEXT

MADE = [
    {"_id": {"$oid": f"{number:024x}"}, "name": f"user {number}", "posts": number, "banned": number == 2, "last": None}
    for number in range(1, 13)
]


def told(content):
    return sniff.content_type(content[: sniff.HEAD_BYTES], tail=content[-512:], size=len(content))


def read(content, want=every):
    return sound(list(READERS["application/x-ndjson"](io.BytesIO(content), want)))


def lines(made):
    return "".join(json.dumps(one) + "\n" for one in made).encode()


WAYS = {
    "lines": lines(MADE),
    "lines without the last end": lines(MADE)[:-1],
    "lines of Windows": lines(MADE).replace(b"\n", b"\r\n"),
    "with a mark": b"\xef\xbb\xbf" + lines(MADE),
    "utf-16": lines(MADE).decode().encode("utf-16"),
    "array": json.dumps(MADE).encode(),
    "array, indented": json.dumps(MADE, indent=4).encode(),
    "array, a line each": b"[\n" + lines(MADE).replace(b"}\n", b"},\n")[:-2] + b"\n]\n",
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_gives_the_same_rows(way):
    content = WAYS[way]
    assert told(content) == "application/x-ndjson"
    pieces = read(content)
    (made,) = [one for one in pieces if isinstance(one, Created)]
    assert made.columns == [
        ("_id", "object"), ("name", "string"), ("posts", "number"), ("banned", "boolean"), ("last", ""),
    ]  # fmt: skip
    found = [row for _, row in rows(pieces, "table")]
    assert [row[1:] for row in found] == [
        [(TEXT, b"user %d" % n), (BARE, b"%d" % n), (BARE, b"true" if n == 2 else b"false"), (NULL, b"")]
        for n in range(1, 13)
    ]
    assert [json.loads(row[0][1]) for row in found] == [one["_id"] for one in MADE], "nested values are JSON text"
    assert odd(pieces) == (["charset"] if way == "utf-16" else [])
    assert [one[1] for _, one in rows(read(content, lambda _table, _columns: [1, 4]), "table")] == [(NULL, b"")] * 12


def test_a_place_is_where_the_object_begins():
    content = WAYS["array, indented"]
    for place, row in rows(read(content), "table"):
        assert json.JSONDecoder().raw_decode(content.decode(), place)[0]["name"].encode() == row[1][1]


def test_keys_are_met_later_or_not_at_all():
    made = [{"a": 1, "b": 2}] * 500 + [{"b": 3, "c": 4}] * 500 + [{"a": 5, "later": 6}] * 10
    pieces = read(lines(made))
    (table,) = [one for one in pieces if isinstance(one, Created)]
    assert [one.name for one in table.columns] == ["a", "b", "c"]
    found = [row for _, row in rows(pieces, "table")]
    assert found[500] == [(NULL, b""), (BARE, b"3"), (BARE, b"4")]
    assert found[-1] == [(BARE, b"5"), (NULL, b""), (NULL, b"")]
    (said,) = [one for one in pieces if isinstance(one, Odd)]
    assert (said.code, said.many) == ("unread", 10)
    assert "later (10)" in said.detail


BROKEN = [b"not json", b'{"_id": 1,', b'"x"', b"[1, 2]", b'{"a":' * 20_000]


@pytest.mark.parametrize("bad", BROKEN)
def test_a_line_that_is_no_object_costs_only_itself(bad):
    pieces = read(lines(MADE) + bad + b"\n" + lines(MADE))
    assert len(rows(pieces, "table")) == 24
    assert [(one.code, one.many) for one in pieces if isinstance(one, Odd)] == [("width", 1)]


def test_an_object_that_does_not_end_costs_few_others():
    whole = json.dumps(MADE, indent=1).encode()
    pieces = read(whole[:-40])
    assert len(rows(pieces, "table")) == 11
    assert set(odd(pieces)) == {"width"}


def test_other_encodings_and_odd_texts():
    content = (
        lines(MADE) + '{"name": "J\u00fcrgen"}\n'.encode("cp1252") + b'{"name": "\\ud800 \\u00e9"}\n{"name": NaN}\n'
    )
    pieces = read(content, lambda _table, _columns: [1])
    assert [row[0][1].decode() for _, row in rows(pieces, "table")][12:] == ["J\u00fcrgen", "\\ud800 \\u00e9", "NaN"]
    assert odd(pieces) == ["charset"]


def test_a_long_value_is_cut():
    long = "\u20ac" * json_lines.MOST_VALUE
    pieces = read(lines([*MADE, {"name": long}]))
    kind, text = rows(pieces, "table")[-1][1][1]
    assert kind == TEXT | CUT
    assert long.startswith(text.decode())
    assert len(text) > json_lines.MOST_VALUE - 4


NO_TABLES = {
    "one object": b'{"name": "x", "version": 1, "list": [1, 2]}',
    "indented": json.dumps({"a": {"b": 1}, "c": [1]}, indent=1).encode(),
    "one line": b'{"a": 1, "b": 2}\n',
    "of other keys": b'{"a": 1, "b": 2}\n{"c": 1, "d": 2}\n',
    "numbers": b"[[1, 2], [3, 4]]",
    "few": json.dumps(MADE[:9]).encode(),
    "few keys": b"[" + b'{"a": 1},' * 20 + b'{"a": 3}]',
    "nested": b"[" + b'{"a": {}, "b": {}, "c": []},' * 20 + b"{}]",
    "deep": b"[" * 60_000,
    "deep objects": b'{"a":' * 12_000,
}


@pytest.mark.parametrize("name", NO_TABLES)
def test_what_is_no_table(name):
    assert told(NO_TABLES[name]) in ("application/json", "text/plain")


def test_objects_that_never_end_are_read_a_bounded_number_of_times(monkeypatch):
    monkeypatch.setattr(json_lines, "MOST_RECORD", 1 << 18)
    content = b"[" + b",".join([json.dumps(MADE[0]).encode()] * 9) + b',\n{"a": "' + b'{\\"\n{ ' * 300_000
    began = time.process_time()
    pieces = read(content)
    assert time.process_time() - began < 10
    assert len(rows(pieces, "table")) == 9


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda of: st.lists(of, max_size=3) | st.dictionaries(st.text(max_size=3), of, max_size=3),
    max_leaves=5,
)


@given(st.lists(st.fixed_dictionaries({"a": VALUES, "b": VALUES}), min_size=1, max_size=9), st.integers(1, 60))
@settings(deadline=None, max_examples=40)
def test_the_same_however_reads_are_cut(made, step):
    for content in (lines(made), json.dumps(made).encode(), json.dumps(made, ensure_ascii=False, indent=1).encode()):
        whole = read(content)
        assert rows(list(json_lines.read(Cut(content, step), every)), "table") == rows(whole, "table")
        for (_, row), one in zip(rows(whole, "table"), made, strict=True):
            for (kind, text), value in zip(row, [one[name] for name in made[0]], strict=True):
                if isinstance(value, str):
                    assert (kind, text.decode()) == (TEXT, value)
                else:
                    assert (json.loads(text) if kind != NULL else None) == value


@given(st.binary(max_size=200) | st.text(alphabet='[]{}",:\\ \na1', max_size=100).map(str.encode))
@settings(deadline=None, max_examples=120)
def test_any_bytes(content):
    sniff_tables.objects(content)
    for before in (b"", b"[", lines(MADE), WAYS["array"][:-1] + b","):
        read(before + content)
