"""Plots of when: a platform week by week, an account by hour and day of the week. Drawn here, nothing from outside.

The functions that draw are pure: numbers in, one ``<svg>`` element as text out. Below them stand those that ask a case.
"""

from __future__ import annotations

import datetime as dt
import functools
import html
import math
import re
import typing as t
import zoneinfo

import msgspec

from vigie.desk import output
from vigie.kernel.table import look
from vigie.rows.people import Account, Platform
from vigie.rows.roles import Oddity, Ranked, Timeline

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vigie.kernel.case import Case

WIDTH: t.Final = 720
LEFT: t.Final = 58
PANEL: t.Final = 70
"""Height of the columns of one kind."""
GAP: t.Final = 30
MOST_COLUMNS: t.Final = 320
LEAST_LABEL: t.Final = 56
"""Between two names on the axis."""
CELL: t.Final = 13
STEPS: t.Final = 5
DAYS: t.Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
KINDS: t.Final = ("posts", "registrations", "uploads")
MOST_ACCOUNTS: t.Final = 6
_STYLE: t.Final = """
.tl{--tl-ink:var(--ink,#16202b);--tl-soft:var(--soft,#52606d);--tl-line:var(--line,#d5dde5);
--tl-none:var(--tint,#f3f6f9);--tl-1:var(--k1,#1d4f91);--tl-2:var(--k3,#8a6100);--tl-3:var(--k2,#6d3fa8)}
.tl text{fill:var(--tl-ink);font:12px system-ui,"Liberation Sans",sans-serif}
.tl .small{fill:var(--tl-soft);font-size:10.5px}.tl .axis{stroke:var(--tl-line)}
.tl .posts{fill:var(--tl-1)}.tl .registrations{fill:var(--tl-2)}.tl .uploads{fill:var(--tl-3)}
.tl .silent{fill:var(--tl-soft);fill-opacity:.18}.tl .none{fill:var(--tl-none)}.tl .cell{fill:var(--tl-1)}
.tl .s1{fill-opacity:.2}.tl .s2{fill-opacity:.38}.tl .s3{fill-opacity:.57}.tl .s4{fill-opacity:.78}
"""
_HOURS: t.Final = re.compile(r"[+-]?\d{1,2}(\.\d{1,2})?", re.ASCII)

Grid: t.TypeAlias = list[list[int]]
"""Seven days from Monday of 24 hours."""


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """A week of a platform."""

    begins: dt.date
    posts: int
    registrations: int
    uploads: int


class Silence(t.NamedTuple):
    """A stretch without any act."""

    since: dt.date
    until: dt.date


