"""Files of tags as they are read in the cell: what holds, what is inherited, what is left out, what is refused."""

import contextlib
import datetime as dt
import io
import json

import pytest
import ryml
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.cell.job import Bench, Refused
from vigie.cell.jobs import read_tags
from vigie.cell.tags import json_text, yaml_text
from vigie.rows.wire import ActorEntry, Portion, ReadTags, TagsHead, Trouble

ONE = "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"
OLD = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
HEAD = "title: T\ncreator: C\nsource: s\ncurrency: BTC\nconfidence: web_crawl\nlabel: Exchange One\n"


def read(data, **ask):
    out = []
    bench = Bench(
        files=[io.BytesIO(data.encode() if isinstance(data, str) else data)],
        scratch=[],
        scratch_paths=[],
        send=out.append,
    )
    read_tags.run(ReadTags(**ask), bench)
    return out


def tags(data, **ask):
    """Return the tags as maps of words, as the house will see them."""
    replies = read(data, **ask)
    head = replies[0]
    assert isinstance(head, TagsHead)
    rows = []
    for one in (one for one in replies if isinstance(one, Portion)):
        count = len(one.places) // 8
        part = [dict(head.same) for _ in range(count)]
        for name, cells in zip(head.columns, one.columns, strict=True):
            at = 0
            for row, size in zip(part, memoryview(cells.lengths).cast("i"), strict=True):
                row[name] = None if size < 0 else bytes(cells.values[at : at + size])
                at += max(size, 0)
        rows += part
    assert len(rows) == head.tags
    return [
        {
            name: one.decode() if isinstance(one, bytes) and name not in ("script", "lastmod") else one
            for name, one in row.items()
        }
        for row in rows
    ]


def day(raw):
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(
        microseconds=int.from_bytes(raw, "little", signed=True)
    )


def troubles(data, **ask):
    return [(one.code, one.detail) for one in read(data, **ask) if isinstance(one, Trouble)]


def test_the_header_holds_for_every_tag_that_does_not_say_otherwise():
    first, second = tags(HEAD + f"lastmod: 2021-01-02\ntags:\n- address: {ONE}\n- {{address: {OLD}, label: Two}}\n")
    assert (first["label"], second["label"]) == ("Exchange One", "Two")
    assert day(first["lastmod"]) == dt.datetime(2021, 1, 2, tzinfo=dt.UTC)
    assert first["script"].hex() == "0014c0cebcd6c3d3ca8c75dc5ec62ebe55330ef910e2"
    assert second["script"].hex() == "76a914" + "7680adec8eabcabac676be9e83854ade0bd22cdb" + "88ac"
    assert first["network"] == "BTC"  # older packs say the currency alone
    assert (first["confidence_level"], first["tag_type"]) == ("20", "actor")


def test_a_header_may_be_a_map_of_its_own_and_one_in_another_file_is_refused():
    inner = "header:\n  title: T\n  creator: C\n  source: s\n  currency: BTC\n  label: One\n"
    for body in (f"- address: {ONE}\n", f"- {{address: {ONE}}}\n"):
        (one,) = tags(inner + "tags:\n" + body)
        assert one["label"] == "One"
        with pytest.raises(Refused, match=r"another file, 'header.yaml'"):
            read("header: !include header.yaml\ntags:\n" + body)


def test_words_stay_what_they_are_where_yaml_1_1_makes_numbers_and_truths():
    (one,) = tags(HEAD + f"tags:\n- address: {ONE}\n  actor: no\n  abuse: 01\n  context: 1.50\n  category: 12:30:45\n")
    assert [one[name] for name in ("actor", "abuse", "context", "category")] == ["no", "01", "1.50", "12:30:45"]
    assert yaml.safe_load("a: no") == {"a": False}  # what a reader of YAML 1.1 makes of it
    pack = "title: T\ncreator: C\nuri: u\nlastmod: 2020-01-01\ncategories: [exchange]\nactors:\n"
    pack += "- {id: on, label: 010, jurisdictions: [NO, de]}\n"
    actors = [one for one in read(pack) if isinstance(one, ActorEntry)]
    assert [(one.id, one.label, one.jurisdictions) for one in actors] == [("on", "010", "NO, DE")]


@pytest.mark.parametrize(
    ("left_out", "why"),
    [("label", "label"), ("source", "source"), ("currency", "currency"), ("address", "neither address")],
)
def test_a_tag_without_a_mandatory_field_is_left_out_and_told(left_out, why):
    one = {"label": "L", "source": "s", "currency": "BTC", "confidence": "heuristic", "address": ONE}
    short = {name: value for name, value in one.items() if name != left_out}
    pack = json.dumps({"title": "T", "creator": "C", "tags": [one, short]})
    assert len(tags(pack)) == 1
    assert read(pack)[0].rejected == 1
    assert any(why in detail for code, detail in troubles(pack) if code == "bad_entry")


