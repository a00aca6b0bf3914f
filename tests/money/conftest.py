"""A real node, where it can be had."""

import pytest

from knots import Knots, had


@pytest.fixture(scope="session")
def knots(tmp_path_factory):
    """Return a regtest node with filters, an index of transactions and REST."""
    had()
    node = Knots(tmp_path_factory.mktemp("knots") / "data", "-txindex=1", "-blockfilterindex=1", "-rest=1")
    yield node
    node.stop()
