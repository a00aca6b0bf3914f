"""``vigie tags add``: what was read is in the case; what was refused is told and is not, until it is mended."""

import json

import pytest

from vigie.desk.cli import call
from vigie.desk.opening import opened
from vigie.rows.problems import Problem
from vigie.rows.tags import Pack, PackFile, Tag

GOOD = "title: {0}\ncreator: C\nlabel: L\nsource: s\ncurrency: BTC\nconfidence: web_crawl\ntags:\n- address: {1}\n"
ONE, OLD = "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"


@pytest.fixture
def case(tmp_path, capsys):
    assert call(["new", str(tmp_path / "case"), "--authority", "A", "--examiner", "E"]) == 0
    capsys.readouterr()
    return tmp_path / "case"


@pytest.fixture
def add(case, capsys):
    def added(path, *options):
        code = call(["tags", "add", str(case), str(path), *options])
        said = capsys.readouterr()
        return code, said.out, said.err

    return added


def held(case, row):
    return opened(case).read(row).rows()


def test_a_pack_that_is_refused_is_told_and_is_not_in_the_case(case, add, tmp_path):
    packs = tmp_path / "packs"
    packs.mkdir()
    (packs / "good.yaml").write_text(GOOD.format("Good", ONE))
    (packs / "bad.yaml").write_text("title: *nobody\ntags: []\n")
    code, out, _ = add(packs)
    assert code == 0
    assert "not added" in out
    assert "bad.yaml: bad_pack" in out
    assert [one.title for one in held(case, Pack)] == ["Good"]
    assert [one.path.rsplit("/", 1)[-1] for one in held(case, PackFile)] == ["good.yaml"]
    assert [one for one in held(case, Problem) if one.counts] == []
    assert '"act":"tags_refused"' in (case / "custody.log").read_text()

    (packs / "bad.yaml").write_text(GOOD.format("Mended", OLD))
    code, out, _ = add(packs)
    assert code == 0
    assert "Good by C (tagpack): 1 tags (was in the case already)" in out
    assert "Mended by C (tagpack): 1 tags\n" in out
    assert sorted(one.address for one in held(case, Tag)) == [OLD, ONE]
    assert call(["verify", str(case)]) == 0


def test_the_same_refused_pack_is_refused_again_and_again(case, add, tmp_path):
    bad, good = tmp_path / "bad.yaml", tmp_path / "good.yaml"
    bad.write_text("tags: [")
    good.write_text(GOOD.format("Good", ONE))
    for _ in range(3):
        code, out, err = add(bad)
        assert code == 2
        assert "bad.yaml: bad_pack" in out + err
        assert held(case, PackFile) == []
    assert add(good)[0] == 0
    assert add(bad)[0] == 2
    assert [one.title for one in held(case, Pack)] == ["Good"]
    assert call(["verify", str(case)]) == 0


def test_a_pack_that_is_private_cannot_be_added_as_another(add, tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(GOOD.format("Own", ONE))
    code, out, _ = add(file, "--private", "--json")
    assert (code, json.loads(out)["packs"][0]["private"]) == (0, True)
    code, _, err = add(file)
    assert code == 2
    assert "as private" in err
