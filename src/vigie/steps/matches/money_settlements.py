"""Which payment was for which order: by the order's own address a fact, by amount and time an inference."""

import typing as t

from vigie.kernel.chain.chain import Chain
from vigie.kernel.stage import Count, Params, Seconds, stage
from vigie.kernel.table import Table, columns, look, query
from vigie.rows.base import Row
from vigie.rows.copies import Layer, Remnant
from vigie.rows.payments import Receipt, Settlement, Watched
from vigie.rows.people import Payment
from vigie.steps.amounts import satoshi
from vigie.steps.copied import one_of_each


class Settlements(Params, frozen=True):
    """Settings: docs/money.md says where they come from."""

    clock_s: Seconds = 7_200.0
    """A block's time may be so far off (BIP 113 and the two hours of Bitcoin Core)."""
    window_s: Seconds = 86_400.0
    """So long after an order its payment may come, at an address of several orders."""
    late_s: Seconds = 86_400.0
    """A payment to an order's own address that came later than this is called late."""
    slack_permille: Count = 5
    """A near match may differ by so much: a shop's rate is not the payer's."""
    most_candidates: Count = 20
    """So many are listed for one order; ``candidates`` counts all."""
    most_alike: Count = 10_000_000
    """Pairs of orders and payments of one address that are compared; above it nothing near is listed for it."""


class _Meant(Row, frozen=True, kw_only=True):
    """An amount as it was written, and what it means."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("amount", "currency")
    amount: str
    currency: str
    sat: int


class _Named(Row, frozen=True, kw_only=True):
    """A transaction that orders name, and whether the chain has it."""

    NATURAL: t.ClassVar[tuple[str, ...]] = ("txid",)
    txid: bytes
    held: bool


@stage(split=None)
def settlements(
    payments: Table[Payment],
    layers: Table[Layer],
    remnants: Table[Remnant],
    watched: Table[Watched],
    receipts: Table[Receipt],
    chain: Chain,
    params: Settlements,
) -> Table[Settlement]:
    """Join orders with the outputs that may have paid them: every candidate is listed, and says how many there are.

    An order that pays to a watched address and got nothing has a row, too: it is pending, or was never paid.
    """
    once = one_of_each(layers, remnants, payments=payments)
    written = look("select distinct amount, currency from p where direction <> 'out' order by all", p=once["payments"])
    meant = columns(
        _Meant,
        amount=[one["amount"] for one in written],
        currency=[one["currency"] for one in written],
        sat=[satoshi(one["amount"], one["currency"]) for one in written],
    )
    ids = [one["txid"] for one in look(f"select distinct txid from ({_ORDERS}) where txid is not null order by txid",
                                       p=once["payments"], a=meant)]  # fmt: skip
    named = columns(_Named, txid=ids, held=[bool(at >= 0) for at in chain.transactions(ids)])
    tables = {"p": once["payments"], "a": meant, "n": named, "w": watched, "r": receipts}
    return query(Settlement, _sql(chain.network, params), **tables)


_ADDRESS: t.Final = "regexp_extract(trim(address), '^(?i:bitcoin:(?://)?)?([^?\\s]*)', 1)"
_OTHERS: t.Final = ".*(monero|ethereum|litecoin|dogecoin|tron|paypal|stripe|card|skrill|bank|sepa).*"
"""Ways to pay of which no transaction of Bitcoin is looked for; what pays a watched address is told all the same."""
_ORDERS: t.Final = f"""
    select p.key as payment, p.platform, coalesce(nullif(p.account, ''), q.account, '') as account, p.id as "order",
        p."at" as ordered, lower(p.processor) similar to '{_OTHERS}' or upper(p.currency) in ('XMR', 'ETH', 'LTC')
            as other,
        if(regexp_matches(lower({_ADDRESS}), '^(bc|tb|bcrt)1'), lower({_ADDRESS}), {_ADDRESS}) as address,
        case when regexp_full_match(trim(p.transaction), '[0-9a-fA-F]{{64}}')
            then unhex(trim(p.transaction)) end as txid,
        a.sat as expected
    from p join a using (amount, currency)
        left join (select platform, id, any_value(account) as account from p group by platform, id
            having count(distinct account) = 1) q on q.platform = p.platform and q.id = p."order" and p."order" <> ''
    where p.direction <> 'out'
