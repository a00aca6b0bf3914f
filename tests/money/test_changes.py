"""Likely change is a lead that rests on what this chain revealed; one output goes on from a step of a peel chain."""

import hashlib

from drawn_chain import Tx, drawn, script, txid
from vigie.kernel.table import of
from vigie.numeric import peel
from vigie.rows.clusters import Change
from vigie.rows.payments import Receipt, Watched
from vigie.rows.tags import Tag
from vigie.steps.cospent import written
from vigie.steps.groups.money_changes import Guessing, changes


def watching(*who):
    return of(Watched, [
        Watched.make(network="regtest", script=script(one), scripthash=hashlib.sha256(script(one)).digest(),
                     type="p2wpkh", address="", why="given", own=True, sources=1, source="")
        for one in who
    ])  # fmt: skip


def gathering(wallets, *, wrong=0):
    """Wallets that pay a round sum and later spend their change together with what they have; some the other way."""
    first, second, third = [], [], []
    for n in range(wallets):
        first.append(Tx(f"c{n}", [], [(f"a{n}", 1_000_000), (f"b{n}", 50_000)]))
        back, paid = (f"x{n}", f"p{n}") if n >= wrong else (f"p{n}", f"x{n}")
        second.append(Tx(f"t{n}", [f"c{n}:0"], [(paid, 300_000), (back, 699_321 + n)]))
        mine = 1 if n >= wrong else 0
        third.append(Tx(f"s{n}", [f"c{n}:1", f"t{n}:{mine}"], [(f"z{n}", 1_000)]))
        # what makes the first input's wallet known: both of its outputs are spent together with its change
        third.append(Tx(f"u{n}", [f"v{n}:0", f"v{n}:1"], [(f"y{n}", 900)]))
        first.append(Tx(f"v{n}", [], [(f"a{n}", 600), (f"b{n}", 600)]))
    return drawn(first, second, third)


def made(chain, *who, **params):
    return changes(watching(*who), of(Receipt), of(Tag), chain, Guessing(**params))


def test_with_enough_revealed_there_is_change_and_its_interval():
    rows, rates = made(gathering(400), "a7", least_signals=1)
    (row,) = [one for one in rows.rows() if one.txid == txid("t7")]
    assert (row.vout, row.layer, row.measured_on, row.precision) == (1, "C", "this chain", 1.0)
    assert "round_value" in row.signals
    assert row.precision_low >= 0.99
    (rate,) = [one for one in rates.rows() if one.signals == row.signals and not one.era and one.against == row.against]
    assert (rate.right, rate.of, rate.used) == (400, 400, True)


def test_with_little_revealed_or_too_often_wrong_there_is_none():
    for chain in (gathering(60), gathering(400, wrong=20)):
        rows, rates = made(chain, "a30", least_signals=1)
        assert txid("t30") not in {one.txid for one in rows.rows()}
        assert not any(one.used for one in rates.rows())


def test_one_signal_is_not_enough_however_often_it_was_right():
    rows, rates = made(gathering(400), "a7")
    assert txid("t7") not in {one.txid for one in rows.rows()}
    assert not any(one.used for one in rates.rows())


def test_an_output_to_what_was_spent_is_change_by_definition():
    chain = drawn([Tx("c", [], [("a", 100_000)])], [Tx("t", ["c:0"], [("shop", 40_000), ("a", 59_000)])])
    (row,) = made(chain, "a")[0].rows()
    assert (row.vout, row.measured_on) == (1, "by definition")


def test_one_output_or_a_chain_without_anything_has_none():
    assert made(drawn([Tx("c", [], [("a", 9)])], [Tx("t", ["c:0"], [("b", 8)])]), "a")[0].rows() == []
    assert of(Change).rows() == made(drawn(), "a")[0].rows()


def peeling(hops, **last):
    blocks, left = [[Tx("p0", [], [("w0", 10_000_001)])]], 10_000_001
    for n in range(1, hops + 1):
        left -= 500_000
        more = last if n == hops else {}
        vout = 1 if n > 1 else 0
        blocks.append([Tx(f"p{n}", [f"p{n - 1}:{vout}"], [(f"to{n}", 500_000), (f"w{n}", left)], **more)])
    return drawn(*blocks)


def rests_of(chain):
    return peel.rests(written(chain)).tolist()


def test_steps_of_a_peel_chain_name_the_rest_and_the_last_one_none():
    assert rests_of(peeling(5)) == [-1, 1, 1, 1, 1, -1]


def test_a_peel_chain_ends_where_another_program_writes():
    assert rests_of(peeling(5, version=1)) == [-1, 1, 1, 1, -1, -1]


def test_where_both_outputs_go_on_in_the_same_way_nothing_is_said():
    on = [[Tx(f"{name}2", [f"p1:{vout}"], [(f"{name}a", 90_000), (f"{name}b", 9_000)])]
          for vout, name in enumerate("xy")]  # fmt: skip
    first = [Tx("p0", [], [("w", 300_000)])], [Tx("p1", ["p0:0"], [("x", 100_000), ("y", 110_000)])]
    assert rests_of(drawn(*first, on[1])) == [-1, 1, -1]
    assert rests_of(drawn(*first, on[0], on[1])) == [-1, -1, -1, -1]


def test_crumbs_are_not_peeled_off_and_stubs_have_no_type():
    assert rests_of(drawn([Tx("p0", [], [("w", 300_000)])], [Tx("p1", ["p0:0"], [("x", 999), ("y", 110_000)])],
                          [Tx("p2", ["p1:1"], [("z", 50_000), ("u", 60_000)])])) == [-1, -1, -1]  # fmt: skip
    assert rests_of(drawn()) == []
