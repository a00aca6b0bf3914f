"""The whole sample: plan, draw, pack, list, and write down the truth."""

import concurrent.futures as cf
import functools
import multiprocessing
import shutil
import typing as t
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from vigie.kernel.table import of, write
from vigie.rows.locator import join
from vigie.rows.truth import Truth
from vigie.sample.damaged import damaged
from vigie.sample.family_film import make_film
from vigie.sample.family_still import make_still
from vigie.sample.foreign import foreign
from vigie.sample.forum.make import Forums, forums
from vigie.sample.lists import OPTIONS, write_lists
from vigie.sample.made import Batch, Family, Made, Original, Size, Summary
from vigie.sample.pack import pack
from vigie.sample.plan import SCALES, plan
from vigie.sample.readme import readme
from vigie.sample.store import Store

Progress = Callable[[str, int, int], None]


def make(folder: Path, *, seed: int, size: Size, progress: Progress | None = None) -> Summary:
    """Write a benign case to practise and to measure on: evidence, hash lists and the truth about every file.

    Everything is drawn; the same seed and size give the same truth. ``progress`` is called with the name of
    the part, how many are done and how many there are. Raises FileExistsError where ``folder`` holds something.
    """
    tell = progress or (lambda _part, _done, _all: None)
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; give a new folder")
    store = Store(folder=folder.resolve())
    store.evidence.mkdir(parents=True, exist_ok=True)
    families = list(plan(seed, size))
    made: list[Made] = []
    originals: list[Original] = []
    for done, batch in enumerate(_families(store, seed, families, SCALES[size].workers), 1):
        made += batch.made
        originals.append(batch.original)
        tell("families", done, len(families))
    tell("containers", 0, 1)
    fixed = foreign(store, seed)
    apart = damaged(store, seed)
    made += fixed.made
    boxes = pack(store, made)
    made += [*boxes, *apart]
    tell("containers", 1, 1)
    tell("forums", 0, 1)
    practice = forums(store, seed, size, made)
    made += practice.made
    tell("forums", 1, 1)
    tell("lists", 0, 1)
    lists = write_lists(store, seed, originals, fixed.benign, SCALES[size].filler)
    tell("lists", 1, 1)
    shutil.rmtree(store.aside)
    readme(store, seed, size)
    truth = store.folder / "truth.parquet"
    write(of(Truth, rows(made)), truth)
    return _summary(store, made, len(families), lists, truth, practice)


def rows(made: Iterable[Made]) -> Iterator[Truth]:
    """Yield what is true of each file, as tests and benchmarks read it."""
    for one in made:
        yield Truth.make(
            locator=join(*one.steps),
            sha256=one.sha256,
            kind=one.kind,
            family=one.family,
            edit=one.edit,
            standing=one.standing,
            problem=one.problem,
            reachable=one.reachable,
            **msgspec.structs.asdict(one.span),
        )


def _families(store: Store, seed: int, families: list[Family], workers: int) -> Iterator[Batch]:
    one = functools.partial(_family, store, seed)
    if workers == 1:
        yield from map(one, families)
        return
    # spawn: a forked child would inherit the locks of whatever threads the caller runs
    context = multiprocessing.get_context("spawn")
    with cf.ProcessPoolExecutor(workers, mp_context=context) as pool:
        yield from pool.map(one, families, chunksize=8)


def _family(store: Store, seed: int, family: Family) -> Batch:
    return make_still(store, seed, family) if family.kind == "image" else make_film(store, seed, family)


def _summary(
    store: Store, made: t.Sequence[Made], families: int, lists: tuple[Path, ...], truth: Path, practice: Forums
) -> Summary:
    return Summary(
        folder=store.folder,
        evidence=tuple(sorted(store.evidence.iterdir())),
        lists=lists,
        list_options=OPTIONS,
        truth=truth,
        files=len(made),
        images=sum(one.kind == "image" for one in made),
        videos=sum(one.kind == "video" for one in made),
        families=families,
        problems=sum(bool(one.problem) for one in made),
        bytes=sum(path.stat().st_size for path in store.evidence.rglob("*") if path.is_file()),
        standings=dict(sorted(Counter(one.standing for one in made if one.standing).items())),
        accounts=practice.accounts,
        forums=practice.forums,
        people=practice.truth,
        transactions=practice.chain.transactions,
        height=practice.chain.height,
        blocks=practice.chain.blocks,
    )
