"""Files that are made for somebody else's program."""

from __future__ import annotations

import typing as t

from vigie.kernel.table import ROW_GROUP, Named, export, registered

if t.TYPE_CHECKING:
    from pathlib import Path


def handed(sql: str, path: Path, **tables: Named) -> int:
    """Write what one DuckDB ``select`` gives, whatever its columns, as a Parquet file; return how many rows it has."""
    with registered(tables) as db:
        return export(db.sql(sql).to_arrow_reader(ROW_GROUP), path)
