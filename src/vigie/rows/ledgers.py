"""Money, room 1: which chain a case works with."""

import datetime as dt
from typing import ClassVar

from vigie.rows.base import Row, Sha256
from vigie.rows.money import Network


class Ledger(Row, frozen=True, kw_only=True):
    """A store of the public chain that the case uses, as it stood when it was named."""

    NATURAL: ClassVar[tuple[str, ...]] = ("network", "identity")
    network: Network
    path: str
    """Where it lies, shown as ``rows.locator`` shows a step; within the case it begins with ``chain/``."""
    identity: Sha256
    """See ``kernel.chain.Chain.identity``: everything that was read of it hangs on this."""
    scoped: bool
    tip: Sha256
    """Hash of its last block, in display order."""
    height: int
    tip_at: dt.datetime | None = None
    """What its header says; it may be two hours off. None: the chain was named when this was not written down."""
    blocks: int
    transactions: int
    outputs: int
    added_at: str
