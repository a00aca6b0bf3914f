"""Electrum's wallets of all versions: keys, addresses, labels, requests for payment, transactions, secrets.

Sources: Electrum ``wallet_db.py``, ``keystore.py``, ``storage.py`` (1.9 to 4.8). Fields that a password encrypts are
sealed as they are; extended *public* keys stand in clear beside them. A file under a password as a whole says nothing.
"""

from __future__ import annotations

import re
import typing as t

from vigie.cell.job import Refused
from vigie.cell.wallets import electrum_keys, electrum_moves, electrum_secrets, encoded
from vigie.cell.wallets.document import MOST_BYTES, Document, members, text
from vigie.cell.wallets.said import micros
from vigie.rows.wire import Reply, Trouble, WalletAddressFound, WalletHead

if t.TYPE_CHECKING:
    from collections.abc import Iterator

_BRANCHES: t.Final = {"receiving": 0, "change": 1}
_HEX: t.Final = re.compile(r"[0-9a-fA-F]{64}")


def read(file: t.BinaryIO) -> Iterator[Reply]:
    """Yield what it says, last the head. Raises ``Refused`` where it is no document."""
    file.seek(0)
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refused("too_large", f"a wallet of more than {MOST_BYTES} bytes")
    document = Document(data)
    for code, detail in document.troubles[:100]:
        yield Trouble(code=code, detail=detail[:1000], counts=False)
    network = _network(document.now)
    for state, carved in ((document.now, False), (document.before, True)):
        yield from electrum_keys.keys(state, document, network, carved=carved)
        yield from _addresses(state, document, network, carved=carved)
        yield from electrum_moves.moves(state, document, network, carved=carved)
        yield from electrum_secrets.secrets(state, document, carved=carved)
    version, kind = document.now.get("seed_version"), text(document.now, "wallet_type")
    secret = list(electrum_secrets.secrets(document.now, document, carved=False))
    said = f"{kind or 'standard'} wallet"
    if document.patches:
        said += f"; {document.patches} changes behind the document, what they replaced is kept"
    yield WalletHead(
        kind="electrum",
        network=network,
        version=str(version)[:20] if version is not None else "",
        encrypted=bool(document.now.get("use_encryption")),
        watching=not secret,
        records=len(document.now),
        text=said[:1000],
    )


def read_encrypted(file: t.BinaryIO) -> Iterator[Reply]:
    """Say that the whole file is under a password (``BIE1``) or a device's key (``BIE2``), and so cannot be read."""
    file.seek(0)
    device = file.read(6) == b"QklFMg"
    how = "the key of a hardware device (BIE2)" if device else "a password (BIE1)"
    detail = f"the whole file is under {how}; vigie tries none. Give the decrypted wallet as evidence of its own."
    yield Trouble(code="encrypted", detail=detail, counts=False)
    yield WalletHead(kind="electrum-encrypted", encrypted=True, whole=True, text=f"under {how} as a whole")


def _network(state: dict[str, t.Any]) -> str:
    """Return the network that its first address says, else its first extended key (``test``: any but the main one)."""
    lists = (*_listed(state), *members(state, "addr_history"), *members(state, "labels"))
    if found := next((network for one in lists if (network := encoded.script_of(one)[1])), ""):
        return found
    held = (encoded.extended(text(one.store, "xpub")) for one in electrum_keys.stores(state))
    return next((one.network for one in held if one), "")


def _listed(state: dict[str, t.Any]) -> list[str]:
    addresses = state.get("addresses")
    if isinstance(addresses, dict):
        held = (addresses.get(name) for name in _BRANCHES)
        each = [one for some in held if isinstance(some, list | dict) for one in some if isinstance(one, str)]
        return [*each, *(str(one) for one in addresses if one not in _BRANCHES)]
    return [one for one in addresses if isinstance(one, str)] if isinstance(addresses, list) else []


def _addresses(state: dict[str, t.Any], document: Document, network: str, *, carved: bool) -> Iterator[Reply]:
    labels = {name: value for name, value in members(state, "labels").items() if isinstance(value, str)}
    given: dict[str, tuple[int, int]] = {}
    held = state.get("addresses")
    for name, branch in _BRANCHES.items():
        listed = held.get(name) if isinstance(held, dict) else None
        each = listed.items() if isinstance(listed, dict) else enumerate(listed) if isinstance(listed, list) else ()
        for index, one in each:
            if isinstance(one, str) and str(index).isdecimal() and len(str(index)) < 10:
                given.setdefault(one, (branch, int(index)))
    requests = electrum_moves.requests(state)
    own = dict.fromkeys([*given, *_listed(state), *members(state, "addr_history"), *requests])
    for store in members(state, "accounts").values():
        own |= dict.fromkeys(members(store, "imported"))
    paid = electrum_moves.invoices(state)
    others = {one: asked for one, asked in paid.items() if one not in own}
    named = [one for one in labels if one not in own and one not in others and not _HEX.fullmatch(one)]
    for one in [*own, *others, *named]:
        script, of_network = encoded.script_of(one)
        if not script:
            continue
        branch, index = given.get(one, (-1, -1))
        asked = requests.get(one) or others.get(one)
        yield WalletAddressFound(
            network=network or of_network,
            address=one,
            script=script,
            own=one in own,
            label=(labels.get(one) or (asked.text if asked else ""))[:1000],
            purpose="change" if branch == 1 else "receive" if one in own else "send" if one in others else "",
            path=f"{branch}/{index}" if branch >= 0 else "",
            branch=branch,
            index=index,
            expected_sat=asked.amount if asked and one in requests else -1,
            at=micros(asked.at) if asked else None,
            carved=carved,
            place="labels" if one in labels else "addresses",
            start=document.start(one),
        )
