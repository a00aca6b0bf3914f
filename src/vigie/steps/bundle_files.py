"""The files of a dump that lies in several, opened two by two: one with rows, and the one that says what they are."""

from collections.abc import Collection, Iterator

import msgspec

from vigie.kernel.blob import Blob, Lost, Spool
from vigie.kernel.evidence import Evidence, Pace
from vigie.kernel.table import Table, query
from vigie.rows.artefacts import BundleFile, File
from vigie.rows.evidence import Original
from vigie.rows.wire import Bounds
from vigie.steps.opened import opened

MOST_DECLARING_BYTES = 256 << 20
"""Of all files that say what the tables of a dump are: they are held while the rows are read."""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A file with rows and what declares them, open until the next one is asked for."""

    file: BundleFile
    content_type: str
    """Of what declares them."""
    blobs: list[Blob]
    """What declares the rows, then the rows; of a file that declares, that alone."""
    lost: Lost | None = None
    """Why there are none."""

    @property
    def fds(self) -> list[int]:
        """Descriptors of both."""
        return [one.fd for one in self.blobs]

    @property
    def size_bytes(self) -> int:
        """Bytes of both."""
        return sum(one.size_bytes for one in self.blobs)

    def state(self) -> list[tuple[int, int, int]]:
        """Return what is no longer the same once one of them has been written to."""
        return [one.state() for one in self.blobs]


def files_of(content: bytes, bundlefiles: Table[BundleFile]) -> list[BundleFile]:
    """Return the files of one dump."""
    return query(BundleFile, f"select * from b where content = unhex('{content.hex()}')", b=bundlefiles).rows()


class Reader:
    """Opens the files of one dump; what declares its tables is held in memory, for each of them is read with it."""

    def __init__(
        self,
        mine: list[BundleFile],
        files: Table[File],
        originals: Table[Original],
        evidence: Evidence,
        *,
        bounds: Bounds,
        pace: Pace,
    ) -> None:
        self._files, self._originals, self._evidence = files, originals, evidence
        first: dict[str, BundleFile] = {}
        self._mine = [one for one in sorted(mine, key=_by_place) if first.setdefault(one.name, one) is one]
        self.doubles = [one for one in mine if first[one.name] is not one]
        """Files of a name that another has, with other bytes: not opened."""
        self._bounds, self._pace = bounds, pace
        self._held: dict[str, bytes | Lost] = {}
        self._types: dict[str, str] = {}

    def declaring(self, names: Collection[str] | None = None) -> Iterator[Pair]:
        """Open those that declare tables, or only some of them."""
        left = MOST_DECLARING_BYTES
        for one, file, blob in self._opened([f for f in self._mine if not f.of and (names is None or f.name in names)]):
            self._types[one.name] = file.content_type
            if isinstance(blob, Lost):
                self._held[one.name] = blob
            elif blob.size_bytes > left:
                self._held[one.name] = Lost(code="too_large", detail="what declares the tables")
            else:
                left -= blob.size_bytes
                self._held[one.name] = _read(blob)
                yield Pair(file=one, content_type=file.content_type, blobs=[blob])
                continue
            yield Pair(file=one, content_type=file.content_type, blobs=[], lost=self._lost(one.name))

    def rows(self, names: Collection[str] | None = None) -> Iterator[Pair]:
        """Open those with rows, or only some of them, each with what declares its rows."""
        wanted = [one for one in self._mine if one.of and (names is None or one.name in names)]
        for _ in self.declaring({one.of for one in wanted} - self._held.keys()):
            pass
        for one, _, blob in self._opened(wanted):
            held = self._held[one.of]
            if isinstance(blob, Lost) or isinstance(held, Lost):
                lost = blob if isinstance(blob, Lost) else self._lost(one.of)
                yield Pair(file=one, content_type=self._types[one.of], blobs=[], lost=lost)
                continue
            spool = Spool(self._evidence.tmp)
            spool.add(held)
            with spool.blob() as declares:
                yield Pair(file=one, content_type=self._types[one.of], blobs=[declares, blob])

    def _lost(self, name: str) -> Lost | None:
        held = self._held[name]
        return held if isinstance(held, Lost) else None

    def _opened(self, some: list[BundleFile]) -> Iterator[tuple[BundleFile, File, Blob | Lost]]:
        named = {one.locator: one for one in some}
        if not named:
            return
        texts = ", ".join("'" + one.replace("'", "''") + "'" for one in sorted(named))
        lying = f"select * from f where locator in ({texts}) order by depth > 0, original, locator"
        files = query(File, lying, f=self._files)
        for file, blob in opened(files, self._originals, self._evidence, bounds=self._bounds, pace=self._pace):
            yield named[file.locator], file, blob


def _by_place(one: BundleFile) -> tuple[str, str]:
    return one.name, one.locator


def _read(blob: Blob) -> bytes:
    with open(blob.fd, "rb", closefd=False) as file:
        return file.read()
