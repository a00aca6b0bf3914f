"""Which character set values may be in that are no text in the one that their dump names."""

import numpy as np
import pytest

from cell.dumps.test_charsets import column
from vigie.cell.dumps import odd
from vigie.cell.dumps.likely import likely
from vigie.numeric.addresses_shown import shown

RUSSIAN = ["\u043f\u0440\u0438\u0432\u0435\u0442", "\u0434\u0435\u043d\u044c"]
FRENCH = ["d\xe9j\xe0 vu", "le ch\xe2teau", "\xe9t\xe9"]


@pytest.mark.parametrize(
    ("texts", "codec", "name"),
    [
        (FRENCH, "cp1252", "latin1"),
        (RUSSIAN, "cp1251", "cp1251"),
        (RUSSIAN, "koi8_r", "koi8r"),
        (["\u6e56\u6c34\u5f88\u6e05", "\u4f60\u597d"], "gbk", ""),  # Big5, EUC-KR and EUC-JP have them too
    ],
)
def test_what_stands_round_a_byte_tells_more_than_whether_it_fits(texts, codec, name):
    found = likely([one.encode(codec) for one in texts])
    assert found == (name, len(texts) if name else 0)


def test_values_that_were_cut_short_are_said_to_be():
    assert likely(["d\xe9j\xe0".encode()[:-1], "\u6e56".encode()[:-2]]) == ("cut", 2)
    assert likely([]) == ("", 0)


def test_addresses_that_say_nothing_are_not_odd():
    given = [b"192.0.2.7", b"0.0.0.0", b"", None, b"nowhere", bytes(4), b"::", bytes(16), b"999.1.1.1", b"0"]
    before = column(given)
    rows = odd.somewhere(before, odd.emptied(before, shown(before)))
    assert [given[row] for row in rows] == [b"nowhere", b"999.1.1.1"]
    assert not len(odd.somewhere(before, np.zeros(0, np.int64)))


@pytest.mark.parametrize("pad", ["a", "\u00e9", "\u6e56"])
def test_what_is_no_text_may_stand_far_behind_the_start(pad):
    """Of a long value the bytes round that are looked at: its first ones alone would seem to be cut short."""
    whole = (pad * 5000).encode()
    one = odd.Column()
    cells = column([whole + b" d\xe9j\xe0 vu " + whole])
    one.add(np.zeros(1, np.int64), 1, np.zeros(1, np.int64))
    one.hold(cells, np.zeros(1, np.int64), "utf-8")
    told = one.told(0)
    assert (told.at, told.held) == (len(whole) + 2, 1)
    assert told.likely == ("latin1" if pad == "a" else "")
    assert len(one.held[0]) == odd.MOST_BYTES
