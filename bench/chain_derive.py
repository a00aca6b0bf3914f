"""How fast public keys become addresses: ``vigie``, embit, and coincurve one child at a time, in turn, one core.

``python bench/chain_derive.py [COUNT]``: addresses a second of CPU by kind of script, the better of two; the distance
to what libsecp256k1 needs for the point alone. Addresses are compared. embit uses libsecp256k1 too.
"""

import hashlib
import hmac
import sys
import time
import typing as t

from coincurve import PublicKey
from coincurve._libsecp256k1 import ffi, lib
from embit import bip32, script

from vigie.numeric.coins import curve, descriptors, extended, hashing, scripts
from vigie.numeric.coins.derive import Points
from vigie.numeric.coins.derive import scripts as scripts_of

XPUB = "xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V"
FORMS = {"p2pkh": "pkh({}/0/*)", "p2sh": "sh(wpkh({}/0/*))", "p2wpkh": "wpkh({}/0/*)", "p2tr": "tr({}/0/*)"}


def by_vigie(kind: str, count: int) -> list[str]:
    """Derive all at once."""
    read = descriptors.read(FORMS[kind].format(XPUB))
    (made,) = scripts_of(read.node, Points(0, 0, count))
    return scripts.addresses(made.scripts, made.type, "main")


def by_embit(kind: str, count: int) -> list[str]:
    """Derive one by one, as a program that uses embit does."""
    branch = bip32.HDKey.from_base58(XPUB).derive([0])
    make: dict[str, t.Callable[[t.Any], t.Any]] = {
        "p2pkh": script.p2pkh, "p2sh": lambda key: script.p2sh(script.p2wpkh(key)), "p2wpkh": script.p2wpkh,
        "p2tr": script.p2tr,
    }  # fmt: skip
    return [make[kind](branch.derive([at]).key).address() for at in range(count)]


def by_coincurve(kind: str, count: int) -> list[str]:
    """Derive one by one with coincurve's own objects; its tweak of taproot is another addition."""
    root = extended.read(XPUB)
    assert root is not None
    (branch,), (chain,) = (one.tolist() for one in curve.children(root.key, root.chain, 0, 1))
    parent, code, out = bytes(branch), bytes(chain), []
    for at in range(count):
        told = hmac.new(code, parent + at.to_bytes(4), hashlib.sha512).digest()
        key = PublicKey(parent).add(told[:32]).format()
        if kind == "p2tr":
            tweak = hashing.tagged("TapTweak", key[1:])
            made = scripts.witness(1, PublicKey(b"\2" + key[1:]).add(tweak).format()[1:])
        else:
            segwit = scripts.witness(0, hashing.hash160(key))
            made = {"p2pkh": scripts.key_hash(hashing.hash160(key)), "p2wpkh": segwit,
                    "p2sh": scripts.script_hash(hashing.hash160(segwit))}[kind]  # fmt: skip
        out.append(scripts.address(made, "main"))
    return out


def points(count: int) -> None:
    """Make the points alone: t * G and one addition, nothing hashed or written."""
    root = extended.read(XPUB)
    assert root is not None
    context = lib.secp256k1_context_create(lib.SECP256K1_CONTEXT_NONE)
    parent, child = ffi.new("secp256k1_pubkey *"), ffi.new("secp256k1_pubkey *")
    lib.secp256k1_ec_pubkey_parse(context, parent, root.key, len(root.key))
    both, made = ffi.new("secp256k1_pubkey *[2]", [parent, child]), ffi.new("secp256k1_pubkey *")
    tweak = hashlib.sha256(b"t").digest()
    for _ in range(count):
        lib.secp256k1_ec_pubkey_create(context, child, tweak)
        lib.secp256k1_ec_pubkey_combine(context, made, both, 2)


def rate(call: t.Callable[[], object], count: int) -> float:
    """Return how many a second of CPU, the better of two."""
    took = []
    for _ in range(2):
        began = time.process_time()
        call()
        took.append(time.process_time() - began)
    return count / min(took)


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    few = count // 10
    limit = rate(lambda: points(count), count)
    print(f"libsecp256k1, the point alone: {limit:,.0f} a second\n")
    print("| kind | vigie | embit | coincurve | times embit | times coincurve | of the point's rate |")
    print("|---|---|---|---|---|---|---|")
    for kind in FORMS:
        first = by_vigie(kind, few)
        assert first == by_embit(kind, few) == by_coincurve(kind, few), f"{kind}: they differ"
        mine = rate(lambda: by_vigie(kind, count), count)  # noqa: B023 - called at once
        embit = rate(lambda: by_embit(kind, few), few)  # noqa: B023 - called at once
        naive = rate(lambda: by_coincurve(kind, few), few)  # noqa: B023 - called at once
        print(f"| {kind} | {mine:,.0f} | {embit:,.0f} | {naive:,.0f} | {mine / embit:.1f} | {mine / naive:.1f} | "
              f"{mine / limit:.2f} |")  # fmt: skip


if __name__ == "__main__":
    main()
