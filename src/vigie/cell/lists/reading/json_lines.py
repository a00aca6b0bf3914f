"""JSON lines of a foreign text file: an object a line, or the trouble with that line."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from vigie.cell.lists.reading.entries import bad_entry
from vigie.cell.lists.reading.lines import Lines
from vigie.rows.wire import Trouble


def json_lines(lines: Lines) -> Iterator[tuple[int, str, dict[str, object]] | Trouble]:
    """Yield number, place in words and object of each line that is not blank; ``bad_entry`` where it is no object."""
    for number, line in lines:
        where = f"line {number}"
        if line is None:
            yield bad_entry(number, f"{where} is too long")
        elif line.strip():
            try:
                yield number, where, msgspec.json.decode(line, type=dict[str, object])
            except (msgspec.DecodeError, RecursionError) as error:
                yield bad_entry(number, f"{where}: {error}")
