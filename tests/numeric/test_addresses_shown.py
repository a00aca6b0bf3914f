"""Addresses of columns in their shortest form: the one that Python's own library gives, whatever form they had."""

import ipaddress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric.addresses_shown import shown
from vigie.numeric.columns import Cells
from vigie.numeric.ends import offsets


def read(*values: bytes | None) -> list[str]:
    lengths = np.array([-1 if one is None else len(one) for one in values], np.int32)
    found = shown(Cells(np.frombuffer(b"".join(one or b"" for one in values), np.uint8), lengths))
    at, raw = offsets(found.lengths), found.values.tobytes()
    return [raw[at[i] : at[i + 1]].decode() for i in range(len(values))]


def want(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return "" if int(address) == 0 else str(address)


addresses = st.one_of(
    st.ip_addresses(v=4),
    st.ip_addresses(v=6),
    st.lists(st.sampled_from([0, 0, 0, 1, 0xFFFF, 0xABC]), min_size=8, max_size=8).map(
        lambda groups: ipaddress.IPv6Address(":".join(f"{one:x}" for one in groups))
    ),
    st.ip_addresses(v=4).map(lambda one: ipaddress.IPv6Address(f"::ffff:{one}")),
)


@settings(deadline=None)  # the first compiles
@given(st.lists(addresses, max_size=8))
def test_written_and_packed_forms_are_one(found: list[ipaddress.IPv4Address | ipaddress.IPv6Address]) -> None:
    wanted = [want(one) for one in found]
    written = [one for one in found if len(str(one)) != 4]  # four bytes ("1::1") are a packed address
    assert read(*(str(one).encode() for one in written)) == [want(one) for one in written]
    assert read(*(one.exploded.upper().encode() for one in found)) == wanted
    assert read(*(f" [{one}%eth0]/64\n".encode() for one in found)) == wanted
    packed = [one.packed for one in found]
    told = [one for one, raw in zip(found, packed, strict=True) if len(raw) == 4 or not raw.isascii()]
    assert read(*(one.packed for one in told)) == [want(one) for one in told]


@given(st.lists(st.binary(max_size=45) | st.text("0123456789abcdef:./%[] ", max_size=45).map(str.encode), max_size=8))
def test_any_bytes_are_an_address_or_none(values: list[bytes]) -> None:
    for one, found in zip(values, read(*values), strict=True):
        if found:
            assert str(ipaddress.ip_address(found)) == found
        elif len(one) == 4:
            assert one == bytes(4)


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        (None, ""), (b"", ""), (b"::12", "58.58.49.50"), (b"0.0.0.0", ""), (b"::", ""), (bytes(16), ""),
        (b"192.0.2.7/32", "192.0.2.7"), (b"192.0.2.256", ""), (b"01.2.3.4", ""), (b"2001:db8::1%eth0", "2001:db8::1"),
        (b"::ffff:192.0.2.7", "192.0.2.7"), (b"2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), (b"x" * 200, ""),
        (b"2001:db8:aaaa::1", "2001:db8:aaaa::1"), (b"255.255.255.255x", ""), (b"1::2::3", ""), (b"192.0.2.7:80", ""),
    ],
)  # fmt: skip
def test_each_form(raw: bytes | None, address: str) -> None:
    assert read(raw) == [address]
