"""The hash of a turned or mirrored picture, from the hash of the picture alone.

A mirror negates the coefficients of odd frequency along its axis, and a transposition swaps the two frequencies; both
move the median little (reference/media.md 2.3; ThreatExchange ``pdq``, dihedral hashes). It is approximate - 7 to 16
bits from the hash of the really turned picture - because PDQ's windows are not symmetric; where the pixels are at
hand, ``pdq`` gives the exact ones.
"""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.numeric.distinct import Words

TURNS: t.Final = (
    (False, True, False),
    (False, True, True),
    (False, False, True),
    (True, False, False),
    (True, True, False),
    (True, True, True),
    (True, False, True),
)
"""Transpose first?, then mirror left and right?, upside down?: mirrored, turned 180, upside down, transposed, turned
90, transversed, turned 270, in the order of ``rows.fingerprints.TURNED``; turns are clockwise."""


def turned(codes: Words, turn: int) -> Words:
    """Return uint64[n, 4], the hashes of the pictures after ``TURNS[turn]``; bytes in text order, bit 255 first."""
    transpose, across, down = TURNS[turn]
    bits = np.unpackbits(codes.view(np.uint8), axis=1).reshape(-1, 16, 16)
    # The last bit is that of the lowest frequencies, 1 and 1; so odd ones have odd places.
    out = (bits.transpose(0, 2, 1) if transpose else bits).copy()
    if across:
        out[:, :, 1::2] ^= 1
    if down:
        out[:, 1::2, :] ^= 1
    return np.packbits(out.reshape(-1, 256), axis=1).view(np.uint64)