def platform_plot(title: str, weeks: Sequence[Week], silences: Sequence[Silence] = ()) -> str:
    """Return the plot of a platform: columns of posts, registrations and uploads over one axis of time.

    A column is a week, or several where they are too many; each kind has a scale of its own, and silences are shaded.
    """
    if not weeks:
        return ""
    first, last = min(one.begins for one in weeks), max(one.begins for one in weeks)
    per = 1 + ((last - first).days // 7) // MOST_COLUMNS
    columns = 1 + (last - first).days // 7 // per
    wide = (WIDTH - LEFT) / columns
    height = len(KINDS) * (PANEL + GAP) + 22
    step = "week" if per == 1 else f"{per} weeks"

    def x(day: dt.date) -> float:
        return LEFT + wide * min(max((day - first).days / 7 / per, 0.0), columns)

    marks = [
        f'<rect class="silent" x="{x(one.since):.1f}" y="0" width="{max(x(one.until) - x(one.since), 1):.1f}"'
        f' height="{height - 22}"><title>silent from {one.since} to {one.until}</title></rect>'
        for one in silences
    ]
    for place, kind in enumerate(KINDS):
        counts = [0] * columns
        for one in weeks:
            counts[(one.begins - first).days // 7 // per] += getattr(one, kind)
        days = [first + dt.timedelta(weeks=at * per) for at in range(columns)]
        marks.append(f'<text x="{LEFT}" y="{place * (PANEL + GAP) + GAP - 13}">{kind} per {step}</text>')
        marks += _columns(kind, list(zip(days, counts, strict=True)), place * (PANEL + GAP) + GAP - 8)
    marks += _axis(first, last, x, height)
    said = ", ".join(f"{sum(getattr(one, kind) for one in weeks):,} {kind}" for kind in KINDS)
    return _svg(f"{title} by {step}, {first} to {last}: {said}", height, marks)


def _columns(kind: str, counts: list[tuple[dt.date, int]], top: int) -> list[str]:
    most = max(count for _, count in counts)
    wide = (WIDTH - LEFT) / len(counts)
    out = [
        f'<text class="small" x="{LEFT - 5}" y="{top + 9}" text-anchor="end">{most:,}</text>',
        f'<text class="small" x="{LEFT - 5}" y="{top + PANEL}" text-anchor="end">0</text>',
        f'<path class="axis" d="M{LEFT} {top + PANEL}H{WIDTH}"/>',
    ]
    for at, (day, count) in enumerate(counts):
        if count:
            high = max(PANEL * count / most, 0.8)
            place = f'x="{LEFT + at * wide:.2f}" y="{top + PANEL - high:.1f}"'
            size = f'width="{max(wide * 0.86, 0.6):.2f}" height="{high:.1f}"'
            out.append(f'<rect class="{kind}" {place} {size}><title>{day}: {count:,} {kind}</title></rect>')
    return out


def _axis(first: dt.date, last: dt.date, x: t.Callable[[dt.date], float], height: int) -> list[str]:
    """Return names of years, or of months where there are few, as many as there is room for."""
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next(n for n in (1, 2, 3, 6, 12, 24, 60, 120, 1200, 12_000) if months / n * LEAST_LABEL <= WIDTH - LEFT)
    out = []
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        day = dt.date(number // 12, number % 12 + 1, 1)
        if number % step == 0 and day >= first:
            text = f"{day:%Y}" if step >= 12 else f"{day:%Y-%m}"
            out.append(f'<path class="axis" d="M{x(day):.1f} {height - 30}v6"/>')
            out.append(f'<text class="small" x="{x(day):.1f}" y="{height - 10}" text-anchor="middle">{text}</text>')
    return out


def week_hours(hours: Mapping[dt.datetime, int], zone: dt.tzinfo) -> Grid:
    """Count by day and hour of the week in a time zone; ``hours`` are beginnings of hours in UTC.

    In zones that are not whole hours from UTC, an hour of UTC counts for the hour in which its middle lies.
    """
    grid = [[0] * 24 for _ in DAYS]
    for begins, count in hours.items():
        there = (begins + dt.timedelta(minutes=30)).astimezone(zone)
        grid[there.weekday()][there.hour] += count
    return grid


def heat_plot(title: str, grids: Sequence[tuple[str, Grid]]) -> str:
    """Return the plot of an account: for each (name of the zone, counts) seven days of 24 hours side by side.

    Darker is more, in equal steps up to the hour with the most; the numbers stand in titles.
    """
    marks = list[str]()
    for place, (zone, grid) in enumerate(grids):
        left = 36 + place * (24 * CELL + 48)
        most = max(max(row) for row in grid)
        marks.append(f'<text x="{left}" y="12">{html.escape(zone)}</text>')
        marks.append(f'<rect class="none" x="{left}" y="20" width="{24 * CELL}" height="{7 * CELL}"/>')
        for day, row in enumerate(grid):
            y = 20 + day * CELL
            marks.append(f'<text class="small" x="{left - 4}" y="{y + 10}" text-anchor="end">{DAYS[day]}</text>')
            for hour, count in enumerate(row):
                if count:
                    spot = f'x="{left + hour * CELL}" y="{y}" width="{CELL - 1}" height="{CELL - 1}"'
                    name = f"{DAYS[day]} {hour:02d}:00: {count:,}"
                    shade = math.ceil(STEPS * count / most)
                    marks.append(f'<rect class="cell s{shade}" {spot}><title>{name}</title></rect>')
        marks += [
            f'<text class="small" x="{left + hour * CELL}" y="{7 * CELL + 34}">{hour:02d}</text>'
            for hour in range(0, 24, 6)
        ]
    total = sum(map(sum, grids[0][1])) if grids else 0
    return _svg(f"{title} by day and hour of the week: {total:,} acts", 7 * CELL + 42, marks)


def zone_of(said: str) -> dt.tzinfo | None:
    """Return the time zone that an account claims: a name, or hours from UTC; None: neither."""
    if said in _zones():
        return zoneinfo.ZoneInfo(said)
    if _HOURS.fullmatch(said) and abs(float(said)) <= 14:
        return dt.timezone(dt.timedelta(hours=float(said)))
    return None


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _svg(title: str, height: int, marks: list[str]) -> str:
    said = html.escape(output.clean(title, most=400))
    head = f"""<svg class="tl chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{said}"
xmlns="http://www.w3.org/2000/svg"><title>{said}</title><style>{_STYLE}</style>"""
    return "\n".join([head, *marks, "</svg>"])


# ---- of a case


def platforms(case: Case) -> list[tuple[str, str]]:
    """Return (name, plot) of each platform that has times, those with the most posts first."""
    weeks: dict[bytes, list[Week]] = {}
    for one in look("select * from x where account = '' and unit = 'week' order by slot", x=case.read(Timeline)):
        counts = {kind: one[kind] for kind in KINDS}
        weeks.setdefault(one["platform"], []).append(Week(begins=one["begins"].date(), **counts))
    silent: dict[bytes, list[Silence]] = {}
    sql = "select * from x where kind = 'silence' and account = '' order by platform"
    for one in look(sql, x=case.read(Oddity)):
        silent.setdefault(one["platform"], []).append(Silence(one["first"].date(), one["last"].date()))
    names = _names(case)
    order = sorted(weeks, key=lambda key: (-sum(one.posts for one in weeks[key]), key))
    return [
        (names.get(key, key.hex()), platform_plot(names.get(key, key.hex()), weeks[key], silent.get(key, ())))
        for key in order
    ]


def accounts(case: Case, most: int = MOST_ACCOUNTS) -> list[tuple[str, str]]:
    """Return (name, plot) of the first accounts of the case: in UTC, and in the time zone that it claims."""
    found = look(
        f"""
        select r.rank, r.platform, r.account, any_value(r.name) as name, coalesce(max(a.time_zone), '') as zone
        from r left join a on a.platform = r.platform and a.id = r.account
        where r.rank <= {most:d} group by all order by r.rank
        """,
        r=case.read(Ranked),
        a=case.read(Account),
    )
    names = _names(case)
    out = []
    for one in found:
        hours = _hours(case, one["platform"], one["account"])
        if not hours:
            continue
        grids = [("UTC", week_hours(hours, dt.UTC))]
        zone = zone_of(one["zone"])
        if zone and one["zone"] not in ("UTC", "0", "0.00"):
            grids.append((f"{one['zone']}, as it claims", week_hours(hours, zone)))
        name = f"{one['rank']}. {one['name']} ({names.get(one['platform'], one['platform'].hex())})"
        out.append((name, heat_plot(name, grids)))
    return out


def _hours(case: Case, platform: bytes, account: str) -> dict[dt.datetime, int]:
    quoted = account.replace("'", "''")
    found = look(
        f"""
        select begins, posts + messages + uploads + events as n from x
        where unit = 'hour' and platform = unhex('{platform.hex()}') and account = '{quoted}'
        """,
        x=case.read(Timeline),
    )
    return {one["begins"]: one["n"] for one in found if one["n"]}


def _names(case: Case) -> dict[bytes, str]:
    found = look("select * from p", p=case.read(Platform))
    return {one["key"]: f"{one['title']} {one['prefix']}".strip() for one in found}
