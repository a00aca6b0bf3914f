"""Addresses, keys, transactions and invoices that stand in files which no reader opens: texts, logs, pages, rubble."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from vigie.kernel import vault
from vigie.kernel.blob import Blob, Lost
from vigie.kernel.columnar import Untrue, numbers, texts
from vigie.kernel.evidence import Evidence, Pace
from vigie.kernel.stage import Count, Params, Unit, stage
from vigie.kernel.table import Table
from vigie.rows.artefacts import File
from vigie.rows.content_types import PAGES
from vigie.rows.evidence import Original
from vigie.rows.people import IDENTIFIERS, SECRETS
from vigie.rows.problems import Problem
from vigie.rows.sightings import ENCODINGS, SIGHTED, SightedSecret, Sighting, Sought
from vigie.rows.wire import Bounds, Failed, Hid, Reply, Searched, Seek, Sights, Trouble
from vigie.steps.opened import opened

_PAGES: t.Final = ", ".join(f"'{one}'" for one in sorted(PAGES))
PART: t.Final = 5000
"""Rows that are given at once."""


class Seeking(Params, frozen=True):
    """Settings. A file is searched at 100 MB/s and more, one that somebody wrote to be slow at 1."""

    bounds: Bounds = Bounds()
    pace: Pace = Pace(wall_s=60, wall_s_per_mb=2.0, most_wall_s=1e6, memory_mb=1024, output_mb=1 << 14)
    opening: Pace = Pace(wall_s=60, wall_s_per_mb=0.5, most_wall_s=1e6, memory_mb=2048)
    most: Count = 1_000_000
    """Identifiers of one file that are kept."""


@stage(
    split="sha256",
    unit="content",
    together="original",
    plan=f"""
    select * from files where (kind = 'other' or content_type in ({_PAGES})) and size_bytes > 0
    qualify row_number() over (partition by sha256 order by depth, locator) = 1
    order by depth > 0, original, locator
    """,
)
def sightings(
    files: Table[File], originals: Table[Original], evidence: Evidence, params: Seeking
) -> Iterator[Unit[Sighting | Sought | SightedSecret | Problem]]:
    """Search each file that no reader opens, and files of databases as bytes, free pages too; secrets are sealed."""
    for file, blob in opened(files, originals, evidence, bounds=params.bounds, pace=params.opening):
        seeker = _Seeker(file, evidence.vault, params.most)
        if isinstance(blob, Lost):
            yield Unit(key=file.sha256, rows=[seeker.problem(blob.code, blob.detail, counts=True)])
        else:
            yield from seeker.read(blob, evidence, params.pace)


class _Seeker:
    """Makes rows of what the cell finds in one file."""

    def __init__(self, file: File, vault_key: bytes, most: int) -> None:
        self._file, self._vault_key, self._most = file, vault_key, most
        self._seen: set[tuple[int, str, str]] = set()
        self._hidden: set[tuple[int, str]] = set()
        self._rows: list[Sighting | Sought | SightedSecret | Problem] = []
        self._unsealed = self._left = 0

    def read(self, blob: Blob, evidence: Evidence, pace: Pace) -> Iterator[Unit[t.Any]]:
        """Give the rows as they come, and at the end how many there are."""
        before, failed = blob.state(), False
        try:
            for reply in evidence.ask(Seek(), [blob.fd], limits=pace.limits(blob.size_bytes)):
                failed |= isinstance(reply, Failed)
                self._hear(reply)
                if len(self._rows) >= PART:
                    yield Unit(key=self._file.sha256, rows=self._rows, last=False)
                    self._rows = []
        except Untrue as error:
            failed = True
            self._rows.append(self.problem("protocol", str(error), counts=True))
        if blob.state() != before:
            self._rows.append(self.problem("changed", "while it was read"))
        if self._unsealed:
            self._rows.append(self.problem("sealed", f"{self._unsealed} secrets"))
        if self._left:
            self._rows.append(self.problem("crowded", f"{self._left} were not looked at or kept"))
        if not failed:
            self._rows.append(
                Sought.make(content=self._file.sha256, size_bytes=blob.size_bytes, found=len(self._seen),
                            secrets=len(self._hidden), left=self._left)
            )  # fmt: skip
        yield Unit(key=self._file.sha256, rows=self._rows)

    def _hear(self, reply: Reply) -> None:
        if isinstance(reply, Sights):
            self._sights(reply)
        elif isinstance(reply, Hid):
            self._hide(reply)
        elif isinstance(reply, Searched):
            self._left += reply.left
        elif isinstance(reply, Trouble | Failed):
            self._rows.append(self.problem(reply.code, reply.detail, counts=isinstance(reply, Failed)))

    def _sights(self, reply: Sights) -> None:
        many, encoding = len(reply.kinds), ENCODINGS[reply.encoding]
        kinds, starts = numbers(reply.kinds, "u1", many), numbers(reply.starts, "<i8", many)
        if many and int(kinds.max()) >= len(IDENTIFIERS):
            raise Untrue("identifiers of a kind that there is not")
        checked = numbers(reply.checked, "u1", many) > 0
        held = texts(reply.values, many).to_pylist(), texts(reply.contexts, many).to_pylist()
        for start, kind, sure, value, context in zip(
            starts.tolist(), kinds.tolist(), checked.tolist(), *held, strict=True
        ):
            name = IDENTIFIERS[kind]
            place = start, name, encoding
            if name not in SIGHTED:
                raise Untrue("identifiers of a kind that was not asked for")
            if place in self._seen:
                continue
            if len(self._seen) >= self._most:
                self._left += 1
                continue
            self._seen.add(place)
            self._rows.append(
                Sighting.make(content=self._file.sha256, start=start, encoding=encoding, kind=name, value=value,
                              checked=sure, context=context)
            )  # fmt: skip

    def _hide(self, reply: Hid) -> None:
        encoding = ENCODINGS[reply.encoding]
        if (reply.start, encoding) in self._hidden:
            return
        if not self._vault_key or len(self._hidden) >= self._most:
            self._unsealed += 1
            return
        self._hidden.add((reply.start, encoding))
        given = {"content": self._file.sha256, "start": reply.start, "encoding": encoding}
        bare = SightedSecret.make(
            **given, kind=SECRETS[reply.kind], size_bytes=len(reply.value), same=bytes(32), sealed=b""
        )
        self._rows.append(
            SightedSecret.make(
                **given,
                kind=bare.kind,
                size_bytes=bare.size_bytes,
                same=vault.same(self._vault_key, reply.value),
                sealed=vault.seal(self._vault_key, reply.value, bare.key) if reply.value else b"",
            )
        )

    def problem(self, code: str, detail: str, *, counts: bool = False) -> Problem:
        """Return a problem of this file."""
        return Problem.make(
            stage="sightings", subject=self._file.locator, code=code, detail=detail, counts=counts,
            unit=self._file.sha256,
        )  # fmt: skip
