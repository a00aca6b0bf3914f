"""The line between the house and the cell: what may be asked, what may come back, and how large it may be.

A message is a 4-byte big-endian length and that many bytes of msgpack, strictly typed. Asks go house -> cell,
replies cell -> house. A reply is hostile until it has been decoded here: every length and number is bounded
before anything is allocated for it, and text is bounded again and cleaned by whoever shows it.
"""

from __future__ import annotations

import typing as t

import msgspec

from vigie.rows.blocks import KEY_BYTES
from vigie.rows.fingerprints import VARIANTS
from vigie.rows.people import SECRETS
from vigie.rows.sightings import ENCODINGS
from vigie.rows.wallets import WALLET_SECRETS

MOST_REPLY_BYTES = (1 << 20) + 4096
"""A data chunk of 1 MiB and its envelope."""
MOST_ASK_BYTES = 1 << 26
CHUNK_BYTES = 1 << 20

Name = t.Annotated[bytes, msgspec.Meta(max_length=4096)]
Text = t.Annotated[str, msgspec.Meta(max_length=1024)]
Short = t.Annotated[str, msgspec.Meta(max_length=128)]
Count = t.Annotated[int, msgspec.Meta(ge=0, le=1 << 62)]
Small = t.Annotated[int, msgspec.Meta(ge=0, le=1 << 31)]
Micros = t.Annotated[int, msgspec.Meta(ge=-62135596800_000000, le=253402300799_999999)]
"""Microseconds since 1970 in UTC, years 1 to 9999."""
Ratio = t.Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Seconds = t.Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)]
Digest16 = t.Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
Digest20 = t.Annotated[bytes, msgspec.Meta(min_length=20, max_length=20)]
Digest32 = t.Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


Mille = t.Annotated[int, msgspec.Meta(ge=0, le=1000)]
"""Thousandths of a side."""


