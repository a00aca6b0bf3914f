"""CoinJoins of the shapes that are known (money reference 5.3), and tx0, which goes before some."""

from __future__ import annotations

import typing as t

from vigie.sample.chain.press import DUST
from vigie.sample.chain.spending import Coin
from vigie.sample.chain.wallets import STYLES, Style

if t.TYPE_CHECKING:
    from vigie.sample.chain.press import Put, Sent
    from vigie.sample.chain.scene import Scene
    from vigie.sample.chain.wallets import Wallet

TENTH = 10_000_000
POOLS = ((100_000, 5_000), (1_000_000, 50_000), (5_000_000, 175_000))
"""Whirlpool: value of a pool, its fee; satoshi."""
PREMIUM = 9_500
"""What an input brings into a Whirlpool mix for the miner."""
LEVELS = tuple(sorted({*(2**n for n in range(13, 34)), *(3**n for n in range(9, 21)), *(2 * 3**n for n in range(9, 20)),
                       *(d * 10**n for n in range(4, 10) for d in (1, 2, 5))}, reverse=True))  # fmt: skip
"""WabiSabi: values that outputs are made of."""
MIXER = Style("mixer", 1, 0xFFFFFFFF, False, True, True, 1.2)


class Party(t.NamedTuple):
    """Somebody's part in a CoinJoin."""

    wallet: Wallet
    coins: list[Coin]

    @property
    def worth(self) -> int:
        """Satoshi."""
        return sum(one.value for one in self.coins)


