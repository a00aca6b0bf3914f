"""Private messages of a platform: who wrote to whom, when, and what an answer answers; drawn in blocks."""

from collections.abc import Iterator

import msgspec
import numpy as np

from vigie.sample.forum.activity import BLOCK, Ints
from vigie.sample.forum.crowd import Crowd
from vigie.sample.forum.members import SINCE, UNTIL, Members

ANSWERS = 0.55


class Letters(msgspec.Struct, frozen=True, kw_only=True):
    """Columns over the messages of one block, by time."""

    number: Ints
    author: Ints
    reader: Ints
    at: Ints
    """s since 1970, UTC; 0: not known."""
    root: Ints
    """Number of the message with which its conversation began; its own where it is that."""
    first: Ints
    sentences: Ints


def letters(crowd: Crowd, members: Members, count: int) -> Iterator[Letters]:
    """Yield all private messages of a platform."""
    weights = np.cumsum(np.sqrt(members.weight))
    for at, start in enumerate(range(0, count, BLOCK)):
        rng = np.random.default_rng([crowd.seed, 62, members.platform, at])
        size = min(BLOCK, count - start)
        share = (start + np.sort(rng.random(size)) * size) / count
        when = (SINCE + 30 * 86_400 + share**0.7 * (UNTIL - SINCE - 31 * 86_400)).astype(np.int64)
        there = np.maximum(2, np.searchsorted(members.registered, when))
        author = np.minimum(np.searchsorted(weights, rng.random(size) * weights[there - 1]), there - 1)
        reader = np.minimum((rng.random(size) ** 2 * there).astype(np.int64), there - 1)
        author = np.where(members.gone[author] <= when, 0, author)
        reader = np.where(reader == author, np.where(author > 0, author - 1, 1), reader)
        back = rng.geometric(0.2, size)
        answered = np.arange(size) - back
        answers = (rng.random(size) < ANSWERS) & (answered >= 0)
        root = start + np.arange(size)
        for place in np.flatnonzero(answers).tolist():
            other = int(answered[place])
            if members.gone[reader[other]] > when[place]:
                author[place], reader[place], root[place] = reader[other], author[other], root[other]
        if start == 0:
            when[: min(3, size)] = 0
        yield Letters(
            number=start + np.arange(size),
            author=author,
            reader=reader,
            at=when,
            root=root,
            first=rng.integers(0, 1 << 30, size),
            sentences=rng.geometric(0.3, size),
        )
