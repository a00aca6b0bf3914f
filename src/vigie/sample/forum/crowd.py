"""The persons of a practice world, in columns: where they live, what they hide behind, how much they do.

Activity is heavy-tailed as published counts of forums are: van Mierlo (2014), "The 1% Rule in Four Digital Health
Social Networks", J Med Internet Res 16(2):e33, found 1 % of the accounts to write 74.7 % of the posts, the next 9 %
24.0 % and the other 90 % 1.3 %. A log-normal law with sigma 3.0 gives 75 %, 21 % and 4 %.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from vigie.sample.forum.lands import LANDS

SIGMA = 3.0
HIDES = (0.70, 0.16, 0.02, 0.12)
"""Shares of persons that hide behind nothing, a VPN, a hosted server, Tor."""
FAMILY = 0.03
TRAVELS = 0.1


class Crowd(msgspec.Struct, frozen=True, kw_only=True):
    """Columns over persons."""

    seed: int
    land: NDArray[np.uint8]
    """Index in ``lands.LANDS``."""
    household: NDArray[np.int64]
    """Persons of one number share the address of their home."""
    hides: NDArray[np.int64]
    """0 behind nothing, else a kind of ``addresses.POOLS``."""
    travels: NDArray[np.bool_]
    peak: NDArray[np.float32]
    """Hour of most activity, UTC."""
    native: NDArray[np.bool_]
    """Writes in the language of its country, not in English."""

    @property
    def size(self) -> int:
        """How many persons."""
        return len(self.land)


def crowd(seed: int, rng: np.random.Generator, persons: int) -> Crowd:
    """Draw so many persons."""
    weights = np.array([land.weight for land in LANDS])
    land = rng.choice(len(LANDS), persons, p=weights / weights.sum()).astype(np.uint8)
    household = np.arange(persons)
    family = np.flatnonzero(rng.random(persons) < FAMILY)
    family = family[family > 0]
    household[family] = household[family - 1]
    land[family] = land[family - 1]
    hours = np.array([one.hours for one in LANDS], np.float32)[land]
    return Crowd(
        seed=seed,
        land=land,
        household=household,
        hides=rng.choice(len(HIDES), persons, p=HIDES),
        travels=rng.random(persons) < TRAVELS,
        peak=((rng.normal(20.0, 2.0, persons) - hours) % 24).astype(np.float32),
        native=rng.random(persons) < 0.35,
    )
