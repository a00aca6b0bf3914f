"""Orders and payments: whose was which, and how sure that is."""

import datetime as dt
from typing import Any

import pytest

from drawn_chain import START, Tx, drawn, script, txid
from vigie.desk.paid import _ORDERS, _RECEIVED
from vigie.kernel.chain.chain import Chain
from vigie.kernel.table import look, of
from vigie.numeric.coins import scripts
from vigie.rows.copies import Layer, Remnant
from vigie.rows.derived import Derived, Scheme
from vigie.rows.given import Given
from vigie.rows.ledgers import Ledger
from vigie.rows.payments import Receipt, Settlement, Watched
from vigie.rows.people import Mention, Payment
from vigie.rows.sightings import Sighting
from vigie.rows.wallets import WalletAddress
from vigie.steps.amounts import satoshi
from vigie.steps.fingerprints.money_watched import watched
from vigie.steps.matches.money_receipts import receipts
from vigie.steps.matches.money_settlements import Settlements, settlements


@pytest.mark.parametrize(
    ("amount", "currency", "sat"),
    [
        ("0.1", "BTC", 10_000_000),
        ("0.12345678", "XBT", 12_345_678),
        ("0.123456789", "BTC", -1),
        ("1.5", "mBTC", 150_000),
        ("81000", "sat", 81_000),
        ("0,05", "btc", 5_000_000),
        ("1,000", "sats", 1_000),
        ("0.00081 BTC", "EUR", 81_000),
        ("BTC 0.00081", "", 81_000),
        (".5", "BTC", 50_000_000),
        ("25.00", "EUR", -1),
        ("25.00", "", -1),
        ("1.5", "sat", -1),
        ("", "BTC", -1),
        ("-1", "BTC", -1),
        ("1e3", "BTC", -1),
        ("21000001", "BTC", -1),
        ("9" * 5000, "BTC", -1),
        ("0.10000000000000000000000000", "BTC", 10_000_000),
    ],
)
def test_amounts_are_read_exactly(amount: str, currency: str, sat: int) -> None:
    assert satoshi(amount, currency) == sat


def watch(*names: str, own: bool = True) -> list[Watched]:
    return [
        Watched.make(
            network="regtest", script=script(one), scripthash=bytes(32), type="p2wpkh", address=f"addr_{one}",
            why="order", own=own, sources=1, source="",
        )
        for one in names
    ]  # fmt: skip


def order(
    number: int, who: str, amount: str, *, after_s: int = 0, transaction: str = "", currency: str = "BTC"
) -> Payment:
    return Payment.make(
        platform=b"P" * 16, relation="orders", number=number, place=0, rule="payment", part=0, id=str(1000 + number),
        account=str(number), at=dt.datetime.fromtimestamp(START + after_s, dt.UTC), amount=amount, currency=currency,
        processor="bitcoin", address=f"addr_{who}" if who else "", transaction=transaction, payer="", status="",
        direction="in", order="", detail="",
    )  # fmt: skip


def settled(chain: Chain, names: str, *orders: Payment) -> list[Settlement]:
    held = of(Watched, watch(*names))
    found = settlements(of(Payment, orders), of(Layer), of(Remnant), held, receipts(held, chain), chain, Settlements())
    return sorted(found, key=lambda one: (one.order, one.txid, one.vout))


CHAIN = drawn(
    [Tx("c", [], [("x", 1_000_000)]), Tx("d", [], [("y", 1_000_000)])],
    [Tx("p", ["c:0"], [("a", 81_000), ("b", 50_000), ("change", 800_000)])],
    [Tx("q", ["d:0"], [("b", 50_000), ("b", 60_000), ("z", 500_000)])],
)


def test_the_only_order_of_an_address_is_a_fact() -> None:
    (one,) = settled(CHAIN, "ab", order(1, "a", "0.00081"))
    assert (one.layer, one.how, one.received_sat, one.expected_sat, one.note) == ("A", "address", 81_000, 81_000, "")
    assert one.after_s == 600


@pytest.mark.parametrize(("amount", "note"), [("0.0009", "underpaid"), ("0.0008", "overpaid"), ("10", "dust")])
def test_what_was_paid_is_held_against_what_was_due(amount: str, note: str) -> None:
    (one,) = settled(CHAIN, "a", order(1, "a", amount))
    assert one.note == note


def test_paid_twice() -> None:
    first, *more = settled(CHAIN, "b", order(1, "b", "0.0005"))
    assert sorted(one.note for one in (first, *more)) == ["", "double", "double"]
    assert sorted((one.layer, one.note) for one in (first, *more)) == [("A", ""), ("B", "double"), ("B", "double")]


