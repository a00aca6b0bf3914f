"""Stills that meet a list once an edit is undone: turned back, straightened, without a border, in their old frame."""

import typing as t

import numpy as np

from vigie.kernel.shelf import Shelf
from vigie.kernel.stage import Bits, Count, Params, Quality, stage
from vigie.kernel.table import Table, join
from vigie.numeric import coverage
from vigie.numeric.distinct import Ints
from vigie.numeric.variants_packed import Packed, some, unpacked
from vigie.rows.fingerprints import CROPS, TURNED, VARIANTS, Variants
from vigie.rows.matches import Known, Match, Withdrawn
from vigie.steps.listed import ALGORITHMS, Algorithm, Listed, listed, matches, told

METHOD: t.Final = {"pdq": "near", "vpdq": "frame"}
"""By the algorithm of theirs."""
AT_ONCE: t.Final = 20_000
"""Stills taken at a time: their variants are 110 MB."""
FIRST_CROP: t.Final = VARIANTS.index(CROPS[0])


class Varied(Params, frozen=True):
    """Settings. Measured false hits by radius, and what each variant finds: docs/matching.md 7."""

    most_bits: Bits = 31
    """For the eight orientations, which are exact hashes: as in ``near``."""
    most_bits_edited: Bits = 28
    """For all other variants: each comparison more is another chance to be wrong, so they must be nearer. At 28 they
    add fewer false hits against a list than the eight orientations have at 31 (docs/matching.md 7)."""
    least_quality: Quality = 50
    most_weak: Count = 64
    """As in ``near``."""


class _Met(t.NamedTuple):
    still: Ints
    number: Ints
    theirs: Ints
    """Place among the listed items."""
    row: Ints
    """Row of the listed hash."""
    bits: Ints
    their_ms: Ints


@stage(split="content")
def varied(
    variants: Table[Variants], known: Table[Known], withdrawn: Table[Withdrawn], params: Varied, shelf: Shelf
) -> Table[Match]:
    """Match stills with listed pictures and listed video frames by their variants.

    The seven other orientations of every still; the trimmed, padded and tilted ones only of stills that meet nothing
    as they are or turned. A pair that meets as it is, is the business of ``near`` and not told again.
    """
    theirs = {name: listed(name, known, withdrawn, shelf, least_quality=params.least_quality) for name in ALGORITHMS}
    parts = variants.parts("content", -(-len(variants) // AT_ONCE))
    return told(join(Match, [each for part in parts for each in _matched(part, theirs, params)]), known)


def _matched(part: Table[Variants], theirs: dict[Algorithm, Listed], params: Varied) -> list[Table[Match]]:
    given = unpacked(part.column("prints"), least_quality=params.least_quality, most_weak=params.most_weak)
    turned = some(given, given.number <= len(TURNED))
    edited = some(given, (given.number > len(TURNED)) & (given.number < FIRST_CROP))
    met = {name: _met(turned, one, params.most_bits) for name, one in theirs.items()}
    decided = np.zeros(len(part), np.bool_)
    for name, one in theirs.items():
        # What is near something benign is still tried edited: a benign list hides nothing.
        named = one.rows.column("meaning")[met[name].row] != "benign"
        decided[met[name].still[named]] = True
    edited = some(edited, ~decided[edited.still])
    out = []
    for name, one in theirs.items():
        out.append(_rows(part, one, name, _only_varied(met[name]), params.most_bits))
        out.append(_rows(part, one, name, _met(edited, one, params.most_bits_edited), params.most_bits_edited))
    return out


def _met(ours: Packed, theirs: Listed, radius: int) -> _Met:
    """Return the nearest variant of each still and listed item that meet; one as it is, and one of the others."""
    item = 2 * ours.still + (ours.number > 0)
    order = np.argsort(item, kind="stable")
    frames = coverage.Frames(item[order], ours.code[order], np.ones(len(item), np.int64), order)
    met = coverage.meet(frames, theirs.frames, radius=radius, enough=0, index=theirs.tables)
    place = frames.row[met.best_ours]
    return _Met(
        ours.still[place],
        ours.number[place],
        met.theirs,
        theirs.frames.row[met.best_theirs],
        met.distance,
        met.theirs_ms,
    )


def _only_varied(met: _Met) -> _Met:
    """Leave out what meets as it is, and other variants of the same pair."""
    if not len(met.still):
        return met
    pair = met.still * (met.theirs.max() + 1) + met.theirs
    keep = (met.number > 0) & ~np.isin(pair, pair[met.number == 0])
    return _Met(*(column[keep] for column in met))


def _rows(part: Table[Variants], theirs: Listed, algorithm: Algorithm, met: _Met, radius: int) -> Table[Match]:
    at_known = theirs.rows.column("at_s")[met.row]
    share = met.their_ms / coverage.total_ms(theirs.frames, len(theirs.rows))[met.theirs]
    return matches(
        content=part.matrix("content")[met.still],
        known=theirs.rows.matrix("key")[met.row],
        method=METHOD[algorithm],
        algorithm=algorithm,
        variant=[VARIANTS[number] for number in met.number],
        distance_bits=met.bits,
        threshold_bits=radius,
        share_known=np.round(share, 4),
        known_start_s=at_known,
        known_end_s=at_known,
    )
