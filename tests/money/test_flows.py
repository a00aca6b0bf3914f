"""Where money went and came from: ends, ways, layers, and that nothing is lost."""

import datetime as dt
import json

import pytest

from drawn_chain import START, Tx, drawn, script, txid
from vigie.kernel.chain.chain import Chain
from vigie.kernel.errors import UsageError
from vigie.kernel.table import of
from vigie.rows.clusters import ClusterMember
from vigie.rows.given import Given
from vigie.rows.paths import Flow, Hop
from vigie.rows.payments import Receipt, Settlement, Watched
from vigie.rows.tags import Tag
from vigie.steps.followed import Stops, memo
from vigie.steps.groups.money_flows import Flows, flows
from vigie.steps.groups.money_proofs import proofs
from vigie.steps.matches.money_receipts import receipts
from vigie.steps.restated import document, encoded, recompute


def tag(who: str) -> Tag:
    return Tag.make(
        file=b"K" * 16, number=0, label=f"Exchange {who}", source="test", currency="BTC", network="BTC",
        address=who, tx_hash="", script=script(who), actor=f"actor_{who}", category="exchange", concepts="",
        tag_type="actor", confidence="service_data", confidence_level=50, abuse="", is_cluster_definer=False,
        lastmod=dt.datetime.fromtimestamp(START, dt.UTC), context="",
    )  # fmt: skip


def traced(chain: Chain, own: str, *tags: Tag, **params: object) -> tuple[list[Flow], list[Hop], Receipt]:
    watched = of(Watched, [Watched.make(
        network="regtest", script=script(own), scripthash=bytes(32), type="p2wpkh", address=own, why="order", own=True,
        sources=1, source="",
    )])  # fmt: skip
    held = receipts(watched, chain)
    one = held.rows()[0]
    orders = of(Settlement, [Settlement.make(
        payment=b"Y" * 16, platform=b"P" * 16, account="1", order="1", receipt=one.key, txid=one.txid, vout=one.vout,
        layer="A", how="address", candidates=1, orders=1, expected_sat=-1, received_sat=one.value_sat, after_s=0,
        note="", text="",
    )])  # fmt: skip
    given = Flows(**{"payments": "orders", **params})
    made, steps = flows(held, orders, watched, of(Tag, tags), of(Given), chain, given)
    return made.rows(), sorted(steps, key=lambda x: (x.flow, x.number)), one


CHAIN = drawn(
    [Tx("mint", [], [("exchange", 10_000_000)])],
    [Tx("withdrawal", ["mint:0"], [("customer", 500_000), ("exchange", 9_490_000)])],
    [Tx("pays", ["withdrawal:0"], [("shop", 400_000), ("customer2", 90_000)]),
     Tx("other", [], [("z", 1_000_000)])],
    [Tx("gathers", ["pays:0", "other:0"], [("hot", 1_390_000)])],
    [Tx("cashes", ["gathers:0"], [("deposit", 300_000), ("hot2", 1_080_000)])],
    [Tx("swept", ["cashes:0"], [("exchange", 299_000)])],
)  # fmt: skip


def test_forward_to_the_deposit_and_the_rest_unspent() -> None:
    made, hops, seed = traced(CHAIN, "shop", tag("deposit"))
    ends = {(one.stop, one.end_txid): one for one in made if one.direction == "forward"}
    deposit = ends["service", txid("cashes")]
    assert (deposit.label, deposit.actor, deposit.amount_sat, deposit.hops) == (
        "Exchange deposit", "actor_deposit", 300_000, 2)  # fmt: skip
    assert (deposit.layers, deposit.weakest) == ("A+B", "B")
    assert ends["unspent", txid("cashes")].amount_sat == 100_000
    assert sum(one.amount_sat for one in ends.values()) == seed.value_sat
    way = [one for one in hops if one.flow == deposit.key]
    assert [(one.txid, one.vout, one.layer) for one in way] == [
        (txid("pays"), 0, "A"), (txid("gathers"), 0, "A"), (txid("cashes"), 0, "B"),
    ]  # fmt: skip


def test_a_seized_wallet_is_traced_without_orders_but_not_what_it_paid_itself() -> None:
    chain = drawn(
        [Tx("mint", [], [("exchange", 10_000_000)])],
        [Tx("withdrawal", ["mint:0"], [("shop", 500_000), ("exchange", 9_490_000), ("shop", 999)])],
        [Tx("moves", ["withdrawal:0"], [("shop", 400_000), ("deposit", 90_000)])],
    )
    watched = of(Watched, [Watched.make(
        network="regtest", script=script(who), scripthash=bytes(32), type="p2wpkh", address=who, why="derived",
        own=own, sources=1, source="",
    ) for who, own in (("shop", True), ("exchange", False))])  # fmt: skip
    given = (receipts(watched, chain), of(Settlement), watched, of(Tag, [tag("exchange"), tag("deposit")]), of(Given))
    made = flows(*given, chain, Flows())[0].rows()
    assert {(one.seed_txid, one.seed_vout) for one in made} == {(txid("withdrawal"), 0)}
    assert {(one.direction, one.label) for one in made if one.stop == "service"} == {
        ("backward", "Exchange exchange"), ("forward", "Exchange deposit")}  # fmt: skip
    assert len(flows(*given, chain, Flows(payments="orders"))[0]) == 0
    named = of(
        Given, [Given.make(kind="transaction", value=f"{txid('moves').hex()}:0", note="", examiner="E", given_at="")]
    )
    made = flows(*given[:4], named, chain, Flows(payments="orders"))[0].rows()
    (held,) = [one for one in given[0] if (one.txid, one.vout) == (txid("moves"), 0)]
    assert {one.receipt for one in made} == {held.key}, "what is given is traced as the receipt that it is"


