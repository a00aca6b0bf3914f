"""PayJoins (BIP 77, BIP 78) of wallets that are known: payer and payee sign one transaction, so it joins nobody.

Nothing in such a transaction shows what it is, to anybody who does not know one side. Who knows the payee's scripts
sees it: they are spent together with others', and get more than they gave.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigie.numeric.change import UNSPENT, Written
from vigie.numeric.cospend import Ints


def payjoins(written: Written, own: npt.NDArray[np.bool_], outs: Ints) -> Ints:
    """Return the transactions, ascending, that spend own scripts and others', and pay own scripts more than they spent.

    ``own``: bool[scripts]; ``outs``: all outputs that pay them. What a transaction spends and is not known is others'.
    """
    value = written.out_value
    after = written.out_spender[outs].astype(np.int64)
    spent = after != UNSPENT
    made = np.searchsorted(written.tx_out, outs.astype(np.uint64), "right") - 1
    txs = np.intersect1d(after[spent], made)
    first, many = written.tx_in[txs].astype(np.int64), (written.tx_in[txs + 1] - written.tx_in[txs]).astype(np.int64)
    inputs = np.repeat(first - (np.cumsum(many) - many), many)
    inputs += np.arange(len(inputs))
    before = written.prev_low[inputs].astype(np.int64) | written.prev_high[inputs].astype(np.int64) << 32
    script = np.where(before < len(value), written.out_script[np.minimum(before, len(value) - 1)], 0)
    others = np.zeros(len(txs), np.bool_)
    others[np.repeat(np.arange(len(txs)), many)[~own[script]]] = True
    gets, gives = np.zeros((2, len(txs)), np.int64)
    _add(gets, txs, made, value[outs])
    _add(gives, txs, after[spent], value[outs[spent]])
    return txs[others & (gets > gives)]


def _add(to: Ints, txs: Ints, of: Ints, values: Ints) -> None:
    """Add the values of outputs to the transactions of which they are, those that are asked for."""
    place = np.minimum(np.searchsorted(txs, of), max(len(txs) - 1, 0))
    here = txs[place] == of if len(txs) else np.zeros(len(of), np.bool_)
    np.add.at(to, place[here], values[here])
