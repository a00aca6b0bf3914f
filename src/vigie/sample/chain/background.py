"""Everybody else: wallets of very different sizes that pay each other, exchanges and nobody."""

from __future__ import annotations

import bisect
import hashlib
import itertools
import typing as t

from vigie.sample.chain.press import DUST
from vigie.sample.chain.spending import ALL, ANYONE
from vigie.sample.chain.wallets import SERVICE

if t.TYPE_CHECKING:
    from vigie.sample.chain.exchanges import Exchange
    from vigie.sample.chain.locks import Lock
    from vigie.sample.chain.press import Put
    from vigie.sample.chain.scene import Scene
    from vigie.sample.chain.spending import Coin
    from vigie.sample.chain.wallets import Wallet

DEGREES: tuple[tuple[int, int, int], ...] = (
    (1, 1, 600), (1, 2, 5200), (1, 3, 560), (1, 4, 90), (1, 5, 40), (1, 6, 30), (1, 8, 25), (1, 11, 40), (1, 20, 18),
    (1, 50, 8), (1, 149, 4), (2, 1, 110), (2, 2, 900), (2, 3, 150), (2, 4, 30), (3, 1, 160), (3, 2, 230), (3, 3, 22),
    (4, 1, 35), (4, 2, 85), (5, 1, 20), (5, 2, 90), (6, 2, 60), (7, 2, 28), (8, 2, 17), (10, 2, 14), (12, 2, 12),
    (16, 1, 15), (25, 2, 36), (40, 1, 30), (67, 2, 18), (100, 1, 16), (200, 1, 8),
)  # fmt: skip
"""Inputs, outputs, how often: after the transactions of blocks 300,025, 413,567 and one of 2025 of the main chain."""
MEANS = 2.28, 2.42
"""Inputs and outputs of a transaction of the main chain. With more outputs, coins that nobody spends pile up."""
GATHERS = 5
"""Inputs from which on a transaction gathers coins."""
PARETO = 1.16
"""The exponent by which a fifth of the wallets has four fifths of what there is."""
OP_RETURNS, ANCHORS, CROWDS, REUSES = 0.13, 0.004, 0.004, 0.12
"""Shares: of transactions with OP_RETURN, with an anchor, with inputs that others may add to; of wallets with one
address only."""


class _Odds:
    """Shapes of transactions, some more often than others."""

    def __init__(self, shapes: t.Sequence[tuple[int, int, int]]) -> None:
        self._shapes = [(inputs, outputs) for inputs, outputs, _ in shapes]
        self._often = list(itertools.accumulate(often for *_, often in shapes))

    def draw(self, chance: float) -> tuple[int, int]:
        """Return the inputs and outputs that a number of 0 to 1 falls on."""
        return self._shapes[bisect.bisect(self._often, int(chance * self._often[-1]))]


