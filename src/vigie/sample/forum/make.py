"""The forums of a sample: drawn, written as dumps into its evidence, their files beside them, and the truth."""

from __future__ import annotations

import functools
import gzip
import importlib.resources
import io
import shutil
import typing as t
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np

from vigie.rows.locator import join
from vigie.sample.chain.evidence import traces
from vigie.sample.chain.make import ChainMade
from vigie.sample.chain.tags import write_tags
from vigie.sample.forum.activity import blocks
from vigie.sample.forum.addresses import write_tables
from vigie.sample.forum.attached import Attached, Files, made_up, of_uploads
from vigie.sample.forum.members import UNTIL
from vigie.sample.forum.money import settle
from vigie.sample.forum.told import Told
from vigie.sample.forum.truth import write_truth
from vigie.sample.forum.uploads import gather, uploads
from vigie.sample.forum.world import Forum, Software, Wanted, world
from vigie.sample.forum.writers import custom, mybb, phpbb, xenforo
from vigie.sample.made import Made, Size, Steps
from vigie.sample.store import FOLDER, Store

if t.TYPE_CHECKING:
    from _typeshed import ReadableBuffer

SOFTWARES: tuple[Software, ...] = ("phpbb", "mybb", "xenforo", "custom")
"""Platforms of a sample, in this order: persons of one are met again on later ones."""


def _sizes(*sizes: tuple[int, int, int]) -> tuple[Wanted, ...]:
    return tuple(
        Wanted(software=software, accounts=accounts, posts=posts, messages=messages)
        for software, (accounts, posts, messages) in zip(SOFTWARES, sizes, strict=True)
    )


SCALES: dict[Size, tuple[Wanted, ...]] = {
    "small": _sizes((300, 3_000, 400), (120, 1_000, 150), (150, 1_500, 200), (100, 800, 120)),
    "medium": _sizes((4_000, 60_000, 6_000), (1_000, 12_000, 1_500), (1_500, 20_000, 2_000), (800, 10_000, 1_000)),
    "large": _sizes(
        (40_000, 400_000, 40_000), (10_000, 80_000, 8_000), (15_000, 120_000, 12_000), (8_000, 60_000, 6_000)
    ),
}
POSTED = 0.7
"""Share of the families of which files stand in forums."""
REFERENCE = "reference"
"""Folder beside the evidence: whose networks the addresses are."""
MAPPING = "mappings/plains.toml"
"""How the platform of its own making is read."""


class Writer(t.NamedTuple):
    """How one software's forum is laid down."""

    write: t.Callable[[t.IO[bytes], Forum, Files, str], Told]
    paths: t.Callable[[Attached], list[str]]
    """Where files lie, below ``root``."""
    root: str
    dump: str
    """Path of its dump on the server."""


WRITERS: dict[Software, Writer] = {
    "phpbb": Writer(phpbb.write, phpbb.paths, "var/www/forum", "var/backups/forum.sql.gz"),
    "xenforo": Writer(xenforo.write, xenforo.paths, "srv/xf", "srv/backup/xf.sql.gz"),
    "custom": Writer(custom.write, custom.paths, "srv/plains", "srv/backup/plains.sql.gz"),
    "mybb": Writer(mybb.write, mybb.paths, "srv/board", "srv/backup/board.sql.gz"),
}


FIRSTS: dict[Software, int] = {"xenforo": 1, "custom": custom.FIRST}
"""Number in the dump of the first account, of platforms that are paid."""


class Rates(t.NamedTuple):
    """Rows of a dump that come with each account, post and message, and bytes of a row on average: as counted."""

    account: float
    post: float
    message: float
    row_bytes: int


RATES: dict[Software, Rates] = {
    "phpbb": Rates(3.34, 1.13, 2.69, 390),
    "mybb": Rates(2.61, 1.13, 1.69, 399),
    "xenforo": Rates(6.99, 2.16, 4.2, 200),
    "custom": Rates(4.48, 1.13, 1.0, 330),
}
POSTS_PER_MESSAGE = 12
LEAST_POSTS = 1_000


class Alone(msgspec.Struct, frozen=True, kw_only=True):
    """A forum that was written without media."""

    dump: Path
    software: Software
    accounts: int
    rows: int
    bytes: int
    truth: tuple[Path, ...]


class _Watched(io.BufferedWriter):
    """A file that tells how many bytes were written."""

    def __init__(self, path: Path, tell: t.Callable[[int], None]) -> None:
        super().__init__(io.FileIO(path, "wb"), 1 << 20)
        self._tell, self._done = tell, 0

    def write(self, data: ReadableBuffer, /) -> int:
        written = super().write(data)
        self._done += written
        self._tell(self._done)
        return written


