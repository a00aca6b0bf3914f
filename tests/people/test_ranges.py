"""Databases of IP networks, sound and hostile, through the reader without the sandbox; and the loops under it."""

import contextlib
import io
import ipaddress
import random
import socket
import tracemalloc
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from people.mmdb import POINTER, encoded, written
from vigie.cell.geo import codes, texts
from vigie.cell.geo.mmdb_data import Section
from vigie.cell.job import Bench, Refused
from vigie.cell.jobs.read_ranges import JOB
from vigie.numeric import ranges as loops
from vigie.numeric.addresses import parsed
from vigie.rows import wire
from vigie.rows.countries import FLAGS, RANGE_BYTES

TOR = b"""# Location Database Export
#
# Generated: Thu, 25 Jun 2026 04:33:59 GMT
# Vendor:    IPFire Project
# License:   CC BY-SA 4.0
#
16777216,16777471,AU
16777472,16778239,CN
16778240,16779263,??
"""


def read(content, flag=""):
    """Head, troubles and ranges as (lowest, highest, country, flags); a refusal is raised."""
    replies = []
    file = content if isinstance(content, io.IOBase) else io.BytesIO(content)
    JOB.run(wire.ReadRanges(flag=flag), Bench(files=[file], scratch=[], scratch_paths=[], send=replies.append))
    decode = wire.answers(wire.ReadRanges)
    assert all(decode.decode(msgspec.msgpack.encode(one)) == one for one in replies)  # within the bounds of the line
    (head,) = [one for one in replies if isinstance(one, wire.RangesHead)]
    data = [one.data for one in replies if isinstance(one, wire.Ranges)]
    assert all(len(one) % RANGE_BYTES == 0 for one in data)
    return head, [one for one in replies if isinstance(one, wire.Trouble)], shown(loops.unpacked(data))


def shown(ranges):
    return [
        (text(low), text(high), country.decode(), ",".join(name for i, name in enumerate(FLAGS) if flags >> i & 1))
        for low, high, country, flags in zip(*ranges[:4], strict=True)
    ]


def text(words):
    number = int(words[0]) << 64 | int(words[1])
    if number >> 32 == 0xFFFF:
        return str(ipaddress.IPv4Address(number & 0xFFFFFFFF))
    return str(ipaddress.IPv6Address(number))


def test_the_text_form_of_tor():
    head, troubles, found = read(TOR)
    assert (head.format, head.name, head.dated, head.about) == (
        "ranges", "IPFire", "2026-06-25", "IPFire Project, CC BY-SA 4.0",
    )  # fmt: skip
    assert found == [("1.0.0.0", "1.0.0.255", "AU", ""), ("1.0.1.0", "1.0.3.255", "CN", "")]
    assert (head.ipv4, head.ipv6, head.countries, troubles) == (2, 0, 2, [])
    _, _, six = read(b"# 2020-01-02\n2001:db8::,2001:db8::ffff,FR\n2001:db8:0:0:0:0:1:0,2001:db8::1:5,FR\n")
    assert six == [("2001:db8::", "2001:db8::1:5", "FR", "")]  # neighbours that say the same are one
    _, _, quads = read(b'"192.0.2.0","192.0.2.255","DE"\r\n"192.0.3.0","192.0.3.9","DE"\r\n')
    assert quads == [("192.0.2.0", "192.0.3.9", "DE", "")]


DEBIAN = Path("/usr/share/tor/geoip")


@pytest.mark.skipif(not DEBIAN.exists(), reason="not installed: apt-get install tor-geoipdb")
def test_debians_own_database():
    with DEBIAN.open("rb") as file:
        head, ranges, rejected, _ = texts.ranges(file)
    assert (head.name, rejected) == ("IPFire", 0)
    assert head.dated >= "2020"
    made, overlaps = loops.disjoint(ranges)
    assert overlaps == 0
    lines = [line.split(",") for line in DEBIAN.read_text().splitlines() if not line.startswith("#")]
    for low, high, code in random.Random(3).sample(lines, 3000):
        ends = np.array([(0, 0xFFFF << 32 | int(low)), (0, 0xFFFF << 32 | int(high))], np.uint64)
        place = loops.find(made, ends)
        assert place[0] == place[1]
        assert (made.country[place[0]].decode() if place[0] >= 0 else "") == codes.country(code)[0]


