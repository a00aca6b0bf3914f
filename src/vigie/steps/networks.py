"""Which network a key or an address is of, where its prefix leaves that open: what steps about money share.

All test networks share ``tpub`` and addresses that begin with ``m``, ``n`` or ``2``; all but regtest share ``tb1``.
"""

from vigie.kernel.table import Table
from vigie.rows.ledgers import Ledger


def test_network(ledgers: Table[Ledger], *said: str) -> str:
    """Return the test network of a case: the only one of its chains, or else of its wallets; ``test`` if it is open."""
    for some in ({one.network for one in ledgers}, set(said)):
        found = some - {"main", ""}
        if len(found) == 1:
            return found.pop()
    return "test"
