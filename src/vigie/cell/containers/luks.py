"""LUKS 1 and 2: an encrypted volume as sectors, where a key the examiner gave opens it.

Own reader: libluksde knows version 1 only and takes no passphrase beyond ASCII.
"""

from __future__ import annotations

from collections.abc import Iterator

from vigie.cell.containers import luks_header
from vigie.cell.containers.entry import CHUNK, Broken
from vigie.cell.containers.luks_cipher import SectorCipher
from vigie.cell.containers.luks_header import Header
from vigie.cell.containers.luks_keys import Budget, volume_key
from vigie.cell.containers.sectors import Sectors


class Decrypted:
    """The plain sectors of an opened volume."""

    def __init__(self, disk: Sectors, header: Header, key: bytes) -> None:
        self._disk = disk
        self._cipher = SectorCipher(header.cipher, key, header.sector_bytes)
        self._start, self._tweak, self._unit = header.offset, header.tweak, header.sector_bytes
        there = disk.size - header.offset
        size = there if header.size is None else min(header.size, there)
        self.size = size // self._unit * self._unit

    def read_at(self, offset: int, size: int) -> bytes:
        """Return bytes from ``offset``, fewer at the end."""
        end = min(offset + size, self.size)
        if offset < 0 or end <= offset:
            return b""
        first = at = offset // self._unit * self._unit
        last = -(-end // self._unit) * self._unit
        out = bytearray()
        while at < last:
            sealed = self._disk.read_at(self._start + at, min(CHUNK, last - at))
            whole = len(sealed) // self._unit * self._unit
            if not whole:
                break
            out += self._cipher.decrypt(sealed[:whole], self._tweak + at // 512)
            at += whole
        return bytes(out[offset - first : end - first])


def parts(disk: Sectors, secrets: tuple[bytes, ...]) -> Iterator[Sectors | Broken]:
    """Yield the plain sectors, or why there are none; first a remark where the header is damaged in part."""
    try:
        header = luks_header.read(disk)
        if header.remark:
            yield Broken("bad_checksum", header.remark)
        yield _opened(disk, header, secrets)
    except Broken as error:
        yield error


def _opened(disk: Sectors, header: Header, secrets: tuple[bytes, ...]) -> Sectors:
    """Try each key at each slot. Raises ``Broken``: where a slot could not be tried, for the reason of that."""
    if not secrets:
        raise Broken("encrypted", "LUKS: no key was given")
    if not header.slots:
        raise Broken("encrypted", "LUKS: no key slot is left; only a copy of its header from before could open it")
    budget, untried = Budget(), list[Broken]()
    keys = list(dict.fromkeys(secrets))
    for secret in keys:
        for slot in header.slots:
            try:
                key = volume_key(disk, slot, secret, budget)
            except Broken as error:
                untried.append(error)
                continue
            if key is not None:
                return Decrypted(disk, header, key)
    if untried:
        why, tries = untried[0], len(keys) * len(header.slots)
        raise Broken(why.code, f"{why.detail}; {len(untried)} of {tries} tries (each key at each slot) were not made")
    raise Broken("encrypted", "LUKS: no key given fits")
