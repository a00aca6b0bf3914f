"""Traces hold against a slow model that counts single satoshi stretches and fractions, and lose nothing."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric import tainting
from vigie.numeric.native import NATIVE
from vigie.numeric.tainting import Graph, Rules, trace
from vigie.numeric.tainting_haircut import shares

FREE = Rules(hops=1 << 30, peel_hops=1 << 30, least_sat=1, fan_out=1 << 30, most_nodes=1 << 40)
NONE, UNSPENT = (1 << 40) - 1, (1 << 32) - 1


class Drawn:
    """A chain of transactions as lists: inputs are numbers of outputs."""

    def __init__(self, txs):
        self.ins = [one[0] for one in txs]
        self.values = [one[1] for one in txs]
        self.first = np.cumsum([0] + [len(one) for one in self.values])
        self.value = [v for one in self.values for v in one]
        self.spender = {o: n for n, one in enumerate(self.ins) for o in one}

    def graph(self, **more):
        n, outs = len(self.ins), len(self.value)
        prev = np.array([o for one in self.ins for o in (one or [NONE])], np.int64)
        counts = [len(one) or 1 for one in self.ins]
        marks = np.zeros(n, np.uint8)
        marks[[not one for one in self.ins]] = tainting.COINBASE
        spender = np.array([self.spender.get(o, UNSPENT) for o in range(outs)], np.uint32)
        fields = dict(  # noqa: C408 - names of columns, as they are given
            tx_in=np.cumsum([0, *counts]).astype(np.uint64), tx_out=self.first.astype(np.uint64),
            prev_low=(prev & 0xFFFFFFFF).astype(np.uint32), prev_high=(prev >> 32).astype(np.uint8),
            out_value=np.array(self.value, np.int64), out_spender=spender, out_script=np.arange(outs, dtype=np.uint32),
            tx_marks=marks, script_marks=np.zeros(outs, np.uint8), scoped=False,
        )  # fmt: skip
        return Graph(**{**fields, **more})

    def outs(self, tx):
        return list(range(self.first[tx], self.first[tx + 1]))


@st.composite
def chains(draw, most=10**6):
    txs, free, value = [], [], []
    for _ in range(draw(st.integers(1, 14))):
        took = draw(st.lists(st.sampled_from(free), max_size=4, unique=True)) if free else []
        total = sum(value[o] for o in took) if took else draw(st.integers(1, most))
        cuts = sorted(draw(st.lists(st.integers(0, total), min_size=1, max_size=4)))
        made = [b - a for a, b in zip([0, *cuts], cuts, strict=False)]  # what is left is the fee
        free = [o for o in free if o not in took] + [len(value) + n for n in range(len(made))]
        value += made
        txs.append((took, made))
    return Drawn(txs)


def amounts(found, colour):
    """Output -> satoshi of a colour."""
    mine = found.colour == colour
    assert len(set(found.out[mine].tolist())) == mine.sum()
    return {int(o): int(a) for o, a in zip(found.out[mine], found.amount[mine], strict=True) if a}


def fifo(drawn, seed):
    """Each satoshi is an item of a queue, run-length coded: (is it of the seed, how many)."""
    held, fee = {seed: [(True, drawn.value[seed])]}, 0
    for tx, took in enumerate(drawn.ins):
        queue = [part for o in took for part in held.get(o, [(False, drawn.value[o])])]
        if not any(mine for mine, _ in queue):
            continue
        for o in drawn.outs(tx):
            left, parts = drawn.value[o], []
            while left:
                mine, many = queue.pop(0)
                now = min(many, left)
                parts.append((mine, now))
                left -= now
                if many > now:
                    queue.insert(0, (mine, many - now))
            held[o] = parts
        fee += sum(many for mine, many in queue if mine)
    return {o: sum(n for mine, n in parts if mine) for o, parts in held.items() if any(m and n for m, n in parts)}, fee


@settings(max_examples=150, deadline=None)
@given(drawn=chains(), data=st.data())
def test_fifo_is_a_queue_of_satoshi(drawn, data):
    seed = data.draw(st.integers(0, len(drawn.value) - 1))
    found = trace(drawn.graph(), np.array([seed]), FREE)
    wanted, fee = fifo(drawn, seed)
    assert amounts(found, 0) == wanted
    assert (int(found.fee[0]), found.unaccounted) == (fee, 0)


def divided(amount, weights):
    """Largest remainder in fractions."""
    whole = sum(weights)
    exact = [Fraction(amount * one, whole) for one in weights]
    out = [one.numerator // one.denominator for one in exact]
    order = sorted(range(len(weights)), key=lambda n: (out[n] - exact[n], n))
    for n in order[: amount - sum(out)]:
        out[n] += 1
    return out


@settings(max_examples=300, deadline=None)
@given(data=st.data(), weights=st.lists(st.integers(0, 21 * 10**14 // 30), min_size=1, max_size=30).filter(sum))
def test_shares_are_exact_whatever_the_amounts(data, weights):
    amount = data.draw(st.integers(0, sum(weights)))
    out, rest = np.empty(len(weights), np.int64), np.empty(len(weights), np.int64)
    shares(amount, np.array(weights, np.int64), sum(weights), out, rest)
    assert out.tolist() == divided(amount, weights)
    assert all(0 <= share <= weight for share, weight in zip(out.tolist(), weights, strict=True))


@settings(max_examples=150, deadline=None)
@given(drawn=chains(), data=st.data())
def test_haircut_gives_each_output_its_part(drawn, data):
    seed = data.draw(st.integers(0, len(drawn.value) - 1))
    found = trace(drawn.graph(), np.array([seed]), FREE, haircut=True)
    held, fee = {seed: drawn.value[seed]}, 0
    for tx, took in enumerate(drawn.ins):
        came, whole = sum(held.get(o, 0) for o in took), sum(drawn.value[o] for o in took)
        if came == 0:
            continue
        weights = [drawn.value[o] for o in drawn.outs(tx)]
        *given_, burnt = divided(came, [*weights, whole - sum(weights)])
        held.update(zip(drawn.outs(tx), given_, strict=True))
        fee += burnt
    assert amounts(found, 0) == {o: a for o, a in held.items() if a}
    assert (int(found.fee[0]), found.unaccounted) == (fee, 0)


@settings(max_examples=100, deadline=None)
@given(drawn=chains(), haircut=st.booleans(), backward=st.booleans())
def test_a_colour_does_not_hang_on_the_others(drawn, haircut, backward):
    graph, every = drawn.graph(), np.arange(len(drawn.value))
    together = trace(graph, every, FREE, haircut=haircut, backward=backward)
    assert together.unaccounted == 0
    for seed in every.tolist():
        alone = trace(graph, np.array([seed]), FREE, haircut=haircut, backward=backward)
        assert amounts(together, seed) == amounts(alone, 0)
        assert alone.unaccounted == 0
        assert together.fee[seed] == alone.fee[0]


@settings(max_examples=100, deadline=None)
@given(drawn=chains(), data=st.data())
def test_backward_fifo_is_forward_fifo_turned(drawn, data):
    """What goes from a to b forward comes from a to b backward."""
    graph, every = drawn.graph(), np.arange(len(drawn.value))
    forth, back = (trace(graph, every, FREE, backward=one) for one in (False, True))
    b = data.draw(st.integers(0, len(drawn.value) - 1))
    came = amounts(back, b)
    went = {a: amounts(forth, a).get(b, 0) for a in every.tolist()}
    assert came == {a: n for a, n in went.items() if n}


LINE = Drawn([([], [1000]), ([0], [600, 390]), ([1], [300, 290]), ([2, 3], [680])])


def only(found):
    return {int(o): tainting.STOPS[s] for o, s in zip(found.out, found.stop, strict=True) if s >= 0}


@pytest.mark.parametrize(
    ("rules", "ends"),
    [
        ({}, {4: "unspent", 5: "unspent"}),
        ({"hops": 1}, {1: "hops", 2: "hops"}),
        ({"least_sat": 400}, {2: "value", 3: "value", 4: "unspent"}),
        ({"fan_out": 1}, {0: "fanout"}),
        ({"most_nodes": 2}, {1: "unspent", 2: "limit"}),
    ],
)
def test_a_trace_ends_where_its_rules_say(rules, ends):
    found = trace(LINE.graph(), np.array([0]), FREE._replace(**rules))
    if "most_nodes" in rules:
        assert "limit" in only(found).values()
    else:
        assert only(found) == ends
    assert found.unaccounted == 0


def test_services_coinjoins_and_what_is_not_there():
    marks = np.zeros(6, np.uint8)
    marks[2] = tainting.SERVICE
    assert only(trace(LINE.graph(script_marks=marks), np.array([0]), FREE))[2] == "service"
    join = LINE.graph().tx_marks.copy()
    join[2] |= tainting.JOIN
    assert only(trace(LINE.graph(tx_marks=join), np.array([0]), FREE))[1] == "coinjoin"
    assert set(only(trace(LINE.graph(scoped=True), np.array([0]), FREE)).values()) == {"missing"}
    back = trace(LINE.graph(), np.array([5]), FREE, backward=True)
    assert only(back) == {0: "coinbase"}
    paid = trace(LINE.graph(script_marks=marks), np.array([5]), FREE, backward=True)
    assert only(paid) == {5: "service"}


def test_a_value_that_is_not_known_stops_what_stands_behind_it():
    drawn = Drawn([([], [100, 50, 70]), ([0, 1, 2], [80, 130])])
    value = np.array([100, -1, 70, 80, 130])
    found = trace(drawn.graph(out_value=value), np.array([0, 2]), FREE)
    assert amounts(found, 0) == {0: 100, 3: 80, 4: 20}
    assert only(found)[2] == "missing"
    assert found.unaccounted == 0
    back = trace(drawn.graph(out_value=value), np.array([3, 4]), FREE, backward=True)
    assert back.unaccounted == 0
    hair = trace(drawn.graph(out_value=value), np.array([0]), FREE, haircut=True)
    assert only(hair) == {0: "missing"}


def test_a_circle_ends():
    drawn = Drawn([([], [100]), ([0], [90])])
    graph = drawn.graph(out_spender=np.array([1, 0], np.uint32))
    assert only(trace(graph, np.array([0]), FREE)) == {1: "cycle"}


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("haircut", [False, True])
def test_what_a_chain_spends_twice_goes_the_first_way(haircut, native):
    graph = Drawn([([], [100]), ([0], [90]), ([0], [80])]).graph(out_spender=np.array([1, UNSPENT, UNSPENT], np.uint32))
    graph = graph._replace(tx_in=np.array([0, 1, 2, 3], np.uint64))
    found = trace(graph, np.array([0, 1]), FREE, haircut=haircut, native=native)
    assert amounts(found, 0) == {0: 100, 1: 90}
    assert found.unaccounted == 0


@pytest.mark.parametrize("haircut", [False, True])
def test_twenty_thousand_inputs(haircut):
    many = 20_000
    drawn = Drawn([([], [1_000] * many), (list(range(many)), [many * 1_000 - 5])])
    found = trace(drawn.graph(), np.arange(many), FREE._replace(fan_out=50), haircut=haircut)
    assert found.unaccounted == 0
    assert int((found.amount[found.out == many]).sum()) + int(found.fee.sum()) == many * 1_000


@settings(max_examples=150, deadline=None)
@given(drawn=chains(), data=st.data(), haircut=st.booleans(), backward=st.booleans())
def test_the_loops_in_c_give_what_numba_gives(drawn, data, haircut, backward):
    if NATIVE is None:
        pytest.skip("the native library is not built: python src/vigie/numeric/native/build.py")
    n, outs = len(drawn.ins), len(drawn.value)
    marks = st.sampled_from([0] * 5 + [1, 2, 4, 8, 16, 48])
    more = {
        "tx_marks": np.array([data.draw(marks) for _ in range(n)], np.uint8),
        "script_marks": np.array([data.draw(st.sampled_from([0] * 9 + [1, 2, 4, 8])) for _ in range(outs)], np.uint8),
        "out_value": np.array([data.draw(st.sampled_from([v] * 9 + [-1])) for v in drawn.value], np.int64),
        "scoped": data.draw(st.booleans()),
    }
    rules = data.draw(st.sampled_from([FREE, Rules(hops=1, peel_hops=4, least_sat=50, fan_out=3, most_nodes=5)]))
    graph = drawn.graph(**more)
    seeds = np.flatnonzero(graph.out_value >= 0)
    until = np.full(len(seeds), data.draw(st.integers(0, n)))
    ask = {"haircut": haircut, "backward": backward, "until": until}
    plain = trace(graph, seeds, rules, native=False, **ask)
    for one, other in zip(plain, trace(graph, seeds, rules, **ask), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("outputs", [9, 10, 400])
def test_many_equal_remainders_go_to_the_lowest_places_in_c_too(outputs):
    drawn = Drawn([([], [7 * outputs - 3]), ([], [3]), ([0, 1], [7] * outputs)])
    found = [trace(drawn.graph(), np.array([0]), FREE, haircut=True, native=one) for one in (False, True)]
    np.testing.assert_array_equal(found[0].amount, found[1].amount)
    assert found[1].unaccounted == 0
