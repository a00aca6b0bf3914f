"""A case's part of the chain, fetched from a real node by its filters, and from nodes that lie."""

import msgspec
import numpy as np
import pytest

from knots import had
from vigie.kernel.cell import Cell
from vigie.kernel.chain import scoped
from vigie.kernel.chain.heads import Heads
from vigie.kernel.chain.node import Node, NodeError, cookie
from vigie.kernel.chain.notes import Notes
from vigie.kernel.chain.proof import check, prove
from vigie.kernel.chain.scope import Bounds, Scope
from vigie.kernel.errors import IntegrityError
from vigie.kernel.isolation import Level


@pytest.fixture(scope="module")
def paid(knots, request):
    """Shop is paid by a customer, pays a dealer, who pays an exchange; a stranger does something else."""
    had()
    ask = knots.ask
    names = ("bank", "customer", "shop", "dealer", "exchange", "stranger")
    own = {name: f"{request.module.__name__}-{name}" for name in names}  # other modules ask the same node
    for name in names:
        ask("createwallet", own[name])
    address = {name: ask("getnewaddress", wallet=own[name]) for name in names}
    ask("generatetoaddress", 110, address["bank"])
    mine = ask("getnewaddress", wallet=own["bank"])
    txid = {}

    def pay(of, to, amount):
        txid[of, to] = ask("send", {address[to]: amount}, wallet=own[of])["txid"]
        ask("generatetoaddress", 1, mine)

    pay("bank", "customer", 5)
    pay("bank", "stranger", 3)
    pay("customer", "shop", 2)
    pay("shop", "dealer", "1.5")
    pay("dealer", "exchange", 1)
    pay("exchange", "stranger", "0.5")
    script = {
        name: bytes.fromhex(ask("getaddressinfo", address[name], wallet=own[name])["scriptPubKey"]) for name in names
    }
    return txid, script


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    with Cell(scratch=tmp_path_factory.mktemp("cell"), accept=Level.S0, job="read_blocks") as one:
        yield one


def scope_of(node, cell, bounds, ends=lambda _: False):
    return Scope(node, cell, Heads("regtest"), bounds, ends, lambda _: None)


def node_of(knots):
    return Node(knots.url, cookie(knots.folder, "regtest"))


def test_what_touches_a_script_and_what_follows_is_kept(knots, paid, cell, tmp_path):
    txid, script = paid
    scope = scope_of(node_of(knots), cell, Bounds(forward=2, backward=1))
    scope.fetch([script["shop"]])
    kept = {one.hex() for one in scope.kept}
    expected = {txid["customer", "shop"], txid["shop", "dealer"], txid["dealer", "exchange"], txid["bank", "customer"]}
    assert kept == expected | ({txid["exchange", "stranger"]} & kept)
    assert txid["bank", "stranger"] not in kept

    blocks, stubs = scope.blocks()
    branches = {one: kept.branch for one, kept in scope.kept.items()}
    chain = scoped.replace(tmp_path / "chain", "regtest", scoped.Batch(blocks=blocks, stubs=stubs, branches=branches))
    places = chain.transactions([bytes.fromhex(one) for one in sorted(expected)])
    assert (places >= 0).all()
    for proof in prove(chain, places.tolist()):
        check(proof)
    for name, place in zip(sorted(expected), places.tolist(), strict=True):
        told = knots.ask("getrawtransaction", name, 2, knots.ask("getblockhash", chain.height_of(place)))
        first, last = int(chain.tx_out[place]), int(chain.tx_out[place + 1])
        assert chain.out_value[first:last].tolist() == [round(one["value"] * 10**8) for one in told["vout"]]
        spent = chain.prev(int(chain.tx_in[place]), int(chain.tx_in[place + 1]))
        assert chain.out_value[spent].tolist() == [round(one["prevout"]["value"] * 10**8) for one in told["vin"]]
        fee = int(chain.out_value[spent].sum() - chain.out_value[first:last].sum())
        assert fee == round(told["fee"] * 10**8)
        assert [chain.script(int(one)).hex() for one in chain.out_script[spent]] == [
            one["prevout"]["scriptPubKey"]["hex"] for one in told["vin"]
        ]
    assert np.all(np.diff(chain.heights) > 0)


