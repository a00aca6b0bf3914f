"""Videos that share frames with a listed video: how much of each, in which order, and where."""

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.kernel.shelf import Shelf
from vigie.kernel.stage import Bits, Count, Params, Quality, Seconds, Share, stage
from vigie.kernel.table import Table, columns, join, query
from vigie.numeric import alignment, coverage, hamming
from vigie.numeric.distinct import Ints, distinct
from vigie.numeric.turned import turned
from vigie.rows.artefacts import Media
from vigie.rows.fingerprints import TRIMMED, TURNED, DensePrint, Fingerprint
from vigie.rows.matches import Decided, Known, Match, Withdrawn
from vigie.steps.listed import LONGEST_MS, listed, matches, told

ONE_OF_AN_ENTRY: t.Final = """
    qualify row_number() over (
        partition by f.content, k.list, k.number order by f.run_s desc, f.share_known desc, f.variant) = 1
"""
RELATIONS: t.Final = np.array(["shares_frames", "part_of", "contains", "same"])


class Video(Params, frozen=True):
    """Settings.

    Sources: vPDQ (frame distance 31, quality 50) and python-threatexchange (80 % of the query, 0 % of the
    known video); media.md 5.1 for the share of the known video, which alone finds a clip inside a compilation, and
    for order in time.
    """

    most_bits: Bits = 31
    least_quality: Quality = 50
    most_weak: Count = 64
    """As in ``near``."""
    same_bits: Bits = 4
    """A frame so near the last one kept of its video is the same picture; its time is added to that one's."""
    least_held: Share = 0.8
    """vPDQ's rule: so much of ours is theirs ..."""
    least_known: Share = 0.0
    """... and so much of theirs is ours."""
    least_covered: Share = 0.8
    """Coverage rule: so much of theirs is in ours, whatever else ours holds ..."""
    least_different: Count = 3
    """... in so many mutually different frames, or all different ones that theirs has. A lone title proves nothing."""
    least_run_s: Seconds = 4.0
    """Order rule: a stretch so long runs alike in both, through ``least_different`` different frames."""
    gap_s: Seconds = 10.0
    """A stretch ends where nothing meets for longer."""
    most_common: Count = 10
    """A frame shown in more items that have nothing else in common (black, title, logo) counts for no rule."""
    turned: bool = True
    """Is a video that meets nothing listed compared turned and mirrored, too? By hashes derived from its own,
    approximately; ``least_different`` frames must run in order then."""


class Triage(Video, frozen=True):
    """Settings: those of ``video``, and when key frames alone decide."""

    least_of_length: Share = 0.9
    """So much of our length runs in order along one listed video, key frame after key frame."""


class _Read(t.NamedTuple):
    """Both sides, made ready."""

    held: Table[Fingerprint]
    listed: Table[Known]
    a: coverage.Frames
    b: coverage.Frames
    tables: hamming.Index
    """Of ``b.code``: one for the frames as they are and turned, and for both stages."""
    at_a_ms: Ints
    at_b_ms: Ints
    variety: Ints
    """Mutually different frames of each entry, counted up to what the rule asks for."""
    dense: npt.NDArray[np.bool_]
    """Our items of which more than key frames were read; bool, by number of the item."""
    first: npt.NDArray[np.bool_]
    """Entries that are listed, not benign; bool, by number of the entry."""


class _Found(t.NamedTuple):
    """Pairs of a video, as it is or turned, and an entry."""

    a: coverage.Frames
    met: alignment.Aligned
    share_held: npt.NDArray[np.float64]
    share_known: npt.NDArray[np.float64]
    relation: Ints
    hit: Ints
    """Places in ``met`` of the pairs that match."""


@stage()
def video(
    fingerprints: Table[Fingerprint],
    dense: Table[DensePrint],
    media: Table[Media],
    known: Table[Known],
    withdrawn: Table[Withdrawn],
    decided: Table[Decided],
    params: Video,
    shelf: Shelf,
) -> Table[Match]:
    """Match a video with every entry that it covers, that covers it, or with which a stretch of it runs in order.

    Shares are of time, not of frame counts: each frame of quality stands for the time until the next, so that key
    frames, one a second and every frame are comparable. It is not split: how common a frame is, only the whole case
    can tell. What ``triage`` has decided is matched there; here it only says which frames are common.
    """
    held = query(
        Fingerprint,
        "select * from (select * from f union all select * from d) where algorithm = 'vpdq'",
        f=fingerprints,
        d=dense,
    )
    read = _read(held, media, known, withdrawn, params, shelf)
    found = _as_it_is_and_turned(read, decided, params, "", TURNED)
    inner = _without_bars(read, media, params)
    if len(inner.held):
        found += _as_it_is_and_turned(inner, decided, params, TRIMMED[0], TRIMMED[1:])
    others = f"where f.content not in (select content from d) {ONE_OF_AN_ENTRY}"
    return told(join(Match, found), known, others, d=decided)


