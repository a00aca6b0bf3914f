"""Compact filters: BIP 158's own vectors, and an encoder of a few lines as the judge of the reader."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric.golomb import M, P, matches
from vigie.numeric.headers import twice
from vigie.numeric.runs import text_keys

GENESIS = (
    "4104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d"
    "578a4c702b6bf11d5fac"
)
VECTORS = [  # testnet-19.json of BIP 158: block, its coinbase's script, filter before and own
    ("000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943",
     GENESIS, "00" * 32, "019dfca8",
     "21584579b7eb08997773e5aeff3a7f932700042d0ed2a6129012b7d7ae81b750"),
    ("000000006c02c8ea6e4ff69651f7fcde348fb9d557a06e6957b65552002a7820",
     "21038a7f6ef1c8ca0c588aa53fa860128077c9e6c11e6830f4d7ee4e763a56b7718fac",
     "d7bdac13a59d745b1add0d2ce852f1a0442e8945fc1bf3848d3cbffd88c24fe1", "0174a170",
     "186afd11ef2b5e7e3504f2e8cbf8df28a1fd251fe53d60dff8b1467d1b386cf0"),
]  # fmt: skip


def laid(scripts):
    starts = np.concatenate([[0], np.cumsum([len(one) for one in scripts])]).astype(np.uint64)
    return b"".join(scripts), starts


def asked(data, block, scripts):
    return matches(data, block, *laid(scripts))


@pytest.mark.parametrize(("block", "script", "before", "data", "header"), VECTORS)
def test_the_vectors_of_bip_158(block, script, before, data, header):
    key, filter_ = bytes.fromhex(block)[::-1], bytes.fromhex(data)
    assert asked(filter_, key, [bytes.fromhex(script)])
    assert not asked(filter_, key, [bytes.fromhex(script)[:-1]])
    assert twice(twice(filter_) + bytes.fromhex(before)[::-1])[::-1].hex() == header


def written(block, scripts):
    """Return a filter of scripts, as BIP 158 builds it, in whole numbers of any size."""
    wanted = sorted(set(scripts))
    texts, starts = laid(wanted)
    keys = text_keys(np.frombuffer(texts, np.uint8), starts, np.frombuffer(block[:16], "<u8")).tolist()
    bits, before = "", 0
    for value in sorted(key * (len(wanted) * M) >> 64 for key in keys):
        gap, before = value - before, value
        bits += "1" * (gap >> P) + "0" + f"{gap & (1 << P) - 1:0{P}b}"
    bits += "0" * (-len(bits) % 8)
    count = bytes([len(wanted)]) if len(wanted) < 253 else b"\xfd" + len(wanted).to_bytes(2, "little")
    return count + bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


scripts = st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=300, unique=True)


@settings(max_examples=60, deadline=None)
@given(scripts, st.binary(min_size=32, max_size=32), st.integers(0))
def test_what_is_in_a_filter_is_found_and_what_is_not_is_not(some, block, number):
    data = written(block, some)
    assert asked(data, block, [some[number % len(some)]])
    strangers = [hashlib.sha256(block + bytes([n])).digest() for n in range(3)]
    assert not asked(data, block, strangers)  # 1 in 260,000 draws would; these are the same each time
    assert asked(data, block, [*strangers, some[0]])
    assert not asked(data, block, [])


def test_a_large_filter_is_read():
    block = bytes(range(32))
    some = [hashlib.sha256(n.to_bytes(4)).digest() for n in range(20_000)]
    data = written(block, some[:10_000])
    assert all(asked(data, block, [one]) for one in some[:10_000:997])
    assert sum(asked(data, block, [one]) for one in some[10_000::100]) == 0


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_do_harm(data):
    try:
        assert asked(data, bytes(32), [b"a", b"b"]) in (True, False)
    except ValueError as error:
        assert str(error)  # noqa: PT017 - which bytes are none is not the question


@pytest.mark.parametrize(
    "data", [b"\x05", b"\xfd\xff", b"\xff" + b"\xff" * 8, b"\x01\xff\xff\xff", b"\x01\x9d\xfc\xa8\0\0"]
)
def test_what_is_no_filter_is_refused(data):
    with pytest.raises(ValueError, match=r"values|count"):
        asked(data, bytes(32), [b"a"])
    assert not asked(b"\0", bytes(32), [b"a"])
