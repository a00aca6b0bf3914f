"""Sectors as dm-crypt encrypts them, decrypted many at a time.

Sources: Linux, Documentation/admin-guide/device-mapper/dm-crypt.rst (initial vectors) and drivers/md/dm-crypt.c;
IEEE 1619-2007 (XTS). A cipher object costs 7 us, ten times the AES of a sector of 512 bytes: many of these are
decrypted in one call of AES-ECB, and the mode is put around it with arrays.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB, XTS

from vigie.cell.containers.entry import Broken

Words = npt.NDArray[np.uint64]
_VECTORS = ("plain", "plain64", "plain64be", "essiv:sha256")
_KEYS = {"xts": (32, 64), "cbc": (16, 24, 32)}
_MANY = 16
"""Sectors from which on arrays are quicker than a cipher object for each."""
_POWERS = np.arange(1, 32, dtype=np.uint64)


class SectorCipher:
    """AES-XTS or AES-CBC with the initial vectors of dm-crypt. Raises ``Broken`` ``unsupported`` for any other."""

    def __init__(self, spec: str, key: bytes, sector_bytes: int) -> None:
        """``spec``: as in a LUKS header, ``aes-xts-plain64``. ``sector_bytes``: 512 to 4096, a power of two."""
        name, _, rest = spec.partition("-")
        mode, _, vector = rest.partition("-")
        if name != "aes" or mode not in _KEYS or vector not in _VECTORS or len(key) not in _KEYS[mode]:
            what = f"LUKS with cipher {spec[:80]!r} and {len(key) * 8} bits of key"
            raise Broken("unsupported", f"{what}: open it with cryptsetup and image the mapped device")
        self._bytes = sector_bytes
        self._blocks = sector_bytes // 16
        self._mode, self._vector = mode, vector
        self._xts = AES(key)
        half = len(key) // 2 if mode == "xts" else len(key)
        self._decryptor = Cipher(AES(key[:half]), ECB()).decryptor()  # noqa: S305 - the mode is put around it here
        self._tweaker = Cipher(AES(key[half:] or key), ECB()).encryptor()  # noqa: S305 - as above
        self._essiv = Cipher(AES(hashlib.sha256(key).digest()), ECB()).encryptor()  # noqa: S305 - as above

    def decrypt(self, data: bytes, first: int) -> bytes:
        """Decrypt whole sectors; ``first`` is the number of the first one in units of 512 bytes."""
        sealed = np.frombuffer(data, "<u8").reshape(-1, self._blocks, 2)
        vectors = self._vectors(first, len(sealed))
        if self._mode == "cbc":
            before = np.concatenate([vectors[:, None], sealed[:, :-1]], axis=1)
            return _bytes(_words(self._decryptor.update(data)) ^ before.reshape(-1))
        if self._bytes != 512 or len(sealed) < _MANY:
            return b"".join(self._one(data, number, vector.tobytes()) for number, vector in enumerate(vectors))
        tweaks = self._tweaks(vectors).reshape(-1)
        masked = _bytes(sealed.reshape(-1) ^ tweaks)
        return _bytes(_words(self._decryptor.update(masked)) ^ tweaks)

    def _one(self, data: bytes, number: int, vector: bytes) -> bytes:
        sealed = data[number * self._bytes : (number + 1) * self._bytes]
        return Cipher(self._xts, XTS(vector)).decryptor().update(sealed)

    def _vectors(self, first: int, count: int) -> Words:
        """Return one initial vector a sector, (count, 2)."""
        # dm-crypt counts in units of 512 bytes whatever the size of the sectors
        numbers = np.uint64(first) + np.arange(count, dtype=np.uint64) * np.uint64(self._bytes // 512)
        vectors = np.zeros((count, 2), np.uint64)
        if self._vector == "plain64be":
            vectors[:, 1] = numbers.byteswap()
        else:
            vectors[:, 0] = numbers & np.uint64(0xFFFFFFFF) if self._vector == "plain" else numbers
        if self._vector == "essiv:sha256":
            return _words(self._essiv.update(vectors.tobytes())).reshape(count, 2)
        return vectors

    def _tweaks(self, vectors: Words) -> Words:
        """Return the tweaks of sectors of 512 bytes, (sectors, 32, 2): the first encrypted, then times alpha each.

        Alpha ** power shifts by power bits; what falls off comes back modulo x ** 128 + x ** 7 + x ** 2 + x + 1.
        """
        tweaks = np.empty((len(vectors), 32, 2), np.uint64)
        tweaks[:, 0] = first = _words(self._tweaker.update(vectors.tobytes())).reshape(-1, 2)
        low, high, back = first[:, :1], first[:, 1:], np.uint64(64) - _POWERS
        over = high >> back
        tweaks[:, 1:, 0] = low << _POWERS ^ over ^ over << np.uint64(1) ^ over << np.uint64(2) ^ over << np.uint64(7)
        tweaks[:, 1:, 1] = high << _POWERS | low >> back
        return tweaks


def _words(data: bytes) -> Words:
    return np.frombuffer(data, "<u8")


def _bytes(words: Words) -> bytes:
    return words.tobytes()
