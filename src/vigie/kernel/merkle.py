"""Merkle tree hashing of RFC 6962 section 2.1, and its proofs (checking as in RFC 9162 sections 2.1.3.2, 2.1.4.2).

All hashes are SHA-256, 32 bytes. A leaf is hashed as ``0x00 || entry``, a node as ``0x01 || left || right``, so
that no entry can pass for a node.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
HASH_BYTES = 32


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two others."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: at most 64 hashes, enough to append and to know the root.

    An append costs one node hash amortised, ``root`` one for each bit set in ``size``.
    """

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash on the right."""
        level = self.size
        while level & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            level >>= 1
        self._peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in self._peaks[-2::-1]:
            root = node_hash(peak, root)
        return root


class Tree:
    """All hashes of complete subtrees (64 bytes a leaf): what it takes to make proofs for any earlier size."""

    def __init__(self) -> None:
        self._levels: list[bytearray] = [bytearray()]

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self._levels[0]) // HASH_BYTES

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash on the right."""
        level = 0
        self._levels[0] += leaf
        while len(self._levels[level]) % (2 * HASH_BYTES) == 0:
            row = self._levels[level]
            level += 1
            if level == len(self._levels):
                self._levels.append(bytearray())
            self._levels[level] += node_hash(bytes(row[-64:-32]), bytes(row[-32:]))

    def root(self, size: int) -> bytes:
        """Return the root over the first ``size`` leaves; ValueError where there are fewer."""
        self._within(0, size)
        return self._span(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the siblings from leaf to root that prove leaf ``index`` in the tree of the first ``size``."""
        self._within(index, size)
        if index == size:
            raise ValueError(f"leaf {index} does not exist in a tree of {size}")
        path: list[bytes] = []
        low, high = 0, size
        while high - low > 1:
            middle = low + _split(high - low)
            if index < middle:
                path.append(self._span(middle, high))
                high = middle
            else:
                path.append(self._span(low, middle))
                low = middle
        return path[::-1]

    def consistency(self, old: int, size: int) -> list[bytes]:
        """Return the hashes that prove the tree of the first ``old`` leaves a beginning of that of ``size``."""
        self._within(old, size)
        if old in (0, size):
            return []
        path: list[bytes] = []
        low, high = 0, size
        while old != high:
            middle = low + _split(high - low)
            if old <= middle:
                path.append(self._span(middle, high))
                high = middle
            else:
                path.append(self._span(low, middle))
                low = middle
        if low:
            path.append(self._span(low, high))
        return path[::-1]

    def _within(self, part: int, size: int) -> None:
        if not 0 <= part <= size <= self.size:
            raise ValueError(f"{part} of {size} asked of a tree of {self.size}")

    def _span(self, low: int, high: int) -> bytes:
        width = high - low
        if width & (width - 1) == 0:
            start = low // width * HASH_BYTES
            return bytes(self._levels[width.bit_length() - 1][start : start + HASH_BYTES])
        middle = low + _split(width)
        return node_hash(self._span(low, middle), self._span(middle, high))


def includes(root: bytes, size: int, index: int, leaf: bytes, path: Sequence[bytes]) -> bool:
    """Tell whether ``path`` proves that ``leaf`` is leaf ``index`` of the tree of ``size`` with this root."""
    if not 0 <= index < size:
        return False
    here, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            found = node_hash(sibling, found)
            while here & 1 == 0 and here:
                here, last = here >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and found == root


def extends(old_root: bytes, old: int, root: bytes, size: int, path: Sequence[bytes]) -> bool:
    """Tell whether ``path`` proves that the tree of ``size`` begins with the tree of ``old`` leaves."""
    if not 0 <= old <= size:
        return False
    if old == size:
        return not path and old_root == root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    hashes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not hashes:
        return False
    here, last = old - 1, size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    before = after = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while here & 1 == 0 and here:
                here, last = here >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and before == old_root and after == root


def _split(width: int) -> int:
    """Return the largest power of two below ``width``."""
    return 1 << ((width - 1).bit_length() - 1)
