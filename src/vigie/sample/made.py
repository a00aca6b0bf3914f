"""What is to be made: families, their members, and what a made file turned out to be."""

import typing as t
from pathlib import Path

import msgspec

Size = t.Literal["small", "medium", "large"]
Kind = t.Literal["image", "video"]
Role = t.Literal["listed", "absent", "new", "benign", "conflict", "withdrawn"]
"""``listed``: the original's digest and its fingerprint are on lists. ``absent``: the original is not in the
evidence and only its fingerprint is on a list. ``benign``: on the known-good list. ``conflict``: on both.
``withdrawn``: a list named it and took it back, so it counts as new."""
Steps = tuple[bytes, ...]
"""Steps of a locator: item name, path in it, path in the container at that path, and so on."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One file to be made from a drawing."""

    edit: str
    """Name in ``edits.EDITS`` or ``video_edits.EDITS``."""
    copy: bool
    """Is it a second file with the bytes of an earlier member of the same edit?"""
    steps: Steps
    deleted: bool = False
    """In a disk image: is its directory entry marked as deleted?"""


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """One drawing and the files that are made from it; ``name`` is unique."""

    name: str
    kind: Kind
    index: int
    role: Role
    camera: int
    """Number of the made-up camera body, or -1: the files say nothing of a camera."""
    small: bool
    """Is it a video of the least size and length (samples of many videos)?"""
    members: tuple[Member, ...]


class Print(msgspec.Struct, frozen=True, kw_only=True):
    """One PDQ hash as a list gives it: frame number, time in s, 32 bytes in text order, quality 0-100."""

    frame: int
    at_s: float
    value: bytes
    quality: int


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """The stretch of a listed video that a compilation shows, in both, s; nothing where it is no compilation."""

    start_s: float = 0.0
    end_s: float = 0.0
    known_start_s: float = 0.0
    known_end_s: float = 0.0


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was made: where its bytes lie now, what they are, what is true of them."""

    steps: Steps
    bytes_at: Path
    size_bytes: int
    md5: bytes
    sha1: bytes
    sha256: bytes
    kind: str
    modified: int
    """Seconds since 1970, UTC."""
    family: str = ""
    edit: str = ""
    standing: str = ""
    problem: str = ""
    reachable: bool = False
    deleted: bool = False
    span: Span = Span()


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """What lists say of a family: digests and hashes of its original, which need not be in the evidence."""

    name: str
    index: int
    kind: str
    role: Role
    size_bytes: int
    md5: bytes
    sha1: bytes
    sha256: bytes
    path: str
    prints: tuple[Print, ...]


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """All that came of one family."""

    made: tuple[Made, ...]
    original: Original


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What ``make`` wrote."""

    folder: Path
    evidence: tuple[Path, ...]
    lists: tuple[Path, ...]
    list_options: dict[str, dict[str, str]]
    """File name of a list -> options of ``vigie lists add``, paths from ``folder``."""
    truth: Path
    files: int
    images: int
    videos: int
    families: int
    problems: int
    bytes: int
    standings: dict[str, int]
    accounts: int
    """Of all forums."""
    forums: int
    people: tuple[Path, ...]
    """Truth about accounts, pairs of accounts, identifiers, uploads, payments, and the chain: files named after their
    tables."""
    transactions: int
    """Of the practice chain, coinbases apart ..."""
    height: int
    """... and of its last block."""
    blocks: Path
    """Folder of its block files, as a node keeps them."""