def test_late_and_early() -> None:
    (late,) = settled(CHAIN, "a", order(1, "a", "0.00081", after_s=-200_000))
    (early,) = settled(CHAIN, "a", order(1, "a", "0.00081", after_s=200_000))
    assert [(one.layer, one.note) for one in (late, early)] == [("A", "late"), ("C", "early")]


def test_amount_and_time_at_a_shared_address_are_an_inference_and_else_a_list() -> None:
    found = settled(CHAIN, "b", order(1, "b", "0.0006"), order(2, "b", "0.0005"), order(3, "b", "0.9"))
    by = {one.order: [x for x in found if x.order == one.order] for one in found}
    (sure,) = by["1001"]
    assert (sure.layer, sure.how, sure.candidates, sure.orders) == ("B", "amount", 1, 1)
    assert [(one.layer, one.candidates) for one in by["1002"]] == [("C", 2), ("C", 2)]
    (pending,) = by["1003"]
    assert (pending.how, pending.note, pending.receipt) == ("none", "pending", b"")


def test_a_near_amount_is_a_lead_only() -> None:
    found = settled(CHAIN, "b", order(1, "b", "0.000601"), order(2, "b", "0.9"))
    assert [(one.layer, one.how) for one in found if one.order == "1001"] == [("C", "near")]


def test_a_transaction_that_the_order_names() -> None:
    named = txid("p").hex()
    first, second = settled(CHAIN, "ab", order(1, "b", "0.0005", transaction=named), order(2, "b", "0.0005"))[:2]
    assert (first.layer, first.how, first.received_sat) == ("B", "transaction", 50_000)
    assert (second.layer, second.how, second.candidates) == ("B", "amount", 1)  # the other one is taken


def test_a_named_transaction_that_pays_nobody_of_ours_or_is_not_there() -> None:
    (one,) = settled(CHAIN, "a", order(1, "", "0.1", transaction=txid("q").hex()))
    assert (one.layer, one.note, one.receipt) == ("C", "pays nobody watched", b"")
    (other,) = settled(CHAIN, "a", order(1, "a", "0.1", transaction="ab" * 32))
    assert other.how == "address"
    (gone,) = settled(CHAIN, "a", order(1, "", "0.1", transaction="ab" * 32))
    assert gone.note == "not in the chain"


def test_a_named_transaction_that_pays_another_of_our_addresses() -> None:
    (one,) = settled(CHAIN, "a", order(1, "elsewhere", "0.00081", transaction=txid("p").hex()))
    assert (one.layer, one.how, one.note) == ("B", "transaction", "other address")


def test_money_that_the_platform_sent_is_no_order() -> None:
    sent = order(1, "a", "0.00081")
    rows = [Payment.make(**{n: getattr(sent, n) for n in sent.__struct_fields__ if n != "key"} | {"direction": "out"})]
    assert settled(CHAIN, "a", *rows) == []


def test_receipts_say_when_and_by_what_they_were_spent() -> None:
    held = of(Watched, watch("x", "a", "nobody"))
    rows = {one.address: one for one in receipts(held, CHAIN)}
    assert set(rows) == {"addr_x", "addr_a"}
    assert rows["addr_x"].spent_by == txid("p")
    assert rows["addr_x"].spent_height == 2
    assert (rows["addr_a"].spent_by, rows["addr_a"].height, rows["addr_a"].vout) == (b"", 2, 0)
    assert rows["addr_a"].latest == rows["addr_a"].at + dt.timedelta(hours=2)


def test_the_earliest_time_is_the_median_of_eleven_headers() -> None:
    blocks = [[Tx(f"c{n}", [], [("a", 5_000)])] for n in range(13)]
    rows = sorted(receipts(of(Watched, watch("a")), drawn(*blocks)), key=lambda one: one.height)
    assert rows[0].earliest is None
    assert rows[11].earliest == dt.datetime.fromtimestamp(START + 5 * 600, dt.UTC)
    assert isinstance(rows[0], Receipt)


def test_a_payment_of_another_row_s_order_is_of_its_account_and_other_coins_are_not_missed():
    ordered = Payment.make(**vars_of(order(1, "", "25.00", currency="EUR")) | {"id": "request 1", "account": "anna"})
    paid = Payment.make(
        **vars_of(order(2, "", "", transaction=txid("p").hex())) | {"account": "", "order": "request 1"}
    )
    monero = Payment.make(**vars_of(order(3, "", "0.19", transaction="ab" * 32)) | {"processor": "monero"})
    found = settled(CHAIN, "a", ordered, paid, monero)
    assert [(one.account, one.layer, one.how, one.received_sat, one.note) for one in found] == [
        ("anna", "B", "transaction", 81_000, "")
    ]


def test_a_named_transaction_is_a_fact_only_at_the_order_s_own_address() -> None:
    (one,) = settled(CHAIN, "a", order(1, "a", "0.00081", transaction=txid("p").hex()))
    assert (one.layer, one.how, one.candidates) == ("A", "transaction", 1)
    several = settled(CHAIN, "ab", order(1, "", "", transaction=txid("p").hex()))
    assert [(one.layer, one.how, one.candidates) for one in several] == [("C", "transaction", 2)] * 2


