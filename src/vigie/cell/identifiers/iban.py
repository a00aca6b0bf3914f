"""International bank account numbers."""

from __future__ import annotations

import re
import typing as t

from vigie.cell.identifiers.place import Hit, Place

_FORMS: t.Final = dict(
    one.split(":")
    for one in [
        "AD:8n12c",
        "AE:19n",
        "AL:8n16c",
        "AT:16n",
        "AZ:4a20c",
        "BA:16n",
        "BE:12n",
        "BG:4a6n8c",
        "BH:4a14c",
        "BI:23n",
        "BR:23n1a1c",
        "BY:4c4n16c",
        "CH:5n12c",
        "CR:18n",
        "CY:8n16c",
        "CZ:20n",
        "DE:18n",
        "DJ:23n",
        "DK:14n",
        "DO:4c20n",
        "EE:16n",
        "EG:25n",
        "ES:20n",
        "FI:14n",
        "FK:2a12n",
        "FO:14n",
        "FR:10n11c2n",
        "GB:4a14n",
        "GE:2a16n",
        "GI:4a15c",
        "GL:14n",
        "GR:7n16c",
        "GT:24c",
        "HN:4a20n",
        "HR:17n",
        "HU:24n",
        "IE:4a14n",
        "IL:19n",
        "IQ:4a15n",
        "IS:22n",
        "IT:1a10n12c",
        "JO:4a4n18c",
        "KW:4a22c",
        "KZ:3n13c",
        "LB:4n20c",
        "LC:4a24c",
        "LI:5n12c",
        "LT:16n",
        "LU:3n13c",
        "LV:4a13c",
        "LY:21n",
        "MC:10n11c2n",
        "MD:20c",
        "ME:18n",
        "MK:3n10c2n",
        "MN:16n",
        "MR:23n",
        "MT:4a5n18c",
        "MU:4a19n3a",
        "NI:4a20n",
        "NL:4a10n",
        "NO:11n",
        "OM:3n16c",
        "PK:4a16c",
        "PL:24n",
        "PS:4a21c",
        "PT:21n",
        "QA:4a21c",
        "RO:4a16c",
        "RS:18n",
        "RU:14n15c",
        "SA:2n18c",
        "SC:4a20n3a",
        "SD:14n",
        "SE:20n",
        "SI:15n",
        "SK:20n",
        "SM:1a10n12c",
        "SO:19n",
        "ST:21n",
        "SV:4a20n",
        "TL:19n",
        "TN:20n",
        "TR:6n16c",
        "UA:6n19c",
        "VA:18n",
        "VG:4a16n",
        "XK:16n",
        "YE:4a4n18c",
    ]
)
"""What follows country and check digits (SWIFT's IBAN registry): ``n`` digits, ``a`` letters, ``c`` either."""
_SETS: t.Final = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Z0-9]"}


def _pattern(form: str) -> re.Pattern[str]:
    body = "".join(f"{_SETS[kind]}{{{many}}}" for many, kind in re.findall(r"(\d+)([nac])", form))
    return re.compile(rf"[A-Z]{{2}}[0-9]{{2}}{body}\Z")


_PATTERNS: t.Final = {country: _pattern(form) for country, form in _FORMS.items()}
_LENGTHS: t.Final = {
    country: 4 + sum(int(many) for many in re.findall(r"\d+", form)) for country, form in _FORMS.items()
}


def number(text: str) -> str | None:
    """Return an IBAN without spaces where its country, its form and its check digits hold (ISO 13616, modulo 97)."""
    plain = text.replace(" ", "")
    pattern = _PATTERNS.get(plain[:2])
    if pattern is None or not pattern.match(plain):
        return None
    digits = "".join(str(int(one, 36)) for one in plain[4:] + plain[:4])
    return plain if int(digits) % 97 == 1 else None


def read(place: Place) -> t.Iterator[Hit]:
    """Give the number that a candidate begins with."""
    text = place.text()
    wanted, many, end = _LENGTHS.get(text[:2], 0), 0, 0
    while end < len(text) and many < wanted:
        many += text[end] != " "
        end += 1
    if many < wanted or not wanted or text[end : end + 1].isalnum():
        return
    value = number(text[:end])
    if value is not None:
        yield place.hit("iban", value, checked=True, end=place.start + end)