class Background:
    """The rest of the world."""

    def __init__(self, scene: Scene, wallets: int, exchanges: list[Exchange]) -> None:
        self.scene, self.exchanges = scene, exchanges
        rng = scene.rng
        self.wallets = [scene.wallet(f"other {number}", "background", pooled=True) for number in range(wallets)]
        for one in self.wallets:
            if rng.random() < REUSES:
                one.held = one.lock()
        self._weights = list(itertools.accumulate(min(rng.paretovariate(PARETO), wallets / 4) for _ in self.wallets))
        self._degrees = _Odds(DEGREES)
        self._gathering = _Odds([one for one in DEGREES if one[0] >= GATHERS])
        self._narrow = _Odds([(inputs, outputs, often * (4 if outputs == 1 else 1))
                              for inputs, outputs, often in DEGREES if inputs < GATHERS and outputs <= 2])  # fmt: skip
        self.miners = [scene.wallet(f"miner {number}", "background", kind=kind, style=SERVICE)
                       for number, kind in enumerate(("p2pk", "p2wpkh", "p2pkh"))]  # fmt: skip
        self._deposits: dict[tuple[str, str], Lock] = {}

    def anybody(self) -> Wallet:
        """Return a wallet, large ones more often."""
        weights = self._weights
        return self.wallets[bisect.bisect(weights, self.scene.rng.random() * weights[-1])]

    def pay_out_miners(self, payees: int) -> None:
        """Have miners pay what is old enough to exchanges and to others."""
        scene = self.scene
        for miner in self.miners:
            for coin in miner.take(scene.rng, 2):
                worth = coin.value - int(scene.press.rate * 2 * (150 + 36 * payees))
                if worth < payees * 50 * DUST:
                    continue
                part = worth // (payees + 6)
                puts: list[Put] = [(part, self.anybody().lock()) for _ in range(payees)]
                to = self.exchanges[int(scene.rng.random() * len(self.exchanges))]
                puts.append((worth - part * payees, to.hot()))
                scene.press.spend([coin], puts, miner.style, does="batch", wallet=miner.name)

    def step(self) -> bool:
        """Make one transaction; False where whoever was to make it could not."""
        roll = self.scene.rng.random()
        if roll < 0.86:
            return self._payment()
        if roll < 0.92:
            return self._deposit()
        exchange = self.exchanges[int(self.scene.rng.random() * len(self.exchanges))]
        if roll < 0.985:
            return self._withdrawal(exchange)
        return len(exchange.wallet.deposits) >= SWEEP_LEAST and exchange.sweep() is not None

    def _degree(self) -> tuple[int, int]:
        """Return how many inputs and outputs: any, unless the chain has come to have too few or too many of them."""
        press = self.scene.press
        if press.inputs < MEANS[0] * press.transactions:
            odds = self._gathering
        else:
            odds = self._narrow if self._wide else self._degrees
        return odds.draw(self.scene.rng.random())

    @property
    def _wide(self) -> bool:
        """Say whether the chain has more outputs than real ones have."""
        press = self.scene.press
        return press.outputs > MEANS[1] * press.transactions

    def _spender(self, inputs: int) -> tuple[Wallet, list[Coin], int] | None:
        """Return a wallet, coins taken out of it and what they are worth."""
        scene = self.scene
        coin = scene.some_coin()
        if coin is None:
            return None
        wallet = coin.lock.wallet
        coins = wallet.take(scene.rng, min(inputs, 20) if wallet.kind in _HEAVY else inputs)
        worth = sum([one.value for one in coins])
        if worth > 2 * scene.press.fee(coins, 1, wallet.style) + DUST:
            return wallet, coins, worth
        wallet.back(one for one in coins if one.value > 20 * DUST)
        return None

    def _payment(self) -> bool:
        scene, rng = self.scene, self.scene.rng
        inputs, outputs = self._degree()
        found = self._spender(inputs)
        if found is None:
            return False
        wallet, coins, worth = found
        style = wallet.style
        left = worth - scene.press.fee(coins, 1, style)
        outputs = max(1, min(outputs, left // int(4 * DUST + 60 * scene.press.rate * style.rate)))
        left = worth - scene.press.fee(coins, outputs + 1, style)
        if left < DUST:
            return False
        puts: list[Put] = []
        own = outputs > 1 and rng.random() < 0.95
        payees = outputs - own
        spread = left if payees == 1 else left // payees
        for number in range(payees):
            value = (
                left
                if not own and number == payees - 1
                else self._amount(min(spread, left - DUST * (outputs - number)))
            )
            left -= value
            puts.append((value, self.anybody().lock()))
        change = -1
        if own:
            if left < DUST:
                own = False
            else:
                change = len(puts)
                puts.append((left, wallet.held or wallet.smith.make(wallet, wallet.kind, "change")))
        if rng.random() < OP_RETURNS:
            puts.append((0, _data(rng.getrandbits(64))))
        if style.version == 2 and rng.random() < ANCHORS and puts[0][0] > 3 * DUST:
            puts[0] = (puts[0][0] - 240, puts[0][1])
            puts.append((240, scene.anyone.lock()))
            scene.at(scene.now + 1, self._anchor)
        covers = ANYONE if "p2tr" not in {one.lock.kind for one in coins} and rng.random() < CROWDS else ALL
        scene.press.spend(coins, puts, style, does="spend", wallet=wallet.name, change=change, covers=covers)
        return True

    def _amount(self, most: int) -> int:
        """Return an amount up to so much, now and then a round one."""
        rng = self.scene.rng
        value = max(DUST, int(most * rng.random() ** 2))
        if rng.random() < 0.3:
            unit = 10 ** max(3, len(str(value)) - 2)
            value = value // unit * unit or value
        return min(value, most) if most >= DUST else DUST

    def _anchor(self) -> None:
        """Have somebody pay more for a transaction by spending its anchor."""
        scene = self.scene
        anchors = scene.anyone.take(scene.rng, 1)
        found = self._spender(1) if anchors else None
        if found is None:
            return
        wallet, coins, worth = found
        value = worth + 240 - 2 * scene.press.fee(coins, 2, wallet.style)
        if value < DUST:
            return
        puts: list[Put] = [(value, wallet.lock("change"))]
        scene.press.spend([*anchors, *coins], puts, wallet.style, does="spend", wallet=wallet.name, change=0)

    def _deposit(self) -> bool:
        """Have somebody bring coins to an exchange, to an address of its own there."""
        scene, rng = self.scene, self.scene.rng
        found = self._spender(1 + int(rng.random() * 2))
        if found is None:
            return False
        wallet, coins, worth = found
        exchange = self.exchanges[int(rng.random() * len(self.exchanges))]
        key = (wallet.name, exchange.named.id)
        lock = self._deposits.get(key)
        if lock is None:
            lock = exchange.deposit_lock()
            if len(self._deposits) < 100_000:
                self._deposits[key] = lock
        left = worth - scene.press.fee(coins, 2, wallet.style)
        puts: list[Put] = [(left, lock)]
        if left > 20 * DUST and rng.random() < 0.7:
            value = self._amount(left - DUST)
            puts = [(value, lock), (left - value, wallet.lock("change"))]
        scene.press.spend(coins, puts, wallet.style, does="deposit", wallet=wallet.name, change=len(puts) - 1 or -1)
        return True

    def _withdrawal(self, exchange: Exchange) -> bool:
        rng = self.scene.rng
        many = 1 if rng.random() < 0.7 or self._wide else 3 + int(rng.paretovariate(PARETO) * 3) % 200
        coins = exchange.wallet.coins
        most = coins[-1].value if coins else 0
        each = most // (many * 8)
        if each < 10 * DUST:
            return len(exchange.wallet.deposits) > 2 and exchange.sweep() is not None
        return exchange.withdraw([(self._amount(each), self.anybody().lock()) for _ in range(many)]) is not None


SWEEP_LEAST = 3
"""Deposits from which on an exchange gathers them."""
_HEAVY = frozenset(("p2pk", "p2pkh", "multisig"))
"""Kinds whose every input signs the whole transaction again."""


def _data(number: int) -> bytes:
    """Return a script that carries 32 bytes, its length before it."""
    return b"\x22\x6a\x20" + hashlib.sha256(number.to_bytes(8)).digest()
