"""Make ``core_*.dat.xz`` and ``core.json``: wallets of a real node, and what the node itself says is in them.

Usage: ``python make_core.py NODE_URL WALLETS_FOLDER`` with a fresh regtest node that runs with
``-rpcuser=u -rpcpassword=p`` (Debian's bitcoin-knots 29.4 was used, see PROVENANCE.md).
"""

from __future__ import annotations

import json
import lzma
import sys
import time
import urllib.error
import urllib.request
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).parent
TYPES = ("legacy", "p2sh-segwit", "bech32", "bech32m")
ORDERS = 180
PAID = 24
PASSPHRASE = "not for any real wallet"


def main() -> None:
    """Make all of them."""
    url, folder = sys.argv[1], Path(sys.argv[2])
    call = Node(url)
    call("createwallet", "miner")
    miner = Node(url + "/wallet/miner")
    mine = miner("getnewaddress")
    miner("generatetoaddress", 110, mine)
    truth = {}
    call("createwallet", "shop")
    truth["plain"] = _trade(Node(url + "/wallet/shop"), miner, mine, 1001)
    _keep(call, folder, "shop", "core_plain")
    call("loadwallet", "shop")
    shop = Node(url + "/wallet/shop")
    shop("encryptwallet", PASSPHRASE)
    shop("walletpassphrase", PASSPHRASE, 600)
    truth["encrypted"] = _trade(shop, miner, mine, 2001, before=truth["plain"])
    _keep(call, folder, "shop", "core_encrypted")
    call("createwallet", "watch", True, True)
    truth["watching"] = _watching(Node(url + "/wallet/watch"), truth["plain"])
    _keep(call, folder, "watch", "core_watching")
    (HERE / "core.json").write_text(json.dumps(truth, indent=0, sort_keys=True, default=str) + "\n")


class Node:
    """A node's or a wallet's JSON-RPC."""

    def __init__(self, url: str) -> None:
        self.url = url
        host = url.split("/wallet/", maxsplit=1)[0]
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, host, "u", "p")
        self.opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(passwords))

    def __call__(self, method: str, *params: object) -> object:
        """Ask, and return the result."""
        body = json.dumps({"method": method, "params": params, "id": 1}).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        try:
            with self.opener.open(request, timeout=60) as answer:
                return json.loads(answer.read(), parse_float=Decimal)["result"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method}: {error.read()!r}") from error


def _trade(shop: Node, miner: Node, mine: str, first: int, before: dict | None = None) -> dict:
    orders = list(before["orders"]) if before else []
    for number in range(ORDERS if before is None else 12):
        label = f"order {first + number}"
        address = shop("getnewaddress", label, TYPES[number % 4])
        info = shop("getaddressinfo", address)
        orders.append({"address": address, "label": label, "script": info["scriptPubKey"], "path": info["hdkeypath"]})
    for number, one in enumerate(orders[-PAID:]):
        miner("sendtoaddress", one["address"], str(Decimal(50_000 + 1_111 * number) / 10**8))
    miner("generatetoaddress", 1, mine)
    paid = shop("sendtoaddress", mine, "0.004", "sweep", "to the till")
    miner("generatetoaddress", 1, mine)
    time.sleep(1)
    moves = {}
    for one in shop("listtransactions", "*", 1000):
        moves[one["txid"]] = {"at": one["time"], "raw": shop("gettransaction", one["txid"])["hex"]}
    kinds = shop("listdescriptors")["descriptors"]
    return {"orders": orders, "moves": moves, "sent": [paid, *(before["sent"] if before else [])], "descriptors": kinds}


def _watching(watch: Node, plain: dict) -> dict:
    """Descriptors that were brought in: a multisig of 2 of 3 account keys, and one single key."""
    accounts = [one["desc"].split("#")[0] for one in plain["descriptors"] if one["desc"].startswith("wpkh(")]
    inner = [one[5:-1] for one in accounts]
    lines = [f"wsh(sortedmulti(1,{','.join(inner)}))", f"sh(wsh(sortedmulti(2,{','.join(inner)})))"]
    lines.append("wpkh(0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798)")
    out = []
    for number, line in enumerate(lines):
        full = watch("getdescriptorinfo", line)["descriptor"]
        what = {"desc": full, "timestamp": 1_700_000_000}
        if "*" in line:
            what |= {"range": [0, 30], "active": number == 0, "next_index": 0}
        else:
            what |= {"label": "till"}
        (done,) = watch("importdescriptors", [what])
        if not done["success"]:
            raise RuntimeError(f"{line}: {done}")
        out.append(
            {"descriptor": full, "addresses": watch("deriveaddresses", full, *([[0, 30]] if "*" in line else []))}
        )
    return {"imported": out, "first": [watch("getnewaddress", f"gift {n}", "bech32") for n in range(3)]}


def _keep(call: Node, folder: Path, wallet: str, name: str) -> None:
    call("unloadwallet", wallet)
    data = (folder / wallet / "wallet.dat").read_bytes()
    (HERE / f"{name}.dat.xz").write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main()
