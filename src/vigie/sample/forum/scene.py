"""What every writer asks of a platform while it goes through it: addresses, titles, counts, what the staff did."""

from collections.abc import Iterator

import numpy as np

from vigie.sample.forum.activity import Ints, Posts, Topics
from vigie.sample.forum.acts import acts, bans, seen
from vigie.sample.forum.addresses import addresses
from vigie.sample.forum.attached import Files, counted
from vigie.sample.forum.dump import ROWS, Values
from vigie.sample.forum.members import MODERATOR, Place, Reveal
from vigie.sample.forum.mixing import digits, mix, share
from vigie.sample.forum.speech import Speech
from vigie.sample.forum.world import Forum

TITLES = 1 << 30
PIECE = ROWS * 5
"""Accounts or topics that are put into columns at once."""


class Scene:
    """One platform while it is written: it counts posts as they go by."""

    def __init__(self, forum: Forum, files: Files) -> None:
        self.forum, self.files = forum, files
        self.members, self.crowd = forum.members, forum.crowd
        self.rng = np.random.default_rng([forum.crowd.seed, 80, forum.number])
        self.speech = Speech(forum.crowd, forum.members)
        self.with_file, self.uploads = counted(files(), self.members.size)
        """Posts that have files; files of each account."""
        self.topics = Topics.room(forum.calendar.posts)
        self.counts = np.zeros(self.members.size, np.int64)
        """Posts of each account so far."""
        self.last = np.zeros(self.members.size, np.int64)
        """When each account posted last; s since 1970."""
        self.seen = seen(self.members, self.rng)
        self.acts = acts(self.members, self.rng, forum.calendar.posts, max(1, forum.calendar.posts // 15))
        self.bans = bans(self.members, self.rng)
        moderators = np.flatnonzero(self.members.role == MODERATOR)
        self.moderators, self.hidden = moderators[:-1], moderators[-1:]
        """Those that the permission tables name; the last one was taken out of them, and shows in the logs only."""

    def take(self, posts: Posts) -> None:
        """Count a block."""
        self.topics.take(posts)
        real = posts.account >= 0
        np.add.at(self.counts, posts.account[real], 1)
        # Of several posts of one account the last assignment stands, and they go by time
        self.last[posts.account[real]] = posts.at[real]

    def addresses(self, account: Ints, at: Ints) -> Ints:
        """Return where accounts come from, as ``addresses`` numbers them; guests come as the first account does."""
        who = np.maximum(account, 0)
        return addresses(self.crowd, self.members.person[who], self.members.veil[who], at)

    def titles(self, topic: Ints) -> list[str]:
        """Return the title of each topic, or of anything else that has a number: one sentence."""
        drawn = (mix(self.crowd.seed, 82, self.forum.number, topic) % np.uint64(TITLES)).astype(np.int64)
        nobody = np.full(len(topic), -1)
        return [one[:-1] for one in self.speech.bodies(nobody, drawn, np.ones(len(topic), np.int64))]

    def share(self, what: int, account: Ints) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        """Return a number 0..1 for each account, another one for each ``what``."""
        return share(self.crowd.seed, what, self.forum.number, account)

    def marks(self, what: int, number: Ints) -> list[str]:
        """Return 32 hexadecimal digits for each number, others for each ``what``."""
        return digits(self.crowd.seed, what, self.forum.number, number)

    def standing(self) -> Ints:
        """Return the accounts that were not deleted."""
        return np.flatnonzero(~self.members.deleted)


def pieces(some: Ints) -> Iterator[Ints]:
    """Yield numbers in pieces of ``PIECE``."""
    for at in range(0, len(some), PIECE):
        yield some[at : at + PIECE]


def cut(count: int, columns: dict[str, Values]) -> Iterator[dict[str, Values]]:
    """Yield columns in pieces of ``ROWS`` rows."""
    for at in range(0, count, ROWS):
        yield {
            name: one[at : at + ROWS] if isinstance(one, list | np.ndarray) else one for name, one in columns.items()
        }


def placed(own: dict[int, list[Reveal]], place: Place) -> dict[int, list[Reveal]]:
    """Return what accounts show in one place of their own rows."""
    return {who: some for who, all_ in own.items() if (some := [one for one in all_ if one.place == place])}