def test_a_script_that_only_stands_in_a_text_is_not_paid_by_a_named_transaction() -> None:
    held = of(Watched, [Watched.make(**vars_of(one) | {"own": False, "why": "sighting"}) for one in watch("a")])
    orders = of(Payment, [order(1, "", "0.00081", transaction=txid("p").hex())])
    (one,) = settlements(orders, of(Layer), of(Remnant), held, receipts(held, CHAIN), CHAIN, Settlements())
    assert (one.layer, one.note, one.receipt) == ("C", "pays nobody watched", b"")


def test_naming_a_transaction_takes_no_payment_from_an_order_of_its_very_amount() -> None:
    found = settled(CHAIN, "ab", order(1, "a", "0.00081"), order(2, "a", "0.003", transaction=txid("p").hex()))
    assert [(one.order, one.layer, one.how, one.orders) for one in found] == [
        ("1001", "C", "amount", 2),
        ("1002", "B", "transaction", 2),
    ]


def test_dust_is_no_payment() -> None:
    chain = drawn([Tx("c", [], [("x", 1_000_000)])], [Tx("p", ["c:0"], [("a", 545), ("a", 81_000), ("a", 600)])])
    found = settled(chain, "a", order(1, "a", "0.00081"))
    assert [(one.layer, one.note) for one in found] == [("C", "dust"), ("A", ""), ("C", "dust")]


def test_parts_of_a_payment_are_facts_until_it_is_paid() -> None:
    chain = drawn([Tx("c", [], [("x", 1_000_000)])], [Tx("p", ["c:0"], [("a", 40_000), ("a", 41_000), ("a", 9_000)])])
    found = settled(chain, "a", order(1, "a", "0.00081"))
    assert [(one.layer, one.note) for one in found] == [("A", ""), ("A", ""), ("B", "double")]


def test_an_order_without_a_time_has_a_lead_only() -> None:
    orders = [order(1, "a", "0.00081"), order(2, "a", "0.5")]
    first, _ = settled(CHAIN, "a", *(Payment.make(**vars_of(one) | {"at": None}) for one in orders))
    assert (first.layer, first.how) == ("C", "amount")
    assert "the order has no time" in first.text


def test_no_direction_is_not_in() -> None:
    (one,) = settled(CHAIN, "a", Payment.make(**vars_of(order(1, "a", "0.00081")) | {"direction": ""}))
    assert one.layer == "B"
    assert "does not say which way" in one.text


def test_the_address_in_a_uri_is_watched_and_paid() -> None:
    address = scripts.address(script("a"), "regtest")
    uri = f"bitcoin:{address.upper()}?amount=0.00081&label=" + "x" * 90
    orders = of(Payment, [Payment.make(**vars_of(order(1, "", "0.00081")) | {"address": uri})])
    held = watched(of(Derived), of(Scheme), of(WalletAddress), orders, of(Sighting), of(Mention), of(Given), of(Ledger))
    (one,) = settlements(orders, of(Layer), of(Remnant), held, receipts(held, CHAIN), CHAIN, Settlements())
    assert (one.layer, one.how, one.received_sat) == ("A", "address", 81_000)


def vars_of(row: Payment) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__ if name != "key"}


def test_orders_younger_than_the_chain_are_told_apart() -> None:
    orders = [order(1, "a", "0.00081"), order(2, "w", "0.0002"), order(3, "w", "0.0002", after_s=9_000)]
    found = settled(CHAIN, "aw", *orders)
    end = f"timestamptz '{dt.datetime.fromtimestamp(START + 1_200, dt.UTC).isoformat()}'"
    (counts,) = look(_ORDERS.replace("$end", end), p=of(Payment, orders), s=of(Settlement, found))
    assert (counts["n"], counts["settled"], counts["leads"], counts["later"]) == (3, 1, 0, 1)
    (counts,) = look(_ORDERS.replace("$end", "null"), p=of(Payment, orders), s=of(Settlement, found))
    assert counts["later"] == 0


def test_what_a_wallet_pays_itself_is_no_income_and_others_addresses_are_none() -> None:
    chain = drawn(
        [Tx("in", [], [("shop", 900), ("elsewhere", 50)])],
        [Tx("move", ["in:0"], [("change", 700), ("payee", 150)])],
    )
    held = of(Watched, [*watch("shop", "change"), *watch("payee", own=False)])
    (sums,) = look(_RECEIVED, r=receipts(held, chain), w=held)
    assert sums == {"came": 1, "came_sat": 900, "moved": 1, "moved_sat": 700, "others": 1, "others_sat": 150}
