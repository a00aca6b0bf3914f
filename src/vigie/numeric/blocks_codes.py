"""Why a block or an undo record is refused: what the loops in C and in Python both say."""

import typing as t

SHORT, SIZE_FORM, NO_INPUTS, NO_OUTPUTS, WITNESS_FORM, COINBASE_PLACE, AMOUNT, BEHIND = range(1, 9)
MERKLE, DOUBLED, COMMITMENT, HEAVY, ROOM, COUNT, NUMBER, LONG_SCRIPT, POINT = range(9, 18)

SAYS: t.Final[dict[int, str]] = {
    SHORT: "it ends early, or says that it holds more than it can",
    SIZE_FORM: "a CompactSize is longer than it need be",
    NO_INPUTS: "a transaction without inputs",
    NO_OUTPUTS: "a transaction without outputs",
    WITNESS_FORM: "a transaction with the mark of witnesses and none, or with an unknown mark",
    COINBASE_PLACE: "the first transaction is no coinbase, or another one is",
    AMOUNT: "an amount, or a sum, above 21 million bitcoin",
    BEHIND: "bytes are left behind its end",
    MERKLE: "its transactions have another merkle root than its header says",
    DOUBLED: "its last transactions are doubled (CVE-2012-2459)",
    COMMITMENT: "its witnesses are not those that its coinbase commits to (BIP 141)",
    HEAVY: "it weighs more than a block may",
    ROOM: "it has more parts than its bytes have room for",
    COUNT: "it undoes another number of inputs than its block has",
    NUMBER: "a number is larger than its kind can be",
    LONG_SCRIPT: "a script is longer than one that can be spent",
    POINT: "a key is no point of the curve",
}
