"""Room 2, artefacts: the files that were found, at any depth, and what their media say of themselves."""

import datetime as dt
import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Key, Md5, Of, Row, Sha1, Sha256

Kind = t.Literal["image", "video", "container", "database", "wallet", "other"]
KINDS: tuple[Kind, ...] = t.get_args(Kind)
Origin = t.Literal["allocated", "deleted", "orphan"]
ORIGINS: tuple[Origin, ...] = t.get_args(Origin)

EXTENTS = ("whole", "cut", "open", "damaged")
CONTENTS = tuple(bytes([i]) * 32 for i in range(6))
"""A few content digests: generated rows draw from them, so that they meet."""


class File(Row, frozen=True, kw_only=True):
    """One file, at whatever depth: in a folder, in a file system of an image, in an archive in either."""

    NATURAL: ClassVar[tuple[str, ...]] = ("locator",)
    locator: t.Annotated[str, Examples(("server!a.jpg", "disk1.E01!p2!/b.zip!c.jpg"))]
    item: t.Annotated[Key, Of("item")]
    original: t.Annotated[Key, Of("original")]
    container: t.Annotated[str, Of("file", by="locator")]
    """Locator of the archive or image it was found in; ``""`` for a file of a folder."""
    name: str
    """Last step of the path, as shown."""
    depth: int
    """How many containers lie round it."""
    size_bytes: int
    md5: Md5
    sha1: Sha1
    sha256: t.Annotated[Sha256, Examples(CONTENTS)]
    content_type: t.Annotated[str, Examples(("image/jpeg", "video/mp4", "application/zip"))]
    kind: t.Annotated[str, Examples(KINDS)]
    origin: t.Annotated[str, Examples(ORIGINS)]
    modified: dt.datetime | None
    accessed: dt.datetime | None
    changed: dt.datetime | None
    created: dt.datetime | None
    times_from: str
    """What the times mean: ``posix``, ``ntfs``, ``fat-local``, ``zip-local``, ``tar`` ..."""


class Tally(Row, frozen=True, kw_only=True):
    """How many entries a container says it has, beside how many its reader met: a second count behind the first."""

    NATURAL: ClassVar[tuple[str, ...]] = ("container",)
    container: t.Annotated[str, Examples(("server!b.zip", "disk1.E01!p2"))]
    """Locator of the archive, or of the volume in an image."""
    item: t.Annotated[Key, Of("item")]
    original: t.Annotated[Key, Of("original")]
    by: t.Annotated[str, Examples(("zip end record", "NTFS $MFT bitmap"))]
    """What in the container says so."""
    said: int
    """Entries in use, less those that are nobody's files by the format's rules: ``docs/containers.md``."""
    met: int


class Bundle(Row, frozen=True, kw_only=True):
    """A dump that lies in several files of one folder: some say what its tables are, others hold their rows."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content",)
    content: t.Annotated[Sha256, Examples(CONTENTS)]
    """SHA-256 over a line for each of its files, in order of name: the name, NUL, its SHA-256 in hexadecimal, LF."""
    form: t.Annotated[str, Examples(("mysql-tab", "postgres-directory"))]
    """Who writes such: ``mysqldump --tab``; ``pg_dump -Fd`` or ``-Ft``."""
    folder: t.Annotated[str, Examples(("server!dump/", "disk1.E01!p2!/b.tar!"))]
    """Where it lies: what the locators of its files begin with."""
    files: int
    size_bytes: int


class BundleFile(Row, frozen=True, kw_only=True):
    """One file of a dump that lies in several."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content", "name", "locator")
    content: t.Annotated[Sha256, Of("bundle", by="content"), Examples(CONTENTS)]
    name: t.Annotated[str, Examples(("toc.dat", "users.sql", "users.txt"))]
    """In the folder, without the ending of what it is packed with."""
    of: t.Annotated[str, Examples(("", "toc.dat", "users.sql"))]
    """File that says of which table the rows in it are; ``""``: it is such a file itself."""
    locator: t.Annotated[str, Of("file", by="locator"), Examples(("server!dump/users.sql",))]
    sha256: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    size_bytes: int


class Relation(Row, frozen=True, kw_only=True):
    """A table of a database, as its dump declares it, and how many rows the dump holds of it."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content", "name")
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    name: t.Annotated[str, Examples(("phpbb_users", "public.posts"))]
    """As in the dump, with its schema where that names one."""
    dialect: t.Annotated[str, Examples(("mysql",))]
    place: int
    """Byte of the dump at which it is declared."""
    again: int
    """Byte at which it is declared for the last time, where that is not the first: rows before are of an older state;
    0: once."""
    fields: int
    """Columns."""
    rows: int
    """Rows that have as many values as there are columns."""
    misfits: int
    """Rows that have not; they can be read in no way that is sure."""
    said_next: int
    """``AUTO_INCREMENT``: the number that the next row would have had; 0 where the dump does not say.

    Far above ``rows``: rows were deleted, or are missing.
    """
    extent: t.Annotated[str, Examples(EXTENTS)]
    """``whole``: the dump goes on behind its rows, or says that it ends here. ``cut``: the dump is cut off in it, or
    before its rows. ``open``: it comes last, and nothing says whether the dump is whole. ``damaged``: some of what
    stands for its rows was passed over."""
    beside: t.Annotated[str, Examples(("", "users.txt"))] = ""
    """File beside the one that declares it in which its rows lie; ``""``: in the same."""


class Field(Row, frozen=True, kw_only=True):
    """A column of a table of a database."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content", "relation", "number")
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    relation: t.Annotated[str, Examples(("phpbb_users", "public.posts"))]
    number: int
    """Place in the table, from 0."""
    name: t.Annotated[str, Examples(("user_id", "username", "user_ip"))]
    type: t.Annotated[str, Examples(("int(10) unsigned", "varchar(40)", "inet"))]
    """As declared, in lower case."""


class Media(Row, frozen=True, kw_only=True):
    """What one image or video content says of itself. Empty text and None: it does not say."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content",)
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    kind: t.Annotated[str, Examples(("image", "video"))]
    format: str
    width_px: int
    height_px: int
    frames: int
    duration_s: float
    codec: str
    orientation: int
    """EXIF orientation 1-8, or the display matrix of a video as such; 1 where nothing is said."""
    camera_make: t.Annotated[str, Examples(("", "Lumen"))]
    camera_model: t.Annotated[str, Examples(("", "L-3"))]
    camera_serial: t.Annotated[str, Examples(("", "0042"))]
    lens: str
    software: str
    encoder: t.Annotated[str, Examples(("", "Lavf62"))]
    taken: str
    """Date and time as the file gives them, with no zone added."""
    latitude: float | None
    longitude: float | None
    decoder: str
    """Decoder library and version that read the pixels."""