def test_an_empty_text_says_nothing_wherever_it_stands():
    one = {"label": "", "source": "s", "currency": "BTC", "confidence": "heuristic", "address": ONE, "context": ""}
    head = {"title": "T", "creator": "C"}
    for header in ({}, {"label": "", "tx_hash": ""}):
        replies = read(json.dumps({**head, **header, "tags": [one, {**one, "label": "L"}]}))
        assert (replies[0].tags, replies[0].rejected) == (1, 1)
        assert [trouble.detail for trouble in replies if isinstance(trouble, Trouble)] == ["a tag without label"]


def test_what_does_not_fit_a_field_is_empty_and_told():
    pack = HEAD + (
        f"tags:\n- {{address: {ONE}x, lastmod: soon, concepts: [a, b], is_cluster_definer: perhaps,"
        f" colour: red, confidence: sure, category: [x]}}\n"
    )
    (one,) = tags(pack)
    assert (one["script"], one["lastmod"], one["concepts"], one["is_cluster_definer"]) == (b"", None, "a, b", "0")
    assert (one["confidence"], one["confidence_level"]) == ("sure", "5")
    said = " ".join(detail for _, detail in troubles(pack))
    assert all(word in said for word in ("soon", "perhaps", "'colour'", "'sure'", "no Bitcoin address", "category"))


def test_yaml_json_and_csv_say_the_same():
    rows = [
        {"address": ONE, "label": "A", "source": "s", "currency": "BTC", "confidence": "heuristic"},
        {"address": OLD, "label": "B, C", "source": "s", "currency": "BTC", "confidence": "web_crawl"},
    ]
    head = {"title": "T", "creator": "C"}
    forms = [
        yaml.safe_dump({**head, "tags": rows}),
        json.dumps({**head, "tags": rows}),
        "address,label,source,currency,confidence\n"
        + "\n".join(f'{one["address"]},"{one["label"]}",s,BTC,{one["confidence"]}' for one in rows),
    ]
    yaml_, json_, csv_ = (tags(one, name="t", say={"creator": "C"}) for one in forms)
    assert yaml_ == json_ == csv_


def test_a_plain_list_is_taken_with_what_is_said_of_it_or_by_the_name_of_ofacs():
    data = f"{ONE}\n{OLD}\n"
    with pytest.raises(Refused, match="label"):
        read(data, name="list.txt")
    assert len(tags(data, name="l", say={"label": "L", "source": "s", "currency": "BTC", "creator": "C"})) == 2
    for text in (data, json.dumps([ONE, OLD])):
        found = tags(text, name="sanctioned_addresses_XBT.txt")
        assert {(one["confidence"], one["currency"], one["tag_type"]) for one in found} == {
            ("authority_data", "BTC", "attribute")
        }
    eth = tags("0x8589427373d6d84e98730d7795d8f6f8731fda16\n", name="sanctioned_addresses_ETH.txt")
    assert [(one["currency"], one["script"]) for one in eth] == [("ETH", b"")]


def test_a_register_is_read_by_the_columns_that_are_named():
    data = "Ae_lei;Ae_name;Home State\n529900;Exchange One AG;Germany\n;Two S.A.;FR\n;;\n"
    columns = {"id": "ae_lei", "legal_name": "ae_name", "jurisdictions": "Home state"}
    replies = read(data, format="register", name="casp.csv", say={"creator": "ESMA"}, columns=columns)
    actors = [(one.id, one.legal_name, one.jurisdictions) for one in replies if isinstance(one, ActorEntry)]
    assert actors == [("529900", "Exchange One AG", "DE"), ("two_s_a", "Two S.A.", "FR")]
    with pytest.raises(Refused, match="no column"):
        read(data, format="register", say={"creator": "x"}, columns={**columns, "uri": "web"})


