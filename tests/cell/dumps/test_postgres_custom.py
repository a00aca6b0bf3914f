"""Archives of pg_dump's custom format, as all its versions write them, and as none does."""

import functools
import io
import time
import tracemalloc
import zlib

import lz4.frame
import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cell.dumps.test_postgres import Slow, plain
from vigie.cell.dumps import postgres_custom
from vigie.cell.dumps.pieces import Batch, Created, Odd

TABLE = b"CREATE TABLE public.t (\n    a integer,\n    b text\n);\n"
COPY = b"COPY public.t (a, b) FROM stdin;\n"
ROWS = b"1\tx\n2\t\\N\n\\.\n\n\n"
NONE, GZIP, LZ4, ZSTD = range(4)
PACK = {NONE: bytes, GZIP: zlib.compress, LZ4: lz4.frame.compress, ZSTD: zstandard.ZstdCompressor().compress}


def number(value, width=4):
    return bytes([value < 0]) + abs(value).to_bytes(width, "little")


def text(value):
    return number(-1) if value is None else number(len(value)) + value


def entry(one, kind, name, statement=b"", copy=None, *, minor=14, state=b"\2", file=None):
    """Write an entry of the table of contents (WriteToc)."""
    out = number(one) + number(1) + text(b"1259") + text(b"16384") + text(name) + text(kind) + number(2)
    out += text(statement) + text(b"") + text(copy) + text(b"public") + text(b"")
    out += text(b"heap") if minor >= 14 else b""
    out += number(ord("r")) if minor >= 16 else b""
    out += text(b"me") + text(b"false") + text(b"7") + text(b"8") + text(None)
    return out + (state + b"\xff" * 8 if file is None else text(file))


def head(packed=GZIP, minor=14, form=1):
    """Write what an archive begins with (WriteHead)."""
    out = b"PGDMP\1" + bytes([minor, 0, 4, 8, form])
    out += bytes([packed]) if minor >= 15 else number(-1 if packed else 0)
    return out + number(5) * 7 + text(b"forum") + text(b"15.18") + text(b"15.18")


def block(one, *chunks, kind=b"\1"):
    return kind + number(one) + b"".join(number(len(part)) + part for part in chunks) + number(0)


def archive(*blocks, packed=GZIP, minor=14, entries=(), count=None):
    toc = [entry(1, b"ENCODING", b"ENCODING", b"SET client_encoding = 'LATIN1';\n", minor=minor, state=b"\3"),
           entry(2, b"TABLE", b"t", TABLE, minor=minor, state=b"\3"),
           entry(3, b"TABLE DATA", b"t", b"", COPY, minor=minor), *entries]  # fmt: skip
    return head(packed, minor) + number(len(toc) if count is None else count) + b"".join(toc) + b"".join(blocks)


def pieces(whole, sizes=None):
    file = io.BytesIO(whole) if sizes is None else Slow(whole, sizes)
    return list(postgres_custom.read(file, lambda _table, columns: list(range(len(columns)))))


def rows(whole):
    found = {}
    for one in pieces(whole):
        if isinstance(one, Batch):
            found[one.table] = found.get(one.table, 0) + len(one.rows.places)
    return found


def odd(whole):
    return [one.code for one in pieces(whole) if isinstance(one, Odd)]


@pytest.mark.parametrize("minor", range(12, 17))
@pytest.mark.parametrize("packed", [NONE, GZIP, LZ4, ZSTD])
def test_versions_and_compressions(minor, packed):
    if packed > GZIP and minor < 15:
        return
    data = PACK[packed](ROWS)
    whole = archive(block(3, data[:3], data[3:]), packed=packed, minor=minor)
    assert rows(whole) == {"public.t": 2}
    assert odd(whole) == []
    batch = next(one for one in pieces(whole) if isinstance(one, Batch))
    assert (batch.charset, batch.rows.values.tobytes(), batch.rows.places.tolist()) == ("latin-1", b"1x2", [0, 4])
    made = next(one for one in pieces(whole) if isinstance(one, Created))
    assert whole[made.place :].startswith(TABLE)


@pytest.mark.parametrize("how", [{"packed": 4, "minor": 15}, {"minor": 11}, {"minor": 17}])
def test_what_is_not_read_says_what_to_do(how):
    whole = archive(block(3, ROWS), **how)
    found = [one for one in pieces(whole) if isinstance(one, Odd)]
    assert [one.code for one in found] == ["unread"]
    assert "pg_restore -f out.sql" in found[0].detail


def test_blocks_lie_in_any_order():
    more = [entry(number_, b"TABLE DATA", b"u", b"", b"COPY public.u (a) FROM stdin;\n") for number_ in (5, 4)]
    whole = archive(block(4, b"4\n\\.\n"), block(5, b"5\n\\.\n"), block(3, ROWS), packed=NONE, entries=more)
    assert rows(whole) == {"public.t": 2, "public.u": 2}
    assert odd(whole) == []


def test_tables_of_old_archives_lie_in_the_schema_of_their_entry():
    toc = entry(1, b"TABLE", b"t", b"CREATE TABLE t (\n a integer\n);\n", minor=12, state=b"\3")
    toc += entry(2, b"TABLE DATA", b"t", b"", b"COPY t (a) FROM stdin;\n", minor=12)
    assert rows(head(NONE, 12) + number(2) + toc + block(2, b"1\n\\.\n")) == {"public.t": 1}