"""
"""Orders; a bech32 address in its normal form, one in a URI (BIP 21) taken out of it."""


def _sql(network: str, params: Settlements) -> str:
    """Return the ``select`` of all pairs.

    An order whose transaction is named, or whose address is its alone, has its payment; what such an order has is no
    candidate for another. Of the others exact amounts come first, and near ones only where there is none.
    """
    soon = f"{int(params.clock_s)}"
    return f"""
        with o as ({_ORDERS}),
        mine as (select * exclude (key), key as receipt from r where network = '{network}'),
        own as (select distinct address from w where network = '{network}' and address <> ''),
        sharing as (select address, count(*) as sharing from o where address <> '' group by address),
        orders as (select o.*, coalesce(sharing, 0) as sharing from o left join sharing using (address)),
        pairs as (
            select o.*, m.receipt, m.txid as got, m.vout, m.value_sat, m.height, m."at" as paid,
                date_diff('second', o.ordered, m."at") as after_s, m.address = o.address as same
            from orders o join mine m on m.address = o.address and (o.sharing = 1)
            union
            select o.*, m.receipt, m.txid, m.vout, m.value_sat, m.height, m."at",
                date_diff('second', o.ordered, m."at"), m.address = o.address
            from orders o join mine m on m.txid = o.txid
        ),
        direct as (
            select *, if(txid is not null and got = txid, 'transaction', 'address') as how,
                count(*) over (partition by receipt) as fits, count(*) over (partition by payment) as outputs,
                sum(value_sat) over (partition by payment) as whole,
                row_number() over (partition by payment order by height, got, vout) as place
            from pairs
            -- of a transaction that is named, the order's own address alone where it is among them
            qualify same or not bool_or(same) over (partition by payment, got)
        ),
        open as (select * from orders where sharing > 1 and address in (select address from own)
            and payment not in (select payment from direct)),
        free as (select * from mine where receipt not in (select receipt from direct)
            and address in (select address from open)),
        heavy as (
            select address from (select address, count(*) as n from open group by address)
                join (select address, count(*) as m from free group by address) using (address)
            where n * m > {params.most_alike}
        ),
        exact as (
            select o.*, f.receipt, f.txid as got, f.vout, f.value_sat, f.height, f."at" as paid,
                date_diff('second', o.ordered, f."at") as after_s, 'amount' as how
            from open o join free f on f.address = o.address and f.value_sat = o.expected
            where o.ordered is null or f."at" is null
                or date_diff('second', o.ordered, f."at") between -{soon} and {int(params.window_s + params.clock_s)}
        ),
        near as (
            select o.*, f.receipt, f.txid as got, f.vout, f.value_sat, f.height, f."at" as paid,
                date_diff('second', o.ordered, f."at") as after_s, 'near' as how
            from open o join free f on f.address = o.address
            where o.payment not in (select payment from exact) and o.address not in (select address from heavy)
                and date_diff('second', o.ordered, f."at") between -{soon} and {int(params.window_s + params.clock_s)}
                and (o.expected < 0 or abs(f.value_sat - o.expected) * 1000 <= o.expected * {params.slack_permille})
        ),
        guessed as (
            select *, count(*) over (partition by payment) as candidates, count(*) over (partition by receipt) as fits
            from (from exact union all from near)
            qualify row_number() over (partition by payment order by abs(after_s) nulls last, receipt)
                <= {params.most_candidates}
        ),
        nothing as (
            select o.*, n.held, o.address in (select address from own) as ours,
                o.address in (select address from heavy) as alike
            from orders o left join n on n.txid = o.txid
            where o.payment not in (select payment from direct) and o.payment not in (select payment from guessed)
                and (o.txid is not null and not o.other or o.address in (select address from own))
        ),
        told as (
            select payment, platform, account, "order", receipt, got as txid, vout,
                if(fits = 1, 'A', 'B') as layer, how, 1::bigint as candidates, fits as orders, expected, value_sat,
                after_s, concat_ws(', ',
                    case when not same and address <> '' then 'other address' end,
                    case when outputs > 1 and place > 1 and expected >= 0 and whole > expected then 'double' end,
                    case when outputs > 1 and expected < 0 and place > 1 then 'double' end,
                    case when expected >= 0 and whole < expected then 'underpaid' end,
                    case when expected >= 0 and whole > expected and (outputs = 1 or place = 1 and value_sat > expected)
                        then 'overpaid' end,
                    case when after_s > {int(params.late_s + params.clock_s)} then 'late' end,
                    case when after_s < -{soon} then 'early' end) as note,
                if(how = 'transaction', 'The order names this transaction',
                    'It pays the address that this order alone has')
                    || if(fits = 1, ': a fact.', format('; {{}} orders do, so that they may share it.', fits)) as text
            from direct
            union all
            select payment, platform, account, "order", receipt, got, vout,
                if(how = 'amount' and candidates = 1 and fits = 1, 'B', 'C'), how, candidates, fits, expected,
                value_sat,
                after_s, '', format('{{}} orders have this address. {{}} It is one of {{}} payments'
                    || ' there that fit the order, and fits {{}} orders: {{}}', sharing,
                    case when how = 'amount' then 'The amount is exact, the time fits.'
                        when expected < 0 then 'The order says no amount in bitcoin; the time fits.'
                        else 'The amount fits within the slack of a rate, the time fits.' end, candidates, fits,
                    if(how = 'amount' and candidates = 1 and fits = 1, 'an inference.',
                        'a lead, nobody is named by it.'))
            from guessed
            union all
            select payment, platform, account, "order", ''::blob, coalesce(txid, ''::blob), -1, 'C', 'none', 0, 0,
                expected, 0, 0, concat_ws(', ', case when alike then 'too many alike' when ours then 'pending' end,
                    case when held then 'pays nobody watched' when not held then 'not in the chain' end),
                concat_ws(' ',
                    case when alike then 'Too many orders and payments have this address: amount and time tell nothing.'
                        when ours then 'Nothing that fits was paid to the address of this order, as far as the chain'
                            || ' here goes.' end,
                    case when held then 'The transaction that it names pays no script that the case watches: that it'
                            || ' was for this order is what the platform says, no more.'
                        when not held then 'The transaction that it names is not in the chain here.' end)
            from nothing
        )
        select payment, platform, account, "order", receipt, txid, vout, layer, how, candidates, orders,
            expected as expected_sat, value_sat as received_sat, coalesce(after_s, 0) as after_s, note, text
        from told
    """
