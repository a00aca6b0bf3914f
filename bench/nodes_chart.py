"""The picture of the projection: wall hours against nodes, stacked by kind of work, and the line of the goal."""

from __future__ import annotations

import typing as t

import numpy as np

from figures import LINE, paper, text
from projected import Draws, interval

WIDTH, HEIGHT, LEFT, TOP, FLOOR = 760.0, 400.0, 60.0, 70.0, 350.0
HUES = {
    "taking in": "#7a8ba0", "stills": "#3f7f6f", "key frames": "#2c5d8f", "dense": "#c98a2b", "house": "#a9adb3",
    "search": "#8c5a9e", "grouping": "#b5544d",
}  # fmt: skip


def chart(title: str, by_nodes: t.Mapping[int, t.Mapping[str, Draws]], goal_h: float) -> str:
    """Draw one stack for each number of nodes: medians, and a whisker over the 90 % interval of the sum."""
    sums = {nodes: interval(sum(kinds.values(), np.zeros(1))) for nodes, kinds in by_nodes.items()}
    most = max(*(high for _, _, high in sums.values()), goal_h) * 1.05

    def y(hours: float) -> float:
        return FLOOR - (FLOOR - TOP) * hours / most

    body = [
        text(14, 20, title, size=14, weight="bold"),
        text(14, 38, "wall hours; medians and 90 % intervals; projected"),
    ]
    step = next(one for one in (1, 2, 4, 6, 12, 24, 48, 96, 192, 384, 768) if most / one <= 10)
    for hours in np.arange(0, most, step):
        body.append(f'<path d="M{LEFT} {y(hours):.1f}H{WIDTH - 140}" stroke="{LINE}"/>')
        body.append(text(LEFT - 6, y(hours) + 4, f"{hours:g} h", anchor="end"))
    wide = (WIDTH - 140 - LEFT) / len(by_nodes)
    for place, (nodes, kinds) in enumerate(by_nodes.items()):
        x, base = LEFT + wide * (place + 0.2), 0.0
        for kind, draws in kinds.items():
            hours = interval(draws)[0]
            high = y(base) - y(base + hours)
            body.append(
                f'<rect x="{x:.1f}" y="{y(base + hours):.1f}" width="{wide * 0.6:.1f}" height="{high:.2f}"'
                f' fill="{HUES[kind]}"/>'
            )
            base += hours
        middle, low, high = sums[nodes]
        centre = x + wide * 0.3
        body.append(f'<path d="M{centre:.1f} {y(low):.1f}V{y(high):.1f}" stroke="#1d2129" stroke-width="1.5"/>')
        body.append(text(centre + 4, y(high) - 4, f"{middle:.1f} h", anchor="middle", weight="bold"))
        body.append(text(centre, FLOOR + 18, f"{nodes} node{'s' * (nodes > 1)}, {2 * nodes} cores", anchor="middle"))
    body.append(
        f'<path d="M{LEFT} {y(goal_h):.1f}H{WIDTH - 140}" stroke="#b3261e" stroke-width="1.5" stroke-dasharray="6 4"/>'
    )
    body.append(text(WIDTH - 136, y(goal_h) + 4, f"goal: {goal_h:g} h"))
    for place, (kind, hue) in enumerate(reversed(HUES.items())):
        at = TOP + 20 * place + 60
        body.append(f'<rect x="{WIDTH - 124}" y="{at}" width="12" height="12" fill="{hue}"/>')
        body.append(text(WIDTH - 106, at + 11, kind))
    return paper(WIDTH, HEIGHT, body)
