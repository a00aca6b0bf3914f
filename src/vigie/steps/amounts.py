"""Amounts of bitcoin out of what people and shops wrote, as whole satoshi. No float touches them."""

import re
import typing as t

from vigie.numeric.tainting_nodes import MOST_MONEY

UNITS: t.Final = {
    "btc": 8, "xbt": 8, "bitcoin": 8, "bitcoins": 8, "฿": 8, "₿": 8, "mbtc": 5, "mxbt": 5, "ubtc": 2,
    "µbtc": 2, "μbtc": 2, "bit": 2, "bits": 2, "sat": 0, "sats": 0, "satoshi": 0, "satoshis": 0,
}  # fmt: skip
"""Places of decimals of each unit; both letters that look like mu."""
_AMOUNT: t.Final = re.compile(r"([^\W\d_]+|[฿₿])?\s*(\d{1,3}(?:[ ,']\d{3})+|\d+)?(?:[.](\d+))?\s*([^\W\d_]+|[฿₿])?")
_COMMA: t.Final = re.compile(r"(\d+),(\d{1,2}|\d{4,})(?!\d)")
LONGEST: t.Final = 64
UNKNOWN: t.Final = -1


def satoshi(amount: str, currency: str) -> int:
    """Return an amount in satoshi; ``UNKNOWN`` where it is no amount of bitcoin, or not a whole number of them.

    A unit beside the amount counts more than the currency. ``0,05`` is read as 0.05, ``1,000`` as a thousand.
    """
    text = amount.strip()
    if len(text) > LONGEST:
        return UNKNOWN
    if "." not in text:
        text = _COMMA.sub(r"\1.\2", text, count=1)
    found = _AMOUNT.fullmatch(text)
    if found is None or not (found[2] or found[3]) or (found[1] and found[4]):
        return UNKNOWN
    places = UNITS.get((found[1] or found[4] or currency.strip()).lower())
    if places is None:
        return UNKNOWN
    fraction = (found[3] or "").rstrip("0")
    if len(fraction) > places:
        return UNKNOWN
    whole = int(re.sub(r"\D", "", found[2] or "0") + fraction.ljust(places, "0"))
    return whole if whole <= MOST_MONEY else UNKNOWN
