"""How far each branch of a key was used: the highest index, and the longest gap below it."""

import typing as t

from vigie.kernel.stage import stage
from vigie.kernel.table import Table, query
from vigie.rows.derived import Derived, KeyUse
from vigie.rows.payments import Receipt, Watched
from vigie.rows.people import Payment
from vigie.rows.wallets import WalletAddress


@stage(split=None)
def uses(
    derived: Table[Derived],
    payments: Table[Payment],
    walletaddresses: Table[WalletAddress],
    watched: Table[Watched],
    receipts: Table[Receipt],
) -> Table[KeyUse]:
    """Count which derived scripts an order, a wallet's label or the chain names. A gap limit is told, never assumed."""
    return query(KeyUse, _USES, d=derived, p=payments, w=walletaddresses, v=watched, r=receipts)


_USES: t.Final = """
    with ordered as (
        select distinct trim(address) as address from p where address <> ''
    ), labelled as (
        select distinct script from w where own and (label <> '' or purpose = 'receive' or expected_sat >= 0)
    ), paid as (
        select distinct v.network, v.script from v semi join r on r.watched = v.key
    ), marked as (
        select d.scheme, d.branch, d.type, d."index", o.address is not null as by_order,
            l.script is not null as by_wallet, c.script is not null as by_chain
        from d left join ordered o on o.address = d.address and d.address <> ''
            left join labelled l on l.script = d.script
            left join paid c on c.network = d.network and c.script = d.script
    ), used as (
        select *, "index" - lag("index", 1, -1) over (partition by scheme, branch, type order by "index") - 1 as gap
        from marked where by_order or by_wallet or by_chain
    ), counted as (
        select scheme, branch, type, count(*) as used, count(*) filter (where by_order) as by_orders,
            count(*) filter (where by_wallet) as by_wallets, count(*) filter (where by_chain) as by_chain,
            max("index") as highest, max(gap) as gap
        from used group by all
    )
    select a.scheme, a.branch, a.type, a.derived, coalesce(used, 0) as used, coalesce(by_orders, 0) as by_orders,
        coalesce(by_wallets, 0) as by_wallets, coalesce(by_chain, 0) as by_chain, coalesce(highest, -1) as highest,
        greatest(coalesce(gap, 0), 0) as gap, a.last - coalesce(highest, -1) as room
    from (select scheme, branch, type, count(*) as derived, max("index") as last from d group by all) a
        left join counted using (scheme, branch, type)
"""