class Box(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a picture, in thousandths of its sides."""

    left: Mille
    top: Mille
    width: Mille
    height: Mille


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """Base of everything that crosses the line."""


# ---------------------------------------------------------------------------------------------- asks
class Ask(Message, frozen=True, kw_only=True):
    """Base of what the house asks. Its descriptors travel beside it."""


class Look(Ask, frozen=True, kw_only=True):
    """Digest and identify each file given by descriptor; answers one ``Seen`` (or ``Trouble``) each."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much one container may unfold to."""

    depth: int = 8
    """Containers inside containers."""
    members: int = 5_000_000
    total_bytes: int = 1 << 44
    member_bytes: int = 1 << 40
    ratio: int = 1000
    """Unfolded bytes per byte of the container, counted from ``free_bytes`` on."""
    free_bytes: int = 256 << 20


class Expand(Ask, frozen=True, kw_only=True):
    """Walk one container and everything in it. The container is the first descriptor or ``paths``.

    Answers, in an order that is the same each time: one ``Member`` for each file at any depth, ``Trouble`` for
    what could not be read, ``Tallied`` where a container says how many it holds. ``want``: steps of the members
    whose bytes are asked for; then only those are answered, each ``Member`` followed by ``Data`` until one with
    ``last``, and a container is opened only where its steps begin the steps of a wanted member. ``skip`` and
    ``lose`` count within a walk of the same ``want``.
    """

    content_type: Short
    paths: list[Name] = []
    """Real paths of image segments in order, for readers that open by path."""
    want: list[list[Name]] | None = None
    skip: Count = 0
    """Members with a smaller number have been answered before: do not answer them again, nor read them."""
    lose: list[Count] = []
    """Numbers at which an earlier cell died: do not read these, answer ``Trouble`` ``crashed``."""
    secrets: list[bytes] = []
    """Keys the examiner gave for encrypted volumes; never logged."""
    bounds: Bounds = Bounds()


class Verify(Ask, frozen=True, kw_only=True):
    """Read a disk image whole; answers one ``Integrity``."""

    content_type: Short
    paths: list[Name]


class Decode(Ask, frozen=True, kw_only=True):
    """Decode one still (first descriptor): answers one ``Facts``, ``Print``, ``Varied`` and ``Parts`` each."""

    content_type: Short
    most_pixels: int = 100_000_000


class Compare(Ask, frozen=True, kw_only=True):
    """Lay one still (first descriptor) over another one (second): answers one ``Laid``."""

    content_types: tuple[Short, Short]
    parts: tuple[Box | None, Box | None] = (None, None)
    """What to compare of each; None: all."""
    most_pixels: int = 100_000_000


KEY_APART_S = 4.0


class Watch(Ask, frozen=True, kw_only=True):
    """Decode one video (first descriptor): answers one ``Facts`` and its ``Print``s."""

    content_type: Short
    sampling: t.Literal["key", "dense"] = "key"
    key_apart_s: Seconds = KEY_APART_S
    """Of key frames, the first in each so many seconds, or in each sixteenth of a short film; 0: all."""
    most_pixels: int = 100_000_000
    most_prints: int = 100_000


class Survey(Ask, frozen=True, kw_only=True):
    """List the tables of a dump, the first descriptor; answers one ``Surveyed`` each, ``Trouble`` for what is odd."""

    content_type: Short
    beside: Text = ""
    """Name of the second descriptor, where that holds rows of which the first says what they are: of those alone."""


MOST_WANTED_COLUMNS = 512


Form: t.TypeAlias = t.Literal["text", "raw", "address", "whole", "there"]
"""How a column is to come: decoded by the character set that the dump names; as the bytes it holds; as IP addresses in
their shortest text form; as whole numbers, int64 little-endian, NULL where none is; or ``1`` where something stands
there, so that a password is counted and never leaves the cell."""


class WantedColumn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A column of a dump that is wanted."""

    name: Text
    form: Form = "text"
    search: bool = False
    """Look for identifiers in it."""


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a dump, and what is wanted of it."""

    relation: Text
    columns: t.Annotated[list[WantedColumn], msgspec.Meta(max_length=MOST_WANTED_COLUMNS)]


class Extract(Ask, frozen=True, kw_only=True):
    """Give columns of tables of a dump, the first descriptor.

    Answers ``Portion``s, ``Mentions``, ``Withheld``, and at the end one ``Extent`` for each wish.
    """

    content_type: Short
    wishes: list[Wish]
    otherwise: Short = ""
    """Character set of values that are no text in the one that the dump names; ``""``: their bytes are shown."""
    beside: Text = ""
    """As in ``Survey``; an ``Extent`` comes for those wishes alone whose table was met."""


class Seek(Ask, frozen=True, kw_only=True):
    """Look for identifiers of money in a file, the first descriptor: ``Sights``, ``Hid``, one ``Searched``."""


class ReadList(Ask, frozen=True, kw_only=True):
    """Read one hash list (first descriptor; ``paths[0]`` for SQLite): ``ListHead``, ``Entry``s, ``Trouble``."""

    format: Short
    mapping: dict[str, str] = {}
    paths: list[Name] = []


class ReadRanges(Ask, frozen=True, kw_only=True):
    """Read one file about IP networks (first descriptor): one ``RangesHead``, ``Ranges`` in order, ``Trouble``."""

    flag: Short = ""
    """One of ``rows.countries.FLAGS``: what all networks of a plain list are."""


class ReadTags(Ask, frozen=True, kw_only=True):
    """Read one file of tags or actors (first descriptor): ``TagsHead``, ``Portion``s, ``ActorEntry``s, ``Trouble``."""

    format: Short = ""
    """One of ``rows.tags.FORMATS``; ``""``: told by its content."""
    name: Text = ""
    """Of the file, for what is called by it."""
    say: dict[str, str] = {}
    """Fields that hold for every tag or actor of which the file says nothing."""
    columns: dict[str, str] = {}
    """Of a register: field -> name of its column."""


class ReadWallet(Ask, frozen=True, kw_only=True):
    """Read one wallet file (first descriptor): keys, addresses, moves, secrets, ``Trouble``, last ``WalletHead``.

    Of a SQLite file a second descriptor may be the log or journal that lies beside it.
    """

    content_type: Short


class ReadBlocks(Ask, frozen=True, kw_only=True):
    """Read one file of blocks (first descriptor), with ``undo`` beside its undo file (second).

    Blocks that a node answers one by one are given as such a file too: ``kernel.chain.heard.framed``.

    Answers ``Blocks`` and their ``Data`` in the order of the file, ``Trouble`` for what is odd (``number``: the byte at
    which it stands), ``BlocksEnd``. Each block was checked: work, merkle root, witnesses, every length.
    """

    network: Short
    """One of ``rows.money.NETWORKS``."""
    magic: t.Annotated[bytes, msgspec.Meta(max_length=4)] = b""
    """Empty: the network's own, ``rows.blocks.MAGICS``."""
    key: t.Annotated[bytes, msgspec.Meta(max_length=KEY_BYTES)] = b""
    """All bytes of the ``xor.dat`` beside it; empty where there is none."""
    undo: bool = False
    spent: bool = False
    """Is the second descriptor what a node answers ``rest/spenttxouts`` for each block, in their order?"""
    start: Count = 0
    """Byte of the file at which to begin: ``BlocksEnd.end`` of an earlier reading, to read on what was appended."""


class ReadColumns(Ask, frozen=True, kw_only=True):
    """Read blocks (first descriptor) and their transactions (second) as bitcoin-etl exports them.

    Answers as ``ReadBlocks`` does, and each block was checked as there: its bytes are made anew of what is said of it.
    """

    network: Short
    form: t.Literal["json", "csv"] = "json"
    before: t.Annotated[bytes, msgspec.Meta(max_length=32)] = b""
    """Hash of the block that the first one follows, order of blocks; the export does not say it. Empty: not known."""


class ReadParquet(Ask, frozen=True, kw_only=True):
    """Read blocks (the first ``blocks`` descriptors) and transactions (the others) that were exported as Parquet.

    The columns are bitcoin-etl's or GraphSense's; the rows may stand in any order in which few blocks are open at once.
    Answers as ``ReadColumns`` does.
    """

    network: Short
    blocks: Small
    before: t.Annotated[bytes, msgspec.Meta(max_length=32)] = b""
    """As of ``ReadColumns``."""


class MatchFilters(Ask, frozen=True, kw_only=True):
    """Tell which compact filters of blocks (BIP 158) may hold one of some scripts. Answers ``Filtered``.

    First descriptor: the scripts; second: for each filter the block's hash (order of blocks) and the filter. Each has
    its length before it, four bytes, little-endian.
    """


class Attack(Ask, frozen=True, kw_only=True):
    """Try to do what a hijacked decoder would: the self-test of the sandbox, answered by ``Attacked``."""

    name: Short


# ------------------------------------------------------------------------------------------- replies
class Reply(Message, frozen=True, kw_only=True):
    """Base of what the cell may answer."""


class Seen(Reply, frozen=True, kw_only=True):
    """Digests and type of the file with this index among the descriptors."""

    index: Small
    size_bytes: Count
    md5: Digest16
    sha1: Digest20
    sha256: Digest32
    content_type: Short


class Member(Reply, frozen=True, kw_only=True):
    """One file inside a container."""

    number: Count
    """Position in the walk, from 0; counts every ``Member`` and is the same in every walk."""
    steps: list[Name]
    """Steps of the locator below the container that was asked about."""
    containers: Small
    """How many containers lie between it and the asked one: 0 for a direct member."""
    inside: Count | None = None
    """Number of the member that is the container it lies in; None for the asked one."""
    size_bytes: Count
    md5: Digest16
    sha1: Digest20
    sha256: Digest32
    content_type: Short
    origin: t.Literal["allocated", "deleted", "orphan"] = "allocated"
    modified: Micros | None = None
    accessed: Micros | None = None
    changed: Micros | None = None
    created: Micros | None = None
    times_from: Short = ""


class Data(Reply, frozen=True, kw_only=True):
    """Bytes of the wanted member announced last."""

    data: t.Annotated[bytes, msgspec.Meta(max_length=CHUNK_BYTES)]
    last: bool


class Trouble(Reply, frozen=True, kw_only=True):
    """Something in a container, list or batch that could not be read; becomes a Problem."""

    steps: list[Name] = []
    number: Count = 0
    """Index in the batch, or record number in the list."""
    code: Short
    detail: Text = ""
    counts: bool = True
    """Does it stand for an input that gives no row?"""


class Tallied(Reply, frozen=True, kw_only=True):
    """How many entries a container says it has, and how many were met in it; its members came before."""

    steps: list[Name] = []
    by: Short
    said: Count
    met: Count


class Integrity(Reply, frozen=True, kw_only=True):
    """Stored and computed digests of a disk image, ``""`` where none is stored, and what its own checksums say."""

    segments: Small
    media_bytes: Count
    stored_md5: Short
    stored_sha1: Short
    computed_md5: Short
    computed_sha1: Short
    computed_sha256: Short
    damaged: Count = 0
    """Chunks and structures whose own checksum fails."""
    damage: Text = ""
    """The first of them in words, with their sectors."""


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A column as a dump declares it."""

    name: Short
    type: Short


class Surveyed(Reply, frozen=True, kw_only=True):
    """A table of a dump; the columns of ``rows.artefacts.Relation`` and ``Field``."""

    name: Text
    columns: t.Annotated[list[Column], msgspec.Meta(max_length=4096)]
    place: Count
    again: Count
    rows: Count
    misfits: Count
    said_next: Count
    extent: Short
    beside: Text = ""
    """File in which its rows lie, where that is not the one that was read."""


class Cells(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Values of one column, one behind the other."""

    lengths: t.Annotated[memoryview, msgspec.Meta(max_length=CHUNK_BYTES)]
    """int32 of each, little-endian; -1 for NULL."""
    values: t.Annotated[memoryview, msgspec.Meta(max_length=CHUNK_BYTES)]
    """Views: of the frame they came in, for the house, and of what was read, for the cell."""


class Portion(Reply, frozen=True, kw_only=True):
    """Some rows of a table of a dump, in its order."""

    wish: Small
    """Which of those asked for."""
    number: Count
    """Of the first row among all of the table, from 1."""
    places: t.Annotated[memoryview, msgspec.Meta(max_length=CHUNK_BYTES)]
    """int64 of each row, little-endian: where it begins in the dump."""
    columns: t.Annotated[list[Cells], msgspec.Meta(max_length=MOST_WANTED_COLUMNS)]


class Mentions(Reply, frozen=True, kw_only=True):
    """Identifiers in one column of rows of a table."""

    wish: Small
    column: Small
    """Of those wanted."""
    numbers: t.Annotated[memoryview, msgspec.Meta(max_length=CHUNK_BYTES)]
    """int64 of each, little-endian: of its row."""
    starts: t.Annotated[memoryview, msgspec.Meta(max_length=CHUNK_BYTES)]
    """int64 of each: the byte of the text at which it begins."""
    kinds: t.Annotated[memoryview, msgspec.Meta(max_length=CHUNK_BYTES)]
    """uint8 of each: place of its name in ``rows.people.IDENTIFIERS``."""
    checked: t.Annotated[memoryview, msgspec.Meta(max_length=CHUNK_BYTES)]
    """uint8 of each: 1 where it holds a checksum, and that is right."""
    quoted: t.Annotated[memoryview, msgspec.Meta(max_length=CHUNK_BYTES)]
    values: Cells
    contexts: Cells


class Withheld(Reply, frozen=True, kw_only=True):
    """A private key or a seed in a row of a table. In its ``Portion`` the text stands without it."""

    wish: Small
    number: Count
    """Of its row."""
    column: Small
    start: Count
    kind: t.Annotated[int, msgspec.Meta(ge=0, lt=len(SECRETS))]
    """Place of its name in ``rows.people.SECRETS``."""
    value: t.Annotated[bytes, msgspec.Meta(max_length=1 << 18)]


class Sights(Reply, frozen=True, kw_only=True):
    """Identifiers of money in a file."""

    encoding: t.Annotated[int, msgspec.Meta(ge=0, lt=len(ENCODINGS))]
    """Place in ``rows.sightings.ENCODINGS``."""
    starts: t.Annotated[memoryview, msgspec.Meta(max_length=CHUNK_BYTES)]
    """int64 of each: the byte of the file at which it begins."""
    kinds: t.Annotated[memoryview, msgspec.Meta(max_length=CHUNK_BYTES)]
    """uint8 of each: place of its name in ``rows.people.IDENTIFIERS``."""
    checked: t.Annotated[memoryview, msgspec.Meta(max_length=CHUNK_BYTES)]
    values: Cells
    contexts: Cells


class Hid(Reply, frozen=True, kw_only=True):
    """A private key or a seed in a file."""

    encoding: t.Annotated[int, msgspec.Meta(ge=0, lt=len(ENCODINGS))]
    start: Count
    kind: t.Annotated[int, msgspec.Meta(ge=0, lt=len(SECRETS))]
    value: t.Annotated[bytes, msgspec.Meta(max_length=1 << 18)]


class Searched(Reply, frozen=True, kw_only=True):
    """The whole file was looked at."""

    left: Count
    """What was not, since there was too much in one place."""


class Odd(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Values of a column that do not come out as what they were asked for: no text, no number, no address."""

    column: Small
    """Which of those wanted."""
    values: Count
    read: Count = 0
    """Of these, by the other character set that was asked for (``Extract.otherwise``)."""
    number: Count
    """Of the first row with one, from 1 ..."""
    place: int
    """... and where in the dump it begins."""
    at: Count = 0
    """Of text: the first byte of the value that is none."""
    held: Count = 0
    """Of text: values that were looked at for what they are, ..."""
    likely: t.Annotated[str, msgspec.Meta(max_length=20)] = ""
    """... the character set they are likely in, ``cut``, or ``""``, ..."""
    fit: Count = 0
    """... and how many of them are text in it."""


class Extent(Reply, frozen=True, kw_only=True):
    """How much of a table was read."""

    wish: Small
    rows: Count
    cut: Count = 0
    """Values that were longer than is kept."""
    odd: t.Annotated[list[Odd], msgspec.Meta(max_length=MOST_WANTED_COLUMNS)] = []
    """Columns with values that are not what they were asked for."""
    crowded: Count = 0
    """What looked like identifiers and was not looked at, for its value has too many."""


class Facts(Reply, frozen=True, kw_only=True):
    """What a media content says of itself; the columns of ``rows.artefacts.Media``."""

    kind: t.Literal["image", "video"]
    format: Short
    width_px: Small
    height_px: Small
    frames: Small
    duration_s: Seconds
    codec: Short = ""
    orientation: t.Annotated[int, msgspec.Meta(ge=-360, le=360)] = 1
    camera_make: Short = ""
    camera_model: Short = ""
    camera_serial: Short = ""
    lens: Short = ""
    software: Short = ""
    encoder: Short = ""
    taken: Short = ""
    latitude: t.Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    longitude: t.Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    decoder: Short = ""


class Trimmed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The hash of a video frame without the bars at the edges of its film."""

    value: Digest32
    quality: t.Annotated[int, msgspec.Meta(ge=0, le=100)]
    weak: t.Annotated[int, msgspec.Meta(ge=0, le=256)]


class Print(Reply, frozen=True, kw_only=True):
    """One hash of a still or of a video frame."""

    algorithm: t.Literal["pdq", "vpdq"]
    frame: Small
    at_s: Seconds
    value: Digest32
    quality: t.Annotated[int, msgspec.Meta(ge=0, le=100)]
    weak: t.Annotated[int, msgspec.Meta(ge=0, le=256)]
    sampling: t.Literal["still", "key", "dense"]
    trimmed: Trimmed | None = None


class Variant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The hash of a still as it would be after an edit was undone or done."""

    number: t.Annotated[int, msgspec.Meta(ge=0, lt=len(VARIANTS))]
    """Place of its name in ``rows.fingerprints.VARIANTS``."""
    value: Digest32
    quality: t.Annotated[int, msgspec.Meta(ge=0, le=100)]
    weak: t.Annotated[int, msgspec.Meta(ge=0, le=256)]


class Varied(Reply, frozen=True, kw_only=True):
    """All variants of one still."""

    variants: t.Annotated[list[Variant], msgspec.Meta(max_length=len(VARIANTS))]


class Region(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The hash of a part of a still."""

    box: Box
    tile: t.Annotated[int, msgspec.Meta(ge=0, le=255)]
    """Which of the fixed ones; ``rows.fingerprints.FOUND`` for a rectangle that was found."""
    value: Digest32
    quality: t.Annotated[int, msgspec.Meta(ge=0, le=100)]
    weak: t.Annotated[int, msgspec.Meta(ge=0, le=256)]


class Parts(Reply, frozen=True, kw_only=True):
    """Regions of one still."""

    regions: t.Annotated[list[Region], msgspec.Meta(max_length=24)]


class Laid(Reply, frozen=True, kw_only=True):
    """How one still lies over another; the columns of ``rows.groups.Compared``."""

    features: Small
    """Features of the one that has fewer."""
    tried: Small
    inliers: Small
    agreement: Ratio
    framed: Ratio
    structure: Ratio
    overlap_a: Ratio
    overlap_b: Ratio
    scale: t.Annotated[float, msgspec.Meta(ge=0.0, le=1000.0)]
    degrees: t.Annotated[float, msgspec.Meta(ge=-180.0, le=180.0)]
    shift_x: t.Annotated[float, msgspec.Meta(ge=-100.0, le=100.0)]
    shift_y: t.Annotated[float, msgspec.Meta(ge=-100.0, le=100.0)]


class ListHead(Reply, frozen=True, kw_only=True):
    """What a list says of itself; later heads add to earlier ones."""

    format: Short = ""
    """Name in ``rows.list_formats`` of the format it is read as; the first head says it, also for ``auto``."""
    name: Text = ""
    version: Short = ""
    dated: Short = ""
    scheme: Short = ""


class Frame(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One vPDQ frame hash of a listed video."""

    frame: Small
    at_s: Seconds
    quality: t.Annotated[int, msgspec.Meta(ge=0, le=100)]
    value: Digest32


class Entry(Reply, frozen=True, kw_only=True):
    """One record of a list with all its hashes."""

    number: Count
    entry: Text = ""
    md5: Digest16 | None = None
    sha1: Digest20 | None = None
    sha256: Digest32 | None = None
    pdq: Digest32 | None = None
    quality: t.Annotated[int, msgspec.Meta(ge=0, le=100)] = 100
    frames: t.Annotated[list[Frame], msgspec.Meta(max_length=20_000)] = []
    """vPDQ hashes where the entry is a video."""
    category: Short = ""
    series: Text = ""
    withdrawn: bool = False


class RangesHead(Reply, frozen=True, kw_only=True):
    """What a file about IP networks says of itself; the columns of ``rows.countries.IpBase``."""

    format: Short
    name: Short = ""
    dated: Short = ""
    about: Text = ""
    ipv4: Count
    ipv6: Count
    countries: Small
    rejected: Count
    overlaps: Count


class Ranges(Reply, frozen=True, kw_only=True):
    """Some thousand ranges of addresses, ``rows.countries.RANGE_BYTES`` each."""

    number: Small
    data: t.Annotated[bytes, msgspec.Meta(max_length=CHUNK_BYTES)]


Long = t.Annotated[str, msgspec.Meta(max_length=4096)]


class TagsHead(Reply, frozen=True, kw_only=True):
    """What a file of tags or actors says of itself, and how its tags come."""

    format: Short
    title: Text = ""
    creator: Text = ""
    description: Text = ""
    tags: Count
    actors: Count
    rejected: Count
    same: t.Annotated[dict[Short, Long], msgspec.Meta(max_length=32)] = {}
    """Fields that are the same in all tags."""
    columns: t.Annotated[list[Short], msgspec.Meta(max_length=32)] = []
    """The other fields, in the order in which the columns of each ``Portion`` come."""


class ActorEntry(Reply, frozen=True, kw_only=True):
    """One actor; the columns of ``rows.tags.Actor``."""

    id: Short
    label: Text
    uri: Text = ""
    categories: Text = ""
    jurisdictions: Text = ""
    aliases: Text = ""
    legal_name: Text = ""
    context: Long = ""
    lastmod: Micros | None = None


Index = t.Annotated[int, msgspec.Meta(ge=-1, le=1 << 31)]
"""-1: not said."""
Start = t.Annotated[int, msgspec.Meta(ge=-1, le=1 << 62)]
MOST_LINE: t.Final = 1 << 16
Line = t.Annotated[str, msgspec.Meta(max_length=MOST_LINE)]
"""A descriptor may name 20 keys with their origins, and trees of scripts."""


class WalletKeyFound(Reply, frozen=True, kw_only=True):
    """A public key of a wallet; the columns of ``rows.wallets.WalletKey``."""

    kind: t.Literal["descriptor", "xpub", "pubkey"]
    value: Line
    descriptor: Line = ""
    xpub: Short = ""
    network: Short = ""
    fingerprint: Short = ""
    path: Text = ""
    script_type: Short = ""
    branch: t.Annotated[int, msgspec.Meta(ge=-1, le=1)] = -1
    next_index: Index = -1
    range_start: Index = -1
    range_end: Index = -1
    active: bool = False
    created: Micros | None = None
    carved: bool = False
    place: Text
    start: Start = -1


class WalletAddressFound(Reply, frozen=True, kw_only=True):
    """An address of a wallet; the columns of ``rows.wallets.WalletAddress``."""

    network: Short = ""
    address: Text
    script: t.Annotated[bytes, msgspec.Meta(max_length=10_000)] = b""
    own: bool
    label: Text = ""
    purpose: Short = ""
    path: Text = ""
    branch: t.Annotated[int, msgspec.Meta(ge=-1, le=1)] = -1
    index: Index = -1
    expected_sat: t.Annotated[int, msgspec.Meta(ge=-1, le=21_000_000 * 10**8)] = -1
    at: Micros | None = None
    carved: bool = False
    place: Text
    start: Start = -1


class WalletMoveFound(Reply, frozen=True, kw_only=True):
    """A transaction of a wallet; the columns of ``rows.wallets.WalletMove``."""

    network: Short = ""
    txid: Digest32
    """In display order."""
    at: Micros | None = None
    height: Index = -1
    amount_sat: t.Annotated[int, msgspec.Meta(ge=-(1 << 53), le=1 << 53)] | None = None
    label: Text = ""
    sent: bool = False
    raw: t.Annotated[bytes, msgspec.Meta(max_length=CHUNK_BYTES)] = b""
    carved: bool = False
    place: Text
    start: Start = -1


class WalletSecretFound(Reply, frozen=True, kw_only=True):
    """A secret of a wallet, on its way to be sealed."""

    kind: t.Annotated[int, msgspec.Meta(ge=0, lt=len(WALLET_SECRETS))]
    """Place of its name in ``rows.wallets.WALLET_SECRETS``."""
    value: t.Annotated[bytes, msgspec.Meta(max_length=1 << 18)]
    carved: bool = False
    place: Text
    start: Start = -1


class WalletHead(Reply, frozen=True, kw_only=True):
    """What a wallet file is; columns of ``rows.wallets.Wallet``."""

    kind: Short
    network: Short = ""
    version: Short = ""
    encrypted: bool = False
    whole: bool = False
    watching: bool = False
    created: Micros | None = None
    records: Count = 0
    unread: Count = 0
    text: Text = ""


class Blocks(Reply, frozen=True, kw_only=True):
    """Some whole blocks; their columns follow as ``Data``, cut anywhere: ``rows.blocks.LAYOUT`` says how they lie."""

    blocks: Small
    transactions: Small
    inputs: Small
    outputs: Small
    script_bytes: Small
    """Of all outputs' scripts."""
    undone: Small
    """Inputs of which the undo file says what they spent."""
    undone_script_bytes: Small


class BlocksEnd(Reply, frozen=True, kw_only=True):
    """What a file of blocks was, when it has been read."""

    blocks: Small
    """That were given."""
    refused: Small
    """Records that hold no block, or one that is against the rules; each a ``Trouble``."""
    end: Count
    """Byte behind the last record that is whole: where the next one will stand."""
    gaps: Small
    """Stretches of bytes that are no record ..."""
    gap_bytes: Count
    """... and how many bytes they have; each a ``Trouble``. What a node reserved at the end is none."""
    undone: Small
    """Blocks whose undo record was found."""
    undo_left: Small
    """Undo records that fit no block of the file."""


class Filtered(Reply, frozen=True, kw_only=True):
    """Which filters match, by their place from 0 on."""

    filters: Small
    """That were read."""
    matching: list[Small]


class Attacked(Reply, frozen=True, kw_only=True):
    """What became of the attack: ``allowed`` or ``denied``; a killed child answers nothing."""

    outcome: t.Literal["allowed", "denied"]
    detail: Text = ""


class Done(Reply, frozen=True, kw_only=True):
    """The last reply of a job that ended well."""

    replies: Count
    """How many replies came before this one."""


class Failed(Reply, frozen=True, kw_only=True):
    """The last reply of a job that did not; made by the cell for a typed refusal, by the house for a death."""

    code: Short
    detail: Text = ""


ASKS: t.Final = (
    Look
    | Expand
    | Verify
    | Decode
    | Compare
    | Watch
    | Survey
    | Seek
    | Extract
    | ReadList
    | ReadRanges
    | ReadTags
    | ReadWallet
    | ReadBlocks
    | ReadColumns
    | ReadParquet
    | MatchFilters
    | Attack
)
REPLIES: t.Final = (
    Seen
    | Member
    | Data
    | Trouble
    | Tallied
    | Integrity
    | Facts
    | Print
    | Varied
    | Parts
    | Laid
    | Surveyed
    | Portion
    | Mentions
    | Withheld
    | Extent
    | Sights
    | Hid
    | Searched
    | ListHead
    | Entry
    | RangesHead
    | Ranges
    | TagsHead
    | ActorEntry
    | WalletKeyFound
    | WalletAddressFound
    | WalletMoveFound
    | WalletSecretFound
    | WalletHead
    | Blocks
    | BlocksEnd
    | Filtered
    | Attacked
    | Done
    | Failed
)

ANSWERS: t.Final[dict[type[Ask], t.Any]] = {
    Look: Seen | Trouble,
    Expand: Member | Data | Tallied | Trouble,
    Verify: Integrity | Trouble,
    Decode: Facts | Print | Varied | Parts | Trouble,
    Compare: Laid | Trouble,
    Watch: Facts | Print | Trouble,
    Survey: Surveyed | Trouble,
    Extract: Portion | Mentions | Withheld | Extent | Trouble,
    Seek: Sights | Hid | Searched | Trouble,
    ReadList: ListHead | Entry | Trouble,
    ReadRanges: RangesHead | Ranges | Trouble,
    ReadTags: TagsHead | Portion | ActorEntry | Trouble,
    ReadWallet: WalletKeyFound | WalletAddressFound | WalletMoveFound | WalletSecretFound | WalletHead | Trouble,
    ReadBlocks: Blocks | Data | BlocksEnd | Trouble,
    ReadColumns: Blocks | Data | BlocksEnd | Trouble,
    ReadParquet: Blocks | Data | BlocksEnd | Trouble,
    MatchFilters: Filtered,
    Attack: Attacked,
}
"""What may be answered to each ask, before ``Done`` or ``Failed``; anything else is a lie."""


def answers(ask: type[Ask]) -> msgspec.msgpack.Decoder[t.Any]:
    """Return the strict decoder of all that may be answered to this kind of ask."""
    return msgspec.msgpack.Decoder(ANSWERS.get(ask, REPLIES) | Done | Failed)
