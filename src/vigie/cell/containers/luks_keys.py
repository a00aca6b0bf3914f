"""From a passphrase to a volume's key: key derivation, anti-forensic merge, and what they may cost.

Sources: LUKS1 On-Disk Format Specification 1.2.3, 2.4 (anti-forensic splitter); RFC 8018 5.2 (PBKDF2); RFC 9106
(Argon2).
"""

from __future__ import annotations

import hashlib
import hmac
import resource
import time

from cryptography.hazmat.primitives.kdf.argon2 import Argon2i, Argon2id

from vigie.cell.containers.entry import Broken
from vigie.cell.containers.luks_cipher import SectorCipher
from vigie.cell.containers.luks_header import HASHES, Kdf, Slot
from vigie.cell.containers.sectors import Sectors

MOST_ARGON2_KIB = 1 << 20
"""1 GiB: what cryptsetup takes at most unless it is told otherwise (DEFAULT_LUKS2_MEMORY_KB), and half of what the
walks give a cell."""
MOST_LANES = 16
MOST_CPU_S = 600.0
"""For all keys and slots of one volume, where the cell's own limit is higher or there is none."""
_ARGON2_S = 2.5 / (1 << 20)
"""CPU seconds for one pass over a KiB; measured, 1.7 to 2.4 s a GiB, on a machine of 2020."""
_PBKDF2_S = 1.2e-6
"""CPU seconds for one iteration of one block; measured, 0.3 (SHA-1) to 0.9 us (SHA-512)."""


class Budget:
    """Time that may go into trying keys: half of the CPU time the cell has left, so that the walk has the other half.

    The deadline by the clock is not known here, but never nearer than that (``kernel.evidence.Pace``): so no more
    time by the clock is used either, be the machine as busy as it may.
    """

    def __init__(self) -> None:
        limit, _ = resource.getrlimit(resource.RLIMIT_CPU)
        left = MOST_CPU_S if limit == resource.RLIM_INFINITY else (limit - time.process_time()) / 2
        self._left_s = min(left, MOST_CPU_S)
        self._end = time.monotonic() + self._left_s

    def take(self, seconds: float, what: str) -> None:
        """Raise ``Broken`` ``cpu_limit`` rather than begin what would not end in time."""
        left = max(0.0, min(self._left_s, self._end - time.monotonic()))
        if seconds > left:
            raise Broken("cpu_limit", f"{what} takes about {seconds:.0f} s, {left:.0f} s are left")
        self._left_s -= seconds


def volume_key(disk: Sectors, slot: Slot, secret: bytes, budget: Budget) -> bytes | None:
    """Return the key that a passphrase opens a slot to; None where it is the wrong one.

    Raises ``Broken``: ``unsupported``, ``memory_limit`` or ``cpu_limit`` for what is not tried, ``truncated``.
    """
    for name in (slot.hash, slot.digest.hash):
        _known(name)
    cipher_size = slot.area_key_bytes
    size = -(-slot.key_bytes * slot.stripes // 512) * 512
    data = disk.read_at(slot.offset, size)
    if len(data) < size:
        raise Broken("truncated", f"LUKS: key slot {slot.name} is not there as a whole")
    key = _derived(slot.kdf, secret, cipher_size, budget, f"LUKS: key slot {slot.name}")
    split = SectorCipher(slot.cipher, key, 512).decrypt(data, 0)
    candidate = merged(split[: slot.key_bytes * slot.stripes], slot.key_bytes, slot.hash)
    proof = _derived(slot.digest, candidate, len(slot.proof), budget, "LUKS: the digest of its key")
    return candidate if hmac.compare_digest(proof, slot.proof) else None


def _derived(kdf: Kdf, secret: bytes, size: int, budget: Budget, what: str) -> bytes:
    if kdf.kind not in ("pbkdf2", "argon2i", "argon2id"):
        raise Broken("unsupported", f"{what}: key derivation {kdf.kind[:50]!r}: open it with cryptsetup")
    if kdf.iterations < 1:
        raise Broken("damaged", f"{what}: no iterations")
    if kdf.kind == "pbkdf2":
        _known(kdf.hash)
        blocks = -(-size // hashlib.new(kdf.hash, usedforsecurity=False).digest_size)
        budget.take(kdf.iterations * blocks * _PBKDF2_S, what)
        return hashlib.pbkdf2_hmac(kdf.hash, secret, kdf.salt, kdf.iterations, size)
    if not 1 <= kdf.lanes <= MOST_LANES or len(kdf.salt) < 8 or kdf.memory_kib < 8 * kdf.lanes:
        raise Broken("damaged", f"{what}: {kdf.kind} with {kdf.lanes} lanes over {kdf.memory_kib} KiB")
    too_much = (
        f"{what}: {kdf.kind} over {kdf.memory_kib >> 10} MiB; open it with cryptsetup and image the mapped device"
    )
    if kdf.memory_kib > MOST_ARGON2_KIB:
        raise Broken("memory_limit", too_much)
    budget.take(kdf.iterations * kdf.memory_kib * _ARGON2_S, what)
    argon2 = Argon2id if kdf.kind == "argon2id" else Argon2i
    try:
        with_parameters = argon2(
            salt=kdf.salt, length=size, iterations=kdf.iterations, lanes=kdf.lanes, memory_cost=kdf.memory_kib
        )
        return with_parameters.derive(secret)
    except MemoryError as error:
        raise Broken("memory_limit", too_much) from error


def merged(split: bytes, size: int, hash_name: str) -> bytes:
    """Put together what was split into stripes of ``size`` bytes."""
    state = bytes(size)
    for at in range(0, len(split) - size, size):
        state = _diffused(_xor(state, split[at : at + size]), hash_name)
    return _xor(state, split[len(split) - size :])


def _diffused(block: bytes, hash_name: str) -> bytes:
    step = hashlib.new(hash_name, usedforsecurity=False).digest_size
    out = bytearray()
    for number, at in enumerate(range(0, len(block), step)):
        part = block[at : at + step]
        counted = number.to_bytes(4, "big") + part
        out += hashlib.new(hash_name, counted, usedforsecurity=False).digest()[: len(part)]
    return bytes(out)


def _xor(a: bytes, b: bytes) -> bytes:
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).to_bytes(len(a), "big")


def _known(name: str) -> None:
    if name not in HASHES:
        raise Broken(
            "unsupported", f"LUKS with hash {name[:50]!r}: open it with cryptsetup and image the mapped device"
        )
