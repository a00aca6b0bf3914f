"""Geometry of the report's pictures: numbers in, places on the paper out. The template draws them."""

from __future__ import annotations

import datetime as dt
import math
import typing as t
from collections.abc import Callable

import msgspec

if t.TYPE_CHECKING:
    from vigie.desk.anytime import Anytime

WIDTH: t.Final = 720.0
MOST_BARS: t.Final = 12
MOST_BINS: t.Final = 72
MOST_HUES: t.Final = 4
"""Stages that have a colour of their own: those that took longest."""
STEPS_S: t.Final = (0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)
KINDS: t.Final = ("image", "video", "container", "database", "wallet", "other")
LEAST_LABELLED: t.Final = 26.0
"""A stretch narrower than this (in SVG units) has no number in it; the table beside has."""


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a bar."""

    name: str
    count: int
    x: float
    width: float
    share: float
    labelled: bool


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One bar of several stretches, with its name."""

    name: str
    count: int
    stretches: list[Stretch]


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a histogram; ``label`` and ``said`` are empty where there is no room."""

    name: str
    count: int
    x: float
    width: float
    height: float
    label: str
    said: str
    """The count, above the column."""


def stacked(parts: dict[str, int], *, width: float = WIDTH, whole: int | None = None) -> list[Stretch]:
    """Return the parts side by side over ``width``, in their order; nothing for parts of 0."""
    total = whole or sum(parts.values())
    out, x = list[Stretch](), 0.0
    for name, count in parts.items():
        if count:
            wide = round(width * count / total, 2)
            labelled = wide >= max(LEAST_LABELLED, 8.0 * len(f"{count:,}") + 8)
            out.append(
                Stretch(name=name, count=count, x=round(x, 2), width=wide, share=count / total, labelled=labelled)
            )
            x += wide
    return out


def bars(rows: dict[str, dict[str, int]], *, width: float, rest: str) -> list[Bar]:
    """Return one bar a row, longest first, all to one scale; rows beyond ``MOST_BARS`` become one."""
    ordered = sorted(rows.items(), key=lambda one: (-sum(one[1].values()), one[0]))
    shown, others = ordered[:MOST_BARS], ordered[MOST_BARS:]
    if others:
        together: dict[str, int] = {}
        for _, parts in others:
            for name, count in parts.items():
                together[name] = together.get(name, 0) + count
        shown.append((rest.format(len(others)), together))
    longest = max((sum(parts.values()) for _, parts in shown), default=1) or 1
    return [
        Bar(name=name, count=sum(parts.values()), stretches=stacked(parts, width=width, whole=longest))
        for name, parts in shown
    ]


def timeline(days: dict[dt.date, int], *, height: float) -> tuple[str, list[Bin], int]:
    """Return the unit of the columns, the columns, and how many files are older than the first."""
    if not days:
        return "", [], 0
    first, last = min(days), max(days)
    place: Callable[[dt.date], int]
    label: Callable[[dt.date], str]
    if (last - first).days < MOST_BINS:
        unit, place, label = "day", _day, _whole_day
    elif _month(last) - _month(first) < MOST_BINS:
        unit, place, label = "month", _month, _year_month
    else:
        unit, place, label = "year", _year, _only_year
    counts: dict[int, int] = {}
    names: dict[int, str] = {}
    for day, count in days.items():
        counts[place(day)] = counts.get(place(day), 0) + count
        names[place(day)] = label(day)
    high = max(counts)
    low = max(min(counts), high - MOST_BINS + 1)
    older = sum(count for at, count in counts.items() if at < low)
    wide = WIDTH / (high - low + 1)
    most = max(count for at, count in counts.items() if at >= low)
    every = max(1, round(80 / wide))
    out = [
        Bin(
            name=names.get(at, ""),
            count=counts.get(at, 0),
            x=round((at - low) * wide, 2),
            width=round(min(wide * 0.86, 40), 2),
            height=round(height * counts.get(at, 0) / most, 2),
            label=names.get(at, "") if (at - low) % every == 0 else "",
            said=f"{counts[at]:,}" if at in counts and wide >= 7.0 * len(f"{counts[at]:,}") else "",
        )
        for at in range(low, high + 1)
    ]
    return unit, out, older


class Tick(msgspec.Struct, frozen=True, kw_only=True):
    """A mark on an axis."""

    at: float
    text: str


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """A stage as a stretch below the curve; ``hue`` is its place in the legend, 0 for all that are short."""

    name: str
    x: float
    width: float
    hue: int
    seconds: float


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """The curve of what was decided when, as it lies on the paper."""

    line: str
    """Points of an SVG polyline: a staircase, for nothing is known between two counts."""
    across: list[Tick]
    up: list[Tick]
    bands: list[Band]
    legend: list[tuple[int, str, float]]
    """Hue, name, seconds."""


def course(of: Anytime, *, left: float, width: float, height: float) -> Course:
    """Lay out a curve: seconds across from ``left``, share decided upwards from ``height``."""

    def x(seconds: float) -> float:
        return round(left + width * min(1.0, seconds / of.seconds), 1)

    def y(count: int) -> float:
        return round(height * (1 - count / of.contents), 1)

    places, before = list[str](), 0
    for seconds, count in of.points:
        places += [f"{x(seconds)},{y(before)}", f"{x(seconds)},{y(count)}"]
        before = count
    places.append(f"{x(of.seconds)},{y(before)}")
    took: dict[str, float] = {}
    for one in of.stretches:
        took[one.stage] = took.get(one.stage, 0.0) + one.end_s - one.begin_s
    named = sorted(took, key=lambda name: -took[name])[:MOST_HUES]
    hues = {name: number for number, name in enumerate([one for one in took if one in named], 1)}
    rest = sum(seconds for name, seconds in took.items() if name not in hues)
    bands = [
        Band(
            name=one.stage,
            x=x(one.begin_s),
            width=round(max(x(one.end_s) - x(one.begin_s), 0.3), 1),
            hue=hues.get(one.stage, 0),
            seconds=one.end_s - one.begin_s,
        )
        for one in of.stretches
    ]
    return Course(
        line=" ".join(places),
        across=[Tick(at=x(seconds), text=_clock(seconds)) for seconds in _round_steps(of.seconds)],
        up=[Tick(at=round(height * (1 - share / 100), 1), text=f"{share} %") for share in (0, 25, 50, 75, 100)],
        bands=bands,
        legend=[(hue, name, took[name]) for name, hue in hues.items()] + ([(0, "others", rest)] if rest else []),
    )


def _round_steps(seconds: float) -> list[float]:
    """Return at most seven round moments from 0 on."""
    step = next((one for one in STEPS_S if seconds / one <= 6), STEPS_S[-1] * math.ceil(seconds / STEPS_S[-1] / 6))
    return [step * number for number in range(int(seconds / step) + 1)]


def _clock(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:g} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d} h" if minutes >= 60 else f"{minutes}:{rest:02d} min"


def _day(day: dt.date) -> int:
    return day.toordinal()


def _whole_day(day: dt.date) -> str:
    return day.isoformat()


def _month(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


def _year(day: dt.date) -> int:
    return day.year


def _year_month(day: dt.date) -> str:
    return f"{day:%Y-%m}"


def _only_year(day: dt.date) -> str:
    return f"{day:%Y}"
