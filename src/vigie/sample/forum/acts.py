"""What the staff of a platform did, and rows of log-ins: moderation, bans, reports, failed attempts."""

import msgspec
import numpy as np

from vigie.sample.forum.activity import Ints, section
from vigie.sample.forum.members import ADMINISTRATOR, MODERATOR, NEVER, SINCE, UNTIL, Members
from vigie.sample.forum.mixing import below

ACTIONS = ("delete", "edit", "lock", "move", "warn", "approve")
PER_MODERATOR = 40


class Acts(msgspec.Struct, frozen=True, kw_only=True):
    """Columns over acts of moderation, by time."""

    account: Ints
    action: Ints
    """Index in ``ACTIONS``."""
    target: Ints
    post: Ints
    topic: Ints
    section: Ints
    at: Ints


class Bans(msgspec.Struct, frozen=True, kw_only=True):
    """Columns over accounts that the staff banned."""

    account: Ints
    by: Ints
    at: Ints


def acts(members: Members, rng: np.random.Generator, posts: int, topics: int) -> Acts:
    """Draw acts: moderators many each, administrators some."""
    staff = np.flatnonzero((members.role == MODERATOR) | (members.role == ADMINISTRATOR))
    scale = PER_MODERATOR * max(1.0, (members.size / 5_000) ** 0.5)
    many = np.where(members.role[staff] == MODERATOR, 1.0, 0.25) * scale * np.exp(0.8 * rng.standard_normal(len(staff)))
    account = np.repeat(staff, np.maximum(2, many.astype(np.int64)))
    count = len(account)
    when = members.registered[account] + (rng.random(count) * (UNTIL - members.registered[account])).astype(np.int64)
    order = np.argsort(when, kind="stable")
    topic = rng.integers(0, max(1, topics), count)
    return Acts(
        account=account[order],
        action=rng.choice(len(ACTIONS), count, p=(0.4, 0.25, 0.12, 0.1, 0.08, 0.05)),
        target=rng.integers(4, members.size, count),
        post=rng.integers(0, max(1, posts), count),
        topic=topic,
        section=section(topic),
        at=when[order],
    )


def bans(members: Members, rng: np.random.Generator) -> Bans:
    """Return bans: of every account that is gone and was not deleted."""
    account = np.flatnonzero((members.gone != NEVER) & ~members.deleted)
    staff = np.flatnonzero(members.role >= MODERATOR)
    return Bans(account=account, by=rng.choice(staff, len(account)), at=members.gone[account])


def seen(members: Members, rng: np.random.Generator) -> Ints:
    """Return when each account was last there; of some never again after registration."""
    spread = rng.random(members.size) ** np.where(members.weight > 1, 0.15, 1.5)
    until = np.minimum(members.gone, UNTIL)
    last = members.registered + (spread * (until - members.registered)).astype(np.int64)
    return np.asarray(np.maximum(last, SINCE))


_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; rv:115.0) Gecko/20100101 Firefox/115.0",
    f"Mozilla/5.0 (X11; Linux x86_64) {_WEBKIT} Chrome/126.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Chrome/125.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 14; SM-G991B) {_WEBKIT} Chrome/125.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
)


def agents(members: Members, seed: int, account: Ints) -> list[str]:
    """Return the browser of each account's person."""
    return [AGENTS[one] for one in below(len(AGENTS), seed, 41, members.person[account]).tolist()]
