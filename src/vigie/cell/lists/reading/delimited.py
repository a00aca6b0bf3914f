"""Delimited text (CSV, TSV and their kin), record by record, such that one bad record costs only itself.

``csv.reader`` over a whole file lets one stray quote swallow all that follows it. Here every line is parsed on its
own, and only a line that ends inside quotes is joined with the next few; where that does not heal it, that line
alone is bad. RFC 4180, with any delimiter, with LF or CRLF.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator

from vigie.cell.lists.reading.lines import MOST_LINE_BYTES, Lines

MOST_JOINED = 32
"""Lines that one quoted field may run over."""

csv.field_size_limit(MOST_LINE_BYTES)


def records(lines: Lines, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Yield the number of the first line and its fields; or a text that says why there are none. Blank lines pass."""
    source = iter(lines)
    waiting: deque[tuple[int, str | None]] = deque()
    while True:
        fetched = waiting.popleft() if waiting else next(source, None)
        if fetched is None:
            return
        number, line = fetched
        if line is None:
            yield number, f"line is longer than {MOST_LINE_BYTES} bytes"
        elif '"' not in line:
            if line and not line.isspace():
                yield number, line.split(delimiter)
        else:
            yield number, _quoted(line, delimiter, source, waiting)


def _quoted(
    line: str, delimiter: str, source: Iterator[tuple[int, str | None]], waiting: deque[tuple[int, str | None]]
) -> list[str] | str:
    text, joined, size = line, 0, len(line)
    while True:
        fields = _parsed(text, delimiter)
        if fields is not None:
            for _ in range(joined):
                waiting.popleft()
            return fields
        if text.count('"') % 2 == 0:
            return "text after a closing quote"
        if joined == len(waiting):
            fetched = next(source, None)
            if fetched is not None:
                waiting.append(fetched)
        if joined == len(waiting) or joined == MOST_JOINED:
            return "a quote is opened and never closed"
        follower = waiting[joined][1]
        if follower is None or size + len(follower) > MOST_LINE_BYTES:
            return "a quote is opened and never closed"
        text, joined, size = f"{text}\n{follower}", joined + 1, size + len(follower)


def _parsed(text: str, delimiter: str) -> list[str] | None:
    try:
        rows = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None