class Joins:
    """Those who bring others' coins together."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._coordinator = scene.wallet("coordinator", "joiner", kind="p2wpkh")
        self._mixing: dict[int, tuple[list[Coin], list[Coin]]] = {value: ([], []) for value, _ in POOLS}
        """Pool -> coins that come fresh from a tx0, coins that were mixed before."""
        self._turn = 0

    def next(self, guest: Party | None = None) -> Sent | None:  # noqa: PLR0911 - a shape each
        """Make the next kind of CoinJoin in turn, a guest of at least a hundredth of a bitcoin being among them."""
        kinds = (self.joinmarket, self.wabisabi, self.wasabi1, self.wasabi11)
        if guest is not None:
            return kinds[int(self.scene.rng.random() * 2)](guest)
        self._turn += 1
        match self._turn % 8:
            case 0 | 4:
                return self.tx0()
            case 2 | 6:
                return self.whirlpool()
            case 1:
                return self.stonewall()
            case 3:
                return kinds[self._turn // 8 % 4](None)
            case 5:
                return self.joinmarket(None)
        return self.wabisabi(None)

    def _parties(self, count: int, least: int, most: int, *, coins: int = 3, guest: Party | None = None) -> list[Party]:
        """Return parties, the coins of each worth from ``least`` up to about ``most``; fewer where no more were met."""
        scene, out = self.scene, [guest] if guest else []
        wallets = {one.wallet.name for one in out}
        for _ in range(count * 12):
            coin = scene.some_coin(least // coins)
            if len(out) == count or coin is None:
                break
            wallet = coin.lock.wallet
            if wallet.name in wallets or coin.value > most or wallet.kind in _OTHERS:
                continue
            some = [coin]
            for other in wallet.coins[-40:]:
                if sum(one.value for one in some) >= least and (len(some) >= coins or scene.rng.random() < 0.6):
                    break
                if not other.spent and other is not coin and other.value <= most:
                    some.append(other)
            if sum(one.value for one in some) >= least and len(some) <= 7:
                wallets.add(wallet.name)
                out.append(Party(wallet, some))
        return out

    def _take(self, parties: t.Sequence[Party]) -> list[Coin]:
        for one in parties:
            taken = {id(coin) for coin in one.coins}
            one.wallet.coins = [coin for coin in one.wallet.coins if id(coin) not in taken]
        return [coin for one in parties for coin in one.coins]

    def _join(self, parties: t.Sequence[Party], puts: list[Put], join: str) -> Sent:
        pasts = {one.wallet.name: {past for coin in one.coins for past in coin.past} for one in parties}
        sent = self.scene.press.spend(self._take(parties), puts, MIXER, does="coinjoin", wallet="", join=join)
        for coin in sent.coins:
            past = pasts.get(coin.lock.wallet.name)
            if past:
                coin.past = tuple(sorted(one.on("coinjoin") for one in past))
        return sent

    def tx0(self) -> Sent | None:
        """Cut somebody's coins into equal parts for a pool: an OP_RETURN, the coordinator's fee, change."""
        scene, rng = self.scene, self.scene.rng
        value, cost = POOLS[int(rng.random() * len(POOLS))]
        parties = self._parties(1, 4 * (value + PREMIUM) + 2 * cost, 10**12)
        if not parties:
            return None
        party = parties[0]
        left = party.worth - cost - int(scene.press.rate * 2 * (600 + 100 * len(party.coins)))
        count = min(10, max(2, left * 8 // 10 // (value + PREMIUM)))
        left -= count * (value + PREMIUM)
        if left < DUST:
            return None
        wallet = party.wallet
        puts: list[Put] = [(value + PREMIUM, wallet.smith.make(wallet, "p2wpkh", "")) for _ in range(count)]
        puts += [(cost, self._coordinator.lock()), (0, b"\x42\x6a\x40" + rng.randbytes(64))]
        puts.append((left, wallet.smith.make(wallet, wallet.kind, "change")))
        sent = scene.press.spend(
            self._take(parties), puts, MIXER, does="tx0", wallet=wallet.name, join="whirlpool_tx0", change=len(puts) - 1
        )
        fresh = [coin for coin in sent.coins if coin.value == value + PREMIUM and coin.lock.wallet is wallet]
        wallet.coins = [coin for coin in wallet.coins if coin not in fresh]
        self._mixing[value][0].extend(fresh)
        return sent

    def whirlpool(self) -> Sent | None:
        """Mix five equal coins of five wallets: from one to four of them for the first time, which pay the miner."""
        rng = self.scene.rng
        for value, (fresh, mixed) in self._mixing.items():
            for some in (fresh, mixed):
                some[:] = [one for one in some if not one.spent]
            old = _apart(mixed, 2 + int(rng.random() * 2) if len(mixed) >= 3 else 1)
            new = _apart(fresh, 5 - len(old), {one.lock.wallet.name for one in old})
            if not old and len(new) >= 4:
                return self._first(value, mixed)
            if not old or len(old) + len(new) < 5:
                continue
            for one in old:
                mixed.remove(one)
            for one in new:
                fresh.remove(one)
            coins = [*old, *new]
            puts: list[Put] = [(value, one.lock.wallet.smith.make(one.lock.wallet, "p2wpkh", "")) for one in coins]
            sent = self.scene.press.spend(coins, puts, MIXER, does="coinjoin", wallet="", join="whirlpool")
            for coin in sent.coins:
                if rng.random() < 0.6:
                    coin.lock.wallet.coins.remove(coin)
                    mixed.append(coin)
            return sent
        return None

    def _first(self, value: int, mixed: list[Coin]) -> Sent | None:
        """Give a pool its first coin that needs no premium: somebody splits it off."""
        parties = self._parties(1, 2 * value, 10**12)
        if not parties:
            return None
        wallet, coins = parties[0]
        rest = parties[0].worth - value - 2 * self.scene.press.fee(coins, 2, wallet.style)
        if rest < DUST:
            return None
        puts: list[Put] = [(value, wallet.smith.make(wallet, "p2wpkh", "")), (rest, wallet.lock("change"))]
        style = wallet.style
        sent = self.scene.press.spend(self._take(parties), puts, style, does="split", wallet=wallet.name, change=1)
        wallet.coins.remove(sent.coins[0])
        mixed.append(sent.coins[0])
        return sent

    def wasabi1(self, guest: Party | None) -> Sent | None:
        """One equal output each of about a tenth of a bitcoin, and change; the coordinator takes its part."""
        rng = self.scene.rng
        value = TENTH + int(rng.random() * 100_000)
        parties = self._parties(10 + int(rng.random() * 25), int(value * 1.1), 10 * TENTH, guest=guest)
        if len(parties) < 10:
            return None
        return self._equal(parties, [[value] for _ in parties], "wasabi1")

    def wasabi11(self, guest: Party | None) -> Sent | None:
        """As before, but with as many doublings of that value as two can share."""
        rng = self.scene.rng
        value = TENTH + int(rng.random() * 100_000)
        parties = self._parties(12 + int(rng.random() * 20), int(value * 1.1), 40 * TENTH, guest=guest)
        if len(parties) < 10:
            return None
        wanted: list[list[int]] = [[value] for _ in parties]
        for level in (value * 2, value * 4):
            rich = [at for at, one in enumerate(parties) if one.worth > (sum(wanted[at]) + level) * 1.1]
            if len(rich) >= 2:
                for at in rich:
                    wanted[at].append(level)
        return self._equal(parties, wanted, "wasabi11" if max(map(len, wanted)) > 1 else "wasabi1")

    def _equal(self, parties: t.Sequence[Party], wanted: list[list[int]], join: str) -> Sent:
        puts: list[Put] = []
        taken = 0
        for party, values in zip(parties, wanted, strict=True):
            wallet = party.wallet
            puts += [(value, wallet.smith.make(wallet, "p2wpkh", "")) for value in values]
            cost = int(sum(values) * 0.003)
            rest = party.worth - sum(values) - cost - int(self.scene.press.rate * 1.3 * (90 * len(party.coins) + 80))
            taken += cost
            if rest > DUST * 4:
                puts.append((rest, wallet.smith.make(wallet, "p2wpkh", "change")))
        puts.append((taken, self._coordinator.lock()))
        return self._join(parties, puts, join)

    def wabisabi(self, guest: Party | None) -> Sent | None:
        """Everybody's coins in values that others have too, as far as they go."""
        scene, rng = self.scene, self.scene.rng
        parties = self._parties(14 + int(rng.random() * 40), 500_000, 100 * TENTH, coins=2, guest=guest)
        if sum(len(one.coins) for one in parties) < 20 or len(parties) < 10:
            return None
        puts: list[Put] = []
        for one in parties:
            left = one.worth - int(scene.press.rate * 1.3 * (70 * len(one.coins) + 200))
            parts = 0
            while left > 40_000 and parts < 8:
                value = next(level for level in LEVELS if level <= left)
                if parts == 0 and rng.random() < 0.5:
                    value = next((level for level in LEVELS if level <= value // 2), value)
                puts.append((value, one.wallet.smith.make(one.wallet, "p2wpkh" if rng.random() < 0.5 else "p2tr", "")))
                left -= value
                parts += 1
            if left >= 5_000:
                puts.append((left, one.wallet.smith.make(one.wallet, "p2wpkh", "change")))
        values = [value for value, _ in puts]
        again = {value for value in values if values.count(value) > 1}
        repeated = sum(value in again for value in values)
        if len(again) < 3 or 2 * repeated < len(values) - 1 or repeated == len(values):
            return None
        return self._join(parties, puts, "wabisabi")

    def joinmarket(self, guest: Party | None) -> Sent | None:
        """Have a taker's amount come from each maker too, and everybody's change."""
        rng = self.scene.rng
        parties = self._parties(4 + int(rng.random() * 5), 1_000_000, 10**11, guest=guest)
        if len(parties) < 4:
            return None
        value = int(min(one.worth for one in parties) * (0.55 + rng.random() * 0.35))
        puts: list[Put] = []
        cost = int(self.scene.press.rate * 1.3 * (100 * sum(len(one.coins) for one in parties) + 70 * len(parties)))
        earned = 200 + int(rng.random() * 2_000)
        taker = max(range(len(parties)), key=lambda at: parties[at].worth)
        for at, one in enumerate(parties):
            wallet = one.wallet
            rest = one.worth - value + (earned if at != taker else -cost - earned * (len(parties) - 1))
            puts.append((value, wallet.smith.make(wallet, wallet.kind, "")))
            if rest >= DUST * 6:
                puts.append((rest, wallet.smith.make(wallet, wallet.kind, "change")))
        if sum(one.worth for one in parties) < sum(value for value, _ in puts) + cost // 2:
            return None
        return self._join(parties, puts, "joinmarket")

    def stonewall(self) -> Sent | None:
        """Have one wallet pay so that it looks like a CoinJoin of two: two equal outputs, two of change."""
        scene, rng = self.scene, self.scene.rng
        some = (self._parties(1, 300_000, 10**11, coins=4) for _ in range(20))  # many wallets have one coin only
        parties = next((one for one in some if one and len(one[0].coins) > 1), None)
        if parties is None:
            return None
        wallet, coins = parties[0]
        left = parties[0].worth - 2 * scene.press.fee(coins, 4, wallet.style)
        value = int(left * (0.15 + rng.random() * 0.25))
        first = int((left - 2 * value) * (0.3 + rng.random() * 0.15))
        second = left - 2 * value - first
        payee = scene.some_coin()
        if min(value, first, second) < 6_000 or len({value, first, second}) < 3 or payee is None:
            return None
        own = [wallet.smith.make(wallet, wallet.kind, "change") for _ in range(3)]
        puts: list[Put] = [(value, payee.lock.wallet.lock()), (value, own[0]), (first, own[1]), (second, own[2])]
        return scene.press.spend(
            self._take(parties), puts, STYLES[0], does="spend", wallet=wallet.name, join="stonewall"
        )


_OTHERS = frozenset(("p2pk", "multisig", "anchor", "p2wsh"))
"""Kinds that nobody mixes."""


def _apart(coins: t.Sequence[Coin], count: int, taken: set[str] | None = None) -> list[Coin]:
    """Return up to so many coins of different wallets that are not among those taken."""
    seen = set(taken or ())
    out: list[Coin] = []
    for one in coins:
        if len(out) < count and one.lock.wallet.name not in seen:
            seen.add(one.lock.wallet.name)
            out.append(one)
    return out
