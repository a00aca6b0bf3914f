"""Small chains for tests, drawn in a few lines: transactions by name, wallets as words. Headers are not mined."""

from __future__ import annotations

import hashlib
import struct
import typing as t

from vigie.kernel.chain.assembled import Held, Put, Said, Took, assemble
from vigie.kernel.chain.chain import COINBASE, Chain
from vigie.rows.money import SCRIPT_TYPES, SCRIPTS, TXIDS

START = 1_700_000_000
P2WPKH = SCRIPT_TYPES.index("p2wpkh")


def script(who: str | bytes) -> bytes:
    """Return the P2WPKH script of somebody called so; bytes are one."""
    if isinstance(who, bytes):
        return who
    return b"\x00\x14" + hashlib.sha256(who.encode()).digest()[:20]


def txid(name: str) -> bytes:
    """Return the id of a transaction called so, in display order."""
    return hashlib.sha256(b"tx " + name.encode()).digest()


class Tx(t.NamedTuple):
    """A transaction: ``took`` is ``name:vout`` each, none for a coinbase; ``put`` is (who, satoshi) each."""

    name: str
    took: t.Sequence[str]
    put: t.Sequence[tuple[str | bytes, int]]
    signs: int = 0
    version: int = 2
    lock: int = 0


def drawn(
    *blocks: t.Sequence[Tx], first: int = 1, apart_s: int = 600, scoped: bool = False, network: str = "regtest"
) -> Chain:
    """Return the chain of blocks, the first at height ``first``."""
    held = []
    for number, block in enumerate(blocks):
        header = struct.pack("<i32s32sIII", 4, bytes(32), bytes(32), START + number * apart_s, 0x207FFFFF, number)
        said = [_said(one, place) for place, one in enumerate(block)]
        held.append(Held(header=header, height=first + number, said=said))
    return assemble(network, held, scoped=scoped)


def _said(one: Tx, place: int) -> Said:
    spent = [name.rsplit(":", 1) for name in one.took]
    took = [Took(txid=txid(name), vout=int(vout), signs=one.signs) for name, vout in spent]
    return Said(
        txid=txid(one.name),
        took=took or [Took(txid=bytes(32), vout=0xFFFFFFFF)],
        put=[Put(value=value, script=script(who), type=P2WPKH) for who, value in one.put],
        version=one.version,
        lock=one.lock,
        vsize=100 + 68 * len(one.took) + 31 * len(one.put),
        flags=0 if one.took else COINBASE,
        place=place,
    )


def examples() -> Chain:
    """Return a chain in which the examples of ``rows.money`` occur, for contract tests."""
    first, second, third = SCRIPTS

    def pay(place: int, took: list[Took], put: list[tuple[int, bytes]]) -> Said:
        kinds = [SCRIPT_TYPES.index("p2pkh" if one == third else "p2wpkh") for _, one in put]
        outputs = [Put(value=value, script=one, type=kind) for (value, one), kind in zip(put, kinds, strict=True)]
        return Said(txid=TXIDS[place], took=took, put=outputs, vsize=150, flags=COINBASE if place == 0 else 0)

    blocks = [
        pay(0, [Took(txid=bytes(32), vout=0xFFFFFFFF)], [(5_000_000, first), (81_000, second)]),
        pay(1, [Took(txid=TXIDS[0], vout=0), Took(txid=TXIDS[0], vout=1)], [(81_000, third), (4_999_000, first)]),
        pay(2, [Took(txid=TXIDS[1], vout=0)], [(80_000, second)]),
    ]
    held = [
        Held(header=struct.pack("<i32s32sIII", 4, bytes(32), bytes(32), START + 600 * n, 0x207FFFFF, n),
             height=101 + n, said=[said])
        for n, said in enumerate(blocks)
    ]  # fmt: skip
    return assemble("main", held)
