"""What all actors of a practice economy share: chance, the press, the truth, whoever else there is."""

from __future__ import annotations

import heapq
import itertools
import random
import typing as t

from vigie.rows.chain_truth import TruthWallet
from vigie.sample.chain.curve import keys, secret
from vigie.sample.chain.locks import Lock, Locksmith
from vigie.sample.chain.wallets import KINDS, SERVICE, STYLES, Style, Wallet

if t.TYPE_CHECKING:
    from vigie.sample.chain.book import Book
    from vigie.sample.chain.press import Press
    from vigie.sample.chain.spending import Coin

_KINDS, _KIND_ODDS = [kind for kind, _ in KINDS], [odds for _, odds in KINDS]


class Scene:
    """One economy while it is drawn."""

    def __init__(self, seed: int, rng: random.Random, book: Book, press: Press) -> None:
        self.seed, self.rng, self.book, self.press = seed, rng, book, press
        self.smith = Locksmith(keys(secret(seed, "keys")))
        self.now = 0
        """Time of the block that is made; s since 1970."""
        self.pool: list[Coin] = []
        """Coins of the background, some of them spent by now."""
        self._due: list[tuple[int, int, t.Callable[[], None]]] = []
        self._count = itertools.count()
        self.anyone = self.wallet("anyone", "anyone", kind="anchor", style=STYLES[0])
        self.anyone.held = Lock(self.anyone, "anchor", [], "")

    def wallet(
        self,
        name: str,
        owner: str,
        *,
        kind: str = "",
        style: Style | None = None,
        pooled: bool = False,
        dump: str = "",
        account: str = "",
        actor: str = "",
        xpub: str = "",
        made_as: type[Wallet] = Wallet,
    ) -> Wallet:
        """Return a new wallet, and write down whose it is; kind and habits are drawn where they are not given."""
        rng = self.rng
        made = made_as(
            name,
            owner,
            kind or rng.choices(_KINDS, _KIND_ODDS)[0],
            style or (SERVICE if owner == "exchange" else STYLES[int(rng.random() * 6)]),
            self.smith,
            pool=self.pool if pooled else None,
        )
        made.dump, made.account, made.actor, made.xpub = dump, account, actor, xpub
        self.book.add(TruthWallet, name, owner, dump, account, actor, xpub, made.kind)
        return made

    def at(self, time: int, do: t.Callable[[], None]) -> None:
        """Have something done in the first block at that time or later."""
        heapq.heappush(self._due, (time, next(self._count), do))

    def happen(self) -> None:
        """Do what is due."""
        while self._due and self._due[0][0] <= self.now and not self.press.full:
            heapq.heappop(self._due)[2]()

    @property
    def waiting(self) -> bool:
        """Say whether anything is still to be done later."""
        return bool(self._due)

    def some_coin(self, least: int = 0) -> Coin | None:
        """Return a coin of the background of at least so much, left where it is; None where none was met."""
        pool, rng = self.pool, self.rng
        for _ in range(60):
            if not pool:
                return None
            at = int(rng.random() * len(pool))
            coin = pool[at]
            if coin.spent:
                pool[at] = pool[-1]
                pool.pop()
            elif coin.value >= least:
                return coin
        return None
