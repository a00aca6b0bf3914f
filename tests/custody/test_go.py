"""A verifier that others wrote agrees: golang.org/x/mod/sumdb (note and tlog)."""

import base64
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from vigie.kernel import merkle

SOURCE = Path(__file__).with_name("verify.go")
LIBRARY = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    if shutil.which("go") is None or not LIBRARY.exists():
        pytest.skip("the independent verifier needs Go: apt-get install golang-go golang-golang-x-mod-dev")
    folder = tmp_path_factory.mktemp("go")
    settings = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(folder / "cache"), "GOFLAGS": ""}
    built = folder / "verify"
    subprocess.run(["go", "build", "-o", built, SOURCE], check=True, env={**os.environ, **settings})
    return built


def run(program, folder, proofs=""):
    return subprocess.run([program, folder], input=proofs, check=False, capture_output=True, text=True).returncode


def text(digest):
    return base64.b64encode(digest).decode()


def proofs(folder):
    leaves = [merkle.leaf_hash(line) for line in (folder / "custody.log").read_bytes().splitlines()]
    tree = merkle.Tree()
    for leaf in leaves:
        tree.append(leaf)
    for size in range(1, len(leaves) + 1):
        for at in range(size):
            path = ",".join(map(text, tree.inclusion(at, size)))
            yield f"inclusion {at} {size} {text(leaves[at])} {text(tree.root(size))} {path}\n"
        for old in range(1, size):
            path = ",".join(map(text, tree.consistency(old, size)))
            yield f"consistency {old} {size} {text(tree.root(old))} {text(tree.root(size))} {path}\n"


def test_log_checkpoint_and_proofs_are_accepted(program, case):
    assert run(program, case) == 0
    lines = list(proofs(case))
    assert len(lines) > 50
    assert run(program, case, "".join(lines)) == 0
    for line in lines[::5]:
        words = line.split(" ")
        words[3] = text(bytes(32))
        assert run(program, case, " ".join(words)) == 3, "of another leaf or older root"


def test_a_changed_bit_is_rejected(program, case):
    for name in ("custody.log", "custody.checkpoint", "custody.pub"):
        data = (case / name).read_bytes()
        for place in range(0, len(data) - 1, 37):
            changed = bytearray(data)
            changed[place] ^= 0x01
            (case / name).write_bytes(changed)
            assert run(program, case) == 3, (name, place)
        (case / name).write_bytes(data)
