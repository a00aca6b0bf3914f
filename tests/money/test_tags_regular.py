"""Packs whose tags are found in their bytes say what the parser reads, and what PyYAML reads, to the letter."""

import numpy as np
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vigie.cell.job import Refused
from vigie.cell.tags import fields, regular, tagpack, yaml_text
from vigie.cell.tags.found import Column
from vigie.numeric import tagpacks
from vigie.numeric.native import NATIVE
from vigie.numeric.paid_to import scripts, scripts_by_columns

ONE, OLD = "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
HEAD = "title: T\ncreator: C\nsource: s\ncurrency: BTC\nlabel: L\nconfidence: web_crawl\n"
BREAKS = {"\x85", "\u2028", "\u2029"}
"""End a line for PyYAML, which reads YAML 1.1, and no longer do in 1.2."""
SEEN = {"regular": 0, "all": 0}
needs_native = pytest.mark.skipif(NATIVE is None, reason="the native loops are not built: python .../native/build.py")


def everything(found):
    """Return all that a pack was read to, tag by tag."""
    made = {}
    for name, said in {**found.texts, "script": found.scripts}.items():
        one = Column(np.zeros(found.tags, np.int32), [said]) if isinstance(said, str) else said
        assert len(one.codes) == found.tags
        assert not found.tags or one.codes.min() >= 0
        made[name] = [one.values[at] for at in one.codes]
    troubles = [(one.number, one.code, one.detail) for one in found.troubles.told]
    head = found.title, found.creator, found.description, found.tags, found.troubles.rejected
    return head, made, found.lastmod.tolist(), troubles


def both_ways(text):
    """Hold the quick way to the slow one and to PyYAML; tell whether there was a quick one."""
    data = text.encode()
    quick = regular.load(data)
    SEEN["all"] += 1
    if quick is None:
        return False
    SEEN["regular"] += 1
    try:
        doc = yaml_text.load(data)
    except Refused:
        pytest.fail(f"the quick way reads what the slow one refuses: {text!r}")
    assert everything(tagpack.read(quick[0], {}, tags=quick[1])) == everything(tagpack.read(doc, {}))
    if BREAKS & set(text):
        return True
    try:
        by_pyyaml = yaml.load(data, Loader=yaml.BaseLoader)["tags"]
    except yaml.YAMLError:  # it is stricter: rapidyaml takes words that begin with an at sign, and others
        return True
    columns = {name: [*one.values, None] for name, one in quick[1].columns.items()}
    for at, other in enumerate(by_pyyaml):
        mine = {name: values[quick[1].columns[name].codes[at]] for name, values in columns.items()}
        said = {name: worded(one) for name, one in other.items()}
        assert {name: one for name, one in mine.items() if one is not None} == {
            name: one for name, one in said.items() if one is not None
        }
    return True


def worded(one):
    if isinstance(one, str):
        return None if one in yaml_text.NOTHING else one
    if isinstance(one, list) and all(worded(each) is not None and isinstance(each, str) for each in one):
        return tuple(one)
    return ("", 0)


PLAIN = st.sampled_from(
    [
        "Exchange One", "web_crawl", "exchange", "https://a.org/x?y=1&z#top", "2021-01-02", "no", "01", "~", "null",
        "é", "O'Neil", 'say "so"', "a: b", "a #b", "a:", "#a", "-1", "- a", "&x", "*x", "!t", "|", ">", "%", "@", "`",
        "[a]",
        "[a, 'b c']", "{a: b}", "[a", "'a'", "'it''s'", '"a"', '"a\\nb"', '"a', "'a' # c", "a b  # c", "''", '""',
        "? a", ": a", ", a", "a\tb", "a\x7fb", ".5", "+1", "(x)", "$5", "=", "<<", "<x>", "\ufeffa", "a\u2028b",
        "x\u0085y",
        ONE, OLD, ONE + "x", "a, b", "", "true", "0x1f", "1e5", "---", "...", "a\\b", "\\", "^", ";", "a'", "a [b",
    ]
)  # fmt: skip
BELOW = st.sampled_from(
    ["\n    more", "\n  - a\n  - b", "\n    - a", "\n      a: b", "\n\n    more", "\n    # remark", "\n  "]
)
VALUE = st.one_of(PLAIN, PLAIN, PLAIN, st.tuples(PLAIN, BELOW).map("".join), st.text("ab:-# '\"[]{},&*~", max_size=6))
TAG = st.lists(st.tuples(st.sampled_from([*fields.TAG_FIELDS, "colour", "<<"]), VALUE), min_size=1, max_size=4)
BETWEEN = st.sampled_from(["", "", "", "\n", "# remark\n", "   # remark\n", "---\n", "title: X\n", " x\n", "tags:\n"])
AFTER = st.sampled_from(
    ["", "", "", "description: d\n", "# end\n", "...\n", "---\na: b\n", "tags: []\n", '"\n', "  x: y\n"]
)


