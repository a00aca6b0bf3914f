"""Taking evidence in: list it, digest it, check what it says of itself, write the manifest, log it.

The evidence stays where it is and is only ever opened for reading. What is killed half-way goes on with the same
command.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import time
import typing as t

import msgspec

from vigie.kernel import abandoned, durable
from vigie.kernel.case import now
from vigie.kernel.errors import IntegrityError, UsageError
from vigie.kernel.evaluate import do, record, stage_named
from vigie.kernel.run import Recipe, tools
from vigie.kernel.schema import schema
from vigie.kernel.table import BATCH_ROWS, Table, copy, look, of, passing, stream
from vigie.kernel.walk import STAGE, refuse, walk
from vigie.rows import locator
from vigie.rows.evidence import DOUBTFUL, Found, Item, Original, Verification
from vigie.rows.problems import Problem

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vigie.kernel.case import Case
    from vigie.kernel.engine import Engine, Needs
    from vigie.kernel.evaluate import Watch
    from vigie.rows.base import Row

ORIGINALS = "originals"
VERIFICATIONS = "verifications"


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What one ``add`` took in."""

    item: str
    originals: int
    size_bytes: int
    problems: int
    manifest: str
    sha256: str
    again: bool
    """It had been taken in before; nothing was done twice."""


def register(case: Case, path: bytes, *, name: str | None = None) -> Item:
    """List what lies at a path and commit the list; an item of that name and path that is there is returned."""
    real = os.path.realpath(path)
    refuse(path, os.fsencode(case.folder))
    called = locator.show(os.fsencode(name) if name else os.path.basename(real))
    for item in case.read(Item):
        if item.path == locator.show(real):
            return item
        if item.name == called:
            raise UsageError(f"the case has an item called {called} already, from {item.path}. Give another --name.")
    item = Item.make(
        name=called,
        path=locator.show(real),
        kind="folder" if os.path.isdir(real) else "file",
        taken_in_at=now(),
        examiner=case.custody.who,
    )
    started, clock = now(), time.monotonic()
    recipe = Recipe(
        stage=STAGE,
        code="",
        params={"item": item.name, "path": item.path, "at": item.taken_in_at.isoformat()},
        inputs={},
        tools=tools(),
    )
    outputs, rows = {}, {}
    with _listed(case, item) as (found, problems):
        made: list[Table[t.Any]] = [of(Item, [item]), found, problems]
        for table in made:
            file = case.place(table.row, recipe.id)
            outputs[str(file.relative_to(case.folder))] = copy(table, file)
            rows[table.row.table()] = len(Table(table.row, files=[file]))
    case.commit(f"{STAGE}:{item.name}", record(recipe, started, clock, outputs, rows))
    return item


@contextlib.contextmanager
def _listed(case: Case, item: Item) -> Iterator[tuple[Table[Found], Table[Problem]]]:
    """List an item; rows go to files as they come, and those last as long as the block."""
    folder = abandoned.folder(case.folder / "work" / f"{STAGE}-{item.key.hex()}")
    kinds: tuple[type[Row], ...] = (Found, Problem)
    rows = walk(item)
    try:
        with contextlib.ExitStack() as stack:
            writers = {
                kind: stack.enter_context(passing(folder / f"{kind.table()}.unsorted", schema(kind))) for kind in kinds
            }
            while some := list(itertools.islice(rows, BATCH_ROWS)):
                for kind, writer in writers.items():
                    writer.write_table(of(kind, [one for one in some if isinstance(one, kind)]).arrow)
        yield (
            Table(Found, files=[folder / "found.unsorted"], room=case.room),
            Table(Problem, files=[folder / "problem.unsorted"], room=case.room),
        )
    finally:
        shutil.rmtree(folder)
    abandoned.sweep(folder, case.custody.seal_key())


def take_in(case: Case, items: list[Item], engine: Engine, needs: Needs, watch: Watch) -> list[Taken]:
    """Digest and verify what was listed; write one manifest an item. Errors: IntegrityError on a mismatch."""
    needs = msgspec.structs.replace(needs, items=case.read(Item).rows())
    do(case, stage_named(ORIGINALS), engine, needs, watch)
    do(case, stage_named(VERIFICATIONS), engine, needs, watch)
    taken = [_manifest(case, item) for item in items]
    check(case)
    return taken


