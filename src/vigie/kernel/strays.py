"""Every path in a case folder that no entry of the custody log accounts for: left over, or planted.

What a stopped run leaves behind is sealed or noted under seal (``kernel/seal.py``, ``kernel/begun.py``), so it can be
told from what somebody else put there - where the signing key is at hand. Nothing that is named here is ever used.
"""

from __future__ import annotations

import os
import re
import typing as t
from pathlib import Path

import msgspec

from vigie.kernel import abandoned, begun, custody_files, scratch, seal, shelf, walk
from vigie.kernel.case import FOLDERS, LOCK
from vigie.kernel.chain.growth import DERIVED
from vigie.kernel.chain.layout import COLUMNS
from vigie.kernel.custody_check import Difference
from vigie.kernel.errors import IntegrityError
from vigie.kernel.stage import STAGES
from vigie.rows import locator
from vigie.rows.base import ROWS

if t.TYPE_CHECKING:
    from collections.abc import Iterator

KEYLESS: t.Final = "left over or planted (the signing key, which tells, was not opened); nothing uses it"
EITHER: t.Final = "left over by a command that was stopped, or planted; nothing uses it"
_RUN = re.compile(
    r"(?:runs|tables/[a-z]+)/([0-9a-f]{32})\.(?:json|(?:[0-9a-f]{32}-[0-9]+\.)?parquet)(?:\.tmp-[0-9]+-[0-9a-f]{16})?"
)
_TEMPORARY = re.compile(r"(.+)\.tmp-[0-9]+-[0-9a-f]{16}")
GOING: t.Final = "tmp/going.json"
"""What a run says of itself while it goes on (``desk/going.py``): shown, and never believed."""
_SCRATCH = re.compile(rf"tmp/(?:going\.json|vigie-bug-[a-z0-9_]+\.txt|{scratch.NAME.pattern})")
_STORE = re.compile(rf"chain/(?:{'|'.join((*COLUMNS, *DERIVED))})\.[0-9]+(?:\.[0-9]+)?|chain/(?:lock|growing\.json)")
_WORK = re.compile(r"work/([a-z_]+)(?:-[0-9a-f]{32})?-[0-9a-f]{32}")


