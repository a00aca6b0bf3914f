"""All identifiers of a batch of texts, each with its normal form; secrets apart, told by their place only."""

from __future__ import annotations

import collections
import functools
import itertools
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.cell.identifiers import (
    armor,
    coins,
    context,
    ethereum,
    handles,
    iban,
    mail,
    monero,
    onion,
    pgp,
    phones,
    seeds,
    tox,
    urls,
)
from vigie.cell.identifiers.place import Hidden, Hit, Place
from vigie.cell.identifiers.sealed import Sealed
from vigie.numeric import identifiers_scan as scan
from vigie.numeric.identifiers import candidates
from vigie.numeric.identifiers_pairs import WORDS
from vigie.numeric.identifiers_quotes import quoted
from vigie.rows.people import IDENTIFIERS, SECRETS

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
KINDS: t.Final = {kind: number for number, kind in enumerate(IDENTIFIERS)}
MOST: t.Final = 5000
"""Identifiers of one row."""
_ALL: t.Final = frozenset(IDENTIFIERS)


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
    values, offsets = np.ascontiguousarray(values, np.uint8).view(), np.ascontiguousarray(offsets, np.int64)
    values.flags.writeable = False  # one type for the loops: the sandbox compiles nothing
    some = candidates(values, offsets, national=region is not None, words=seeds.words())
    data, bounds = values.data, offsets
    hits: list[Hit] = []
    rows: list[int] = []
    contexts: list[str] = []
    secrets: list[tuple[int, Hidden]] = []
    left = some.left.copy()
    edges = np.flatnonzero(np.diff(some.row, prepend=-1)).tolist()
    starts, ends, whats = some.start.tolist(), some.end.tolist(), some.what.tolist()
    for first, last in itertools.pairwise([*edges, len(starts)]):
        row = int(some.row[first])
        low, high = int(bounds[row]), int(bounds[row + 1])
        places = [(whats[i], Place(data, low, high, starts[i], ends[i])) for i in range(first, last)]
        found, sealed = _row(places, region, kinds)
        left[row] += max(0, len(found) - MOST)
        hidden = Sealed(sealed)
        for hit in found[:MOST]:
            hits.append(hit)
            rows.append(row)
            contexts.append(context.line(data, low, high, (hit.start, hit.end), hidden))
        secrets.extend((row, one) for one in sealed)
    where = np.array(rows, np.int64)
    at = np.array([hit.start for hit in hits], np.int64)
    return Found(
        row=where,
        start=at - bounds[where],
        end=np.array([hit.end for hit in hits], np.int64) - bounds[where],
        kind=np.array([KINDS[hit.kind] for hit in hits], np.uint8),
        checked=np.array([hit.checked for hit in hits], np.bool_),
        quoted=quoted(values, bounds, where, at),
        value=[hit.value for hit in hits],
        context=contexts,
        secrets=_secrets(secrets, bounds),
        left=left,
    )


def _secrets(of: list[tuple[int, Hidden]], bounds: Ints) -> Secrets:
    row = np.array([row for row, _ in of], np.int64)
    start, end = (np.array([one[place] for _, one in of], np.int64) - bounds[row] for place in (0, 1))
    return Secrets(row, start, end, np.array([SECRETS.index(one.kind) for _, one in of], np.uint8))


def _row(
    places: list[tuple[int, Place]], region: str | None, kinds: collections.abc.Set[str]
) -> tuple[list[Hit], list[Hidden]]:
    """Return what the candidates of one row are, in the order of places, each once."""
    hits: list[Hit] = []
    secrets: list[Hidden] = []
    taken = 0
    for what, place in places:
        if place.start < taken:
            continue
        for one in _of(what, place, region):
            if isinstance(one, Hidden):
                secrets.append(one)
            elif isinstance(one, Hit):
                hits.append(one)
            else:
                taken = one
    if secrets:
        sealed = Sealed(secrets)
        hits = [hit for hit in hits if not sealed.within(hit.start, hit.end)]
    unique = {(hit.start, hit.kind): hit for hit in reversed(hits) if hit.kind in kinds}
    return sorted(unique.values(), key=lambda hit: (hit.start, KINDS[hit.kind], hit.end)), secrets


