"""Tags on what a case can come to, and the services to ask: on a small chain with a shop, its customers, exchanges."""

import datetime as dt
import time

import drawn_chain
import vigie.steps
from drawn_chain import Tx, drawn, script, txid
from vigie.kernel.engine import whole
from vigie.kernel.stage import STAGES
from vigie.kernel.table import of
from vigie.rows.base import key_of
from vigie.rows.clusters import ClusterMember
from vigie.rows.paths import Flow, Hop
from vigie.rows.payments import Settlement, Watched
from vigie.rows.tags import Actor, Pack, PackFile, Tag

vigie.steps.load()
PUBLIC, PRIVATE, REGISTER = (key_of(PackFile, one) for one in ("public", "private", "register"))
DAY = dt.datetime(2020, 1, 2, tzinfo=dt.UTC)
CHAIN = drawn(
    [Tx("mint", [], [("hot", 100_000)])],
    [Tx("withdraw", ["mint:0"], [("shop", 60_000), ("hot", 39_000)])],
    [Tx("cash-out", ["withdraw:0"], [("deposit", 59_000)])],
    scoped=True,
)


def tag(
    number, who, label, *, file=PUBLIC, actor="", category="exchange", level=50, tag_type="actor", when=DAY, **rest
):
    named = {
        "confidence": "service_data",
        "abuse": "",
        "is_cluster_definer": False,
        "context": "",
        "concepts": "",
        "tx_hash": "",
    }
    return Tag.make(
        file=file,
        number=number,
        label=label,
        source="s",
        currency="BTC",
        network="BTC",
        address=f"of {who}",
        script=script(who),
        actor=actor,
        category=category,
        tag_type=tag_type,
        confidence_level=level,
        lastmod=when,
        **{**named, **rest},
    )


def pack(file, title, form="tagpack", private=False):
    return Pack.make(
        file=file,
        format=form,
        title=title,
        creator="C",
        description="",
        sha256=bytes(32),
        private=private,
        tags=1,
        actors=0,
        rejected=0,
    )


def actor(id_, label, file=PUBLIC, **rest):
    named = {"uri": "", "categories": "exchange", "jurisdictions": "", "aliases": "", "legal_name": "", "context": ""}
    return Actor.make(file=file, id=id_, label=label, lastmod=DAY, **{**named, **rest})


def watched(who):
    return Watched.make(
        network="regtest",
        script=script(who),
        scripthash=bytes(32),
        type="p2wpkh",
        address=f"of {who}",
        why="order",
        own=True,
        sources=1,
        source="",
    )


def member(who, cluster=b"C" * 16):
    return ClusterMember.make(
        network="regtest", script=script(who), cluster=cluster, type="p2wpkh", address=f"of {who}", via=txid("mint")
    )


PACKS = [pack(PUBLIC, "Public"), pack(PRIVATE, "Own", private=True), pack(REGISTER, "Register", "register")]


def run(name, chain=CHAIN, **given):
    stage = STAGES[name]
    given = {"packs": PACKS, **given}
    tables = {one: of(row, given.get(one, [])) for one, row in stage.reads.items()}
    return [table.rows() for table in whole(stage, tables, stage.settings({}), chain=chain)]


def test_a_tag_on_a_script_is_layer_b_with_its_age_at_the_chains_tip():
    found, conflicts = run("tagged", tags=[tag(0, "hot", "One"), tag(1, "elsewhere", "Two")])
    (one,) = found
    assert (one.label, one.layer, one.stops, one.conflicts, one.script) == ("One", "B", True, 0, script("hot"))
    tip = dt.datetime.fromtimestamp(drawn_chain.START + 1200, dt.UTC)
    assert one.age_days == (tip - DAY).days
    assert "2020-01-02" in one.text
    assert conflicts == []


def test_where_a_trace_ended_tags_are_listed_and_contradict_in_a_whole_chain_too():
    whole_chain = drawn([Tx("mint", [], [("hot", 100_000)])], [Tx("withdraw", ["mint:0"], [("shop", 60_000)])])
    given = [tag(0, "hot", "One"), tag(1, "hot", "Two", level=20)]
    assert run("tagged", whole_chain, tags=given) == [[], []], "nothing of the case leads there"
    found, conflicts = run("tagged", whole_chain, tags=given, flows=[BACK])
    assert {one.label for one in found} == {"One", "Two"}
    assert [(one.label, one.other_label, one.layer) for one in conflicts] == [("One", "Two", "B")]


