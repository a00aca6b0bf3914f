"""Taking files of tags in: register them, read them for the case, log what came of each."""

from __future__ import annotations

import json
import os
import typing as t

from vigie.kernel.errors import UsageError
from vigie.kernel.evaluate import do, stage_named
from vigie.kernel.handed_over import commit, opened
from vigie.kernel.table import Table
from vigie.rows import locator
from vigie.rows.problems import Problem
from vigie.rows.tags import Pack, PackFile

if t.TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

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
        commit(case, STAGE, PackFile, new, packfiles=_keys(new))
    return list(out.values())


def _registered(path: bytes, format: str, given: str, *, private: bool) -> PackFile:  # noqa: A002 - as above
    with opened(path, "a file of tags, or of a folder") as one:
        return PackFile.make(format=format, given=given, private=private, **one.about)


def _keys(files: Iterable[PackFile]) -> str:
    return ",".join(sorted(one.key.hex() for one in files))


def read(
    case: Case, files: Sequence[PackFile], engine: Engine, needs: Needs, watch: Watch
) -> tuple[list[Pack], list[Problem]]:
    """Read registered files, log what came of them, and return it with why others could not be read.

    A file that could not be read is in the case no longer: whoever mends it adds what is another file then.
    """
    do(case, stage_named("packs"), engine, needs, watch)
    wanted = {one.key for one in files}
    out = [one for one in case.read(Pack) if one.file in wanted]
    unread = wanted - {one.file for one in out}
    problems = [one for one in case.read(Problem) if one.unit in unread and one.counts]
    if unread:
        _leave_out(case, unread)
        do(case, stage_named("packs"), engine, needs, watch)
    logged = {entry.about["packfile"] for entry in case.custody.entries() if entry.act == "tags_added"}
    with case.custody.batch():
        for one in out:
            if one.file.hex() not in logged:
                about: dict[str, t.Any] = {"packfile": one.file.hex(), "sha256": one.sha256.hex(), "tags": one.tags}
                case.custody.append("tags_added", {**about, "actors": one.actors, "rejected": one.rejected})
        for problem in problems:
            sha256 = next(one.sha256 for one in files if one.key == problem.unit)
            case.custody.append("tags_refused", {"sha256": sha256.hex(), "code": problem.code})
    return out, problems


def _leave_out(case: Case, unread: Collection[bytes]) -> None:
    """Make files count no longer."""
    for label, run in case.counting().items():
        held = Table(PackFile, files=[case.checked(run, name) for name in run.files(PackFile.table())]).rows()
        left = [one for one in held if one.key not in unread]
        if len(left) < len(held):
            commit(case, STAGE, PackFile, left, label, packfiles=_keys(left), instead_of=run.id)
