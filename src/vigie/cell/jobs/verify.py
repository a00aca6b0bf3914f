"""Read a disk image whole and compare it with the digests stored in it.

Readers of E01 do not report damage: a chunk whose checksum fails comes back as zeros (reference/evidence.md 1.6).
Only reading all of it and comparing finds that, so that is what is done.
"""

from __future__ import annotations

import hashlib
import typing as t

import pyewf

from vigie.cell.containers import media
from vigie.cell.containers.entry import CHUNK, Broken
from vigie.cell.containers.sectors import LIBRARY_ERRORS, Sectors, Seekable, Segments
from vigie.cell.containers.walk import clean
from vigie.cell.job import Bench, Job, Refused
from vigie.cell.jobs.expand import opened
from vigie.rows.content_types import is_disk, unsupported
from vigie.rows.wire import Integrity, Verify

_EWF = ("application/x-ewf", "application/x-ewf2")


def run(ask: Verify, bench: Bench) -> None:
    """Send one ``Integrity``. Raises Refused ``segment_missing``, ``unsupported`` or ``damaged``."""
    if not is_disk(ask.content_type):
        raise Refused("unsupported", unsupported(ask.content_type) or f"{ask.content_type} is no disk image")
    with opened(ask.paths, bench) as files:
        try:
            disk = media.open_media(files, ask.content_type)
            stored = _stored(files) if ask.content_type in _EWF else {}
            computed = _computed(disk)
        except Broken as error:
            raise Refused(error.code, clean(error.detail)) from error
        except LIBRARY_ERRORS as error:
            raise Refused("damaged", clean(f"{type(error).__name__}: {error}")) from error
        bench.send(
            Integrity(
                segments=len(files),
                media_bytes=disk.size,
                stored_md5=clean(stored.get("MD5", ""))[:128],
                stored_sha1=clean(stored.get("SHA1", ""))[:128],
                computed_md5=computed["md5"],
                computed_sha1=computed["sha1"],
                computed_sha256=computed["sha256"],
            )
        )


def _stored(files: list[t.BinaryIO]) -> dict[str, str]:
    """Return the digests that an E01 says its media have, hexadecimal in lower case."""
    handle = pyewf.handle()
    handle.open_file_objects([Seekable(Segments([file])) for file in files])
    return {name: value.lower() for name, value in handle.get_hash_values().items()}


def _computed(disk: Sectors) -> dict[str, str]:
    digests = {
        "md5": hashlib.md5(usedforsecurity=False),
        "sha1": hashlib.sha1(usedforsecurity=False),
        "sha256": hashlib.sha256(),
    }
    at = 0
    while at < disk.size:
        chunk = disk.read_at(at, min(CHUNK, disk.size - at))
        if not chunk:
            raise Broken("truncated", f"{disk.size - at} of {disk.size} bytes cannot be read")
        for digest in digests.values():
            digest.update(chunk)
        at += len(chunk)
    return {name: digest.hexdigest() for name, digest in digests.items()}


def warm() -> None:
    """Nothing is loaded late: the libraries are imported by name above."""


JOB = Job(ask=Verify, run=run, warm=warm, opens=True)
