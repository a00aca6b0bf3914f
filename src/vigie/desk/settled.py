"""``vigie show CASE payments``: what the platform's tables say was paid, and which output of the chain it was."""

from __future__ import annotations

import datetime as dt
import typing as t

from vigie.desk.faces import Face
from vigie.kernel.table import Table, query
from vigie.rows.base import Key, Row
from vigie.rows.payments import Receipt, Settlement
from vigie.rows.people import Payment

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case


class _Settled(Row, frozen=True, kw_only=True):
    """A payment of the platform, and one output that may be the one for it: as many rows as there are such outputs.

    The columns that are not described here are those of ``Payment`` and ``Settlement``.
    """

    key: Key
    """Of the payment."""
    account: str
    """Where the row of the payment has none, that of the order which it names, as ``Settlement`` has it."""
    at: dt.datetime | None
    amount: str
    currency: str
    processor: str
    direction: str
    address: str
    transaction: str
    status: str
    payer: str
    detail: str
    layer: str
    """``""``: no output of the chain is told."""
    how: str
    candidates: int
    output: str
    """``txid:vout``."""
    paid_to: str
    received_sat: int
    paid_at: dt.datetime | None
    note: str
    settlement: bytes
    platform: Key
    relation: str
    number: int


FACE: t.Final = Face(
    row=_Settled,
    order="platform, relation, number, output",
    columns=("key", "account", "at", "amount", "currency", "direction", "address", "layer", "how", "candidates",
             "output", "received_sat", "paid_at", "note", "status"),
    contact=("payer", "detail"),
)  # fmt: skip


def table(case: Case) -> Table[_Settled]:
    """Return the payments of a case with what settled them."""
    return query(_Settled, _SQL, p=case.read(Payment), s=case.read(Settlement), r=case.read(Receipt))


_SQL: t.Final = """
    select p.key, coalesce(nullif(p.account, ''), s.account, '') as account, p."at", p.amount::varchar as amount,
        p.currency, p.processor, p.direction, p.address, p."transaction", p.status, p.payer, p.detail,
        coalesce(s.layer, '') as layer, coalesce(s.how, '') as how, coalesce(s.candidates, 0) as candidates,
        case when octet_length(s.txid) > 0 then lower(hex(s.txid)) || ':' || s.vout else '' end as output,
        coalesce(r.address, '') as paid_to, coalesce(s.received_sat, 0) as received_sat, r."at" as paid_at,
        coalesce(s.note, '') as note, coalesce(s.key::blob, ''::blob) as settlement, p.platform, p.relation, p.number
    from p left join s on s.payment = p.key left join r on r.key = s.receipt
"""
