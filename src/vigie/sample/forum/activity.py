"""What accounts of a platform write and when: days of posts, drawn in blocks, so that any size fits in memory.

A block follows from (seed, platform, block): it may be drawn again for another table, and is the same.
"""

import typing as t
from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from vigie.sample.forum.crowd import Crowd
from vigie.sample.forum.members import SINCE, UNTIL, Members

Ints = NDArray[np.int64]
DAY_S = 86_400
BLOCK = 40_000
"""Posts that are drawn together, about: always whole days."""
PER_TOPIC = 11.0
GUESTS = 0.004
"""Share of posts by visitors without an account."""
QUOTES = 0.07
EDITS = 0.03
HIDDEN = 0.006
"""Share of posts that the staff deleted softly."""
SECTIONS = 9
"""Boards that hold posts; the last is open to some only."""


class Days(msgspec.Struct, frozen=True):
    """Posts of each day of a platform; both have one number for each day since ``SINCE``."""

    counts: Ints
    before: Ints
    """Posts before that day."""

    @property
    def posts(self) -> int:
        """All of them."""
        return int(self.counts.sum())


class Posts(msgspec.Struct, frozen=True, kw_only=True):
    """Columns over the posts of one block, by time."""

    number: Ints
    """From 0 over the whole platform."""
    account: Ints
    """-1: a guest."""
    at: Ints
    """s since 1970, UTC."""
    topic: Ints
    """From 0 over the whole platform."""
    opens: NDArray[np.bool_]
    """Is it the first of its topic?"""
    quotes: Ints
    """Place in the block of the post that it quotes; -1."""
    first: Ints
    """Sentence with which its text begins ..."""
    sentences: Ints
    """... and how many it has."""
    edited: NDArray[np.bool_]
    hidden: NDArray[np.bool_]
    mark: Ints
    """63 random bits."""


def days(posts: int) -> Days:
    """Divide posts over the days from ``SINCE`` to ``UNTIL``: more each year, least in the middle of the week."""
    count = (UNTIL - SINCE) // DAY_S
    at = np.arange(count)
    rate = (0.1 + at / count) * (1 + 0.25 * np.cos(2 * np.pi * (at % 7) / 7))
    upto = np.rint(np.cumsum(rate) / rate.sum() * posts).astype(np.int64)
    counts = np.diff(upto, prepend=0)
    return Days(counts=counts, before=upto - counts)


def blocks(crowd: Crowd, members: Members, calendar: Days) -> Iterator[Posts]:
    """Yield all posts of a platform."""
    weights = np.cumsum(members.weight)
    topics = 0
    starts = np.searchsorted(calendar.before, np.arange(0, calendar.posts, BLOCK))
    for at, (low, high) in enumerate(zip(starts.tolist(), [*starts[1:].tolist(), len(calendar.counts)], strict=True)):
        if low < high:
            one = _block(crowd, members, calendar, weights, topics, at, low, high)
            topics += int(one.opens.sum())
            yield one


def _block(
    crowd: Crowd,
    members: Members,
    calendar: Days,
    weights: NDArray[np.float64],
    topics: int,
    at: int,
    low: int,
    high: int,
) -> Posts:
    rng = np.random.default_rng([crowd.seed, 61, members.platform, at])
    day = np.repeat(np.arange(low, high), calendar.counts[low:high])
    count = len(day)
    midnight = SINCE + day * DAY_S
    there = np.maximum(1, np.searchsorted(members.registered, midnight))
    account = np.searchsorted(weights, rng.random(count) * weights[there - 1], side="right")
    account = np.minimum(account, there - 1)
    peak = crowd.peak[members.person[account]]
    second = ((peak + 3.0 * rng.standard_normal(count)) % 24 * 3600).astype(np.int64)
    # Whoever is gone wrote before: the founder speaks in its place
    account[members.gone[account] <= midnight + DAY_S] = 0
    account[rng.random(count) < GUESTS] = -1
    order = np.argsort(midnight + second, kind="stable")
    account, when = account[order], (midnight + second)[order]
    opens = rng.random(count) < 1 / PER_TOPIC
    opens[0] |= topics == 0
    opens &= (account >= 0) | (np.arange(count) == 0)
    newest = topics + np.cumsum(opens) - 1
    lag = np.minimum(np.exp(1.0 + 2.0 * rng.standard_normal(count)), 1e9).astype(np.int64)
    topic = np.where(opens, newest, np.maximum(0, newest - lag))
    return Posts(
        number=calendar.before[low] + np.arange(count),
        account=account,
        at=when,
        topic=topic,
        opens=opens,
        quotes=np.where(rng.random(count) < QUOTES, _before(topic), -1),
        first=rng.integers(0, 1 << 30, count),
        sentences=1 + rng.geometric(0.22, count),
        edited=rng.random(count) < EDITS,
        hidden=rng.random(count) < HIDDEN,
        mark=rng.integers(0, 1 << 62, count),
    )


def _before(topic: Ints) -> Ints:
    """Return for each post the place of the one before it in its topic, in the same block; -1: there is none."""
    order = np.argsort(topic, kind="stable")
    out = np.full(len(topic), -1)
    same = topic[order][1:] == topic[order][:-1]
    out[order[1:][same]] = order[:-1][same]
    return out


class Topics(msgspec.Struct, kw_only=True):
    """Columns over the topics of a platform, filled as posts go by; post numbers, accounts and times."""

    first: Ints
    last: Ints
    account: Ints
    opened: Ints
    last_account: Ints
    last_at: Ints
    replies: Ints
    used: int = 0

    @classmethod
    def room(cls, posts: int) -> t.Self:
        """Make room for the topics of so many posts."""
        many = int(posts / PER_TOPIC * 1.1) + 100
        first, last, account, opened, last_account, last_at, replies = np.zeros((7, many), np.int64)
        return cls(
            first=first, last=last, account=account, opened=opened, last_account=last_account, last_at=last_at,
            replies=replies,
        )  # fmt: skip

    def take(self, posts: Posts) -> None:
        """Count a block."""
        new = posts.topic[posts.opens]
        self.first[new], self.account[new] = posts.number[posts.opens], posts.account[posts.opens]
        self.opened[new] = posts.at[posts.opens]
        # Of several posts of one topic the last assignment stands, and they go by time
        self.last[posts.topic] = posts.number
        self.last_account[posts.topic] = posts.account
        self.last_at[posts.topic] = posts.at
        np.add.at(self.replies, posts.topic[~posts.opens], 1)
        self.used += len(new)


def section(topic: Ints) -> Ints:
    """Return the board of a topic, from 0: the first ones hold the most."""
    return np.asarray(np.minimum(topic * 7919 % 23 * SECTIONS // 23, (topic * 104_729) % 31 * SECTIONS // 31))
