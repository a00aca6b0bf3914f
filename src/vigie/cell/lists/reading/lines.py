"""Lines of a foreign text file: numbered, bounded, decoded."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from vigie.cell.lists.reading.text import FALLBACK, decoded
from vigie.rows.wire import Trouble

MOST_LINE_BYTES = 1 << 24
"""A line may hold a whole video's frame hashes (80 bytes each); nothing honest is longer."""


class Lines:
    """The lines of a file, once. A line beyond the bound is skipped to its end and comes as None."""

    def __init__(self, file: t.BinaryIO, most: int = MOST_LINE_BYTES) -> None:
        self._file = file
        self._most = most
        self._not_utf8 = 0

    def __iter__(self) -> Iterator[tuple[int, str | None]]:
        """Yield number (from 1) and text without the line's end."""
        number, most, readline = 0, self._most, self._file.readline
        while line := readline(most + 1):
            number += 1
            if len(line) > most and not line.endswith(b"\n"):
                self._skip()
                yield number, None
                continue
            text, utf8 = decoded(line)
            if not utf8 and not self._not_utf8:
                self._not_utf8 = number
            yield number, text.rstrip("\r\n")

    def _skip(self) -> None:
        while (part := self._file.readline(1 << 16)) and not part.endswith(b"\n"):
            pass

    def remarks(self) -> Iterator[Trouble]:
        """After the last line: say where the text was not UTF-8 and what it was read as."""
        if self._not_utf8:
            detail = f"line {self._not_utf8} is the first that is not UTF-8; such lines were read as {FALLBACK}"
            yield Trouble(number=self._not_utf8, code="not_utf8", detail=detail, counts=False)


def too_long(number: int) -> Trouble:
    """Return the trouble of a line beyond the bound."""
    return Trouble(number=number, code="bad_entry", detail=f"line {number} is longer than {MOST_LINE_BYTES} bytes")


def first_lines(head: bytes, most: int = 50) -> list[str]:
    """Return the first lines of a head that are whole and not blank."""
    text = head.decode("utf-8", "replace")
    whole = text if text.endswith("\n") or len(head) < 1 << 16 else text[: text.rfind("\n") + 1]
    return [line.strip() for line in whole.split("\n") if line.strip()][:most]
