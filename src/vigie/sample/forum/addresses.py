"""Where accounts come from: an IP address for a person at a time, and the tables that say whose network it is.

IPv4 addresses are of 240.0.0.0/4 (RFC 1112 section 4: reserved, never given to anybody), IPv6 ones of 2001:db8::/32
(RFC 3849, documentation): no address of a sample is anybody's. An address is a number here: below 2**32 it is IPv4,
else its low 32 bits are the third and fourth group of an IPv6 one that ends in ``::1``.
"""

import ipaddress
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vigie.sample.forum.crowd import Crowd
from vigie.sample.forum.lands import LANDS
from vigie.sample.forum.members import SHY
from vigie.sample.forum.mixing import below, share

Codes = NDArray[np.int64]
NET, NET_BITS = 0xF0000000, 23
"""First IPv4 address of the first country, and bits of the addresses of each."""
RELAYS = NET + (31 << NET_BITS)
"""Networks of nobody's home: behind those of 31 countries."""
VPN, HOSTING, TOR = 1, 2, 3
POOLS: dict[int, tuple[str, int, int]] = {VPN: ("vpn", 0, 512), HOSTING: ("hosting", 4096, 96), TOR: ("tor", 8192, 700)}
"""Kind of relay -> its name, offset in ``RELAYS``, how many addresses."""
RELAY_LAND = "CH"
"""Country that lookups give for all relays: not that of whoever uses them."""
V6 = 1 << 32
EPOCH_S = 90 * 86_400
"""A home keeps its address for so long."""
RELAY_S = 2 * 3600
"""... and somebody behind a relay the same exit."""
CARRIER = 48
"""Addresses behind which all of a country's carrier customers sit."""
RELAYED = {VPN: 0.93, HOSTING: 0.9, TOR: 0.97, SHY: 1.0}
"""How often a relay is used by who uses one: the rest are slips, from home. ``SHY``: Tor, and never a slip."""
SINCE_DAY = "2019-01-01"
"""Date of the tables: the day on which the platforms began."""
ABROAD = 0.06
"""Share of the days that who travels spends abroad."""


def addresses(crowd: Crowd, person: NDArray[np.int64], veil: NDArray[np.int64], at: NDArray[np.int64]) -> Codes:
    """Return the address from which each person comes at each time (seconds since 1970), behind what it hides."""
    house = crowd.household[person]
    land = crowd.land[person].astype(np.int64)
    day = at // 86_400
    abroad = crowd.travels[person] & (share(crowd.seed, 31, person, day // 12) < ABROAD)
    land = np.where(abroad, below(len(LANDS), crowd.seed, 32, person, day // 12), land)
    moves = np.where(share(crowd.seed, 33, house) < 0.3, 0, at // EPOCH_S)
    host = below(1 << NET_BITS, crowd.seed, 34, house, moves, land)
    carrier = share(crowd.seed, 35, house) < 0.08
    host = np.where(carrier, below(CARRIER, crowd.seed, 36, house, day), CARRIER + host % ((1 << NET_BITS) - CARRIER))
    home = NET + (land << NET_BITS) + host
    six = ~carrier & (share(crowd.seed, 37, house) < 0.2)
    home = np.where(six, V6 | land << 27 | (host << 4 | 1) & 0x7FFFFFF, home)
    slip = share(crowd.seed, 38, person, at)
    for kind, often in RELAYED.items():
        _, offset, many = POOLS[TOR if kind == SHY else kind]
        exits = RELAYS + offset + below(many, crowd.seed, 39, person, at // RELAY_S)
        home = np.where((veil == kind) & (slip < often), exits, home)
    return home


def texts(codes: Codes) -> list[str]:
    """Return addresses in their shortest text form."""
    return [
        f"{code >> 24}.{code >> 16 & 255}.{code >> 8 & 255}.{code & 255}"
        if code < V6
        else f"2001:db8:{code >> 16 & 0xFFFF:x}:{code & 0xFFFF:x}::1"
        for code in codes.tolist()
    ]


def packed(codes: Codes) -> list[bytes]:
    """Return addresses as 4 or 16 bytes, as ``inet_pton`` gives them."""
    return [
        code.to_bytes(4, "big")
        if code < V6
        else b"\x20\x01\x0d\xb8" + (code & 0xFFFFFFFF).to_bytes(4, "big") + b"\0\0\0\0\0\0\0\1"
        for code in codes.tolist()
    ]


def relay(codes: Codes) -> NDArray[np.bool_]:
    """Return which addresses are those of relays."""
    return (codes >= RELAYS) & (codes < V6)


def write_tables(folder: Path) -> None:
    """Write what a unit looks addresses up in, in the form of Debian's tor-geoipdb, and lists of relays."""
    folder.mkdir(parents=True, exist_ok=True)
    four = [f"{low},{high},{code}" for low, high, code in _four()]
    six = [f"{low},{high},{code}" for low, high, code in _six()]
    head = f"# A practice world's networks: reserved addresses, nobody's. Made by vigie sample, as of {SINCE_DAY}\n"
    (folder / "geoip").write_text(head + "\n".join(four) + "\n", encoding="ascii")
    (folder / "geoip6").write_text(head + "\n".join(six) + "\n", encoding="ascii")
    for name, offset, many in POOLS.values():
        lines = texts(np.arange(RELAYS + offset, RELAYS + offset + many))
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="ascii")


def _four() -> Iterator[tuple[int, int, str]]:
    for at, land in enumerate(LANDS):
        yield NET + (at << NET_BITS), NET + (at + 1 << NET_BITS) - 1, land.code
    yield RELAYS, RELAYS + (1 << 16) - 1, RELAY_LAND


def _six() -> Iterator[tuple[str, str, str]]:
    base = int(ipaddress.IPv6Address("2001:db8::"))
    for at, land in enumerate(LANDS):
        low = base | at << 91
        yield str(ipaddress.IPv6Address(low)), str(ipaddress.IPv6Address(low + (1 << 91) - 1)), land.code