def test_tags_that_contradict_are_listed_and_both_stay():
    given = [
        tag(0, "hot", "One"),
        tag(1, "hot", "Two", level=20),
        tag(2, "hot", "ONE.com", level=10),
        tag(3, "hot", "Three", tag_type="mention"),
    ]
    found, conflicts = run("tagged", tags=given)
    assert {(one.label, one.conflicts, one.stops) for one in found} == {
        ("One", 1, True),
        ("ONE.com", 1, True),
        ("Two", 2, True),
        ("Three", 0, False),
    }
    ((one),) = conflicts
    assert ({one.label, one.other_label}, one.layer) == ({"One", "Two"}, "B")


def test_ten_thousand_names_of_one_address_make_few_rows_and_one_of_a_cluster():
    given = [tag(number, "hot", f"Name {number}", level=50 - (number > 0)) for number in range(10_000)]
    begun = time.process_time()
    scripts = ["hot", "shop", "deposit"]
    found, conflicts = run(
        "tagged", tags=given, watched=[watched(one) for one in scripts], members=[member(one) for one in scripts]
    )
    assert time.process_time() - begun < 20, "all pairs take minutes"
    assert {one.conflicts for one in found} == {9_999}
    assert len(found) == 10_000 + 2 * 100
    assert {(one.layer, one.script == script("hot")) for one in conflicts} <= {("B", True), ("C", False)}
    assert len(conflicts) <= 200
    assert all(one.label == "Name 0" and "9,999 names" in one.text for one in conflicts)


def test_two_names_of_one_actor_do_not_contradict():
    given = [tag(0, "hot", "One"), tag(1, "hot", "Uno", actor="one")]
    _, conflicts = run("tagged", tags=given, actors=[actor("one", "One Exchange", aliases="Uno, One")])
    assert conflicts == []


def test_what_is_said_of_another_of_a_cluster_is_layer_c():
    found, conflicts = run(
        "tagged",
        chain=drawn([]),
        tags=[tag(0, "hot", "One"), tag(1, "warm", "Two")],
        watched=[watched("shop")],
        members=[member("shop"), member("hot"), member("warm")],
    )
    of_shop = [(one.label, one.layer, one.conflicts) for one in found if one.script == script("shop")]
    assert sorted(of_shop) == [("One", "C", 1), ("Two", "C", 1)]
    assert {(one.layer, one.script) for one in conflicts} == {("C", script("shop"))}


def test_a_tag_on_a_transaction_of_the_chain_is_found():
    found, _ = run("tagged", tags=[tag(0, "nobody", "Heist", tx_hash=txid("withdraw").hex())])
    assert [(one.txid, one.stops) for one in found] == [(txid("withdraw"), False)]


def flow(direction, end, policy="fifo", label="One", **rest):
    name, vout = end
    given = {"actor": "", "stop": "service", "at": DAY, "address": "", "seed_vout": 0, "others": 1, **rest}
    return Flow.make(
        network="regtest",
        direction=direction,
        policy=policy,
        seed_txid=txid("withdraw"),
        end_txid=txid(name),
        end_vout=vout,
        receipt=b"E" * 16,
        reached=5,
        ends=1,
        amount_sat=50_000,
        seed_sat=60_000,
        hops=1,
        paths=1,
        height=3,
        label=label,
        layers="A+B",
        weakest="B",
        text="",
        **given,
    )


def hop(of_flow, number, name, vout, value):
    return Hop.make(
        flow=of_flow.key,
        number=number,
        txid=txid(name),
        vout=vout,
        value_sat=value,
        amount_sat=value,
        address=f"of {name}",
        height=2,
        at=DAY,
        layer="A",
        signals="",
        share=1.0,
    )


def settled(receipt=b"E" * 16, account="7", layer="A", **rest):
    given = {"candidates": 1, "orders": 1, **rest}
    return Settlement.make(
        payment=account.encode() * 16,
        platform=b"P" * 16,
        account=account,
        order=f"o{account}",
        receipt=receipt,
        txid=txid("withdraw"),
        vout=0,
        layer=layer,
        how="address",
        expected_sat=60_000,
        received_sat=60_000,
        after_s=60,
        note="",
        text="",
        **given,
    )


