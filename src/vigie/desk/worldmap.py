"""A map of the world for the report: countries by how many accounts are theirs. Drawn here, nothing from outside.

Outlines: ``pages/world.txt``, made by ``docs/world_map.py`` of Natural Earth 1:110m (public domain) in the Equal Earth
projection, which shows areas as they are. It takes no side in disputes over borders; what has no code there is drawn,
and counted for nobody. Countries too small for it are circles.
"""

from __future__ import annotations

import functools
import html
import importlib.resources
import math
import typing as t

from vigie.rows.country_codes import COUNTRIES

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vigie.rows.countries import Jurisdiction

WIDTH: t.Final = 960
HEIGHT: t.Final = 470
STEPS: t.Final = 5
"""Shades: each for so many times more accounts."""
RADIUS: t.Final = 3.0
POINT: t.Final = "@"
"""Stands before the place of a country without an outline."""
NOBODYS: t.Final = "-"
"""What no code is given to."""
CONTESTED: t.Final = 0.5
"""From this share of contested accounts on, a country is hatched."""
LEGEND: t.Final = (112, 350)
_STYLE: t.Final = """
.wm{--wm-ink:var(--ink,#16202b);--wm-none:var(--tint,#f3f6f9);--wm-line:var(--k4,#5a6570);--wm-fill:var(--accent,#0b5cad)}
.wm .land{fill:var(--wm-none);stroke:var(--wm-line);stroke-opacity:.5;stroke-width:.6;stroke-linejoin:round}
.wm .on{fill:var(--wm-fill)}
.wm .dot{fill:none;stroke:var(--wm-line);stroke-opacity:.6;stroke-width:.8}
.wm .dot.on{fill:var(--wm-fill);stroke:var(--wm-ink)}
.wm .s1{fill-opacity:.2}.wm .s2{fill-opacity:.38}.wm .s3{fill-opacity:.57}.wm .s4{fill-opacity:.78}
.wm .hatch{fill:url(#wm-hatch);stroke:none;pointer-events:none}.wm .stripe{stroke:var(--wm-ink);stroke-width:1.3}
.wm text{fill:var(--wm-ink);font:13px system-ui,"Liberation Sans",sans-serif}
"""


class Count(t.NamedTuple):
    """What the map shows of a country."""

    accounts: int
    contested: int = 0
    """Of these, those about which the sources disagree."""


def counts_of(totals: Iterable[Jurisdiction], standing_as: str = "suspect") -> dict[str, Count]:
    """Return what the map shows of a summary by country: accounts of which a country is the first."""
    return {one.country: Count(one.accounts, one.contested) for one in totals if one.standing_as == standing_as}


def worldmap(counts: Mapping[str, Count]) -> str:
    """Return the map as one ``<svg>`` element: by code of the country how many accounts are its.

    Shades are logarithmic; contested countries are hatched; each has its name and numbers as its title. What lies in no
    country (``""``) and codes without a place on the map are left to the table beside it.
    """
    most = max((one.accounts for code, one in counts.items() if code in _world()), default=0)
    lands, hatched = list[str](), list[str]()
    for code, outline in _world().items():
        known = counts.get(code, Count(0))
        shade = step(known.accounts, most)
        title = f"<title>{html.escape(label(code, known))}</title>" if code != NOBODYS else ""
        place = outline.removeprefix(POINT)
        kind = "land" if place == outline else "dot"
        path = place if place == outline else _round(place, RADIUS if shade else RADIUS / 2)
        lands.append(f'<path class="{kind}{f" on s{shade}" if shade else ""}" d="{path}">{title}</path>')
        if known.contested and known.contested >= CONTESTED * known.accounts:
            hatched.append(f'<path class="hatch" d="{path}"/>')
    head = f"""<svg class="wm chart full" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="wm-title"
xmlns="http://www.w3.org/2000/svg"><title id="wm-title">{html.escape(_said(counts))}</title><style>{_STYLE}</style>
<defs><pattern id="wm-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path
class="stripe" d="M0 0V5"/></pattern></defs>"""
    return "\n".join([head, *lands, *hatched, *_legend(most, hatched=bool(hatched)), "</svg>"])


def step(accounts: int, most: int) -> int:
    """Return the shade of a number of accounts, 1 to ``STEPS``; 0 for none. Equal steps of the logarithm."""
    if not accounts:
        return 0
    if accounts >= most:
        return STEPS
    return 1 + math.floor(STEPS * math.log(accounts) / math.log(most))


def label(code: str, known: Count) -> str:
    """Return a country's name and numbers."""
    name = COUNTRIES[code].english if code in COUNTRIES else code
    contested = f", {known.contested:,} of them contested" if known.contested else ""
    return f"{name}: {known.accounts:,} account{'' if known.accounts == 1 else 's'}{contested}"


def _said(counts: Mapping[str, Count]) -> str:
    """Return the map in one sentence, for those who do not see it."""
    held = sorted(((one.accounts, code) for code, one in counts.items() if code and one.accounts), reverse=True)
    if not held:
        return "World map: no account has a country."
    names = ", ".join(f"{COUNTRIES[code].english if code in COUNTRIES else code} {n:,}" for n, code in held[:5])
    return f"World map of accounts by country: {len(held)} countries, first of them {names}."


def _legend(most: int, *, hatched: bool) -> list[str]:
    if not most:
        return []
    x, y = LEGEND
    out = [f'<text x="{x}" y="{y - 10}">Accounts</text>']
    for shade, text in shades(most):
        out.append(f'<rect class="land on s{shade}" x="{x}" y="{y}" width="22" height="14"/>')
        out.append(f'<text x="{x + 30}" y="{y + 12}">{text}</text>')
        y += 20
    if hatched:
        out.append(f'<rect class="land" x="{x}" y="{y}" width="22" height="14"/>')
        out.append(f'<rect class="hatch" x="{x}" y="{y}" width="22" height="14"/>')
        out.append(f'<text x="{x + 30}" y="{y + 12}">contested</text>')
    return out


def shades(most: int) -> list[tuple[int, str]]:
    """Return the shades that occur up to ``most`` accounts, darkest first, each with the numbers it stands for."""
    ranges = dict[int, tuple[int, int]]()
    low = 1
    while low <= most:
        shade = step(low, most)
        high = low
        if shade < STEPS:  # the last number of a shade, found by halving
            above = most
            while above - high > 1:
                middle = (high + above) // 2
                high, above = (middle, above) if step(middle, most) == shade else (high, middle)
        else:
            high = most
        ranges[shade] = (low, high)
        low = high + 1
    return [
        (shade, f"{low:,}" if low == high else f"{low:,} to {high:,}") for shade, (low, high) in sorted(
            ranges.items(), reverse=True
        )
    ]  # fmt: skip


def _round(place: str, radius: float) -> str:
    x, y = map(float, place.split(","))
    half = f"a{radius:g},{radius:g} 0 1 0"
    return f"M{x - radius:.1f},{y:.1f}{half} {2 * radius:g},0{half} {-2 * radius:g},0z"


@functools.cache
def _world() -> dict[str, str]:
    """Return the outline of each country; those without a code together under ``NOBODYS``."""
    text = importlib.resources.files("vigie.desk").joinpath("pages/world.txt").read_text(encoding="ascii")
    out = dict[str, str]()
    for line in text.splitlines():
        code, _, outline = line.partition(" ")
        out[code] = out.get(code, "") + outline
    return out
