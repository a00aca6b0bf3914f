"""Scripts that transactions spend together: union-find over the inputs of a whole chain, and a guard.

Who signs for several outputs in one transaction most likely holds all their keys (Meiklejohn et al. 2013, "A fistful
of bitcoins"). Where many people sign one transaction - CoinJoin - that is false: such transactions are given as
``skip``. What never joins, whatever is given: an output that is not here, a script that is not known, anchors that
anybody may spend, data, sets of bare keys, and inputs to which others may add theirs (SIGHASH_ANYONECANPAY).
"""

from __future__ import annotations

import concurrent.futures
import ctypes
import os
import typing as t

import numba
import numpy as np
import numpy.typing as npt

from vigie.numeric.native import NATIVE

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.uint32]
Places = npt.NDArray[np.uint64]
Halves = npt.NDArray[np.uint16]

NEVER: t.Final = np.uint32(0xFFFFFFFF)
"""Parent of a script that joins nothing, while sets are made."""
ANYONE_CAN_PAY: t.Final = 4
"""The bit of ``in_signs`` (kernel.chain)."""
THREADS: t.Final = min(4, len(os.sched_getaffinity(0)))
"""So many go through a chain at once, where the C is there; more would wait for the same memory."""
LONG: t.Final = 100_000
"""From so many inputs on a second thread is worth its start."""
MERGED, SKIPPED, TAGGED, GROWS, OPEN = range(5)
"""What became of a transaction: it joined what it spends or had nothing to join; it was to be skipped; it would have
joined two services; it would have grown a set by too many; some of its inputs let others add theirs, and joined none.
"""


class Spends(t.NamedTuple):
    """Columns of a chain, as ``kernel.chain.Chain`` has them."""

    tx_in: Places
    prev_low: Numbers
    prev_high: Bytes
    in_signs: Bytes
    out_script: Numbers
    joins: npt.NDArray[np.bool_]
    """bool[scripts]: may it join others at all?"""


class Guard(t.NamedTuple):
    """What no merge may do."""

    script: Ints
    """Numbers of scripts that a tag says something of, each once."""
    service: Ints
    """Whose each of them is said to be, above 0: two numbers never come into one set."""
    most: int
    """By so many scripts a set may grow in one transaction, beyond the largest set that it joins; at most 65,534."""


class Clusters(t.NamedTuple):
    """Sets of scripts."""

    label: Numbers
    """uint32[scripts]: smallest number of the set of each. It does not depend on the order of merges."""
    became: Bytes
    """uint8[transactions]: one of the codes above."""


def clusters(spends: Spends, skip: Bytes, guard: Guard | None = None) -> Clusters:
    """Join the scripts that each transaction spends, but those of transactions marked in ``skip``; uint8[tx].

    First everything is joined, 4 bytes a script. Only sets that then break the guard are taken apart and made again in
    the order of the chain, and whole transactions are left out that would break it. So what no guard speaks against
    does not depend on any order; where one does, the earlier transaction goes first.

    Errors: ValueError where columns do not fit each other.
    """
    _check(spends, skip)
    parent = np.arange(len(spends.joins), dtype=np.uint32)
    parent[~spends.joins] = NEVER
    (_unite if NATIVE is None else _unite_native)(*spends[:5], skip, parent)
    became = np.where(skip != 0, np.uint8(SKIPPED), np.uint8(MERGED))
    if guard is not None:
        _guarded(spends, became, parent, guard)
    _plain(parent)
    invited = np.flatnonzero(spends.in_signs & ANYONE_CAN_PAY)
    invited = np.searchsorted(spends.tx_in, invited, "right") - 1
    several = spends.tx_in[invited + 1] - spends.tx_in[invited] > 1
    became[invited[several & (became[invited] == MERGED)]] = OPEN
    return Clusters(parent, became)


def _check(spends: Spends, skip: Bytes) -> None:
    inputs = len(spends.prev_low)
    if not len(spends.tx_in) == len(skip) + 1 or not len(spends.prev_high) == len(spends.in_signs) == inputs:
        raise ValueError(f"{len(skip)} transactions, {len(spends.tx_in)} places of inputs, {inputs} inputs")
    if int(spends.tx_in[-1]) != inputs or len(spends.joins) >= int(NEVER):
        raise ValueError(f"inputs end at {int(spends.tx_in[-1])} of {inputs}, or there are too many scripts")


