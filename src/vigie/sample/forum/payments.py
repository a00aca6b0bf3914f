"""Who paid a platform for what, and whom the platform paid."""

import typing as t

import msgspec
import numpy as np

from vigie.sample.forum import checksums
from vigie.sample.forum.identities import value
from vigie.sample.forum.lands import LANDS
from vigie.sample.forum.members import ADMINISTRATOR, UNTIL, UPLOADER
from vigie.sample.forum.scene import Scene

PROCESSORS = ("paypal", "bitcoin", "monero", "ethereum", "card")
_ODDS = (0.3, 0.35, 0.2, 0.05, 0.1)
CURRENCIES = {"paypal": "EUR", "bitcoin": "BTC", "monero": "XMR", "ethereum": "ETH", "card": "USD"}
_PRICES = {
    "paypal": "25.00",
    "bitcoin": "0.00081000",
    "monero": "0.190000000000",
    "ethereum": "0.0140",
    "card": "29.95",
}
_OWN = {"bitcoin": "btc", "monero": "xmr", "ethereum": "eth"}
WALLETS = 3
"""Of each kind, that the platform takes money with."""
MOST_OUT = 40
"""Accounts that may be paid by the platform."""
STATUSES = ("completed", "completed", "completed", "pending", "refunded")


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """One payment."""

    number: int
    account: int
    at: int
    amount: str
    currency: str
    processor: str
    address: str
    """Wallet that it goes to; ``""``: to none."""
    transaction: str
    payer: str
    status: str
    direction: t.Literal["in", "out"]


def payments(scene: Scene) -> list[Paid]:
    """Return the payments of a platform by time: of who pays, and to some who upload or run it."""
    members, rng = scene.members, scene.rng
    drawn: list[tuple[int, int, bool]] = []
    for account in np.flatnonzero(members.paid).tolist():
        since = int(members.registered[account])
        times = since + rng.random(1 + int(rng.integers(5))) * (UNTIL - since)
        drawn += [(int(at), account, True) for at in times.tolist()]
    makers = np.flatnonzero((members.role == UPLOADER) | (members.role == ADMINISTRATOR))[:MOST_OUT]
    makers = makers[rng.random(len(makers)) < 0.5]
    drawn += [(UNTIL - int(rng.integers(1, 20_000_000)), account, False) for account in makers.tolist()]
    return [_settled(scene, _one(scene, number, *one)) for number, one in enumerate(sorted(drawn))]


def _settled(scene: Scene, one: Paid) -> Paid:
    """Return a payment as the practice chain has it, where there is one."""
    if one.number not in scene.forum.settled:
        return one
    address, transaction, amount = scene.forum.settled[one.number]
    return msgspec.structs.replace(one, address=address, transaction=transaction, amount=amount)


def _one(scene: Scene, number: int, at: int, account: int, comes: bool) -> Paid:
    rng, members = scene.rng, scene.members
    processor = PROCESSORS[int(rng.choice(len(PROCESSORS), p=_ODDS))] if comes else "bitcoin"
    raw = rng.bytes(32)
    person = int(members.person[account])
    if not comes:
        address = value(scene.crowd.seed, person, "btc", LANDS[scene.crowd.land[person]].code)
    else:
        address = wallet(scene, processor, int(rng.integers(WALLETS)))
    return Paid(
        number=number,
        account=account,
        at=at,
        amount=_PRICES[processor],
        currency=CURRENCIES[processor],
        processor=processor,
        address=address,
        transaction=raw.hex() if processor in _OWN else raw[:9].hex().upper()[:17],
        payer=members.email[account] if processor in ("paypal", "card") else "",
        status=STATUSES[int(rng.integers(len(STATUSES)))] if comes else "completed",
        direction="in" if comes else "out",
    )


def wallet(scene: Scene, processor: str, number: int) -> str:
    """Return one of the platform's own wallets; ``""`` where the processor knows none."""
    raw = np.random.default_rng([scene.crowd.seed, 91, scene.forum.number, number]).bytes(64)
    match processor:
        case "bitcoin":
            return checksums.bech32(raw[:20])
        case "monero":
            return checksums.xmr(raw[:32], raw[32:])
        case "ethereum":
            return checksums.eth(raw[:20])
    return ""
