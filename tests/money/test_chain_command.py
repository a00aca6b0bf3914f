"""``vigie chain``: from a node's folder to a case that works with it, and what verifying says of it."""

import json

import msgspec
import numpy as np
import pytest

from mined_chain import GENESIS_RAW, mined
from money.test_importing import folder
from money.test_importing_columns import exported
from money.test_importing_parquet import etl
from money.test_scoped import batch
from vigie.desk.cli import call
from vigie.kernel.case import Case
from vigie.kernel.chain import layout
from vigie.kernel.chain.naming import use
from vigie.kernel.chain.scoped import append
from vigie.kernel.chain.used import chain_of, identity_of


def said(capsys, *words, code=0):
    """Run a command, hold its exit code, return its JSON."""
    assert call([str(word) for word in (*words, "--json")]) == code, capsys.readouterr().err
    text = capsys.readouterr()
    return json.loads(text.out) if text.out else json.loads(text.err.splitlines()[-1])


@pytest.fixture(scope="module")
def chain():
    return [GENESIS_RAW, *(one.raw for one in mined(21, 115))]


@pytest.fixture
def case(tmp_path):
    assert call(["new", str(tmp_path / "case"), "--authority", "A", "--examiner", "B"]) == 0
    return tmp_path / "case"


def test_from_a_folder_of_blocks_to_a_case(capsys, tmp_path, case, chain):
    store, blocks = tmp_path / "store", folder(tmp_path / "blocks", chain[:110])
    capsys.readouterr()
    found = said(capsys, "chain", "import", store, "--blocks", blocks, "--network", "regtest")
    assert (found["added"], found["store"]["height"]) == (110, 109)
    assert said(capsys, "chain", "show", store)["identity"] == found["store"]["identity"]
    assert said(capsys, "chain", "verify", store)["damaged"] == []
    ledger = said(capsys, "chain", "use", case, store)["ledger"]
    assert (ledger["height"], ledger["identity"]) == (109, found["store"]["identity"])
    assert said(capsys, "verify", case)["checked"]["chains"] == 1
    opened = Case.open(case)
    assert identity_of(opened).hex() == ledger["identity"]
    assert len(chain_of(opened).headers) == 110

    folder(blocks, chain)
    assert said(capsys, "chain", "import", store, "--blocks", blocks, "--network", "regtest")["added"] == 6
    said(capsys, "verify", case)  # the store has grown: a remark
    with pytest.raises(Exception, match="vigie chain use CASE"):
        chain_of(Case.open(case))
    assert said(capsys, "chain", "use", case, store)["ledger"]["height"] == 115
    assert len(chain_of(Case.open(case)).headers) == 116
    assert call(["chain", "show", str(store)]) == 0
    assert "heights 0 to 115" in capsys.readouterr().out


def test_damage_is_an_integrity_failure_wherever_it_is_looked_for(capsys, tmp_path, case, chain):
    store = tmp_path / "store"
    capsys.readouterr()
    said(capsys, "chain", "import", store, "--blocks", folder(tmp_path / "b", chain), "--network", "regtest")
    said(capsys, "chain", "use", case, store)
    path = next(store.glob("out_value.*"))
    data = bytearray(path.read_bytes())
    data[9] ^= 1
    path.write_bytes(data)
    assert path.name in json.dumps(said(capsys, "chain", "verify", store, code=3))
    assert path.name in json.dumps(said(capsys, "chain", "show", store, code=3))
    assert path.name in json.dumps(said(capsys, "chain", "use", case, store, code=3))
    assert path.name in json.dumps(said(capsys, "verify", case, code=3))


def test_a_cases_own_chain_is_known_to_its_log(capsys, case):
    capsys.readouterr()
    append(case / "chain", "regtest", batch(10, 8, [4], []))
    opened = Case.open(case)
    assert use(opened, case / "chain").path == "chain"
    assert said(capsys, "verify", case)["checked"]["chains"] == 1
    (case / "chain" / "out_value.99").write_bytes(b"left over")
    said(capsys, "verify", case)
    (case / "chain" / "planted").write_bytes(b"x")
    said(capsys, "verify", case, code=1)
    (case / "chain" / "planted").unlink()
    append(case / "chain", "regtest", batch(11, 8, [4], []))
    said(capsys, "verify", case, code=3)  # nobody has named it as it is now
    use(Case.open(case), case / "chain")
    said(capsys, "verify", case)
    assert len(chain_of(Case.open(case)).headers) == 2


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["import", "S", "--network", "regtest"], "Give --blocks DIR or --columns FOLDER"),
        (["import", "S", "--blocks", "x", "--network", "moon"], "there is no 'moon'"),
        (["import", "S", "--blocks", "nowhere"], "No such file"),
        (["show", "S"], "holds no chain"),
        (["verify", "S"], "holds no chain"),
    ],
)
def test_what_is_asked_wrongly_says_how_to_ask(capsys, tmp_path, monkeypatch, words, hint):
    monkeypatch.chdir(tmp_path)
    assert hint in said(capsys, "chain", *words, code=2)["error"]


def test_a_store_whose_columns_point_out_of_each_other_is_not_shown(capsys, tmp_path, chain):
    store = tmp_path / "store"
    said(capsys, "chain", "import", store, "--blocks", folder(tmp_path / "blocks", chain[:9]), "--network", "regtest")
    manifest = layout.read(store)
    part = manifest.columns["out_script"]
    column = np.fromfile(store / part.file, "<u4")
    column[3] = 4_000_000_000
    column.tofile(store / part.file)
    part = msgspec.structs.replace(part, digests=layout.digests(column))
    layout.write(store, msgspec.structs.replace(manifest, columns={**manifest.columns, "out_script": part}))
    assert "somebody else did" in said(capsys, "chain", "show", store, code=3)["error"]


def test_exports_in_parquet_and_other_folders(capsys, tmp_path, chain):
    etl(tmp_path / "x", [exported(raw, height) for height, raw in enumerate(chain)])
    imports = ("chain", "import", tmp_path / "store", "--network", "regtest")
    found = said(capsys, *imports, "--columns", tmp_path / "x")
    assert (found["added"], found["needed"]) == (len(chain), [])
    blocks = folder(tmp_path / "blocks", chain)
    judge = said(capsys, "chain", "import", tmp_path / "judge", "--network", "regtest", "--blocks", blocks)
    assert found["store"]["types"] == judge["store"]["types"]
    assert "no blocks*.json" in said(capsys, *imports, "--columns", blocks, code=2)["error"]
    assert "no blk*.dat" in said(capsys, *imports, "--blocks", tmp_path / "x", code=2)["error"]
