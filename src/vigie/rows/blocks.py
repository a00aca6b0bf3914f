"""What the cell says of blocks, in columns: their layout in a ``wire.Blocks``, and what tells networks apart.

A batch is one run of bytes: the columns of ``LAYOUT`` in order, each with as many items as is said, little-endian,
without gaps. Wide columns stand first, so each begins where its items may lie. Hashes are in the order of blocks.
"""

import typing as t

MAGICS: t.Final[dict[str, bytes]] = {
    "main": bytes.fromhex("f9beb4d9"),
    "test": bytes.fromhex("0b110907"),
    "testnet4": bytes.fromhex("1c163f28"),
    "signet": bytes.fromhex("0a03cf40"),
    "regtest": bytes.fromhex("fabfb5da"),
}
"""What stands before each record of a file of blocks, by network. A signet of one's own has another (BIP 325)."""
LIMITS: t.Final[dict[str, int]] = {
    "main": 0x1D00FFFF,
    "test": 0x1D00FFFF,
    "testnet4": 0x1D00FFFF,
    "signet": 0x1E0377AE,
    "regtest": 0x207FFFFF,
}
"""The least work that a header may show, as its ``nBits`` says it: Core's ``powLimit``."""
KEY_BYTES: t.Final = 8
MOST_MONEY: t.Final = 21_000_000 * 100_000_000
MOST_BLOCK_BYTES: t.Final = 4_000_000
"""A block and its weight have no more (BIP 141)."""
MOST_BATCH_BYTES: t.Final = 1 << 28
"""Of the columns of a batch."""
HASH_BYTES: t.Final = 32
HEADER_BYTES: t.Final = 80


class Column(t.NamedTuple):
    """A column of a batch."""

    name: str
    form: str
    """Of its items, as numpy has it."""
    of: t.Literal["blocks", "transactions", "inputs", "outputs", "script_bytes", "undone", "undone_script_bytes"]
    """The field of ``wire.Blocks`` that says how many it has."""
    wide: int = 1
    """Items side by side."""


LAYOUT: t.Final = (
    Column("block_place", "<i8", "blocks"),  # of its header in the file
    Column("out_value", "<i8", "outputs"),
    Column("undo_value", "<i8", "undone"),
    Column("block_bytes", "<u4", "blocks"),
    Column("block_weight", "<u4", "blocks"),
    Column("block_txs", "<u4", "blocks"),
    Column("block_said", "<i4", "blocks"),  # height that its coinbase says (BIP 34); -1: none, and old ones may lie
    Column("tx_ins", "<u4", "transactions"),
    Column("tx_outs", "<u4", "transactions"),
    Column("tx_version", "<i4", "transactions"),
    Column("tx_lock", "<u4", "transactions"),
    Column("tx_vsize", "<u4", "transactions"),
    Column("prev_vout", "<u4", "inputs"),
    Column("out_length", "<u4", "outputs"),  # of its script; they stand one behind the other in `scripts`
    Column("undo_height", "<i4", "undone"),
    Column("undo_length", "<u4", "undone"),
    Column("block_undone", "u1", "blocks"),  # 1: `undo_*` have one item for each input of it but the coinbase's
    Column("tx_flags", "u1", "transactions"),  # COINBASE, SEGWIT of kernel/chain/chain.py
    Column("in_signs", "u1", "inputs"),
    Column("out_type", "u1", "outputs"),  # place in rows.money.SCRIPT_TYPES
    Column("undo_coinbase", "u1", "undone"),
    Column("undo_type", "u1", "undone"),
    Column("headers", "u1", "blocks", HEADER_BYTES),
    Column("tx_hash", "u1", "transactions", HASH_BYTES),
    Column("prev_tx", "u1", "inputs", HASH_BYTES),
    Column("scripts", "u1", "script_bytes"),
    Column("undo_scripts", "u1", "undone_script_bytes"),
)
