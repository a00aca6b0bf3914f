"""What people wrote in a wallet (labels, purposes): a secret in it is sealed, and stands there as ``…``."""

from __future__ import annotations

import typing as t

import msgspec
import numpy as np

from vigie.cell.identifiers import bare
from vigie.cell.identifiers.context import SEALED
from vigie.cell.identifiers.find import find
from vigie.cell.identifiers.place import Hidden
from vigie.cell.identifiers.sealed import Sealed
from vigie.cell.wallets.said import secret
from vigie.rows.people import SECRETS
from vigie.rows.sightings import SIGHTED
from vigie.rows.wire import Reply, WalletAddressFound, WalletMoveFound

if t.TYPE_CHECKING:
    from collections.abc import Iterator

_LEAST: t.Final = 40
"""Characters: the shortest seed has 47, the shortest key 51."""
_WORDS: t.Final = 8
"""Words of the list in a row, whatever is between them, for which a text is sealed whole."""
_KINDS: t.Final = frozenset(SIGHTED)


def sealed(reply: Reply) -> Iterator[Reply]:
    """Yield the secrets that stand in what people wrote in an answer, then the answer without them."""
    if isinstance(reply, WalletAddressFound):
        # what is no address may be anything
        names = ["label", "purpose", "path", *([] if reply.script else ["address"])]
    elif isinstance(reply, WalletMoveFound):
        names = ["label"]
    else:
        yield reply
        return
    changed = {}
    for name in names:
        text = getattr(reply, name)
        if len(text) < _LEAST:
            continue
        shown, secrets = _split(text)
        for kind, value in secrets:
            yield secret(kind, value, f"{name} of {reply.place}", start=reply.start, carved=reply.carved)
        if secrets:
            changed[name] = shown
    yield msgspec.structs.replace(reply, **changed) if changed else reply


def _split(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return a text without its secrets, and those."""
    body = text.encode("utf-8", "replace")
    found = find(np.frombuffer(body, np.uint8), np.array([0, len(body)], np.int64), kinds=_KINDS, quotes=False)
    hidden = found.secrets
    spans = zip(hidden.start.tolist(), hidden.end.tolist(), hidden.kind.tolist(), strict=True)
    each = [Hidden(start, end, SECRETS[kind]) for start, end, kind in spans]
    out = [("seed" if one.kind == "seed" else "key", body[one.start : one.end]) for one in each]
    parts, at = list[bytes](), 0
    for start, end in Sealed(each).within(0, len(body)):
        parts += [body[at:start], SEALED.encode()]
        at = end
    rest = b"".join((*parts, body[at:])).decode("utf-8", "replace")
    if bare.words(rest, _WORDS):
        return SEALED, [("seed", body)]
    if bare.pieces(rest, frozenset(found.value)):
        return SEALED, [("key", body)]
    return rest, out
