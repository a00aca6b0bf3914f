"""Which country must act: what databases of IP networks say, the signs of each account, and what follows from them.

``docs/countries.md`` says how they are weighed. A country is a code of ISO 3166-1, or one of ``rows.country_codes``.
"""

import datetime as dt
import struct
import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Key, Of, Row, Sha256
from vigie.rows.people import IDS, PLATFORMS, Id

Country = t.Annotated[str, Examples(("", "DE", "FR", "XK", "AN"))]
"""``""``: none."""
StandingAs = t.Literal["suspect", "hosting", "exchange", "victim"]
STANDING_AS: tuple[StandingAs, ...] = t.get_args(StandingAs)

FLAGS: tuple[str, ...] = ("tor", "vpn", "hosting", "proxy", "satellite", "carrier", "special")
"""What a network may be besides somebody's home, bit 0 first: an exit of Tor; of a VPN; a data centre; an open or paid
proxy; behind a satellite; a mobile network, whose subscribers share addresses; no address of the Internet."""
RANGE_BYTES = 40
"""One range of addresses: lowest and highest (16 bytes each, IPv4 as ::ffff:a.b.c.d), country (2 letters or zeros),
flags (1 byte, bits of ``FLAGS``), a zero, AS number (4 bytes, big-endian; 0: unknown)."""
MAPPED = bytes(10) + b"\xff\xff"
"""First 12 bytes of an IPv4 address in a range."""
IP_FORMATS: dict[str, str] = {
    "mmdb": "MaxMind DB: country, city, ASN, anonymous-IP and connection-type databases of MaxMind, DB-IP, IPinfo ...",
    "ranges": "lines low,high,COUNTRY: Debian's tor-geoipdb (geoip, geoip6), CSV of DB-IP",
    "networks": "one network, range or address a line, with flags: lists of Tor exits, data centres, VPNs",
}


def _range(low: bytes, high: bytes, country: bytes, flags: int) -> bytes:
    return struct.pack(">16s16s2sBxI", low, high, country, flags, 3320)


_V4 = [_range(MAPPED + bytes((192, 0, 2, 0)), MAPPED + bytes((192, 0, 2, 127)), b"DE", 0),
       _range(MAPPED + bytes((192, 0, 2, 128)), MAPPED + bytes((198, 51, 100, 255)), b"FR", 2)]  # fmt: skip
_V6 = _range(b"\x20\x01\x0d\xb8" + bytes(12), b"\x20\x01\x0d\xb8" + b"\xff" * 12, b"DE", 1)
BASES = (b"B" * 16, b"b" * 16)


class IpFile(Row, frozen=True, kw_only=True):
    """A file that tells about IP networks, as it was handed over."""

    NATURAL: ClassVar[tuple[str, ...]] = ("sha256", "name", "dated", "flag")
    path: str
    """Where it lay, shown as ``rows.locator`` shows a step."""
    sha256: Sha256
    size_bytes: int
    name: str
    """Of the source, the same for all its editions; ``""``: as the file says."""
    dated: str
    """Date of this edition, YYYY-MM-DD; ``""``: as the file says."""
    flag: t.Annotated[str, Examples(("", "tor"))]
    """One of ``FLAGS``: what all networks of the file are; ``""``: as the file says."""
    added_at: str


class IpBase(Row, frozen=True, kw_only=True):
    """One edition of one source of facts about IP networks, as it was read."""

    NATURAL: ClassVar[tuple[str, ...]] = ("file",)
    file: t.Annotated[Key, Of("ipfile"), Examples(BASES)]
    name: t.Annotated[str, Examples(("IPFire", "exits"))]
    dated: t.Annotated[dt.datetime, Examples((dt.datetime(2019, 12, 1, tzinfo=dt.UTC),
                                              dt.datetime(2020, 1, 2, tzinfo=dt.UTC)))]  # fmt: skip
    """Day of the edition."""
    format: t.Annotated[str, Examples(tuple(IP_FORMATS))]
    about: str
    """What the file says of itself: kind, maker, licence."""
    sha256: Sha256
    size_bytes: int
    ipv4: t.Annotated[int, Examples((0, 1, 2))]
    """Ranges of IPv4 after neighbours that say the same were put together."""
    ipv6: t.Annotated[int, Examples((0, 1))]
    countries: int
    """How many different countries it names; 0: it only tells flags."""
    rejected: int
    overlaps: int
    """Ranges that share addresses with a narrower one, which holds there."""


class IpRanges(Row, frozen=True, kw_only=True):
    """Some thousand ranges of one edition, in the order of their addresses, without overlaps."""

    NATURAL: ClassVar[tuple[str, ...]] = ("file", "number")
    ORDER: ClassVar[tuple[str, ...]] = ("file", "number", "key")
    file: t.Annotated[Key, Of("ipbase", by="file"), Examples(BASES)]
    number: t.Annotated[int, Examples((0, 1))]
    ranges: t.Annotated[bytes, Examples((b"", _V4[0], _V4[1], b"".join(_V4), _V6))]
    """``RANGE_BYTES`` each."""


