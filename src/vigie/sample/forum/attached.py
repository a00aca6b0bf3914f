"""The files of one platform as its database names them: those of the sample, or, for scale, made-up names."""

import hashlib
import typing as t
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from vigie.sample.forum.activity import Ints, blocks
from vigie.sample.forum.mixing import below, mix
from vigie.sample.forum.uploads import Upload
from vigie.sample.forum.world import Forum
from vigie.sample.made import Made

MIMES = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp",
    "bmp": "image/bmp", "tif": "image/tiff", "tiff": "image/tiff", "mp4": "video/mp4", "webm": "video/webm",
    "mkv": "video/x-matroska", "avi": "video/x-msvideo", "mov": "video/quicktime",
}  # fmt: skip
EVERY = 40
"""On a platform without media, one of so many posts has a file."""


class Attached(msgspec.Struct, frozen=True, kw_only=True):
    """Columns over files."""

    number: Ints
    """From 0 over the platform."""
    account: Ints
    post: Ints
    topic: Ints
    at: Ints
    token: list[str]
    """32 hexadecimal digits that the platform drew for the file's name."""
    name: list[str]
    ending: list[str]
    size: Ints
    downloads: Ints
    media: list[Made]
    """Empty where no file stands behind the names."""


Files: t.TypeAlias = "t.Callable[[], t.Iterable[Attached]]"
"""The files of a platform, given anew at each call: they go by more than once."""


def of_uploads(forum: Forum, uploads: Sequence[Upload]) -> list[Attached]:
    """Return the files of a platform that uploads of the sample made."""
    mine = [one for one in uploads if one.platform == forum.number]
    if not mine:
        return []
    names = [one.media.steps[-1].rpartition(b"/")[2].decode() for one in mine]
    return [
        Attached(
            number=np.arange(len(mine)),
            account=np.array([one.account for one in mine]),
            post=np.array([one.post for one in mine]),
            topic=np.array([one.topic for one in mine]),
            at=np.array([one.at for one in mine]),
            token=[
                hashlib.md5(f"{forum.crowd.seed}/{forum.number}/{at}".encode(), usedforsecurity=False).hexdigest()
                for at in range(len(mine))
            ],
            name=names,
            ending=[name.rpartition(".")[2].lower() for name in names],
            size=np.array([one.media.size_bytes for one in mine]),
            downloads=np.array([one.downloads for one in mine]),
            media=[one.media for one in mine],
        )
    ]


def made_up(forum: Forum) -> Iterator[Attached]:
    """Yield names of files for one of ``EVERY`` posts, more for those who post files: rows for scale."""
    number = 0
    for block in blocks(forum.crowd, forum.members, forum.calendar):
        chosen = np.flatnonzero((block.mark % EVERY == 0) & (block.account >= 0))
        at = number + np.arange(len(chosen))
        number += len(chosen)
        high, low = (mix(forum.crowd.seed, 64 + one, forum.number, at).tolist() for one in (0, 1))
        yield Attached(
            number=at,
            account=block.account[chosen],
            post=block.number[chosen],
            topic=block.topic[chosen],
            at=block.at[chosen],
            token=[f"{one:016x}{other:016x}" for one, other in zip(high, low, strict=True)],
            name=[f"IMG_{one:06d}.jpg" for one in (at % 1_000_000).tolist()],
            ending=["jpg"] * len(at),
            size=20_000 + below(3_000_000, forum.crowd.seed, 66, at),
            downloads=below(500, forum.crowd.seed, 67, at),
            media=[],
        )


def marked(parts: t.Iterable[Attached]) -> Ints:
    """Return the numbers of the posts that have files, rising, each once."""
    return np.unique(np.concatenate([np.empty(0, np.int64), *(one.post for one in parts)]))


def within(numbers: Ints, sorted_: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which numbers stand among sorted ones."""
    if not len(sorted_):
        return np.zeros(len(numbers), bool)
    at = np.minimum(np.searchsorted(sorted_, numbers), len(sorted_) - 1)
    return np.asarray(sorted_[at] == numbers)
