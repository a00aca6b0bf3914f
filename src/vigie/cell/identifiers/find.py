"""All identifiers of a batch of texts, each with its normal form; secrets apart, told by their place only."""

from __future__ import annotations

import collections
import functools
import itertools
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.cell.identifiers import bare, context, mail, phones, readers
from vigie.cell.identifiers.place import Hidden, Hit, Place
from vigie.cell.identifiers.sealed import Sealed
from vigie.cell.identifiers.sure import split
from vigie.cell.identifiers.words import listed, words
from vigie.numeric import identifiers_scan as scan
from vigie.numeric.identifiers import Candidates, candidates
from vigie.numeric.texts import Texts, joined, of, taken
from vigie.numeric.views import read_only
from vigie.rows.people import IDENTIFIERS, SECRETS
from vigie.rows.sightings import SIGHTED

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
KINDS: t.Final = {kind: number for number, kind in enumerate(IDENTIFIERS)}
MOST: t.Final = 5000
"""Identifiers of one row."""
_ALL: t.Final = frozenset(IDENTIFIERS)


_OTHER: t.Final = _ALL - frozenset(SIGHTED)
_MONEY: t.Final = np.array([scan.RUN, scan.DESCRIPTOR, scan.ARMOR, scan.PHRASE, scan.GLUED])
"""Candidates that may be money's identifiers, or secrets."""


class Secrets(t.NamedTuple):
    """Private keys and seeds: where they stand, for the store that seals them; what they are is nowhere here."""

    row: Ints
    start: Ints
    end: Ints
    kind: Bytes
    """Place in ``rows.people.SECRETS``."""


class Found(t.NamedTuple):
    """Identifiers in the order of rows and places; all arrays and lists are of one length."""

    row: Ints
    start: Ints
    """Bytes from the beginning of the row."""
    end: Ints
    kind: Bytes
    """Place in ``rows.people.IDENTIFIERS``."""
    checked: npt.NDArray[np.bool_]
    quoted: npt.NDArray[np.bool_]
    """It stands in what is quoted of somebody else."""
    values: Texts
    """In the form in which two are compared (``docs/identifiers.md``)."""
    lines: Texts
    """At most 120 characters round it, on one line; ``""`` where a secret may stand in them, and of a ``txid``, which
    may be a private key itself."""
    secrets: Secrets
    left: Ints
    """int64[rows]: what of that row was not looked at, for it has too many."""
    glued: npt.NDArray[np.bool_]
    """Other letters or digits stand right beside it: its checksum alone says where it begins and ends."""

    @property
    def value(self) -> list[str]:
        """``values`` one by one."""
        return self.values.strings()

    @property
    def context(self) -> list[str]:
        """``lines`` one by one."""
        return self.lines.strings()

    def some(self, chosen: npt.NDArray[np.bool_]) -> Found:
        """Return those that are chosen, with all secrets."""
        return Found(
            self.row[chosen], self.start[chosen], self.end[chosen], self.kind[chosen], self.checked[chosen],
            self.quoted[chosen], self.values.take(chosen), self.lines.take(chosen), self.secrets, self.left,
            self.glued[chosen],
        )  # fmt: skip


