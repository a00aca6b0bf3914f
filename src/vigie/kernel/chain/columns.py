"""What columns may not say, whoever sealed them: loops that read them go where they point, and look at nothing else."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.kernel.chain.chain import MISSING, NO_VALUE
from vigie.kernel.errors import IntegrityError
from vigie.rows.money import SCRIPT_TYPES

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from vigie.kernel.chain.chain import Chain
    from vigie.kernel.chain.layout import Manifest

WINDOW: t.Final = 1 << 22
"""Items that are looked at together."""
MOST_SATOSHI: t.Final = 21_000_000 * 100_000_000
"""No output has more (Core, ``consensus/amount.h``)."""


def columns_wrong(folder: Path, manifest: Manifest, chain: Chain) -> Iterator[IntegrityError]:
    """Yield each column that points out of another, or does not ascend. Lengths and last items fit already."""
    ends = ("block_tx", "tx_in", "tx_out", "script_start")
    wrong = [name for name in ends if not _ascends(getattr(chain, name), 0)]
    wrong += ["heights"] if not _ascends(chain.heights, 1) or (len(chain.heights) and chain.heights[0] < 0) else []
    wrong += [name for name in ends[1:] if int(getattr(chain, name)[0])]
    wrong += ["out_script"] if not _within(chain.out_script, 0, len(chain.script_type) - 1) else []
    wrong += ["out_value"] if not _within(chain.out_value, NO_VALUE, MOST_SATOSHI) else []
    wrong += ["script_type"] if not _within(chain.script_type, 0, len(SCRIPT_TYPES) - 1) else []
    wrong += ["prev_low"] if not {"tx_in", "tx_out"} & {*wrong} and not _spends_before(chain) else []
    for name in dict.fromkeys(wrong):
        yield IntegrityError(
            f"{folder / manifest.columns[name].file}: it says what no import writes, so somebody else did. Do not use"
            " it; import the chain anew."
        )


def _ascends(column: NDArray[t.Any], least: int) -> bool:
    """Tell whether each item is more than the one before by ``least`` or more."""
    for begin in range(0, len(column) - 1, WINDOW):
        some = column[begin : begin + WINDOW + 1]
        if (some[1:] < some[:-1]).any() or (least and (some[1:] == some[:-1]).any()):
            return False
    return True


def _within(column: NDArray[t.Any], first: int, last: int) -> bool:
    for begin in range(0, len(column), WINDOW):
        some = column[begin : begin + WINDOW]
        if int(some.min()) < first or int(some.max()) > last:
            return False
    return True


def _spends_before(chain: Chain) -> bool:
    """Tell whether each input spends an output that stands before its own transaction's, or ``MISSING``."""
    for begin in range(0, len(chain.tx_hash), WINDOW):
        end = min(begin + WINDOW, len(chain.tx_hash))
        counts = np.diff(chain.tx_in[begin : end + 1]).astype(np.int64)
        limits = np.repeat(chain.tx_out[begin:end].astype(np.int64), counts)
        spent = chain.prev(int(chain.tx_in[begin]), int(chain.tx_in[end]))
        if ((spent >= limits) & (spent != MISSING)).any():
            return False
    return True
