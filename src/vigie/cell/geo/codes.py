"""Two letters that stand in IP databases, and what they mean: a country, a kind of network, or nothing.

MaxMind's old codes, still in copies and in NCMEC's list: A1 (anonymous proxy), A2 (satellite), AP and EU (a region),
O1 (other). Tor's and IPFire's: ``??`` and XD (none), T1 (Tor). Cloudflare uses T1 and XX.
"""

from __future__ import annotations

import re
import typing as t

from vigie.cell.geo.gathered import BITS

FLAGGED: t.Final = {"A1": BITS["proxy"], "A2": BITS["satellite"], "A3": BITS["satellite"], "T1": BITS["tor"]}
NONE: t.Final = frozenset({"", "-", "--", "??", "ZZ", "XX", "XD", "AP", "EU", "O1", "A1", "A2", "A3", "T1"})
_TWO: t.Final = re.compile(r"[A-Z]{2}", re.ASCII)


def country(code: str) -> tuple[str, int]:
    """Return country and flags of a code. Raises ValueError where it is none that a database may hold."""
    code = code.strip().upper()
    if code in NONE:
        return "", FLAGGED.get(code, 0)
    if not _TWO.fullmatch(code):
        raise ValueError(f"{code[:40]!r} is no code of a country")
    return code, 0
