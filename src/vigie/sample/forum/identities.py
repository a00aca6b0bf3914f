"""Identifiers of a person: made of random bytes with right checksums, or out of ranges kept for fiction."""

import functools
import hashlib
import typing as t

from vigie.sample.forum import checksums
from vigie.sample.forum.handles import handle

KINDS = ("email", "jabber", "telegram", "session", "tox", "pgp", "btc", "eth", "xmr", "phone")
DOMAINS = ("example.org", "example.com", "example.net", "mail.example.org", "post.example.com", "inbox.example.net")
"""RFC 2606."""
PHONES = {
    "GB": ("+44 7700 900{:03d}", 0, 1000),  # Ofcom: mobile numbers for drama
    "US": ("+1 {area} 555 01{:02d}", 0, 100),  # NANPA: 555-0100 to 555-0199
    "CA": ("+1 {area} 555 01{:02d}", 0, 100),
    "FR": ("+33 6 39 98 {:02d} 17", 0, 100),  # Arcep: 06 39 98 for fiction
    "DE": ("+49 30 23125 {:03d}", 0, 1000),  # Bundesnetzagentur: 030 23125 000 to 999
    "SE": ("+46 70 17406{:02d}", 5, 95),  # PTS: 070-1740605 to 99
    "AU": ("+61 491 570 15{:d}", 6, 4),  # ACMA: among others 0491 570 156 to 159
}
"""Numbers that their regulators keep for fiction: form, first, how many. Other countries keep none."""
_AREAS = {"US": (202, 303, 312, 404, 415, 503, 512, 617, 702, 713), "CA": (416, 514, 604, 613)}


@functools.lru_cache(maxsize=4096)
def value(seed: int, person: int, kind: str, country: str) -> str:
    """Return an identifier of a person; of a phone ``""`` where its country keeps no numbers for fiction."""
    raw = hashlib.shake_256(f"{seed}/{person}/{kind}".encode()).digest(96)
    if kind == "phone":
        return _phone(raw, country)
    if kind == "pgp":
        return key_block(seed, person)[1]
    return _OF_NAME[kind](handle(seed, person), raw) if kind in _OF_NAME else _OF_BYTES[kind](raw)


_OF_NAME: dict[str, t.Callable[[str, bytes], str]] = {
    "email": lambda name, raw: f"{name.replace('-', '.')}@{DOMAINS[raw[0] % len(DOMAINS)]}",
    "jabber": lambda name, _: f"{name}@jabber.example.org",
    "telegram": lambda name, _: "@" + name.replace("-", "_"),
}
_OF_BYTES: dict[str, t.Callable[[bytes], str]] = {
    "session": lambda raw: "05" + raw[:32].hex(),
    "tox": lambda raw: checksums.tox(raw[:32], raw[32:36]),
    "btc": lambda raw: checksums.bech32(raw[:20]) if raw[20] % 2 else checksums.btc(raw[:20], script=raw[21] % 4 == 0),
    "eth": lambda raw: checksums.eth(raw[:20]),
    "xmr": lambda raw: checksums.xmr(raw[:32], raw[32:64]),
}


def key_block(seed: int, person: int) -> tuple[str, str]:
    """Return (armoured PGP key, fingerprint) of a person."""
    raw = hashlib.shake_256(f"{seed}/{person}/pgp".encode()).digest(256)
    name = handle(seed, person)
    return checksums.pgp(raw, f"{name} <{name}@example.org>", 1_500_000_000 + raw[7] * 86_400)


def shown(seed: int, person: int, kind: str, country: str) -> str:
    """Return how a person writes an identifier down where others read it."""
    one = value(seed, person, kind, country)
    if kind == "pgp":
        return key_block(seed, person)[0]
    if kind == "telegram" and person % 2:
        return f"https://t.me/{one[1:]}"
    if kind == "phone" and person % 3 == 0:
        return one.replace(" ", "-")
    if kind == "email" and person % 3 == 0:
        name, _, domain = one.partition("@")
        return f"{name} [at] {domain.replace('.', ' [dot] ')}"
    return one


def _phone(raw: bytes, country: str) -> str:
    if country not in PHONES:
        return ""
    form, first, many = PHONES[country]
    areas = _AREAS.get(country, (0,))
    return form.format(first + (raw[0] << 8 | raw[1]) % many, area=areas[raw[2] % len(areas)])