@needs_native
@settings(max_examples=500, deadline=None)
@given(
    many=st.lists(st.tuples(TAG, BETWEEN), min_size=1, max_size=4),
    after=AFTER,
    blanks=st.sampled_from([(0, 1), (0, 1), (2, 1), (4, 3)]),
    head=st.sampled_from(
        [HEAD, HEAD, "---\n" + HEAD, HEAD + 'description: "open\n', HEAD + "context: &a [x]\nabuse: *a\n"]
    ),
    end=st.sampled_from(["\n", "\n", "\r\n"]),
)
@example(many=[([("concepts", "\n  - a\n  - b")], "")], after="", blanks=(0, 1), head=HEAD, end="\n")
def test_what_is_found_in_the_bytes_is_what_the_parser_reads(many, after, blanks, head, end):
    text = head + "tags:\n"
    for tag, between in many:
        before = " " * blanks[0] + "-" + " " * blanks[1]
        for name, value in tag:
            text += before + f"{name}: {value}\n"
            before = " " * (sum(blanks) + 1)
        text += between
    both_ways((text + after).replace("\n", end))


@needs_native
@settings(max_examples=200, deadline=None)
@given(
    tags=st.lists(
        st.dictionaries(st.sampled_from(fields.TAG_FIELDS), st.one_of(PLAIN, st.lists(PLAIN, max_size=3)), min_size=1),
        min_size=1,
        max_size=5,
    ),
    style=st.sampled_from([{}, {"width": 20}, {"default_style": '"'}, {"default_style": "'"}, {"allow_unicode": True}]),
)
def test_what_a_writer_of_yaml_writes_is_read_as_it_was_meant(tags, style):
    class Writer(yaml.SafeDumper):
        def ignore_aliases(self, data):  # noqa: ARG002 - as PyYAML calls it
            return True

    both_ways(yaml.dump({"title": "T", "creator": "C", "tags": tags}, Dumper=Writer, **style))


@needs_native
@pytest.mark.parametrize(
    "text",
    [
        HEAD + f"tags:\n- address: {ONE}\n- address: {OLD}\n  label: 'Two: it'\n",
        f"tags:\n  - address: {ONE}\n    label: L  # remark\n\n  # remark\n  - address: '{OLD}'\n    concepts: [a, b]\n"
        + HEAD,
        HEAD + f"tags:\n- address: {ONE}\n  concepts:\n  - a\n  - b\n  context: '{{\"a\":\n    1}}'\n  abuse: x\n",
        HEAD + f"tags:\n- address: {ONE}\n  label:\n  abuse: ~\n  actor: ''\n- address: {ONE}\n",
        HEAD + f"tags:\n- address:\n  label: x\n- tx_hash: {'ab' * 32}\n- address: {ONE}x\n",
        "title: T\ncreator: C\ntags:\n- address: a\n- label: é\n  source: 'ü'\n  currency: BTC\n  address: b\n",
    ],
)
def test_packs_as_they_are_published_are_found_in_their_bytes(text):
    assert both_ways(text)


