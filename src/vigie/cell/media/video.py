"""Videos: facts, and the hashes of the frames that the sampling policy keeps (docs/fingerprints.md)."""

from __future__ import annotations

import dataclasses
import typing as t

import av
import msgspec

from vigie.cell.job import Refused
from vigie.cell.media import tags
from vigie.cell.media.film import Film, Skip, open_film
from vigie.cell.media.luma import Hasher
from vigie.cell.media.sparse import Sparse, sparse
from vigie.cell.media.trimmed import Trimmer
from vigie.rows.wire import KEY_APART_S, Facts, Print

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.numeric.pdq_operator import Hash

Sampling = t.Literal["key", "dense"]

SKIPS: t.Final[dict[Sampling, Skip]] = {"key": "NONKEY", "dense": "NONREF"}
STILL_BITS: t.Final = 2
"""A dense frame this near the last kept one shows the same picture (reference/media.md 4, policy 3)."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sampled:
    """What came of one video."""

    facts: Facts
    prints: list[Print]
    shortfall: str
    """Why the end was not reached or packets are missing; ``""`` where all was well."""
    bounded: bool
    """Were there more prints than allowed?"""


def sample(
    file: t.BinaryIO,
    content_type: str,
    sampling: Sampling,
    most_pixels: int,
    most_prints: int,
    *,
    key_apart_s: float = KEY_APART_S,
) -> Sampled:
    """Read one video once. Raises ``Refused`` where it gives no frame at all.

    ``key_apart_s``: as in ``Watch``. A stream that has pictures and no key frame (intra refresh, a cut recording) is
    sampled densely instead.
    """
    film = open_film(file, content_type, most_pixels)
    with film.container:
        found = _collect(film, sampling, most_prints, sparse(film, key_apart_s))
    if found is None and sampling == "key" and film.packets:
        file.seek(0)
        return sample(file, content_type, "dense", most_pixels, most_prints)
    if found is None:
        raise Refused("decode_error", film.why) if film.why else Refused("no_frames", "nothing could be decoded")
    return found


def _collect(film: Film, sampling: Sampling, most_prints: int, keys: Sparse) -> Sampled | None:
    prints: list[Print] = []
    pending: Print | None = None
    first: av.VideoFrame | None = None
    last: av.VideoFrame | None = None
    last_s = 0.0
    bounded = False
    trimmer = Trimmer()
    for number, (picture, at_s, hashed) in enumerate(hashes(film, SKIPS[sampling], keys)):
        if len(prints) >= most_prints:
            bounded = True
            break
        first = first or picture
        last_s = max(last_s, at_s)
        last = picture
        pending = _print(number, at_s, hashed, sampling)
        trimmer.look(picture, at_s)
        if sampling == "key" or not prints or _bits(prints[-1].value, pending.value) > STILL_BITS:
            prints.append(pending)
            pending = None
            trimmer.hash(number, picture)
    if first is None or last is None:
        return None
    if pending is not None and not bounded:
        prints.append(pending)
        trimmer.hash(pending.frame, last)
    prints = [msgspec.structs.replace(each, trimmed=trimmer.of(each.frame)) for each in prints]
    facts = _facts(film, first, last_s)
    return Sampled(facts=facts, prints=prints, shortfall=_shortfall(film, bounded), bounded=bounded)


def hashes(film: Film, skip: Skip, keys: Sparse | None = None) -> Iterator[tuple[av.VideoFrame, float, Hash]]:
    """Decode, and hash every frame that is not skipped: frame, seconds from the start, hash."""
    hasher = Hasher()
    for picture, at_s in film.frames(skip, keys):
        yield picture, at_s, hasher.hash(picture)


def _print(number: int, at_s: float, hashed: Hash, sampling: Sampling) -> Print:
    return Print(
        algorithm="vpdq",
        frame=number,
        at_s=at_s,
        value=hashed.value,
        quality=hashed.quality,
        weak=hashed.weak,
        sampling=sampling,
    )


def _bits(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def _shortfall(film: Film, bounded: bool) -> str:
    """Say what is missing: packets that failed, or samples that the container's own table counts and the file lacks."""
    if film.broken:
        return f"{film.broken} packets could not be read; first: {film.why}"
    if not bounded and film.packets < film.stream.frames:
        return f"{film.packets} of {film.stream.frames} frames are there"
    return ""


def _facts(film: Film, first: av.VideoFrame, last_s: float) -> Facts:
    outer, inner = film.container.metadata, film.stream.metadata
    latitude, longitude = tags.place(outer, inner)
    return Facts(
        kind="video",
        format=film.demuxer,
        width_px=first.width,
        height_px=first.height,
        frames=min(max(film.stream.frames, film.packets, 0), 1 << 31),
        duration_s=_duration(film, last_s),
        codec=film.stream.codec_context.codec.canonical_name[:128],
        orientation=_rotation(first),
        camera_make=tags.said(tags.MAKE, outer, inner),
        camera_model=tags.said(tags.MODEL, outer, inner),
        camera_serial=tags.said(tags.SERIAL, outer, inner),
        software=tags.said(tags.SOFTWARE, outer, inner),
        encoder=tags.said(tags.ENCODER, outer, inner),
        taken=tags.taken(outer, inner),
        latitude=latitude,
        longitude=longitude,
        decoder=f"PyAV {av.__version__}, libavcodec {'.'.join(map(str, av.library_versions['libavcodec']))}",
    )


def _duration(film: Film, last_s: float) -> float:
    """Duration as the film says, and never before the last frame that was decoded."""
    return min(max(film.said_s(), last_s), 1e9)


def _rotation(frame: av.VideoFrame) -> int:
    """Degrees by which the display matrix turns, counter-clockwise; 1 (EXIF's "as it lies") where it does not."""
    turn = round(frame.rotation)
    return turn if turn and abs(turn) <= 360 else 1