def test_esmas_register_is_known_by_its_columns():
    head = "ae_competentAuthority,ae_homeMemberState,ae_lei_name,ae_lei,ae_commercial_name,"
    head += "ac_authorisationEndDate,ac_lastupdate\n"
    rows = "MFSA,MT,ONE EUROPE LIMITED,5299AA,Exchange One,,27/01/2025\nAFM,NL,Drie B.V.,,Drie,31/12/2025,03/02/2025\n"
    replies = read(head + rows, name="CASPS.csv")
    one, other = (each for each in replies if isinstance(each, ActorEntry))
    assert (replies[0].format, replies[0].creator) == ("register", "ESMA, MiCA register")
    assert (one.id, one.legal_name, one.aliases, one.jurisdictions) == (
        "5299AA",
        "ONE EUROPE LIMITED",
        "Exchange One",
        "MT",
    )
    assert day(one.lastmod.to_bytes(8, "little")) == dt.datetime(2025, 1, 27, tzinfo=dt.UTC)
    assert (other.id, other.context) == ("drie_b_v", "authorised until 31/12/2025")
    # where no day is beyond 12, nobody knows which of the two is the month
    (short,) = (each for each in read(head + "A,MT,One,1,,,03/02/2025\n", name="C") if isinstance(each, ActorEntry))
    assert short.lastmod is None


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{two}: &{two} [{','.join(f'*{one}' for _ in range(9))}]\n"
    for one, two in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (b"  \n", "empty", "blanks"),
        (b"title: T\ncreator: C\ntags: [", "bad_pack", "line 3"),
        (b"title: T\ntitle: U\ncreator: C\ntags: []\n", "bad_pack", "twice"),
        (b'{"title": "T", "title": "U", "tags": []}', "bad_pack", "twice"),
        (b"tags:\n- {label: a, label: b}\n", "bad_pack", "twice"),
        (b"title: T\ncreator: \xff\ntags: []\n", "bad_pack", "UTF-8 at byte 18"),
        ("title: é".encode("utf-16"), "bad_pack", "UTF-8"),
        (b"title: T\0\n", "bad_pack", "zero byte"),
        (b"---\ntitle: T\n---\ntitle: U\n", "bad_pack", "2 YAML documents"),
        (b"title: *nobody\n", "bad_pack", "before it is anchored"),
        (b"a: &a [*a]\n", "bad_pack", "before it is anchored"),
        (b"a: " + b"[" * 5000 + b"]" * 5000, "too_deep", "in each other"),
        (b"- " * 100_000 + b"a", "too_deep", "in each other"),
        (b'{"tags": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too_deep", "in each other"),
        (b"a: &a {" + b",".join(b"k%d: 1" % i for i in range(1000)) + b"}\nb:\n" + b"- <<: *a\n" * 200, "bomb", "<<"),
        (b"title: T\ncreator: C\ntags: 5\n", "bad_pack", "no list"),
        (b"creator: C\ntags: []\n", "bad_pack", "without title"),
        (b"hello: world\n", "bad_pack", "neither tags nor actors"),
        (BOMB.encode(), "bad_pack", "neither tags nor actors"),
        (b"[1, 2]: x\n", "bad_pack", "containers as keys"),
    ],
)
def test_hostile_packs_are_refused_with_what_is_wrong(data, code, said):
    with pytest.raises(Refused) as refused:
        read(data)
    assert refused.value.code == code
    assert said in refused.value.detail


def test_a_bomb_of_aliases_in_a_tag_stays_as_large_as_its_file():
    pack = HEAD + BOMB + f"tags:\n- address: {ONE}\n  context: *i\n- &t {{address: {OLD}}}\n" + "- *t\n" * 50
    found = tags(pack)
    assert len(found) == 52
    assert found[0]["context"] == ""
    assert any("context" in detail for _, detail in troubles(pack))


def test_a_huge_word_is_cut_and_no_object_is_built():
    (one,) = tags(
        HEAD + f"tags:\n- address: {ONE}\n  label: {'x' * 3_000_000}\n  context: !!python/object:os.system y\n"
    )
    assert len(one["label"]) == 256
    assert one["context"] == "y"


WORDS = st.one_of(
    st.sampled_from(
        [
            "no",
            "01",
            "1.5",
            "+1",
            "~",
            "null",
            "nan",
            "inf",
            ".inf",
            "true",
            "True",
            "-0",
            "1e5",
            "2021-01-02",
            "0x1f",
            "*x",
            "&x",
            "a: b",
            "#x",
            "'",
            '"',
            "é",
            "-",
            "?",
            "12345678901234567890",
            "",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=12),
)
DOCS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=4),
    st.one_of(WORDS, st.lists(WORDS, max_size=4), st.dictionaries(st.text("xyz", min_size=1), WORDS)),
    max_size=5,
)


def worded(held):
    if isinstance(held, dict):
        return {name: worded(one) for name, one in held.items()}
    if isinstance(held, list):
        return [worded(one) for one in held]
    return None if held in ("", "~", "null", "Null", "NULL") else held


