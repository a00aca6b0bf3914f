"""One engine for all tests of this folder: a cell costs a second to start."""

from collections.abc import Iterator

import pytest

from vigie.kernel.local import Local


@pytest.fixture(scope="session")
def engine() -> Iterator[Local]:
    engine = Local(1)
    yield engine
    engine.close()
