"""What all stages share that match perceptual hashes with lists: the listed side made ready, and rows of a match."""

import typing as t
import weakref

from vigie.kernel.shelf import Shelf
from vigie.kernel.table import Table, columns, query
from vigie.numeric import coverage, hamming
from vigie.rows.matches import Known, Match, Withdrawn

CALLED: t.Final = "coalesce(nullif(k.entry, ''), k.number::varchar)"
"""SQL: what people call an entry ``k``."""
Algorithm: t.TypeAlias = t.Literal["pdq", "vpdq"]
ALGORITHMS: t.Final[tuple[Algorithm, ...]] = t.get_args(Algorithm)
LONGEST_MS: t.Final = 10_000
"""A frame stands for ten seconds at most: the usual distance of key frames (250 at 25 a second)."""
AS_IT_IS: t.Final[dict[str, t.Any]] = {
    "variant": "",
    "sampling": "still",
    "share_held": 1.0,
    "share_known": 1.0,
    "frames": 1,
    "relation": "",
    "start_s": 0.0,
    "end_s": 0.0,
    "known_start_s": 0.0,
    "known_end_s": 0.0,
    "run_s": 0.0,
    "spans": 0,
    "different": 0,
}
"""What a match says that has no more to say: a whole still meets a whole one."""


class Listed(t.NamedTuple):
    """Listed hashes of one algorithm."""

    rows: Table[Known]
    """Without their texts. ``number``: of the item, from 0: a picture, or all frames of an entry."""
    frames: coverage.Frames
    tables: hamming.Index
    """Of ``frames.code``."""


_Ready: t.TypeAlias = "tuple[Table[Withdrawn], Shelf, Listed]"
_READY: t.Final[weakref.WeakKeyDictionary[Table[Known], dict[t.Any, _Ready]]] = weakref.WeakKeyDictionary()
"""What was made ready of a table, as long as somebody holds it: who looks at what has come so far, asks every few
seconds, and to sort two million entries takes as long."""


def listed(
    algorithm: Algorithm,
    known: Table[Known],
    withdrawn: Table[Withdrawn],
    shelf: Shelf,
    *,
    least_quality: int,
    same_bits: int = 0,
) -> Listed:
    """Make the listed hashes of ``algorithm`` ready that are good enough to be compared.

    The same tables asked for again give what was made before: rows never change.
    """
    ready = _READY.setdefault(known, {})
    asked = (algorithm, id(withdrawn), id(shelf), least_quality, same_bits)
    if asked not in ready:  # with what it was made of beside it, so that no other takes its id
        made = _listed(algorithm, known, withdrawn, shelf, least_quality, same_bits)
        ready[asked] = (withdrawn, shelf, made)
    return ready[asked][-1]


def _listed(
    algorithm: Algorithm,
    known: Table[Known],
    withdrawn: Table[Withdrawn],
    shelf: Shelf,
    least_quality: int,
    same_bits: int,
) -> Listed:
    # An item is one listed picture, or all frames of one entry in an order that no two rows share.
    # A withdrawn picture is hidden, so that the list's segment stays; a withdrawn frame would change what others weigh.
    item, frame, hidden = "row_number() over (order by list, key)", "frame", "true"
    if algorithm == "vpdq":
        hidden = "not gone"
        item = "dense_rank() over (order by list, number)"
        frame = "row_number() over (order by list, number, at_s, frame, key)"
    rows = query(
        Known,
        f"""
        select * exclude (gone) replace (
            {item} - 1 as number, {frame} as frame, gone as withdrawn, '' as entry, '' as category, '' as series)
        from (select *, withdrawn or key in (select known from taken_back) as gone from known)
        where algorithm = '{algorithm}' and octet_length(value) = 32 and {hidden}
        """,
        known=known,
        taken_back=withdrawn,
    )
    frames = coverage.frames(
        rows.column("number"),
        rows.column("at_s"),
        rows.column("frame"),
        rows.words("value").reshape(-1, 4),
        rows.column("quality") >= least_quality,
        same_bits=same_bits,
        most_ms=LONGEST_MS,
    )
    index = shelf.index(frames.code, rows.matrix("list")[frames.row], rows.column("withdrawn")[frames.row])
    return Listed(rows, frames, index)


def matches(**given: t.Any) -> Table[Match]:
    """Build rows from columns, as ``kernel.table.columns`` does; what is not given is as for a still that is near.

    List, entry, meaning and category are left empty, for ``told`` to fill in.
    """
    return columns(Match, **{**AS_IT_IS, "list": bytes(16), "entry": "", "meaning": "", "category": "", **given})


def told(found: Table[Match], known: Table[Known], rest: str = "", **tables: Table[t.Any]) -> Table[Match]:
    """Fill in what the list says of each match. ``rest``: end of the ``select``, over ``f``, ``k`` and ``tables``."""
    return query(
        Match,
        f"""
        select f.* replace (k.list as list, {CALLED} as entry, k.meaning as meaning, k.category as category)
        from found f join known k on k.key = f.known
        {rest}
        """,
        found=found,
        known=known,
        **tables,
    )
