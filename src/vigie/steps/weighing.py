"""What a pair of accounts weighs by a model: Splink says it; which pairs are likely, and which possible, is ours."""

import math
import typing as t

from vigie.kernel.database import Room
from vigie.kernel.linked import linked
from vigie.kernel.table import Table, of
from vigie.rows.base import Row
from vigie.rows.persons import Parameter
from vigie.steps.candidates import NO_KEY
from vigie.steps.comparisons import BLOCKS, COMPARISONS, CONTACT, HOME, NAMES
from vigie.steps.splinkable import model


class _Score(Row, frozen=True, kw_only=True):
    """What Splink says of a pair of records."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("unique_id_l", "unique_id_r")
    unique_id_l: int
    unique_id_r: int
    weight_bits: float
    probability: float
    verdict: str
    by: str
    """The first blocking rule that gave it."""
    levels: list[int]
    """Of the prior (-1) and of each comparison."""
    bits: list[float]
    """What they add."""


def scores(
    records: Table[t.Any], parameters: Table[Parameter], likely: float, possible: float, room: Room | None
) -> Table[_Score]:
    """Have Splink score all pairs that the blocking rules give; return those that are ``possible`` at least."""
    known = parameters.rows()
    if not any(one.pairs for one in known if one.comparison == "block"):
        return of(_Score)
    (prior,) = (one.m for one in known if one.comparison == "prior")
    least = min(possible, likely)
    named = " or ".join(f"gamma_{name} > 0 and mw_{name} > 0" for name in NAMES)
    rules = " ".join(f"when '{at}' then '{rule}'" for at, rule in enumerate(BLOCKS))
    sql = f"""
        select {NO_KEY}, unique_id_l, unique_id_r, round(match_weight, 3) as weight_bits,
            round(match_probability, 6) as probability,
            if(match_probability >= {likely!r} and ({named}) or gamma_{CONTACT} > 0 and mw_{CONTACT} > 0
                and 1 / (1 + pow(2.0, greatest(mw_{HOME}, 0) - match_weight)) >= {likely!r}, 'likely', 'possible'
            ) as verdict, case match_key {rules} end as "by",
            [-1, {", ".join(f"gamma_{one.name}" for one in COMPARISONS)}]::bigint[] as levels,
            [{bits(prior, 1 - prior)!r}, {", ".join(f"round(mw_{one.name}, 3)" for one in COMPARISONS)}] as bits
        from said where match_probability >= {least!r}
    """
    return linked(_Score, sql, records, model(known), least, room)


def whole(m: float, u: float) -> tuple[float, float]:
    """Return m and u moved by so little, 0.035 % at most, that the weight is whole thousandths of a bit.

    So what the rows say adds up: the parts to the sum, to the last digit shown.
    """
    ratio = 2 ** bits(m, u)
    m = min(u * ratio, 1.0)
    return m, m / ratio


def bits(m: float, u: float) -> float:
    """Return the weight of what m of matching pairs and u of the others show; thousandths."""
    return round(math.log2(m) - math.log2(u), 3)