def test_lists_of_networks_with_flags():
    content = b"""# updated 2024-02-03
192.0.2.0/24 hosting
192.0.2.128/25,VPN,NL
198.51.100.7
198.51.100.9-198.51.100.12 ; DE
ExitNode 0011
ExitAddress 203.0.113.5 2024-02-03 01:02:03
2001:db8::/32 proxy AS64496
"""
    head, troubles, found = read(content, flag="tor")
    assert (head.format, head.dated, troubles) == ("networks", "2024-02-03", [])
    assert found == [
        ("192.0.2.0", "192.0.2.127", "", "tor,hosting"), ("192.0.2.128", "192.0.2.255", "NL", "tor,vpn,hosting"),
        ("198.51.100.7", "198.51.100.7", "", "tor"), ("198.51.100.9", "198.51.100.12", "DE", "tor"),
        ("203.0.113.5", "203.0.113.5", "", "tor"),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "", "tor,proxy"),
    ]  # fmt: skip


@pytest.mark.parametrize("record_bits", [24, 28, 32])
@pytest.mark.parametrize("version", [4, 6])
def test_a_tree_of_maxmind(record_bits, version):
    networks = [
        ("192.0.2.0/25", {"country": {"iso_code": "DE", "names": {"en": "Germany"}}, "x": [1, 2.5, "a" * 400]}),
        ("192.0.2.128/25", {"registered_country": {"iso_code": "DE"}}),
        ("198.51.100.0/24", {"country_code": "FR", "asn": "AS64496", "hosting": True}),
        ("203.0.113.0/24", {"country": "A1", "is_anonymous": True, "is_tor_exit_node": True}),
    ]
    if version == 6:
        networks.append(("2001:db8::/32", {"country": {"iso_code": "XK"}, "traits": {"connection_type": "Cellular"}}))
    head, troubles, found = read(written(networks, record_bits=record_bits, version=version))
    assert (head.format, head.name, head.dated, troubles) == ("mmdb", "Test-Country", "2020-01-01", [])
    assert found[:3] == [
        ("192.0.2.0", "192.0.2.255", "DE", ""), ("198.51.100.0", "198.51.100.255", "FR", "hosting"),
        ("203.0.113.0", "203.0.113.255", "", "tor,proxy"),
    ]  # fmt: skip
    assert found[3:] == (
        [("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "XK", "carrier")] if version == 6 else []
    )


def marked(nodes, about=None, data=b"\xe0", record=3):
    """A database of version 4 with these records of 24 bits, whatever they lead to."""
    tree = b"".join(one.to_bytes(record, "big") for pair in nodes for one in pair)
    facts = {"node_count": len(nodes), "record_size": 24, "ip_version": 4, "binary_format_major_version": 2,
             "build_epoch": 1, "database_type": "x"}  # fmt: skip
    return tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + encoded({**facts, **(about or {})})


GOOD = encoded({"country_code": "DE"})


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\x1f\x8b\x08\x00abc", "bad_ranges"),
        (b"hello\nworld\n", "bad_ranges"),
        (b"# only a comment\n", "bad_ranges"),
        (marked([(1, 1)], about={"node_count": 1 << 31}), "truncated"),
        (marked([(1, 1)], about={"node_count": True}), "damaged"),
        (marked([(1, 1)], about={"node_count": -0.5}), "damaged"),
        (marked([(1, 1)], about={"record_size": 25}), "unsupported"),
        (marked([(1, 1)], about={"binary_format_major_version": 3}), "unsupported"),
        (marked([(1, 1)]), "bad_ranges"),
        (b"x" * 90 + b"\xab\xcd\xefMaxMind.com", "damaged"),
        (b"x" * 90 + b"\xab\xcd\xefMaxMind.com" + b"\xff" * 50, "damaged"),
        (b"x" * 90 + b"\xab\xcd\xefMaxMind.com" + encoded("text"), "damaged"),
        (b"1,2\n" * 5, "bad_ranges"),
        (b"192.0.2.0/24\n" * 5, "bad_ranges"),
    ],
)
def test_what_is_no_database_is_refused(content, code):
    with pytest.raises(Refused) as refused:
        read(content)
    assert refused.value.code == code