def _guarded(spends: Spends, became: Bytes, parent: Numbers, guard: Guard) -> None:
    """Take apart and make again, in place, the sets that break the guard."""
    if not 0 < guard.most < (1 << 16) - 1:
        raise ValueError(f"a set may grow by 1 to 65,534 scripts in one step, not by {guard.most}")
    held = parent[guard.script] != NEVER
    script, service = guard.script[held], guard.service[held]
    label = parent[script]
    order = np.lexsort((service, label))
    twice = (label[order][1:] == label[order][:-1]) & (service[order][1:] != service[order][:-1])
    size = np.zeros(len(parent), np.uint32)
    _count(parent, size)
    broken = size > guard.most
    broken[label[order][1:][twice]] = True
    if not broken.any():
        return
    del size  # so that no more than 10 bytes a script are held at once
    apart = np.zeros(len(parent), np.uint16)
    _apart(parent, broken, apart)
    del broken
    names = np.zeros(len(parent) if len(script) else 0, np.uint32)
    names[script] = service
    room = np.empty(max(int(np.diff(spends.tx_in).max()), 2), np.uint32)
    (_again if NATIVE is None else _again_native)(*spends[:5], became, parent, apart, names, room, guard.most)


def _again_native(
    tx_in: Places, prev_low: Numbers, prev_high: Bytes, in_signs: Bytes, out_script: Numbers, became: Bytes,
    parent: Numbers, size: Halves, names: Numbers, held: Numbers, most: int,
) -> None:  # fmt: skip
    """Do what ``_again`` does, in C."""
    if NATIVE is None:
        raise ValueError("there is no native library")
    columns = _columns(tx_in, prev_low, prev_high, in_signs, out_script)
    again(NATIVE.lib, columns, became, parent, size, names, held, most)


def again(
    lib: ctypes.CDLL, columns: list[npt.NDArray[t.Any]], became: Bytes, parent: Numbers, size: Halves, names: Numbers,
    held: Numbers, most: int,
) -> None:  # fmt: skip
    """Make broken sets again with this library."""
    at = [ctypes.c_void_p(one.ctypes.data) for one in (*columns, became, parent, size, names, held)]
    outs, txs, scripts = (ctypes.c_uint64(len(one)) for one in (columns[4], became, parent))
    lib.cospend_again(*at[:5], outs, txs, *at[5:7], scripts, at[7], at[8] if len(names) else None, at[9], most)
    lib.cospend_flat(at[6], scripts)


def _unite_native(
    tx_in: Places, prev_low: Numbers, prev_high: Bytes, in_signs: Bytes, out_script: Numbers, skip: Bytes,
    parent: Numbers,
) -> None:  # fmt: skip
    """Do what ``_unite`` does, in C, which asks for memory ahead of time; a thread for each part of a long chain."""
    if NATIVE is None:
        raise ValueError("there is no native library")
    held = _columns(tx_in, prev_low, prev_high, in_signs, out_script, skip)
    unite_parts(NATIVE.lib, NATIVE.level, held, parent, _parts(held[0], THREADS if len(prev_low) >= LONG else 1))


def _columns(*given: npt.NDArray[t.Any]) -> list[npt.NDArray[t.Any]]:
    """Return columns as C takes them: those of ``Spends``, and what to skip."""
    kinds = (np.uint64, np.uint32, np.uint8, np.uint8, np.uint32, np.uint8)
    held = [np.ascontiguousarray(one, kind) for one, kind in zip(given, kinds, strict=False)]
    if (held[0][1:] < held[0][:-1]).any():
        raise ValueError("places of inputs do not ascend")
    return held


