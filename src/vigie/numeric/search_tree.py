"""The binary search tree of a MaxMind DB file, walked whole into ranges of addresses.

Format: https://maxmind.github.io/MaxMind-DB/ (version 2.0), "Binary Search Tree Section".
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]


class Walked(t.NamedTuple):
    """The networks of a tree in the order of their addresses; neighbours with the same value are one."""

    low: Words
    """uint64[n, 2]."""
    high: Words
    value: Ints
    """Record beyond the nodes: ``node_count + 16 + offset in the data section``; int64[n]."""
    again: int
    """Edges to nodes that were met before: the aliases of IPv4 that writers put there; in a file that means harm,
    cycles and shared parts. They are not followed."""
    deep: int
    """Nodes below the last bit of an address. They are not followed."""
    whole: bool
    """False where there were more than ``most`` networks."""


def walk(tree: Bytes, nodes: int, record_bits: int, bits: int, most: int) -> Walked:
    """Walk every node once, whatever its edges say: the work is that of the nodes, and no cycle holds it up.

    ``tree``: its bytes, at least ``nodes * record_bits / 4``. ``record_bits``: 24, 28 or 32. ``bits``: 32 or 128; the
    networks of a tree of IPv4 come as ::ffff:0:0/96. In a tree of 128 bits, IPv4 lies at ::/96; it comes there too, as
    ::ffff:0:0/96, and what the tree itself says of ::ffff:0:0/96 is an alias of it.
    Raises ValueError where the tree is shorter than its nodes.
    """
    if record_bits not in (24, 28, 32) or bits not in (32, 128):
        raise ValueError(f"records of {record_bits} bits, addresses of {bits}")
    if nodes < 0 or len(tree) < nodes * record_bits // 4:
        raise ValueError(f"{len(tree)} bytes are no tree of {nodes} nodes")
    room = min(most, nodes + 1)
    low, high = np.zeros((room, 2), np.uint64), np.zeros((room, 2), np.uint64)
    value = np.zeros(room, np.int64)
    count, again, deep = _walk(tree, nodes, record_bits, bits, low, high, value)
    whole = count <= room
    count = min(count, room)
    return Walked(low[:count], high[:count], value[:count], again, deep, whole)


@numba.njit(cache=True, nogil=True)
def _record(tree: Bytes, node: int, side: int, record_bits: int) -> np.int64:
    """Return one of the two records of a node: 0 the left one, 1 the right one."""
    width = record_bits // 4
    at = node * width + side * (width - width // 2)
    out = np.int64(0)
    if record_bits == 28:  # the four top bits of both lie in the byte between them
        middle = np.int64(tree[node * 7 + 3])
        out = middle >> 4 if side == 0 else middle & 15
    for place in range(record_bits // 8):
        out = (out << 8) | np.int64(tree[at + place])
    return out


@numba.njit(cache=True, nogil=True)
def _walk(  # noqa: C901, PLR0912 - one loop over a stack: numba pays for each call
    tree: Bytes, nodes: int, record_bits: int, bits: int, low: Words, high: Words, value: Ints
) -> tuple[int, int, int]:
    met = np.zeros(max(nodes, 1), np.bool_)
    stack = np.zeros(2 * bits + 4, np.int64)  # nodes to do, with depth and address: at most two for each bit
    depths = np.zeros(2 * bits + 4, np.int64)
    highs = np.zeros(2 * bits + 4, np.uint64)
    lows = np.zeros(2 * bits + 4, np.uint64)
    one = np.uint64(1)
    count = again = deep = 0
    top = 1
    while top:
        top -= 1
        at, depth, a, b = stack[top], depths[top], highs[top], lows[top]
        if at >= nodes:
            if at > nodes:
                left = bits - depth  # free bits
                above = a if left <= 64 else a | ((one << np.uint64(left - 64)) - one) if left < 128 else ~np.uint64(0)
                below = ~np.uint64(0) if left >= 64 else b | ((one << np.uint64(left)) - one)
                four = bits == 32 or (a == 0 and above == 0 and b >> np.uint64(32) == 0 and below >> np.uint64(32) == 0)
                mask = np.uint64(0xFFFF) << np.uint64(32) if four else np.uint64(0)
                if bits == 32:
                    below &= np.uint64(0xFFFFFFFF)
                b |= mask
                below |= mask
                last = count - 1
                if (
                    0 <= last < len(value)
                    and value[last] == at
                    and (
                        (high[last, 0] == a and high[last, 1] + one == b and b != 0)
                        or (high[last, 1] == ~np.uint64(0) and b == 0 and high[last, 0] + one == a)
                    )
                ):
                    high[last, 0], high[last, 1] = above, below
                else:
                    if count < len(value):
                        low[count, 0], low[count, 1] = a, b
                        high[count, 0], high[count, 1] = above, below
                        value[count] = at
                    count += 1
            continue
        if met[at]:
            again += 1
            continue
        if depth >= bits:
            deep += 1
            continue
        met[at] = True
        bit = np.uint64(bits - 1 - depth)
        for side in (1, 0):  # the left one comes off the stack first
            stack[top], depths[top] = _record(tree, at, side, record_bits), depth + 1
            highs[top], lows[top] = a, b
            if side == 1:
                if bit >= np.uint64(64):
                    highs[top] = a | (one << (bit - np.uint64(64)))
                else:
                    lows[top] = b | (one << bit)
            top += 1
        if count > len(value):
            break
    return count, again, deep
