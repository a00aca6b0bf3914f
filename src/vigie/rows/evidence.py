"""Room 1, evidence: what was seized, as it was found, and what it says of its own integrity."""

import datetime as dt
import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Key, Md5, Of, Row, Sha1, Sha256

Verdict = t.Literal["verified", "mismatch", "damaged", "no_stored_hash"]
VERIFIED: tuple[Verdict, ...] = t.get_args(Verdict)
DOUBTFUL: tuple[Verdict, ...] = ("mismatch", "damaged")
"""Gone on with only where the examiner says so."""


class Item(Row, frozen=True, kw_only=True):
    """One thing that was taken in by one ``vigie add``: a folder, a file, an image with its segments."""

    NATURAL: ClassVar[tuple[str, ...]] = ("name",)
    name: t.Annotated[str, Examples(("disk1.E01", "server"))]
    """Unique in the case; the first step of every locator below it."""
    path: str
    """Where it lay when it was taken in, shown as ``rows.locator`` shows a step."""
    kind: t.Annotated[str, Examples(("folder", "file"))]
    taken_in_at: dt.datetime
    examiner: str


class Found(Row, frozen=True, kw_only=True):
    """One regular file of an item as the file system lists it, before anything was read."""

    NATURAL: ClassVar[tuple[str, ...]] = ("item", "path")
    item: t.Annotated[Key, Of("item")]
    path: t.Annotated[str, Examples(("up/a.jpg", "up/b.zip"))]
    """Relative to the item, shown as ``rows.locator`` shows a step; ``""`` where the item is one file."""
    size_bytes: int
    modified: dt.datetime | None
    accessed: dt.datetime | None
    changed: dt.datetime | None
    """None: a time before the year 1 or after 9999."""


class Original(Row, frozen=True, kw_only=True):
    """One file of an item as it lies on the examiner's disk: a line of the manifest."""

    NATURAL: ClassVar[tuple[str, ...]] = ("item", "path")
    found: t.Annotated[Key, Of("found")]
    """The line of the listing that it was read from."""
    item: t.Annotated[Key, Of("item")]
    path: t.Annotated[str, Examples(("up/a.jpg", "up/b.zip"))]
    """Relative to the item, shown as ``rows.locator`` shows a step; ``""`` where the item is one file."""
    size_bytes: int
    md5: Md5
    sha1: Sha1
    sha256: Sha256
    content_type: t.Annotated[str, Examples(("image/jpeg", "application/zip"))]
    modified: dt.datetime | None
    accessed: dt.datetime | None
    changed: dt.datetime | None


class Verification(Row, frozen=True, kw_only=True):
    """What a container says of its own content, and what was computed when it was taken in."""

    NATURAL: ClassVar[tuple[str, ...]] = ("original",)
    original: t.Annotated[Key, Of("original")]
    verdict: t.Annotated[str, Examples(VERIFIED)]
    segments: int
    media_bytes: int
    stored_md5: str
    stored_sha1: str
    computed_md5: str
    computed_sha1: str
    computed_sha256: str
    damaged: int
    """Chunks and structures whose own checksum fails, whatever the digests of the whole say."""
    damage: t.Annotated[str, Examples(("chunk 5 (sectors 320 to 383): its checksum fails",))]
    """The first of them in words; ``""`` where there is none."""
