"""Tables on the terminal: evidence text is printed, never obeyed."""

from __future__ import annotations

import sys
import typing as t

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vigie.desk import output


def console(piped: int = 200) -> Console:
    """Return a console on stdout; wide where nobody looks, so that pipes get whole lines."""
    return Console(width=None if sys.stdout.isatty() else piped, highlight=False, soft_wrap=False)


def print_table(title: str, columns: t.Sequence[str], rows: t.Iterable[t.Sequence[str]]) -> None:
    """Print rows of text; a column whose name ends in ``>`` is aligned to the right."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name.rstrip(">"), justify="right" if name.endswith(">") else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(output.clean(value)) for value in row))
    console().print(table)
