"""The folder of a real node that runs: imported, grown, reorganised."""

from decimal import Decimal

from money.test_importing import cell, imported
from vigie.kernel.chain.opening import opened

__all__ = ["cell"]


def test_the_folder_of_a_node_that_runs(cell, knots, tmp_path):
    """Blocks, values and unspent outputs are the node's own, before and after a reorganisation."""
    if not knots.ask("listwallets"):
        knots.ask("createwallet", "store")
    wallet = knots.ask("listwallets")[0]
    own = knots.ask("getnewaddress", wallet=wallet)
    knots.ask("generatetoaddress", 105, own)
    for kind in ("legacy", "p2sh-segwit", "bech32", "bech32m"):
        knots.ask("sendtoaddress", knots.ask("getnewaddress", "", kind, wallet=wallet), 1.25, wallet=wallet)
        knots.ask("generatetoaddress", 1, own)
    blocks = knots.folder / "regtest" / "blocks"
    agree(knots, cell, tmp_path, blocks)
    knots.ask("invalidateblock", knots.ask("getblockhash", knots.ask("getblockcount") - 2))
    knots.ask("generatetoaddress", 5, knots.ask("getnewaddress", wallet=wallet))
    found = agree(knots, cell, tmp_path, blocks)
    assert found.cut is not None
    assert found.cut.removed == 3


def agree(knots, cell, tmp_path, blocks):
    knots.ask("gettxoutsetinfo")  # has it bring its files to disk
    found = imported(cell, tmp_path / "store", blocks)
    chain = opened(tmp_path / "store")
    said = knots.ask("gettxoutsetinfo")
    assert int(chain.heights[-1]) == said["height"]
    unspent = chain.out_spender == 0xFFFFFFFF
    kinds = chain.script_type[chain.out_script]
    counted = unspent & (kinds != 10) & (chain.tx_of(range(len(unspent))) > 0)  # not data, nor the first block's
    assert int(counted.sum()) == said["txouts"]
    assert int(chain.out_value[counted].sum()) == Decimal(str(said["total_amount"])) * 10**8
    assert (found.troubled, found.waiting) == (0, 0)
    return found
