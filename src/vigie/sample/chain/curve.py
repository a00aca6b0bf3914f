"""Keys of nobody: secrets that follow one another, and their points on secp256k1 by one addition each.

Adding i·G to one point, with one inversion for many (Montgomery's trick), takes a quarter of the time of a
multiplication in libsecp256k1. Whoever has the seed has every key: they must never hold anything of worth.
"""

import hashlib
from collections.abc import Iterator

import coincurve

P = 2**256 - 2**32 - 977
"""The field of secp256k1 (SEC 2 2.4.1)."""
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""The order of its group."""
BATCH = 1_024
Point = tuple[int, int]


def secret(*words: object) -> int:
    """Return a secret that follows from words."""
    return int.from_bytes(hashlib.sha512(repr(words).encode()).digest()) % (N - 1) + 1


def point(secret_: int) -> Point:
    """Return the public point of a secret."""
    return coincurve.PrivateKey(secret_.to_bytes(32)).public_key.point()


def compressed(at: Point) -> bytes:
    """Return the 33 bytes of a point (SEC 1 2.3.3)."""
    x, y = at
    return (b"\x03" if y & 1 else b"\x02") + x.to_bytes(32)


def keys(first: int) -> Iterator[tuple[int, Point]]:
    """Yield (secret, point) of ``first`` and all that follow it."""
    steps = [point(one) for one in range(1, BATCH + 1)]
    while True:
        x0, y0 = base = point(first)
        yield first, base
        gaps = [x - x0 for x, _ in steps]
        for number, ((x, y), inverse) in enumerate(zip(steps, _inverses(gaps), strict=True), 1):
            slope = (y - y0) * inverse % P
            x3 = (slope * slope - x0 - x) % P
            yield first + number, (x3, (slope * (x0 - x3) - y0) % P)
        first += BATCH + 1


def _inverses(values: list[int]) -> list[int]:
    """Return the inverses of values that are no multiple of P."""
    products = [1]
    for value in values:
        products.append(products[-1] * value % P)
    inverse = pow(products[-1], -1, P)
    out = []
    for value, before in zip(reversed(values), reversed(products[:-1]), strict=True):
        out.append(inverse * before % P)
        inverse = inverse * value % P
    return out[::-1]
