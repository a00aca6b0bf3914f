"""How far a share that was counted on few may be from the true one."""

import math
import typing as t

NORMAL: t.Final = 1.959963984540054
"""97.5 % of a normal distribution lie below: 2.5 % of intervals miss the true share on either side."""


def interval(hit: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, 0-1 each; of none everything. Wilson 1927, the score interval.

    Unlike share ± error it stays within 0-1 and says something where all or none were hit: 3 of 3 are 0.44 to 1.
    It takes them as independent draws.
    """
    if of == 0:
        return 0.0, 1.0
    share, square = hit / of, NORMAL**2
    middle = share + square / (2 * of)
    half = NORMAL * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    low, high = (middle - half) / (1 + square / of), (middle + half) / (1 + square / of)
    return (0.0 if hit == 0 else low), (1.0 if hit == of else high)
