"""Identifiers of a person: made of random bytes with right checksums, or out of ranges kept for fiction."""

import functools
import hashlib

from vigie.sample.forum import checksums
from vigie.sample.forum.handles import handle

KINDS = ("email", "jabber", "telegram", "session", "tox", "pgp", "btc", "eth", "xmr", "phone")
DOMAINS = ("example.org", "example.com", "example.net", "mail.example.org", "post.example.com", "inbox.example.net")
"""RFC 2606."""
PHONES = {
    "GB": "+44 7700 900{:03d}",  # Ofcom: numbers for drama
    "US": "+1 202 555 01{:02d}",  # NANP: 555-0100 to 555-0199
    "CA": "+1 613 555 01{:02d}",
    "FR": "+33 6 39 98 {:02d} 17",  # Arcep: 06 39 98 for fiction
    "DE": "+49 30 23125 {:03d}",  # Bundesnetzagentur: 030 23125 000 to 999
    "SE": "+46 70 17406{:02d}",  # PTS: 070-1740605 to 99
    "AU": "+61 491 570 {:03d}",  # ACMA: 0491 570 006 and others
}
"""Numbers that their regulators keep for fiction; other countries keep none, and their persons show none."""
_SPANS = {"SE": (5, 95), "US": (0, 100), "CA": (0, 100), "FR": (0, 100), "GB": (0, 1000), "DE": (0, 1000)}


@functools.lru_cache(maxsize=4096)
def value(seed: int, person: int, kind: str, country: str) -> str:
    """Return an identifier of a person, as it is compared; ``""`` where its country keeps no phone numbers."""
    raw = hashlib.shake_256(f"{seed}/{person}/{kind}".encode()).digest(96)
    match kind:
        case "email":
            return f"{handle(seed, person).replace('-', '.')}@{DOMAINS[raw[0] % len(DOMAINS)]}"
        case "jabber":
            return f"{handle(seed, person)}@jabber.example.org"
        case "telegram":
            return "@" + handle(seed, person).replace("-", "_")
        case "session":
            return "05" + raw[:32].hex()
        case "tox":
            return checksums.tox(raw[:32], raw[32:36])
        case "pgp":
            return key_block(seed, person)[1]
        case "btc":
            return checksums.bech32(raw[:20]) if raw[20] % 2 else checksums.btc(raw[:20], script=raw[21] % 4 == 0)
        case "eth":
            return checksums.eth(raw[:20])
        case "xmr":
            return checksums.xmr(raw[:32], raw[32:64])
        case "phone":
            return _phone(raw, country)
    raise ValueError(f"no kind of identifier: {kind}")


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
        return (
            one.replace("@", " [at] ").replace(".example.", ".example [dot] ").replace(" example.", " example [dot] ")
        )
    return one


def _phone(raw: bytes, country: str) -> str:
    if country not in PHONES:
        return ""
    if country == "AU":
        return PHONES[country].format((6, 156, 157, 158, 159, 110)[raw[0] % 6])
    first, many = _SPANS[country]
    return PHONES[country].format(first + (raw[0] << 8 | raw[1]) % many)