def test_a_payjoin_is_a_payment_without_an_order_too() -> None:
    chain = drawn(
        [Tx("mint", [], [("shop", 50_000), ("exchange", 300_000)])],
        [Tx("withdrawal", ["mint:1"], [("customer", 200_000)])],
        [Tx("payjoin", ["mint:0", "withdrawal:0"], [("shop", 150_000), ("change", 99_000)])],
        [Tx("moves", ["payjoin:0"], [("shop", 149_000)])],
    )
    watched = of(Watched, [Watched.make(
        network="regtest", script=script("shop"), scripthash=bytes(32), type="p2wpkh", address="shop", why="derived",
        own=True, sources=1, source="",
    )])  # fmt: skip
    given = (receipts(watched, chain), of(Settlement), watched, of(Tag, [tag("exchange")]), of(Given), chain, Flows())
    made = [one for one in flows(*given)[0].rows() if one.direction == "backward" and one.seed_txid == txid("payjoin")]
    assert {(one.stop, one.label) for one in made} == {("own", ""), ("service", "Exchange exchange")}
    assert {one.seed_txid for one in flows(*given)[0].rows()} == {txid("mint"), txid("payjoin")}


def test_whose_outputs_were_passed_on_the_way_to_a_service() -> None:
    (one,) = [one for one in traced(CHAIN, "shop", tag("deposit"))[0] if one.stop == "service"]
    assert one.others == 1  # hot
    assert "whoever was paid" in one.text
    straight = drawn([Tx("mint", [], [("shop", 9_000)])], [Tx("brings", ["mint:0"], [("deposit", 8_000)])])
    (one,) = [one for one in traced(straight, "shop", tag("deposit"))[0] if one.stop == "service"]
    assert one.others == 0
    assert "own wallet brought it" in one.text


@pytest.mark.parametrize("policy", ["fifo", "haircut"])
def test_what_comes_back_to_the_case_or_came_from_it_is_another_payment(policy: str) -> None:
    chain = drawn(
        [Tx("mint", [], [("shop", 900_000), ("x", 5_000)])],
        [Tx("refund", ["mint:0"], [("customer", 800_000), ("shop", 90_000)])],
        [Tx("again", ["refund:0"], [("shop", 700_000)])],
        [Tx("brings", ["again:0", "refund:1"], [("deposit", 780_000)])],
    )
    forward = [one for one in traced(chain, "shop", tag("deposit"), policies=(policy,))[0]
               if one.direction == "forward"]  # fmt: skip
    assert {(one.stop, one.end_txid): one.amount_sat for one in forward if one.stop != "fee"} == {
        ("own", txid("again")): 700_000, ("service", txid("brings")): 88_861
        if policy == "haircut" else 80_000}  # fmt: skip
    backward = numbered(chain, ["shop"], "again", policy)
    assert [(one["stop"], one["end_txid"], one["amount_sat"]) for one in backward] == [
        ("own", txid("mint").hex(), 700_000)]  # fmt: skip


@pytest.mark.parametrize("policy", ["fifo", "haircut"])
def test_the_cases_own_coin_in_a_payjoin_is_not_the_payers(policy: str) -> None:
    chain = drawn(
        [Tx("mint", [], [("earlier", 50_000), ("customer", 300_000)])],
        [Tx("payjoin", ["mint:0", "mint:1"], [("shop", 150_000), ("change", 199_000)])],
    )
    ends = {
        one["end_vout"]: (one["stop"], one["amount_sat"])
        for one in numbered(chain, ["shop", "earlier"], "payjoin", policy)
    }
    assert ends[0][0] == "own"
    assert ends[1][0] == "coinbase"
    assert ends[0][1] + ends[1][1] == 150_000


def numbered(chain: Chain, own: list[str], name: str, policy: str) -> list[dict[str, object]]:
    """Trace the first output of a transaction backward."""
    mine = [script(one) for one in own]
    said = document(
        chain, of(Tag), mine, [(txid(name), 0)], policy=policy, direction="backward", settings=Stops(), most=9
    )
    return said["flows"]


def test_backward_to_the_service_that_paid_the_customer() -> None:
    made, hops, _ = traced(CHAIN, "shop", tag("exchange"))
    (one,) = [one for one in made if one.direction == "backward"]
    assert (one.stop, one.end_txid, one.amount_sat, one.label) == (
        "service", txid("mint"), 400_000, "Exchange exchange")  # fmt: skip
    way = [x for x in hops if x.flow == one.key]
    assert [x.txid for x in way] == [txid("pays"), txid("withdrawal"), txid("mint")]
    assert one.hops == len(way) - 1 == 2


