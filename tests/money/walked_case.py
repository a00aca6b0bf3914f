"""A practice case of money alone: the sample's shop, its wallets, its forum's orders, its chain and tags, and a run."""

import json
from pathlib import Path

from vigie.desk.cli import call
from vigie.sample.forum.make import MAPPING, forums
from vigie.sample.store import Store


def done(capsys, *words, code=0):
    """Do a command; return what it printed."""
    if capsys:
        capsys.readouterr()
    assert call([str(word) for word in words]) == code
    return capsys.readouterr() if capsys else None


def said(capsys, *words, code=0):
    """Do a command; return its JSON."""
    out = done(capsys, *words, "--json", code=code)
    return json.loads(out.out if code == 0 else out.err)


def made(room: Path) -> Path:
    """Draw the sample's money below a folder, without its pictures, and take it in; return the case."""
    store = Store(folder=room / "sample")
    store.evidence.mkdir(parents=True)
    forums(store, 1, "small", [])
    server = store.evidence / "server"
    for words in (
        ["new", room / "case", "--authority", "Unit 1", "--examiner", "E. Xaminer"],
        ["add", room / "case", server],
        ["tags", "add", room / "case", room / "sample/reference/tags.yaml"],
        ["tags", "add", room / "case", room / "sample/reference/actors.yaml"],
        ["chain", "import", room / "store", "--blocks", room / "sample/node/regtest/blocks", "--network", "regtest"],
        ["chain", "use", room / "case", room / "store"],
        ["map", "use", room / "case", room / "sample" / MAPPING],
    ):
        done(None, *words)
    return room / "case"
