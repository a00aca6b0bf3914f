"""VICS JSON lists as different tools write them: 2.0 and 1.3 (reference/evidence.md, section 3.1)."""

import json
import typing as t
from collections.abc import Iterable
from pathlib import Path

from vigie.sample.listing import Entry

SERIES = ("granite", "lantern", "orchard")


def write_vics_2(path: Path, entries: Iterable[Entry]) -> None:
    """Write VICS 2.0 as Windows tools do: byte-order mark, booleans as text, keys in changing case, PDQ beside MD5."""
    head = '{"@odata.context": "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media",'
    _write(path, "\ufeff" + head + ' "value": [\n', (_media_2(entry) for entry in entries))


def write_vics_1(path: Path, entries: Iterable[Entry]) -> None:
    """Write VICS 1.3: its header names no country, so whoever imports it must name the category scheme."""
    head = '{"odata.metadata": "http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media", "value": [\n'
    _write(path, head, (_media_1(entry) for entry in entries))


def _media_2(entry: Entry) -> dict[str, t.Any]:
    media: dict[str, t.Any] = {
        "MediaID": entry.number,
        "Category" if entry.number % 5 else "category": 1 + entry.number % 2,
        "MD5" if entry.number % 7 else "Md5": entry.md5.hex().upper(),
        "SHA1": entry.sha1.hex().upper(),
        "MediaSize": entry.size_bytes,
        "IsDistributed": "true" if entry.number % 3 else "false",
        "RelativeFilePath": f"Media\\{entry.number % 100:02d}\\{entry.name}",
    }
    if entry.number % 4 == 0:
        media["Series"] = SERIES[entry.number % len(SERIES)]
    if entry.prints and not entry.video:
        media["AlternativeHashes"] = [
            {"HashName": "PDQ", "HashValue": entry.prints[0].value.hex(), "MD5": entry.md5.hex().upper()}
        ]
    return media


def _media_1(entry: Entry) -> dict[str, t.Any]:
    return {
        "odata.id": f"Media({entry.number})",
        "MediaID": entry.number,
        "Category": 1 + entry.number % 2,
        "MD5": entry.md5.hex().upper(),
        "SHA1": entry.sha1.hex().upper(),
        "MediaSize": entry.size_bytes,
        "IsPrecategorized": True,
        "DateUpdated": f"/Date({1_690_000_000_000 + entry.number * 1000})/",
        "MediaFiles@odata.navigationLinkUrl": f"Media({entry.number})/MediaFiles",
        "MediaFiles": [{"MD5": entry.md5.hex().upper(), "FileName": entry.name, "FilePath": "C:\\case\\export"}],
    }


def _write(path: Path, head: str, records: Iterable[dict[str, t.Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(head)
        for number, record in enumerate(records):
            out.write((",\n" if number else "") + json.dumps(record))
        out.write("\n]}\n")
