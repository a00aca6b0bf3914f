"""What a part of the benchmark wants drawn: kept as JSON beside the page, drawn as bars, longest first, to a log scale.

Nothing is kept where ``VIGIE_BENCH_FIGURES`` names no folder, as when a part is run by hand.
"""

from __future__ import annotations

import html
import json
import math
import os
import typing as t
from pathlib import Path

Bar: t.TypeAlias = "tuple[str, float, bool]"
"""Label, value, is it ours?"""
WIDTH, LEFT, ROW, TOP = 760.0, 270.0, 22.0, 46.0
OURS, THEIRS, INK, LINE = "#2c5d8f", "#a9adb3", "#1d2129", "#d5d8dd"


def keep(part: str, title: str, unit: str, bars: t.Sequence[Bar]) -> None:
    """Keep what a part measured, and its picture."""
    folder = os.environ.get("VIGIE_BENCH_FIGURES", "")
    if not folder or not bars:
        return
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    held = {"title": title, "unit": unit, "bars": [list(one) for one in bars]}
    (place / f"{part}.json").write_text(json.dumps(held, indent=1) + "\n")
    (place / f"{part}.svg").write_text(drawn(title, unit, bars))


def drawn(title: str, unit: str, bars: t.Sequence[Bar]) -> str:
    """Draw bars; values are above 0."""
    low = 10 ** math.floor(math.log10(min(value for _, value, _ in bars)) - 0.3)
    high = max(value for _, value, _ in bars)
    width = WIDTH - LEFT - 70

    def x(value: float) -> float:
        return LEFT + width * math.log10(value / low) / math.log10(high / low)

    height = TOP + ROW * len(bars) + 26
    body = [text(14, 20, f"{title} ({unit}, log scale)", size=14, weight="bold")]
    power = low
    while power <= high:
        body.append(f'<path d="M{x(power):.1f} {TOP - 6}V{height - 22:.1f}" stroke="{LINE}"/>')
        body.append(text(x(power), height - 8, f"{power:,g}", anchor="middle", size=11))
        power *= 10
    for place, (label, value, ours) in enumerate(bars):
        y = TOP + ROW * place
        body.append(text(LEFT - 8, y + 11, label, anchor="end"))
        long, colour = max(x(value) - LEFT, 1), OURS if ours else THEIRS
        body.append(f'<rect x="{LEFT}" y="{y}" width="{long:.1f}" height="15" fill="{colour}"/>')
        body.append(text(x(value) + 5, y + 11, f"{value:,.0f}" if value >= 20 else f"{value:.3g}"))
    return paper(WIDTH, height, body)


def text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 12, weight: str = "normal") -> str:
    """Return one line of text."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}"'
        f' fill="{INK}">{html.escape(words)}</text>'
    )


def paper(width: float, height: float, body: t.Sequence[str]) -> str:
    """Return a whole SVG, white, for it is shown on dark pages too."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" font-family="sans-serif">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n' + "\n".join(body) + "\n</svg>\n"
    )
