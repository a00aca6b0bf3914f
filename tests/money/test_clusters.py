"""Clusters that a case touches: who is in them, what was not put together and why, and who stays apart."""

import hashlib

from drawn_chain import Tx, drawn, script, txid
from vigie.kernel.table import of
from vigie.numeric.cospend import ANYONE_CAN_PAY
from vigie.rows.payments import Receipt, Watched
from vigie.rows.tags import Tag
from vigie.steps.cospent import MOST_GROWN
from vigie.steps.groups.money_clusters import Clustering, clusters


def watching(*who):
    return of(Watched, [
        Watched.make(network="regtest", script=script(one), scripthash=hashlib.sha256(script(one)).digest(),
                     type="p2wpkh", address="", why="given", own=True, sources=1, source="")
        for one in who
    ])  # fmt: skip


def receipt(who, name, vout, value):
    return Receipt.make(
        network="regtest", txid=txid(name), vout=vout, watched=watching(who).rows()[0].key, address="",
        value_sat=value, height=2, at=None, earliest=None, latest=None, spent_by=b"", spent_height=-1,
    )  # fmt: skip


def tag(who, actor, number, level=30):
    return Tag.make(
        file=b"f" * 16, number=number, label=f"{actor} wallet", source="https://example.org", currency="BTC",
        network="BTC", address="", tx_hash="", script=script(who), actor=actor, category="exchange", concepts="",
        tag_type="actor", confidence="web_crawl", confidence_level=level, abuse="", is_cluster_definer=True,
        lastmod=None, context="",
    )  # fmt: skip


def coins(*who):
    """A coinbase that pays each of them."""
    return Tx("coins", [], [(one, 100_000 + n) for n, one in enumerate(who)])


def made(chain, *who, receipts=(), tags=(), **params):
    found = clusters(watching(*who), of(Receipt, receipts), of(Tag, tags), chain, Clustering(**params))
    return [list(table.rows()) for table in found]


def who_is_where(members, names):
    of_script = {script(name): name for name in names}
    out = {}
    for one in members:
        out.setdefault(one.cluster, set()).add(of_script[one.script])
    return sorted(map(sorted, out.values()))


def test_members_of_what_is_watched_and_of_who_paid_it_and_of_nothing_else():
    chain = drawn(
        [coins("a", "b", "c", "d", "e", "f", "lone")],
        [
            Tx("ab", ["coins:0", "coins:1"], [("shop", 150_000)]),
            Tx("cd", ["coins:2", "coins:3"], [("elsewhere", 1_000)]),
            Tx("ef", ["coins:4", "coins:5"], [("e", 1_000)]),
            Tx("one", ["coins:6"], [("lone", 1_000)]),
        ],
    )
    groups, members, held = made(chain, "shop", "e", "lone", receipts=[receipt("shop", "ab", 0, 150_000)])
    assert who_is_where(members, "abcdef") == [["a", "b"], ["e", "f"]]
    assert {one.via for one in members} == {txid("ab"), txid("ef")}
    assert sorted((one.scripts, one.watched, one.transactions, one.withheld) for one in groups) == [
        (2, 0, 1, 0),
        (2, 1, 1, 0),
    ]
    assert all("names nobody" in one.text for one in groups)
    assert held == []


def test_many_members_are_counted_and_those_that_the_case_touches_come_first():
    names = [f"w{n}" for n in range(9)]
    chain = drawn([coins(*names)], [Tx("all", [f"coins:{n}" for n in range(9)], [("x", 1)])])
    (group,), members, _ = made(chain, "w8", most_members=2)
    assert group.scripts == 9
    assert who_is_where(members, names) == [["w0", "w8"]]


def test_what_looks_like_a_coinjoin_is_withheld_and_says_why():
    equal = [("x", 50_000), ("y", 50_000), ("ra", 49_000), ("rb", 49_500)]
    chain = drawn([coins("a", "b")], [Tx("join", ["coins:0", "coins:1"], equal)])
    groups, members, (held,) = made(chain, "a")
    assert groups == members == []
    assert (held.txid, held.why, held.join, held.label) == (txid("join"), "coinjoin", "ambiguous", False)
    assert (held.inputs, held.scripts, held.parties, held.denomination_sat) == (2, 2, 2, 50_000)
    assert "suspicion" in held.text


def test_two_tagged_services_stay_apart_and_weak_tags_keep_nobody_apart():
    chain = drawn([coins("a", "b", "c")], [
        Tx("ab", ["coins:0", "coins:1"], [("b", 1)]), Tx("bc", ["ab:0", "coins:2"], [("x", 1)]),
    ])  # fmt: skip
    tags = [tag("a", "mirabel", 1), tag("c", "quillon", 2)]
    groups, members, held = made(chain, "a", "c", tags=tags)
    assert who_is_where(members, "abc") == [["a", "b"]]
    assert [(one.named, one.withheld) for one in groups] == [("mirabel", 1)]
    assert [(one.txid, one.why) for one in held] == [(txid("bc"), "tagged")]
    guesses = [tag("a", "mirabel", 1, 10), tag("c", "quillon", 2, 10)]
    (whole,), _, held = made(chain, "a", tags=guesses)
    assert (whole.scripts, whole.named, held) == (3, "", [])


def test_a_set_may_not_grow_by_too_many_at_once():
    for many, why in ((MOST_GROWN + 2, ["grows"]), (MOST_GROWN + 1, [])):
        names = [f"w{n}" for n in range(many)]
        chain = drawn([coins(*names)], [Tx("all", [f"coins:{n}" for n in range(many)], [("x", 1)])])
        assert [one.why for one in made(chain, "w0")[2]] == why


def test_who_pays_the_cases_wallet_by_payjoin_is_not_of_its_cluster():
    payments = [coins("shop0", "shop1", "anna", "shop2", "shop3")]
    joined = Tx("payjoin", ["coins:0", "coins:2"], [("shop1", 150_000), ("anna2", 40_000)])
    gathered = Tx("gathers", ["payjoin:0", "coins:3"], [("elsewhere", 250_000)])
    chain = drawn(payments, [joined], [gathered])
    _, members, held = made(chain, "shop0", "shop1", "shop2")
    assert who_is_where(members, ["shop0", "shop1", "shop2", "anna"]) == [["shop1", "shop2"]]
    assert [(one.txid, one.why, one.scripts) for one in held] == [(txid("payjoin"), "payjoin", 2)]
    # without the wallet nothing shows it, and what it spends belongs together as far as anybody can tell
    assert who_is_where(made(chain, "anna")[1], ["shop0", "anna"]) == [["anna", "shop0"]]


def test_a_wallet_that_gives_more_than_it_gets_merges_with_what_it_spends_beside():
    chain = drawn(
        [coins("shop0", "unknown")], [Tx("brings", ["coins:0", "coins:1"], [("x", 180_000), ("shop1", 9_000)])]
    )
    (group,), _, held = made(chain, "shop0", "shop1")
    assert (group.scripts, held) == (2, [])


def test_inputs_to_which_others_may_add_theirs_join_nothing():
    chain = drawn([coins("a", "b")], [Tx("fund", ["coins:0", "coins:1"], [("x", 1)], signs=ANYONE_CAN_PAY)])
    groups, _, (held,) = made(chain, "a")
    assert groups == []
    assert (held.why, held.join, held.parties) == ("anyone_can_pay", "", 0)
    assert "SIGHASH_ANYONECANPAY" in held.text