@needs_native
@pytest.mark.parametrize(
    "text",
    [
        HEAD + "tags:\n- address: a\n  address: b\n",
        HEAD + "tags:\n- address: a\n  colour: b\n",
        HEAD + "tags:\n- {address: a}\n",
        HEAD + "tags:\n- &a\n  address: a\n- *a\n",
        HEAD + "tags:\n- address: &a x\n- address: y\n",
        HEAD + "tags:\n- <<: {address: a}\n",
        HEAD + "tags:\n- address: a\n---\na: b\n",
        HEAD + "tags:\n- address: a\n\ttx_hash: b\n",
        HEAD + "tags:\n- address: |\n    a\n\n  label: x\n",
        HEAD + "tags:\n- address: a\ntags: []\n",
        HEAD + 'description: "a\ntags:\n- address: a\n"\ntags: []\n',
        HEAD + "tags:\n",
        HEAD + "tags: []\n",
        HEAD.replace("title: T", "title: T\ntitle: U") + "tags:\n- address: a\n",
    ],
)
def test_what_is_unusual_is_left_to_the_parser(text):
    assert regular.load(text.encode()) is None


@needs_native
def test_different_values_are_numbered_by_their_first_places():
    many, data = 5000, b"".join(b"%08d" % at for at in range(5000))
    starts = np.tile(np.arange(many, dtype=np.int32) * 8, 2)
    found = tagpacks.coded(data, starts, np.full(2 * many, 9, np.int32))
    assert found is not None
    assert (found.codes == np.tile(np.arange(many), 2)).all()
    assert (found.firsts == np.arange(many)).all()


@needs_native
def test_values_that_were_chosen_to_collide_end_the_quick_way_and_not_the_day():
    def chosen(wanted):  # the hash of native/tagpacks.c, backward
        value = (wanted ^ wanted >> 29 ^ wanted >> 58) * pow(0xC4CEB9FE1A85EC53, -1, 1 << 64) % (1 << 64)
        value = (value ^ value >> 32) * pow(0xFF51AFD7ED558CCD, -1, 1 << 64) % (1 << 64)
        return value ^ 8 * 0x9E3779B97F4A7C15 % (1 << 64)

    many = 300
    starts, sizes = np.arange(many, dtype=np.int32) * 8, np.full(many, 9, np.int32)
    for low, outcome in ((0, False), (1, True)):
        values = [(at + 1) << 40 | at * low for at in range(many)]
        data = b"".join(chosen(one).to_bytes(8, "little") for one in values)
        assert (tagpacks.coded(data, starts, sizes) is not None) is outcome


ALPHABETS = st.sampled_from(
    ["123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", "qpzry9x8gf2tvdw0s3jn54khce6mua7l"]
)
BIP350 = [
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
    "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
    "BC1SW50QGDZ25J", "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
    "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", "tb1q", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
    "bc1gmk9yu", "é" + OLD[1:], "",
    "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "2MzQwSSnBHWHqSAqtTVQ6v47XtaisrJa1Vc",
    "1" * 33, "1" * 27,
]  # fmt: skip


@needs_native
@settings(max_examples=200, deadline=None)
@given(
    picked=st.lists(
        st.tuples(st.sampled_from([ONE, OLD, *BIP350]), st.integers(0, 60), st.one_of(st.none(), st.characters())),
        max_size=8,
    ),
    made=st.lists(
        st.tuples(st.sampled_from(["1", "3", "bc1", "tb1q", "bcrt1p", "m"]), ALPHABETS.flatmap(st.text)), max_size=4
    ),
)
def test_addresses_checked_in_c_are_those_checked_by_columns(picked, made):
    given_ = [one if put is None else one[:at] + put + one[at + 1 :] for one, at, put in picked]
    given_ += [one for one, _, _ in picked] + [first + rest[:70] for first, rest in made]
    assert scripts(given_) == scripts_by_columns(given_)


def test_without_the_library_all_is_left_to_the_parser():
    assert tagpacks.entries(b"- address: a\n", 0, fields.TAG_FIELDS, 9, native=None) is None
    assert scripts([ONE, OLD, "x"], native=None) == scripts_by_columns([ONE, OLD, "x"])


def test_the_quick_way_was_walked():
    if NATIVE and SEEN["all"] > 500:
        assert SEEN["regular"] > SEEN["all"] // 10, SEEN
