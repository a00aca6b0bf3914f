"""What a reading stage is to read, in reading order: written to a file and read back as it is needed, never held whole.

Ten million units are a large case, so nothing is kept for each of them but one byte: need it be read?
"""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.kernel.database import literal
from vigie.kernel.table import BATCH_ROWS, Named, lay, look, registered

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from vigie.kernel.database import Room
    from vigie.rows.base import Row


class Plan:
    """The units of one reading stage. ``column`` is the one that tells them apart."""

    def __init__(
        self, row: type[Row], sql: str, column: str, folder: Path, room: Room, tables: dict[str, Named]
    ) -> None:
        """Write the units that ``sql`` selects, in its order, to a file in ``folder``."""
        self.row = row
        self.column = column
        self.table = lay(row, sql, folder / "plan.parquet", room, **tables)
        (found,) = look("select count(*) as n, coalesce(sum(size_bytes), 0)::bigint as size from p", p=self.table)
        self.units: int = found["n"]
        self.size_bytes: int = found["size"]
        self.struck = 0
        self.struck_bytes = 0
        self._struck = np.zeros(self.units, np.bool_)

    def strike(self, **files: Path) -> None:
        """Leave out the units that these Parquet files name in their column ``unit``."""
        room = t.cast("Room", self.table.room)
        named = " union all ".join(f"select unit from {name}" for name in files)
        sql = (
            f"select file_row_number as at, size_bytes from read_parquet({literal(self.table.files[0])},"
            f' file_row_number = true) p where p."{self.column}" in ({named})'
        )
        with registered(files, room) as db:
            for batch in db.sql(sql).to_arrow_reader(BATCH_ROWS):
                self._struck[batch.column("at").to_numpy()] = True
                self.struck_bytes += int(batch.column("size_bytes").to_numpy().sum())
                self.struck += len(batch)

    def left(self) -> Iterator[pa.RecordBatch]:
        """Go through the units that are still to be read."""
        at = 0
        for batch in self.table.batches():
            struck = self._struck[at : at + len(batch)]
            at += len(batch)
            if not struck.any():
                yield batch
            elif not struck.all():
                yield batch.take(np.flatnonzero(~struck))
