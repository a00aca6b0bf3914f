"""ThreatExchange indicators: PDQ of stills as CSV; digests, PDQ and vPDQ frame hashes as JSON."""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from vigie.sample.listing import Entry


def write_csv(path: Path, entries: Iterable[Entry]) -> None:
    """Write ``id,indicator,type,status``, one PDQ hash a line."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("id", "indicator", "type", "status"))
        for entry in entries:
            writer.writerow((f"TE{entry.number}", entry.prints[0].value.hex(), "HASH_PDQ", "MALICIOUS"))


def write_json(path: Path, entries: Iterable[Entry]) -> None:
    """Write the JSON of the API: ``{"data": [...]}``."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write('{"data": [\n')
        for number, row in enumerate(_rows(entries)):
            out.write((",\n" if number else "") + json.dumps(row))
        out.write("\n]}\n")


def _rows(entries: Iterable[Entry]) -> Iterator[dict[str, str]]:
    for entry in entries:
        if entry.video:
            # python-threatexchange: a JSON list of "hex,quality,timestamp", itself text in the indicator
            frames = [f"{one.value.hex()},{one.quality},{one.at_s:.3f}" for one in entry.prints]
            yield _row(entry, json.dumps(frames), "HASH_VIDEO_VPDQ")
        else:
            yield _row(entry, entry.prints[0].value.hex(), "HASH_PDQ")


def _row(entry: Entry, indicator: str, kind: str) -> dict[str, str]:
    return {"id": f"TE{entry.number}", "indicator": indicator, "type": kind, "status": "MALICIOUS"}