def test_cycles_shared_parts_and_records_outside_are_not_followed():
    cycle = marked([(1, 0), (2 + 16, 0)], data=GOOD)
    _, troubles, found = read(cycle)
    assert found == [("0.0.0.0", "63.255.255.255", "DE", "")]
    assert troubles == []  # two edges, as writers have them
    wide = marked([(n + 1, n + 1) for n in range(40)] + [(41 + 16, 41 + 16)], data=GOOD)
    _, troubles, _ = read(marked([(n + 1, 0) for n in range(30)] + [(31 + 16, 0)], data=GOOD))
    assert [one.code for one in troubles] == ["damaged"]
    with pytest.raises(Refused):
        read(wide)  # forty levels of shared halves in 32 bits: nothing is reached within an address
    _, troubles, found = read(marked([(1 + 16, 1 + 5)], data=GOOD))
    assert [one.code for one in troubles] == ["bad_entry"]
    assert found[0][2] == "DE"
    _, troubles, _ = read(marked([(1 + 16, 0xFFFFFF)], data=GOOD))
    assert [one.code for one in troubles] == ["bad_entry"]


@pytest.mark.parametrize(
    "data",
    [
        bytes([0x20 | 3 << 3]) + (0).to_bytes(4, "big"),  # a pointer to itself
        encoded({"a": (POINTER, 0)}),  # a map that holds itself
        bytes([0x3F]) + b"\xff" * 8,  # a pointer to beyond
        bytes([7 << 5 | 31]) + b"\xff\xff\xff" + b"\x41a" * 9,  # a map of 17 million
        bytes([31, 4]) + b"\xff\xff\xff" + b"\x00\x07" * 50,  # a list of 17 million
        b"\xff" * 40, bytes([0x40 | 31]) + b"\xff\xff\xff", bytes([2, 7]), bytes([0, 200]),
        bytes([3 << 5 | 3]) + b"abc",
        encoded({"country_code": "DEU"}), encoded({"country_code": "\u00df\u00df"}),
        bytes([7 << 5 | 1]) + encoded(5) + encoded("x"),
    ],
)  # fmt: skip
def test_a_value_that_means_harm_costs_itself(data):
    good = encoded({"country_code": "FR"})
    content = marked([(1 + 16, 1 + 16 + len(data))], data=data + good)
    _, troubles, found = read(content)
    assert [one.code for one in troubles] == ["bad_entry"]
    assert [one[2] for one in found] == ["FR"]


def test_shared_values_are_decoded_once_however_many_lead_to_them():
    levels = b"".join(
        encoded({"a": (POINTER, at), "b": (POINTER, at)}) for at in [0, *(9 + i * 15 for i in range(11))]
    )  # each map names the one before twice: 2^12 values if they were not remembered
    first = encoded({"x": "y"})
    data = first.ljust(9, b"\0") + levels
    assert Section(memoryview(data)).value(0) == {"x": "y"}


@given(st.binary(max_size=60))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_any_bytes_are_a_value_or_an_error(data):
    with contextlib.suppress(ValueError):  # whatever else it raised would fail the test
        Section(memoryview(data)).value(0)


def test_any_damage_ends_in_ranges_troubles_or_a_refusal():
    sound = written([(f"192.0.{n}.0/24", {"country": {"iso_code": "DE" if n % 3 else "FR"}}) for n in range(40)])
    rng = random.Random(7)
    outcomes = set()
    for _ in range(300):
        hurt = bytearray(sound)
        for _ in range(rng.choice((1, 3, 20))):
            hurt[rng.randrange(len(hurt))] = rng.randrange(256)
        try:
            _, _, found = read(bytes(hurt[: rng.choice((len(hurt), rng.randrange(len(hurt))))]))
        except Refused as refused:
            outcomes.add(refused.code)
        else:
            assert found
            outcomes.add("read")
    assert outcomes == {"read", "damaged", "bad_ranges"}


def test_lines_that_do_not_fit_cost_themselves():
    bad = [b"16777471,16777216,AU", b"x,y,DE", b"1,2,DEU", b"1,2", b"4294967295,4294967296,DE", b"::1,192.0.2.1,DE",
           b"-1,5,DE", b"1.2.3.4,1.2.3,DE", b"\xff\xfe,1,DE", b"1,2,d3"]  # fmt: skip
    head, troubles, found = read(TOR + b"\n".join(bad) + b"\n")
    assert head.rejected == len(troubles) == len(bad)
    assert len(found) == 2
    assert all(one.code == "bad_entry" and one.detail.startswith("line ") for one in troubles)


def test_a_file_of_bad_lines_only_is_given_up():
    with pytest.raises(Refused) as refused:
        read(b"9,8,DE\n" * 2000)
    assert refused.value.code == "bad_ranges"
    assert "ends before it begins" in refused.value.detail


