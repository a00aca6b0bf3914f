"""Lists that mean harm, or that only break: bounded memory, bounded work, and the rest still loads."""

import hashlib
import sqlite3
import tracemalloc

import msgspec
import pytest

from vigie.cell.lists import nsrl
from vigie.rows import wire

MIB = 1 << 20


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def of(kind, replies):
    return [reply for reply in replies if isinstance(reply, kind)]


@pytest.fixture
def peak():
    """Run something; returns its result and the most bytes that Python held at once."""

    def run(work):
        tracemalloc.start()
        try:
            return work(), tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    return run


def test_a_line_beyond_the_bound_costs_itself_only(read_stream, repeated, peak):
    good = f"{md5('a')}  a.jpg\n".encode()
    file = repeated(good + b"# ", b"x" * MIB, 40, b"\n" + good)
    counted, held = peak(lambda: read_stream(file, "checksums"))
    assert counted["Entry"] == 2
    assert counted["last Entry"].number == 3
    assert counted["last Trouble"].number == 2
    assert held < 80 * MIB


@pytest.mark.parametrize("filler", [b"x" * MIB, b'\\"' * (MIB // 2), b" " * MIB, b"9" * MIB])
def test_a_json_token_without_end_breaks_the_list_there(filler, read_stream, repeated, peak):
    head = f'{{"@odata.context": "x/2.0.xml/US/$metadata#Media", "value": [{{"MD5": "{md5("a")}"}}, {{"MD5": '.encode()
    quote = b"" if filler[:1] in b" 9" else b'"'
    counted, held = peak(lambda: read_stream(repeated(head + quote, filler, 12), "vics"))
    assert counted["Entry"] == 1
    assert counted["last Trouble"].code == "truncated"
    assert held < 40 * MIB


def test_json_nesting_without_end_costs_no_memory(read_stream, repeated, peak):
    head = f'{{"value": [{{"MD5": "{md5("a")}"}}, '.encode()
    counted, held = peak(lambda: read_stream(repeated(head, b'{"media": [', 50_000), "vics"))
    assert counted["Entry"] == 1
    assert held < 6 * MIB


def test_fields_nobody_asked_for_cost_no_memory(read_stream, repeated, peak):
    head = b'{"value": [{"MediaFiles": ['
    unit = b'{"FileName": "aaaaaaaaaaaaaaaa.jpg", "FilePath": "b"}, '
    file = repeated(head, unit, 30_000, f'{{}}], "MD5": "{md5("a")}"}}]}}'.encode())
    counted, held = peak(lambda: read_stream(file, "vics"))
    assert counted["Entry"] == 1
    assert "Trouble" not in counted
    assert held < 6 * MIB


@pytest.mark.parametrize("times", [1_000, 10_000])
def test_memory_does_not_grow_with_the_list(times, read_stream, repeated, peak):
    media = f'{{"MediaID": 1, "Category": 1, "MD5": "{md5("a")}", "Series": "s", "MimeType": "image/jpeg"}}, '.encode()
    file = repeated(b'{"value": [', media, times, f'{{"MD5": "{md5("b")}"}}]}}'.encode())
    counted, held = peak(lambda: read_stream(file, "vics"))
    assert counted["Entry"] == times + 1
    assert held < 6 * MIB


def test_the_wrong_format_is_refused_and_not_a_million_problems(read):
    replies = read(b"what,is,this\n" + b"x,y,z\n" * 5000, "mapped", {"md5": "what"})
    assert replies[-1].code == "bad_list"
    assert len(of(wire.Trouble, replies)) < 1000


def test_a_stray_quote_costs_its_own_line_only(read):
    rows = "".join(f"{n},{md5(str(n))}\n" for n in range(500))
    content = f'id,md5\n"stray,{md5("x")}\n{rows}'.encode()
    replies = read(content, "mapped", {"md5": "md5"})
    assert len(of(wire.Entry, replies)) == 500
    assert [trouble.number for trouble in of(wire.Trouble, replies)] == [2]


@pytest.mark.parametrize(
    "text",
    [
        md5("a")[:-1],
        md5("a") + "0",
        md5("a")[:16] + " " + md5("a")[17:],
        md5("a")[:-1] + "g",
        md5("a")[:-1] + "٣",
        "0x" + md5("a")[2:],
        md5("a") + "\n",
    ],
)
def test_hex_is_read_strictly(text, read):
    replies = read(f'n,md5\n1,"{text}"\n'.encode(), "mapped", {"md5": "md5"})
    assert not of(wire.Entry, replies)
    assert [trouble.code for trouble in of(wire.Trouble, replies)] == ["bad_entry"]


def test_what_a_mapping_may_not_say(read):
    for mapping in (
        {"md5": "a", "colour": "b"},
        {"entry": "a"},
        {"md5": "a", "encoding": "zlib"},
        {"md5": "a", "delimiter": "ab"},
        {"md5": "99999999999999999999"},
    ):
        assert read(b"a,b\n1,2\n", "mapped", mapping)[-1].code == "bad_list"


def test_a_long_video_goes_over_several_messages_that_fit_the_wire(read):
    lines = "".join(f"{n},100,{hashlib.sha256(b'%d' % n).hexdigest()},{n}.000\n" for n in range(25_000))
    found = of(wire.Entry, read(lines.encode(), "vpdq"))
    assert [len(entry.frames) for entry in found] == [10_000, 10_000, 5_000]
    assert {entry.number for entry in found} == {1}
    assert max(len(msgspec.msgpack.encode(entry)) for entry in found) < wire.MOST_REPLY_BYTES


# ------------------------------------------------------------------------------------------------ SQLite
ROW = f"INSERT INTO FILE VALUES ('{md5('a')}')"


def database(*statements):
    made = sqlite3.connect(":memory:")
    for statement in statements:
        made.execute(statement)
    made.commit()
    content = made.serialize()
    made.close()
    return content


@pytest.mark.parametrize(
    "view",
    [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS md5 FROM n",
        "SELECT randomblob(900000) AS md5",
        "SELECT load_extension('x') AS md5",
        "SELECT name AS md5 FROM pragma_database_list",
        "SELECT secret AS md5 FROM other",
        "SELECT writefile('x', 'y') AS md5",
    ],
)
def test_a_view_may_do_nothing_but_read_the_tables_of_the_format(view, read):
    content = database("CREATE TABLE other (secret)", f"CREATE VIEW FILE AS {view}")
    replies = read(content, "nsrl")
    assert not of(wire.Entry, replies)
    assert replies[-1].code == "bad_list"


def test_a_query_that_works_and_gives_nothing_is_stopped(read, monkeypatch):
    monkeypatch.setattr(nsrl, "MOST_TICKS", 3)
    joined = "SELECT a.md5 FROM VERSION a, VERSION b, VERSION c, VERSION d WHERE a.md5 > b.md5 AND b.md5 > a.md5"
    fill = "INSERT INTO VERSION WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000) SELECT i FROM n"
    replies = read(database("CREATE TABLE VERSION (md5)", fill, f"CREATE VIEW FILE AS {joined}"), "nsrl")
    assert "interrupted" in replies[-1].detail


def test_a_virtual_table_is_not_opened(read):
    content = database("CREATE VIRTUAL TABLE FILE USING fts5(md5)", ROW)
    assert read(content, "nsrl")[-1].code == "bad_list"


def test_a_generated_column_cannot_grow_beyond_the_bound(read):
    content = database("CREATE TABLE FILE (a, md5 AS (printf('%.*c', 900000, 'x')))", "INSERT INTO FILE VALUES (1)")
    replies = read(content, "nsrl")
    assert not of(wire.Entry, replies)
    assert len(replies[-1].detail) < 1000


def test_a_broken_database_gives_what_lies_before_the_break(read):
    rows = [f"INSERT INTO FILE VALUES ('{md5(str(n))}')" for n in range(20_000)]
    content = database("CREATE TABLE FILE (md5)", *rows)
    pages = len(content) // 4096
    at = 4096 * (pages - 40)
    replies = read(content[:at] + b"\xff" * 4096 + content[at + 4096 :], "nsrl")
    assert len(of(wire.Entry, replies)) > 15_000
    assert replies[-1].code == "damaged"


def test_nothing_is_written_beside_the_database(tmp_path, read):
    path = tmp_path / "wal.db"
    made = sqlite3.connect(path)
    made.execute("PRAGMA journal_mode=WAL")
    made.execute("CREATE TABLE FILE (md5)")
    made.execute(ROW)
    made.commit()
    made.close()
    content = path.read_bytes()
    path.unlink()
    assert len(of(wire.Entry, read(content, "nsrl"))) == 1
    assert sorted(found.name for found in tmp_path.iterdir()) == ["list"]


def test_text_is_cleaned_and_cut(read):
    name = "a\u202eb\x07c" + "d" * 5000
    (entry,) = of(wire.Entry, read(f"{md5('a')}  {name}\n".encode(), "checksums"))
    assert entry.entry.startswith("abcd")
    assert len(entry.entry) == 1024
