"""The scripts that a descriptor leads to, for many indexes at once."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.numeric.coins import curve
from vigie.numeric.coins.descriptors import ELECTRUM, Key, Node
from vigie.numeric.coins.hashing import Bytes, each, hash160, sha256, tagged

_LEAF_VERSION: t.Final = b"\xc0"


class Made(t.NamedTuple):
    """Scripts of one kind."""

    type: str
    """One of ``rows.money.SCRIPT_TYPES``; ``""``: to be told by each script itself."""
    scripts: Bytes
    """uint8[n, width]"""


class Points:
    """Keys that were derived, so that several descriptors of one key cost its points once."""

    def __init__(self, branch: int, first: int, count: int) -> None:
        """Of indexes ``first`` to ``first + count - 1`` of a branch (0: the first alternative)."""
        self.branch, self.first, self.count = branch, first, count
        self._held: dict[tuple[bytes, bytes, tuple[int, ...], bool], Bytes] = {}

    def of(self, key: Key) -> Bytes:
        """Return uint8[count, 33 or 65]. Raises ValueError where a point is none."""
        path = () if not key.chain else tuple(one[self.branch] if len(one) > 1 else one[0] for one in key.steps)
        name = key.point, key.chain, path, key.ranged
        if name not in self._held:
            self._held[name] = self._derived(*name)
        return self._held[name]

    def _derived(self, point: bytes, chain: bytes, path: tuple[int, ...], ranged: bool) -> Bytes:
        for step in path:
            keys, chains = curve.children(point, chain, step, 1)
            point, chain = keys[0].tobytes(), chains[0].tobytes()
        if ranged and not chain:
            return curve.electrum(point[1:], self.branch, self.first, self.count)
        if ranged:
            return curve.children(point, chain, self.first, self.count)[0]
        return np.tile(np.frombuffer(point, np.uint8), (self.count, 1))


def scripts(node: Node, points: Points) -> list[Made]:
    """Return the output scripts of a descriptor for the indexes of ``points``; ``combo`` has several kinds."""
    if node.name in ("addr", "raw"):
        return [Made("", np.tile(np.frombuffer(node.held, np.uint8), (points.count, 1)))]
    if node.name == "combo":
        keys = points.of(node.keys[0])
        some = [Made("p2pk", _pushed(keys, 0xAC)), Made("p2pkh", _key_hash(keys))]
        if keys.shape[1] == 33:
            segwit = _witness(0, each(keys, hash160, 20))
            some += [Made("p2wpkh", segwit), Made("p2sh", _script_hash(segwit))]
        return some
    if node.name == "tr":
        roots = [_root(row) for row in _leaves(node.inner[0], points)] if node.inner else None
        return [Made("p2tr", _witness(1, curve.tapped(points.of(node.keys[0]), roots)))]
    if node.name == "rawtr":
        return [Made("p2tr", _witness(1, points.of(node.keys[0])[:, 1:]))]
    return [Made(_TYPES[node.name], _script(node, points))]


_TYPES: t.Final = {
    "pk": "p2pk", "pkh": "p2pkh", "wpkh": "p2wpkh", "sh": "p2sh", "wsh": "p2wsh", "multi": "multisig",
    "sortedmulti": "multisig", ELECTRUM: "p2pkh",
}  # fmt: skip


def _script(node: Node, points: Points) -> Bytes:
    if node.name == "sh":
        return _script_hash(_script(node.inner[0], points))
    if node.name == "wsh":
        return _witness(0, each(_script(node.inner[0], points), sha256, 32))
    if node.name in ("multi", "sortedmulti"):
        return _multi(node, points)
    keys = points.of(node.keys[0])
    if node.name == "pk":
        return _pushed(keys, 0xAC)
    return _key_hash(keys) if node.name in ("pkh", ELECTRUM) else _witness(0, each(keys, hash160, 20))


def _multi(node: Node, points: Points) -> Bytes:
    held = [_pushed(points.of(one)) for one in node.keys]
    if node.name == "sortedmulti":
        rows = [[each_of[at].tobytes() for each_of in held] for at in range(points.count)]
        for row in rows:
            row.sort(key=lambda one: one[1:])
        flat = b"".join(b"".join(row) for row in rows)
        held = [np.frombuffer(flat, np.uint8).reshape(points.count, -1)]
    ends = [
        np.frombuffer(_counted(one) + more, np.uint8) for one, more in ((node.needed, b""), (len(node.keys), b"\xae"))
    ]
    many = len(held[0])
    return np.hstack([np.tile(ends[0], (many, 1)), *held, np.tile(ends[1], (many, 1))])


def _counted(number: int) -> bytes:
    return bytes([0x50 + number]) if number <= 16 else bytes([1, number])


def _leaves(node: Node, points: Points) -> t.Iterator[t.Any]:
    """Give the tree of scripts of each index: a script, or two trees."""
    if node.name == "{}":
        yield from zip(*(_leaves(one, points) for one in node.inner), strict=True)
        return
    keys = [points.of(one)[:, 1:] for one in node.keys]
    for row in zip(*keys, strict=True):
        some = [one.tobytes() for one in row]
        if node.name == "pk":
            yield b"\x20" + some[0] + b"\xac"
            continue
        if node.name == "sortedmulti_a":
            some.sort()
        script = b"".join(b"\x20" + one + (b"\xba" if at else b"\xac") for at, one in enumerate(some))
        yield script + _number(node.needed) + b"\x9c"


def _number(number: int) -> bytes:
    if number <= 16:
        return bytes([0x50 + number])
    held = number.to_bytes((number.bit_length() + 8) // 8, "little")  # a sign bit that is not set
    return bytes([len(held)]) + held


def _root(tree: t.Any) -> bytes:
    """Return the hash of a tree of scripts (BIP 341)."""
    if isinstance(tree, bytes):
        many = len(tree)
        size = bytes([many]) if many < 0xFD else b"\xfd" + many.to_bytes(2, "little")
        return tagged("TapLeaf", _LEAF_VERSION + size + tree)
    return tagged("TapBranch", b"".join(sorted(_root(one) for one in tree)))


def _pushed(keys: Bytes, *after: int) -> Bytes:
    many = len(keys)
    tail = np.tile(np.array(after, np.uint8), (many, 1))
    return np.hstack([np.full((many, 1), keys.shape[1], np.uint8), keys, tail])


def _key_hash(keys: Bytes) -> Bytes:
    return _between(b"\x76\xa9\x14", each(keys, hash160, 20), b"\x88\xac")


def _script_hash(inner: Bytes) -> Bytes:
    return _between(b"\xa9\x14", each(inner, hash160, 20), b"\x87")


def _witness(version: int, programs: Bytes) -> Bytes:
    return _between(bytes([version + 0x50 if version else 0, programs.shape[1]]), programs, b"")


def _between(head: bytes, rows: Bytes, tail: bytes) -> Bytes:
    out = np.empty((len(rows), len(head) + rows.shape[1] + len(tail)), np.uint8)
    out[:, : len(head)] = np.frombuffer(head, np.uint8)
    out[:, len(head) : len(head) + rows.shape[1]] = rows
    out[:, len(head) + rows.shape[1] :] = np.frombuffer(tail, np.uint8)
    return out