def _of(what: int, place: Place, region: str | None) -> t.Iterator[Hit | Hidden | int]:
    """Give what a candidate is; a number: nothing before that place is to be looked at any more."""
    if what == scan.ARMOR:
        yield from _block(place)
    elif what in (scan.PHONE, scan.NATIONAL):
        yield from phones.read(place, region)
    else:
        yield from _READERS[what](place)


def _block(place: Place) -> t.Iterator[Hit | Hidden | int]:
    held = armor.block(place)
    if held is None:
        return
    if "PRIVATE KEY" in held.label:
        yield Hidden(held.start, held.end, "private_key")
    elif held.label == "PGP PUBLIC KEY BLOCK":
        yield from pgp.keys(held)
    if held.label != "PGP SIGNED MESSAGE":
        yield held.end


def _run(place: Place) -> t.Iterator[Hit | Hidden]:
    """Give what a run of letters and digits is: by its length, as ``identifiers_scan`` lets them through."""
    text = place.text()
    if len(text) <= _SHORT or text[:3].lower() in ("bc1", "ltc"):
        coin = coins.address(text)
        if coin is not None:
            yield place.hit(coin[0], coin[1], checked=True)
    else:
        yield from _RUNS[len(text)](place, text)


def _monero(place: Place, text: str) -> t.Iterator[Hit]:
    value = monero.address(text)
    if value is not None:
        yield place.hit("xmr", value, checked=True)


def _private(place: Place, text: str) -> t.Iterator[Hidden]:
    if coins.private(text):
        yield Hidden(place.start, place.end, "private_key")


def _ethereum(place: Place, text: str) -> t.Iterator[Hit]:
    held = ethereum.address(text)
    if held is not None:
        yield place.hit("eth", held[0], checked=held[1])


def _session(place: Place, text: str) -> t.Iterator[Hit]:
    yield place.hit("session", text.lower(), checked=False)


def _tox(place: Place, text: str) -> t.Iterator[Hit]:
    key = tox.identifier(text)
    if key is not None:
        yield place.hit("tox", key, checked=True)


def _digits(place: Place, _: str) -> t.Iterator[Hit]:
    return pgp.written(place)


_SHORT: t.Final = 36
"""Digits of an address in base 58, at most."""
_RUNS: t.Final[dict[int, collections.abc.Callable[[Place, str], t.Iterator[Hit | Hidden]]]] = {
    40: _digits, 42: _ethereum, 51: _private, 52: _private, 58: _private, 64: _digits, 66: _session, 76: _tox,
    95: _monero, 106: _monero, 111: _private, 112: _private,
}  # fmt: skip


def _onion(place: Place) -> t.Iterator[Hit]:
    value = onion.address(place.text())
    if value is not None:
        yield place.hit("onion", value, checked=True)


def _readers() -> dict[int, collections.abc.Callable[[Place], t.Iterator[Hit | Hidden]]]:
    of: dict[int, collections.abc.Callable[[Place], t.Iterator[Hit | Hidden]]] = {
        scan.MAIL: mail.read,
        scan.HIDDEN: mail.hidden,
        scan.HANDLE: handles.at,
        scan.URL: urls.read,
        scan.RUN: _run,
        scan.IBAN: iban.read,
        scan.GROUPS: pgp.written,
        scan.KEY_ID: pgp.key_id,
        scan.ONION: _onion,
        scan.LINK: handles.link,
        scan.PHRASE: seeds.read,
    }
    for number, word in enumerate(WORDS):
        kind = handles.KINDS.get(word)
        one = handles.live if word == "live:" else pgp.announced
        of[scan.WORD + number] = one if kind is None else functools.partial(handles.announced, kind=kind)
    return of


_READERS: t.Final = _readers()


@functools.cache
def warm() -> None:
    """Compile or load the loops, and what is known of telephone numbers and of names in other scripts."""
    phones.warm()
    text = "a@b\u00fccher.example +33612345678 &#64; 0x00 t.me/ " + "a" * 60
    body = np.frombuffer(text.encode(), np.uint8)
    find(body, np.array([0, len(body)], np.int64), region="FR")
