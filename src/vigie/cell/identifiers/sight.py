"""Identifiers of money in a file of any kind, whatever its length: where each stands, and how it is written there."""

from __future__ import annotations

import collections.abc
import html
import re
import typing as t
import urllib.parse

import numpy as np
import numpy.typing as npt

from vigie.cell.identifiers.find import Found, find
from vigie.rows.sightings import SIGHTED

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
_Place = collections.abc.Callable[[Ints], Ints]
_Keep = collections.abc.Callable[[Ints, Ints], npt.NDArray[np.bool_]]
PIECE: t.Final = 4 << 20
"""Bytes that are read at a time."""
ROW: t.Final = 1 << 16
"""Bytes that are looked at as one text; it ends at a line, a space or a zero where there is one near."""
_NEAR: t.Final = 4096
_SEAM: t.Final = 1024
"""Bytes on each side of the end of such a text that are looked at again: words of a phrase go over lines."""
_KINDS: t.Final = frozenset(SIGHTED)
_LEAST: t.Final = 24
"""Letters of two bytes in a row that are worth a look."""
_MOST_TOKEN: t.Final = 2048
_ESCAPE: t.Final = re.compile(rb"&#(?:\d{2,3}|[xX][0-9a-fA-F]{2});|%[2-7][0-9a-fA-F]")
_OUTSIDE: t.Final = re.compile(rb"[\s\"'<>\x00-\x20\x7f-\xff]")


class Sighted(t.NamedTuple):
    """What one call of ``find`` came to, and where in the file its places are."""

    encoding: str
    """One of ``rows.sightings.ENCODINGS``."""
    found: Found
    starts: Ints
    """Byte of the file of each of ``found``."""
    hidden: list[tuple[int, int, bytes]]
    """Secrets: byte of the file, kind, and what stands there."""


def sights(file: t.BinaryIO) -> t.Iterator[Sighted]:
    """Give what a file holds, piece by piece; memory and work grow with its bytes, whatever they are."""
    at, rest = 0, b""
    while piece := file.read(PIECE):
        held = rest + piece
        ends = _ends(held)
        whole = ends[-1] if len(piece) == PIECE else len(held)
        if ends[-1] < whole:
            ends.append(whole)
        yield from _looked(held[:whole], at, ends)
        at, rest = at + whole, held[whole:]
    if rest:
        yield from _looked(rest, at, [0, len(rest)])


def _ends(held: bytes) -> list[int]:
    """Return where texts end, from 0 on; what is behind the last is not sure to be one."""
    out = [0]
    while out[-1] + ROW <= len(held):
        end = out[-1] + ROW
        breaks = (held.rfind(mark, end - _NEAR, end) + 1 for mark in (b"\n", b" ", b"\0", b",", b'"'))
        out.append(next((one for one in breaks if one > out[-1]), end))
    return out


def _looked(held: bytes, at: int, ends: list[int]) -> t.Iterator[Sighted]:
    values = np.frombuffer(held, np.uint8)
    yield from _some("utf-8", values, np.array(ends, np.int64), lambda place: place + at)
    if len(ends) > 2:
        yield from _seams(values, ends, at)
    if 0 in held and held.count(0) >= _LEAST:
        yield from _wide(values, at)
    if (38 in held and b"&#" in held) or 37 in held:  # a byte is looked for at ten times the speed of two
        yield from _unescaped(held, at)


def _some(
    encoding: str,
    values: Bytes,
    offsets: Ints,
    place: t.Callable[[Ints], Ints],
    keep: t.Callable[[Ints, Ints], t.Any] | None = None,
) -> t.Iterator[Sighted]:
    """Give what ``find`` finds; ``place``: of places in the arena those of the file; ``keep``: which of them count."""
    found = find(values, offsets, kinds=_KINDS, quotes=False, glued=encoding == "utf-8")
    starts, ends = offsets[found.row] + found.start, offsets[found.row] + found.end
    if keep is not None and len(found.row):
        some = keep(starts, ends)
        found, starts = found.some(some), starts[some]
    of = found.secrets
    first, last = offsets[of.row] + of.start, offsets[of.row] + of.end
    chosen = np.flatnonzero(np.ones(len(first), np.bool_) if keep is None or not len(first) else keep(first, last))
    first, last = first[chosen], last[chosen]
    spans = zip(place(first).tolist(), of.kind[chosen].tolist(), first.tolist(), last.tolist(), strict=True)
    hidden = [(at, kind, values[a:b].tobytes()) for at, kind, a, b in spans] if len(first) else []
    if not found.glued.any():
        if len(found.row) or hidden or found.left.any():
            yield Sighted(encoding, found, place(starts), hidden)
        return
    yield Sighted(encoding, found.some(~found.glued), place(starts[~found.glued]), hidden)
    glued = found.some(found.glued)._replace(left=np.zeros_like(found.left))  # told with the others
    yield Sighted("glued", glued, place(starts[found.glued]), [])


