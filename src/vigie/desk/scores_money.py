"""How well the job did on the money of a generated case, whose truth is known."""

from __future__ import annotations

import typing as t

import msgspec

from vigie.desk.scores_people import Hits
from vigie.kernel.table import Table, look
from vigie.rows.artefacts import File
from vigie.rows.base import Row
from vigie.rows.chain_truth import TruthPath, TruthSettled
from vigie.rows.paths import Flow
from vigie.rows.payments import Settlement
from vigie.rows.people import Platform

if t.TYPE_CHECKING:
    from pathlib import Path

    from vigie.kernel.case import Case


class MoneyScores(msgspec.Struct, frozen=True, kw_only=True):
    """Answers on money against what is true."""

    orders: Hits
    """Outputs of the chain tied to orders, and so to accounts, as a fact or by the platform's own words (layers A and
    B, one candidate); what the platform paid is none."""
    services: Hits
    """Of payments: services they came from or went to, by FIFO, where a trace ended at one."""


def score(case: Case, sample: Path) -> MoneyScores | None:
    """Hold a case that was run against the truth in its sample's folder; None where that has no chain."""
    truths: dict[str, type[Row]] = {"t": TruthSettled, "w": TruthPath}
    if not all((sample / f"{row.table()}.parquet").exists() for row in truths.values()):
        return None
    tables: dict[str, Table[t.Any]] = {
        name: Table(row, Table(row, files=[sample / f"{row.table()}.parquet"]).arrow) for name, row in truths.items()
    }
    held: dict[str, type[Row]] = {"s": Settlement, "p": Platform, "f": File, "flows": Flow}
    tables |= {name: case.read(row) for name, row in held.items()}

    def hits(sql: str) -> Hits:
        found = look(sql, **tables)[0]
        return Hits(said=found["said"], right=found["hit"], true=found["true"], found=found["hit"])

    return MoneyScores(orders=hits(_ORDERS), services=hits(_SERVICES))


_ORDERS: t.Final = """
    with said as (
        select distinct f.locator, s.account, s.txid, s.vout
        from s join p on p.key = s.platform join f on f.sha256 = p.content
        where s.layer in ('A', 'B') and s.candidates = 1 and s.receipt <> ''
    ), paid as (select * from t where wallet <> 'shop')
    select count(said.txid) as said, count(t.txid) filter (said.txid is not null) as hit, count(t.txid) as true
    from said full join paid t on t.txid = said.txid and t.vout = said.vout and t.account = said.account
        and (said.locator = t.dump or ends_with(said.locator, '/' || t.dump))
"""
_SERVICES: t.Final = """
    with said as (
        select distinct direction, seed_txid, seed_vout, actor from flows where policy = 'fifo' and actor <> ''
    ), facts as (
        select distinct direction, seed_txid, seed_vout, actor from w
        semi join (select distinct direction, seed_txid, seed_vout from flows) using (direction, seed_txid, seed_vout)
    )
    select count(said.actor) as said, count(x.actor) filter (said.actor is not null) as hit, count(x.actor) as true
    from said full join facts x using (direction, seed_txid, seed_vout, actor)
"""


def lines(of: MoneyScores) -> list[str]:
    """Return the scores as people read them."""
    return [
        f"Money: orders tied to the chain: {of.orders}",
        f"  services that payments came from or went to: {of.services}",
    ]
