"""TagPacks that vigie writes are what GraphSense takes: by its own schema and words, and by its own validator."""

import csv
import datetime as dt
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from drawn_chain import txid
from money import test_exchanges as drawn
from money.test_desk_money import put
from vigie.cell.tags import actorpack, fields
from vigie.desk.cli import call
from vigie.desk.opening import opened
from vigie.desk.tags_out import KNOWN
from vigie.rows.tags import CONCEPTS, CONFIDENCES, TAG_TYPES, Tagged

HERE = Path(__file__).parent / "graphsense"
VALIDATE = """
import sys
from graphsenselib.tagpack.tagpack import TagPack
from graphsenselib.tagpack.tagpack_schema import TagPackSchema
from graphsenselib.tagpack.taxonomy import _load_taxonomies
names = {"concept": "concepts.yaml", "confidence": "confidence.csv", "tag_type": "tag_types.csv"}
pack = TagPack.load_from_file("", sys.argv[1], TagPackSchema(), _load_taxonomies({"taxonomies": names}))
pack.validate()
print("valid", len(pack.get_unique_tags()))
"""


def schema(name):
    return yaml.safe_load((HERE / f"{name}_schema.yaml").read_text())


def ids(name):
    with (HERE / name).open(newline="") as held:
        return {one["id"] for one in csv.DictReader(held)}


def concepts():
    held = yaml.safe_load((HERE / "concepts.yaml").read_text())
    return {one["id"] for one in held.values() if one["type"].strip() == "concept"}


def test_fields_and_words_are_those_of_graphsense():
    pack, actors = schema("tagpack"), schema("actorpack")
    assert set(fields.TAG_FIELDS) == set(pack["tag"])
    assert set(pack["header"]) <= fields.HEADER_FIELDS
    assert {*fields.MANDATORY, "confidence"} == {name for name, one in pack["tag"].items() if one["mandatory"]}
    assert {name for name, one in actors["actor"].items() if one["mandatory"]} == set(actorpack.MANDATORY)
    assert ids("confidence.csv") == set(CONFIDENCES)
    assert ids("tag_types.csv") == TAG_TYPES
    assert concepts() == CONCEPTS
    assert {name for name, one in pack["tag"].items() if "taxonomy" in one} == set(KNOWN)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A pack of tags that were read of packs with words that GraphSense does not know."""
    folder = tmp_path_factory.mktemp("out")
    assert call(["new", str(folder / "case"), "--authority", "Unit 1", "--examiner", "E"]) == 0
    odd = {"category": "broker", "confidence": "sure", "concepts": "exchange, wonderful", "abuse": "nothing such"}
    tags = [
        drawn.tag(0, "hot", "no"),
        drawn.tag(1, "hot", "01", when=None, tag_type="rumour", **odd),
        drawn.tag(
            2, "deposit", 'a "b"\\ é: #', tx_hash="ab" * 32, concepts="exchange, sanction", is_cluster_definer=True
        ),
        drawn.tag(3, "nobody", "Heist", tx_hash=txid("withdraw").hex(), context="{not: json", actor="one"),
    ]
    one = opened(folder / "case")
    rows, _ = drawn.run("tagged", tags=tags)
    with one.alone():
        put(one, drawn.PACKS, tags, rows, [drawn.watched("shop")])
    assert {row.tag for row in rows} == {each.key for each in tags}
    assert isinstance(rows[0], Tagged)
    assert call(["tags", "export", str(folder / "case"), "--out", str(folder / "out.yaml")]) == 0
    return folder / "out.yaml"


OF_TYPE = {"text": str, "boolean": bool, "list": list, "datetime": dt.date}


def test_an_exported_pack_holds_to_graphsenses_schema(exported):
    made = yaml.safe_load(exported.read_text())
    pack = schema("tagpack")
    words = {"concept": concepts(), "confidence": ids("confidence.csv"), "tag_type": ids("tag_types.csv")}
    assert {name for name, one in pack["header"].items() if one["mandatory"]} <= set(made) <= set(pack["header"])
    assert len(made["tags"]) == 5
    for tag in made["tags"]:
        assert {name for name, one in pack["tag"].items() if one["mandatory"]} <= set(tag) <= set(pack["tag"])
        assert ("address" in tag) != ("tx_hash" in tag)
        for name, value in tag.items():
            kind = pack["tag"][name]
            assert isinstance(value, OF_TYPE[kind["type"]]), name
            assert value != ""
            if "taxonomy" in kind:
                assert set(value if isinstance(value, list) else [value]) <= words[kind["taxonomy"]], name
    odd = next(one for one in made["tags"] if one["label"] == "01")
    assert (odd["confidence"], odd["tag_type"], odd["concepts"]) == ("unknown", "mention", ["exchange"])
    assert odd["context"] == "category broker; abuse nothing such; concepts wonderful; tag_type rumour; confidence sure"


def test_graphsenses_own_validator_takes_an_exported_pack(exported):
    python = os.environ.get("GRAPHSENSE_PYTHON")
    if not python:
        pytest.skip("GRAPHSENSE_PYTHON names no Python that has graphsense-lib: pip install graphsense-lib into a venv")
    done = subprocess.run([python, "-c", VALIDATE, str(exported)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.endswith("valid 5\n")
