"""All identifiers of a batch of texts, each with its normal form; secrets apart, told by their place only."""

from __future__ import annotations

import collections
import functools
import itertools
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.cell.identifiers import context, mail, phones, readers, seeds
from vigie.cell.identifiers.place import Hidden, Hit, Place
from vigie.cell.identifiers.sealed import Sealed
from vigie.numeric import identifiers_scan as scan
from vigie.numeric.columns import read_only
from vigie.numeric.identifiers import Candidates, candidates
from vigie.numeric.identifiers_quotes import quoted
from vigie.rows.people import IDENTIFIERS, SECRETS
from vigie.rows.sightings import SIGHTED

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
KINDS: t.Final = {kind: number for number, kind in enumerate(IDENTIFIERS)}
MOST: t.Final = 5000
"""Identifiers of one row."""
_ALL: t.Final = frozenset(IDENTIFIERS)


_OTHER: t.Final = _ALL - frozenset(SIGHTED)
_MONEY: t.Final = np.array([scan.RUN, scan.DESCRIPTOR, scan.ARMOR, scan.PHRASE])
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
    value: list[str]
    """In the form in which two are compared (``docs/identifiers.md``)."""
    context: list[str]
    """At most 120 characters round it, on one line."""
    secrets: Secrets
    left: Ints
    """int64[rows]: what of that row was not looked at, for it has too many."""


def find(values: Bytes, offsets: Ints, *, region: str | None = None, kinds: collections.abc.Set[str] = _ALL) -> Found:
    """Find identifiers in texts.

    ``values``: uint8[n], texts in UTF-8, whatever their markup; ``offsets``: int64[rows + 1], where each begins and the
    last ends. ``region``: ISO 3166, whose telephone numbers count without the country's code too (unchecked).
    ``kinds``: those that are wanted of ``rows.people.IDENTIFIERS``; secrets are always told.
    Raises ValueError where the offsets do not fit. Work and memory grow with the bytes; see ``MOST`` and ``left``.
    """
    values, offsets = read_only(np.asarray(values, np.uint8)), np.ascontiguousarray(offsets, np.int64)
    some = candidates(values, offsets, national=region is not None, words=seeds.words())
    if not kinds & _OTHER:
        some = _only(some, _MONEY)
    if not len(some.row):
        return _nothing(some.left)
    edges = np.concatenate([[0], np.flatnonzero(some.row[1:] != some.row[:-1]) + 1])
    whole = _wholes(values, offsets, some, edges) if "email" in kinds else {}
    data, read, nothing = values.data, readers.readers(region), Sealed([])
    hits: list[Hit] = []
    rows: list[int] = []
    contexts: list[str] = []
    secrets: list[tuple[int, Hidden]] = []
    left = some.left.copy()
    of = some.row[edges]
    bounds = zip(of.tolist(), offsets[of].tolist(), offsets[of + 1].tolist(), strict=True)
    starts, ends, whats = some.start.tolist(), some.end.tolist(), some.what.tolist()
    for (row, low, high), (first, last) in zip(bounds, itertools.pairwise([*edges.tolist(), len(starts)]), strict=True):
        if row in whole:
            continue
        found, sealed = _row(
            [(read[whats[i]], Place(data, low, high, starts[i], ends[i])) for i in range(first, last)], kinds
        )
        if len(found) > MOST:
            left[row] += len(found) - MOST
            del found[MOST:]
        hidden = Sealed(sealed) if sealed else nothing
        hits += found
        rows += [row] * len(found)
        contexts += [context.line(data, low, high, hit[:2], hidden) for hit in found]
        secrets += [(row, one) for one in sealed]
    mails = np.fromiter(whole, np.int64, len(whole))
    where = np.concatenate([np.array(rows, np.int64), mails])
    start = np.concatenate([np.array([hit.start for hit in hits], np.int64), offsets[mails]])
    end = np.concatenate([np.array([hit.end for hit in hits], np.int64), offsets[mails + 1]])
    kind = np.concatenate(
        [np.array([KINDS[hit.kind] for hit in hits], np.uint8), np.full(len(mails), KINDS["email"], np.uint8)]
    )
    checked = np.concatenate([np.array([hit.checked for hit in hits], np.bool_), np.ones(len(mails), np.bool_)])
    texts = [*((hit.value, line) for hit, line in zip(hits, contexts, strict=True)), *whole.values()]
    order = np.argsort(where, kind="stable")  # the rows of each kind ascend, and no row is of both
    where, start = where[order], start[order]
    return Found(
        row=where,
        start=start - offsets[where],
        end=end[order] - offsets[where],
        kind=kind[order],
        checked=checked[order],
        quoted=quoted(values, offsets, where, start),
        value=[texts[i][0] for i in order.tolist()],
        context=[texts[i][1] for i in order.tolist()],
        secrets=_secrets(secrets, offsets),
        left=left,
    )


def _only(some: Candidates, whats: npt.NDArray[np.int64]) -> Candidates:
    """Return the candidates of these kinds: what nobody asked for need not be checked."""
    kept = np.isin(some.what, whats)
    return Candidates(some.row[kept], some.start[kept], some.end[kept], some.what[kept], some.left)


def _wholes(values: Bytes, offsets: Ints, some: Candidates, edges: Ints) -> dict[int, tuple[str, str]]:
    """Return the rows that are an address and nothing else, as each account has one: normal form, and as it stands."""
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
    return Found(none, none, none, bytes_, bools, bools, [], [], Secrets(none, none, none, bytes_), left)


def _secrets(of: list[tuple[int, Hidden]], bounds: Ints) -> Secrets:
    row = np.array([row for row, _ in of], np.int64)
    start, end = (np.array([one[place] for _, one in of], np.int64) - bounds[row] for place in (0, 1))
    return Secrets(row, start, end, np.array([SECRETS.index(one.kind) for _, one in of], np.uint8))


def _row(places: list[tuple[readers.Reader, Place]], kinds: collections.abc.Set[str]) -> tuple[list[Hit], list[Hidden]]:
    """Return what the candidates of one row are, in the order of places, each once."""
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
    text = "a@b\u00fccher.example +33612345678 &#64; 0x00 t.me/ " + "a" * 60
    body = np.frombuffer(text.encode(), np.uint8)
    for region in (None, "FR"):
        find(body, np.array([0, len(body)], np.int64), region=region)
