"""Files of a case are searched through the real sandbox: what stands there is found and watched, secrets are sealed."""

import sqlite3

import pytest

from kernel.conftest import new_case
from kernel.rig import Rig
from vigie.kernel import vault
from vigie.kernel.conservation import check
from vigie.kernel.local import Local
from vigie.numeric.coins import base58
from vigie.rows.artefacts import File
from vigie.rows.derived import Derived, KeyUse, Scheme
from vigie.rows.payments import Watched
from vigie.rows.problems import Problem
from vigie.rows.sightings import SightedSecret, Sighting, Sought

STAGES = ("originals", "files", "wallets", "sightings", "derived", "watched", "uses")
FIRST = "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"
"""Of BIP 84's public key, index 0: it is the key's below."""
ZPUB = "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"
OTHER = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
SEED = "legal winner thank year wave sausage worth useful legal winner thank yellow"
KEY = base58.written(b"\x80" + bytes(range(1, 33)) + b"\1")
STUCK = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
"""Right beside other letters."""
GONE = "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"


def deleted() -> bytes:
    """Return a SQLite file whose only row, with an address and a seed, was deleted: it stands in a free page."""
    held = sqlite3.connect(":memory:")
    held.execute("pragma secure_delete = off")
    held.execute("create table notes (text)")
    held.execute("insert into notes values (?)", (f"send to {GONE}, {SEED}{' .' * 3000}",))
    held.commit()
    held.execute("delete from notes")
    held.commit()
    return held.serialize()


FILES = {
    "shop/notes.sqlite": deleted(),
    "shop/notes.txt": f"order 7 to {FIRST}, <b>the key</b> is {ZPUB}\nbackup: {SEED}\nand {KEY}\n".encode(),
    "shop/again.txt": f"order 7 to {FIRST}, <b>the key</b> is {ZPUB}\nbackup: {SEED}\nand {KEY}\n".encode(),
    "windows/log.txt": b"\xff\xfe" + f"paid to {OTHER}\r\n".encode("utf-16-le"),
    "shop/stuck.txt": f"payout9{STUCK}x".encode(),
    "empty": b"",
    "nothing.bin": bytes(range(256)) * 20,
}


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("sightings")
    for name, body in FILES.items():
        path = folder / "server" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    engine = Local(1)
    rig = Rig(new_case(folder / "case"), engine)
    rig.add(folder / "server")
    rig.run(STAGES)
    yield rig
    engine.close()


def test_each_content_is_searched_once_and_counted(rig: Rig) -> None:
    (balance,) = [one for one in check(rig.case).balances if one.name == "sightings"]
    assert (balance.state, balance.total, balance.parts) == ("holds", 5, {"searched": 5, "problems": 0})
    assert sorted((one.found, one.secrets, one.left) for one in rig.case.read(Sought)) == [
        (0, 0, 0),
        (1, 0, 0),
        (1, 0, 0),
        (1, 1, 0),
        (2, 2, 0),
    ]
    assert not [one for one in rig.case.read(Problem) if one.stage == "sightings"]


def test_what_was_deleted_from_a_database_is_found_at_its_byte(rig: Rig) -> None:
    (found,) = [one for one in rig.case.read(Sighting) if one.value == GONE]
    assert (found.start, SEED[:20] in found.context) == (FILES["shop/notes.sqlite"].index(GONE.encode()), False)


def test_what_stands_there_is_found_at_its_byte(rig: Rig) -> None:
    body = FILES["shop/notes.txt"]
    held = [one for one in rig.case.read(Sighting) if one.value != GONE]
    met = {(one.kind, one.encoding, one.value, one.start) for one in held}
    assert met == {
        ("btc", "utf-8", FIRST, body.index(FIRST.encode())), ("xpub", "utf-8", ZPUB, body.index(ZPUB.encode())),
        ("btc", "glued", STUCK, 7),
        ("btc", "utf-16le", OTHER, FILES["windows/log.txt"].index(OTHER.encode("utf-16-le"))),
    }  # fmt: skip


def test_secrets_are_sealed_and_stand_nowhere_in_the_case(rig: Rig) -> None:
    key = rig.case.custody.vault_key()
    held = {one.kind: vault.unseal(key, one.sealed, one.key) for one in rig.case.read(SightedSecret)}
    assert held == {"seed": SEED.encode(), "private_key": KEY.encode()}
    whole = b"".join(one.read_bytes() for one in rig.folder.rglob("*") if one.is_file())
    rows = (Sighting, Sought, SightedSecret, Scheme, Derived, KeyUse, Watched, Problem)  # files of tables are packed
    said = repr([list(rig.case.read(row)) for row in rows])
    assert FIRST in said
    for secret in (SEED, KEY, "sausage worth", KEY[8:]):
        assert secret.encode() not in whole
        assert secret not in said


def test_what_a_sighted_key_leads_to_is_watched_as_the_platforms_own(rig: Rig) -> None:
    assert {one.found for one in rig.case.read(Scheme)} == {"sighting"}
    told = {one.address: one for one in rig.case.read(Watched)}
    assert told[FIRST].own
    assert not told[OTHER].own
    assert STUCK not in told  # it is a lead: somebody may give it
    assert {one.address for one in rig.case.read(Derived)} < set(told)
    files = [one for one in rig.case.read(File) if one.name == "log.txt"]
    assert files[0].sha256.hex()[:16] in told[OTHER].source


def test_how_far_a_key_was_used_is_counted(rig: Rig) -> None:
    uses = list(rig.case.read(KeyUse))
    assert uses
    assert all(one.derived > 0 for one in uses)