@settings(max_examples=150, deadline=None)
@given(doc=DOCS, flow=st.booleans())
def test_the_quick_way_and_the_slow_one_read_what_was_written(doc, flow):
    data = yaml.safe_dump(doc, allow_unicode=True, default_flow_style=flow, default_style='"').encode()
    assert yaml_text.load(data) == (worded(doc) or ({} if data.strip() else None))
    assert yaml_text.load(data + b"# * is no alias\n") == yaml_text.load(data)  # with an asterisk it goes node by node


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_end_in_words_or_in_a_refusal(data):
    for load in (yaml_text.load, json_text.load):
        with contextlib.suppress(Refused):
            assert isinstance(load(data), str | list | dict | None)


@settings(max_examples=200, deadline=None)
@given(text=st.text("ab:-[]{}&*!|>\"'# \n<?,~1", max_size=60))
def test_near_yaml_ends_in_words_or_in_a_refusal(text):
    held = bytearray(text.encode())
    try:
        tree = ryml.parse_in_place(held)
        quick = yaml_text._quick(tree, bytes(text.encode()))
        slow = yaml_text._Walk(tree).value(tree.root_id(), 0)
    except (Refused, ryml.ExceptionBasic):
        return
    if quick is not None and not tree.is_stream(tree.root_id()):
        assert quick == (slow,)


# of BIP 32, BIP 39 and of every manual: no one's
PRIVATE = (
    "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn",
    "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
    "legal winner thank year wave sausage worth useful legal winner thank yellow",
)


def said(replies):
    """Return all that is said of a file, as bytes."""
    cells = [bytes(one.values) for reply in replies if isinstance(reply, Portion) for one in reply.columns]
    return b"\n".join([*cells, *(repr(one).encode() for one in replies if not isinstance(one, Portion))])


@pytest.mark.parametrize("secret", PRIVATE, ids=["key", "extended", "seed"])
@pytest.mark.parametrize("where", ["title", "creator", "description", "source", "label", "context", "address", "odd"])
def test_a_private_key_in_a_pack_is_said_nowhere(where, secret):
    text = f"found with {secret} in it"
    head = {"title": "T", "creator": "C", "source": "s", "currency": "BTC", "confidence": "web_crawl"}
    head |= {where: text} if where in ("title", "creator", "description", "source") else {}
    tag = {"address": secret if where == "address" else ONE, "label": "L"}
    tag |= {where: text} if where in ("label", "context") else {"lastmod": secret} if where == "odd" else {}
    replies = read(json.dumps({**head, "tags": [tag, {"address": OLD, "label": "M"}]}))
    assert secret[:20].encode() not in said(replies)
    if where != "odd":
        assert "\u2026".encode() in said(replies).replace(b"\\u2026", "\u2026".encode())
        assert any("private keys or seeds" in one.detail for one in replies if isinstance(one, Trouble))
    assert OLD.encode() in said(replies)


def test_a_list_of_private_keys_is_none_of_addresses():
    keys = f"{PRIVATE[0]}\n{ONE}\n"
    replies = read(keys, say={"source": "s", "label": "x", "currency": "BTC", "creator": "c"}, name="n")
    assert PRIVATE[0][:20].encode() not in said(replies)
    assert ONE.encode() in said(replies)
    with pytest.raises(Refused) as refused:
        read(f"{PRIVATE[1]}, {PRIVATE[0]} and no more\n", format="actorpack")
    assert PRIVATE[0][:20] not in refused.value.detail
    assert PRIVATE[1][:20] not in refused.value.detail


@pytest.mark.parametrize("secret", PRIVATE[:2], ids=["key", "extended"])
@pytest.mark.parametrize(
    "form",
    [
        '{{"x": {{"{0}": 1, "{0}": 2}}, "tags": []}}', "title: T\ntags:\n- {0}: a\n  {0}: b\n",
        "title: T\ntags: *{0}\n", "label,{0},source\na,b,c\n",
    ],
    ids=["json", "yaml", "anchor", "table"],
)  # fmt: skip
def test_what_is_wrong_with_a_pack_says_no_part_of_a_private_key(form, secret):
    with pytest.raises(Refused) as refused:
        read(form.format(secret))
    assert secret[:20] not in refused.value.detail


def test_actors_say_no_private_key():
    replies = read(
        f"title: T\ncreator: C\nactors:\n- id: a\n  label: Seller {PRIVATE[0]}\n  uri: https://example.org\n"
    )
    assert [one.label for one in replies if isinstance(one, ActorEntry)] == ["Seller \u2026"]
    assert any("private keys or seeds" in one.detail for one in replies if isinstance(one, Trouble))