OUT = flow("forward", ("cash-out", 0))
BACK = flow("backward", ("mint", 0))
HOPS = [
    hop(OUT, 0, "withdraw", 0, 60_000),
    hop(OUT, 1, "cash-out", 0, 59_000),
    hop(BACK, 0, "withdraw", 0, 60_000),
    hop(BACK, 1, "mint", 0, 100_000),
]


def asked(*, chain=CHAIN, **given):
    tags = [tag(0, "hot", "One"), tag(1, "deposit", "One")]
    return run(
        "exchanges", chain, **{"flows": [OUT, BACK], "hops": HOPS, "tags": tags, "settlements": [settled()], **given}
    )


def test_outputs_nearer_to_the_payment_are_named_since_a_service_pays_itself_too():
    hops = [
        *HOPS[:2],
        hop(BACK, 0, "withdraw", 0, 60_000),
        hop(BACK, 1, "split", 1, 90_000),
        hop(BACK, 2, "mint", 0, 1),
    ]
    (asks,) = [one for one in asked(hops=hops)[1] if one.direction == "withdrawal"]
    assert (asks.txid, asks.vout) == (txid("split"), 1)
    assert f"on the way here: {txid('withdraw').hex()}:0." in asks.text


def test_a_deposit_by_the_cases_own_wallet_is_said_to_be_one():
    mine = flow("forward", ("cash-out", 0), others=0)
    hops = [hop(mine, 0, "withdraw", 0, 60_000), hop(mine, 1, "cash-out", 0, 59_000)]
    (asks,) = asked(flows=[mine], hops=hops)[1]
    assert "The case's own wallet brought it there" in asks.text


def test_a_service_is_asked_about_deposits_and_withdrawals_with_outputs_it_can_find():
    (one,), enquiries = asked(actors=[actor("one", "One", jurisdictions="MT, DE")])
    assert (one.rank, one.flows, one.receipts, one.accounts, one.amount_sat) == (1, 2, 1, 1, 100_000)
    assert (one.actor, one.country, one.countries) == ("one", "MT", "MT, DE")
    assert "confirm the address is theirs first" in one.text
    by = {each.direction: each for each in enquiries}
    assert (by["deposit"].txid, by["deposit"].vout, by["deposit"].value_sat) == (txid("cash-out"), 0, 59_000)
    # of a withdrawal the service knows what it paid out, not what it spent for it
    assert (by["withdrawal"].txid, by["withdrawal"].vout, by["withdrawal"].value_sat) == (txid("withdraw"), 0, 60_000)
    # and the other end of that transaction, by which it finds its own address, or its customer's
    said = {way: (each.before_txid, each.before_vout, each.before_sat) for way, each in by.items()}
    assert said == {"deposit": (txid("withdraw"), 0, 60_000), "withdrawal": (txid("mint"), 0, 100_000)}
    assert {each.account for each in enquiries} == {"7"}
    assert "who need not be who deposited" in by["deposit"].text
    assert "own wallet" not in by["deposit"].text
    assert "own change" not in by["withdrawal"].text
    assert all(each.layers == "A+B" for each in enquiries)
    assert by["deposit"].earliest is None, "a scoped chain has not the headers before"
    assert by["deposit"].latest - dt.timedelta(hours=2) == dt.datetime.fromtimestamp(drawn_chain.START + 1200, dt.UTC)


def test_a_register_gives_the_legal_name_and_comes_before_a_pack():
    known = [actor("one", "One", legal_name="One Ltd", jurisdictions="SC")]
    register = actor("x1", "One Ltd.", file=REGISTER, legal_name="ONE LTD", jurisdictions="MT")
    (one,), _ = asked(actors=[*known, register])
    assert (one.legal_name, one.country, one.countries) == ("ONE LTD", "MT", "MT, SC")
    assert "Register" in one.named_by


def test_a_register_knows_a_service_by_its_trade_name_and_all_companies_of_that_name_are_told():
    register = [
        actor("x1", "ONE EUROPE LTD", file=REGISTER, legal_name="ONE EUROPE LTD", aliases="One", jurisdictions="MT"),
        actor("x2", "One GmbH", file=REGISTER, legal_name="One GmbH", aliases="one.com, EXONE", jurisdictions="DE"),
    ]
    (one,), _ = asked(actors=register)
    assert one.legal_name == "ONE EUROPE LTD or One GmbH"
    assert one.countries == "MT, DE"
    ended = actor("x1", "ONE LTD", file=REGISTER, legal_name="ONE LTD", aliases="One", context="authorised until 2025")
    assert "authorised until 2025" in asked(actors=[ended])[0][0].named_by


