"""Lists as lines of text: checksum files, an ICSE export, and a unit's own table with its mapping."""

from collections.abc import Iterable
from pathlib import Path

from vigie.sample.listing import Entry

_ICSE = (
    "MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;"
    "Number of submissions;File Available;Media Type;Baseline"
)
_MAPPING = """\
# Which column of unit-table.tsv holds what: vigie lists add CASE unit-table.tsv --mapping mapping.toml
name = "Practice unit's own table"
version = "7"
dated = "2026-10-01"
scheme = "practice-unit"
delimiter = "tab"
entry = "Ref"
sha256 = "Digest (SHA-256)"
category = "Class"
series = "Series"
withdrawn = "Withdrawn on"
"""


def write_sha256sum(path: Path, entries: Iterable[Entry]) -> None:
    """Write lines of GNU sha256sum."""
    _write(path, (f"{one.sha256.hex()}  {one.name}" for one in entries))


def write_md5sum(path: Path, entries: Iterable[Entry]) -> None:
    """Write lines of GNU md5sum, with three between them that are none."""
    lines = [f"{one.md5.hex()} *{one.name}" for one in entries]
    lines[1:1] = ["d41d8cd98f00b204e9800998ecf8  cut-off.jpg", "no checksum here, a remark that went astray"]
    lines.append("zz1d8cd98f00b204e9800998ecf8427e  letters-that-are-no-digits.jpg")
    _write(path, lines)


def write_icse(path: Path, entries: Iterable[Entry]) -> None:
    """Write an ICSE export: semicolons, twelve columns, lines ended as Windows does."""
    rows = (
        f"{one.md5.hex().upper()};{one.sha1.hex().upper()};;{one.number};yes;no;no;;{1 + one.number % 9};yes;"
        f"{'Video' if one.video else 'Image'};{'yes' if one.number % 2 else 'no'}"
        for one in entries
    )
    _write(path, (_ICSE, *rows), end="\r\n")


def write_table(path: Path, mapping: Path, entries: Iterable[Entry], withdrawn: Iterable[Entry]) -> None:
    """Write a tab-separated table that no standard knows, and the mapping that explains it.

    Entries that were withdrawn stand twice: as they came, and with the day on which they were taken back.
    """
    gone = list(withdrawn)
    rows = [f"U{one.number}\t{one.sha256.hex()}\tC{1 + one.number % 3}\t\t" for one in (*entries, *gone)]
    rows += [f"U{one.number}\t{one.sha256.hex()}\tC1\t\t2026-09-30" for one in gone]
    _write(path, ("Ref\tDigest (SHA-256)\tClass\tSeries\tWithdrawn on", *rows))
    mapping.write_text(_MAPPING, encoding="utf-8")


def _write(path: Path, lines: Iterable[str], *, end: str = "\n") -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        out.writelines(line + end for line in lines)
