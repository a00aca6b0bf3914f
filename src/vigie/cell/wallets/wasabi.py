"""Wasabi's wallets: JSON with the account's public key in clear, and each address given out with its label.

Source: Wasabi ``KeyManager`` and ``HdPubKey`` (1.1 to 2). Its private key is under a password always.
"""

from __future__ import annotations

import typing as t

from vigie.cell.job import Refused
from vigie.cell.wallets import encoded
from vigie.cell.wallets.document import MOST_BYTES, Document, members, text
from vigie.cell.wallets.electrum_secrets import secrets
from vigie.rows.wire import Reply, Trouble, WalletAddressFound, WalletHead, WalletKeyFound

if t.TYPE_CHECKING:
    from collections.abc import Iterator

_NETWORKS: t.Final = {"main": "main", "mainnet": "main", "testnet": "test", "testnet3": "test", "regtest": "regtest",
                      "testnet4": "testnet4", "signet": "signet"}  # fmt: skip
_ACCOUNTS: t.Final = (
    ("ExtPubKey", "AccountKeyPath", "84h/0h/0h", "wpkh", "p2wpkh"),
    ("SegwitExtPubKey", "AccountKeyPath", "84h/0h/0h", "wpkh", "p2wpkh"),
    ("TaprootExtPubKey", "TaprootAccountKeyPath", "86h/0h/0h", "tr", "p2tr"),
)


def read(file: t.BinaryIO) -> Iterator[Reply]:
    """Yield what it says, last the head. Raises ``Refused`` where it is no document."""
    file.seek(0)
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refused("too_large", f"a wallet of more than {MOST_BYTES} bytes")
    document = Document(data)
    now = document.now
    for code, detail in document.troubles[:100]:
        yield Trouble(code=code, detail=detail[:1000], counts=False)
    network = _NETWORKS.get(text(members(now, "BlockchainState"), "Network").lower(), "")
    fingerprint = text(now, "MasterFingerprint").lower()
    listed = now.get("HdPubKeys")
    given = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    for name, path_name, path, form, kind in _ACCOUNTS:
        value = text(now, name)
        held = encoded.extended(value)
        if held is None or held.private:
            continue
        path = (text(now, path_name).replace("'", "h").removeprefix("m").strip("/") or path)[:1000]  # noqa: PLW2901
        origin = f"[{fingerprint}/{path}]" if len(fingerprint) == 8 else ""
        key = encoded.xpub(held.payload, held.network)
        for branch in (0, 1):
            after = 1 + max((_steps(one)[-1] for one in given if _is(one, path, branch)), default=-1)
            yield WalletKeyFound(
                kind="xpub", value=value, descriptor=f"{form}({origin}{key}/{branch}/*)", xpub=key,
                network=network or held.network, fingerprint=fingerprint if origin else "", path=path,
                script_type=kind, branch=branch, next_index=after, range_start=0, range_end=after, active=True,
                place=name, start=document.start(value),
            )  # fmt: skip
    yield from _addresses(given, document, network)
    yield from secrets(now, document, carved=False)
    yield WalletHead(
        kind="wasabi", network=network, encrypted=bool(text(now, "EncryptedSecret")),
        watching=not text(now, "EncryptedSecret"), records=len(now) + len(given),
        text=f"{len(given)} addresses were given out or kept ready",
    )  # fmt: skip


def _steps(one: dict[str, t.Any]) -> list[int]:
    steps = [step.rstrip("'hH") for step in text(one, "FullKeyPath").split("/")]
    return [int(step) if step.isdecimal() and len(step) <= 10 else -1 for step in steps]


def _is(one: dict[str, t.Any], path: str, branch: int) -> bool:
    steps = text(one, "FullKeyPath").replace("'", "h").removeprefix("m").strip("/")
    return steps.startswith(f"{path}/{branch}/") and 0 <= _steps(one)[-1] < 1 << 31


def _addresses(given: list[dict[str, t.Any]], document: Document, network: str) -> Iterator[Reply]:
    for number, one in enumerate(given):
        value = text(one, "PubKey")
        steps = _steps(one)
        if len(value) != 66 or value[:2] not in ("02", "03") or value.strip("0123456789abcdefABCDEF") or len(steps) < 2:
            yield Trouble(code="misfit", detail=f"HdPubKeys[{number}] is no public key with a path", counts=False)
            continue
        taproot = text(one, "FullKeyPath").startswith(("86", "m/86"))
        label = one.get("Label") or one.get("Labels") or ""
        label = ", ".join(map(str, label)) if isinstance(label, list) else str(label)
        branch = steps[-2] if steps[-2] in (0, 1) else -1
        if taproot:
            # its address is the key with a tweak: it follows from the account's key, at this place
            continue
        yield WalletAddressFound(
            network=network, address="", script=b"\0\x14" + encoded.hash160(bytes.fromhex(value)), own=True,
            label=label[:1000], purpose="change" if branch == 1 else "receive",
            path=text(one, "FullKeyPath").replace("'", "h")[:1000], branch=branch,
            index=steps[-1] if 0 <= steps[-1] < 1 << 31 else -1, place=f"HdPubKeys[{number}]",
            start=document.start(value),
        )  # fmt: skip
