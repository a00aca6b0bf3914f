"""All hash lists of a sample, and how each is added to a case."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from vigie.sample import list_exchange, list_nsrl, list_text, list_vics
from vigie.sample.drawing import generator
from vigie.sample.listing import Entry, filler, named
from vigie.sample.made import Made, Original
from vigie.sample.store import Store

SMALLER = 10
"""Lists that are no bulk exchange have a tenth of the filling."""
_FILLER_FROM = 1_000_000
"""First number of filling entries, above those of the sample's own files."""
OPTIONS: dict[str, dict[str, str]] = {
    "national-vics-2.0.json": {},
    "older-vics-1.3.json": {"scheme": "projectvic-us"},
    "icse.csv": {},
    "unit-sha256sum.txt": {},
    "unit-md5sum.txt": {},
    "unit-table.tsv": {"mapping": "lists/mapping.toml"},
    "exchange-pdq.csv": {},
    "exchange-mixed.json": {},
    "nsrl-rds3.db": {"meaning": "benign"},
}
"""Each list by file name, and the options with which ``vigie lists add`` takes it (paths from the sample's folder)."""


def write_lists(
    store: Store, seed: int, originals: Sequence[Original], stock: Sequence[Made], fill: int
) -> tuple[Path, ...]:
    """Write the lists of ``OPTIONS`` and return their paths.

    ``stock``: benign files of no family; ``fill``: random entries in each large list.
    """
    folder = store.folder / "lists"
    folder.mkdir(exist_ok=True)
    streams = itertools.count()

    def entries(name: str, count: int, *, prints: bool = False) -> Iterator[Entry]:
        rng = generator(seed, "lists", next(streams))
        return itertools.chain(named(originals, name), filler(rng, count, start=_FILLER_FROM, prints=prints))

    few = fill // SMALLER
    list_vics.write_vics_2(folder / "national-vics-2.0.json", entries("vics-2.0", fill))
    list_vics.write_vics_1(folder / "older-vics-1.3.json", entries("vics-1.3", few))
    list_text.write_icse(folder / "icse.csv", entries("icse", few))
    list_text.write_sha256sum(folder / "unit-sha256sum.txt", entries("sha256sum", few))
    list_text.write_md5sum(folder / "unit-md5sum.txt", entries("md5sum", few))
    own = [one for one in originals if one.role == "withdrawn"]
    kept = [one for one in originals if one.role != "withdrawn"]
    table = itertools.chain(
        named(kept, "mapped"), filler(generator(seed, "lists", next(streams)), few, start=_FILLER_FROM, prints=False)
    )
    list_text.write_table(folder / "unit-table.tsv", folder / "mapping.toml", table, named(own, "mapped"))
    list_exchange.write_csv(folder / "exchange-pdq.csv", entries("exchange-csv", fill, prints=True))
    list_exchange.write_json(folder / "exchange-mixed.json", entries("exchange-json", few, prints=True))
    list_nsrl.write_nsrl(folder / "nsrl-rds3.db", itertools.chain(_stock(stock), entries("nsrl", fill)))
    return tuple(folder / name for name in OPTIONS)


def _stock(made: Sequence[Made]) -> Iterator[Entry]:
    for number, one in enumerate(made, 1):
        name = one.steps[-1].rpartition(b"/")[2].decode()
        yield Entry(number=number, name=name, size_bytes=one.size_bytes, md5=one.md5, sha1=one.sha1, sha256=one.sha256)