def _seams(values: Bytes, ends: list[int], at: int) -> t.Iterator[Sighted]:
    """Look again where one text ends and the next begins, for what goes over that."""
    inner = np.array(ends[1:-1], np.int64)
    low, high = np.maximum(inner - _SEAM, 0), np.minimum(inner + _SEAM, len(values))
    offsets = np.concatenate([[0], np.cumsum(high - low)])
    arena = np.concatenate([values[a:b] for a, b in zip(low.tolist(), high.tolist(), strict=True)])

    def row(places: Ints) -> Ints:
        return np.asarray(np.searchsorted(offsets, places, side="right") - 1, np.int64)

    def over(starts: Ints, stops: Ints) -> npt.NDArray[np.bool_]:
        seam = (offsets[:-1] + inner - low)[row(starts)]
        return (starts < seam) & (stops > seam)

    def place(places: Ints) -> Ints:
        of = row(places)
        return np.asarray(places - offsets[of] + low[of] + at, np.int64)

    yield from _some("utf-8", arena, offsets, place, over)


def _wide(values: Bytes, at: int) -> t.Iterator[Sighted]:
    """Look at letters of two bytes, one of them zero: those behind their zero are UTF-16BE, the others LE."""
    text = (values >= 9) & (values < 127)
    for parity in (0, 1):
        low, high = text[parity:-1:2], values[parity + 1 :: 2] == 0
        many = min(len(low), len(high))
        edges = np.flatnonzero(np.diff(np.concatenate([[0], (low[:many] & high[:many]).view(np.int8), [0]])))
        starts, ends = edges[::2] * 2 + parity, edges[1::2] * 2 + parity
        some = ends - starts >= 2 * _LEAST
        starts, ends = starts[some], ends[some]
        before = (starts > 0) & (values[np.maximum(starts - 1, 0)] == 0)
        after = (ends < len(values)) & text[np.minimum(ends, len(values) - 1)]
        for encoding, chosen, more in (("utf-16be", before & after, 2), ("utf-16le", ~(before & after), 0)):
            first, last = starts[chosen], ends[chosen] + more
            if len(first):
                yield from _pressed(encoding, values, first, last, at - (encoding == "utf-16be"))  # its zero begins it


def _pressed(encoding: str, values: Bytes, first: Ints, last: Ints, at: int) -> t.Iterator[Sighted]:
    parts = [values[a:b:2] for a, b in zip(first.tolist(), last.tolist(), strict=True)]
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in parts])]).astype(np.int64)

    def place(places: Ints) -> Ints:
        of = np.searchsorted(offsets, places, side="right") - 1
        return first[of] + 2 * (places - offsets[of]) + at

    yield from _some(encoding, np.concatenate(parts), offsets, place)


def _unescaped(held: bytes, at: int) -> t.Iterator[Sighted]:
    """Look at what is written as HTML entities or per cent codes, in the word round each, without them."""
    arena, ends, places = bytearray(), [0], list[int]()
    done = 0
    for found in _ESCAPE.finditer(held):
        if found.start() < done:
            continue
        before = [*_OUTSIDE.finditer(held, max(done, found.start() - _MOST_TOKEN), found.start())]
        first = before[-1].end() if before else max(done, found.start() - _MOST_TOKEN)
        behind = _OUTSIDE.search(held, found.end(), found.start() + _MOST_TOKEN)
        done = behind.start() if behind else min(len(held), found.start() + _MOST_TOKEN)
        if done - first < _LEAST:
            continue
        start = first
        for one in _ESCAPE.finditer(held, first, done):
            places += range(start, one.start() + 1)
            arena += held[start : one.start()] + _letter(one[0])
            start = one.end()
        places += range(start, done)
        arena += held[start:done]
        ends.append(len(arena))
    if len(ends) < 2:
        return
    of = np.array([*places, len(held)], np.int64)

    def place(some: Ints) -> Ints:
        return of[some] + at

    def escaped(starts: Ints, stops: Ints) -> npt.NDArray[np.bool_]:
        return np.asarray(of[stops - 1] - of[starts] != stops - 1 - starts, np.bool_)

    yield from _some("escaped", np.frombuffer(bytes(arena), np.uint8), np.array(ends, np.int64), place, escaped)


def _letter(escape: bytes) -> bytes:
    text = escape.decode()
    held = html.unescape(text) if text[0] == "&" else urllib.parse.unquote(text)
    return held.encode() if len(held) == 1 and held.isascii() else b" "
