"""Extended public keys (BIP 32), with the prefixes of all wallets (SLIP 132)."""

from __future__ import annotations

import typing as t

from vigie.numeric.coins import base58, curve
from vigie.numeric.coins.hashing import hash160

KINDS: t.Final[dict[str, tuple[str, str]]] = {
    "0488b21e": ("main", ""), "049d7cb2": ("main", "p2sh"), "04b24746": ("main", "p2wpkh"),
    "0295b43f": ("main", "p2sh*"), "02aa7ed3": ("main", "p2wsh*"),
    "043587cf": ("test", ""), "044a5262": ("test", "p2sh"), "045f1cf6": ("test", "p2wpkh"),
    "024289ef": ("test", "p2sh*"), "02575483": ("test", "p2wsh*"),
}  # fmt: skip
"""Version -> network and the kind of script it hints at: ``xpub``, ``ypub``, ``zpub``, ``Ypub``, ``Zpub`` and those of
the test networks. ``*``: of several signers, whose other keys are not in it."""
PRIVATE: t.Final = frozenset(
    {"0488ade4", "049d7878", "04b2430c", "0295b005", "02aa7a99", "04358394", "044a4e28", "045f18bc", "024285b5",
     "02575048"}
)  # fmt: skip
"""Versions of the private ones."""
_VERSION: t.Final = {"main": "0488b21e", "test": "043587cf"}
BYTES: t.Final = 78
LENGTHS: t.Final = (111, 112)
"""Characters."""


class Extended(t.NamedTuple):
    """An extended public key."""

    network: str
    """``main`` or ``test``: all test networks share a prefix."""
    hint: str
    """Kind of script that its prefix hints at, see ``KINDS``; ``""``: none."""
    depth: int
    parent: bytes
    """Fingerprint of its parent, 4 bytes."""
    child: int
    """Its index below that; 2**31 and more: hardened."""
    chain: bytes
    key: bytes
    """33 bytes, a point of the curve."""

    @property
    def fingerprint(self) -> bytes:
        """Its own, 4 bytes."""
        return hash160(self.key)[:4]

    @property
    def text(self) -> str:
        """As ``xpub`` or ``tpub``, whatever its prefix was: the form in which two are compared."""
        head = bytes.fromhex(_VERSION[self.network]) + bytes([self.depth]) + self.parent + self.child.to_bytes(4)
        return base58.written(head + self.chain + self.key)


def read(text: str) -> Extended | None:
    """Return what an extended public key says; None where it is none.

    BIP 32 asks for more than a checksum: a known version, a point of the curve, and at depth 0 no parent and no index.
    """
    body = base58.checked(text) if len(text) in LENGTHS else None
    if body is None or len(body) != BYTES or body[:4].hex() not in KINDS:
        return None
    depth, parent, child, key = body[4], body[5:9], int.from_bytes(body[9:13]), body[45:]
    if (not depth and (child or any(parent))) or key[0] not in (2, 3) or not curve.is_point(key):
        return None
    network, hint = KINDS[body[:4].hex()]
    return Extended(network, hint, depth, parent, child, body[13:45], key)


def is_private(text: str) -> bool:
    """Tell whether it is an extended private key, of any prefix that SLIP 132 has."""
    body = base58.checked(text) if len(text) in LENGTHS else None
    return body is not None and len(body) == BYTES and body[:4].hex() in PRIVATE and not body[45]