def find(
    values: Bytes, offsets: Ints, *, region: str | None = None, kinds: collections.abc.Set[str] = _ALL,
    quotes: bool = True, glued: bool = False,
) -> Found:  # fmt: skip
    """Find identifiers in texts.

    ``values``: uint8[n], texts in UTF-8, whatever their markup; ``offsets``: int64[rows + 1], where each begins and the
    last ends. ``region``: ISO 3166, whose telephone numbers count without the country's code too (unchecked).
    ``kinds``: those that are wanted of ``rows.people.IDENTIFIERS``; secrets are always told. ``quotes``: else nothing
    is looked at for being quoted. ``glued``: addresses of Bitcoin's right beside other letters and digits too.
    Raises ValueError where the offsets do not fit. Work and memory grow with the bytes; see ``MOST`` and ``left``.
    """
    values, offsets = read_only(np.asarray(values, np.uint8)), np.ascontiguousarray(offsets, np.int64)
    some = candidates(values, offsets, national=region is not None, glued=glued, words=words())
    if not kinds & _OTHER:
        some = _only(some, _MONEY)
    if not len(some.row):
        return _nothing(some.left)
    whole = _wholes(values, offsets, some) if "email" in kinds else {}
    sure, some = split(values, some, kinds, within=glued)
    asked = _asked(values, offsets, some, whole.keys(), readers.readers(region), kinds)
    sealed = [(one.start, one.end) for _, one in asked.secrets]
    sure = sure.apart((*sealed, *asked.blocks))
    mails = np.fromiter(whole, np.int64, len(whole))
    mine = np.array([(row, *hit[:2], KINDS[hit.kind], hit.checked) for row, hit in asked.hits], np.int64).reshape(-1, 5)
    where = np.concatenate([mine[:, 0], mails, sure.row])
    start = np.concatenate([mine[:, 1], offsets[mails], sure.start])
    end = np.concatenate([mine[:, 2], offsets[mails + 1], sure.end])
    kind = np.concatenate([mine[:, 3], np.full(len(mails), KINDS["email"]), sure.kind]).astype(np.uint8)
    checked = np.concatenate([mine[:, 4].astype(np.bool_), np.ones(len(mails), np.bool_), sure.checked])
    given = [*(hit.value for _, hit in asked.hits), *(value for value, _ in whole.values())]
    stuck = np.concatenate([np.zeros(len(where) - len(sure.row), np.bool_), sure.glued])
    value = joined(of([one.encode("utf-8", "replace") for one in given]), sure.values(values))
    left = some.left + asked.left
    order = np.lexsort((end, kind, start)) if len(mine) or len(mails) else None
    if order is not None or _many(where):
        order, left = _first(np.arange(len(where)) if order is None else order, where, left)
        where, start, end, kind, checked = where[order], start[order], end[order], kind[order], checked[order]
        stuck = stuck[order]
        value = value.take(order)
    lines = context.lines(values, offsets, where, np.column_stack([start, end]), asked.secrets, whole)
    return Found(
        row=where,
        start=start - offsets[where],
        end=end - offsets[where],
        kind=kind,
        checked=checked,
        quoted=_quoted(values, offsets, where, start) if quotes else np.zeros(len(where), np.bool_),
        values=value,
        lines=_safe(value, kind, lines),
        secrets=_secrets(asked.secrets, offsets),
        left=left,
        glued=stuck,
    )


def _quoted(values: Bytes, offsets: Ints, rows: Ints, places: Ints) -> npt.NDArray[np.bool_]:
    from vigie.numeric.identifiers_quotes import quoted  # noqa: PLC0415 - numba takes a while to load

    return quoted(values, offsets, rows, places)


def _safe(values: Texts, kinds: Bytes, lines: Texts) -> Texts:
    """Return the contexts, ``""`` where a secret may stand that no rule finds."""
    hidden = bare.lines(lines, values)
    hidden &= _others(values, lines)
    hidden |= kinds == KINDS["txid"]
    if not hidden.any():
        return lines
    return taken(lines.values, lines.offsets[:-1], np.where(hidden, lines.offsets[:-1], lines.offsets[1:]))


def _others(values: Texts, lines: Texts) -> npt.NDArray[np.bool_]:
    """Return which lines have more than their value."""
    same = np.flatnonzero(values.lengths == lines.lengths)
    out, (one, two) = np.ones(len(lines.offsets) - 1, np.bool_), (values.take(same), lines.take(same))
    if one.values.tobytes() != two.values.tobytes():
        pairs = zip(one.strings(), two.strings(), strict=True)
        same = same[np.fromiter((a == b for a, b in pairs), np.bool_, len(same))]
    out[same] = False
    return out


def _many(rows: Ints) -> bool:
    """Tell whether a row has more than ``MOST`` of them; they ascend."""
    return len(rows) > MOST and bool((rows[MOST:] == rows[:-MOST]).any())


def _first(order: Ints, rows: Ints, left: Ints) -> tuple[Ints, Ints]:
    """Return the first ``MOST`` of each row, and what is left of it with the others."""
    where = rows[order]
    over = np.zeros(len(where), np.bool_)
    over[MOST:] = where[MOST:] == where[:-MOST]
    return order[~over], left + np.bincount(where[over], minlength=len(left))


class _Asked(t.NamedTuple):
    """What rules say of candidates, row by row."""

    hits: list[tuple[int, Hit]]
    secrets: list[tuple[int, Hidden]]
    blocks: list[tuple[int, int]]
    """From where to where nothing else is looked at."""
    left: Ints


