"""What each edition of each source says of the addresses that were used in its time."""

import functools
import ipaddress
import typing as t

import numpy as np

from vigie.kernel.stage import stage
from vigie.kernel.table import Table, columns, join, query
from vigie.numeric import addresses as texts
from vigie.numeric import ranges as loops
from vigie.rows.base import Row
from vigie.rows.countries import FLAGS, Address, IpBase, IpRanges, Located
from vigie.steps import editions

AT_ONCE: t.Final = 1_000_000
"""Questions that are answered at a time."""
SPECIAL: t.Final = (
    "0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
    "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
    "240.0.0.0/4", "::/128", "::1/128", "64:ff9b::/96", "100::/64", "2001::/32", "2001:db8::/32", "2002::/16",
    "fc00::/7", "fe80::/10", "ff00::/8",
)  # fmt: skip
"""Networks that are nobody's on the Internet, or in which no address tells a place (RFC 6890 and its registries)."""
CARRIER: t.Final = "100.64.0.0/10"
"""Inside the networks of carriers (RFC 6598)."""


class _Asked(Row, frozen=True, kw_only=True):
    """A question: an address and the edition that is to answer."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("ip", "file")
    ip: str
    file: bytes


@stage(split="ip")
def located(addresses: Table[Address], bases: Table[IpBase], ranges: Table[IpRanges]) -> Table[Located]:
    """Ask for each address the edition of each source that was the newest when it was used, first and last.

    A row for each answer: country, kind of network, AS number. Networks that are nobody's are known without a source.
    """
    known = bases.rows()
    asked = query(_Asked, _asked(known), a=addresses)
    held = {one.file: _loaded(ranges, one.file) for one in known}
    parts = asked.parts("ip", -(-len(asked) // AT_ONCE)) if len(asked) > AT_ONCE else [asked]
    return join(Located, [_answered(part, held) for part in parts])


def _asked(known: list[IpBase]) -> str:
    none = "unhex(repeat('00', 16)) as key"
    return f"""
        with used as (
            select ip, {editions.FAMILY} as family, unnest([{editions.epoch(known, "first")},
                {editions.epoch(known, "last")}]) as epoch from a
        ), ends as (select distinct ip, family, epoch from used)
        select distinct {none}, e.ip, c.file from ends e join ({editions.chosen(known)}) c using (family, epoch)
        union all
        select {none}, ip, ''::blob from (select distinct ip from ends)
    """


def _loaded(ranges: Table[IpRanges], file: bytes) -> loops.Ranges:
    part = query(IpRanges, f"select * from r where file = unhex('{file.hex()}')", r=ranges)
    return loops.unpacked(part.column("ranges"))


def _answered(asked: Table[_Asked], held: dict[bytes, loops.Ranges]) -> Table[Located]:
    ips, files = asked.column("ip"), asked.column("file")
    words, good = texts.parsed(ips.tolist())
    made = []
    for file, known in (*held.items(), (b"", _special())):
        rows = np.flatnonzero(good & (files == file))
        place = loops.find(known, words[rows])
        rows, place = rows[place >= 0], place[place >= 0]
        if len(rows):
            country = [code.decode() for code in known.country[place].tolist()]
            flags = [_names(one) for one in known.flags[place].tolist()]
            made.append(
                columns(Located, ip=ips[rows].tolist(), file=[file] * len(rows), country=country, flags=flags,
                        asn=known.asn[place].astype(np.int64))
            )  # fmt: skip
    return join(Located, made)


@functools.cache
def _special() -> loops.Ranges:
    four = ipaddress.ip_address("::ffff:0:0")
    low, high, flags = list[tuple[int, int]](), list[tuple[int, int]](), list[int]()
    for text in (*SPECIAL, CARRIER):
        net = ipaddress.ip_network(text)
        base = int(four) if net.version == 4 else 0
        for into, address in ((low, net.network_address), (high, net.broadcast_address)):
            number = base + int(address)
            into.append((number >> 64, number & (1 << 64) - 1))
        flags.append(1 << FLAGS.index("carrier" if text == CARRIER else "special"))
    given = loops.Ranges(
        np.array(low, np.uint64), np.array(high, np.uint64), np.zeros(len(low), "S2"), np.array(flags, np.uint8),
        np.zeros(len(low), np.uint32),
    )  # fmt: skip
    return loops.disjoint(given)[0]


@functools.cache
def _names(bits: int) -> str:
    return ",".join(name for place, name in enumerate(FLAGS) if bits >> place & 1)
