"""Make ``electrum_*.xz`` and ``electrum.json`` with Debian's ``python3-electrum`` 4.3.4: offline, on regtest.

Usage: ``/usr/bin/python3 make_electrum.py``. The seeds are published test vectors or drawn here; none holds value.
"""

import json
import lzma
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, "/usr/lib/python3/dist-packages")
from electrum import constants, keystore, util, wallet, wallet_db
from electrum.simple_config import SimpleConfig
from electrum.storage import WalletStorage

HERE = Path(__file__).parent
SEED = "wild father tree among universe such mobile favorite target dynamic credit identify"
PASSWORD = "not for any real wallet"


def main() -> None:
    """Make all of them."""
    util.os.environ.setdefault("HOME", tempfile.mkdtemp())
    constants.set_regtest()
    loop, stop, _ = util.create_and_start_event_loop()
    truth = {}
    with tempfile.TemporaryDirectory() as folder:
        config = SimpleConfig({"electrum_path": folder, "regtest": True})
        for name, password, whole in (("plain", None, False), ("fields", PASSWORD, False), ("whole", PASSWORD, True)):
            path = Path(folder) / name
            made = wallet.restore_wallet_from_text(
                SEED, path=str(path), config=config, password=password, encrypt_file=whole, gap_limit=30
            )["wallet"]
            for number, address in enumerate(made.get_receiving_addresses()[:12]):
                made.set_label(address, f"order {3000 + number}")
            made.create_request(81_000, "order 3999", 3600, made.get_receiving_addresses()[12])
            made.save_db()
            truth[name] = {
                "receiving": made.get_receiving_addresses(),
                "change": made.get_change_addresses(),
                "xpub": made.keystore.xpub,
            }
            _keep(path, name)
        truth["multisig"] = _multisig(Path(folder) / "multisig", config)
        _keep(Path(folder) / "multisig", "multisig")
    loop.call_soon_threadsafe(stop.set_result, 1)
    (HERE / "electrum.json").write_text(json.dumps(truth, indent=0) + "\n")


def _multisig(path: Path, config: SimpleConfig) -> dict:
    db = wallet_db.WalletDB("", manual_upgrades=False)
    storage = WalletStorage(str(path))
    seeds = [
        "bitter grass shiver impose acquire brush forget axis eager alone wine silver",
        "snow nest raise royal more walk demise rotate smooth spirit canyon gun",
    ]
    stores = [keystore.from_seed(one, "", True) for one in seeds]
    for number, one in enumerate(stores, 1):
        db.put(f"x{number}/", one.dump())
    db.put("wallet_type", "1of2")
    made = wallet.Multisig_Wallet(db, storage, config=config)
    made.synchronize()
    made.save_db()
    return {"receiving": made.get_receiving_addresses(), "change": made.get_change_addresses()}


def _keep(path: Path, name: str) -> None:
    (HERE / f"electrum_{name}.xz").write_bytes(lzma.compress(path.read_bytes(), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main()