def _as_it_is_and_turned(
    read: _Read, decided: Table[Decided], params: Video, as_it_is: str, names: tuple[str, ...]
) -> list[Table[Match]]:
    plain = _find(read, read.a, read.at_a_ms, params)
    found = [_rows(read, plain, as_it_is, params)]
    # A clip that is known to be benign does not say that nothing listed stands beside it, mirrored.
    means = np.array(read.listed.column("meaning"))[read.b.row[plain.met.best_theirs[plain.hit]]]
    rest = ~np.isin(read.a.item, plain.met.ours[plain.hit[means == "listed"]])
    rest &= ~_of(decided, read)[read.a.item]
    if params.turned and rest.any():
        left = coverage.only(read.a, rest)
        for turn, name in enumerate(names):
            there = left._replace(code=turned(left.code, turn))
            one = _find(read, there, read.at_a_ms[rest], params)
            sure = one.hit[one.met.run_different[one.hit] >= params.least_different]
            found.append(_rows(read, one._replace(hit=sure), name, params))
    return found


@stage()
def triage(
    fingerprints: Table[Fingerprint],
    media: Table[Media],
    known: Table[Known],
    withdrawn: Table[Withdrawn],
    params: Triage,
    shelf: Shelf,
) -> tuple[Table[Decided], Table[Match]]:
    """Find the videos that key frames alone decide: they need not be decoded any further.

    Safe, because nothing is left to be found: over nine tenths of its whole length, key frame after key frame in the
    order of one listed video, through different frames that are not common. It will be near something listed whatever
    the other frames show. A compilation is never decided so: what else it holds, and where, the dense pass says.

    Their matches are given here, by the settings that decided: none that ``video`` has can take them away again.
    """
    held = query(Fingerprint, "select * from held where algorithm = 'vpdq'", held=fingerprints)
    read = _read(held, media, known, withdrawn, params, shelf)
    plain = _find(read, read.a, read.at_a_ms, params)
    met, hit = plain.met, plain.hit
    found = columns(
        Decided,
        content=held.matrix("content")[read.a.row[met.best_ours[hit]]],
        known=read.listed.matrix("key")[read.b.row[met.best_theirs[hit]]],
        # A stretch goes on over what does not meet; only frames of ours that meet decide.
        in_order_s=np.minimum(met.in_order_ours_ms, met.ours_ms)[hit] / 1000,
        different=met.run_different[hit],
    )
    decided = query(
        Decided,
        f"""
        select f.* from found f join known k on k.key = f.known join media m on m.content = f.content
        where k.meaning = 'listed' and f.different >= {params.least_different}
            and f.in_order_s >= {params.least_of_length} * m.duration_s
        qualify row_number() over (partition by f.content order by f.in_order_s desc, f.known) = 1
        """,
        found=found,
        known=known,
        media=media,
    )
    these = f"where f.content in (select content from d) {ONE_OF_AN_ENTRY}"
    return decided, told(_rows(read, plain, "", params), known, these, d=decided)


def _read(
    held: Table[Fingerprint],
    media: Table[Media],
    known: Table[Known],
    withdrawn: Table[Withdrawn],
    params: Video,
    shelf: Shelf,
) -> _Read:
    theirs = listed("vpdq", known, withdrawn, shelf, least_quality=params.least_quality, same_bits=params.same_bits)
    b = theirs.frames
    a, dense = _ours(held, media, params)
    variety = coverage.variety(b, len(theirs.rows), enough=params.least_different, apart_bits=params.most_bits)
    first = np.zeros(len(theirs.rows), np.bool_)
    first[b.item] = np.array(theirs.rows.column("meaning"))[b.row] == "listed"
    return _Read(held, theirs.rows, a, b, theirs.tables, _at_ms(held, a), _at_ms(theirs.rows, b), variety, dense, first)


def _ours(
    held: Table[Fingerprint], media: Table[Media], params: Video
) -> tuple[coverage.Frames, npt.NDArray[np.bool_]]:
    """Make our frames ready; and mark the items of which more than key frames were read."""
    good = (held.column("quality") >= params.least_quality) & (held.column("weak") <= params.most_weak)
    item = distinct(held.words("content").byteswap()).labels()
    dense = np.zeros(len(held), np.bool_)
    dense[item[np.array(held.column("sampling")) == "dense"]] = True
    a = coverage.frames(
        item,
        held.column("at_s"),
        held.column("frame"),
        held.words("value"),
        good,
        same_bits=params.same_bits,
        most_ms=LONGEST_MS,
    )
    return _until_the_end(a, held, media), dense


