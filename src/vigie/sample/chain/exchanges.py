"""Exchanges: hot wallets, deposit addresses of customers, sweeps, withdrawals one by one and in batches."""

from __future__ import annotations

import typing as t

from vigie.sample.chain.press import DUST

if t.TYPE_CHECKING:
    from vigie.sample.chain.locks import Lock
    from vigie.sample.chain.press import Put, Sent
    from vigie.sample.chain.scene import Scene
    from vigie.sample.chain.spending import Coin
    from vigie.sample.chain.wallets import Wallet


class Named(t.NamedTuple):
    """An exchange of this made-up world."""

    id: str
    label: str
    countries: tuple[str, ...]
    deposits: str
    """Kind of its deposit addresses."""


EXCHANGES: tuple[Named, ...] = (
    Named("mirabel", "Mirabel Exchange", ("FR",), "p2wpkh"),
    Named("ostrava-coin", "Ostrava Coin", ("CZ",), "p2pkh"),
    Named("lumo", "Lumo", ("MT", "DE"), "p2sh"),
    Named("kestrel-markets", "Kestrel Markets", ("US",), "p2wpkh"),
    Named("tidewater", "Tidewater", (), "p2wsh"),
    Named("north-quay", "North Quay", ("EE",), "p2tr"),
)
SHOWN = 8
RECYCLED = 0.03
"""Share of deposit addresses that had another customer before."""


class Exchange:
    """One of them."""

    def __init__(self, scene: Scene, named: Named) -> None:
        self.scene, self.named = scene, named
        self.wallet: Wallet = scene.wallet(
            f"exchange:{named.id}", "exchange", kind="p2wsh" if len(named.countries) > 1 else "p2wpkh", actor=named.id
        )
        self.deposits: list[Coin] = []
        """Coins on deposit addresses."""
        self._hot = [self.wallet.smith.make(self.wallet, self.wallet.kind, "hot") for _ in range(3)]
        self.shown: list[Lock] = [self._hot[0]]
        """Locks that somebody could have tagged: the first hot ones. Deposits are swept to the very first."""
        self._old: list[Lock] = []

    def hot(self) -> Lock:
        """Return one of the addresses of its own money: there are few, and they are used again; one never changes."""
        rng = self.scene.rng
        if rng.random() < 0.3:
            self._hot[1 + int(rng.random() * 2)] = self.wallet.smith.make(self.wallet, self.wallet.kind, "hot")
        lock = self._hot[int(rng.random() * 3)]
        if len(self.shown) < SHOWN and lock not in self.shown:
            self.shown.append(lock)
        return lock

    def deposit_lock(self) -> Lock:
        """Return a deposit address for a customer."""
        rng = self.scene.rng
        if self._old and rng.random() < RECYCLED:
            return self._old[int(rng.random() * len(self._old))]
        lock = self.wallet.smith.make(self.wallet, self.named.deposits, "deposit")
        if len(self._old) < 1_000:
            self._old.append(lock)
        return lock

    def sort_coins(self) -> None:
        """Tell coins that came to deposit addresses from its own."""
        coming = [one for one in self.wallet.coins if one.lock.role == "deposit"]
        if coming:
            self.wallet.coins = [one for one in self.wallet.coins if one.lock.role != "deposit"]
            self.deposits += coming

    def sweep(self, most: int = 120) -> Sent | None:
        """Gather deposits at the address that the exchange is known by."""
        self.sort_coins()
        some, self.deposits = self.deposits[:most], self.deposits[most:]
        press = self.scene.press
        worth = sum(one.value for one in some) - press.fee(some, 1, self.wallet.style)
        if worth < DUST:
            self.deposits += some
            return None
        return press.spend(some, [(worth, self._hot[0])], self.wallet.style, does="sweep", wallet=self.wallet.name)

    def withdraw(self, puts: list[Put]) -> Sent | None:
        """Pay somebody, or many; None where there is not enough in the hot wallet."""
        self.sort_coins()
        press, wallet = self.scene.press, self.wallet
        total = sum(value for value, _ in puts)
        margin = int(press.rate * 2 * (300 + 34 * len(puts)))
        coins = wallet.covering(total + margin)
        if not coins:
            return None
        rest = sum(one.value for one in coins) - total - press.fee(coins, len(puts) + 1, wallet.style)
        if rest < DUST:
            wallet.back(coins)
            return None
        does = "batch" if len(puts) > 2 else "withdrawal"
        every = [*puts, (rest, self.hot())]
        return press.spend(coins, every, wallet.style, does=does, wallet=wallet.name, change=len(puts))
