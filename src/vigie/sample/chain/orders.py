"""What a platform asks bitcoin for, or sends it for; and what the chain made of that."""

from __future__ import annotations

import random
import typing as t

import msgspec

DAY = 86_400
PRICE = 81_000
"""Satoshi that an order costs, before the rate moves."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order that is to be paid, or money that the platform is to send."""

    dump: str
    payment: str
    account: str
    at: int
    comes: bool
    """Is the platform paid?"""
    sat: int
    board: int = -1
    """Which of the addresses that many orders share; -1: it has its own."""
    unpaid: bool = False
    refunded: bool = False


class Settled(t.NamedTuple):
    """What the platform's table says of it."""

    address: str
    txid: str
    """``""``: not said."""


class Past(t.NamedTuple):
    """Where a coin is from: an exchange's payment, or a payment to the shop; and how it came here since."""

    actor: str
    """``""``: it is from a payment to the shop."""
    txid: bytes
    vout: int
    hops: int
    through: str

    def on(self, word: str = "") -> Past:
        """Return it one transaction later."""
        words = sorted({*self.through.split(","), word} - {""})
        return self._replace(hops=self.hops + 1, through=",".join(words))


def priced(rng: random.Random, share: float) -> int:
    """Return what an order costs when a share of the time has gone by: the rate falls and rises, and trembles."""
    return int(PRICE * (1.8 - 1.1 * share) * (0.98 + 0.04 * rng.random()))


def drawn(rng: random.Random, count: int, since: int, until: int) -> list[Order]:
    """Return orders of two made-up platforms: a shop with an address for each, an old board with three for all."""
    out = []
    for number in range(count):
        at = since + int((until - since) * (0.02 + 0.9 * (number + rng.random()) / count))
        board = rng.random() < 0.2
        comes = rng.random() < 0.94
        chance = rng.random()
        out.append(
            Order(
                dump="board" if board else "shop",
                payment=str(number + 1),
                account=str(1 + int(rng.random() ** 2 * max(3, count // 3))),
                at=at,
                comes=comes,
                sat=priced(rng, (at - since) / (until - since)),
                board=int(rng.random() * 3) if board and comes else -1,
                unpaid=comes and chance < 0.12,
                refunded=comes and chance > 0.97,
            )
        )
    return out