def test_nothing_is_followed_into_a_service_and_no_further_than_asked(knots, paid, cell):
    txid, script = paid
    scope = scope_of(node_of(knots), cell, Bounds(forward=5, backward=0), script["dealer"].__eq__)
    scope.fetch([script["shop"]])
    assert txid["shop", "dealer"] in {one.hex() for one in scope.kept}
    assert txid["dealer", "exchange"] not in {one.hex() for one in scope.kept}
    none = scope_of(node_of(knots), cell, Bounds(forward=0, backward=0))
    none.fetch([script["shop"]])
    assert {one.hex() for one in none.kept} == {txid["customer", "shop"], txid["shop", "dealer"]}


def test_without_rest_what_is_spent_is_not_known(knots, paid, cell):
    txid, script = paid
    node = node_of(knots)
    node._rest = False
    scope = scope_of(node, cell, Bounds(forward=0, backward=0))
    scope.fetch([script["shop"]])
    assert txid["customer", "shop"] in {one.hex() for one in scope.kept}
    assert scope.blocks()[1] == []


class Lying(Node):
    """A node that changes what it says."""

    def __init__(self, knots, **lies):
        super().__init__(knots.url, cookie(knots.folder, "regtest"))
        self.lies = lies

    def block(self, which):
        raw = super().block(which)
        return self.lies["block"](raw) if "block" in self.lies else raw

    def spent(self, which):
        raw = super().spent(which)
        return self.lies["spent"](raw) if "spent" in self.lies else raw

    def scan(self, scripts, first, last):
        found = super().scan(scripts, first, last)
        return self.lies["scan"](found) if "scan" in self.lies else found


@pytest.mark.parametrize(
    ("lies", "says"),
    [
        ({"block": lambda raw: raw[:-1]}, "cannot be|other blocks"),
        ({"block": lambda raw: raw[:200] + bytes([raw[200] ^ 1]) + raw[201:]}, "cannot be"),
        ({"block": lambda _: b""}, "cannot be|other blocks"),
        ({"spent": lambda raw: raw[:-1]}, "cannot be"),
        ({"spent": lambda raw: raw + b"\0"}, "cannot be|more than"),
        ({"spent": lambda _: b"\xff" + b"\xff" * 8}, "cannot be"),
        ({"scan": lambda found: [bytes(32), *found]}, "changed 5 times"),
    ],
)
def test_a_node_that_lies_is_found_out(knots, paid, cell, lies, says):
    _, script = paid
    scope = scope_of(Lying(knots, **lies), cell, Bounds(forward=0, backward=0))
    with pytest.raises(NodeError, match=says):
        scope.fetch([script["shop"]])


def test_a_reorganisation_while_it_is_read_is_followed(knots, paid, cell):
    txid, script = paid
    node = Lying(knots)
    best = knots.ask("getbestblockhash")

    def turn(found):
        if knots.ask("getbestblockhash") == best:
            knots.ask("invalidateblock", best)
        return found

    node.lies["scan"] = turn
    scope = scope_of(node, cell, Bounds(forward=1, backward=0))
    scope.fetch([script["shop"]])
    assert scope.heads.height_of(bytes.fromhex(best)) == -1
    assert txid["customer", "shop"] in {one.hex() for one in scope.kept}
    knots.ask("reconsiderblock", best)
    again = scope_of(node_of(knots), cell, Bounds(forward=1, backward=0))
    again.fetch([script["shop"]])
    assert again.heads.height_of(bytes.fromhex(best)) >= 0


class Counting(Lying):
    """A node that stops when it has answered so often."""

    def __init__(self, knots, most=10**9):
        super().__init__(knots)
        self.most, self.blocks, self.scans = most, [], []

    def block(self, which):
        if len(self.blocks) == self.most:
            raise NodeError("stopped")
        self.blocks.append(which)
        return super().block(which)

    def scan(self, scripts, first, last):
        if len(self.scans) == self.most:
            raise NodeError("stopped")
        self.scans.append((sorted(scripts), first, last))
        return super().scan(scripts, first, last)


def fetched(node, cell, path, scripts, bounds=None):
    heads = Heads("regtest")
    with Notes("regtest", path) as notes:
        scope = Scope(
            node, cell, heads, bounds or Bounds(forward=2, backward=1), lambda _: False, lambda _: None, notes
        )
        scope.fetch(scripts)
        return scope, dict(notes.kept)


