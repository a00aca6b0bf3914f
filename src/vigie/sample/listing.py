"""What stands on which list, and the random entries that fill lists to a size as units have them."""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from vigie.sample.made import Original, Print

PER_BLOCK = 10_000
DIGEST_LISTS = ("vics-2.0", "vics-1.3", "icse", "sha256sum", "md5sum", "mapped")
_VIDEOS_FROM = 500_000
PRINT_LISTS = ("exchange-csv", "exchange-json")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a list. Empty bytes and tuples: the list does not hold that hash."""

    number: int
    name: str
    size_bytes: int
    md5: bytes
    sha1: bytes
    sha256: bytes
    prints: tuple[Print, ...] = ()
    video: bool = False


def lists_of(original: Original) -> tuple[str, ...]:
    """Return the names of the lists that name this family's original, by digest or by fingerprint."""
    at = original.index % len(DIGEST_LISTS)
    match original.role:
        case "listed":
            return DIGEST_LISTS[at], _prints_on(original)
        case "conflict":
            return DIGEST_LISTS[at], _prints_on(original), "nsrl"
        case "absent":
            return (_prints_on(original),)
        case "benign":
            return ("nsrl",)
        case "withdrawn":
            return ("mapped",)
        case "new":
            return ()


def _prints_on(original: Original) -> str:
    """VICS holds PDQ of stills among its alternative hashes; frame hashes of videos travel as JSON."""
    if original.kind == "video":
        return "exchange-json"
    if original.role != "absent" and DIGEST_LISTS[original.index % len(DIGEST_LISTS)] == "vics-2.0":
        return "vics-2.0"
    return PRINT_LISTS[original.index % 2]


def entry(original: Original, number: int) -> Entry:
    """Return what lists say of an original."""
    return Entry(
        number=number,
        name=original.path,
        size_bytes=original.size_bytes,
        md5=original.md5,
        sha1=original.sha1,
        sha256=original.sha256,
        prints=original.prints,
        video=original.kind == "video",
    )


def named(originals: Sequence[Original], name: str) -> list[Entry]:
    """Return the entries of one list that speak of the sample's own files; numbers are the same on every list."""
    return [
        entry(one, 1 + one.index + (_VIDEOS_FROM if one.kind == "video" else 0))
        for one in originals
        if name in lists_of(one)
    ]


def filler(rng: np.random.Generator, count: int, *, start: int, prints: bool) -> Iterator[Entry]:
    """Yield entries of random numbers, which meet nothing; ``prints``: with a random hash of 128 set bits each."""
    for first in range(0, count, PER_BLOCK):
        size = min(PER_BLOCK, count - first)
        raw = rng.integers(0, 256, (size, 68), dtype=np.uint8).tobytes()
        sizes = rng.integers(10_000, 5_000_000, size).tolist()
        hashes = _balanced(rng, size) if prints else b""
        for row in range(size):
            digests = raw[row * 68 : row * 68 + 68]
            value = hashes[row * 32 : row * 32 + 32]
            yield Entry(
                number=start + first + row,
                name=f"file{start + first + row}.jpg",
                size_bytes=sizes[row],
                md5=digests[:16],
                sha1=digests[16:36],
                sha256=digests[36:],
                prints=(Print(frame=0, at_s=0.0, value=value, quality=100),) if value else (),
            )


def _balanced(rng: np.random.Generator, count: int) -> bytes:
    """Return ``count`` hashes of 32 bytes in one string. PDQ sets half its bits, so random ones do too."""
    bits = np.tile(np.repeat(np.array([0, 1], np.uint8), 128), (count, 1))
    return np.packbits(rng.permuted(bits, axis=1), axis=1).tobytes()
