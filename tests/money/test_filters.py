"""A node's answers held against its filters, and these against their chain: a real node, and ones that leave out."""

import pytest

from money.test_scope import Lying, paid  # noqa: F401 - a fixture
from vigie.kernel.cell import Cell
from vigie.kernel.chain.filters import Filters, Vouched
from vigie.kernel.chain.heads import Heads
from vigie.kernel.chain.node import NodeError
from vigie.kernel.chain.scope import Bounds, Scope
from vigie.kernel.errors import UsageError
from vigie.kernel.isolation import Level


@pytest.fixture(scope="module")
def blocks(tmp_path_factory):
    with Cell(scratch=tmp_path_factory.mktemp("blocks"), accept=Level.S0, job="read_blocks") as one:
        yield one


@pytest.fixture(scope="module")
def matcher(tmp_path_factory):
    with Cell(scratch=tmp_path_factory.mktemp("filters"), accept=Level.S0, job="match_filters") as one:
        yield one


class Leaving(Lying):
    """It leaves something out, or gives false filters."""

    def filter(self, which):
        raw = super().filter(which)
        return self.lies["filter"](raw) if "filter" in self.lies else raw

    def filter_header(self, which):
        raw = super().filter_header(which)
        return self.lies["header"](raw) if "header" in self.lies else raw


def fetched(node, blocks, matcher, script, **how):
    heads = Heads("regtest")
    filters = Filters(node, matcher, heads, **how)
    bounds = Bounds(forward=1, backward=1)
    scope = Scope(node, blocks, heads, bounds, lambda _: False, lambda _: None, None, filters)
    scope.fetch([script])
    return scope, filters


@pytest.mark.parametrize("whole", [False, True])
def test_a_node_that_says_the_truth_passes(knots, paid, blocks, matcher, whole):  # noqa: F811
    txid, script = paid
    scope, filters = fetched(Leaving(knots), blocks, matcher, script["shop"], whole=whole)
    assert txid["customer", "shop"] in {one.hex() for one in scope.kept}
    assert filters.looked_at >= len(scope.heads)


def test_without_rest_as_well(knots, paid, blocks, matcher):  # noqa: F811
    node = Leaving(knots)
    node._rest = False
    assert fetched(node, blocks, matcher, paid[1]["shop"])[1].looked_at > 100


def test_a_header_that_another_node_gives_is_held_against_all_filters(knots, paid, blocks, matcher):  # noqa: F811
    height = knots.ask("getblockcount") - 1
    header = bytes.fromhex(knots.ask("getblockfilter", knots.ask("getblockhash", height))["header"])
    good = Vouched(height=height, header=header)
    fetched(Leaving(knots), blocks, matcher, paid[1]["shop"], whole=True, vouched=good)
    bad, late = Vouched(height=height, header=bytes(32)), Vouched(height=height + 100, header=header)
    with pytest.raises(NodeError, match="another node says"):
        fetched(Leaving(knots), blocks, matcher, paid[1]["shop"], whole=True, vouched=bad)
    with pytest.raises(UsageError, match="the chain ends at"):
        fetched(Leaving(knots), blocks, matcher, paid[1]["shop"], whole=True, vouched=late)


@pytest.mark.parametrize(
    ("lies", "says"),
    [
        ({"scan": lambda found: found[1:]}, "left block .* out of its answer"),
        ({"scan": lambda _: []}, "left block .* out of its answer"),
        ({"filter": lambda _: b"\0"}, "commit"),
        ({"filter": lambda raw: raw + b"\0"}, "commit"),
        ({"header": lambda _: bytes(32)}, "commit"),
    ],
)
@pytest.mark.parametrize("whole", [False, True])
def test_a_node_that_leaves_blocks_out_is_found_out(knots, paid, blocks, matcher, lies, says, whole):  # noqa: F811
    with pytest.raises(NodeError, match=says):
        fetched(Leaving(knots, **lies), blocks, matcher, paid[1]["shop"], whole=whole)


def test_a_filter_that_is_none_is_said_even_where_it_hangs_together(knots, matcher):
    node = Leaving(knots)
    heads = Heads("regtest")
    heads.follow(node, lambda _: None)
    filters = Filters(node, matcher, heads)
    with pytest.raises(NodeError, match="a filter that cannot be: filter 1"):
        filters._matching([b"a"], [3], [b"\x05"])
