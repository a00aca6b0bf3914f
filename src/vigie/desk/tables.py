"""Tables on the terminal: evidence text is printed, never obeyed."""

from __future__ import annotations

import sys
import typing as t

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vigie.desk import output

KEYS: t.Final = frozenset(
    {"key", "content", "sha256", "representative", "group", "known", "platform", "attachment", "later", "row_key",
     "file", "platform_a", "platform_b", "person", "resemblance"}
)  # fmt: skip
"""Columns that hold a key or a digest."""
SENTENCES: t.Final = frozenset({"text", "detail", "reason", "reasons", "remark", "doubt"})
"""Columns that say something to people: the middle of what they say is not left out."""
MOST_SAID: t.Final = 1000
FOLDED: t.Final = 6
"""Narrowest column of text that can still be read."""
GAP: t.Final = 3
"""Between two columns of the box; one more at each end."""


def console(piped: int = 200) -> Console:
    """Return a console on stdout; wide where nobody looks, so that pipes get whole lines."""
    return Console(width=None if sys.stdout.isatty() else piped, highlight=False, soft_wrap=False)


def print_table(title: str, columns: t.Sequence[str], rows: t.Iterable[t.Sequence[str]]) -> None:
    """Print rows of text; a column whose name ends in ``>`` is aligned to the right.

    Keys are never cut or broken, since people copy them: where the width does not do, each row is printed downwards.
    """
    names = [name.rstrip(">") for name in columns]
    most = [MOST_SAID if name in SENTENCES else output.MOST_SHOWN for name in names]
    cells = [[output.clean(value, most=many) for value, many in zip(row, most, strict=True)] for row in rows]
    out = console()
    if _needed(names, cells) > out.width:
        _downwards(out, title, names, cells)
        return
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name, said in zip(names, columns, strict=True):
        side: t.Literal["left", "right"] = "right" if said.endswith(">") else "left"
        table.add_column(name, justify=side, overflow="fold", no_wrap=name in KEYS)
    for row in cells:
        table.add_row(*map(Text, row))
    out.print(table)


def _needed(names: list[str], cells: list[list[str]]) -> int:
    """Return the columns of a terminal that a table takes at least: keys whole, the rest folded."""
    wide = 0
    for at, name in enumerate(names):
        longest = max([cell_len(name), *(cell_len(row[at]) for row in cells)])
        wide += longest if name in KEYS else min(longest, FOLDED)
    return wide + GAP * (len(names) - 1) + 2


def _downwards(out: Console, title: str, names: list[str], cells: list[list[str]]) -> None:
    longest = max(map(len, names))
    out.print(Text(title), soft_wrap=True)
    for row in cells:
        for name, value in zip(names, row, strict=True):
            out.print(Text(f"  {name:{longest}}  {value}"), soft_wrap=True)
        out.print()
