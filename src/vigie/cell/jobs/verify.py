"""Read a disk image whole: its digests, those stored in it, and for E01 the checksum of every chunk.

libewf does not report damage: a chunk whose checksum fails comes back as zeros (reference/evidence.md 1.6), which a
digest does not tell where it held zeros, and nothing tells where no digest is stored. So an E01 is read by
``containers.ewf``, which does.
"""

from __future__ import annotations

import hashlib
import typing as t
from collections.abc import Iterator

import pyewf

from vigie.cell.containers import ewf, media
from vigie.cell.containers.entry import CHUNK, Broken
from vigie.cell.containers.ewf_sections import Damage
from vigie.cell.containers.sectors import LIBRARY_ERRORS, Sectors, Seekable, Segments
from vigie.cell.containers.walk import clean
from vigie.cell.job import Bench, Job, Refused
from vigie.cell.jobs.expand import opened
from vigie.rows.content_types import is_disk, unsupported
from vigie.rows.wire import Integrity, Verify


def run(ask: Verify, bench: Bench) -> None:
    """Send one ``Integrity``. Raises Refused ``segment_missing``, ``unsupported`` or ``damaged``."""
    if not is_disk(ask.content_type):
        raise Refused("unsupported", unsupported(ask.content_type) or f"{ask.content_type} is no disk image")
    with opened(ask.paths, bench) as files:
        try:
            found = _ewf(files) if ask.content_type == "application/x-ewf" else _other(files, ask.content_type)
        except Broken as error:
            raise Refused(error.code, clean(error.detail)) from error
        except LIBRARY_ERRORS as error:
            raise Refused("damaged", clean(f"{type(error).__name__}: {error}")) from error
        bench.send(found)


def _ewf(files: list[t.BinaryIO]) -> Integrity:
    image = ewf.Image(files)
    computed = _computed(image.chunks())
    return _integrity(len(files), image.size, image.stored, computed, image.damage)


def _other(files: list[t.BinaryIO], content_type: str) -> Integrity:
    disk = media.open_media(files, content_type)
    stored = _stored(files) if content_type == "application/x-ewf2" else {}
    return _integrity(len(files), disk.size, stored, _computed(_pieces(disk)), Damage())


def _integrity(segments: int, size: int, stored: dict[str, str], computed: dict[str, str], damage: Damage) -> Integrity:
    return Integrity(
        segments=segments,
        media_bytes=size,
        stored_md5=clean(stored.get("md5", ""))[:128],
        stored_sha1=clean(stored.get("sha1", ""))[:128],
        computed_md5=computed["md5"],
        computed_sha1=computed["sha1"],
        computed_sha256=computed["sha256"],
        damaged=damage.count,
        damage=clean(str(damage)),
    )


def _stored(files: list[t.BinaryIO]) -> dict[str, str]:
    """Return the digests that an Ex01 says its media have, hexadecimal in lower case."""
    handle = pyewf.handle()
    handle.open_file_objects([Seekable(Segments([file])) for file in files])
    return {name.lower(): value.lower() for name, value in handle.get_hash_values().items()}


def _pieces(disk: Sectors) -> Iterator[bytes]:
    at = 0
    while at < disk.size:
        piece = disk.read_at(at, min(CHUNK, disk.size - at))
        if not piece:
            raise Broken("truncated", f"{disk.size - at} of {disk.size} bytes cannot be read")
        yield piece
        at += len(piece)


def _computed(pieces: Iterator[bytes]) -> dict[str, str]:
    digests = {
        "md5": hashlib.md5(usedforsecurity=False),
        "sha1": hashlib.sha1(usedforsecurity=False),
        "sha256": hashlib.sha256(),
    }
    for piece in pieces:
        for digest in digests.values():
            digest.update(piece)
    return {name: digest.hexdigest() for name, digest in digests.items()}


def warm() -> None:
    """Nothing is loaded late: the libraries are imported by name above."""


JOB = Job(ask=Verify, run=run, warm=warm, opens=True)
