"""Expressions: any text is read or refused with a place, any value is converted or neutral, nothing reaches SQL."""

import datetime as dt
import ipaddress

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from people.batches import addresses as as_addresses
from people.batches import numbers as as_numbers
from vigie.forums import functions
from vigie.forums.compiling import Compiler
from vigie.forums.expressions import DEEPEST, LONGEST, columns, parse
from vigie.forums.functions import FUNCTIONS
from vigie.kernel.errors import UsageError
from vigie.kernel.table import look

FORMS = {"text": "c0", "raw": "c1", "address": "c2", "there": "c3", "whole": "c4"}
SOME = settings(max_examples=50, deadline=None)


def value(expression, kind, given):
    """Return what an expression gives of one column ``c``, for each value of it."""
    compiler = Compiler(lambda name, form: FORMS[form] if name == "c" else None)
    sql = compiler.field(parse(expression), kind)
    raw = [one.encode() if isinstance(one, str) else one for one in given]
    shown = [one.decode("utf-8", "backslashreplace") if isinstance(one, bytes) else one for one in given]
    batch = pa.table(
        {
            "number": pa.array(range(len(given)), pa.int64()),
            "c0": pa.array(shown, pa.string()),
            "c1": pa.array(raw, pa.binary()),
            "c2": pa.array(as_addresses(given), pa.string()),
            "c3": pa.array(["1" if one else "" for one in given], pa.string()),
            "c4": pa.array(as_numbers(given), pa.int64()),
        }
    )
    if compiler.listed:
        return look(f"select {compiler.listed} as found from batch order by number", batch=batch)
    return [row["found"] for row in look(f"select {sql} as found from batch order by number", batch=batch)]


def shown(address):
    """Return an address as Python writes it, as vigie means it: an IPv4 one in IPv6 is IPv4, none is ''."""
    address = getattr(address, "ipv4_mapped", None) or address
    return "" if int(address) == 0 else str(address)


PACKED = st.one_of(st.binary(min_size=4, max_size=4), st.binary(min_size=16, max_size=16))
ADDRESSES = st.one_of(
    st.ip_addresses(),
    PACKED.map(ipaddress.ip_address),
    st.lists(st.sampled_from([0, 0, 0, 1, 0xFFFF, 0xAB0]), min_size=8, max_size=8).map(
        lambda groups: ipaddress.IPv6Address(b"".join(g.to_bytes(2, "big") for g in groups))
    ),
).filter(lambda one: len(str(one)) != 4)  # "1::1" are four bytes, and those are a packed address


@SOME
@given(st.lists(ADDRESSES, min_size=1, max_size=50))
@example([ipaddress.ip_address("::ffff:192.0.2.7"), ipaddress.ip_address("::"), ipaddress.ip_address("0.0.0.0")])
def test_an_address_is_the_same_from_text_and_from_bytes(addresses):
    wanted = [shown(one) for one in addresses]
    assert value("ip(c)", "text", [str(one) for one in addresses]) == wanted
    assert value("ip(c)", "text", [one.exploded.upper() for one in addresses]) == wanted
    packed = [one.packed for one in addresses]
    told = [one for one in packed if not (len(one) == 16 and all(32 <= byte < 127 for byte in one))]
    assert value("ip(c)", "text", told) == [shown(ipaddress.ip_address(one)) for one in told]


@SOME
@given(st.lists(st.text("0123456789abcdef:.%/[]g ", max_size=24), min_size=1, max_size=50))
@example(
    ["1::2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::1:2:3:4:5:6:7", ":::", "1::2::3", "1:2:3:4:5:6:192.0.2.1", "::256.0.0.1"]
)
@example(
    [
        "192.000.002.001",
        "1.2.3.4.5",
        "192.0.2.7/24",
        "[2001:db8::1%eth0]",
        "1.2.3",
        "::192.0.2.1",
        "1:2:3:4:5:6:7:192.0.2.1",
    ]
)
def test_what_is_no_address_is_empty(texts):
    for one, found in zip(texts, value("ip(c)", "text", texts), strict=True):
        if len(one) == 4:
            continue
        try:
            assert found == shown(ipaddress.ip_address(one.strip(" ")))
        except ValueError:
            assert found == "" or set(one) & set("[]%/")


def test_numbers_are_addresses_too():
    given = ["0", "3221225991", "-1073741305", "4294967295", "4294967296", "-1", "x", None]
    wanted = ["", "192.0.2.7", "192.0.2.7", "255.255.255.255", "", "255.255.255.255", "", ""]
    assert value("ip_int(c)", "text", given) == wanted


