"""Records of an old Bitcoin Core wallet, as its own code serialises them, and the file that Berkeley DB's tool makes.

Usage: ``python bdb_records.py`` writes ``core_old.dat.xz`` and ``core_old.json``; it needs Debian's ``db5.3-util``.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import struct
import subprocess
import tempfile
from pathlib import Path

import coincurve
from Cryptodome.Hash import RIPEMD160

HERE = Path(__file__).parent
DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
Records = list[tuple[bytes, bytes]]


def vector(data: bytes) -> bytes:
    """Return bytes with their CompactSize."""
    size = len(data)
    return (bytes([size]) if size < 253 else b"\xfd" + struct.pack("<H", size)) + data


def address(key: bytes) -> str:
    """Return the P2PKH address of a public key on regtest."""
    body = b"\x6f" + RIPEMD160.new(hashlib.sha256(key).digest()).digest()
    body += hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4]
    number, out = int.from_bytes(body), ""
    while number:
        number, rest = divmod(number, 58)
        out = DIGITS[rest] + out
    return out


def records(many: int, *, encrypted: bool = False) -> tuple[Records, list[dict[str, str]]]:
    """Return the records of a wallet with so many labelled keys, and what they are."""
    out: Records = [
        (vector(b"version"), struct.pack("<i", 159_900)),
        (vector(b"minversion"), struct.pack("<i", 10_500)),
        (vector(b"orderposnext"), struct.pack("<q", 0)),
    ]
    if encrypted:
        master = vector(b"\x11" * 48) + vector(b"\x22" * 8) + struct.pack("<II", 0, 25_000) + vector(b"")
        out.append((vector(b"mkey") + struct.pack("<I", 1), master))
    said = []
    for number in range(1, many + 1):
        secret = coincurve.PrivateKey(hashlib.sha256(b"vigie test %d" % number).digest())
        public = secret.public_key.format(compressed=number % 5 != 0)
        if encrypted:
            out.append((vector(b"ckey") + vector(public), vector(bytes([number % 256]) * 48)))
        else:
            check = hashlib.sha256(hashlib.sha256(public + _old(secret)).digest()).digest()
            out.append((vector(b"key") + vector(public), vector(_old(secret)) + check))
        out.append((vector(b"keymeta") + vector(public), struct.pack("<iq", 1, 1_300_000_000 + number)))
        if number % 7 == 0:
            pool = struct.pack("<iq", 10_500, 1_300_000_000) + vector(public)
            out.append((vector(b"pool") + struct.pack("<q", number), pool))
        else:
            label = f"order {number}"
            out.append((vector(b"name") + vector(address(public).encode()), vector(label.encode())))
            out.append((vector(b"purpose") + vector(address(public).encode()), vector(b"receive")))
            said.append({"address": address(public), "label": label, "pubkey": public.hex()})
    return out, said


def _old(secret: coincurve.PrivateKey) -> bytes:
    """Return a private key as old OpenSSL wrote it, 279 bytes, or 214 with a compressed public key."""
    public = secret.public_key.format(compressed=True)
    begin = bytes.fromhex("3081d30201010420")
    middle = bytes.fromhex(
        "a08185308182020101302c06072a8648ce3d0101022100fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"
        "300604010004010704210279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798022100ffffffffffffffff"
        "fffffffffffffffebaaedce6af48a03bbfd25e8cd0364141020101a124032200"
    )
    return begin + secret.secret + middle + public


def loaded(rows: Records, folder: Path) -> bytes:
    """Return the wallet file that ``db5.3_load`` makes of records."""
    lines = ["VERSION=3", "format=bytevalue", "database=main", "type=btree", "db_pagesize=4096", "HEADER=END"]
    for key, value in sorted(rows):
        lines += [f" {key.hex()}", f" {value.hex()}"]
    path = folder / "wallet.dat"
    text = "\n".join([*lines, "DATA=END", ""])
    subprocess.run(["db5.3_load", str(path)], input=text.encode(), check=True, cwd=folder)
    return path.read_bytes()


def main() -> None:
    """Write the committed fixture."""
    rows, said = records(60)
    rows.append((vector(b"name") + vector(b"mzBc4XEFSdzCDcTxAgf6EZXgsZWpztRhef"), vector(b"order 9000 " + b"x" * 9000)))
    with tempfile.TemporaryDirectory() as folder:
        data = loaded(rows, Path(folder))
    (HERE / "core_old.dat.xz").write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))
    (HERE / "core_old.json").write_text(json.dumps(said, indent=0) + "\n")


if __name__ == "__main__":
    main()
