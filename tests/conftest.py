"""What a machine remembers of cases (kernel/seen.py) is not kept while testing: each test has a fresh memory."""

import itertools

import hypothesis
import pytest
from PIL import Image

# A loaded machine is no finding: speed is measured in bench/, never by a test.
hypothesis.settings.register_profile("vigie", deadline=None)
hypothesis.settings.load_profile("vigie")

_number = itertools.count()


@pytest.fixture(scope="session", autouse=True)
def _states(tmp_path_factory):
    """For what is made once for many tests."""
    folder = tmp_path_factory.mktemp("states")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder))
        yield folder


@pytest.fixture(autouse=True)
def _state(_states, monkeypatch):
    """For one test: the copies of a case that others make go other ways."""
    monkeypatch.setenv("XDG_STATE_HOME", str(_states / str(next(_number))))


@pytest.fixture(autouse=True)
def _bound_of_pillow(monkeypatch):
    """A job of the cell sets it for its process, which here is that of all tests."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