def utc(*given):
    return dt.datetime(*given, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("expression", "given", "wanted"),
    [
        (
            "unix(c)",
            ["0", "", None, "631151999", "631152000", "1700000000.0", "9" * 19, "-1", "1e9", " 1700000000 "],
            [None] * 4
            + [utc(1990, 1, 1), utc(2023, 11, 14, 22, 13, 20), None, None, None, utc(2023, 11, 14, 22, 13, 20)],
        ),
        ("unix_ms(c)", ["1700000000123", "1700000000"], [utc(2023, 11, 14, 22, 13, 20, 123000), None]),
        (
            "datetime(c)",
            [
                "2023-01-02 03:04:05",
                "2023-01-02T03:04:05.5Z",
                "2023-01-02 03:04:05+02",
                "2023-01-02 03:04:05.1-0530",
                "2023-01-02",
                "0000-00-00 00:00:00",
                "2023-02-30",
                "1969-12-31",
                "2100-01-01",
                "infinity",
                "now",
                None,
            ],
            [
                utc(2023, 1, 2, 3, 4, 5),
                utc(2023, 1, 2, 3, 4, 5, 500000),
                utc(2023, 1, 2, 1, 4, 5),
                utc(2023, 1, 2, 8, 34, 5, 100000),
                utc(2023, 1, 2),
                None,
                None,
                None,
                None,
                None,
                None,
                None,
            ],
        ),
    ],
)
def test_times(expression, given, wanted):
    compiler = Compiler(lambda _name, form: FORMS[form])
    sql = f"select epoch_us({compiler.field(parse(expression), 'time')}) as found from batch order by number"
    batch = pa.table({"number": range(len(given)), "c0": pa.array(given, pa.string()), "c4": as_numbers(given)})
    found = [row["found"] for row in look(sql, batch=batch)]
    assert found == [one and round(one.timestamp() * 1e6) for one in wanted]


@pytest.mark.parametrize(
    ("expression", "kind", "given", "wanted"),
    [
        (
            "html(c)",
            "text",
            ["a &amp; b", "&amp;lt;", "&#1090;&#x1F600;", "&#0;&#55296;&#1114112;&eacute;", "a;&", "&;", None],
            ["a & b", "&lt;", "т😀", "&#0;&#55296;&#1114112;&eacute;", "a;&", "&;", ""],
        ),
        ("nonzero(c)", "text", ["0", "5", None, "00"], ["", "5", "", "00"]),
        (
            "flag(c)",
            "flag",
            ["1", "t", "TRUE", "\x01", "0", "no", "\x00", "2", "", None],
            [True, True, True, True, False, False, False, None, None, None],
        ),
        ("present(c)", "flag", ["x", "", None], [True, False, False]),
        (
            "integer(c)",
            "number",
            ["12", "-3.00", "1.5", "9" * 19, "", None, "0x1f"],
            [12, -3, None, None, None, None, None],
        ),
        ("c", "number", ["7", "x"], [7, None]),
        ("hex(c)", "text", [b"\x00\xff", "a", None], ["00ff", "61", ""]),
        ("bytea(c)", "text", ["\\xABcd", "\\xabc", "abcd", None], ["abcd", "", "", ""]),
        (
            "digest(c)",
            "text",
            ["AB" * 16, b"\x01" * 20, "ab" * 17, b"0" * 32, "", None],
            ["ab" * 16, "01" * 20, "", "0" * 32, "", ""],
        ),
        ("spread(c)", "text", ["312", "5"], ["3/1/2", "5"]),
        ("quotient(c, 1000)", "number", ["1999", "-1", "x"], [1, None, None]),
        ("quotient(c, 0)", "text", ["1999"], [""]),
        ("piece(c, '|', 2)", "text", ["a|b|c", "a", ""], ["b", "", ""]),
        ("json(c, 'a/b~')", "text", ['{"a/b~": "x"}', '{"a/b~": 5}', "{", "[]", None], ["x", "5", "", "", ""]),
        (
            "when(c = 1, 'one', when(c in (2, 3), 'few', c))",
            "text",
            ["1", "01", "3", "4", None],
            ["one", "one", "few", "4", ""],
        ),
        ("when(c > 5, 'high', 'low')", "text", ["6", "10", "5", "x", None], ["high", "high", "low", "low", "low"]),
        ("coalesce(nonzero(c), 'none')", "text", ["0", "", "5"], ["none", "none", "5"]),
        ("coalesce(nothing, c)", "text", ["a", None], ["a", ""]),
        ("concat('a', nothing, c, 5)", "text", ["x", None], ["ax5", "a5"]),
        ("not c = 'a' and (c != '' or c = 'b')", "flag", ["a", "b", "", None], [False, True, False, False]),
        ("starts(c, 'a') or contains(c, 'z')", "flag", ["ab", "xz", "b", None], [True, True, False, False]),
        ("lower(trim(c))", "text", ["\t A ", None], ["a", ""]),
        ("'it''s'", "text", ["x"], ["it's"]),
        ("`c`", "text", ["x"], ["x"]),
    ],
)
def test_functions(expression, kind, given, wanted):
    assert value(expression, kind, given) == wanted


