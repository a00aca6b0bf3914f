"""The files of one platform as its database names them: those of the sample, or, for scale, made-up names."""

import typing as t
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from vigie.sample.forum.activity import Ints, blocks
from vigie.sample.forum.members import READER, REPOSTER
from vigie.sample.forum.mixing import below, digits
from vigie.sample.forum.uploads import Upload
from vigie.sample.forum.world import Forum
from vigie.sample.made import Made

MIMES = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp",
    "bmp": "image/bmp", "tif": "image/tiff", "tiff": "image/tiff", "mp4": "video/mp4", "webm": "video/webm",
    "mkv": "video/x-matroska", "avi": "video/x-msvideo", "mov": "video/quicktime",
}  # fmt: skip
UPLOADS = (4, 4, 400, 400, 4, 4)
"""On a platform without media, so many of 1,000 posts have a file, by ``members.ROLES``."""


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
    md5: list[str]
    """Of the content, in hexadecimal; random ones where no file stands behind the names."""
    sha1: list[str]
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
            token=digits(forum.crowd.seed, 63, forum.number, np.arange(len(mine))),
            md5=[one.media.md5.hex() for one in mine],
            sha1=[one.media.sha1.hex() for one in mine],
            name=names,
            ending=[name.rpartition(".")[2].lower() for name in names],
            size=np.array([one.media.size_bytes for one in mine]),
            downloads=np.array([one.downloads for one in mine]),
            media=[one.media for one in mine],
        )
    ]


def made_up(forum: Forum) -> Iterator[Attached]:
    """Yield names of files as ``UPLOADS`` has them: rows for scale. What reposters put there was there before."""
    number, contents = 0, np.empty(0, np.int64)
    seed, platform = forum.crowd.seed, forum.number
    for block in blocks(forum.crowd, forum.members, forum.calendar):
        role = np.where(block.account >= 0, forum.members.role[block.account], READER)
        chosen = np.flatnonzero((block.mark % 1_000 < np.array(UPLOADS)[role]) & (block.account >= 0))
        at = number + np.arange(len(chosen))
        number += len(chosen)
        content = at.copy()
        again = np.flatnonzero((role[chosen] == REPOSTER) & (len(contents) > 0))
        content[again] = contents[below(max(1, len(contents)), seed, 68, platform, at[again])]
        contents = np.concatenate([contents, content])
        yield Attached(
            number=at,
            account=block.account[chosen],
            post=block.number[chosen],
            topic=block.topic[chosen],
            at=block.at[chosen],
            token=digits(seed, 64, platform, at),
            md5=digits(seed, 65, platform, content),
            sha1=[one + one[:8] for one in digits(seed, 66, platform, content)],
            name=[f"IMG_{one:06d}.jpg" for one in (at % 1_000_000).tolist()],
            ending=["jpg"] * len(at),
            size=20_000 + below(3_000_000, seed, 69, content),
            downloads=below(500, seed, 67, at),
            media=[],
        )


def counted(parts: t.Iterable[Attached], accounts: int) -> tuple[Ints, Ints]:
    """Return the numbers of the posts that have files, rising, each once; and how many files each account put there."""
    posts, many = [np.empty(0, np.int64)], np.zeros(accounts, np.int64)
    for one in parts:
        posts.append(one.post)
        np.add.at(many, one.account, 1)
    return np.unique(np.concatenate(posts)), many


def within(numbers: Ints, sorted_: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which numbers stand among sorted ones."""
    if not len(sorted_):
        return np.zeros(len(numbers), bool)
    at = np.minimum(np.searchsorted(sorted_, numbers), len(sorted_) - 1)
    return np.asarray(sorted_[at] == numbers)
