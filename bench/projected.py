"""From costs of one unit to the wall time of a case: arithmetic, drawn many times over from the measured samples."""

from __future__ import annotations

import typing as t

import msgspec
import numpy as np
import numpy.typing as npt

if t.TYPE_CHECKING:
    from units import Units

DRAWS, SEED = 4000, 1
HOUR = 3600.0
Draws: t.TypeAlias = npt.NDArray[np.float64]
"""One value for each draw."""


STILLS = {"0.3 MP": 0.4, "2 MP": 0.4, "12 MP": 0.2}
FILMS = {"720p GOP 50": 0.5, "720p GOP 250": 0.5}


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What is assumed of a case. Shares of each mix add up to 1."""

    videos: int = 91_000
    hours: float = 6_300.0
    stills: int = 1_000_000
    still_mix: dict[str, float] = msgspec.field(default_factory=lambda: dict(STILLS))
    films: dict[str, float] = msgspec.field(default_factory=lambda: dict(FILMS))
    undecided: float = 1.0
    """Share of the hours that key frames and digests do not decide: they are read densely."""
    listed: float = 10e6
    lanes: int = 2
    """Of one node: a core each."""


MIX = {
    "360p GOP 50": 0.15, "360p GOP 250": 0.15, "720p GOP 50": 0.25, "720p GOP 250": 0.25,
    "1080p GOP 50": 0.1, "1080p GOP 250": 0.1,
}  # fmt: skip
"""Another case: three sizes."""


class Projection:
    """Draws of each cost, and the sums that are made of them. All in core seconds unless said otherwise."""

    def __init__(self, units: Units, counts: dict[str, float]) -> None:
        rng = np.random.default_rng(SEED)
        self.counts = counts
        self.cost: dict[str, Draws] = {name: rng.choice(np.asarray(one.samples), DRAWS) for name, one in units.items()}

    def lanes(self, case: Case) -> dict[str, Draws]:
        """Return what lanes do, on however many nodes: seconds of one core, before what lanes cost each other."""
        cost, film_gb = self.cost, self.film_gb(case)
        still_gb = case.stills * sum(self.counts[f"GB, still of {k}"] * share for k, share in case.still_mix.items())
        out = {
            "taking in": (film_gb + still_gb) * cost["taking in, bytes"],
            "stills": case.stills * sum(cost[f"still of {kind}"] * share for kind, share in case.still_mix.items())
            + still_gb * cost["held to its digest"],
        }
        for mode, times in (("key frames", 1.0), ("dense", case.undecided)):
            each = sum(cost[f"{mode}, {film}"] * share for film, share in case.films.items())
            files = case.videos * cost["ask of watch"] + film_gb * cost["held to its digest"]
            out[mode] = times * (case.hours * each + files)
        return out

    def house(self, case: Case) -> dict[str, Draws]:
        """Return what one process of one node does, however many nodes there are."""
        join = self.affine("join of {}, a code", (1e6, 2e6), self.frames(case) / 1.0)
        return {
            "house": (case.videos + case.stills) * self.cost["house, a file"],
            "search": self.queries(case) * self.query(case.listed) + self.build(case.listed),
            "grouping": self.frames(case) * join,
        }

    def wall_h(self, case: Case, nodes: int = 1) -> dict[str, Draws]:
        """Return hours of wall time by kind of work: lanes shared evenly, the house on one node."""
        over = self.cost["two lanes"] * self.cost["a run over its parts"] / (case.lanes * nodes)
        out = {kind: seconds * over / HOUR for kind, seconds in self.lanes(case).items()}
        return out | {kind: seconds / HOUR for kind, seconds in self.house(case).items()}

    def film_gb(self, case: Case) -> float:
        """Return the GB of all films."""
        return case.hours * sum(self.counts[f"GB an hour, {film}"] * share for film, share in case.films.items())

    def kept(self, case: Case, mode: str) -> float:
        """Return the frames kept of an hour."""
        return sum(self.counts[f"hashes an hour, {mode}, {film}"] * share for film, share in case.films.items())

    def frames(self, case: Case) -> float:
        """Return how many hashes the case has in all: of stills, key frames and what is read densely."""
        dense = case.undecided * self.kept(case, "dense")
        return case.stills + case.hours * (self.kept(case, "key frames") + dense)

    def queries(self, case: Case) -> float:
        """Return how often the lists are asked when nothing matches, which is dearest.

        A still: as often as measured. A frame: as a still in a list, as a part of a listed video, and that in the
        seven other orientations; a key frame once more in ``triage``.
        """
        dense = case.undecided * self.kept(case, "dense")
        frames = case.hours * (10 * self.kept(case, "key frames") + 9 * dense)
        return case.stills * self.counts["queries of a still"] + frames

    def affine(self, name: str, sizes: tuple[float, float], n: float) -> Draws:
        """Return a + b n through two measured sizes: fixed probes, and tests that grow with what lies in a bucket."""
        (low, high), (small, large) = (self.cost[name.format(f"{one / 1e6:g} M")] for one in sizes), sizes
        slope = np.maximum(high - low, 0.0) / (large - small)
        return low + slope * (n - small)

    def query(self, listed: float) -> Draws:
        """Return the seconds of a query in a batch."""
        return self.affine("query of {}, in a batch", (1e6, 10e6), listed)

    def build(self, listed: float) -> Draws:
        """Return the seconds of building the index, once for a list: linear."""
        return self.cost["index of 10 M, built"] * listed / 10e6

    def nodes_for(self, case: Case, goal_h: float, most: int = 4096) -> int:
        """Return how many nodes meet the goal in 95 of 100 draws; 0 where none do, for the house is not shared."""
        house = sum(self.house(case).values()) / HOUR
        shared = sum(self.wall_h(case).values()) - house
        left = np.quantile(np.where(goal_h > house, shared / np.maximum(goal_h - house, 1e-9), 1e12), 0.95)
        return int(np.ceil(left)) if left <= most else 0

    def total_h(self, case: Case, nodes: int = 1) -> Draws:
        """Return hours of wall time of all work."""
        out: Draws = np.sum(list(self.wall_h(case, nodes).values()), axis=0)
        return out

    def affordable(self, case: Case, goal_h: float, nodes: int = 1) -> Draws:
        """Return the share of all hours that can be read densely in time, 0-1."""
        none = self.total_h(msgspec.structs.replace(case, undecided=0.0), nodes)
        every = self.total_h(msgspec.structs.replace(case, undecided=1.0), nodes)
        return np.clip((goal_h - none) / (every - none), 0.0, 1.0)


def interval(values: Draws) -> tuple[float, float, float]:
    """Return the median and the ends of the 90 % interval."""
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
    return float(middle), float(low), float(high)