@pytest.mark.parametrize(
    ("expression", "text", "wanted"),
    [
        ("split(c, ',')", "5,,6, ", ["5", "6"]),
        ("split(c, ',')", None, None),
        ("phpbb_users(c)", "u_2:g_7:u_15:xu_3", ["2", "15"]),
        ("phpbb_groups(c)", "u_2:g_7", ["7"]),
        ("php_ids(c)", 'a:1:{s:2:"to";a:2:{i:0;s:1:"2";i:1;i:77;}}', ["2", "77"]),
        ("php_keys(c)", 'a:2:{i:5;s:5:"north";i:17;s:2:"q7";}', ["5", "17"]),
    ],
)
def test_lists(expression, text, wanted):
    assert value(expression, "text", [text])[0]["found"] == wanted


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("", "its end stands where a column"),
        ("unix(c", "its end stands where ',' or ')'"),
        ("c c", "'c' stands where the end"),
        ("c; drop table x", "no part of an expression"),
        ("'open", "no part of an expression"),
        ("read_text('/etc/passwd')", "there is no function 'read_text'; known: "),
        ("unix(c, c)", "unix takes 1, and has 2"),
        ("concat()", "concat takes 1 or more, and has 0"),
        ("ip(lower(c))", "take a column as it lies there"),
        ("split(c, c)", "a 'text' must stand here"),
        ("unix(c)", "text is wanted, and this is a time"),
        ("when(c = 1, unix(c), 'x')", "one and the same kind is wanted"),
        ("concat(split(c, ','), split(c, ';'))", "in one way only"),
        ("c in ()", "in needs something to compare with"),
        ("9999999999999999999", "a number of more than 18 digits"),
        ("(" * (DEEPEST + 1) + "c" + ")" * (DEEPEST + 1), "deep"),
        ("c" * (LONGEST + 1), "characters; 2000 are allowed"),
    ],
)
def test_a_wrong_expression_is_named_with_its_place(expression, said):
    with pytest.raises(UsageError) as error:
        value(expression, "text", ["x"])
    assert said in str(error.value)


PIECES = st.sampled_from(
    [
        *FUNCTIONS,
        "c",
        "'",
        "''",
        '"',
        ";",
        "--",
        "/*",
        "(",
        ")",
        ",",
        "=",
        "in",
        "and",
        "not",
        "`",
        "\\",
        "0",
        "-1",
        " ",
        "$$",
        "'x'",
        "{",
        "}",
        "%",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=14).map("".join)))
def test_no_text_breaks_out_of_sql(expression):
    """What is read is one value over a table without any column but ours; what is not is refused."""
    try:
        node = parse(expression)
        compiler = Compiler(lambda name, form: FORMS[form] if name == "c" else None)
        sql = compiler.field(node, "text")
    except UsageError:
        return
    batch = pa.table({"c0": ["a"], "c1": [b"a"], "c2": [""], "c3": ["1"], "c4": [1]})
    (row,) = look(f"select {compiler.listed or sql} as found from batch", batch=batch)
    assert list(row) == ["found"]
    assert all(isinstance(one, str) for one in columns(node))


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=30))
def test_text_of_a_mapping_is_only_text(text):
    quoted = "'" + text.replace("'", "''") + "'"
    assert value(quoted, "text", ["x"]) == [text]


HOSTILE = ["1" * 19, "-9223372036854775808", "&#;&#x;", "9999-12-31 23:59:59", '{"a": [}', "::", "\x00", "1:" * 20]


@SOME
@given(
    st.lists(st.one_of(st.none(), st.binary(max_size=40), st.text(max_size=30), st.sampled_from(HOSTILE)), min_size=1)
)
def test_functions_are_total(given):
    """All of them, over whatever stands in a column, as text and as bytes."""
    raw = [one.encode() if isinstance(one, str) else one for one in given]
    shown = [one.decode("utf-8", "backslashreplace") if isinstance(one, bytes) else one for one in given]
    columns_ = {"c0": pa.array(shown, pa.string()), "c1": pa.array(raw, pa.binary())}
    there = pa.array(["1" if one else "" for one in given], pa.string())
    numbers = pa.array(as_numbers(given), pa.int64())
    batch = pa.table({**columns_, "c2": pa.array(as_addresses(given), pa.string()), "c3": there, "c4": numbers})
    rows = look(f"select {', '.join(EVERY)} from batch", batch=batch)
    assert len(rows) == len(given)


def every():
    """Return SQL of every function over a column, of times as numbers."""
    for name, function in FUNCTIONS.items():
        args = {functions.LITERAL: "'a'", functions.FLAG: "present(c)"}
        asked = f"{name}({', '.join(args.get(kind, 'c') for kind in function.takes)})"
        compiler = Compiler(lambda _name, form: FORMS[form])
        kind = {functions.LISTED: "text", functions.SAME: "text"}.get(function.gives, function.gives)
        sql = compiler.field(parse(asked), kind)
        yield f"{compiler.listed or (f'epoch_us({sql})' if kind == 'time' else sql)} as {name}_"


EVERY = list(every())
