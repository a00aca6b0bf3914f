"""Listing what lies at a path, without following a link, without leaving its file system, without a trace."""

from __future__ import annotations

import os
import stat
import typing as t

from vigie.kernel.blob import time_of
from vigie.kernel.errors import UsageError
from vigie.rows import locator
from vigie.rows.evidence import Found, Item
from vigie.rows.problems import Problem
from vigie.rows.segments import following

if t.TYPE_CHECKING:
    from collections.abc import Iterator

STAGE = "walk"
MEDIA = b"/run/media"
"""Where many desktops mount what is plugged in."""


def refuse(path: bytes, case: bytes) -> None:
    """Refuse a path that is no evidence: the root of this machine, its kernel's file systems, or the case itself."""
    real, home = os.path.realpath(path), os.path.realpath(case)
    shown = locator.show(real)
    if not os.path.lexists(path):
        raise UsageError(f"{locator.show(path)} does not exist. Check the path and whether the medium is attached.")
    if os.path.islink(path):
        raise UsageError(f"{locator.show(path)} is a symbolic link. Give the path it points to: {shown}")
    for system in (b"/proc", b"/sys", b"/dev", b"/run"):
        if real.startswith(MEDIA + b"/"):
            break
        if real in (b"/", system) or real.startswith(system + b"/"):
            raise UsageError(f"{shown} belongs to this machine, not to a seizure. Image the medium and add the image.")
    if home == real or home.startswith(real.rstrip(b"/") + b"/"):
        raise UsageError(f"{shown} holds the case folder itself. Keep the case beside the evidence, not inside it.")
    if real.startswith(home + b"/"):
        raise UsageError(f"{shown} lies inside the case folder. Evidence stays outside; a case only points to it.")


def walk(item: Item) -> Iterator[Found | Problem]:
    """List an item: one ``Found`` for each regular file, a ``Problem`` for everything else that is no folder.

    Folders are gone through in the order of the bytes of their names, what lies in one as the file system gives it.
    """
    root = locator.read(item.path)
    status = os.lstat(root)
    if stat.S_ISREG(status.st_mode):
        yield _found(item, "", status)
        folder = os.path.dirname(root)
        for name in following(os.path.basename(root), _names(folder)):
            yield _found(item, locator.show(name), os.lstat(os.path.join(folder, name)))
    elif stat.S_ISDIR(status.st_mode):
        yield from _folder(item, root, b"", status.st_dev)
    else:
        raise UsageError(f"{item.path} is neither a file nor a folder. Image the medium and add the image.")


def _folder(item: Item, root: bytes, below: bytes, device: int) -> Iterator[Found | Problem]:
    waiting = [below]
    while waiting:
        below = waiting.pop()
        folders: list[bytes] = []
        try:
            for name in _names(os.path.join(root, below)):
                path = os.path.join(below, name)
                try:
                    row = _entry(item, root, path, device)
                except OSError as error:
                    yield _problem(item, path, "unreadable", error.strerror or "")
                    continue
                if row is None:
                    folders.append(path)
                else:
                    yield row
        except OSError as error:
            yield _problem(item, below, "unreadable", f"folder: {error.strerror}")
        waiting.extend(sorted(folders, reverse=True))


def _entry(item: Item, root: bytes, path: bytes, device: int) -> Found | Problem | None:
    """Return the row for one name of a folder; None for a folder that is to be gone into."""
    status = os.lstat(os.path.join(root, path))
    if stat.S_ISREG(status.st_mode):
        return _found(item, locator.show(path), status)
    if stat.S_ISLNK(status.st_mode):
        return _problem(item, path, "link", _target(os.path.join(root, path)), counts=False)
    if not stat.S_ISDIR(status.st_mode):
        return _problem(item, path, "special", _kind(status.st_mode), counts=False)
    if status.st_dev != device:
        return _problem(item, path, "special", "another file system is mounted here: add it by itself")
    return None


def _names(folder: bytes) -> Iterator[bytes]:
    """Yield the names in a folder as the file system gives them: one folder may hold millions."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        fd = os.open(folder, flags | os.O_NOATIME)
    except PermissionError:
        fd = os.open(folder, flags)
    try:
        with os.scandir(fd) as entries:
            for one in entries:
                yield os.fsencode(one.name)
    finally:
        os.close(fd)


def _found(item: Item, path: str, status: os.stat_result) -> Found:
    return Found.make(
        item=item.key,
        path=path,
        size_bytes=status.st_size,
        modified=time_of(status.st_mtime_ns),
        accessed=time_of(status.st_atime_ns),
        changed=time_of(status.st_ctime_ns),
    )


def _problem(item: Item, path: bytes, code: str, detail: str, *, counts: bool = True) -> Problem:
    subject = locator.join(locator.read(item.name), *([path] if path else []))
    return Problem.make(stage=STAGE, subject=subject, code=code, detail=detail, counts=counts, unit=item.key)


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFCHR: "character device",
        stat.S_IFBLK: "block device",
        stat.S_IFIFO: "pipe",
        stat.S_IFSOCK: "socket",
    }
    return kinds.get(stat.S_IFMT(mode), "special file")


def _target(path: bytes) -> str:
    """Say where a link leads, unless reading that would change its access time: no ``O_NOATIME`` does it for links."""
    if os.statvfs(os.path.dirname(path)).f_flag & (os.ST_RDONLY | os.ST_NOATIME):
        return f"to {locator.show(os.readlink(path))[:300]}"
    return "not read, which would change its access time here; attach the evidence read-only to have its target"
