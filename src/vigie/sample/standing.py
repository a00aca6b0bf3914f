"""What is true of a family's files before any program looks at them: standing and times."""

import datetime as dt

from vigie.sample.drawing import generator
from vigie.sample.made import Family, Member

_FIRST = int(dt.datetime(2021, 1, 1, tzinfo=dt.UTC).timestamp())
_DAY_S = 86_400


def standing(family: Family, member: Member) -> str:
    """Return ``Truth.standing`` of one member: its digest decides, then its family's fingerprint."""
    exact = member.edit == "original"
    match family.role:
        case "listed" | "absent":
            return "listed" if exact else "near"
        case "conflict":
            return "conflict" if exact else "near"
        case "benign":
            return "benign" if exact else "new"
        case "new" | "withdrawn":
            return "new"


def times(seed: int, family: Family) -> tuple[int, list[int]]:
    """Return when the drawing was taken, and when each member was last written; even seconds since 1970, UTC.

    Even, because FAT and zip keep times in steps of two seconds.
    """
    rng = generator(seed, "plan", 4, 0 if family.kind == "image" else 1, family.index)
    taken = _FIRST + int(rng.integers(0, 4 * 365 * _DAY_S // 2)) * 2
    later = [taken + int(rng.integers(0, 180 * _DAY_S // 2)) * 2 for _ in family.members]
    return taken, later