def _parts(tx_in: Places, many: int) -> list[int]:
    """Return where parts of about as many inputs begin and end; transactions."""
    inner = [int(np.searchsorted(tx_in, part * int(tx_in[-1]) // many)) for part in range(1, many)]
    return [0, *inner, len(tx_in) - 1]


def unite_parts(
    lib: ctypes.CDLL, level: int, held: list[npt.NDArray[t.Any]], parent: Numbers, bounds: list[int]
) -> None:
    """Run the C over parts of a chain at once, a thread each. The result does not depend on which is first."""
    at = [ctypes.c_void_p(one.ctypes.data) for one in held]
    outs, into, scripts = (
        ctypes.c_uint64(len(held[4])),
        ctypes.c_void_p(parent.ctypes.data),
        ctypes.c_uint64(len(parent)),
    )

    def one_part(first: int, end: int) -> None:
        ends = ctypes.c_uint64(first), ctypes.c_uint64(end)
        lib.cospend_unite(level, *at[:5], outs, at[5], *ends, into, scripts, len(bounds) > 2)

    with concurrent.futures.ThreadPoolExecutor(len(bounds)) as threads:
        list(threads.map(one_part, bounds[:-1], bounds[1:]))
    lib.cospend_flat(into, scripts)


@numba.njit(cache=True, nogil=True)
def _unite(  # noqa: C901 - one loop, which numba inlines
    tx_in: Places, prev_low: Numbers, prev_high: Bytes, in_signs: Bytes, out_script: Numbers, skip: Bytes,
    parent: Numbers,
) -> None:  # fmt: skip
    """Rem's algorithm with splicing (Patwary, Blair, Manne 2010). Parents only decrease: the root is the smallest."""
    for tx in range(len(skip)):
        if skip[tx] or tx_in[tx + 1] - tx_in[tx] < 2:
            continue
        head = NEVER
        for i in range(tx_in[tx], tx_in[tx + 1]):
            v = spent_script(i, prev_low, prev_high, in_signs, out_script, parent)
            if v == NEVER:
                continue
            if head == NEVER:
                head = v
                continue
            u = head
            while parent[u] != parent[v]:
                if parent[u] < parent[v]:
                    u, v = v, u
                if u == parent[u]:
                    parent[u] = parent[v]
                    break
                above = parent[u]
                parent[u] = parent[v]
                u = above
    for i in range(len(parent)):
        if parent[i] != NEVER:
            parent[i] = parent[parent[i]]


@numba.njit(cache=True, nogil=True, inline="always")
def spent_script(
    i: int, prev_low: Numbers, prev_high: Bytes, in_signs: Bytes, out_script: Numbers, parent: Numbers
) -> np.uint32:
    """Return the script that an input spends, or ``NEVER`` where it joins nothing."""
    return NEVER if in_signs[i] & ANYONE_CAN_PAY else named_script(i, prev_low, prev_high, out_script, parent)


@numba.njit(cache=True, nogil=True, inline="always")
def named_script(i: int, prev_low: Numbers, prev_high: Bytes, out_script: Numbers, parent: Numbers) -> np.uint32:
    """Return the script that an input spends, whatever others may add to it; ``NEVER`` where it joins nothing."""
    out = np.uint64(prev_low[i]) | np.uint64(prev_high[i]) << np.uint64(32)
    if out >= np.uint64(len(out_script)):
        return NEVER
    script = out_script[out]
    if script >= len(parent) or parent[script] == NEVER:
        return NEVER
    return np.uint32(script)


@numba.njit(cache=True, nogil=True)
def _count(label: Numbers, size: Numbers) -> None:
    for i in range(len(label)):
        if label[i] != NEVER:
            size[label[i]] += np.uint32(1)


@numba.njit(cache=True, nogil=True)
def _apart(parent: Numbers, broken: npt.NDArray[np.bool_], size: Halves) -> None:
    """Take the broken sets apart: each of their scripts becomes a set of its own, of size 1; the others have 0."""
    for i in range(len(parent)):
        size[i] = parent[i] != NEVER and broken[parent[i]]
    for i in range(len(parent)):
        if size[i]:
            parent[i] = i


@numba.njit(cache=True, nogil=True)
def _again(  # noqa: C901, PLR0912 - one loop, which numba inlines
    tx_in: Places, prev_low: Numbers, prev_high: Bytes, in_signs: Bytes, out_script: Numbers, became: Bytes,
    parent: Numbers, size: Halves, names: Numbers, held: Numbers, most: int,
) -> None:  # fmt: skip
    """Make the broken sets again. Sizes count up to ``most + 1``: more than that is too many, how many is no matter.

    ``names`` is empty where none has one.
    """
    for tx in range(len(became)):
        if became[tx] != MERGED or tx_in[tx + 1] - tx_in[tx] < 2:
            continue
        n = 0
        for i in range(tx_in[tx], tx_in[tx + 1]):
            v = spent_script(i, prev_low, prev_high, in_signs, out_script, parent)
            if v != NEVER and size[v]:
                while parent[v] != v:
                    parent[v] = parent[parent[v]]
                    v = parent[v]
                if n == 0 or v != held[n - 1]:
                    held[n] = v
                    n += 1
        if n < 2:
            continue
        roots = held[:n]
        if n > 2:
            roots.sort()
        elif roots[0] > roots[1]:
            roots[0], roots[1] = roots[1], roots[0]
        total, largest, name, clash = 0, 0, np.uint32(0), False
        for k in range(n):
            r = roots[k]
            if k and r == roots[k - 1]:
                continue
            total += size[r]
            largest = max(largest, size[r])
            other = names[r] if len(names) else np.uint32(0)
            if other and name and other != name:
                clash = True
            name = name or other
        if clash or total - largest > most:
            became[tx] = TAGGED if clash else GROWS
            continue
        for k in range(1, n):
            parent[roots[k]] = roots[0]
        size[roots[0]] = min(total, most + 1)
        if len(names):
            names[roots[0]] = name
    for i in range(len(parent)):
        if size[i]:
            parent[i] = parent[parent[i]]


@numba.njit(cache=True, nogil=True)
def _plain(parent: Numbers) -> None:
    """Make each script that joins nothing a set of its own."""
    for i in range(len(parent)):
        if parent[i] == NEVER:
            parent[i] = i
