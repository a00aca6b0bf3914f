"""Secrets that evidence holds, sealed where they are kept: private keys and seeds, which spend and sign.

AES-256-SIV (RFC 5297): the same secret gives the same bytes, so that the same evidence gives the same tables, and a
sealed secret that is moved to another row does not open. The key is drawn with HKDF-SHA256 (RFC 5869) from the case's
signing key: who may not sign for the case may not read them.
"""

from __future__ import annotations

import hmac
import typing as t

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vigie.kernel.errors import IntegrityError

if t.TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SAME: t.Final = b"vigie same secret 1"
CONTEXT: t.Final = b"vigie vault 1"
KEY_BYTES: t.Final = 64


def key_of(private: Ed25519PrivateKey, origin: str) -> bytes:
    """Return the key (64 bytes) that seals the secrets of the case with this origin."""
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=origin.encode(), info=CONTEXT).derive(private.private_bytes_raw())


def seal(key: bytes, secret: bytes, about: bytes) -> bytes:
    """Return the secret sealed; ``about`` is what it belongs to, and is needed to open it."""
    return AESSIV(key).encrypt(secret, [about])


def same(key: bytes, secret: bytes) -> bytes:
    """Return a mark (32 bytes, HMAC-SHA256) that two equal secrets of a case share; without the key it says nothing."""
    return hmac.digest(hmac.digest(key, SAME, "sha256"), secret, "sha256")


def unseal(key: bytes, sealed: bytes, about: bytes) -> bytes:
    """Return what was sealed. Errors: IntegrityError where key, bytes or what it belongs to are others."""
    try:
        return AESSIV(key).decrypt(sealed, [about])
    except InvalidTag:
        raise IntegrityError(
            "The secret does not open with this case's key: it was changed, or belongs to another row or another case."
        ) from None