def _without_bars(read: _Read, media: Table[Media], params: Video) -> _Read:
    """Return the frames of films that have bars at their edges, as what is between them."""
    held = query(
        Fingerprint,
        """
        select * replace (array_slice(trimmed, 3, 34) as value,
            ('0x' || hex(array_slice(trimmed, 1, 1)))::int as quality,
            ('0x' || hex(array_slice(trimmed, 2, 2)))::int as weak)
        from held where octet_length(trimmed) = 34
        """,
        held=read.held,
    )
    a, dense = _ours(held, media, params)
    return read._replace(held=held, a=a, at_a_ms=_at_ms(held, a), dense=dense)


def _of(decided: Table[Decided], read: _Read) -> npt.NDArray[np.bool_]:
    """Mark our items that are decided; bool, by number of the item."""
    out = np.zeros(len(read.held), np.bool_)
    item, first = np.unique(read.a.item, return_index=True)
    these = {content.tobytes() for content in decided.matrix("content")}
    contents = read.held.matrix("content")[read.a.row[first]]
    out[item] = [content.tobytes() in these for content in contents]
    return out


def _find(read: _Read, a: coverage.Frames, at_ms: Ints, params: Video) -> _Found:
    pairs = alignment.pairs(a, read.b, radius=params.most_bits, index=read.tables, first=read.first)
    met = alignment.align(
        a,
        at_ms,
        read.b,
        read.at_b_ms,
        pairs,
        alignment.commonness(a, read.b, pairs),
        enough=params.least_different,
        apart_bits=params.most_bits,
        most_common=params.most_common,
        gap_ms=round(params.gap_s * 1000),
    )
    total_a = coverage.total_ms(a, len(read.held))[met.ours]
    total_b = coverage.total_ms(read.b, len(read.listed))[met.theirs]
    share_held, share_known = np.round(met.ours_ms / total_a, 4), np.round(met.theirs_ms / total_b, 4)
    by_vpdq = (met.weighed_ours >= params.least_held) & (share_known >= params.least_known) & (met.different > 0)
    covered = (met.weighed_theirs >= params.least_covered) & (met.different >= read.variety[met.theirs])
    ordered = (_run_ms(met) >= params.least_run_s * 1000) & (met.run_different >= params.least_different)
    # A stretch goes on over what does not meet. The side with fewer frames, each for longer, says how much meets.
    most = np.maximum(met.ours_ms, met.theirs_ms)
    most_held = np.minimum(met.in_order_ours_ms, most) / total_a
    most_known = np.minimum(met.in_order_theirs_ms, most) / total_b
    relation = (most_held >= params.least_held) * 1 + (most_known >= params.least_covered) * 2
    return _Found(a, met, share_held, share_known, relation, np.flatnonzero(by_vpdq | covered | ordered))


def _rows(read: _Read, one: _Found, variant: str, params: Video) -> Table[Match]:
    met, hit = one.met, one.hit
    return matches(
        content=read.held.matrix("content")[one.a.row[met.best_ours[hit]]],
        known=read.listed.matrix("key")[read.b.row[met.best_theirs[hit]]],
        method="video",
        algorithm="vpdq",
        variant=variant,
        sampling=np.where(read.dense[met.ours[hit]], "dense", "key").tolist(),
        distance_bits=met.distance[hit],
        threshold_bits=params.most_bits,
        share_held=one.share_held[hit],
        share_known=one.share_known[hit],
        frames=met.ours_frames[hit],
        relation=RELATIONS[one.relation[hit]].tolist(),
        start_s=met.ours_start_ms[hit] / 1000,
        end_s=met.ours_end_ms[hit] / 1000,
        known_start_s=met.theirs_start_ms[hit] / 1000,
        known_end_s=met.theirs_end_ms[hit] / 1000,
        run_s=_run_ms(met)[hit] / 1000,
        spans=met.spans[hit],
        different=met.different[hit],
    )


def _until_the_end(frames: coverage.Frames, held: Table[Fingerprint], media: Table[Media]) -> coverage.Frames:
    """Cut what frames stand for to the length of their film, where one is told that they do not already pass."""
    length = dict(zip(media.column("content"), media.column("duration_s"), strict=True))
    _, first, item = np.unique(frames.item, return_index=True, return_inverse=True)
    contents = held.matrix("content")[frames.row[first]]
    until_s = np.array([length.get(content.tobytes(), 0.0) for content in contents], np.float64)
    until_s = np.clip(np.nan_to_num(until_s), 0, 1e9)  # a file may say anything
    left_ms = np.floor(until_s * 1000).astype(np.int64)[item] - _at_ms(held, frames)
    return frames._replace(weight_ms=np.where(left_ms > 0, np.minimum(frames.weight_ms, left_ms), frames.weight_ms))


def _at_ms(of: Table[t.Any], frames: coverage.Frames) -> Ints:
    at_ms: Ints = np.rint(of.column("at_s")[frames.row] * 1000).astype(np.int64)
    return at_ms


def _run_ms(met: alignment.Aligned) -> Ints:
    run_ms: Ints = np.minimum(met.ours_end_ms - met.ours_start_ms, met.theirs_end_ms - met.theirs_start_ms)
    return run_ms