class Endless(io.RawIOBase):
    """A good line, one of so many bytes, a good line."""

    def __init__(self, size):
        self.parts = [(b"1,2,DE\n" * 9, 1), (b"9" * (1 << 20), size >> 20), (b"\n5,6,FR\n", 1)]
        self.size = sum(len(one) * many for one, many in self.parts)
        self.at = 0

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=0):
        self.at = offset + (self.size if whence == 2 else self.at if whence == 1 else 0)
        return self.at

    def tell(self):
        return self.at

    def readinto(self, buffer):
        left = self.at
        for one, many in self.parts:
            if left < len(one) * many:
                part = one[left % len(one) :][: len(buffer)]
                buffer[: len(part)] = part
                self.at += len(part)
                return len(part)
            left -= len(one) * many
        return 0


def test_a_line_of_gigabytes_costs_itself_and_no_memory():
    tracemalloc.start()
    try:
        head, troubles, found = read(io.BufferedReader(Endless(1 << 29), 1 << 17))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [one.number for one in troubles] == [10]
    assert [one[2] for one in found] == ["DE", "FR"]
    assert head.rejected == 1
    assert peak < 30 << 20


numbers = st.integers(0, 40) | st.integers((1 << 64) - 3, (1 << 64) + 3) | st.integers((1 << 128) - 5, (1 << 128) - 1)
made = st.lists(st.tuples(numbers, numbers, st.sampled_from("ABC"), st.integers(0, 3)), max_size=12)


def columns(rows):
    words = lambda n: (n >> 64, n & (1 << 64) - 1)  # noqa: E731 - one line says it
    return loops.Ranges(
        np.array([words(min(a, b)) for a, b, _, _ in rows], np.uint64).reshape(-1, 2),
        np.array([words(max(a, b)) for a, b, _, _ in rows], np.uint64).reshape(-1, 2),
        np.array([(c * 2).encode() for _, _, c, _ in rows], "S2"), np.array([f for *_, f in rows], np.uint8),
        np.zeros(len(rows), np.uint32),
    )  # fmt: skip


@given(made, st.lists(numbers, min_size=1, max_size=20))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_of_ranges_that_overlap_the_narrowest_holds_and_all_flags(rows, asked):
    result, _ = loops.disjoint(columns(rows))
    again = loops.unpacked(loops.packed(result, 3))
    asked += [one for a, b, _, _ in rows for one in (a, b)]
    words = np.array([(n >> 64, n & (1 << 64) - 1) for n in asked], np.uint64)
    for number, place in zip(asked, loops.find(again, words).tolist(), strict=True):
        hold = [(abs(a - b), i) for i, (a, b, _, _) in enumerate(rows) if min(a, b) <= number <= max(a, b)]
        if not hold:
            assert place == -1
            continue
        assert again.country[place].decode() == rows[min(hold)[1]][2] * 2
        assert again.flags[place] == np.bitwise_or.reduce([rows[i][3] for _, i in hold])
    low, high = again.low.tolist(), again.high.tolist()
    assert all(a <= b for a, b in zip(low, high, strict=True))
    assert all(a < b for a, b in zip(high, low[1:], strict=False))


ODD = ["::", "::1", "1::", ":::", "1:2:3:4:5:6:7::", "::ffff:1.2.3.4", "1::2::3", "01.2.3.4", "1.2.3.256", "",
       "1:2:3:4:5:6:7:8:9", "::12345", "1.2.3.4\n", "a\nb", "fe80::1%eth0", "::1.2.3.4", "1.2.3.4:5", "é"]  # fmt: skip
addresses = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=6).map(lambda one: one.exploded),
    st.text(".:0123456789abcfx", max_size=20),
    st.tuples(st.ip_addresses(v=6), st.ip_addresses(v=4)).map(lambda one: f"{one[0].exploded[:29]}:{one[1]}"),
    st.sampled_from(ODD),
)


@given(st.lists(addresses, max_size=6))
@settings(max_examples=400, deadline=None, derandomize=True)
def test_addresses_are_read_as_the_system_reads_them(texts):
    words, good = parsed(texts)
    for one, pair, fine in zip(texts, words.tolist(), good.tolist(), strict=True):
        try:
            raw = socket.inet_pton(socket.AF_INET6 if ":" in one else socket.AF_INET, one)
        except (OSError, UnicodeEncodeError):
            assert not fine
            continue
        assert fine
        number = int.from_bytes(raw, "big") | (0xFFFF << 32 if len(raw) == 4 else 0)
        assert pair == [number >> 64, number & (1 << 64) - 1]
