"""Sorted runs of 64-bit keys: how transactions and scripts are found among billions without holding them in memory.

A *run* is two arrays: ascending ``keys`` and, for each, ``at``, whose key it is. Keys say where to look, never that
something is there: whoever asks compares the thing itself. Asking in the order of keys reads a run once, forward.
"""

from __future__ import annotations

import typing as t

import numba
import numpy as np

if t.TYPE_CHECKING:
    from numpy.typing import NDArray

Keys: t.TypeAlias = "NDArray[np.uint64]"
Numbers: t.TypeAlias = "NDArray[np.uint32]"
Bytes: t.TypeAlias = "NDArray[np.uint8]"
Ints: t.TypeAlias = "NDArray[np.int64]"
Starts: t.TypeAlias = "NDArray[np.uint64]"


def hash_keys(hashes: Bytes) -> Keys:
    """Return the first 8 bytes of each hash, uint8[n, 32], as a big-endian number; uint64[n]."""
    return np.ascontiguousarray(hashes[:, :8]).view(">u8").reshape(-1).astype(np.uint64)


@numba.njit(cache=True, nogil=True)
def joined(keys: Keys, order: Ints, wanted: Keys, found: Ints) -> None:
    """Find for each of ``wanted``, asked in ``order`` (by which they ascend), its first place in ``keys``; else -1.

    ``found``: int64 as long as ``wanted``, filled. Steps double from the last place on, so few questions to a long run
    cost their logarithm, and many questions one reading.
    """
    low, many = 0, len(keys)
    for one in order:
        key = wanted[one]
        step, high = 1, low
        while high < many and keys[high] < key:
            low = high + 1
            high += step
            step += step
        high = min(high, many)
        while low < high:
            middle = (low + high) >> 1
            if keys[middle] < key:
                low = middle + 1
            else:
                high = middle
        found[one] = low if low < many and keys[low] == key else -1


@numba.njit(cache=True, nogil=True)
def found_hashes(
    keys: Keys, at: Numbers, places: Ints, hashes: Bytes, wanted: Bytes, before: Ints, result: Ints
) -> None:
    """Compare what ``joined`` found: the last ``at`` whose hash is the wanted one and that stands before ``before``.

    ``hashes`` uint8[all, 32] is what ``at`` counts in; ``result`` keeps what is there already where it is not -1.
    """
    for one in range(len(places)):
        place = places[one]
        if place < 0 or result[one] >= 0:
            continue
        key = keys[place]
        best = np.int64(-1)
        while place < len(keys) and keys[place] == key:
            candidate = np.int64(at[place])
            if candidate < before[one] and candidate > best:
                same = True
                for byte in range(32):
                    if hashes[candidate, byte] != wanted[one, byte]:
                        same = False
                        break
                if same:
                    best = candidate
            place += 1
        result[one] = best


@numba.njit(cache=True, nogil=True)
def found_texts(
    keys: Keys, at: Numbers, places: Ints, starts: Starts, texts: Bytes, begins: Starts, sizes: Numbers, ask: Bytes,
    result: Ints,
) -> None:  # fmt: skip
    """Compare what ``joined`` found: the ``at`` whose bytes in ``texts`` are those asked for; as ``found_hashes``.

    ``begins`` and ``sizes`` say where in ``ask`` each text asked for stands.
    """
    for one in range(len(places)):
        place = places[one]
        if place < 0 or result[one] >= 0:
            continue
        key, first, size = keys[place], begins[one], np.uint64(sizes[one])
        while place < len(keys) and keys[place] == key:
            candidate = np.int64(at[place])
            begin = starts[candidate]
            if starts[candidate + 1] - begin == size:
                same = True
                for byte in range(size):
                    if texts[begin + byte] != ask[first + byte]:
                        same = False
                        break
                if same:
                    result[one] = candidate
                    break
            place += 1


@numba.njit(cache=True, nogil=True)
def merged(keys: Keys, at: Numbers, more_keys: Keys, more_at: Numbers, out_keys: Keys, out_at: Numbers) -> None:
    """Merge two runs into ``out_*``, as long as both together; of equal keys the first run's stand first."""
    i = j = 0
    n, m = len(keys), len(more_keys)
    for k in range(n + m):
        if j == m or (i < n and keys[i] <= more_keys[j]):
            out_keys[k], out_at[k] = keys[i], at[i]
            i += 1
        else:
            out_keys[k], out_at[k] = more_keys[j], more_at[j]
            j += 1


def sorting(keys: Keys) -> Ints:
    """Return the order that sorts keys and, of equal ones, by place; int64[n]."""
    order = np.argsort(keys)  # vector sort, three times as fast as a stable one; what is equal is put right after
    _settle(keys, order)
    return order


@numba.njit(cache=True, nogil=True)
def _settle(keys: Keys, order: Ints) -> None:
    begin = 0
    for here in range(1, len(order) + 1):
        if here == len(order) or keys[order[here]] != keys[order[begin]]:
            if here - begin > 1:
                order[begin:here].sort()
            begin = here


@numba.njit(cache=True, nogil=True)
def firsts(keys: Keys, order: Ints, starts: Starts, texts: Bytes) -> Ints:
    """Return for each text the first of those equal to it, int64[n].

    ``order`` sorts the texts by ``keys`` and, of one key, by place. Of texts with one key that differ - chance, as keys
    are salted - each is compared with the first of every kind met.
    """
    first = np.empty(len(keys), np.int64)
    following = np.full(len(keys), -1, np.int64)
    group = 0
    for here in range(len(order)):
        one = order[here]
        if keys[order[group]] != keys[one]:
            group = here
        if here == group:
            first[one] = one
            continue
        leader = order[group]
        begin, size = np.int64(starts[one]), np.int64(starts[one + 1] - starts[one])
        while True:
            other = np.int64(starts[leader])
            same = np.int64(starts[leader + 1]) - other == size
            if same:
                for byte in range(size):
                    if texts[begin + byte] != texts[other + byte]:
                        same = False
                        break
            if same:
                first[one] = leader
                break
            if following[leader] < 0:
                following[leader] = one
                first[one] = one
                break
            leader = following[leader]
    return first


