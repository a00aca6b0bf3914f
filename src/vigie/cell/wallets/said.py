"""What readers of wallets share in what they say."""

from __future__ import annotations

import typing as t

from vigie.rows.wallets import WALLET_SECRETS
from vigie.rows.wire import WalletSecretFound

MOST_SECRET: t.Final = 1 << 18
_KINDS: t.Final = {name: number for number, name in enumerate(WALLET_SECRETS)}


def micros(seconds: int | None) -> int | None:
    """Return a time in seconds as the line has it; None where it says nothing (0, 1) or cannot be."""
    return seconds * 1_000_000 if seconds is not None and 1 < seconds < 1 << 33 else None


def secret(kind: str, value: bytes, place: str, *, start: int = -1, carved: bool = False) -> WalletSecretFound:
    """Return a secret on its way to be sealed. Longer than any is, it is cut: the file has the rest."""
    return WalletSecretFound(
        kind=_KINDS[kind], value=value[:MOST_SECRET], carved=carved, place=place[:1000], start=start
    )