def test_large_objects_are_counted():
    large = b"\3" + number(9) + number(16384) + number(3) + b"abc" + number(0) + number(16385) + number(0) + number(0)
    whole = archive(large, block(3, zlib.compress(ROWS)))
    assert rows(whole) == {"public.t": 2}
    assert [(one.code, one.many) for one in pieces(whole) if isinstance(one, Odd)] == [("unread", 2)]


DATA = zlib.compress(ROWS)
BROKEN = {
    "nothing behind the contents": (archive(), {}, ["truncated"]),
    "contents cut": (archive(block(3, DATA), count=1 << 31), {}, None),
    "a count below 0": (archive(block(3, DATA), count=-5), {}, None),
    "data cut": (archive(block(3, DATA))[:-9], {"public.t": 2}, ["malformed"]),
    "no end of rows": (archive(block(3, zlib.compress(ROWS[:8]))), {"public.t": 1}, ["truncated"]),
    "another checksum": (archive(block(3, DATA[:-1] + b"x")), {"public.t": 2}, ["malformed"]),
    "no end of data": (archive(block(3, DATA[:-6])), {"public.t": 2}, ["malformed"]),
    "damaged": (archive(block(3, DATA[:4] + b"\xff" * 9)), {}, ["truncated", "malformed"]),
    "more behind it": (archive(block(3, DATA, b"x" * 9)), {"public.t": 2}, ["malformed"]),
    "a length below 0": (archive(b"\1" + number(3) + number(-7) + b"x" * 9), {}, ["truncated", "malformed"]),
    "data of nothing": (archive(block(99, DATA), block(3, DATA)), {"public.t": 2}, ["no_table"]),
    "data of a table twice": (archive(block(3, DATA), block(3, DATA)), {"public.t": 2}, ["no_table"]),
    "no such block": (archive(b"\7\0\0\0\0\0\0", block(3, DATA)), {}, ["malformed", "truncated"]),
    "a COPY that acts": (archive(block(4, b"x"), block(3, ROWS), packed=NONE,
                                 entries=[entry(4, b"TABLE DATA", b"u", b"", b"COPY t FROM PROGRAM 'x';")]),
                         {"public.t": 2}, ["executable"]),
    "a statement that acts": (archive(block(3, DATA), entries=[entry(4, b"TABLE", b"u", TABLE + b"DO $$ x $$;")]),
                              {"public.t": 2}, ["executable"]),
    "an open quote": (archive(block(3, DATA), entries=[entry(4, b"COMMENT", b"u", b"COMMENT ON TABLE t IS 'x")]),
                      {"public.t": 2}, ["truncated"]),
    "numbers of 200 bytes": (b"PGDMP\1\x0e\0\xc8\x08\1" + b"\0" * 99, {}, ["unread"]),
    "only a magic": (b"PGDMP", {}, ["truncated"]),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_told(name):
    whole, found, codes = BROKEN[name]
    assert rows(whole) == found
    assert odd(whole) if codes is None else odd(whole) == codes


@pytest.mark.parametrize("packed", [LZ4, ZSTD])
def test_what_unfolds_without_end_is_stopped(packed):
    began = time.process_time()
    frame = PACK[packed](b"\t" * (300 << 20))
    tracemalloc.start()
    try:
        found = [one for one in pieces(archive(block(3, frame), packed=packed, minor=15)) if isinstance(one, Odd)]
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()
    if packed == LZ4:  # which makes 255 bytes of one at most
        assert [one.code for one in found] == ["truncated"]
    else:
        assert any(one.code == "malformed" and "unfolds" in one.detail for one in found)
    assert time.process_time() - began < 20


def test_a_long_text_and_a_long_chunk_are_read_in_bounded_memory():
    long = b" " * (48 << 20)
    whole = archive(
        block(3, b"1\t" + long + b"\n\\.\n"), packed=NONE, entries=[entry(4, b"TYPE", b"u", b"DROP TYPE x;" + long)]
    )
    tracemalloc.start()
    try:
        assert rows(whole) == {"public.t": 1}
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


@functools.cache
def small():
    more = [entry(4, b"TABLE DATA", b"t", b"", None), entry(5, b"FUNCTION", b"f", b"CREATE FUNCTION f() AS $$ ; $$;\n")]
    large = b"\3" + number(9) + number(16384) + number(2) + b"ab" + number(0) + number(0)
    inserts = block(4, b"INSERT INTO public.t VALUES (3, 'z');\n")
    return archive(block(3, ROWS[:5], ROWS[5:]), large, inserts, packed=NONE, entries=more)


changes = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=4)


@settings(max_examples=400, deadline=None)
@given(changes, st.integers(0, 2000), st.lists(st.integers(1, 60), min_size=1, max_size=3))
@example([], 0, [7])
def test_any_bytes_end_in_pieces_that_are_the_same_however_they_are_read(changed, cut, sizes):
    whole = bytearray(small())
    for at, byte in changed:
        whole[at % len(whole)] = byte
    whole = bytes(whole[: len(whole) - cut] if cut < len(whole) else whole)
    assert plain(pieces(whole)) == plain(pieces(whole, sizes))