class Stray(msgspec.Struct, frozen=True, kw_only=True):
    """A path that vigie did not write, or may not have written."""

    file: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What explains a path."""

    files: frozenset[str]
    """Held against the log already."""
    damaged: frozenset[str]
    """Ids of runs whose record cannot be believed: nothing is said of their files."""
    items: frozenset[str]
    """Keys of items, in hex: a manifest is written before it is logged."""
    key: bytes | None
    """Seals unfinished work; None where the signing key was not opened."""


Found: t.TypeAlias = "Difference | Stray | str"
"""An integrity failure, a finding, or a remark."""


def strays(folder: Path, known: Known) -> Iterator[Found]:
    """Go through the folder and say what is there for no reason. Errors: OSError where a folder cannot be read."""
    above = {str(parent) for file in known.files for parent in Path(file).parents}
    for root, folders, files in os.walk(folder, onerror=_raise):
        for name in sorted(folders):
            file = os.path.relpath(Path(root) / name, folder)
            if (folder / file).is_symlink():
                yield _differs(file, "a folder", "a link") if file in above else _stray(file, "a link")
            elif not any((folder / file).iterdir()) and file not in above:
                yield from _empty(file)
        for name in sorted(files):
            yield from _file(folder, os.path.relpath(Path(root) / name, folder), known)
        if part := _WORK.fullmatch(os.path.relpath(root, folder)):
            yield from _gaps(part[0], Path(root))


def _file(folder: Path, file: str, known: Known) -> Iterator[Found]:
    path = folder / file
    if file in known.files:
        if path.is_symlink():
            yield _differs(file, "a regular file", "a link") if file != custody_files.KEY else f"{file} is a link."
    elif path.is_symlink() or not path.is_file():
        yield _stray(file, "a link" if path.is_symlink() else "no regular file: a device, pipe or socket")
    elif file == LOCK:
        if path.stat().st_size:
            yield _stray(file, "it holds something; vigie leaves it empty")
    elif path.parent == folder / shelf.FOLDER and shelf.NAME.fullmatch(path.name):
        yield from _segment(path, file, known.key)
    elif path.suffix == ".chunk" and file.startswith("work/"):
        yield from _chunk(path, file, known.key)
    else:
        yield from _leftover(folder, file, known)


def _chunk(path: Path, file: str, key: bytes | None) -> Iterator[Found]:
    try:
        chunk = seal.read(path)
    except IntegrityError:
        yield _differs(file, "a chunk of unfinished work as its name says", "other bytes: changed, damaged or planted")
        return
    if key is None:
        yield f"{file} is {KEYLESS} before the key has been asked."
    elif not seal.Chunks(path.parent, key).holds(chunk):
        yield _differs(file, "a chunk sealed with this case's key", "another seal: planted or moved here")


def _segment(path: Path, file: str, key: bytes | None) -> Iterator[Found]:
    if not path.with_suffix(".record").is_file():
        yield f"{file} is {EITHER}."
    elif key is None:
        yield f"{file} was not held against its record: the signing key, which tells, was not opened."
    elif trouble := shelf.trouble(path, key):
        yield _differs(file, "a search segment as its sealed record says", trouble)


def _gaps(file: str, folder: Path) -> Iterator[Found]:
    numbers = {seal.number_of(path) for path in seal.paths(folder)}
    missing = sorted(set(range(max(numbers, default=0))) - numbers)
    if missing:
        yield _stray(file, f"chunk {missing[0]} of it was removed; what it held is read again")


def _leftover(folder: Path, file: str, known: Known) -> Iterator[Found]:
    if found := _RUN.fullmatch(file):
        if found[1] not in known.damaged:
            yield _of_run(folder, file, found[1], known.key)
        return
    path = Path(file)
    noted = begun.NAME.fullmatch(path.name) if path.parts[0] == "tmp" and len(path.parts) == 2 else None
    if noted:
        yield _of_run(folder, file, noted[1], known.key)
    elif _scratch(file, path) or ((temporary := _TEMPORARY.fullmatch(file)) and _written(temporary[1], known)):
        yield f"{_show(file)} is {EITHER}."
    elif _manifest(file, known):
        yield f"{file} is {EITHER}; the same `vigie add` writes it anew."
    else:
        yield _stray(file, "a file that the log does not know")


def _of_run(folder: Path, file: str, run: str, key: bytes | None) -> Found:
    if key is None and (folder / "tmp" / f"{run}.begun").is_file():
        return f"{file} is {KEYLESS}."
    if key is not None and begun.holds(folder / "tmp", key, run):
        return f"{file} was left by a run that was stopped; nothing uses it, and the next run removes it."
    return _stray(file, "no run of this case was noted as having begun it: planted")


def _scratch(file: str, path: Path) -> bool:
    return bool(_SCRATCH.fullmatch(file) or _STORE.fullmatch(file)) or (
        _working(str(path.parent)) and abandoned.ours(path.name)
    )


def _written(file: str, known: Known) -> bool:
    """Tell whether vigie writes a file of this name by way of a temporary one."""
    path = Path(file)
    return (
        file in known.files
        or _manifest(file, known)
        or (_working(str(path.parent)) and bool(seal.CHUNK.fullmatch(path.name) or abandoned.ours(path.name)))
        or (str(path.parent) == shelf.FOLDER and bool(shelf.NAME.fullmatch(path.name)))
        or file == GOING
        or (str(path.parent) == "tmp" and bool(begun.NAME.fullmatch(path.name)))
    )


def _manifest(file: str, known: Known) -> bool:
    return file.startswith("evidence/") and file.endswith(".sha256") and file[9:-7] in known.items


def _working(folder: str) -> bool:
    found = _WORK.fullmatch(folder)
    return found is not None and (found[1] in STAGES or found[1] == walk.STAGE)


def _empty(file: str) -> Iterator[Found]:
    parent, _, name = file.rpartition("/")
    if file in FOLDERS or (parent == "tables" and name in ROWS):
        return
    if _working(file):
        yield f"{file} is an empty folder, {EITHER}."
    else:
        yield _stray(file, "an empty folder that vigie did not make")


def _differs(file: str, expected: str, found: str) -> Difference:
    return Difference(file=_show(file), line=0, expected=expected, found=found)


def _stray(file: str, what: str) -> Stray:
    return Stray(file=_show(file), what=what)


def _show(file: str) -> str:
    return locator.show(os.fsencode(file))


def _raise(error: OSError) -> t.NoReturn:
    raise error
