"""Room 4, matches: what others know, and which of our contents it meets."""

import typing as t
from typing import ClassVar

from vigie.rows.artefacts import CONTENTS
from vigie.rows.base import Examples, Key, Of, Row, Sha256
from vigie.rows.fingerprints import HASHES

Meaning = t.Literal["listed", "benign"]
MEANINGS: tuple[Meaning, ...] = t.get_args(Meaning)
StandingName = t.Literal["listed", "near", "new", "conflict", "benign"]
Relation = t.Literal["", "same", "contains", "part_of", "shares_frames"]
RELATIONS: tuple[Relation, ...] = t.get_args(Relation)
STANDINGS: tuple[StandingName, ...] = t.get_args(StandingName)


class ListFile(Row, frozen=True, kw_only=True):
    """A file that holds a hash list, as it was handed over, and how the unit wants it read."""

    NATURAL: ClassVar[tuple[str, ...]] = ("sha256", "format", "meaning", "mapping", "name", "version", "scheme")
    path: str
    """Where it lay, shown as ``rows.locator`` shows a step."""
    sha256: Sha256
    size_bytes: int
    format: str
    """A name of ``rows.list_formats``, or ``auto``."""
    meaning: t.Annotated[str, Examples(MEANINGS)]
    mapping: str
    """JSON object of the mapping file; ``{}`` where none was given."""
    name: str
    version: str
    dated: str
    scheme: str
    """As the unit says them; ``""``: as the list says."""
    added_at: str


class HashList(Row, frozen=True, kw_only=True):
    """One edition of one list, as it was read."""

    NATURAL: ClassVar[tuple[str, ...]] = ("list",)
    list: t.Annotated[Key, Of("listfile"), Examples((b"L" * 16,))]
    name: t.Annotated[str, Examples(("unit-list",))]
    version: str
    dated: str
    """Date of the edition as given, ISO 8601; ``""`` where the list does not say."""
    format: t.Annotated[str, Examples(("vics", "sha256sum"))]
    meaning: t.Annotated[str, Examples(MEANINGS)]
    scheme: str
    """Category scheme (``projectvic-us``, ``ncmec`` ...); a bare category number means nothing without it."""
    sha256: Sha256
    size_bytes: int
    entries: int
    withdrawn: int
    rejected: int


class Known(Row, frozen=True, kw_only=True):
    """One hash of one entry of one list."""

    NATURAL: ClassVar[tuple[str, ...]] = ("list", "number", "algorithm", "frame")
    ORDER: ClassVar[tuple[str, ...]] = ("algorithm", "value", "key")
    """Sorted once when it is read: the file is its own index, and each match reads only the parts it needs."""
    list: t.Annotated[Key, Of("hashlist", by="list"), Examples((b"L" * 16,))]
    number: t.Annotated[int, Examples((1, 2, 3, 4))]
    """Record number in the list file, from 1; a line number where the format has lines."""
    entry: t.Annotated[str, Examples(("E1", "E2"))]
    """Identifier the list gives the entry; ``""`` where it gives none. Only ``number`` tells entries apart for sure."""
    algorithm: t.Annotated[str, Examples(("md5", "sha1", "sha256", "pdq", "vpdq"))]
    value: t.Annotated[bytes, Examples(CONTENTS + HASHES)]
    meaning: t.Annotated[str, Examples(MEANINGS)]
    category: str
    """Category code exactly as given."""
    series: str
    quality: t.Annotated[int, Examples((100,))]
    frame: int
    at_s: float
    withdrawn: bool


class Withdrawal(Row, frozen=True, kw_only=True):
    """What a list takes back: an entry by its identifier, or a hash by its value, in this edition or earlier ones."""

    NATURAL: ClassVar[tuple[str, ...]] = ("list", "number", "algorithm", "value")
    list: t.Annotated[Key, Of("hashlist", by="list"), Examples((b"L" * 16,))]
    number: t.Annotated[int, Examples((1, 2, 3, 4))]
    """Record number in the list file, from 1."""
    entry: t.Annotated[str, Examples(("", "E1", "E2"))]
    """Identifier the list gives the entry; ``""`` where it gives none."""
    algorithm: t.Annotated[str, Examples(("", "md5", "pdq"))]
    value: t.Annotated[bytes, Examples((b"", *CONTENTS, *HASHES))]
    """``b""`` where only the identifier says what is taken back."""