def test_an_exchange_that_pays_the_shop_itself() -> None:
    chain = drawn([Tx("mint", [], [("exchange", 900_000)])], [Tx("pays", ["mint:0"], [("shop", 800_000)])])
    made, hops, _ = traced(chain, "shop", tag("exchange"))
    (one,) = [one for one in made if one.direction == "backward"]
    assert (one.stop, one.hops, one.label) == ("service", 1, "Exchange exchange")
    assert len([x for x in hops if x.flow == one.key]) == 2


def test_without_tags_origins_are_where_coins_were_made() -> None:
    made, _, _ = traced(CHAIN, "shop")
    (one,) = [one for one in made if one.direction == "backward"]
    assert (one.stop, one.end_txid, one.layers) == ("coinbase", txid("mint"), "A")
    assert "possibly came from" in one.text


@pytest.mark.parametrize("policy", ["fifo", "haircut"])
@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("most", [0, 1, 20])
def test_rows_add_up_to_the_payment(policy: str, direction: str, most: int) -> None:
    made, _, seed = traced(CHAIN, "shop", tag("deposit"), policies=(policy,), most_flows=most)
    mine = [one for one in made if one.direction == direction]
    assert sum(one.amount_sat for one in mine) == seed.value_sat == 400_000
    assert len([one for one in mine if one.ends == 1 and one.stop != "fee" and one.end_vout >= 0]) <= most


def test_a_peel_chain_is_followed_beyond_the_hops_as_a_lead() -> None:
    blocks = [[Tx("mint", [], [("shop", 10_000_000)])], [Tx("p0", ["mint:0"], [("c0", 9_900_000)])]]
    left, before = 9_900_000, "p0:0"
    for n in range(1, 9):
        left -= 100_000
        blocks.append([Tx(f"p{n}", [before], [(f"peeled{n}", 99_000), (f"c{n}", left)])])
        before = f"p{n}:1"
    made, hops, seed = traced(drawn(*blocks), "shop", hops=3)
    forward = [one for one in made if one.direction == "forward"]
    assert sum(one.amount_sat for one in forward) == seed.value_sat
    # the last step is none that is known as one: nobody goes on from it
    assert max(one.hops for one in forward) == 8
    far = max(forward, key=lambda one: one.hops)
    assert far.weakest == "C"
    assert any("peel chain" in one.signals for one in hops if one.flow == far.key)
    short, _, _ = traced(drawn(*blocks), "shop", hops=3, peel_hops=3)
    assert max(one.hops for one in short) == 3


def test_batches_are_of_no_account() -> None:
    rows = [traced(CHAIN, "shop", tag("deposit"), batch=n)[0] for n in (1, 100)]
    assert sorted(map(repr, rows[0])) == sorted(map(repr, rows[1]))


@pytest.mark.parametrize(
    ("script", "is_one"),
    [
        (b"\x6a\x20=:ETH.ETH:0x6ceB2Eb9c0B4c8D7:9", False),
        (b"\x6a" + bytes([len(b"=:ETH.ETH:0xabcdef0123456789:0")]) + b"=:ETH.ETH:0xabcdef0123456789:0", True),
        (b"\x6a\x04=:==", False),
        (b"\x6a", False),
        (b"", False),
        (b"\x6a\x4c" + bytes([40]) + b"SWAP:BNB.BNB:bnb1abcdefabcdefabcdefabcde", True),
    ],
)
def test_memos_of_swaps(script: bytes, is_one: bool) -> None:
    assert (memo(script) is not None) is is_one


def test_what_is_not_mined_is_not_proved() -> None:
    """Headers of drawn chains show no work: a proof says so, and holds nothing."""
    watched = of(Watched)
    made, hops, _ = traced(CHAIN, "shop")
    rows = proofs(receipts(watched, CHAIN), of(Settlement), of(ClusterMember), of(Hop, hops), CHAIN).rows()
    assert made
    assert {one.txid for one in rows} == {one.txid for one in hops}
    assert not any(one.holds for one in rows)


def test_a_document_is_computed_again_byte_for_byte() -> None:
    tags = of(Tag, [tag("deposit")])
    said = document(
        CHAIN, tags, [script("shop")], [(txid("pays"), 0)], policy="fifo", direction="forward", settings=Stops(), most=5
    )
    assert recompute(json.loads(encoded(said)), CHAIN, tags) == encoded(said)
    assert said["transactions_reached"]["haircut"] >= said["transactions_reached"]["fifo"]
    with pytest.raises(UsageError, match="other tags"):
        recompute(said, CHAIN, of(Tag))
    with pytest.raises(UsageError, match="of chain"):
        recompute(said, drawn([Tx("x", [], [("a", 1)])]), tags)
    with pytest.raises(UsageError, match="no output"):
        document(CHAIN, tags, [], [(txid("pays"), 9)], policy="fifo", direction="forward", settings=Stops(), most=5)
