"""Proposals: a mapping for tables that no mapping reads, from names in several languages, types and values."""

import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.conftest import new_case
from people.batches import addresses
from vigie.desk.cli import call
from vigie.forums import shapes
from vigie.forums.drafting import written
from vigie.forums.guessing import Column, guess
from vigie.forums.mapping import parse, shipped, used
from vigie.forums.shapes import Shape
from vigie.forums.suggesting import once, propose
from vigie.forums.words import meaning, words
from vigie.kernel.case import Case
from vigie.kernel.table import look
from vigie.rows.people import Account, Event, Message, Payment
from vigie.sample.forum.dump import schema

DUMP = """-- MySQL dump 10.13
CREATE TABLE `leden` (`nr` int, `naam` varchar(50), `epost` varchar(80), `wachtwoord` char(60),
`x` varchar(40));
INSERT INTO `leden` VALUES
(1,'north','north@example.org','$2y$10$secretsecretsecret','192.0.2.7'),
(2,'q7','q7@example.org','$2y$10$secretsecretsecret','192.0.2.8'),(3,'amber','amber@example.org','$2y$10$s','192.0.2.9'),
(4,'d','d@example.org','$2y$10$secretsecretsecret','2001:db8::1'),(5,'e','e@example.org','$2y$10$x','192.0.2.9');
CREATE TABLE `berichten` (`id` int, `afzender_id` int, `ontvanger_id` int, `inhoud` text, `tijd` int);
INSERT INTO `berichten` VALUES (1,1,2,'dag, hoe gaat het',1700000000),(2,2,1,'goed, dank je wel',1700000100);
CREATE TABLE `orders` (`no` int, `buyer` int, `v1` varchar(20), `v2` bigint, `pay_to` varchar(90),
`total` decimal(10,2));
INSERT INTO `orders` VALUES (1,1,'a',1700000000123,'x',25.00),(2,2,'b',1700000000123,'y',5.00);
CREATE TABLE `zz` (`a` int, `b` int);
INSERT INTO `zz` VALUES (1,2);
-- Dump completed on 2026-01-01
"""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("user_id", "account"),
        ("userid", "account"),
        ("username", "name"),
        ("user_name", "name"),
        ("lastLoginIP", "ip"),
        ("message_id", "id"),
        ("id", "id"),
        ("topicId", "topic"),
        ("contraseña", ""),
        ("passwort", "password"),
        ("courriel", "email"),
        ("erstellt_am", "time"),
        ("file_md5", "digest"),
        ("forum_id", "section"),
        ("xyz", ""),
        ("", ""),
        ("created_at", "time"),
        ("absender", "account"),
        ("destinataire", "recipient"),
        ("user_mail", "email"),
    ],
)
def test_names_in_several_languages(name, said):
    assert meaning(name)[0] == said


def test_words_of_a_name():
    assert words("lastLoginIP2_at") == ["last", "login", "ip", "2", "at"]


def shape(**shares):
    names = [*shapes._FORMS, *shapes._TOLD]
    return Shape(seen=100, distinct=100, shares=dict.fromkeys(names, 0.0) | shares)


def test_values_say_more_than_names():
    assert guess(Column(name="x", type="varchar(40)", shape=shape(ip=0.9))).meaning == "ip"
    assert guess(Column(name="x", type="int", shape=shape(unix=1.0))).meaning == "time"
    assert guess(Column(name="hash", type="varchar(90)", shape=shape(crypt=1.0))).meaning == "password"
    assert guess(Column(name="pay", type="text", shape=shape(wallet=0.3))).meaning == "wallet"
    assert guess(Column(name="created", type="int", shape=shape(number=1.0))).meaning == ""
    assert guess(Column(name="last_ip", type="varchar(40)", shape=shape(ip=1.0))).meaning == "last_ip"
    assert guess(Column(name="ip_last", type="varchar(40)")).meaning == "last_ip"
    why = guess(Column(name="z", type="text", shape=shape(email=0.95))).why
    assert why == "95 % of 100 values are e-mail addresses"


