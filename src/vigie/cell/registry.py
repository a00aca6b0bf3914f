"""The jobs there are: one module each in ``cell.jobs``; present is registered."""

from __future__ import annotations

import importlib
import importlib.util
import pathlib
import pkgutil
import typing as t

import vigie.cell.jobs
from vigie.cell.job import Job
from vigie.cell.jobs import attack

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from vigie.rows.wire import Ask

Jobs = dict[type["Ask"], Job]


def product(only: str | None = None) -> Jobs:
    """Every job of the product, or one and the self-test.

    A module that cannot be imported, or has no ``JOB``, is an error at once.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(vigie.cell.jobs.__path__))
    wanted = names if only is None else sorted({only, "attack"})
    return _by_ask(importlib.import_module(f"vigie.cell.jobs.{name}") for name in wanted)


def from_folder(folder: pathlib.Path) -> Jobs:
    """Load the jobs in a folder of modules, and the self-test: for tests of the sandbox itself."""
    return _by_ask([attack, *(_load(path) for path in sorted(folder.glob("*.py")))])


def _load(path: pathlib.Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _by_ask(modules: Iterator[ModuleType] | list[ModuleType]) -> Jobs:
    jobs: Jobs = {}
    for module in modules:
        job = getattr(module, "JOB", None)
        if not isinstance(job, Job):
            raise TypeError(f"{module.__name__} has no JOB")
        if job.ask in jobs:
            raise TypeError(f"{module.__name__}: there is another job for {job.ask.__name__}")
        jobs[job.ask] = job
    return jobs
