"""What a video container says of itself: who made it, when, and where (ISO 6709)."""

from __future__ import annotations

import math
import re
import typing as t

from vigie.cell.media.text import clean

if t.TYPE_CHECKING:
    from collections.abc import Mapping

_POINT: t.Final = re.compile(r"([+-])(\d{1,6}(?:\.\d{1,12})?)([+-])(\d{1,7}(?:\.\d{1,12})?)")
_APPLE: t.Final = "com.apple.quicktime."

MAKE: t.Final = (_APPLE + "make", "make", "com.android.manufacturer", "devicemanufacturer", "wm/devicemanufacturer")
MODEL: t.Final = (_APPLE + "model", "model", "com.android.model", "devicemodel", "wm/devicemodel")
SERIAL: t.Final = (_APPLE + "camera.identifier", "serial_number", "serial")
SOFTWARE: t.Final = (_APPLE + "software", "software", "com.android.version", "writing_application")
ENCODER: t.Final = ("encoder", "wm/encodingsettings", "encoded_by", "encoding_tool", "software")
TAKEN: t.Final = (_APPLE + "creationdate", "creation_time", "date", "wm/encodingtime")
PLACE: t.Final = (_APPLE + "location.iso6709", "location", "location-eng", "xyz")

_NO_TIME: t.Final = ("1904-01-01T00:00:00", "1970-01-01T00:00:00")
"""What writers leave that set no time."""


def said(names: tuple[str, ...], *metadata: Mapping[str, str]) -> str:
    """Return the first of ``names`` that one of the tag sets holds, cleaned; ``""`` where none does."""
    for tags in metadata:
        lower = {name.lower(): value for name, value in tags.items()}
        for name in names:
            if value := clean(lower.get(name, "")):
                return value
    return ""


def taken(*metadata: Mapping[str, str]) -> str:
    """Return the time of recording as given; a zero of the container's clock says nothing."""
    time = said(TAKEN, *metadata)
    return "" if time.startswith(_NO_TIME) else time


def place(*metadata: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Return latitude and longitude in degrees, or None twice where they are missing or make no sense."""
    match = _POINT.match(said(PLACE, *metadata))
    if match is None:
        return None, None
    latitude = _degrees(match[1], match[2], 2)
    longitude = _degrees(match[3], match[4], 3)
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None, None
    return latitude, longitude


def _degrees(sign: str, digits: str, width: int) -> float:
    """ISO 6709: ``DD.D``, ``DDMM.M``` or ``DDMMSS.S``, longitudes with one more digit of degrees."""
    whole, dot, rest = digits.partition(".")
    parts = [whole]
    if len(whole) > width:
        parts = [whole[:width], *(whole[i : i + 2] for i in range(width, len(whole), 2))]
    parts[-1] += dot + rest
    value = math.fsum(float(part) / 60**i for i, part in enumerate(parts))
    return -value if sign == "-" else value
