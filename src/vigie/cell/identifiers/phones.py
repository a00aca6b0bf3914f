"""Telephone numbers."""

from __future__ import annotations

import re
import typing as t

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata

from vigie.cell.identifiers.place import Hit, Place

_GROUP: t.Final = re.compile(r"[\s().\-/\xa0]+\d+\Z")
_INNER: t.Final = re.compile(rb"[0-9][ .-]\Z")
_DATE: t.Final = re.compile(r"\d{4}[-./]\d\d?[-./]\d\d?|\d\d?[-./]\d\d?[-./]\d{4}")


def number(text: str, region: str | None = None) -> str | None:
    """Return a number as E.164 (``+33612345678``) where it is a valid one of its country; else None.

    It begins with ``+`` or ``00``, or is one of ``region`` (ISO 3166, ``FR``).
    """
    plain = text.replace("\xa0", " ").strip()
    if plain.startswith("00"):
        plain = "+" + plain[2:].lstrip()
    elif not plain.startswith("+") and region is None:
        return None
    try:
        held = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(held):
        return None
    return f"+{held.country_code}{phonenumbers.national_significant_number(held)}"


def read(place: Place, region: str | None = None) -> t.Iterator[Hit]:
    """Give the number of a candidate, which may have digits behind it that are not its own."""
    text = place.text()
    known = text.startswith(("+", "00"))
    if not known and (region is None or _DATE.search(text)):
        return
    if text[0] == "0" and _INNER.search(place.before(8)):
        return  # the middle of a longer number
    for _ in range(4):
        value = number(text, region)
        if value is not None:
            yield place.hit("phone", value, checked=known, end=place.start + len(text.encode()))
            return
        shorter = _GROUP.sub("", text)
        if shorter == text or sum(map(str.isdigit, shorter)) < 7:
            return
        text = shorter


def warm() -> None:
    """Load what is known of all countries: the library loads each when it is first met."""
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        PhoneMetadata.metadata_for_region(region, None)
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        PhoneMetadata.metadata_for_nongeo_region(code, None)
    for text in ("+33 6 12 34 56 78", "0049 170 1234567", "+1 201 555 0123"):
        number(text)
