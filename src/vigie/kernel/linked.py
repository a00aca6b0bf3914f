"""Records that Splink finds, compares and weighs, in DuckDB as it is opened here: bounded memory, no network."""

from __future__ import annotations

import importlib.metadata
import typing as t

import duckdb
import msgspec

from vigie.kernel.table import flowing, gathered, registered, too_little
from vigie.rows.base import Row

if t.TYPE_CHECKING:
    from vigie.kernel.database import Room
    from vigie.kernel.table import Table

R = t.TypeVar("R", bound=Row)
SURE: t.Final = 1 - 2**-40
"""Largest threshold that Splink can be given: of certainty it writes the weight as ``inf``, which is no SQL."""


def scorer() -> str:
    """Return what weighs, with its version."""
    return f"Splink {importlib.metadata.version('splink')} on DuckDB {duckdb.__version__}"


def linked(
    row: type[R], sql: str, records: Table[t.Any], model: dict[str, t.Any], least: float, room: Room | None
) -> Table[R]:
    """Build a table by one DuckDB ``select`` over ``said``: what Splink says of pairs of records.

    ``model``: settings of ``splink.Linker``, complete. Pairs whose probability is below ``least`` are not kept for it.
    m and u being given, what is said of a pair depends on its two records alone: not on their order, nor on threads.
    What does not fit the memory of the room is asked again of one thread. Errors: UsageError where it still does not.
    """
    try:
        return _linked(row, sql, records, model, least, room)
    except duckdb.OutOfMemoryException:
        if room is None:
            raise
        alone = msgspec.structs.replace(room, threads=1)
    try:
        return _linked(row, sql, records, model, least, alone)
    except duckdb.OutOfMemoryException as error:
        raise too_little(room, row.table(), error) from None


def _linked(
    row: type[R], sql: str, records: Table[t.Any], model: dict[str, t.Any], least: float, room: Room | None
) -> Table[R]:
    from splink import DuckDBAPI, Linker  # noqa: PLC0415 - half a second, which only this stage needs
    from splink.internals.exceptions import SplinkException  # noqa: PLC0415 - as above

    with registered({"records": records}, room) as db:
        api = DuckDBAPI(db)
        try:
            linker = Linker(api.register("records"), model, log_level=None)
            said = linker.inference.predict(threshold_match_probability=min(least, SURE))
            db.execute(f"create temp view said as from {said.physical_name}")
            return gathered(row, flowing(db, row, sql), room)
        except SplinkException as error:  # Splink puts what the database says into one of its own
            raise error.__cause__ if isinstance(error.__cause__, duckdb.Error) else error from None
        finally:
            api.delete_tables_created_by_splink_from_db()  # type: ignore[no-untyped-call] # Splink says no types here
