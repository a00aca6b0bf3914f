"""Text of a dump: whatever the character set, UTF-8 comes out, and no byte goes without a trace."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.cell.dumps import charsets
from vigie.numeric.columns import Cells
from vigie.numeric.ends import offsets


def column(values: list[bytes | None]) -> Cells:
    lengths = np.array([-1 if one is None else len(one) for one in values], np.int32)
    return Cells(np.frombuffer(b"".join(one or b"" for one in values), np.uint8), lengths)


def values(cells: Cells) -> list[bytes | None]:
    at, raw = offsets(cells.lengths), cells.values.tobytes()
    return [None if length < 0 else raw[at[row] : at[row + 1]] for row, length in enumerate(cells.lengths.tolist())]


@pytest.mark.parametrize(
    ("charset", "raw", "text"),
    [
        ("utf8mb4", "déjà 🌲".encode(), "déjà 🌲"),
        ("latin1", b"d\xe9j\xe0 \x80", "déjà €"),  # MySQL's latin1 is Windows-1252
        ("cp1251", "привет".encode("cp1251"), "привет"),
        ("gbk", "湖".encode("gbk"), "湖"),
        ("SJIS", "ソ".encode("shift_jis"), "ソ"),
        ("utf8", "dÃ©jÃ ".encode(), "dÃ©jÃ "),  # encoded twice: kept as it stands
    ],
)
def test_each_character_set(charset: str, raw: bytes, text: str) -> None:
    found, untold, _ = charsets.text(column([b"a", raw, None, b"", raw]), charsets.codec(charset))
    assert values(found) == [b"a", text.encode(), None, b"", text.encode()]
    assert not len(untold)


def test_what_is_no_text_keeps_its_bytes() -> None:
    found, untold, _ = charsets.text(column([b"a\xe9b", "é".encode(), b"\xff"]), "utf-8")
    assert values(found) == [b"a\\xe9b", "é".encode(), b"\\xff"]
    assert len(untold) == 2


def test_a_character_that_reaches_into_the_next_value_is_none() -> None:
    found, untold, _ = charsets.text(column([b"\xc3", b"\xa9"]), "utf-8")
    assert values(found) == [b"\\xc3", b"\\xa9"]
    assert len(untold) == 2


@given(st.lists(st.none() | st.binary(max_size=8), max_size=12), st.sampled_from(sorted(set(charsets.CODECS.values()))))
def test_any_bytes_become_text(given_values: list[bytes | None], codec: str) -> None:
    found, _, _ = charsets.text(column(given_values), codec)
    out = values(found)
    assert [one is None for one in out] == [one is None for one in given_values]
    for one in out:
        if one is not None:
            one.decode()


@given(st.lists(st.text(max_size=8).map(lambda text: text.encode("utf-8", "ignore")), max_size=12))
def test_what_is_text_stays_as_it_is(given_values: list[bytes]) -> None:
    found, untold, _ = charsets.text(column(given_values), "utf-8")
    assert (values(found), len(untold)) == (given_values, 0)


def test_another_character_set_is_asked_where_the_first_does_not_fit() -> None:
    found, untold, read = charsets.text(column([b"a\xe9b", "\xe9".encode(), b"\x81"]), "utf-8", "cp1252")
    assert values(found) == ["a\xe9b".encode(), "\xe9".encode(), b"\\x81"]
    assert (untold.tolist(), read) == ([0, 2], 1)