def alone(
    folder: Path,
    seed: int,
    software: Software,
    accounts: int,
    rows: int,
    progress: t.Callable[[int, int], None] = lambda _done, _of: None,
) -> Alone:
    """Write one forum of about so many rows, with the truth: ``folder``/evidence/forum.sql, to measure on.

    Memory grows with accounts (about 800 bytes each), not with posts. Its attachments have names and no files.
    ``progress`` is called with the bytes written and about how many there will be.
    Raises FileExistsError where ``folder`` holds something.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; give a new folder")
    rate = RATES[software]
    posts = max(LEAST_POSTS, int((rows - rate.account * accounts) / (rate.post + rate.message / POSTS_PER_MESSAGE)))
    wanted = Wanted(software=software, accounts=accounts, posts=posts, messages=posts // POSTS_PER_MESSAGE)
    (forum,) = world(seed, [wanted])
    path = folder.resolve() / "evidence" / "forum.sql"
    path.parent.mkdir(parents=True)
    about = rows * rate.row_bytes
    with _Watched(path, lambda done: progress(done, max(done, about))) as out:
        told = WRITERS[software].write(out, forum, functools.partial(made_up, forum), path.name)
    write_reference(folder, [software])
    truth = write_truth(folder, [told], [], {})
    return Alone(
        dump=path,
        software=software,
        accounts=accounts,
        rows=sum(told.rows.values()),
        bytes=path.stat().st_size,
        truth=truth,
    )


def write_reference(folder: Path, softwares: Iterable[Software]) -> None:
    """Write what a unit would know besides: whose networks the addresses are, and how to read what no software is."""
    write_tables(folder / REFERENCE)
    if "custom" in softwares:
        text = importlib.resources.files("vigie.sample.forum").joinpath("schemas/plains.toml").read_text("utf-8")
        (folder / MAPPING).parent.mkdir()
        (folder / MAPPING).write_text(text, encoding="utf-8")


class Forums(msgspec.Struct, frozen=True, kw_only=True):
    """What was made."""

    made: list[Made]
    truth: tuple[Path, ...]
    accounts: int
    forums: int
    chain: ChainMade


def forums(store: Store, seed: int, size: Size, made: Sequence[Made]) -> Forums:
    """Write the forums of a sample: dumps and files into its evidence, truth and address tables beside it."""
    drawn = world(seed, SCALES[size])
    places = [gather(one.members, blocks(one.crowd, one.members, one.calendar)) for one in drawn]
    rng = np.random.default_rng([seed, 90])
    some = uploads(rng, _families(rng, made, len(drawn)), places)
    drawn, money = settle(
        store.folder, seed, size, drawn, lambda one: functools.partial(iter, of_uploads(one, some)),
        {software: writer.dump for software, writer in WRITERS.items()}, FIRSTS,
    )  # fmt: skip
    out: list[Made] = traces(store, money.shop, UNTIL)
    told: list[Told] = []
    lying: dict[tuple[int, int], str] = {}
    for one in drawn:
        writer = WRITERS[one.wanted.software]
        parts = of_uploads(one, some)
        for part in parts:
            for at, path in enumerate(writer.paths(part)):
                laid = _lay(store, part.media[at], (FOLDER, f"{writer.root}/{path}".encode()), int(part.at[at]))
                lying[one.number, at] = join(*laid.steps)
                out.append(laid)
        outside, inside, said = _dump(store, one, writer, functools.partial(iter, parts))
        out += [outside, inside]
        told.append(said)
    write_reference(store.folder, SOFTWARES)
    write_tags(store.folder / REFERENCE, money.hot)
    truth = write_truth(store.folder, told, some, lying)
    accounts = sum(one.members.size for one in drawn)
    return Forums(made=out, truth=(*truth, *money.truth), accounts=accounts, forums=len(drawn), chain=money)


def _families(rng: np.random.Generator, made: Iterable[Made], platforms: int) -> list[tuple[int, list[Made]]]:
    """Return families to post, each with the platform where it is first seen: the original, then edits, then copies."""
    families: dict[str, list[Made]] = defaultdict(list)
    for one in made:
        if one.family.startswith(("image-", "video-")) and not one.problem and not one.span.end_s:
            families[one.family].append(one)
    out: list[tuple[int, list[Made]]] = []
    for name in sorted(families):
        if rng.random() < POSTED:
            files = sorted(families[name], key=lambda one: (one.edit != "original", one.edit == "copy", one.steps))
            out.append((int(rng.integers(platforms)), files))
    return out


def _lay(store: Store, media: Made, steps: Steps, at: int) -> Made:
    """Put a copy of a file where a platform keeps it."""
    return store.put(
        steps,
        media.bytes_at.read_bytes(),
        modified=at,
        kind=media.kind,
        family=media.family,
        edit="copy",
        standing=media.standing,
        reachable=media.reachable,
    )


def _dump(store: Store, forum: Forum, writer: Writer, files: Files) -> tuple[Made, Made, Told]:
    """Write a dump, packed; return what the packed file and the dump are."""
    steps: Steps = (FOLDER, writer.dump.encode())
    path = store.place(steps)
    name = writer.dump.rpartition("/")[2].removesuffix(".gz")
    plain = store.aside / name
    if path is None:
        raise ValueError(f"{writer.dump} is no place on the server")
    path.parent.mkdir(parents=True, exist_ok=True)
    inside = (*steps, name.encode())
    with plain.open("wb") as out:
        told = writer.write(out, forum, files, join(*inside))
    with (
        plain.open("rb") as source,
        path.open("wb") as raw,
        gzip.GzipFile(filename=name, mode="wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
    ):
        shutil.copyfileobj(source, packed, 1 << 20)
    return (
        store.took(steps, path, modified=UNTIL, kind="container"),
        store.took(inside, plain, modified=UNTIL, kind="other"),
        told,
    )
