"""Files as they really come: cut off, empty, misnamed, encrypted, with names that lie. Each says its Problem."""

import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

from vigie.sample.drawing import draw, generator
from vigie.sample.edits import apply
from vigie.sample.made import Made
from vigie.sample.store import FOLDER, Store
from vigie.sample.zipcrypto import encrypted_zip

MODIFIED = 1_710_000_000
UP = b"var/www/uploads/broken/"
PASSWORD = b"okari"
LOCAL_HEADER_BYTES = 30
"""Of a zip member, before its name (APPNOTE 4.3.7)."""


def damaged(store: Store, seed: int) -> list[Made]:
    """Write them, loose on the server; return what each is, members of hand-made archives included."""
    return [*_media(store, seed), *_names(store, seed), *_archives(store, seed), *_links(store)]


def _picture(seed: int, number: int, edit: str = "original") -> bytes:
    rng = generator(seed, "foreign", 2, number)
    return apply(draw(rng, 480, 360), edit, rng, None)


def _media(store: Store, seed: int) -> Iterator[Made]:
    """Files that are known by their first bytes and end or break before their time."""
    whole = _picture(seed, 0)
    yield _put(store, b"half.jpg", whole[: len(whole) // 2], kind="image", standing="new", problem="truncated")
    head = whole[: whole.index(b"\xff\xda")]
    yield _put(store, b"header-only.jpg", head, kind="image", standing="new", problem="decode_error")
    png = _picture(seed, 1, "png")
    yield _put(store, b"cut.png", png[: len(png) // 3], kind="image", standing="new", problem="truncated")
    # ISO base media: a file type box, then media data without end and no index, as an interrupted upload leaves it
    movie = b"\0\0\0\x18ftypisom\0\0\2\0isomavc1" + b"\0\1\0\0mdat" + generator(seed, "foreign", 3).bytes(9000)
    yield _put(store, b"interrupted.mp4", movie, kind="video", standing="new", problem="decode_error")
    yield _put(store, b"empty.jpg", b"", problem="empty")
    yield _put(store, b"random.jpg", generator(seed, "foreign", 4).bytes(5000))
    yield _put(store, b"not-found.jpg", b"<!DOCTYPE html>\n<html><body>404 not found</body></html>\n")


def _names(store: Store, seed: int) -> Iterator[Made]:
    """Whole pictures under names that say something else, or that are no text at all."""
    yield _whole(store, seed, 5, b"readme.txt", "png")
    yield _whole(store, seed, 6, b"caf\xe9-\xff.jpg", "original")
    yield _whole(store, seed, 7, b"no extension at all", "webp")
    yield _whole(store, seed, 8, b"bang!back\\slash.jpg", "original")


def _whole(store: Store, seed: int, number: int, name: bytes, edit: str) -> Made:
    return _put(
        store,
        name,
        _picture(seed, number, edit),
        kind="image",
        family=f"single-{number:05d}",
        edit="original",
        standing="new",
        reachable=True,
    )


def _archives(store: Store, seed: int) -> Iterator[Made]:
    """Write archives that are locked, broken, or whose members' names climb out of them."""
    inside = _picture(seed, 9)
    salt = generator(seed, "foreign", 5).bytes(11)
    locked = encrypted_zip(b"locked.jpg", inside, password=PASSWORD, salt=salt)
    yield _put(store, b"locked.zip", locked, kind="container")
    yield _member(b"locked.zip", b"locked.jpg", inside, problem="encrypted")
    climbing = _picture(seed, 10)
    yield _put(store, b"climbing.zip", _zip({"../../etc/climbing.jpg": climbing}), kind="container")
    yield _member(b"climbing.zip", b"../../etc/climbing.jpg", climbing, problem="traversal", number=10)
    spoilt = bytearray(_zip({"spoilt.txt": b"the checksum of this text is wrong\n"}))
    spoilt[spoilt.index(b"wrong")] ^= 1
    text = b"the checksum of this text is vrong\n"
    yield _put(store, b"spoilt.zip", bytes(spoilt), kind="container")
    yield _member(b"spoilt.zip", b"spoilt.txt", text, problem="bad_checksum")
    cut = _zip({"cut.jpg": _picture(seed, 11)})
    half = cut[: len(cut) // 2]
    yield _put(store, b"cut.zip", half, kind="container", problem="truncated")
    # Its local header stands, so what is left of the picture is there for whoever looks without the directory.
    yield _member(b"cut.zip", b"cut.jpg", half[LOCAL_HEADER_BYTES + len("cut.jpg") :], problem="truncated")


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, (2024, 3, 9, 16, 0, 0))
            info.create_system = 3
            archive.writestr(info, data)
    return out.getvalue()


def _links(store: Store) -> Iterator[Made]:
    """Lay a link that leaves the evidence. It has no content, so no digest either."""
    path = store.evidence / os.fsdecode(FOLDER) / os.fsdecode(UP) / "etc"
    path.symlink_to("/etc")
    yield Made(
        steps=(FOLDER, UP + b"etc"),
        bytes_at=path,
        size_bytes=0,
        md5=b"",
        sha1=b"",
        sha256=b"",
        kind="other",
        modified=MODIFIED,
        problem="link",
    )


def _put(store: Store, name: bytes, data: bytes, *, kind: str = "other", **truth: str | bool) -> Made:
    return store.put((FOLDER, UP + name), data, modified=MODIFIED, kind=kind, **truth)


def _member(archive: bytes, name: bytes, data: bytes, *, problem: str, number: int = 0) -> Made:
    """Say what a member of a hand-made archive is; its bytes lie nowhere else."""
    picture = bool(number) or data.startswith(b"\xff\xd8")
    readable = picture and problem not in ("encrypted", "truncated")
    return Made(
        steps=(FOLDER, UP + archive, name),
        bytes_at=Path(os.devnull),
        size_bytes=len(data),
        md5=hashlib.md5(data, usedforsecurity=False).digest(),
        sha1=hashlib.sha1(data, usedforsecurity=False).digest(),
        sha256=hashlib.sha256(data).digest(),
        kind="image" if picture else "other",
        modified=MODIFIED,
        problem=problem,
        family=f"single-{number:05d}" if readable else "",
        edit="original" if readable else "",
        standing="new" if picture and problem != "encrypted" else "",
        reachable=readable,
    )
