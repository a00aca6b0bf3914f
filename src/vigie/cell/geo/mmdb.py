"""MaxMind DB files: all their networks with country, kind of network and AS number.

Format: https://maxmind.github.io/MaxMind-DB/ (version 2.0). Names of the values: those of MaxMind's GeoIP2 and GeoLite2
(country, city, ASN, anonymous IP, connection type), DB-IP (the same), and IPinfo (flat).
"""

from __future__ import annotations

import datetime as dt
import typing as t

import numpy as np

from vigie.cell.geo import codes
from vigie.cell.geo.gathered import BITS, MOST_RANGES, MOST_TROUBLES, Found, Head
from vigie.cell.geo.mmdb_data import Section
from vigie.cell.job import Refused
from vigie.cell.lists.reading.text import cleaned
from vigie.numeric.ranges import Ranges
from vigie.numeric.search_tree import walk
from vigie.rows.wire import Trouble

MARKER: t.Final = b"\xab\xcd\xefMaxMind.com"
WITHIN: t.Final = 128 << 10
"""The metadata begin in the last so many bytes of the file (specification)."""
MOST_BYTES: t.Final = 1 << 30
SEPARATOR: t.Final = 16
"""Zero bytes between tree and data."""
SAYS: t.Final = {
    "is_tor_exit_node": "tor", "tor": "tor", "is_anonymous_vpn": "vpn", "vpn": "vpn", "is_hosting_provider": "hosting",
    "hosting": "hosting", "is_public_proxy": "proxy", "is_residential_proxy": "proxy", "is_anonymous_proxy": "proxy",
    "proxy": "proxy", "relay": "proxy", "is_satellite_provider": "satellite", "is_satellite": "satellite",
    "is_mobile": "carrier",
}  # fmt: skip
"""Names of truth values."""
TRUE: t.Final = (True, "true", "1")
Said: t.TypeAlias = "tuple[str, int, int]"
"""Country, flags, AS number."""


def is_mmdb(tail: bytes) -> bool:
    """Tell by the end of a file."""
    return MARKER in tail


def read(file: t.BinaryIO) -> Found:
    """Read a whole file. Errors: Refused where its structure is not sound."""
    whole = memoryview(file.read(MOST_BYTES + 1))
    if len(whole) > MOST_BYTES:
        raise Refused("too_large", f"a database of more than {MOST_BYTES:,} bytes")
    about, end = _metadata(whole)
    nodes, bits = _whole(about, "node_count", 1 << 32), _whole(about, "record_size", 32)
    version, size = _whole(about, "ip_version", 6), _whole(about, "node_count", 1 << 32) * bits // 4
    if bits not in (24, 28, 32) or version not in (4, 6) or _whole(about, "binary_format_major_version", 9) != 2:
        raise Refused("unsupported", f"records of {bits} bits, IP version {version}")
    if size + SEPARATOR > end:
        raise Refused("truncated", f"a tree of {size:,} bytes in a file of {len(whole):,}")
    found = walk(np.frombuffer(whole[:size], np.uint8), nodes, bits, 32 if version == 4 else 128, MOST_RANGES)
    if not found.whole:
        raise Refused("too_large", f"more than {MOST_RANGES:,} networks")
    troubles = []
    if found.again > 8 or found.deep:  # writers put three or four aliases of IPv4 there
        detail = f"{found.again} edges lead to nodes that were read before, {found.deep} below the last bit"
        troubles.append(Trouble(code="damaged", detail=detail, counts=False))
    values, place = np.unique(found.value, return_inverse=True)
    section = Section(whole[size + SEPARATOR : end])
    said, bad = _said(section, (values - nodes - SEPARATOR).tolist(), troubles)
    country = np.array([one[0] for one in said], "S2") if said else np.zeros(0, "S2")
    flags = np.array([one[1] for one in said], np.uint8)
    asn = np.array([one[2] for one in said], np.uint32)
    kept = (country[place] != b"") | (flags[place] > 0) | (asn[place] > 0)
    by = place.reshape(-1)[kept]
    return Found(
        _head(about), Ranges(found.low[kept], found.high[kept], country[by], flags[by], asn[by]), bad, troubles
    )


def _metadata(whole: memoryview) -> tuple[dict[str, t.Any], int]:
    """Return the metadata and where their marker lies."""
    start = max(0, len(whole) - WITHIN)
    at = bytes(whole[start:]).rfind(MARKER)
    if at < 0:
        raise Refused("bad_ranges", "a MaxMind DB without its metadata: cut off?")
    try:
        about = Section(whole[start + at + len(MARKER) :]).value(0)
    except ValueError as error:
        raise Refused("damaged", f"its metadata: {error}") from error
    if not isinstance(about, dict):
        raise Refused("damaged", "its metadata are no map")
    return about, start + at


def _whole(about: dict[str, t.Any], name: str, most: int) -> int:
    value = about.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise Refused("damaged", f"its metadata say {name} {str(value)[:40]!r}")
    return value


def _said(section: Section, offsets: list[int], troubles: list[Trouble]) -> tuple[list[Said], int]:
    """Decode each value once; one that cannot be decoded says nothing, and is counted."""
    out, bad = list[Said](), 0
    for at in offsets:
        try:
            out.append(meaning(section.value(at)))
        except ValueError as error:
            bad += 1
            out.append(("", 0, 0))
            if len(troubles) < MOST_TROUBLES:
                troubles.append(Trouble(number=max(at, 0), code="bad_entry", detail=cleaned(str(error), 400)))
    return out, bad


def meaning(value: t.Any) -> Said:
    """Return what a record says. Raises ValueError where its country is no code."""
    if not isinstance(value, dict):
        return "", 0, 0
    flags = 0
    for place in (value, value.get("traits")):
        if isinstance(place, dict):
            flags |= sum(BITS[flag] for flag in {flag for name, flag in SAYS.items() if place.get(name) in TRUE})
            if not flags and place.get("is_anonymous") in TRUE:  # beside a name that says more, it says nothing
                flags = BITS["proxy"]
            if "cellular" in str(place.get("connection_type", "")).lower():
                flags |= BITS["carrier"]
    code, more = codes.country(_code(value))
    asn = value.get("autonomous_system_number", value.get("asn", 0))
    number = str(asn).upper().removeprefix("AS")
    return code, flags | more, int(number) if number.isdigit() and int(number) <= 0xFFFFFFFF else 0


def _code(value: dict[str, t.Any]) -> str:
    """Return the code of where the network is used, else of where it is registered."""
    for name in ("country", "registered_country"):
        inner = value.get(name)
        if isinstance(inner, dict) and isinstance(inner.get("iso_code"), str):
            return str(inner["iso_code"])
    for name in ("country_code", "country"):
        flat = value.get(name)
        if isinstance(flat, str) and (name == "country_code" or len(flat) == 2):
            return flat
    return ""


def _head(about: dict[str, t.Any]) -> Head:
    built = about.get("build_epoch")
    dated = ""
    if isinstance(built, int) and 0 < built < 1 << 33:
        dated = dt.datetime.fromtimestamp(built, dt.UTC).date().isoformat()
    words = about.get("description")
    said = words.get("en", next(iter(words.values()), "")) if isinstance(words, dict) else ""
    kind = cleaned(str(about.get("database_type", "")), 100)
    return Head(format="mmdb", name=kind, dated=dated, about=cleaned(f"{kind}: {said}", 1000))
