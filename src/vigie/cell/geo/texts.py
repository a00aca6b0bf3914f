"""Text files about IP networks: ``low,high,COUNTRY`` as Debian's tor-geoipdb has it, and lists of networks with flags.

Sources: tor ``scripts/maint/geoip/geoip-db-tool`` (IPv4 as numbers, IPv6 as text, ``#`` comments), DB-IP's CSV (dotted
quads, quotes), the Tor Project's ``exit-addresses``, and the lists of networks that hosting and VPN trackers give out.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import ipaddress
import re
import socket
import typing as t

from vigie.cell.geo import codes
from vigie.cell.geo.gathered import BITS, MOST_TROUBLES, Found, Gathered, Head
from vigie.cell.lists.reading.text import cleaned
from vigie.rows.wire import Trouble

MOST_LINE_BYTES: t.Final = 4096
HOPELESS: t.Final = 1000
"""So many bad lines and not one good: it is another format."""
MOST_ABOUT: t.Final = 1000
V4: t.Final = 0xFFFF << 32
"""::ffff:0.0.0.0"""
WORDS: t.Final = {
    **{name: bit for name, bit in BITS.items() if name != "special"},
    "exit": BITS["tor"], "datacenter": BITS["hosting"], "datacentre": BITS["hosting"], "dc": BITS["hosting"],
    "mobile": BITS["carrier"], "cellular": BITS["carrier"], "cgnat": BITS["carrier"], "relay": BITS["proxy"],
}  # fmt: skip
_DATE: t.Final = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b", re.ASCII)
_SPLIT: t.Final = re.compile(r"[\s,;]+")
_ASN: t.Final = re.compile(r"AS(\d{1,10})", re.ASCII)


def is_ranges(line: str) -> bool:
    """Tell whether a line looks like ``low,high,COUNTRY``."""
    parts = line.replace('"', "").split(",")
    return len(parts) >= 3 and "/" not in parts[0] and _is_address(parts[0]) and _is_address(parts[1])


def is_network(line: str) -> bool:
    """Tell whether a line begins with a network, a range or an address, or is one of ``exit-addresses``."""
    first = _SPLIT.split(line.strip())[0]
    if first in ("ExitNode", "ExitAddress"):
        return True
    return ("." in first or ":" in first) and _is_address(re.split(r"[/-]", first, maxsplit=1)[0])


def ranges(file: t.BinaryIO) -> Found:
    """Read lines ``low,high,COUNTRY``; addresses are numbers, dotted quads or IPv6 texts."""
    return _read(file, "ranges", _range, 0)


def networks(file: t.BinaryIO, flag: str) -> Found:
    """Read one network a line, with flags, a country, an AS number behind it; ``flag`` holds for all of them."""
    return _read(file, "networks", _network, BITS[flag] if flag else 0)


Line = t.Callable[[str, Gathered, int], None]


def _read(file: t.BinaryIO, name: str, line_of: Line, flags: int) -> Found:
    gathered, troubles, comments = Gathered(), list[Trouble](), list[str]()
    number = rejected = said = 0
    readline = file.readline
    while raw := readline(MOST_LINE_BYTES + 1):
        number += 1
        try:
            if len(raw) > MOST_LINE_BYTES and not raw.endswith(b"\n"):
                _skip(file)
                raise ValueError(f"a line of more than {MOST_LINE_BYTES} bytes")  # noqa: TRY301 - told like the others
            line = raw.decode("ascii", "replace").strip()
            if line.startswith(("#", ";", "//")):
                said += len(line)
                if said <= MOST_ABOUT * 4:
                    comments.append(line.lstrip("#;/ "))
            elif line:
                line_of(line, gathered, flags)
        except ValueError as error:
            rejected += 1
            if len(troubles) < MOST_TROUBLES:
                detail = cleaned(f"line {number}: {error}", 400)
                troubles.append(Trouble(number=number, code="bad_entry", detail=detail))
            if rejected >= HOPELESS and not gathered.said:
                break
    return Found(_head(name, comments), gathered.ranges(), rejected, troubles)


def _skip(file: t.BinaryIO) -> None:
    while (part := file.readline(1 << 16)) and not part.endswith(b"\n"):
        pass


def _range(line: str, into: Gathered, _flags: int) -> None:
    parts = line.replace('"', "").split(",")
    if len(parts) < 3:
        raise ValueError("no line low,high,COUNTRY")
    low, high, code = parts[:3]
    one, other = _number(low), _number(high)
    if other < one:
        raise ValueError(f"the range {low}-{high} ends before it begins"[:100])
    if (one < V4) != (other < V4) or (one >> 32 == 0xFFFF) != (other >> 32 == 0xFFFF):
        raise ValueError("a range from IPv4 into IPv6")
    into.add(one, other, *codes.country(code))


def _network(line: str, into: Gathered, flags: int) -> None:
    first, *rest = _SPLIT.split(line.partition("#")[0].strip().rstrip(",;"))
    if first in ("ExitNode", "Published", "LastStatus"):
        return
    if first == "ExitAddress":
        first, rest, flags = rest[0] if rest else "", [], flags | BITS["tor"]
    country, asn = "", 0
    for word in rest:
        if word.lower() in WORDS:
            flags |= WORDS[word.lower()]
        elif found := _ASN.fullmatch(word.upper()):
            asn = min(int(found[1]), 0xFFFFFFFF)
        else:
            country, more = codes.country(word)
            flags |= more
    low, high = _network_of(first)
    if not flags and not country and not asn:
        raise ValueError("nothing is said of this network: add a flag behind it, or give --flag")
    into.add(low, high, country, flags, asn)


def _network_of(text: str) -> tuple[int, int]:
    if "-" in text:
        low, high = map(_number, text.split("-", 1))
        if high < low or (low >> 32 == 0xFFFF) != (high >> 32 == 0xFFFF):
            raise ValueError(f"{text[:100]!r} is no range of addresses")
        return low, high
    found = ipaddress.ip_network(text, strict=False)
    low, high = int(found.network_address), int(found.broadcast_address)
    return (V4 | low, V4 | high) if found.version == 4 else (low, high)


def _number(text: str) -> int:
    """Return an address as a 128-bit number. Raises ValueError."""
    if text.isdigit() and len(text) <= 10:
        value = int(text)
        if value > 0xFFFFFFFF:
            raise ValueError(f"{text} is beyond IPv4")
        return V4 | value
    text = text.strip()
    try:
        if ":" in text:
            return int.from_bytes(socket.inet_pton(socket.AF_INET6, text), "big")
        return V4 | int.from_bytes(socket.inet_pton(socket.AF_INET, text), "big")
    except OSError:
        raise ValueError(f"{text[:60]!r} is no address") from None


def _is_address(text: str) -> bool:
    try:
        _number(text)
    except ValueError:
        return False
    return True


def _head(name: str, comments: list[str]) -> Head:
    """Return what the comments say: ``Generated: Thu, 25 Jun 2026 ...``, ``Vendor:``, ``License:``, or any date."""
    said = {key.strip().lower(): value.strip() for key, _, value in (one.partition(":") for one in comments) if value}
    text = cleaned(" ".join(one for one in comments if one), MOST_ABOUT)
    dated = _date(said.get("generated", "")) or _date(text)
    vendor = said.get("vendor", "")
    about = ", ".join(one for one in (vendor, said.get("license", "")) if one) or text
    return Head(format=name, name=cleaned(vendor, 100).removesuffix(" Project"), dated=dated, about=about[:MOST_ABOUT])


def _date(text: str) -> str:
    """Return the first date in a text as YYYY-MM-DD; ``""`` where there is none."""
    try:
        if found := _DATE.search(text):
            return dt.date.fromisoformat(found[1]).isoformat()
        return email.utils.parsedate_to_datetime(text).date().isoformat()
    except (ValueError, IndexError, TypeError):  # what parsedate raises on no date
        return ""
