"""Which payment was for which order: by the order's own address a fact, by a name, or amount and time, an inference."""

import typing as t

from vigie.kernel.chain.chain import Chain
from vigie.kernel.stage import Count, Params, Seconds, stage
from vigie.kernel.table import Table, columns, look, query
from vigie.rows.base import Row
from vigie.rows.copies import Layer, Remnant
from vigie.rows.payments import Receipt, Settlement, Watched
from vigie.rows.people import Payment
from vigie.steps.addresses import ADDRESS
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
    dust_sat: Count = 546
    """Less than this pays for nothing (Bitcoin Core's dust limit of P2PKH): anybody may send it to any address."""
    dust_permille: Count = 10
    """Nor does less than this of what is due."""
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


_OTHERS: t.Final = ".*(monero|ethereum|litecoin|dogecoin|tron|paypal|stripe|card|skrill|bank|sepa).*"
"""Ways to pay of which no transaction of Bitcoin is looked for; what pays a watched address is told all the same."""
_ORDERS: t.Final = f"""
    select p.key as payment, p.platform, coalesce(nullif(p.account, ''), q.account, '') as account, p.id as "order",
        p."at" as ordered, lower(p.processor) similar to '{_OTHERS}' or upper(p.currency) in ('XMR', 'ETH', 'LTC')
            as other,
        {ADDRESS} as address, p.direction = '' as either,
        case when regexp_full_match(trim(p.transaction), '[0-9a-fA-F]{{64}}')
            then unhex(trim(p.transaction)) end as txid,
        a.sat as expected
    from p join a using (amount, currency)
        left join (select platform, id, any_value(account) as account from p group by platform, id
            having count(distinct account) = 1) q on q.platform = p.platform and q.id = p."order" and p."order" <> ''
    where p.direction <> 'out'
"""
"""Orders; ``either``: the table does not say which way the money went."""


