"""Job: read blocks and transactions that were exported in columns, as lines of JSON or CSV."""

from __future__ import annotations

import numpy as np

from vigie.cell.chain.exported import Block, Odd, Transaction, lines, told
from vigie.cell.chain.gathered import Gathering
from vigie.cell.job import Bench, Job, Refused
from vigie.numeric import blocks as loops
from vigie.rows import blocks as rows
from vigie.rows.wire import ReadColumns


def run(ask: ReadColumns, bench: Bench) -> None:
    """Send the sound blocks in the order of the transactions, and what is odd."""
    if ask.network not in rows.MAGICS:
        raise Refused("no_blocks", f"no network {ask.network!r} is known: {', '.join(rows.MAGICS)}")
    gathering = Gathering(bench, ask.network, ask.before)
    which = "blocks"
    try:
        for _, block in lines(bench.files[0], ask.form, Block):
            gathering.block(block)
        which = "transactions"
        for line, one in lines(bench.files[1], ask.form, Transaction, ("inputs", "outputs")):
            gathering.add(told(line, one, gathering.blocks.get(one.block_number)))
        gathering.end()
    except Odd as odd:
        raise Refused("bad_block", f"{which}, line {odd.args[0]}: {odd.args[1]}") from None


def warm() -> None:
    """Load the loops."""
    loops.parse(np.zeros(0, np.uint8), np.zeros((0, 2), np.int64))


JOB = Job(ask=ReadColumns, run=run, warm=warm)
"""Exports in columns: what they say is made into blocks again, and read as those of a node."""
