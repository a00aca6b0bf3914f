"""Job: read blocks and transactions that were exported in columns, as Parquet."""

from __future__ import annotations

import io

import numpy as np

from vigie.cell.chain import parquet
from vigie.cell.chain.exported import Odd, told
from vigie.cell.chain.gathered import Gathering
from vigie.cell.job import Bench, Job, Refused
from vigie.numeric import blocks as loops
from vigie.rows import blocks as rows
from vigie.rows.wire import ReadParquet


def run(ask: ReadParquet, bench: Bench) -> None:
    """Send the sound blocks in the order in which they are complete, and what is odd."""
    if ask.network not in rows.MAGICS:
        raise Refused("no_blocks", f"no network {ask.network!r} is known: {', '.join(rows.MAGICS)}")
    gathering = Gathering(bench, ask.network, ask.before)
    for number, file in enumerate(bench.files):
        which = f"blocks file {number + 1}" if number < ask.blocks else f"transactions file {number - ask.blocks + 1}"
        try:
            if number < ask.blocks:
                for block in parquet.blocks(file):
                    gathering.block(block)
            else:
                for row, one in parquet.transactions(file):
                    gathering.add(told(row, one, gathering.blocks.get(one.block_number)))
        except Odd as odd:
            raise Refused("bad_block", f"{which}, row {odd.args[0]}: {odd.args[1]}") from None
        except Refused as refused:
            raise Refused(refused.code, f"{which}: {refused.detail}") from None
    gathering.end()


def warm() -> None:
    """Load the loops, and all of Arrow that a reading loads."""
    loops.parse(np.zeros(0, np.uint8), np.zeros((0, 2), np.int64))
    parquet.warm(io.BytesIO())


JOB = Job(ask=ReadParquet, run=run, warm=warm)
"""Exports in columns, held in Parquet: what they say is made into blocks again, and read as those of a node."""