def test_shapes_are_counted():
    given = ["192.0.2.7", "1700000000", "a@example.org", "", None, "ab" * 16, "see the lake here"]
    batch = pa.table({"c0": given, "c1": pa.array(addresses(given), pa.string())})
    (row,) = look(shapes.select(1), batch=batch)
    found = shapes.read(row, 0)
    assert (found.seen, found.distinct) == (5, 5)
    assert {name for name, share in found.shares.items() if share} >= {"ip", "unix", "email", "digest", "words"}
    assert found.shares["ip"] == 0.2


def test_a_message_has_its_recipient_in_a_rule_of_its_own():
    columns = {"nr": "int", "von": "int", "absender_id": "int", "empfaenger_id": "int", "inhalt": "text", "zeit": "int"}
    found = propose("nachrichten", [Column(name=n, type=kind) for n, kind in columns.items()], 9)
    assert found.confidence == "likely"
    assert found.left == ["von"]
    mapping = parse(written([found], "custom"), "x")
    assert [(one.into, one.fields["account"]) for one in mapping.rule] == [
        ("message", "absender_id"),
        ("recipient", "empfaenger_id"),
    ]
    assert mapping.rule[0].fields["at"] == "unix(zeit)"


NAMES = st.one_of(
    st.text(max_size=20), st.sampled_from(["id", "user_id", "name", "in", "a`b", "it's", 'q"q', "text", "ip", "not"])
)
TYPES = st.sampled_from(["int", "text", "datetime", "blob", "varchar(9)", "tinyint(1)", "", "timestamp with time zone"])


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=20).filter(bool), st.lists(st.tuples(NAMES, TYPES), max_size=12, unique_by=lambda one: one[0]))
def test_what_is_proposed_can_be_read_whatever_the_names(table, columns):
    found = propose(table, [Column(name=name, type=kind) for name, kind in columns], 1)
    text = written([found], "custom")
    if found.rules:
        mapping = parse(text, "proposal")
        assert all(one.table == table for one in mapping.rule)
        named = {column for one in mapping.rule for columns in used(one).values() for column in columns}
        assert named <= {name for name, _ in columns}


def test_where_it_is_not_enough_what_was_looked_at_is_said_and_what_it_lacks():
    few = Shape(seen=2, distinct=2, shares=dict.fromkeys([*shapes._FORMS, *shapes._TOLD], 0.0))
    found = propose("zz", [Column(name="user_id", type="int", shape=few), Column(name="q", type="")], 2)
    assert (found.confidence, found.rules, found.weak, found.left) == ("", [], [], ["user_id", "q"])
    assert found.why == "nearest is account, which needs also email or name"
    assert found.looked == [
        "user_id (int; 2 values, too few to tell by): perhaps account, for its name says 'user'",
        "q (no type; values not looked at): neither name nor values say what it is",
    ]
    text = written([found], "custom")
    assert "# Why: nearest is account, which needs also email or name. Looked at:\n#   user_id (int; 2 values" in text


def test_a_small_table_is_proposed_weakly_and_nothing_is_read_by_it_unless_somebody_says_so():
    names = [*shapes._FORMS, *shapes._TOLD]
    emails = Shape(seen=2, distinct=2, shares=dict.fromkeys(names, 0.0) | {"email": 1.0})
    columns = [Column(name="nr", type="int"), Column(name="kontakt", type="text", shape=emails)]
    found = propose("leute", columns, 2)
    assert (found.confidence, found.rules) == ("weak", [])
    assert found.why == "so few values say so"
    text = written([found], "custom")
    assert "leute, 2 rows: weak" in text
    assert "[[rule]]" not in [line for line in text.splitlines() if not line.startswith("#")]
    (line,) = [line for line in text.splitlines() if "email =" in line]
    assert line == '# email = "kontakt"  # 100 % of 2 values are e-mail addresses'
    bare = "\n".join(line.removeprefix("# ") if "=" in line or "[" in line else line for line in text.splitlines())
    (rule,) = parse(bare, "x").rule
    assert (rule.into, rule.fields["email"]) == ("account", "kontakt")