def test_a_stopped_fetch_goes_on_and_asks_nothing_twice(knots, paid, cell, tmp_path, monkeypatch):
    monkeypatch.setattr("vigie.kernel.chain.scope.BLOCKS_AT_ONCE", 1)
    _, script = paid
    whole = Counting(knots)
    _, expected = fetched(whole, cell, tmp_path / "whole", [script["shop"]])
    seen, asked = [], []
    heads = tmp_path / "heads"
    for stops in range(40):  # noqa: B007 - looked at below
        node = Counting(knots, most=1)
        own = Heads("regtest")
        own.load(heads.read_bytes() if heads.exists() else b"")
        with Notes("regtest", tmp_path / "notes") as notes:
            scope = Scope(node, cell, own, Bounds(forward=2, backward=1), lambda _: False, lambda _: None, notes)
            try:
                scope.fetch([script["shop"]], lambda own=own: heads.write_bytes(own.raw))
                kept = dict(notes.kept)
                break
            except NodeError as error:
                assert str(error) == "stopped"  # noqa: PT017 - it goes on after it
            finally:
                seen += node.blocks
                asked += node.scans
    assert kept == expected
    assert stops > 3
    assert seen == whole.blocks
    assert asked == whole.scans


def test_a_second_fetch_asks_for_what_is_new(knots, paid, cell, tmp_path):
    _, script = paid
    _, before = fetched(Counting(knots), cell, tmp_path / "notes", [script["shop"]])
    heads = Heads("regtest")
    heads.follow(node_of(knots), lambda _: None)
    raw = bytes(heads.raw)

    def again(scripts):
        node, own = Counting(knots), Heads("regtest")
        own.load(raw)
        with Notes("regtest", tmp_path / "notes") as notes:
            scope = Scope(node, cell, own, Bounds(forward=2, backward=1), lambda _: False, lambda _: None, notes)
            scope.fetch(scripts)
            return node, dict(notes.kept)

    node, kept = again([script["shop"]])
    assert (node.blocks, node.scans, kept) == ([], [], before)
    tip = len(heads) - 1
    knots.ask("generatetoaddress", 2, knots.ask("getnewaddress", wallet=f"{__name__}-bank"))
    node, kept = again([script["shop"]])
    assert all((first, last) == (tip + 1, tip + 2) for _, first, last in node.scans)
    assert kept == before
    node, kept = again([script["shop"], script["stranger"]])
    assert ([script["stranger"]], 0, tip + 2) in node.scans
    assert not any(script["shop"] in scripts for scripts, first, _ in node.scans if first == 0)
    fresh, expected = fetched(Counting(knots), cell, tmp_path / "fresh", [script["shop"], script["stranger"]])
    assert kept == expected
    assert fresh.read > len(node.blocks) > 0


def test_what_a_node_without_rest_left_unsaid_is_asked_when_another_says_it(knots, paid, cell, tmp_path):
    _, script = paid
    plain = node_of(knots)
    plain._rest = False
    _, kept = fetched(plain, cell, tmp_path / "notes", [script["shop"]], Bounds(forward=0, backward=0))
    assert not all(one.says_what_it_spends() for one in kept.values())
    _, kept = fetched(node_of(knots), cell, tmp_path / "notes", [script["shop"]], Bounds(forward=0, backward=0))
    _, expected = fetched(node_of(knots), cell, tmp_path / "new", [script["shop"]], Bounds(forward=0, backward=0))
    assert kept == expected
    assert all(one.says_what_it_spends() for one in kept.values())


def test_what_was_noted_and_hangs_on_no_block_is_refused(knots, paid, cell, tmp_path):
    _, script = paid
    with Notes("regtest", tmp_path / "notes") as notes:
        own = Heads("regtest")
        scope = Scope(node_of(knots), cell, own, Bounds(forward=0, backward=0), lambda _: False, lambda _: None, notes)
        scope.fetch([script["shop"]])
        (txid, *_) = notes.kept
        one = notes.kept[txid]
        forged = msgspec.structs.replace(one.said, txid=b"\1" * 32)
        notes.kept[b"\1" * 32] = msgspec.structs.replace(one, said=forged)
        with pytest.raises(IntegrityError, match="does not hang on its block"):
            scope.fetch([script["shop"]])
