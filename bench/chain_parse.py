"""Reading blocks: vigie beside embit, libbitcoinkernel and python-bitcoinlib, on the same real blocks, one core.

Run: ``.venv/bin/python bench/chain_parse.py [--blocks FOLDER] [--peers FOLDER]``. Each makes every transaction's id and
looks at every output's script; vigie also checks merkle root and witnesses, amounts, weight, and what inputs sign. The
floor is SHA-256 alone over the bytes that must be hashed for ids. Seconds are of processor time, the least of several.
"""

from __future__ import annotations

import argparse
import ctypes
import io
import resource
import sys
import time
import typing as t
from pathlib import Path

import numpy as np

from vigie.numeric import blocks, blocks_python
from vigie.numeric.native import NATIVE, using
from vigie.numeric.sha256 import forms

if t.TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent
SHARED = HERE.parent.parent / "shared/data/bitcoin/blocks"


def least(work: Callable[[], t.Any], rounds: int) -> float:
    """Return the processor time of the fastest of some rounds."""
    took = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return min(took)


def embit(raws: list[bytes]) -> None:
    """Parse and hash with embit."""
    from embit.transaction import Transaction  # noqa: PLC0415 - a peer that may not be there

    for raw in raws:
        stream = io.BytesIO(raw)
        stream.seek(81 if raw[80] < 0xFD else 83)
        for _ in range(raw[80] if raw[80] < 0xFD else int.from_bytes(raw[81:83], "little")):
            tx = Transaction.read_from(stream)
            tx.txid()
            for one in tx.vout:
                one.script_pubkey.script_type()


def kernel(raws: list[bytes]) -> None:
    """Parse and hash with Core's kernel; it tells no kind of script."""
    import pbk  # noqa: PLC0415 - as above

    for raw in raws:
        for tx in pbk.Block(raw).transactions:
            bytes(tx.txid)
            for one in tx.outputs:
                _ = one.amount, bytes(one.script_pubkey)


def bitcoinlib(raws: list[bytes]) -> None:
    """Parse and hash with python-bitcoinlib."""
    from bitcoin.core import CBlock  # noqa: PLC0415 - as above

    for raw in raws:
        for tx in CBlock.deserialize(raw).vtx:
            tx.GetTxid()
            for one in tx.vout:
                one.scriptPubKey.is_p2sh()


def in_python(raws: list[bytes]) -> None:
    """Parse with vigie where there is no compiler."""
    for raw in raws:
        data, spans = np.frombuffer(raw, np.uint8), np.array([[0, len(raw)]], np.int64)
        room = blocks._room(len(raw), 1)  # noqa: SLF001 - the fallback is asked for by itself
        blocks_python.parse(data, spans, room, np.zeros(1, np.int32), np.zeros(1, np.int64))


def main() -> None:
    """Measure, and print ratios."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--blocks", type=Path, default=SHARED)
    asked.add_argument("--peers", type=Path, default=HERE.parent / ".peers")
    given = asked.parse_args()
    sys.path.append(str(given.peers))
    names = [one for one in sorted(given.blocks.glob("mainnet-*.raw")) if "undo" not in one.name]
    raws = [one.read_bytes() for one in names]
    if not raws or NATIVE is None:
        sys.exit(f"no mainnet-*.raw in {given.blocks}, or no native loops")
    many = 16
    data = np.frombuffer(b"".join(raws) * many, np.uint8)
    ends = np.cumsum([len(one) for one in raws] * many)
    spans = np.stack([np.concatenate([[0], ends[:-1]]), ends], 1)
    columns, why, _ = blocks.parse(data, spans)
    txs, size = len(columns.tx_ins), len(data)
    print(f"{len(raws)} blocks of main, {txs // many} transactions, {size / many / 1e6:.2f} MB; {using()}")
    if why.any():
        sys.exit("a real block was refused")
    vigie = least(lambda: blocks.parse(data, spans), 5) / txs
    print(f"vigie: {1 / vigie:,.0f} tx/s, {size / txs / vigie / 1e6:.0f} MB/s")
    out, floor = np.empty(32, np.uint8), {}
    call = NATIVE.lib.sha256_twice
    call.restype = None
    arguments = (ctypes.c_void_p(data.ctypes.data), ctypes.c_int64(size), ctypes.c_void_p(out.ctypes.data))
    for sha in forms(NATIVE):
        floor[sha] = least(lambda sha=sha: call(ctypes.c_int(sha), *arguments), 3)  # type: ignore[misc] # bound now
        print(f"SHA-256 form {sha} (0 plain C, 1 instructions): {size / floor[sha] / 1e6:.0f} MB/s")
    print(f"distance: vigie takes {vigie * txs / floor[max(floor)]:.2f} times the time of hashing these bytes once")
    for name, work, rounds in (
        ("vigie in Python", in_python, 2), ("embit", embit, 2), ("libbitcoinkernel", kernel, 1),
        ("python-bitcoinlib", bitcoinlib, 1),
    ):  # fmt: skip
        try:
            took = least(lambda work=work: work(raws), rounds) / (txs // many)  # type: ignore[misc] # bound now
        except ImportError as error:
            print(f"{name}: absent ({error})")
            continue
        print(f"{name}: {1 / took:,.0f} tx/s; vigie is {took / vigie:.0f} times as fast")
    print(f"memory at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
