"""What many runs of letters and digits are, by their checksums alone: most are nothing, or need no other rule."""

from __future__ import annotations

import ctypes
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric import sha256
from vigie.numeric.native import NATIVE, Native

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
NOTHING, UNSURE = 0, 1
KINDS: t.Final = ("btc", "btctest", "ltc", "doge", "trx", "txid", "eth", "eth", "xmr")
"""``FIRST + n`` is the n-th."""
CHECKED: t.Final = (True, True, True, True, True, False, True, False, True)
"""Is it a checksum that says so? A ``txid`` is told by form and what stands beside it, the second ``eth`` by form."""
FIRST: t.Final = 2
LOWER: t.Final = 128
"""Set where the normal form is in lower case."""
_FORM: t.Final = sha256.form(NATIVE) if NATIVE else 0


def told(values: Bytes, starts: Ints, ends: Ints, *, form: int = _FORM, native: Native | None = NATIVE) -> Bytes:
    """Return for each text of letters and digits ``NOTHING``, ``UNSURE`` (ask its rule) or which address it is.

    ``values``: uint8[n]; ``starts``, ``ends``: int64[texts], in bytes. In C (``native/coins.c``), 0.3 us each;
    without it all are unsure. Addresses are base 58 (Bitcoin Core, ``base58.cpp``; Monero's own), segwit (BIP 173,
    350) and Ethereum's (EIP 55). Not decided here are keys, invoices and silent payments whose checksum holds, what has
    another checksum or none, an address behind a colon, and a hash beside which a word may say what it is.
    """
    out = np.full(len(starts), UNSURE, np.uint8)
    if native is None or not len(starts):
        return out
    held, first, last = np.ascontiguousarray(values), np.ascontiguousarray(starts), np.ascontiguousarray(ends)
    if held.dtype != np.uint8 or first.dtype != np.int64 or last.dtype != np.int64 or len(first) != len(last):
        raise ValueError(
            f"not bytes and places: {held.dtype}, {len(first)} of {first.dtype}, {len(last)} of {last.dtype}"
        )
    if first.min() < 0 or (first > last).any() or last.max() > len(held):
        raise ValueError(f"places that do not ascend within {len(held)} bytes")
    call, at = native.lib.coins_told, ctypes.c_void_p
    call(ctypes.c_int(form), at(held.ctypes.data), ctypes.c_int64(len(held)), at(first.ctypes.data),
         at(last.ctypes.data), ctypes.c_int64(len(first)), at(out.ctypes.data))  # fmt: skip
    return out
