"""Write ``docs/problems.md``: every code of a Problem and what to do about it.

Usage: ``python docs/problems.py > docs/problems.md``. The texts stand in ``src/vigie/rows/codes.py``.
"""  # noqa: INP001 - docs is a folder of pages and scripts, not a package

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import vigie.rows.codes

HEAD = """\
# Problems: what could not be read, and what to do

Made by `python docs/problems.py > docs/problems.md` from `src/vigie/rows/codes.py`; do not edit.

Bad evidence is data: what cannot be read becomes a row of the table `problem`, with the stage, the subject (a
locator, `<list>:<record>`, or the SHA-256 of a content), one of these codes, and a cleaned detail. `counts` says
whether it stands for an input that gave no row, or only remarks on one that did; with the counted ones *conservation*
holds: what went in equals what came out plus problems. See them with `vigie show CASE problems`.

`missing`, `unreadable`, `changed` and `worker_lost` may be gone next time, so the next `vigie run` tries those inputs
again; `encrypted` too when a key is given. All other codes depend on the bytes, the settings and the version alone.
"""


def page() -> str:
    """Return the whole page: one table for each comment that heads a part of the list."""
    out = [HEAD]
    source = Path(vigie.rows.codes.__file__).read_text(encoding="utf-8")
    for line in source.splitlines():
        if found := re.fullmatch(r"    # (.+)", line):
            title = found[1][0].upper() + found[1][1:]
            out.append(f"\n## {title}\n\n| code | what happened, what to do |\n|---|---|")
        elif found := re.fullmatch(r"    (\".+\"): (\".+\"),", line):
            out.append(f"| `{ast.literal_eval(found[1])}` | {ast.literal_eval(found[2])} |")
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
