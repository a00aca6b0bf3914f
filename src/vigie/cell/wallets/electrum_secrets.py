"""What spends in a wallet that is a document, wherever it stands: by the names of its members."""

from __future__ import annotations

import typing as t

from vigie.cell.wallets.said import secret

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.cell.wallets.document import Document
    from vigie.rows.wire import WalletSecretFound

_NAMES: t.Final = {
    "seed": "seed", "channel_seed": "seed", "xprv": "xprv", "lightning_xprv": "xprv", "master_private_key": "xprv",
    "privkey": "key", "lightning_privkey": "key", "lightning_privkey2": "key", "node_privkey": "key",
    "passphrase": "passphrase", "EncryptedSecret": "key",
}  # fmt: skip
_UNDER: t.Final = {"master_private_keys": "xprv", "keypairs": "wif", "imported_keys": "wif"}
"""Members whose members are secrets, whatever their names."""
_IMPORTED: t.Final = "imported"
MOST_DEEP: t.Final = 30
MOST: t.Final = 1_000_000


def secrets(state: dict[str, t.Any], document: Document, *, carved: bool) -> Iterator[WalletSecretFound]:
    """Yield each secret with the path to it."""
    waiting: list[tuple[str, t.Any, int]] = [("", state, 0)]
    met = 0
    while waiting and met < MOST:
        path, holder, deep = waiting.pop()
        each = holder.items() if isinstance(holder, dict) else enumerate(holder)
        above = path.rpartition(".")[2]
        for name, value in each:
            kind = _UNDER.get(above) or _NAMES.get(str(name), "")
            if above == _IMPORTED and isinstance(value, list | tuple) and len(value) == 2:
                kind, value = "wif", value[1]  # noqa: PLW2901 - the pair is taken apart
            here = f"{path}.{name}" if path else str(name)
            if kind and isinstance(value, str) and value:
                met += 1
                yield secret(kind, value.encode("utf-8", "replace"), here, start=document.start(value), carved=carved)
            elif isinstance(value, dict | list) and deep < MOST_DEEP:
                waiting.append((here, value, deep + 1))
