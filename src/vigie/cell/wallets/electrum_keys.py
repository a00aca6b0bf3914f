"""The public keys of an Electrum wallet, and the descriptors that follow: of one key, or m of n (its keys are sorted).

The prefix of an extended key says which scripts Electrum makes of it (SLIP-132).
"""

from __future__ import annotations

import re
import typing as t

import msgspec

from vigie.cell.wallets import encoded
from vigie.cell.wallets.document import Document, members, text
from vigie.rows.wire import Reply, WalletKeyFound

if t.TYPE_CHECKING:
    from collections.abc import Iterator

_STORE: t.Final = re.compile(r"x\d{1,2}/")
_MULTISIG: t.Final = re.compile(r"(\d{1,2})of(\d{1,2})")
_FORMS: t.Final = {"": "pkh({})", "p2sh": "sh(wpkh({}))", "p2wpkh": "wpkh({})"}
_OF_MANY: t.Final = {"": "sh(sortedmulti({}))", "p2sh": "sh(wsh(sortedmulti({})))", "p2wsh": "wsh(sortedmulti({}))"}
_TYPES: t.Final = {"": "p2pkh", "p2sh": "p2sh", "p2wpkh": "p2wpkh"}
_FINGERPRINT: t.Final = re.compile(r"[0-9a-fA-F]{8}")
_PUBKEY: t.Final = re.compile(r"0[23][0-9a-fA-F]{64}|04[0-9a-fA-F]{128}")
_OLD: t.Final = re.compile(r"[0-9a-fA-F]{128}")


class Store(t.NamedTuple):
    """Where a key stands and what stands beside it."""

    place: str
    store: dict[str, t.Any]


def stores(state: dict[str, t.Any]) -> list[Store]:
    """Return the key stores of a wallet, whatever its version calls them."""
    names = ["keystore", *sorted((one for one in state if _STORE.fullmatch(one)), key=lambda one: int(one[1:-1]))]
    out = [Store(name, members(state, name)) for name in names if isinstance(state.get(name), dict)]
    old = members(state, "master_public_keys")
    out += [Store(f"master_public_keys.{one}", {"xpub": old[one]}) for one in sorted(old)]
    if not out:
        accounts = members(state, "accounts")
        out = [Store(f"accounts.{one}", members(accounts, one)) for one in accounts if text(accounts[one], "xpub")]
    return out


def keys(state: dict[str, t.Any], document: Document, network: str, *, carved: bool) -> Iterator[Reply]:
    """Yield each key, one row for each branch that Electrum has."""
    found = [one for one in stores(state) if encoded.extended(text(one.store, "xpub"))]
    many = _MULTISIG.fullmatch(text(document.now, "wallet_type"))
    counts = _counts(state)
    for store in found:
        xpub = text(store.store, "xpub")
        if (held := encoded.extended(xpub)) and not held.private:
            for branch in (0, 1):
                row = _single(store, held, branch, document.start(xpub), alone=not many, carved=carved)
                count = counts[branch]
                yield msgspec.structs.replace(
                    row,
                    network=network or held.network,
                    next_index=count,
                    range_start=min(count, 0),
                    range_end=count,
                )
    if many and found:
        yield from _joined(found, int(many[1]), counts, network, carved=carved)
    yield from _loose(state, document, network, carved=carved)


def _counts(state: dict[str, t.Any]) -> tuple[int, int]:
    held = members(state, "addresses")
    out = []
    for name in ("receiving", "change"):
        listed = held.get(name)
        old = [one.get(name) for one in members(state, "accounts").values() if isinstance(one, dict)]
        lists = [one for one in (listed, *old) if isinstance(one, list)]
        out.append(max((len(one) for one in lists), default=-1))
    return out[0], out[1]


def _origin(store: Store, held: encoded.Extended) -> tuple[str, str]:
    """Return the fingerprint of the master key and the path from it; both ``""`` where they are not said."""
    path = text(store.store, "derivation").replace("'", "h").removeprefix("m").strip("/")
    fingerprint = text(store.store, "root_fingerprint")
    if _FINGERPRINT.fullmatch(fingerprint):
        return fingerprint.lower(), path[:1000]
    return ("", path[:1000]) if held.depth else (encoded.hash160(held.payload[-33:])[:4].hex(), "")


def _expression(store: Store, held: encoded.Extended) -> str:
    fingerprint, path = _origin(store, held)
    origin = f"[{fingerprint}{'/' + path if path else ''}]" if fingerprint else ""
    return origin + encoded.xpub(held.payload, held.network)


def _single(
    store: Store, held: encoded.Extended, branch: int, start: int, *, alone: bool, carved: bool
) -> WalletKeyFound:
    fingerprint, path = _origin(store, held)
    form = _FORMS.get(held.script_type, "") if alone else ""
    return WalletKeyFound(
        kind="xpub",
        value=text(store.store, "xpub"),
        descriptor=form.format(f"{_expression(store, held)}/{branch}/*") if form else "",
        xpub=encoded.xpub(held.payload, held.network),
        fingerprint=fingerprint,
        path=path,
        script_type=_TYPES.get(held.script_type, "") if alone else "",
        branch=branch,
        active=not carved,
        carved=carved,
        place=f"{store.place}.xpub",
        start=start,
    )


def _joined(found: list[Store], least: int, counts: tuple[int, int], network: str, *, carved: bool) -> Iterator[Reply]:
    parsed = [(one, encoded.extended(text(one.store, "xpub"))) for one in found]
    held = [(store, key) for store, key in parsed if key is not None]
    form = _OF_MANY.get(held[0][1].script_type, "")
    if not form or not 1 <= least <= len(held):
        return
    for branch in (0, 1):
        line = form.format(",".join([str(least), *(f"{_expression(store, key)}/{branch}/*" for store, key in held)]))
        yield WalletKeyFound(
            kind="descriptor",
            value=line,
            descriptor=line,
            network=network,
            script_type={"": "p2sh"}.get(held[0][1].script_type, held[0][1].script_type),
            branch=branch,
            next_index=counts[branch],
            range_start=0 if counts[branch] >= 0 else -1,
            range_end=counts[branch],
            active=not carved,
            carved=carved,
            place=f"{least} of {len(held)}: {', '.join(store.place for store, _ in held)}"[:1000],
        )


def _loose(state: dict[str, t.Any], document: Document, network: str, *, carved: bool) -> Iterator[Reply]:
    """Yield keys that stand alone: imported ones, and those of the scheme before 2.0, which has no extended key."""
    places: dict[str, str] = {}
    for store in stores(state):
        places |= dict.fromkeys(members(store.store, "keypairs"), f"{store.place}.keypairs")
        places |= {text(store.store, "mpk"): f"{store.place}.mpk"}
    places |= {text(state, "master_public_key"): "master_public_key"}
    for name, account in members(state, "accounts").items():
        places |= {text(account, "mpk"): f"accounts.{name}.mpk"}
        for one in members(account, "imported").values():
            if isinstance(one, list | tuple) and one and isinstance(one[0], str):
                places[one[0]] = f"accounts.{name}.imported"
    for one in members(state, "addresses").values():
        if key := text(one, "pubkey"):
            places[key] = "addresses"
    for value, place in places.items():
        if not _PUBKEY.fullmatch(value) and not _OLD.fullmatch(value):
            continue
        yield WalletKeyFound(
            kind="pubkey",
            value=value,
            descriptor=f"combo({value})" if _PUBKEY.fullmatch(value) else "",
            network=network,
            active=not carved,
            carved=carved,
            place=place[:1000],
            start=document.start(value),
        )