def test_a_flow_that_ends_in_a_cluster_is_asked_by_a_tag_of_that_very_cluster_as_layer_c():
    together = drawn(
        [Tx("mint", [], [("hot", 100_000)]), Tx("far-mint", [], [("far", 100_000)])],
        [Tx("withdraw", ["mint:0"], [("shop", 60_000), ("hot", 39_000)])],
        [Tx("cash-out", ["withdraw:0"], [("deposit", 59_000)])],
        [Tx("gather", ["cash-out:0", "withdraw:1"], [("cold", 98_000)])],
        scoped=True,
    )
    # a stronger tag of the same name, on another cluster, is not what the flow rests on
    known = [tag(0, "hot", "One", level=20), tag(1, "far", "One", level=100)]
    (one,), (enquiry,) = asked(flows=[OUT], tags=known, chain=together)
    assert (one.weakest, enquiry.layers, enquiry.tag) == ("C", "A+B+C", known[0].key)
    assert "another address of its cluster" in enquiry.text
    assert asked(flows=[OUT], tags=known[1:], chain=together) == [[], []]


def test_satoshi_that_came_back_and_went_out_again_are_counted_once():
    again = flow("forward", ("cash-out", 0), seed_vout=1)
    hops = [hop(again, 0, "withdraw", 1, 39_000), hop(again, 1, "cash-out", 0, 59_000)]
    (one,), enquiries = asked(flows=[OUT, again], hops=HOPS + hops)
    assert [each.amount_sat for each in enquiries] == [50_000, 50_000]
    assert one.amount_sat == 59_000, "no more than the output holds"


def test_a_tag_of_a_low_level_asks_nobody():
    assert asked(flows=[OUT], tags=[tag(0, "deposit", "One", level=10)]) == [[], []]


def test_an_order_that_is_one_of_several_names_no_account():
    for orders in ([settled(), settled(account="8")], [settled(candidates=3, layer="C")]):
        (one,), enquiries = asked(settlements=orders)
        assert one.accounts == 0
        assert {each.account for each in enquiries} == {""}


def test_a_stronger_tag_of_a_mixer_does_not_take_the_question_away():
    tags = [tag(0, "deposit", "One"), tag(1, "deposit", "Mix", category="mixing_service", level=90)]
    (one,), (enquiry,) = asked(flows=[OUT], tags=tags)
    assert (one.label, one.conflicts, one.category, enquiry.tag) == ("One", 1, "exchange", tags[0].key)
    assert "But a stronger source names another (mixing_service): 'Mix' says" in enquiry.text
    tags = [tags[0], tag(1, "deposit", "Seller", category="perpetrator", level=90)]
    (_,), (enquiry,) = asked(flows=[OUT], tags=tags)
    assert "names another (perpetrator): 'Seller' says" in enquiry.text
    tags = [tags[0], tag(1, "deposit", "Seller", category="perpetrator", level=40)]
    assert "stronger" not in asked(flows=[OUT], tags=tags)[1][0].text


def test_mixers_and_the_other_policy_make_no_requests():
    for one in ("mixing_service", "mixer"):
        assert asked(tags=[tag(0, "hot", "Mix", category=one)], flows=[BACK])[0] == []
    assert asked(flows=[flow("forward", ("cash-out", 0), policy="haircut")])[0] == []


def test_the_country_of_a_service_becomes_a_sign_of_who_must_act():
    exchanges, enquiries = asked(actors=[actor("one", "One", jurisdictions="MT")])
    signals = run("signals", exchanges=exchanges, enquiries=enquiries, settlements=[settled()])[0]
    assert {(one.account, one.standing_as, one.country, one.weight) for one in signals} == {
        ("7", "exchange", "MT", 3.0),
        ("", "exchange", "MT", 3.0),
    }
    attributions, jurisdictions = run("countries", signals=signals)
    assert {(one.standing_as, one.country, one.rank) for one in attributions} == {("exchange", "MT", 1)}
    assert [(one.standing_as, one.country, one.accounts) for one in jurisdictions] == [("exchange", "MT", 2)]