def test_common_columns_make_a_weak_proposal_only_if_it_explains_all_of_them_that_mean_something():
    columns = [Column(name=name, type=kind) for name, kind in (("id", "int"), ("bereich", "int"), ("titel", "text"))]
    plain = propose("x1", columns, 4)
    assert (plain.confidence, plain.weak[0].into) == ("weak", "topic")
    assert "neither name nor values say more" in plain.why
    more = propose("x1", [*columns, Column(name="sig", type="text")], 4)
    assert (more.confidence, more.weak) == ("", [])
    assert more.why.startswith("nearest is")


def test_a_table_under_two_prefixes_is_one_rule():
    columns = [Column(name=name, type=kind) for name, kind in (("id", "int"), ("name", "text"), ("email", "text"))]
    small, large = propose("members", columns, 3), propose("members", [*columns, Column(name="icq", type="text")], 9)
    (one,) = once([small, large])
    assert (one.rows, one.rules) == (12, large.rules)
    assert "2 prefixes have it, with other columns" in one.why
    names = [rule.name for rule in parse(written(once([small, small, large]), "custom"), "x").rule]
    assert len(names) == len(set(names))
    assert once([small]) == [small]


def proposed(name):
    """Return what is proposed for each table of a schema of the sample, from names and types alone."""
    found = {}
    for table, declared in schema(name).items():
        columns = [
            Column(name=one.name, type=one.line.split(" NOT ")[0].split(" DEFAULT")[0]) for one in declared.columns
        ]
        rules = propose(table, columns, 1).rules
        found[table] = rules[0].into if rules else ""
    return found


def test_how_good_the_guesses_are_for_software_that_is_known():
    """The figures of docs/mapping.md: tables that a shipped mapping reads, against what names and types propose."""
    right = wrong = nothing = 0
    for software, name in (("phpbb3", "phpbb"), ("mybb", "mybb"), ("xenforo2", "xenforo")):
        known = {}
        for rule in next(one for one in shipped() if one.software == software).rule:
            known.setdefault(rule.table, set()).add(rule.into)
        for table, into in proposed(name).items():
            if table in known:
                right += into in known[table]
                wrong += into not in known[table] and bool(into)
                nothing += not into
    assert (right, wrong, nothing) == (46, 9, 21)


def test_a_schema_that_nobody_else_has_is_told_but_for_invitations():
    assert proposed("custom") == {
        "bans": "moderation",
        "boards": "section",
        "complaints": "complaint",
        "dm": "message",
        "entries": "post",
        "invitations": "",
        "logins": "event",
        "members": "account",
        "orders": "payment",
        "payouts": "payment",
        "staff_log": "event",
        "threads": "topic",
        "uploads": "attachment",
    }


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("suggest")
    (folder / "in").mkdir()
    (folder / "in" / "shop.sql").write_text(DUMP)
    case = new_case(folder / "case")
    assert call(["add", str(case), str(folder / "in"), "--jobs", "1"]) == 0
    assert call(["run", str(case), "--engine", "inline"]) == 0
    return case


