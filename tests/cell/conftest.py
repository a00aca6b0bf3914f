import importlib.util
import pathlib

import pytest

from vigie.kernel.cell import Cell, Limits

JOBS = pathlib.Path(__file__).parent / "jobs"
LIMITS = Limits(wall_s=5, cpu_s=1, memory_bytes=256 << 20)


@pytest.fixture(scope="session")
def plays():
    """The module with the asks ``Play`` and ``OpenPlay``."""
    spec = importlib.util.spec_from_file_location("play", JOBS / "play.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def jobs():
    return JOBS


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    with Cell(scratch=tmp_path_factory.mktemp("scratch"), jobs=JOBS, minimum="S0") as cell:
        yield cell


@pytest.fixture
def play(cell, plays):
    """Have the child act; gives the list of replies."""

    def act(act, *, number=0, path=b"", opens=False, limits=LIMITS, fds=(), **more):
        kind = plays.OpenPlay if opens else plays.Play
        return list(cell.ask(kind(act=act, number=number, path=path), fds, limits=limits, **more))

    return act
