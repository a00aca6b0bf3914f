"""What is found in a chain."""

import numpy as np

from drawn_chain import Tx, drawn, script, txid
from vigie.kernel.chain.assembled import none
from vigie.kernel.chain.chain import MISSING, UNSPENT


def test_transactions_scripts_and_spenders_are_found():
    chain = drawn(
        [Tx("mint", [], [("anna", 50)])],
        [Tx("pay", ["mint:0"], [("shop", 30), ("anna", 19)])],
    )
    mint, pay, absent = chain.transactions([txid("mint"), txid("pay"), txid("none")]).tolist()
    assert (mint, pay, absent) == (0, 1, -1)
    shop, anna, nobody = chain.script_numbers([script("shop"), script("anna"), script("nobody")]).tolist()
    assert nobody == -1
    assert chain.spenders_of(anna).tolist() == [0, 2]
    assert chain.out_spender.tolist() == [pay, UNSPENT, UNSPENT]
    assert chain.prev(0, 2).tolist() == [MISSING, 0]
    assert chain.tx_of(np.arange(3)).tolist() == [0, 1, 1]
    assert (chain.height_of(mint), chain.height_of(pay)) == (1, 2)
    assert chain.type_of(shop) == "p2wpkh"
    assert chain.txid(pay) == txid("pay")


def test_two_chains_that_differ_have_two_identities():
    one = drawn([Tx("mint", [], [("anna", 50)])])
    assert one.identity == drawn([Tx("mint", [], [("anna", 50)])]).identity
    assert one.identity != drawn([Tx("mint", [], [("anna", 51)])]).identity


def test_a_chain_may_be_empty():
    chain = none()
    assert chain.transactions([txid("x")]).tolist() == [-1]
    assert chain.script_numbers([script("x")]).tolist() == [-1]
