"""How fast identifiers of money are found in files: ``vigie`` and GraphSense's scanner on the same bytes, in turn.

``python bench/chain_scan.py [MEGABYTES]``: prose with few coins, and a text with a coin in every 80 bytes; MB/s of CPU.
GraphSense's is left out where graphsense-lib is not installed.
"""

import importlib.util
import io
import os
import sys
import time

import numpy as np

from vigie.cell.identifiers import find, sight
from vigie.kernel.warden import ONE_THREAD
from vigie.numeric.coins import base58, bech32


def texts(size: int) -> dict[str, bytes]:
    """Return ordinary text, and text that is dense with coins."""
    chance = np.random.default_rng(1)
    words = b"The quick brown fox looks for an order that nobody has paid for since the spring, says its log.\n" * 40
    hashes = chance.integers(0, 256, (5000, 20), np.uint8)
    coins = [*base58.addresses(0, hashes[:2500]), *bech32.addresses("bc", 0, hashes[2500:])]
    plain = (words + coins[0].encode() + b"\n") * (size // len(words))
    dense = "".join(f"order {at} was paid to {one} on time\n" for at, one in enumerate(coins)).encode()
    return {"ordinary text": plain, "a coin in every 80 bytes": dense * max(size // len(dense), 1)}


def rate(call: object, data: bytes) -> float:
    """Return MB/s of CPU time, the best of five."""
    took = []
    for _ in range(5):
        began = time.process_time()
        call(data)  # type: ignore[operator] # a function
        took.append(time.process_time() - began)
    return len(data) / min(took) / 1e6


def main() -> None:
    """Print the table."""
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):  # as the cell's processes have them
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ONE_THREAD})
    size = int(sys.argv[1]) * 1_000_000 if len(sys.argv) > 1 else 4_000_000
    find.warm()
    peer = None
    if importlib.util.find_spec("graphsenselib"):
        from graphsenselib.convert.address_scan import validators  # noqa: PLC0415 - only where it is

        sys.modules["graphsenselib.utils.address"] = validators  # its own, that need nothing else of it
        from graphsenselib.convert.address_scan.scanner import scan  # noqa: PLC0415 - as above

        peer = scan
    for name, data in texts(size).items():
        mine = rate(lambda held: list(sight.sights(io.BytesIO(held))), data)
        said = ""
        if peer:
            theirs = rate(lambda held: peer(held.decode("latin-1")), data)
            said = f", GraphSense {theirs:.1f} MB/s, ratio {mine / theirs:.1f}"
        values = np.frombuffer(data, np.uint8)
        rows = np.append(np.arange(0, len(values), sight.ROW), len(values))
        every = rate(lambda _: find.find(values, rows), data)  # noqa: B023 - called at once
        print(f"{name}: vigie {mine:.1f} MB/s{said}; all kinds of identifiers, in one encoding {every:.1f} MB/s")


if __name__ == "__main__":
    main()