def test_from_a_dump_to_accounts_by_a_proposal(case, tmp_path, capfd):
    capfd.readouterr()
    assert call(["map", "show", str(case), "--json"]) == 0
    shown = json.loads(capfd.readouterr().out)
    assert shown["platforms"] == []
    assert {(one["relation"], one["rows"], one["whole"]) for one in shown["unread"]} == {
        ("leden", 5, True),
        ("berichten", 2, True),
        ("orders", 2, True),
        ("zz", 1, True),
    }

    assert call(["map", "suggest", str(case)]) == 0
    text = capfd.readouterr().out
    assert "$2y$" not in text
    assert "north" not in text
    assert 'registration_ip = "ip(x)"  # 100 % of 5 values are IP addresses' in text
    assert "# Nothing was found for zz, 1 rows: a, b" in text
    assert call(["map", "suggest", str(case), "--no-values", "--json"]) == 0
    assert "ip(x)" not in json.loads(capfd.readouterr().out)["mapping"]

    file = tmp_path / "shop.toml"
    file.write_text(text)
    assert call(["map", "check", str(file)]) == 0
    assert call(["map", "use", str(case), str(file)]) == 0
    assert call(["run", str(case), "--engine", "inline"]) in (0, 1)
    opened = Case.open(case)
    assert [one.act for one in opened.custody.entries()].count("parameters") >= 1
    accounts = {one.id: (one.name, one.email, one.password) for one in opened.read(Account)}
    assert accounts["1"] == ("north", "north@example.org", True)
    assert sorted(one.id for one in opened.read(Message)) == ["1", "2"]
    assert {one.amount for one in opened.read(Payment)} == {"25.00", "5.00"}
    assert not len(opened.read(Event))

    capfd.readouterr()
    assert call(["map", "show", str(case)]) == 0
    assert "custom" in capfd.readouterr().out
    assert call(["map", "use", str(case), str(file)]) == 0
    assert (case / "case.toml").read_text().count("[[stage.platforms.mappings]]") == 1
    assert call(["map", "drop", str(case), "shop.toml"]) == 0
    assert "stage.platforms" not in (case / "case.toml").read_text()
    assert call(["map", "drop", str(case), "shop.toml"]) == 2


def test_a_wrong_mapping_leaves_the_case_as_it_was(case, tmp_path, capfd):
    before = (case / "case.toml").read_bytes()
    file = tmp_path / "bad.toml"
    file.write_text('software = "x"\n[[rule]]\nname = "r"\ntable = "t"\ninto = "acount"\n')
    assert call(["map", "use", str(case), str(file)]) == 2
    assert "into = 'acount': there is no such table; known: account" in capfd.readouterr().err
    file.write_text(
        'software = "x"\n# <<< end\n[[rule]]\nname = "r"\ntable = "t"\ninto = "account"\n[rule.fields]\nid = "a"\n'
    )
    assert call(["map", "use", str(case), str(file)]) == 2
    assert (case / "case.toml").read_bytes() == before


def test_of_several_dumps_each_is_named(tmp_path, capfd):
    (tmp_path / "in").mkdir()
    for name in ("north", "south"):
        (tmp_path / "in" / f"{name}.sql").write_text(DUMP + f"-- {name}\n")
    case = new_case(tmp_path / "case")
    assert call(["add", str(case), str(tmp_path / "in"), "--jobs", "1"]) == 0
    for stage in ("files", "relations", "platforms"):
        assert call(["run", str(case), "--only", stage, "--engine", "inline"]) == 0
    capfd.readouterr()
    assert call(["map", "suggest", str(case)]) == 2
    said = capfd.readouterr().err
    assert "Of which dump?" in said
    assert "north.sql)" in said
    assert "south.sql)" in said


def test_of_a_text_the_name_of_its_file_says_what_it_is(tmp_path, capfd):
    """The one table of a text is called ``table``: of three, the three proposals would else be called alike."""
    (tmp_path / "in").mkdir()
    rows = "".join(f"{n},{n % 3 + 1},2024-01-0{n} 10:00:00,words {n}\n" for n in range(1, 9))
    (tmp_path / "in" / "entries.2024.csv").write_text("entry_no,member_no,posted_at,body\n" + rows)
    case = new_case(tmp_path / "case")
    assert call(["add", str(case), str(tmp_path / "in"), "--jobs", "1"]) == 0
    for stage in ("files", "relations", "platforms"):
        assert call(["run", str(case), "--only", stage, "--engine", "inline"]) == 0
    capfd.readouterr()
    assert call(["map", "suggest", str(case)]) == 0
    text = capfd.readouterr().out
    assert 'software = "entries"' in text
    assert "likely, since the name says 'entries'" in text
    (rule,) = parse(text, "x").rule
    assert (rule.table, rule.into) == ("table", "post")
