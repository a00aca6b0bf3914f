"""SHA-256 of the JSON of traces, beside the command that makes it again: whoever does it has the same bytes."""

from __future__ import annotations

import hashlib
import typing as t

from vigie.desk.trace import MOST_ENDS, own_scripts
from vigie.kernel.chain.used import chain_of, ledger_of
from vigie.kernel.errors import UsageError
from vigie.rows.tags import Tag
from vigie.steps.followed import Followed, Stops
from vigie.steps.restated import document, encoded

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case

MOST_OUTPUTS: t.Final = 200_000_000
"""Of a chain that a report traces on once more: some minutes. Beyond, the command alone is printed."""


class Trace(t.NamedTuple):
    """What is traced."""

    txid: bytes
    vout: int
    direction: str
    policy: str


def digests(case: Case, asked: t.Iterable[Trace], settings: t.Mapping[str, t.Any]) -> dict[Trace, str]:
    """Return SHA-256, in hexadecimal, of what ``vigie trace ... --json`` prints for each, by the case's settings.

    Nothing where the chain is not at hand any more, or is so large that it would take long.
    """
    wanted, ledger = list(dict.fromkeys(asked)), ledger_of(case)
    if not wanted or ledger is None or ledger.outputs > MOST_OUTPUTS:
        return {}
    try:
        chain = chain_of(case)
    except UsageError:
        return {}  # the page says so: a report can be written where the chain is not
    tags, own = case.read(Tag), own_scripts(case, chain)
    stops = Stops(hops=settings["hops"], least_sat=settings["least_sat"])
    followed = Followed(chain, tags, own, stops)
    found = {}
    for one in wanted:
        said = document(
            chain, tags, own, [(one.txid, one.vout)], policy=one.policy, direction=one.direction, settings=stops,
            most=MOST_ENDS, followed=followed,
        )  # fmt: skip
        found[one] = hashlib.sha256(encoded(said)).hexdigest()
    return found
