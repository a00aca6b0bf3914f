"""Taking files of tags in: register them, read them for the case, log what came of each."""

from __future__ import annotations

import json
import os
import time
import typing as t

from vigie.kernel.blob import digest_of, open_original
from vigie.kernel.case import now
from vigie.kernel.errors import UsageError
from vigie.kernel.evaluate import do, record, stage_named
from vigie.kernel.run import Recipe, tools
from vigie.kernel.table import of, write
from vigie.rows import locator
from vigie.rows.tags import Pack, PackFile

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vigie.kernel.case import Case
    from vigie.kernel.engine import Engine, Needs
    from vigie.kernel.evaluate import Watch

STAGE = "packfile"
SUFFIXES: t.Final = (b".yaml", b".yml", b".json", b".csv", b".txt")
MOST_FILES: t.Final = 10_000


def found(path: bytes) -> list[bytes]:
    """Return the file, or the files of a folder that may hold tags, by name. Errors: UsageError."""
    shown = locator.show(path)
    if not os.path.isdir(path):
        return [path]
    out = list[bytes]()
    for folder, folders, names in os.walk(path, onerror=_unreadable):
        folders[:] = sorted(one for one in folders if not one.startswith(b"."))
        out += (os.path.join(folder, one) for one in sorted(names) if one.lower().endswith(SUFFIXES))
        if len(out) > MOST_FILES:
            raise UsageError(f"{shown} holds more than {MOST_FILES:,} files. Give the folder of the packs.")
    if not out:
        raise UsageError(f"{shown} holds no file named {', '.join(one.decode() for one in SUFFIXES)}.")
    return out


def _unreadable(error: OSError) -> None:
    raise UsageError(f"{locator.show(os.fsencode(error.filename))}: {error.strerror}.")


def register(
    case: Case,
    paths: Sequence[bytes],
    *,
    format: str = "",  # noqa: A002 - as the command line calls it
    private: bool = False,
    say: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
) -> list[PackFile]:
    """Commit that these files hold tags; return them, those that were known too. Errors: UsageError."""
    given = json.dumps({"say": say or {}, "columns": columns or {}}, sort_keys=True, separators=(",", ":"))
    known = {one.key: one for one in case.read(PackFile)}
    out: dict[bytes, PackFile] = {}
    for path in paths:
        one = _registered(path, format, given, private=private)
        other = known.get(one.key)
        if other and other.private != private:
            raise UsageError(
                f"{one.path} is in the case already, {'' if other.private else 'not '}as private. That stays: whoever"
                " reads the log must find it as it was."
            )
        out[one.key] = other or one
    new = [one for one in out.values() if one.key not in known]
    if new:
        started, clock = now(), time.monotonic()
        names = ",".join(sorted(one.key.hex() for one in new))
        recipe = Recipe(stage=STAGE, code="", params={"packfiles": names}, inputs={}, tools=tools())
        file = case.place(PackFile, recipe.id)
        outputs = {str(file.relative_to(case.folder)): write(of(PackFile, new), file)}
        case.commit(f"{STAGE}:{recipe.id}", record(recipe, started, clock, outputs, {STAGE: len(new)}))
    return list(out.values())


def _registered(path: bytes, format: str, given: str, *, private: bool) -> PackFile:  # noqa: A002 - as above
    real = os.path.realpath(path)
    shown = locator.show(path)
    try:
        fd = open_original(real)
    except OSError as error:
        raise UsageError(f"{shown}: {error.strerror}. Give the path of a file of tags, or of a folder.") from None
    with open(fd, "rb"):
        if not os.path.isfile(real):
            raise UsageError(f"{shown} is no file. Give the path of a file of tags, or of a folder.")
        return PackFile.make(
            path=locator.show(real),
            sha256=digest_of(fd),
            size_bytes=os.fstat(fd).st_size,
            format=format,
            given=given,
            private=private,
            added_at=now().isoformat(timespec="seconds"),
        )


def read(case: Case, files: Sequence[PackFile], engine: Engine, needs: Needs, watch: Watch) -> list[Pack]:
    """Read registered files, and log what came of them; what could not be read has no ``Pack``."""
    do(case, stage_named("packs"), engine, needs, watch)
    wanted = {one.key for one in files}
    out = [one for one in case.read(Pack) if one.file in wanted]
    logged = {entry.about["packfile"] for entry in case.custody.entries() if entry.act == "tags_added"}
    with case.custody.batch():
        for one in out:
            if one.file.hex() not in logged:
                about: dict[str, t.Any] = {"packfile": one.file.hex(), "sha256": one.sha256.hex(), "tags": one.tags}
                case.custody.append("tags_added", {**about, "actors": one.actors, "rejected": one.rejected})
    return out