class Address(Row, frozen=True, kw_only=True):
    """An account used an IP address for something, so many times between two moments."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "account", "ip", "use")
    ORDER: ClassVar[tuple[str, ...]] = ("platform", "account", "ip", "use", "key")
    UNLIKE: ClassVar[frozenset[str]] = frozenset({"key", "account", "ip", "first", "last"})
    platform: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    account: Id
    ip: t.Annotated[str, Examples(("192.0.2.7", "198.51.100.23", "2001:db8::1", "10.0.0.1"))]
    use: t.Annotated[str, Examples(("registration", "upload", "login", "post"))]
    """``registration``, ``upload``, ``login``, ``post``, ``message``, ``staff`` (administration, moderation),
    ``other``."""
    times: int
    first: dt.datetime | None
    """None where the platform does not say when."""
    last: dt.datetime | None


class Located(Row, frozen=True, kw_only=True):
    """What one edition of one source says of an address; a row only where it says something."""

    NATURAL: ClassVar[tuple[str, ...]] = ("ip", "file")
    UNLIKE: ClassVar[frozenset[str]] = frozenset({"key", "ip"})
    ip: t.Annotated[str, Examples(("192.0.2.7", "198.51.100.23", "2001:db8::1"))]
    file: t.Annotated[bytes, Of("ipbase", by="file"), Examples((*BASES, b""))]
    """``b""``: the registry of special-purpose addresses (RFC 6890), which is built in."""
    country: Country
    flags: t.Annotated[str, Examples(("", "tor", "vpn,hosting"))]
    """Of ``FLAGS``, separated by commas."""
    asn: int
    """Number of the autonomous system; 0: not said."""


class Signal(Row, frozen=True, kw_only=True):
    """One sign that an account has to do with a country, and how much it weighs."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "account", "kind", "value", "country")
    ORDER: ClassVar[tuple[str, ...]] = ("platform", "account", "kind", "value", "country", "key")
    UNLIKE: ClassVar[frozenset[str]] = frozenset({"key", "account", "value", "first", "last"})
    platform: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    account: t.Annotated[str, Examples(("", *IDS))]
    """``""``: the platform itself."""
    standing_as: t.Annotated[str, Examples(("suspect", "hosting"))]
    """Whose country it tells: of the account's holder (``suspect``), of where the platform is run (``hosting``)."""
    kind: t.Annotated[str, Examples(("registration", "upload", "login", "phone", "language", "time_zone"))]
    """A use of ``Address``, or ``phone``, ``payment``, ``currency``, ``email``, ``language``, ``time_zone``; of the
    platform itself ``server`` or ``staff``."""
    value: t.Annotated[str, Examples(("192.0.2.7", "de_DE"))]
    """The address, or what the account says."""
    country: Country
    """``""``: it tells none, and the remark says why."""
    weight: t.Annotated[float, Examples((0.0, 0.3, 2.0))]
    weak: bool
    """Does it count only beside others? Time zone and language never tell a country alone, nor do VPNs and proxies."""
    contested: bool
    """Do the sources disagree, or one source with itself at the two ends of the time it was used?"""
    flags: t.Annotated[str, Examples(("", "tor", "vpn,hosting"))]
    times: int
    first: dt.datetime | None
    last: dt.datetime | None
    sources: str
    """Who says so, with the date of the edition: ``IPFire 2026-06-25``."""
    apart_days: int | None
    """Days between the use and the edition that was asked, the most of all; None where no time is known or it needs
    none."""
    remark: str
    """For people: why it weighs less than others, or nothing; ``""`` where there is nothing to say."""


class Attribution(Row, frozen=True, kw_only=True):
    """A country that an account, or the platform, may belong to: one of a ranked list."""

    NATURAL: ClassVar[tuple[str, ...]] = ("platform", "account", "standing_as", "country")
    ORDER: ClassVar[tuple[str, ...]] = ("platform", "account", "standing_as", "rank", "key")
    UNLIKE: ClassVar[frozenset[str]] = frozenset({"key", "account", "reasons"})
    platform: t.Annotated[Key, Of("platform"), Examples(PLATFORMS)]
    account: t.Annotated[str, Examples(("", *IDS))]
    standing_as: t.Annotated[str, Examples(STANDING_AS)]
    """``suspect``: holder of the account. ``hosting``: where the platform is run. ``exchange``: where an identity is
    held. ``victim``: accounts do not tell it."""
    country: Country
    """``""``: there are signs, and none that tells a country."""
    rank: t.Annotated[int, Examples((1, 2))]
    """1 comes first."""
    weight: float
    share: float
    """Of the weight of all its countries; 0-1."""
    contested: float
    """Share of this country's weight that comes of signs about which sources disagree; 0-1."""
    signals: int
    kinds: str
    """Kinds of its signs, separated by commas."""
    sources: str
    dates: str
    """Editions that were asked, oldest and newest."""
    reasons: str
    """For people: the weightiest signs in words."""


class Jurisdiction(Row, frozen=True, kw_only=True):
    """A country that must act, and for how much."""

    NATURAL: ClassVar[tuple[str, ...]] = ("standing_as", "country")
    standing_as: t.Annotated[str, Examples(STANDING_AS)]
    country: Country
    """``""``: accounts of which no country is known."""
    name: str
    """In English."""
    name_fr: str
    remark: str
    """Where the code is no country of today, what a person has to decide."""
    accounts: int
    """Accounts of which it is the first."""
    further: int
    """Accounts of which it is a later one."""
    contested: int
    """Of ``accounts``, those of which half of the weight or more is contested."""
    uploaders: int
    """Of ``accounts``, those that put files there."""
    uploads: int
    """Files they put there."""
    firsts: int
    """Of ``accounts``, those that were the first in the case to put up something of a group (``Producer.firsts``)."""
    top: str
    """Accounts with the most uploads, then the most weight: names, ten at most."""
