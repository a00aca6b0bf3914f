"""Which output is likely the spender's own change: a lead, with how often such signals were right on this chain."""

import datetime as dt
import typing as t
from collections import Counter

import numpy as np
import numpy.typing as npt

from vigie.kernel.chain.chain import Chain
from vigie.kernel.stage import Count, Params, Share, stage
from vigie.kernel.table import Table, of
from vigie.numeric import change, cospend, wilson
from vigie.rows.clusters import Change, SignalRate
from vigie.rows.money import SCRIPT_TYPES
from vigie.rows.payments import Receipt, Watched
from vigie.rows.tags import Tag
from vigie.steps.cospent import PAYJOIN, cospent, owned, written

Ints: t.TypeAlias = npt.NDArray[np.int64]
Cell: t.TypeAlias = tuple[int, int, str, str]
"""Signals for, signals against, era, type."""
LEAD: t.Final = "A statistical lead (layer C): it is never merged into clusters, and a trace that uses it says so."


class Guessing(Params, frozen=True):
    """Settings."""

    least_low: Share = 0.99
    """Lower bound of the 95 % interval of a combination's precision: of 381 revealed ones all must have been right."""
    least_signals: Count = 3
    """So many signals must speak for it. What is revealed flatters: on practice chains one signal was right in 50 of 50
    revealed cases and in 92 % of all, two in 98.5 %, three in 98.6 to 99.7 % (docs/money.md)."""
    least_cell: Count = 30
    """Where the same year and type of script has so many revealed ones, that cell may not speak against it."""
    most_changes: Count = 100_000
    """Rows for so many transactions, the earliest."""


@stage(split=None)
def changes(
    watched: Table[Watched],
    receipts: Table[Receipt],
    tags: Table[Tag],
    chain: Chain,
    params: Guessing,
) -> tuple[Table[Change], Table[SignalRate]]:
    """Say likely change of the transactions that spend from, or pay, what the case watches.

    Combinations of signals are counted whole on this chain, wherever a later co-spend revealed which output was the
    spender's. Only those count whose lower bound is high; with too little revealed there is no row.
    """
    found = cospent(chain, tags, owned(watched, chain.network))
    columns = written(chain)
    several = np.isin(found.became, (cospend.SKIPPED, PAYJOIN))
    guess = change.candidates(columns, several.astype(np.uint8))
    known = change.revealed(columns, found.label, guess.out)
    at = np.flatnonzero(known >= 0)
    eras, types = _eras(chain, at), _types(chain, at)
    right, every = Counter[Cell](), Counter[Cell]()
    for tx, era, type_ in zip(at.tolist(), eras, types, strict=True):
        speak, against = int(guess.speak[tx]), int(guess.against[tx])
        for cell in ((speak, against, "", ""), (speak, against, era, type_)):
            every[cell] += 1
            right[cell] += int(known[tx])
    rates = [_rate(chain, cell, right[cell], many, params) for cell, many in every.items()]
    held = dict(zip(every, rates, strict=True))
    wanted = _wanted(chain, watched, receipts)
    wanted = wanted[guess.out[wanted] >= 0]
    of_wanted = zip(wanted.tolist(), _eras(chain, wanted), _types(chain, wanted), strict=True)
    rows = (row for tx, *of_it in of_wanted for row in _rows(chain, guess, tx, held, params, *of_it))
    return of(Change, _first(rows, params.most_changes)), of(SignalRate, rates)


def _rate(chain: Chain, cell: Cell, right: int, many: int, params: Guessing) -> SignalRate:
    speak, against, era, type_ = cell
    low, high = wilson.interval(right, many)
    return SignalRate.make(
        network=chain.network,
        signals=change.names(speak),
        against=change.names(against),
        era=era,
        type=type_,
        right=right,
        of=many,
        precision=right / many,
        low=low,
        high=high,
        used=not era and low >= params.least_low and speak.bit_count() >= params.least_signals,
    )


def _wanted(chain: Chain, watched: Table[Watched], receipts: Table[Receipt]) -> Ints:
    """Return the transactions that pay or spend watched scripts."""
    own = chain.script_numbers([one.script for one in watched if one.network == chain.network])
    mine = np.zeros(len(chain.script_type), np.bool_)
    mine[own[own > 0]] = True
    outs = np.flatnonzero(mine[np.asarray(chain.out_script)])
    spender = np.asarray(chain.out_spender)[outs].astype(np.int64)
    named = chain.transactions(sorted({one.txid for one in receipts if one.network == chain.network}))
    return np.unique(np.concatenate([chain.tx_of(outs), spender[spender != change.UNSPENT], named[named >= 0]]))


def _rows(
    chain: Chain,
    guess: change.Candidates,
    tx: int,
    held: dict[Cell, SignalRate],
    params: Guessing,
    era: str,
    type_: str,
) -> t.Iterator[Change]:
    out, speak, against = int(guess.out[tx]), int(guess.speak[tx]), int(guess.against[tx])
    cell = held.get((speak, against, era, type_))
    rate = held.get((speak, against, "", ""))
    if speak & change.REUSE:
        share, low, high, on = 1.0, 1.0, 1.0, "by definition"
        text = "It pays a script that the transaction itself spends."
    elif rate is None or not rate.used or (cell and cell.of >= params.least_cell and cell.high < params.least_low):
        return
    else:
        share, low, high, on = rate.precision, rate.low, rate.high, "this chain"
        text = (
            f"Of {rate.of} transactions of this chain with these signals, of which a later co-spend told, {rate.right}"
            f" were so. Those are wallets that gather their coins: of others fewer are."
        )
    yield Change.make(
        network=chain.network,
        txid=chain.txid(tx),
        vout=out - int(chain.tx_out[tx]),
        layer="C",
        signals=change.names(speak),
        against=change.names(against),
        precision=share,
        precision_low=low,
        precision_high=high,
        measured_on=on,
        text=f"{text} {LEAD}",
    )


def _first(rows: t.Iterator[Change], most: int) -> t.Iterator[Change]:
    for _, row in zip(range(most), rows, strict=False):  # the first of them
        yield row


def _eras(chain: Chain, txs: Ints) -> list[str]:
    """Return the years of transactions; ``unknown`` of stubs, of which none has a candidate."""
    places, times = chain.block_of(txs), chain.times().tolist()
    return [str(dt.datetime.fromtimestamp(times[at], dt.UTC).year) if at >= 0 else "unknown" for at in places.tolist()]


def _types(chain: Chain, txs: Ints) -> list[str]:
    """Return the type of the scripts that transactions spend; ``mixed``: several."""
    out = []
    for tx in txs.tolist():
        spent = chain.prev(int(chain.tx_in[tx]), int(chain.tx_in[tx + 1]))
        kinds = set(chain.script_type[chain.out_script[spent[spent < len(chain.out_script)]]].tolist())
        out.append(SCRIPT_TYPES[kinds.pop()] if len(kinds) == 1 else "mixed")
    return out