def check(case: Case) -> None:
    """Refuse to go on while an image differs from what it says of itself and nobody has accepted that by name."""
    accepted = {entry.about["original"] for entry in case.custody.entries() if entry.act == "mismatch_accepted"}
    bad = [v for v in case.read(Verification) if v.verdict in DOUBTFUL and v.original.hex() not in accepted]
    if bad:
        one = bad[0]
        (original,) = [o for o in case.read(Original) if o.key == one.original]
        (item,) = [i for i in case.read(Item) if i.key == original.item]
        more = f"; so with {len(bad) - 1:,} more" if len(bad) > 1 else ""
        raise IntegrityError(
            f"the image {original.path or item.name} does not hold what it says: stored MD5"
            f" {one.stored_md5 or '-'}, SHA-1 {one.stored_sha1 or '-'}; computed MD5 {one.computed_md5}, SHA-1"
            f" {one.computed_sha1}{_damage(one)}{more}. It was damaged or changed since it was acquired. Get a"
            " good copy; or go on with it as it is, and on the record, with:"
            f" vigie add {case.folder} {item.path} --accept-mismatch REASON"
        )


def _damage(one: Verification) -> str:
    return f"; its own checksums fail {one.damaged:,} times: {one.damage}" if one.damaged else ""


def accept(case: Case, items: list[Item], reason: str) -> int:
    """Write into the log that mismatches in these items are accepted, and why; return how many."""
    accepted = {entry.about["original"] for entry in case.custody.entries() if entry.act == "mismatch_accepted"}
    bad = [v for v in case.read(Verification) if v.verdict in DOUBTFUL and v.original.hex() not in accepted]
    sql = f"select key from o where item in ({_literals(i.key for i in items)})"
    sql += f" and key in ({_literals(v.original for v in bad)})"
    here = {one["key"] for one in look(sql, o=case.read(Original))} if bad else set()
    bad = [v for v in bad if v.original in here]
    for one in bad:
        case.custody.append("mismatch_accepted", {"original": one.original.hex(), "reason": reason})
    return len(bad)


def _literals(keys: Iterable[bytes]) -> str:
    return ", ".join(f"unhex('{key.hex()}')" for key in keys)


def _manifest(case: Case, item: Item) -> Taken:
    """Write the manifest of an item in the form of ``sha256sum``, and log its digest once."""
    path = case.folder / "evidence" / f"{item.key.hex()}.sha256"
    originals = case.read(Original)
    problems = look(
        "select count(*) as n from p where unit = $item or unit in (select key from f where item = $item)".replace(
            "$item", f"unhex('{item.key.hex()}')"
        ),
        p=case.read(Problem),
        f=case.read(Found),
    )
    count = total = 0
    with durable.writing(path) as out:
        for one in stream(
            f"select path, sha256, size_bytes from o where item = unhex('{item.key.hex()}') order by path", o=originals
        ):
            name = locator.read(one["path"]) or os.path.basename(locator.read(item.path))
            out.write(sha256sum_line(one["sha256"], name))
            count, total = count + 1, total + one["size_bytes"]
    digest = durable.sha256_of(path)
    file = str(path.relative_to(case.folder))
    entries = [e.about for e in case.custody.entries() if e.act == "taken_in" and e.about["manifest"] == file]
    again = bool(entries) and entries[-1]["sha256"] == digest
    if not again:
        about: dict[str, t.Any] = {
            "item": item.key.hex(),
            "originals": count,
            "bytes": total,
            "manifest": file,
            "sha256": digest,
        }
        case.custody.append("taken_in", about)
    return Taken(
        item=item.name,
        originals=count,
        size_bytes=total,
        problems=problems[0]["n"],
        manifest=file,
        sha256=digest,
        again=again,
    )


def sha256sum_line(sha256: bytes, path: bytes) -> bytes:
    """Return a line that ``sha256sum --check`` reads, run in the item's folder (GNU coreutils, md5sum invocation)."""
    escaped = path.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    return (b"\\" if escaped != path else b"") + sha256.hex().encode() + b"  " + escaped + b"\n"
