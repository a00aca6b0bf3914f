"""Which tables a dump in several files holds, and how many rows of each: as ``relations`` says it of a dump in one."""

from collections.abc import Iterator

import msgspec

from vigie.kernel.evidence import Evidence, Pace
from vigie.kernel.stage import Params, Unit, stage
from vigie.kernel.table import Table
from vigie.rows.artefacts import Bundle, BundleFile, Field, File, Relation
from vigie.rows.evidence import Original
from vigie.rows.problems import Problem
from vigie.rows.wire import Bounds, Failed, Survey, Surveyed, Trouble
from vigie.steps.bundle_files import Pair, Reader, files_of
from vigie.steps.surveyed import rows_of


class Bundled(Params, frozen=True):
    """Settings, as those of ``relations``."""

    bounds: Bounds = Bounds()
    pace: Pace = Pace(wall_s=60, wall_s_per_mb=3.0, most_wall_s=1e6, memory_mb=1024)
    opening: Pace = Pace(wall_s=60, wall_s_per_mb=0.5, most_wall_s=1e6, memory_mb=2048)


@stage(
    split="content",
    unit="content",
    together="content",
    soon=True,
    plan="select * from bundles order by folder, content",
)
def bundled(
    bundles: Table[Bundle],
    bundlefiles: Table[BundleFile],
    files: Table[File],
    originals: Table[Original],
    evidence: Evidence,
    params: Bundled,
) -> Iterator[Unit[Relation | Field | Problem]]:
    """List the tables of each dump that lies in several files; what is odd in it is a Problem."""
    for bundle in bundles:
        mine = files_of(bundle.content, bundlefiles)
        reader = Reader(mine, files, originals, evidence, bounds=params.bounds, pace=params.opening)
        yield Unit(key=bundle.content, rows=_Survey(bundle, evidence, params.pace).read(reader))


class _Survey:
    """Lists the tables of one dump."""

    def __init__(self, bundle: Bundle, evidence: Evidence, pace: Pace) -> None:
        self._bundle, self._evidence, self._pace = bundle, evidence, pace
        self._tables: dict[str, Surveyed] = {}
        self._held: dict[str, str] = {}
        """File that holds the rows of a table."""
        self._problems: list[Problem] = []

    def read(self, reader: Reader) -> list[Relation | Field | Problem]:
        """Return its tables, their columns, and what is odd."""
        for one in reader.doubles:
            detail = f"another file is called {one.name} too, and holds other bytes: this one was not read"
            self._problem(one.locator, "repeated", detail, counts=True)
        for pair in reader.declaring():
            for found in self._asked(pair):
                if self._tables.setdefault(found.name, found) is not found:
                    self._problem(pair.file.locator, "repeated", f"{found.name} is declared by another file too")
        self._counted(reader)
        for found in self._tables.values():
            if found.name not in self._held and (found.beside or self._bundle.form == "mysql-tab"):
                named = f" ({found.beside})" if found.beside else ""
                self._problem(self._bundle.folder, "beside", f"no file holds the rows of {found.name}{named}")
        return [*(row for found in self._tables.values() for row in self._rows(found)), *self._problems]

    def _asked(self, pair: Pair) -> Iterator[Surveyed]:
        place = pair.file.locator
        if pair.lost:
            self._problem(place, pair.lost.code, pair.lost.detail, counts=True)
            return
        before = pair.state()
        ask = Survey(content_type=pair.content_type, beside=pair.file.name if pair.file.of else "")
        for reply in self._evidence.ask(ask, pair.fds, limits=self._pace.limits(pair.size_bytes)):
            if isinstance(reply, Surveyed):
                yield reply
            elif isinstance(reply, Failed) or (isinstance(reply, Trouble) and reply.code != "beside"):
                self._problem(place, reply.code, reply.detail, counts=isinstance(reply, Failed))
        if pair.state() != before:
            self._problem(place, "changed", "while it was read")

    def _counted(self, reader: Reader) -> None:
        """Count the rows of each file: first those of the table that it is for, which no row in another takes away."""
        strangers: list[tuple[Surveyed, BundleFile]] = []
        for pair in reader.rows():
            for at, found in enumerate(self._asked(pair)):
                if at:
                    strangers.append((found, pair.file))
                else:
                    self._count(found, pair.file)
        for found, file in strangers:
            self._count(found, file)

    def _count(self, found: Surveyed, file: BundleFile) -> None:
        """Take over how many rows of a table a file holds. Of two files, the second is not read."""
        if found.name in self._held:
            detail = f"the rows of {found.name} lie in {self._held[found.name]} too: those here were not read"
            self._problem(file.locator, "repeated", detail, counts=True)
            return
        self._held[found.name] = file.name
        told = self._tables.get(found.name, found)
        self._tables[found.name] = msgspec.structs.replace(
            told, rows=found.rows, misfits=found.misfits, extent=found.extent
        )

    def _rows(self, found: Surveyed) -> Iterator[Relation | Field]:
        apart = found.name not in self._held and (found.beside or self._bundle.form == "mysql-tab")
        extent = "damaged" if apart else found.extent
        beside = self._held.get(found.name, "")
        return rows_of(found, self._bundle.content, self._bundle.form, extent=extent, beside=beside)

    def _problem(self, subject: str, code: str, detail: str, *, counts: bool = False) -> None:
        self._problems.append(
            Problem.make(
                stage="bundled", subject=subject, code=code, detail=detail, counts=counts, unit=self._bundle.content
            )
        )
