"""What follows from a chain's columns and is kept beside them, made anew and compared: spenders, and how to find."""

from __future__ import annotations

import typing as t

import numpy as np

from vigie.kernel.chain.chain import STUB, UNSPENT
from vigie.kernel.errors import IntegrityError
from vigie.numeric import runs

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vigie.kernel.chain.chain import Chain, Run
    from vigie.kernel.chain.layout import Manifest

WINDOW: t.Final = 1 << 26
"""Things that are looked at together."""


def derived_wrong(folder: Path, manifest: Manifest, chain: Chain) -> Iterator[IntegrityError]:
    """Yield each file of what is derived that is not what the columns say. Reads them some times, forward."""
    for begin in range(0, len(chain.out_value), WINDOW):
        window = np.full(min(WINDOW, len(chain.out_value) - begin), UNSPENT, np.uint32)
        twice = runs.spent(chain.prev_low, chain.prev_high, chain.tx_in, 0, 0, begin, window)
        if twice >= 0 or not np.array_equal(window, chain.out_spender[begin : begin + WINDOW]):
            yield _wrong(folder, manifest.spender.file)
            break
    stubs = int(chain.block_tx[0])
    if not (chain.tx_flags[:stubs] & STUB).all() or (chain.tx_flags[stubs:] & STUB).any():
        yield _wrong(folder, manifest.columns["tx_flags"].file)
    if not _found(chain.tx_runs, len(chain.tx_hash), 0, lambda a, b: runs.hash_keys(chain.tx_hash[a:b])):
        yield _wrong(folder, *(part.file for part in manifest.tx_runs))

    def keys(first: int, last: int) -> t.Any:
        starts = chain.script_start[first : last + 1]
        return runs.text_keys(chain.scripts, starts, chain.salt)

    if not _found(chain.script_runs, len(chain.script_type), 1, keys):
        yield _wrong(folder, *(part.file for part in manifest.script_runs))


def _found(among: tuple[Run, ...], count: int, first: int, keys: t.Callable[[int, int], t.Any]) -> bool:
    """Tell whether each thing from ``first`` on is found by its key, once, and nothing else is."""
    if sum(len(run.keys) for run in among) != count - first:
        return False
    for begin in range(first, count, WINDOW):
        end = min(begin + WINDOW, count)
        own, seen = keys(begin, end), np.zeros(end - begin, np.uint8)
        if any(runs.unsorted(run.keys, run.at, own, begin, seen) >= 0 for run in among) or not (seen == 1).all():
            return False
    return True


def _wrong(folder: Path, *files: str) -> IntegrityError:
    return IntegrityError(
        f"{', '.join(str(folder / one) for one in files) or folder}: it does not say what follows from the columns."
        " Restore it, or import the chain anew."
    )
