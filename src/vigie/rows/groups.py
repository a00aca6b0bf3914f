"""Room 5, groups: which contents belong together, and by what."""

import typing as t
from typing import ClassVar

from vigie.rows.artefacts import CONTENTS
from vigie.rows.base import Examples, Key, Of, Row, Sha256
from vigie.rows.matches import STANDINGS


class Link(Row, frozen=True, kw_only=True):
    """Two contents that look alike; ``a`` is the smaller digest."""

    NATURAL: ClassVar[tuple[str, ...]] = ("a", "b")
    a: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    b: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    method: t.Annotated[str, Examples(("near", "video", "frame"))]
    """``near``: still and still. ``video``: video and video. ``frame``: a still and a frame of a video."""
    variant: t.Annotated[str, Examples(("", "mirrored", "crop5"))]
    """Which variant of one of them meets the other as it is (``rows.fingerprints.VARIANTS``); ``""``: both as they
    are."""
    variant_of: t.Annotated[str, Examples(("", "a", "b"))]
    """Whose variant that is."""
    distance_bits: t.Annotated[int, Examples((0, 8, 30))]
    share: float
    """Share of the shorter video's time of quality that meets the other; 1 for stills."""
    share_longer: float
    """The same of the longer one: small where the shorter is a clip inside a compilation, which is no near-duplicate.
    With method ``frame`` the share of the video's time that meets the still; 1 for stills."""


class Group(Row, frozen=True, kw_only=True):
    """A connected set of near-duplicates; a content with no link is a group of one."""

    NATURAL: ClassVar[tuple[str, ...]] = ("first",)
    first: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    """Smallest content digest of the group: its name does not depend on the order of the links."""
    representative: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    """The member that is nearest to all others: the one to look at."""
    kind: t.Annotated[str, Examples(("image", "video", "mixed"))]
    """``other``: a file of another kind whose digest is listed or in conflict, always alone."""
    standing: t.Annotated[str, Examples(STANDINGS)]
    """The gravest standing of its members - listed, conflict, near, new, benign: listed tells on the group."""
    contents: int
    files: int
    diameter_bits: int
    """Largest distance from the representative to a member."""
    weakest_link_bits: int
    """Largest distance of a link without which the group would fall apart."""


class Member(Row, frozen=True, kw_only=True):
    """One content in its group."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content",)
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    group: t.Annotated[Key, Of("group"), Examples((b"G" * 16, b"g" * 16))]
    standing: t.Annotated[str, Examples(STANDINGS)]
    distance_bits: int
    """Distance to the representative."""


class Tie(Row, frozen=True, kw_only=True):
    """A hint, and no more, that groups may be one series: the same camera, the same encoder."""

    NATURAL: ClassVar[tuple[str, ...]] = ("group", "kind", "value")
    group: t.Annotated[Key, Of("group"), Examples((b"G" * 16, b"g" * 16))]
    kind: t.Annotated[str, Examples(("camera", "model", "encoder"))]
    """``camera``: make, model and serial number. ``model``: make and model only, far weaker. ``encoder``: weakest."""
    value: t.Annotated[str, Examples(("Lumen L-3 0042", "Lavf62"))]
    groups: int
    """How many groups share the value: the more, the less it says."""
    with_listed: int
    """How many of those groups hold a listed member."""


class Candidate(Row, frozen=True, kw_only=True):
    """Two stills that may show the same: what parts of them say, before anybody has compared the pictures."""

    NATURAL: ClassVar[tuple[str, ...]] = ("a", "b")
    a: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    """The smaller digest."""
    b: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    by: t.Annotated[str, Examples(("tiles", "region"))]
    """``tiles``: equal tiles look alike. ``region``: a rectangle found in one looks like the other."""
    part_a: t.Annotated[str, Examples(("", "region:100,200,500,300"))]
    """The part of it that is compared (``rows.fingerprints.region``); ``""``: all."""
    part_b: t.Annotated[str, Examples(("", "region:0,0,500,1000"))]
    votes: int
    """How many parts speak for it."""
    distance_bits: int
    """Distance of the nearest ones."""
    size_bytes: int
    """Of both together."""


class Compared(Row, frozen=True, kw_only=True):
    """Two stills laid over each other: the second check of a candidate."""

    NATURAL: ClassVar[tuple[str, ...]] = ("candidate",)
    candidate: t.Annotated[Key, Of("candidate"), Examples((b"C" * 16, b"c" * 16))]
    a: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    b: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    verdict: t.Annotated[str, Examples(("same", "unproved", "no_features"))]
    """``same``: one shows what the other does, under the thresholds in the settings. ``unproved``: that was not found,
    which is no proof that they differ. ``no_features``: nothing to hold on to, as in flat fields."""
    variant: t.Annotated[str, Examples(("", "region:100,200,500,300"))]
    """The part of one of them that was compared; ``""``: all of both."""
    variant_of: t.Annotated[str, Examples(("", "a", "b"))]
    """Whose part that is."""
    tried: int
    """Matches of features that were tried."""
    inliers: int
    """How many of them agree on one way to lay a over b."""
    agreement: float
    """Share of the common area with structure in which both look alike once a lies over b; 0-1."""
    framed: float
    """The same where simply their frames are laid over each other: says more where features are few."""
    structure: float
    """Share of their frames where either has structure: little in a page, whose frame may be all that is alike."""
    overlap_a: float
    """Share of what was compared of a that lies inside b."""
    overlap_b: float
    scale: float
    """How much larger a is shown in b once it has the shape of b, both at most 640 px a side; 0: no map found."""
    degrees: float
    """How far a is turned in b, clockwise."""
    shift_x: float
    """Where the middle of a comes to lie in b, in shares of the width from its middle."""
    shift_y: float