class Withdrawn(Row, frozen=True, kw_only=True):
    """A hash that a list once held and that matches nothing any more."""

    NATURAL: ClassVar[tuple[str, ...]] = ("known",)
    known: t.Annotated[Key, Of("known"), Examples((b"K" * 16, b"k" * 16))]
    by: t.Annotated[Key, Of("withdrawal")]


class Match(Row, frozen=True, kw_only=True):
    """A content and an entry it meets: with what, how far apart, and under which threshold."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content", "known", "method")
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    known: t.Annotated[Key, Of("known"), Examples((b"K" * 16, b"k" * 16))]
    list: t.Annotated[Key, Of("hashlist", by="list"), Examples((b"L" * 16,))]
    entry: t.Annotated[str, Examples(("E1", "E2"))]
    """Identifier the list gives the entry, or its number there: for people."""
    method: t.Annotated[str, Examples(("exact", "near", "video", "frame"))]
    """``exact``: a digest. ``near``: still and still. ``region``: a part of our still and a still. ``video``: video and
    video, by shares of their frames.
    ``frame``: a still and a frame of a video, either way round."""
    algorithm: t.Annotated[str, Examples(("sha256", "pdq", "vpdq"))]
    variant: t.Annotated[str, Examples(("", "mirrored", "crop5"))]
    """How ours was changed before it met the entry (``rows.fingerprints.VARIANTS``); ``""``: it meets it as it is."""
    sampling: t.Annotated[str, Examples(("", "still", "key", "dense"))]
    """Which of our frames were compared: ``still``; ``key``: of a video key frames alone, so times are no finer than
    these lie apart; ``dense``: all that others refer to, too; ``""`` for digests."""
    distance_bits: int
    threshold_bits: int
    share_held: float
    """Share of our time of quality (frames weighed by the time until the next) that meets it; 1 for digests, stills."""
    share_known: float
    """Share of the entry's time of quality that meets ours; 1 for digests and stills."""
    frames: int
    """How many of our frames meet the entry; 1 for digests and stills."""
    relation: t.Annotated[str, Examples(RELATIONS)]
    """Of videos, by what runs alike in order: ``same`` (most of both), ``contains`` (ours holds most of theirs),
    ``part_of`` (theirs holds most of ours), ``shares_frames`` (a stretch, or frames in another order)."""
    start_s: float
    """Where the longest stretch that runs alike lies in ours; of ``frame``, the moment of the nearest frame."""
    end_s: float
    known_start_s: float
    """Where it lies in theirs."""
    known_end_s: float
    run_s: float
    """How long it is, the shorter of both."""
    spans: int
    """How many stretches run alike; 0 where no video meets a video."""
    different: int
    """Mutually different frames of theirs that were met and are not common; counted up to what the rule asks for."""
    meaning: t.Annotated[str, Examples(MEANINGS)]
    category: str


class Decided(Row, frozen=True, kw_only=True):
    """A video that its key frames alone decide: nearly all of it runs in order along one listed video."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content",)
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    known: t.Annotated[Key, Of("known"), Examples((b"K" * 16, b"k" * 16))]
    """The listed frame that is nearest."""
    in_order_s: float
    """Length of what runs in order."""
    different: int
    """Mutually different frames in its longest stretch, counted up to what the rule asks for."""


class Standing(Row, frozen=True, kw_only=True):
    """Where one content stands after all matches. ``conflict``: on a benign list and on another one at once."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content",)
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    kind: t.Annotated[str, Examples(("image", "video", "other"))]
    standing: t.Annotated[str, Examples(STANDINGS)]
    matches: int
    best: t.Annotated[Key | None, Of("match")]
    """The match that decided; None for ``new``."""
    variant: t.Annotated[str, Examples(("", "mirrored", "crop5"))]
    """How ours was changed in that match; ``""`` where it met as it is, or there is none. A weaker sign."""
    distance_bits: int
    """Distance of that match; 0 where it is exact or there is none."""
