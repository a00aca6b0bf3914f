"""Transactions and requests for payment of an Electrum wallet. Amounts are whole satoshi, as it keeps them."""

from __future__ import annotations

import re
import typing as t

from vigie.cell.wallets import transaction
from vigie.cell.wallets.cursor import Cursor, Short
from vigie.cell.wallets.document import Document, members, text, whole
from vigie.cell.wallets.said import micros
from vigie.rows.wire import Reply, WalletMoveFound

if t.TYPE_CHECKING:
    from collections.abc import Iterator

_TXID: t.Final = re.compile(r"[0-9a-fA-F]{64}")
_HEX: t.Final = re.compile(r"(?:[0-9a-fA-F]{2})+")
MOST_RAW: t.Final = 1_000_000
MOST_SAT: t.Final = 21_000_000 * 10**8


class Asked(t.NamedTuple):
    """A request for payment, or an invoice that the wallet was to pay."""

    amount: int
    """Satoshi; -1: none is named."""
    at: int
    text: str


def requests(state: dict[str, t.Any]) -> dict[str, Asked]:
    """Return what is asked for at each address of the wallet."""
    return _asked({**members(state, "payment_requests"), **members(state, "receive_requests")})


def invoices(state: dict[str, t.Any]) -> dict[str, Asked]:
    """Return what the wallet was asked to pay, by address."""
    return _asked(members(state, "invoices"))


def _asked(listed: dict[str, t.Any]) -> dict[str, Asked]:
    out: dict[str, Asked] = {}
    for name, one in listed.items():
        amount = max(whole(one.get("amount_sat")), whole(one.get("amount"))) if isinstance(one, dict) else -1
        msat = whole(one.get("amount_msat")) if isinstance(one, dict) else -1
        if amount < 0 <= msat:
            amount = msat // 1000
        said = text(one, "message") or text(one, "memo")
        at = whole(one.get("time")) if isinstance(one, dict) else -1
        addresses = {name, text(one, "address")}
        outputs = one.get("outputs") if isinstance(one, dict) else None
        for paid in outputs if isinstance(outputs, list) else ():
            if isinstance(paid, list) and len(paid) == 3 and isinstance(paid[1], str):
                addresses.add(paid[1])
        for address in sorted(addresses - {""}):
            out.setdefault(address, Asked(amount if amount <= MOST_SAT else -1, at, said))
    return out


def moves(state: dict[str, t.Any], document: Document, network: str, *, carved: bool) -> Iterator[Reply]:
    """Yield each transaction that the wallet holds, verified or heard of."""
    labels, held = members(state, "labels"), members(state, "transactions")
    verified = {**members(state, "verified_tx"), **members(state, "verified_tx3")}
    spent, received = members(state, "txi"), members(state, "txo")
    for one in dict.fromkeys([*held, *verified, *(name for name in labels if _TXID.fullmatch(name))]):
        if not _TXID.fullmatch(one):
            continue
        seen = verified.get(one)
        height, at = (whole(seen[0]), whole(seen[1])) if isinstance(seen, list) and len(seen) > 1 else (-1, -1)
        out, back = _sum(received.get(one)), _sum(spent.get(one))
        label = labels.get(one)
        yield WalletMoveFound(
            network=network,
            txid=bytes.fromhex(one),
            at=micros(at),
            height=height if height < 1 << 31 else -1,
            amount_sat=(out or 0) - (back or 0) if out is not None or back is not None else None,
            label=label[:1000] if isinstance(label, str) else "",
            sent=bool(back),
            raw=_raw(held.get(one), one),
            carved=carved,
            place=f"transactions.{one}",
            start=document.start(one),
        )


def _raw(value: t.Any, txid: str) -> bytes:
    """Return a transaction that is whole and has this id; else nothing (Electrum also keeps unfinished ones)."""
    if not isinstance(value, str) or len(value) > 2 * MOST_RAW or not _HEX.fullmatch(value):
        return b""
    raw = bytes.fromhex(value)
    try:
        return raw if transaction.read(Cursor(raw)).txid.hex() == txid.lower() else b""
    except Short:
        return b""


def _sum(of: t.Any) -> int | None:
    """Add up by address: ``{address: [[what, value, ...]]}``, or ``{address: {what: value or [value, ...]}}``."""
    if not isinstance(of, dict) or not of:
        return None
    total = 0
    for each in of.values():
        if isinstance(each, dict):
            values = [one[0] if isinstance(one, list) and one else one for one in each.values()]
        else:
            listed = each if isinstance(each, list) else []
            values = [one[1] for one in listed if isinstance(one, list) and len(one) > 1]
        total += sum(max(whole(value), 0) for value in values)
    return total if total <= MOST_SAT else None
