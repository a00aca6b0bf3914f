"""What an image says of its camera, its time and its place, from EXIF (CIPA DC-008, "Exif 3.0")."""

from __future__ import annotations

import math
import typing as t

import msgspec

from vigie.cell.media.text import clean
from vigie.cell.media.tiff import Block, Numbers, block

_EXIF_DIRECTORY: t.Final = 0x8769
_GPS_DIRECTORY: t.Final = 0x8825

Entries = dict[int, str | Numbers]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of ``Facts`` that come from EXIF; empty text and None: it does not say."""

    orientation: int = 1
    camera_make: str = ""
    camera_model: str = ""
    camera_serial: str = ""
    lens: str = ""
    software: str = ""
    taken: str = ""
    """As given: ``2026:11:22 03:44:05``, with sub-seconds and offset where they are given."""
    latitude: float | None = None
    longitude: float | None = None


def read(data: bytes | memoryview) -> Said:
    """Read an EXIF block or a TIFF file; what is damaged counts as not said."""
    if bytes(data[:6]) in (b"Exif\0\0", b"Exif\0\xff"):
        data = data[6:]
    found = block(data)
    if found is None:
        return Said()
    main, _ = found.directory(found.first)
    exif = _below(found, main, _EXIF_DIRECTORY)
    gps = _below(found, main, _GPS_DIRECTORY)
    latitude = _degrees(gps, 1, 2, "S", 90.0)
    longitude = _degrees(gps, 3, 4, "W", 180.0)
    if latitude is None or longitude is None:
        latitude = longitude = None  # half a place is none
    return Said(
        orientation=_orientation(main),
        camera_make=_text(main, 0x010F),
        camera_model=_text(main, 0x0110),
        camera_serial=_text(exif, 0xA431) or _text(main, 0xC62F),
        lens=" ".join(filter(None, (_text(exif, 0xA434), _text(exif, 0xA435))))[:128].rstrip(),
        software=_text(main, 0x0131),
        taken=_taken(main, exif),
        latitude=latitude,
        longitude=longitude,
    )


def _below(found: Block, main: Entries, tag: int) -> Entries:
    match main.get(tag):
        case (int(offset),):
            return found.directory(offset)[0]
        case _:
            return {}


def _text(entries: Entries, tag: int) -> str:
    value = entries.get(tag, "")
    return clean(value) if isinstance(value, str) else ""


def _orientation(main: Entries) -> int:
    match main.get(0x0112):
        case (int(value), *_) if 1 <= value <= 8:
            return value
        case _:
            return 1


def _taken(main: Entries, exif: Entries) -> str:
    """Time the picture was taken; else when it was digitised; else the file's own DateTime."""
    for where, tag, fraction, offset in (
        (exif, 0x9003, 0x9291, 0x9011),
        (exif, 0x9004, 0x9292, 0x9012),
        (main, 0x0132, 0x9290, 0x9010),
    ):
        if (time := _text(where, tag)) and any("1" <= c <= "9" for c in time):
            part = _text(exif, fraction)
            return clean(time + (f".{part}" if part.isdigit() else "") + _text(exif, offset))
    return ""


def _degrees(gps: Entries, reference: int, tag: int, negative: str, most: float) -> float | None:
    value = gps.get(tag)
    if not isinstance(value, tuple) or not value or len(value) > 3:
        return None
    degrees = math.fsum(part / 60**i for i, part in enumerate(value))
    if not math.isfinite(degrees) or not 0 <= degrees <= most:
        return None
    return -degrees if _text(gps, reference).upper().startswith(negative) else degrees