def _asked(
    values: Bytes, offsets: Ints, some: Candidates, but: collections.abc.Set[int], read: dict[int, readers.Reader],
    kinds: collections.abc.Set[str],
) -> _Asked:  # fmt: skip
    """Ask the rule of each candidate; ``but``: of no candidate of these rows."""
    out = _Asked([], [], [], np.zeros(len(offsets) - 1, np.int64))
    if not len(some.row):
        return out
    edges = _edges(some.row)
    of, data = some.row[edges], values.data
    bounds = zip(of.tolist(), offsets[of].tolist(), offsets[of + 1].tolist(), strict=True)
    starts, ends, whats = some.start.tolist(), some.end.tolist(), some.what.tolist()
    for (row, low, high), (first, last) in zip(bounds, itertools.pairwise([*edges.tolist(), len(starts)]), strict=True):
        if row in but:
            continue
        places = [(read[whats[i]], Place(data, low, high, starts[i], ends[i])) for i in range(first, last)]
        found, secrets = _row(places, kinds, out.blocks)
        if len(found) > MOST:
            out.left[row] += len(found) - MOST
            del found[MOST:]
        out.hits.extend((row, hit) for hit in found)
        out.secrets.extend((row, one) for one in secrets)
    return out


def _edges(rows: Ints) -> Ints:
    """Return where each row's first candidate is."""
    return np.concatenate([[0], np.flatnonzero(rows[1:] != rows[:-1]) + 1])


def _only(some: Candidates, whats: npt.NDArray[np.int64]) -> Candidates:
    """Return the candidates of these kinds: what nobody asked for need not be checked."""
    kept = np.isin(some.what, whats)
    return Candidates(some.row[kept], some.start[kept], some.end[kept], some.what[kept], some.left)


def _wholes(values: Bytes, offsets: Ints, some: Candidates) -> dict[int, tuple[str, str]]:
    """Return the rows that are an address and nothing else, as each account has one: normal form, and as it stands."""
    edges = _edges(some.row)
    of = some.row[edges]
    low, high = offsets[of], offsets[of + 1]
    alone = (some.what[edges] == scan.MAIL) & (np.diff(edges, append=len(some.row)) == 1)
    alone &= (some.start[edges] == low) & (some.end[edges] == high)
    data, out = values.data, dict[int, tuple[str, str]]()
    for row, first, last in zip(of[alone].tolist(), low[alone].tolist(), high[alone].tolist(), strict=True):
        text = str(data[first:last], "utf-8", "replace")
        value = mail.alone(text)
        if value:
            out[row] = value, text
    return out


def _nothing(left: Ints) -> Found:
    none, bytes_, bools = np.empty(0, np.int64), np.empty(0, np.uint8), np.empty(0, np.bool_)
    texts = Texts(bytes_, np.zeros(1, np.int64))
    return Found(none, none, none, bytes_, bools, bools, texts, texts, Secrets(none, none, none, bytes_), left, bools)


def _secrets(of: list[tuple[int, Hidden]], bounds: Ints) -> Secrets:
    row = np.array([row for row, _ in of], np.int64)
    start, end = (np.array([one[place] for _, one in of], np.int64) - bounds[row] for place in (0, 1))
    return Secrets(row, start, end, np.array([SECRETS.index(one.kind) for _, one in of], np.uint8))


def _row(
    places: list[tuple[readers.Reader, Place]], kinds: collections.abc.Set[str], blocks: list[tuple[int, int]]
) -> tuple[list[Hit], list[Hidden]]:
    """Return what the candidates of one row are, in the order of places, each once; add the blocks to ``blocks``."""
    hits: list[Hit] = []
    secrets: list[Hidden] = []
    taken = 0
    for read, place in places:
        if place.start < taken:
            continue
        for one in read(place):
            if isinstance(one, Hit):
                hits.append(one)
            elif isinstance(one, Hidden):
                secrets.append(one)
            else:
                taken = one
                blocks.append((place.start, taken))
    if secrets:
        sealed = Sealed(secrets)
        hits = [hit for hit in hits if not sealed.within(hit.start, hit.end)]
    if len(hits) > 1:
        unique = {(hit.start, hit.kind): hit for hit in reversed(hits)}
        hits = sorted(unique.values(), key=lambda hit: (hit.start, KINDS[hit.kind], hit.end))
    return (hits if kinds is _ALL else [hit for hit in hits if hit.kind in kinds]), secrets


@functools.cache
def warm() -> None:
    """Compile or load the loops, and what is known of telephone numbers and of names in other scripts."""
    phones.warm()
    body, ends = _sample("a@b\u00fccher.example +33612345678 &#64; 0x00 t.me/ ")
    for region in (None, "FR"):
        find(body, ends, region=region)


@functools.cache
def warm_money() -> None:
    """Load what looks for identifiers of money and for secrets, and no more: a second less than ``warm``."""
    body, ends = _sample("")
    find(body, ends, kinds=frozenset(SIGHTED), quotes=False, glued=True)


def _sample(text: str) -> tuple[Bytes, Ints]:
    """Return a text and more in which everything has something to look at."""
    body = np.frombuffer((text + "a" * 60 + " " + " ".join(listed()[0][:13])).encode(), np.uint8)
    return body, np.array([0, len(body)], np.int64)
