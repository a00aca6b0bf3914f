"""A few words round an identifier, on one line, without markup; nothing of a secret."""

from __future__ import annotations

import html
import itertools
import operator
import re
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.cell.identifiers.place import Hidden
from vigie.cell.identifiers.sealed import Sealed
from vigie.numeric.lines_round import MOST, lines_round
from vigie.numeric.texts import Texts, joined, of

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
_ROUND: t.Final = 160
"""Bytes before and behind it that are looked at."""
_INSIDE: t.Final = 200
"""Bytes of it that are: a URL may be long, and a key block is."""
_MARKUP: t.Final = re.compile(
    r"\[(?!at\]|dot\])/?[a-zA-Z*]{1,12}(?:=[^\[\]]{0,200})?\]|</?(?:[a-zA-Z]{1,12}|!--)(?:\s[^<>]{0,200})?/?>"
)
_OPENS: t.Final = re.compile(r"(?:<[a-zA-Z]{1,12}\s[^<>\x01]{0,200}|\[[a-zA-Z*]{1,12}=[^\[\]\x01]{0,200})\x01")
_CLOSES: t.Final = re.compile(r"\x02[^<>\[\]\x02]{0,200}[>\]]")
"""It stands in a tag: ``<a href="`` before it, ``">`` behind it."""
_TOUCHED: t.Final = re.compile(r"[ &<\[]")
_SPACES: t.Final = re.compile(" +")
SEALED: t.Final = "\u2026"
"""Stands for a secret."""
_BEGIN, _END = "\x01", "\x02"


def lines(
    values: Bytes, offsets: Ints, rows: Ints, spans: Ints, secrets: list[tuple[int, Hidden]],
    given: dict[int, tuple[str, str]],
) -> Texts:  # fmt: skip
    """Return what ``line`` does for each place, fast where texts are plain.

    ``rows``, ``spans``: int64[places], int64[places, 2], bytes of the arena; ``secrets``: rows ascending, with places;
    ``given``: rows whose second text is the line.
    """
    four, data = np.column_stack([offsets[rows], offsets[rows + 1], spans]), values.data
    by_row = itertools.groupby(secrets, operator.itemgetter(0))
    sealed, nothing = {row: Sealed([one for _, one in some]) for row, some in by_row}, Sealed([])
    out, asked = lines_round(values, four)
    if sealed or given:
        asked |= np.isin(rows, [*sealed, *given])
    if not asked.any():
        return out
    others = []
    for row, (low, high, start, end) in zip(rows[asked].tolist(), four[asked].tolist(), strict=True):
        text = given[row][1] if row in given else line(data, low, high, (start, end), sealed.get(row, nothing))
        others.append(text.encode("utf-8", "replace"))
    order = np.arange(len(rows))
    order[asked] = len(rows) + np.arange(len(others))
    return joined(out, of(others)).take(order)


def line(data: memoryview, low: int, high: int, span: tuple[int, int], sealed: Sealed) -> str:
    """Return at most ``MOST`` characters round ``span``, nothing of what is ``sealed``."""
    start, end = span
    if start == low and end == high and end - start <= MOST and not sealed:  # a field that holds nothing else
        text = str(data[start:end], "utf-8", "ignore")
        if text.isascii() and text.isprintable() and not _TOUCHED.search(text):
            return text
    stop = min(end, start + _INSIDE)
    before = _text(data, max(low, start - _ROUND), start, sealed)
    after = _text(data, stop, min(high, stop + _ROUND), sealed)
    text = f"{before}{_BEGIN}{_text(data, start, stop, sealed)}{_END}{after}"
    if "<" in text or "[" in text:
        text, inside = _OPENS.subn(_BEGIN, text)
        text = _MARKUP.sub(" ", _CLOSES.sub(_END + " ", text) if inside else text)
    left, _, rest = " ".join((html.unescape(text) if "&" in text else text).split()).partition(_BEGIN)
    middle, _, right = rest.partition(_END)
    left, middle, right = _shown(left), _shown(middle)[:MOST], _shown(right)
    room = MOST - len(middle)
    much = min(len(left), max(room // 2, room - len(right)))
    return (left[len(left) - much :] + middle + right[: room - much]).strip()


def _text(data: memoryview, start: int, end: int, sealed: Sealed) -> str:
    if sealed:
        parts, at = [], start
        for first, last in sealed.within(start, end):
            parts.append(str(data[at : max(at, first)], "utf-8", "ignore") + SEALED)
            at = min(last, end)
        text = "".join((*parts, str(data[at:end], "utf-8", "ignore")))
    else:
        text = str(data[start:end], "utf-8", "ignore")
    return text.replace(_BEGIN, " ").replace(_END, " ") if _BEGIN in text or _END in text else text


def _shown(text: str) -> str:
    """Return it without control characters and those that turn the direction of writing."""
    return text if text.isprintable() else _SPACES.sub(" ", "".join(filter(str.isprintable, text)))