@numba.njit(cache=True, nogil=True, inline="always")
def _turn(word: np.uint64, by: int) -> np.uint64:
    return (word << np.uint64(by)) | (word >> np.uint64(64 - by))


@numba.njit(cache=True, nogil=True)
def text_keys(texts: Bytes, starts: Starts, salt: Keys) -> Keys:
    """Return SipHash-2-4 (Aumasson and Bernstein, 2012) of each text under the key ``salt``, uint64[2]; uint64[n].

    Salted: what somebody writes into a chain shall not be able to put a million texts under one key.
    """
    out = np.empty(len(starts) - 1, np.uint64)
    for one in range(len(out)):
        begin, end = np.int64(starts[one]), np.int64(starts[one + 1])
        a = salt[0] ^ np.uint64(0x736F6D6570736575)
        b = salt[1] ^ np.uint64(0x646F72616E646F6D)
        c = salt[0] ^ np.uint64(0x6C7967656E657261)
        d = salt[1] ^ np.uint64(0x7465646279746573)
        size = end - begin
        words = size // 8
        for word in range(words + 3):
            rounds = 2
            if word < words:
                m = np.uint64(0)
                for byte in range(8):
                    m |= np.uint64(texts[begin + word * 8 + byte]) << np.uint64(8 * byte)
            elif word == words:
                m = np.uint64(size & 255) << np.uint64(56)
                for byte in range(size - words * 8):
                    m |= np.uint64(texts[begin + words * 8 + byte]) << np.uint64(8 * byte)
            elif word == words + 1:
                m = np.uint64(0)
                c ^= np.uint64(255)
                rounds = 4
            else:
                break
            d ^= m
            for _ in range(rounds):
                a += b
                b = _turn(b, 13) ^ a
                a = _turn(a, 32)
                c += d
                d = _turn(d, 16) ^ c
                a += d
                d = _turn(d, 21) ^ a
                c += b
                b = _turn(b, 17) ^ c
                c = _turn(c, 32)
            a ^= m
        out[one] = a ^ b ^ c ^ d
    return out


@numba.njit(cache=True, nogil=True)
def gathered(texts: Bytes, starts: Starts, chosen: Ints, out_starts: Starts, out: Bytes) -> None:
    """Copy the chosen texts one behind the other into ``out``, each to where ``out_starts`` says."""
    for one in range(len(chosen)):
        begin, to = starts[chosen[one]], out_starts[one]
        for byte in range(starts[chosen[one] + 1] - begin):  # numbers without a sign: no look for negative places
            out[to + byte] = texts[begin + byte]


@numba.njit(cache=True, nogil=True)
def spent(
    prev_low: Numbers, prev_high: Bytes, tx_in: Starts, first_tx: int, first_in: int, low: int, spender: Numbers
) -> int:
    """Write who spends outputs ``low`` to ``low + len(spender)``; return the first input that spends one again, or -1.

    ``prev_*``: of the inputs from ``first_in`` on, which belong to the transactions from ``first_tx`` on, whose inputs
    begin at ``tx_in``. Entries of ``spender`` that are all ones are unspent.
    """
    for number in range(len(tx_in) - 1):
        for place in range(np.int64(tx_in[number]) - first_in, np.int64(tx_in[number + 1]) - first_in):
            out = (np.int64(prev_low[place]) | np.int64(prev_high[place]) << 32) - low
            if 0 <= out < len(spender):
                if spender[out] != np.uint32(0xFFFFFFFF):
                    return place + first_in
                spender[out] = np.uint32(first_tx + number)
    return -1


@numba.njit(cache=True, nogil=True)
def paid_to(out_script: Numbers, wanted: Bytes) -> Ints:
    """Return the outputs that pay a wanted script, ascending; ``wanted``: uint8 of each script, 1 where it is."""
    many = 0
    for out in range(len(out_script)):
        many += wanted[out_script[out]]
    found = np.empty(many, np.int64)
    at = 0
    for out in range(len(out_script)):
        if wanted[out_script[out]]:
            found[at] = out
            at += 1
    return found


@numba.njit(cache=True, nogil=True)
def same_texts(starts: Starts, texts: Bytes, chosen: Ints, other_starts: Starts, other: Bytes) -> NDArray[np.bool_]:
    """Tell for each chosen text whether it is the other one in its place; bool[n]."""
    out = np.empty(len(chosen), np.bool_)
    for one in range(len(chosen)):
        begin, against = np.int64(starts[chosen[one]]), np.int64(other_starts[one])
        size = np.int64(other_starts[one + 1]) - against
        same = np.int64(starts[chosen[one] + 1]) - begin == size
        if same:
            for byte in range(size):
                if texts[begin + byte] != other[against + byte]:
                    same = False
                    break
        out[one] = same
    return out


@numba.njit(cache=True, nogil=True)
def unsorted(keys: Keys, at: Numbers, own: Keys, first: int, seen: Bytes) -> int:
    """Return the first place of a run that is out of order, or whose key is not that of what it names; -1: none.

    ``own``: the keys of what is numbered from ``first`` on; only that is looked at, and counted in ``seen``.
    """
    for place in range(len(keys)):
        if place and keys[place] < keys[place - 1]:
            return place
        one = np.int64(at[place]) - first
        if 0 <= one < len(own):
            if own[one] != keys[place]:
                return place
            seen[one] += 1
    return -1
