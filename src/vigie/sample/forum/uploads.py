"""Which account put which file where, and when: producers first, those who post it again after them."""

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from vigie.sample.forum.activity import Ints, Posts
from vigie.sample.forum.members import PAYING, READER, REPOSTER, UPLOADER, Members
from vigie.sample.made import Made

WHO_REPOSTS = ((REPOSTER, 0.7), (PAYING, 0.1), (READER, 0.1), (UPLOADER, 0.1))


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """One file that an account put under a post."""

    platform: int
    account: int
    post: int
    """Number of the post, from 0."""
    topic: int
    at: int
    media: Made
    downloads: int


class Places(msgspec.Struct, frozen=True):
    """Posts under which a role puts files, by time."""

    account: Ints
    post: Ints
    topic: Ints
    at: Ints


def gather(members: Members, blocks: Iterable[Posts]) -> dict[int, Places]:
    """Return the posts of each role that posts files."""
    held: dict[int, list[Places]] = {role: [] for role, _ in WHO_REPOSTS}
    for block in blocks:
        role = np.where(block.account >= 0, members.role[block.account], -1)
        for one, some in held.items():
            chosen = (role == one) & ~block.hidden
            some.append(Places(block.account[chosen], block.number[chosen], block.topic[chosen], block.at[chosen]))
    return {
        role: Places(
            np.concatenate([one.account for one in some]),
            np.concatenate([one.post for one in some]),
            np.concatenate([one.topic for one in some]),
            np.concatenate([one.at for one in some]),
        )
        for role, some in held.items()
    }


def uploads(
    rng: np.random.Generator, families: Sequence[tuple[int, Sequence[Made]]], places: Sequence[dict[int, Places]]
) -> list[Upload]:
    """Give every family a first upload by a producer of its platform, and later ones by others, there or elsewhere.

    ``families``: platform of the first upload, and the family's files in the order in which they are posted.
    """
    out: list[Upload] = []
    roles, odds = [role for role, _ in WHO_REPOSTS], [share for _, share in WHO_REPOSTS]
    for home, files in families:
        producers = places[home][UPLOADER]
        if not len(producers.at):
            continue
        # Not among the last ones: others still have to post it again
        first = _one(rng, producers, home, files[0], 0, int(len(producers.at) * 0.8) + 1)
        out.append(first)
        for media in files[1:]:
            platform = home if rng.random() < 0.7 else int(rng.integers(len(places)))
            some = places[platform][roles[int(rng.choice(len(roles), p=odds))]]
            later = int(np.searchsorted(some.at, first.at, side="right"))
            if later < len(some.at):
                out.append(_one(rng, some, platform, media, later, len(some.at)))
    return sorted(out, key=lambda one: (one.at, one.platform, one.post, one.media.sha256))


def _one(rng: np.random.Generator, places: Places, platform: int, media: Made, low: int, high: int) -> Upload:
    at = int(rng.integers(low, min(high, len(places.at))))
    return Upload(
        platform=platform,
        account=int(places.account[at]),
        post=int(places.post[at]),
        topic=int(places.topic[at]),
        at=int(places.at[at]),
        media=media,
        downloads=int(rng.geometric(0.01)),
    )