def _sql(network: str, params: Settlements) -> str:
    """Return the ``select`` of all pairs.

    An order's own address is a fact; a transaction that it names is what the platform says. Of the others exact amounts
    come first, and near ones only where there is none. An output that is told of already is no candidate for another
    order, but for an exact amount where it is not what the order that names it was to pay.
    """
    soon = f"{int(params.clock_s)}"
    return f"""
        with o as ({_ORDERS}),
        mine as (select r.* exclude (key), r.key as receipt, coalesce(w.own, false) as own
            from r left join w on w.key = r.watched where r.network = '{network}'),
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
            from orders o join mine m on m.txid = o.txid and (m.own or m.address = o.address)
        ),
        judged as (
            select *, if(txid is not null and got = txid, 'transaction', 'address') as how,
                same and sharing = 1 as sole, coalesce(after_s < -{soon}, false) as early,
                value_sat < {params.dust_sat} or value_sat * 1000 < expected * {params.dust_permille} as dust,
                dust or (early and how = 'address') as bad
            from pairs
            -- of a transaction that is named, the order's own address alone where it is among them
            qualify same or not bool_or(same) over (partition by payment, got)
        ),
        direct as (
            select *, count(*) filter (not bad) over (partition by receipt) as fits,
                if(sole, 1, count(*) over (partition by payment, sole, bad)) as candidates,
                coalesce(sum(value_sat) filter (not bad) over (partition by payment), 0) as whole,
                coalesce(sum(value_sat) filter (not bad) over earlier, 0) as before,
                not bad and if(expected < 0, count(*) filter (not bad) over earlier > 0, before >= expected)
                    and (sole or candidates = 1) as again
            from judged
            window earlier as (partition by payment order by height, got, vout
                rows between unbounded preceding and 1 preceding)
        ),
        open as (select * from orders where sharing > 1 and address in (select address from own)
            and payment not in (select payment from direct)),
        free as (
            select *, receipt in (select receipt from direct) as named from mine
            where address in (select address from open) and receipt not in (select receipt from direct where sole
                or expected < 0 or abs(value_sat - expected) * 1000 <= expected * {params.slack_permille})
        ),
        heavy as (
            select address from (select address, count(*) as n from open group by address)
                join (select address, count(*) as m from free group by address) using (address)
            where n * m > {params.most_alike}
        ),
        exact as (
            select o.*, f.receipt, f.txid as got, f.vout, f.value_sat, f.height, f."at" as paid,
                date_diff('second', o.ordered, f."at") as after_s, 'amount' as how, f.named
            from open o join free f on f.address = o.address and f.value_sat = o.expected
            where o.ordered is null or f."at" is null
                or date_diff('second', o.ordered, f."at") between -{soon} and {int(params.window_s + params.clock_s)}
        ),
        near as (
            select o.*, f.receipt, f.txid as got, f.vout, f.value_sat, f.height, f."at" as paid,
                date_diff('second', o.ordered, f."at") as after_s, 'near' as how, f.named
            from open o join free f on f.address = o.address and not f.named
            where o.payment not in (select payment from exact) and o.address not in (select address from heavy)
                and date_diff('second', o.ordered, f."at") between -{soon} and {int(params.window_s + params.clock_s)}
                and (o.expected < 0 or abs(f.value_sat - o.expected) * 1000 <= o.expected * {params.slack_permille})
        ),
        guessed as (
            select *, count(*) over (partition by payment) as candidates,
                count(*) over (partition by receipt) + named::int as fits,
                how = 'amount' and candidates = 1 and fits = 1 and after_s is not null as sure
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
                case when bad or candidates > 1 then 'C'
                    when sole and fits = 1 and not (again or early or either) then 'A' else 'B' end as layer,
                how, candidates, greatest(1, fits) + coalesce(others, 0) as orders, expected, value_sat, after_s,
                concat_ws(', ',
                    case when not same and address <> '' then 'other address' end,
                    case when again then 'double' end,
                    case when not bad and expected >= 0 and whole < expected then 'underpaid' end,
                    case when not bad and not again and expected >= 0 and before + value_sat > expected
                        then 'overpaid' end,
                    case when dust then 'dust' end,
                    case when after_s > {int(params.late_s + params.clock_s)} then 'late' end,
                    case when early then 'early' end) as note,
                concat_ws(' ',
                    case when sole then 'It pays the address that this order alone has'
                        || if(how = 'transaction', ', and the order names it: a fact.', ': a fact.')
                        else 'The order names this transaction: the platform''s table says so; '
                            || if(own, 'that it pays a script of the platform''s is a fact.',
                                'that it pays the address of the order is a fact.') end,
                    case when candidates > 1 then format('It pays {{}} scripts that may be meant: a lead.', candidates)
                        end,
                    case when orders > 1 then format('{{}} orders fit it, so that they may share it.', orders) end,
                    case when dust then 'Too little to be a payment for it: anybody may send that to an address.' end,
                    case when early then 'It was paid before the order was made'
                        || if(how = 'address', ': hardly for it.', '.') end,
                    case when again then 'What was due had been paid before: that this is for the order, too, is an'
                        || ' inference.' end,
                    case when ordered is null then 'The order has no time.' end,
                    case when either then 'The table does not say which way the money went.' end) as text
            from direct join (select receipt, own from mine) using (receipt)
                left join (select receipt, count(*) as others from guessed group by receipt) using (receipt)
            union all
            select payment, platform, account, "order", receipt, got, vout,
                if(sure, 'B', 'C'), how, candidates, fits, expected, value_sat,
                after_s, '', format('{{}} orders have this address. {{}} It is one of {{}} payments'
                    || ' there that fit the order, and fits {{}} orders: {{}}', sharing,
                    case when how = 'amount' then 'The amount is exact'
                        when expected < 0 then 'The order says no amount in bitcoin'
                        else 'The amount fits within the slack of a rate' end
                    || case when ordered is null then '; the order has no time.' when after_s is null
                        then '; the time of the payment is not known.' else '; the time fits.' end, candidates, fits,
                    if(sure, 'an inference.', 'a lead, nobody is named by it.'))
                    || if(named, ' Another order, for another amount, names its transaction.', '')
                    || if(either, ' The table does not say which way the money went.', '')
            from guessed
            union all
            select payment, platform, account, "order", ''::blob, coalesce(txid, ''::blob), -1, 'C', 'none', 0, 0,
                expected, 0, 0, concat_ws(', ', case when alike then 'too many alike' when ours then 'pending' end,
                    case when held then 'pays nobody watched' when not held then 'not in the chain' end),
                concat_ws(' ',
                    case when alike then 'Too many orders and payments have this address: amount and time tell nothing.'
                        when ours then 'Nothing that fits was paid to the address of this order, as far as the chain'
                            || ' here goes.' end,
                    case when held then 'The transaction that it names pays no script of the platform''s: that it'
                            || ' was for this order is what the platform says, no more.'
                        when not held then 'The transaction that it names is not in the chain here.' end)
            from nothing
        )
        select payment, platform, account, "order", receipt, txid, vout, layer, how, candidates, orders,
            expected as expected_sat, value_sat as received_sat, coalesce(after_s, 0) as after_s, note, text
        from told
    """
