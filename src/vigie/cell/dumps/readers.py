"""Which reader a dump has, by its content type."""

from __future__ import annotations

import typing as t

from vigie.cell.dumps import mysql

if t.TYPE_CHECKING:
    from vigie.cell.dumps.pieces import Reader

READERS: t.Final[dict[str, Reader]] = {
    "application/x-mysqldump": mysql.read,
}
