"""One small sample, made once for all tests here, and its truth."""

import pytest

from sample.walking import files
from vigie.kernel.table import look, read_parquet
from vigie.sample.make import make


@pytest.fixture(scope="session")
def case(tmp_path_factory):
    return make(tmp_path_factory.mktemp("sample") / "case", seed=7, size="small")


@pytest.fixture(scope="session")
def truth(case):
    """Rows of truth.parquet by locator, as dictionaries."""
    return {row["locator"]: row for row in look("select * from truth", truth=read_parquet(case.truth))}


@pytest.fixture(scope="session")
def found(case):
    """Bytes of every file of the evidence by locator, as readers that are not vigie's see it; None: unreadable."""
    listed = list(files(case.folder / "evidence"))
    assert len(dict(listed)) == len(listed), "two files with one locator"
    return dict(listed)
