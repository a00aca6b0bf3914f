"""Files into their containers, deepest first: zip, tar.gz, 7z, disk image; each the same bytes every time."""

import datetime as dt
import gzip
import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import py7zr

from vigie.sample.fat import Content, write_image
from vigie.sample.made import Made, Steps
from vigie.sample.places import PARTITION
from vigie.sample.store import FOLDER, Store

SERIAL = 0x5649_4745
_READABLE = 0o100644 << 16


def pack(store: Store, made: Iterable[Made]) -> list[Made]:
    """Write every container that the made files lie in; return what the containers themselves are."""
    groups: dict[Steps, list[Made]] = {}
    for one in made:
        if store.place(one.steps) is None:
            groups.setdefault(one.steps[:-1], []).append(one)
    containers: list[Made] = []
    for depth in range(max(map(_layers, groups), default=0), 0, -1):
        for steps in sorted(steps for steps in groups if _layers(steps) == depth):
            box = _box(store, steps, groups.pop(steps))
            containers.append(box)
            if store.place(box.steps) is None:
                groups.setdefault(box.steps[:-1], []).append(box)
    return containers


def _layers(steps: Steps) -> int:
    """Return how many containers these steps open; a partition is no container of its own."""
    return len(steps) - (steps[0] == FOLDER) - (PARTITION in steps)


def _box(store: Store, steps: Steps, members: Sequence[Made]) -> Made:
    partition = steps[-1] == PARTITION
    steps = steps[:-1] if partition else steps
    path = store.place(steps) or store.aside / f"box-{'!'.join(step.hex() for step in steps)[-200:]}"
    path.parent.mkdir(parents=True, exist_ok=True)
    members = sorted(members, key=lambda member: member.steps)
    if partition:
        _disk(path, members)
    else:
        _WRITERS[Path(os.fsdecode(steps[-1])).suffix](path, members)
    newest = max(member.modified for member in members)
    return store.took(steps, path, modified=newest, kind="container")


def _disk(path: Path, members: Sequence[Made]) -> None:
    contents = [
        Content(
            path=member.steps[-1].decode(),
            bytes_at=member.bytes_at,
            size_bytes=member.size_bytes,
            modified=member.modified,
            deleted=member.deleted,
        )
        for member in members
    ]
    write_image(path, contents, serial=SERIAL, label="VIGIE")


def _zip(path: Path, members: Sequence[Made]) -> None:
    with zipfile.ZipFile(path, "w") as out:
        for member in members:
            at = dt.datetime.fromtimestamp(member.modified, dt.UTC)
            info = zipfile.ZipInfo(member.steps[-1].decode(), at.timetuple()[:6])
            info.external_attr = _READABLE
            info.create_system = 3
            with member.bytes_at.open("rb") as source, out.open(info, "w", force_zip64=False) as target:
                shutil.copyfileobj(source, target, 1 << 20)


def _tar(path: Path, members: Sequence[Made]) -> None:
    with (
        path.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as out,
    ):
        for member in members:
            info = tarfile.TarInfo(member.steps[-1].decode())
            info.size, info.mtime, info.mode = member.size_bytes, member.modified, 0o644
            with member.bytes_at.open("rb") as source:
                out.addfile(info, source)


def _7z(path: Path, members: Sequence[Made]) -> None:
    with py7zr.SevenZipFile(path, "w", filters=[{"id": py7zr.FILTER_COPY}]) as out:
        for member in members:
            os.utime(member.bytes_at, (member.modified, member.modified))
            out.write(member.bytes_at, member.steps[-1].decode())


_WRITERS: dict[str, Callable[[Path, Sequence[Made]], None]] = {".zip": _zip, ".gz": _tar, ".7z": _7z}
