"""Signatures with nonces known beforehand: a few multiplications each, instead of a point on the curve.

A nonce that is used twice gives the key away to anybody. These keys are nobody's; do this nowhere else.
"""

import hashlib

from vigie.sample.chain.curve import N, point, secret

_HALF = N // 2
_NONCES = 256


def _known() -> tuple[list[tuple[int, int, bytes]], list[tuple[int, int, bytes]], list[tuple[int, bytes]]]:
    """Return nonces for ECDSA (inverse, r, r in DER), those among them with a short r, and for Schnorr (k, R.x)."""
    plain: list[tuple[int, int, bytes]] = []
    short: list[tuple[int, int, bytes]] = []
    schnorr: list[tuple[int, bytes]] = []
    number = 0
    while min(len(plain), len(short), len(schnorr)) < _NONCES:
        k = secret("nonce", number)
        x, y = point(k)
        number += 1
        one = pow(k, -1, N), x % N, _integer(x % N)
        plain.append(one)
        if x < 1 << 255:
            short.append(one)
        schnorr.append((N - k if y & 1 else k, x.to_bytes(32)))
    return plain[:_NONCES], short[:_NONCES], schnorr[:_NONCES]


def _integer(value: int) -> bytes:
    """Return a positive INTEGER of DER."""
    body = value.to_bytes(value.bit_length() // 8 + 1)
    return b"\x02" + bytes([len(body)]) + body


_PLAIN, _SHORT, _SCHNORR = _known()
_TAG = hashlib.sha256(b"BIP0340/challenge").digest()
_CHALLENGE = hashlib.sha256(_TAG + _TAG)
_LAST = _NONCES - 1


def ecdsa(digest: bytes, key: int, kind: int, *, low_r: bool) -> bytes:
    """Return a signature in DER with low s (BIP 62), and the byte that says what it covers.

    ``low_r``: of 32 bytes, as Bitcoin Core has made them since 0.17.
    """
    z = int.from_bytes(digest)
    inverse, r, head = (_SHORT if low_r else _PLAIN)[z & _LAST]
    s = inverse * (z + r * key) % N
    body = head + _integer(min(s, N - s))
    return b"\x30" + bytes([len(body)]) + body + bytes([kind])


def schnorr(digest: bytes, key: int, x: bytes) -> bytes:
    """Return a signature of 64 bytes (BIP 340); ``key`` is the secret of the point with that x and an even y."""
    k, rx = _SCHNORR[digest[31] & _LAST]
    challenge = _CHALLENGE.copy()
    challenge.update(rx + x + digest)
    return rx + ((k + int.from_bytes(challenge.digest()) * key) % N).to_bytes(32)
