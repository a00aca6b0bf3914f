"""Stills that meet a list once an edit is undone: turned back, straightened, without a border, in their old frame."""

import typing as t

import numpy as np

from vigie.kernel.shelf import Shelf
from vigie.kernel.stage import Bits, Count, Params, Quality, stage
from vigie.kernel.table import Table, columns, join, query
from vigie.numeric import coverage, hamming
from vigie.numeric.distinct import Ints
from vigie.numeric.variants_packed import Packed, some, unpacked
from vigie.rows.fingerprints import CROPS, TURNED, VARIANTS, Variants
from vigie.rows.matches import Known, Match, Withdrawn

COMPARED: t.Final = (("pdq", "near"), ("vpdq", "frame"))
"""Theirs, method."""
AT_ONCE: t.Final = 50_000
"""Stills taken at a time: their variants are 60 MB."""
LONGEST_MS: t.Final = 10_000
FIRST_CROP: t.Final = VARIANTS.index(CROPS[0])


class Varied(Params, frozen=True):
    """Settings. Measured false hits by radius, and what each variant finds: docs/matching.md 7."""

    most_bits: Bits = 31
    """For the eight orientations, which are exact hashes: as in ``near``."""
    most_bits_edited: Count = 24
    """For all other variants: each comparison more is another chance to be wrong, so they must be nearer."""
    least_quality: Quality = 50
    most_weak: Count = 64
    """As in ``near``."""


class _Listed(t.NamedTuple):
    rows: Table[Known]
    frames: coverage.Frames
    tables: hamming.Index
    algorithm: str
    method: str


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
    listed = [_listed(known, withdrawn, params, shelf, *one) for one in COMPARED]
    parts = variants.parts("content", -(-len(variants) // AT_ONCE))
    found = join(Match, [each for part in parts for each in _matched(part, listed, params)])
    return query(
        Match,
        """
        select f.* replace (k.list as list, k.entry as entry, k.meaning as meaning, k.category as category)
        from found f join known k on k.key = f.known
        """,
        found=found,
        known=known,
    )


def _listed(
    known: Table[Known], withdrawn: Table[Withdrawn], params: Varied, shelf: Shelf, theirs: str, method: str
) -> _Listed:
    # An item is one listed picture, or all frames of one entry in an order that no two rows share.
    # A withdrawn picture is hidden, so that the list's segment stays; a withdrawn frame would change what others weigh.
    item, frame, hidden = "row_number() over (order by list, key)", "frame", "true"
    if theirs == "vpdq":
        hidden = "not gone"
        item = "dense_rank() over (order by list, entry)"
        frame = "row_number() over (order by list, entry, at_s, frame, key)"
    rows = query(
        Known,
        f"""
        select * exclude (gone) replace (
            {item} - 1 as number, {frame} as frame, gone as withdrawn, '' as entry, '' as category, '' as series)
        from (select *, withdrawn or key in (select known from taken_back) as gone from known)
        where algorithm = '{theirs}' and octet_length(value) = 32 and {hidden}
        """,
        known=known,
        taken_back=withdrawn,
    )
    frames = coverage.frames(
        rows.column("number"),
        rows.column("at_s"),
        rows.column("frame"),
        rows.words("value").reshape(-1, 4),
        rows.column("quality") >= params.least_quality,
        same_bits=0,
        most_ms=LONGEST_MS,
    )
    index = shelf.index(frames.code, rows.matrix("list")[frames.row], rows.column("withdrawn")[frames.row])
    return _Listed(rows, frames, index, theirs, method)


def _matched(part: Table[Variants], listed: list[_Listed], params: Varied) -> list[Table[Match]]:
    given = unpacked(part.column("prints"), least_quality=params.least_quality, most_weak=params.most_weak)
    turned = some(given, given.number <= len(TURNED))
    edited = some(given, (given.number > len(TURNED)) & (given.number < FIRST_CROP))
    met = [_met(turned, one, params.most_bits) for one in listed]
    decided = np.zeros(len(part), np.bool_)
    for one, each in zip(listed, met, strict=True):
        # What is near something benign is still tried edited: a benign list hides nothing.
        named = np.array(one.rows.column("meaning").tolist())[each.row] != "benign"
        decided[each.still[named]] = True
    edited = some(edited, ~decided[edited.still])
    out = []
    for one, turns in zip(listed, met, strict=True):
        out.append(_rows(part, one, _only_varied(turns), params.most_bits))
        out.append(_rows(part, one, _met(edited, one, params.most_bits_edited), params.most_bits_edited))
    return out


def _met(ours: Packed, listed: _Listed, radius: int) -> _Met:
    """Return the nearest variant of each still and listed item that meet; one as it is, and one of the others."""
    item = 2 * ours.still + (ours.number > 0)
    order = np.argsort(item, kind="stable")
    frames = coverage.Frames(item[order], ours.code[order], np.ones(len(item), np.int64), order)
    met = coverage.meet(frames, listed.frames, radius=radius, enough=0, index=listed.tables)
    place = frames.row[met.best_ours]
    return _Met(
        ours.still[place],
        ours.number[place],
        met.theirs,
        listed.frames.row[met.best_theirs],
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


def _rows(part: Table[Variants], listed: _Listed, met: _Met, radius: int) -> Table[Match]:
    rows = len(met.still)
    at_known = listed.rows.column("at_s")[met.row]
    share = met.their_ms / coverage.total_ms(listed.frames, len(listed.rows))[met.theirs]
    return columns(
        Match,
        content=part.matrix("content")[met.still],
        known=listed.rows.matrix("key")[met.row],
        list=np.zeros((rows, 16), np.uint8),
        entry=[""] * rows,
        method=[listed.method] * rows,
        algorithm=[listed.algorithm] * rows,
        variant=[VARIANTS[number] for number in met.number],
        distance_bits=met.bits,
        threshold_bits=np.full(rows, radius),
        share_held=np.ones(rows),
        share_known=np.round(share, 4),
        frames=np.ones(rows, np.int64),
        relation=[""] * rows,
        start_s=np.zeros(rows),
        end_s=np.zeros(rows),
        known_start_s=at_known,
        known_end_s=at_known,
        run_s=np.zeros(rows),
        spans=np.zeros(rows, np.int64),
        different=np.zeros(rows, np.int64),
        meaning=[""] * rows,
        category=[""] * rows,
    )
