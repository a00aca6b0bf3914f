"""Mappings: what is wrong with one is said with file, rule and field; what ``vigie map use`` writes reads well."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from people.batches import read
from vigie.forums.functions import FUNCTIONS
from vigie.forums.mapping import from_json, kinds, parse, shipped, to_json
from vigie.forums.reading import readings
from vigie.kernel.errors import UsageError
from vigie.kernel.settings import block, quoted
from vigie.rows.people import READ

RULE = '[[rule]]\nname = "r"\ntable = "t"\ninto = "account"\n[rule.fields]\nid = "a"\n'


def mapping(fields="", into="account", more=""):
    return f'software = "x"\n[[rule]]\nname = "r"\ntable = "t"\ninto = "{into}"\n{more}\n[rule.fields]\n{fields}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("software = ", "f.toml: Invalid value"),
        ('software = "x"', "f.toml: it has no [[rule]]"),
        ("software = 5\n" + RULE, "Expected `str`, got `int` - at `$.software`"),
        ('software = "x"\nrules = 1\n' + RULE, "unknown field `rules`"),
        (mapping(into="people"), "f.toml: rule 'r': into = 'people': there is no such table; known: account"),
        (mapping('idd = "a"'), "f.toml: rule 'r': a row of account has no field 'idd'; known: id, name"),
        (mapping('key = "a"'), "a row of account has no field 'key'"),
        (mapping('id = "unix(a"'), "f.toml: rule 'r', field id = 'unix(a': character 6: its end"),
        (mapping('id = "unixx(a)"'), "rule 'r', field id = 'unixx(a)': there is no function 'unixx'; known: bit"),
        (mapping('registered = "a"'), "a is to be a time: say unix(a) or datetime(a)"),
        (mapping("registered = \"'x'\""), "a time is wanted, and this is text"),
        (mapping('password = "a"'), "of a password only present(column) may be said"),
        (mapping("password = \"a != ''\""), "of a password only present(column) may be said"),
        (
            mapping('id = "a"', more='where = "unix(a)"'),
            "where = 'unix(a)': true or false is wanted, and this is a time",
        ),
        (mapping('id = "a"', more="where = \"split(a, ',') = 1\""), "it cannot divide it"),
        (mapping('id = "each"', more='each = "*x"'), "write how the names of the columns begin, and then *"),
        ('software = "x"\n' + RULE + RULE, "two rules of table t bear this name"),
        ("x" * (1 << 20) + "x", "a mapping of more than 1 MiB"),
        ("a = " + "[" * 2000, "f.toml:"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text, said):
    with pytest.raises(UsageError) as error:
        parse(text, "f.toml")
    assert said in str(error.value)
    assert "f.toml" in str(error.value)


@pytest.mark.parametrize(
    "column",
    ["user_password", "PASSWD", "userPass", "pwd", "passwort", "mot_de_passe", "`contraseña`", "password_hash", "salt",
     "loginkey", "remember_key", "secret_answer", "auth_key", "reset_token", "user_actkey", "userpassword2"],
)  # fmt: skip
def test_a_column_called_a_password_is_read_by_no_field_and_no_condition(column):
    name = column.strip("`")
    for text, field in (
        (mapping(f'account = "id"\nvalue = "{column}"', into="profile"), "value"),
        (mapping(f'account = "id"\nvalue = "concat(\'x\', lower({column}))"', into="profile"), "value"),
        (mapping('id = "id"', more=f"where = \"starts({column}, 'a')\""), "where"),
    ):
        with pytest.raises(UsageError) as error:
            parse(text, "f.toml")
        said = str(error.value)
        assert all(one in said for one in ("rule 'r'", field, f"column {name}: its name says that a password")), said
    parse(mapping(f'id = "id"\npassword = "present({column})"', more=f'where = "present({column})"'), "f.toml")


@pytest.mark.parametrize("column", ["token_member", "device_key", "file_hash", "keywords", "passport", "user_passchg"])
def test_a_column_that_only_sounds_like_a_password_is_read(column):
    parse(mapping(f'account = "id"\nvalue = "{column}"', into="profile"), "f.toml")


def test_a_rule_for_each_column_leaves_passwords_out():
    text = mapping('account = "id"\nname = "each_name"\nvalue = "each"', into="profile", more='each = "x_*"')
    found = readings(parse(text, "f.toml"), "", {"t": ["id", "x_pass", "x_icq", "x_reset_token"]}, b"P" * 16)
    assert [wanted.column for one in found for wanted in one.wanted] == ["id", "x_icq"]


def test_keys_are_sealed_in_whatever_text_is_read_and_reasons_of_staff_are_not_the_writers():
    text = mapping('id = "id"\naccount = "by"\ntext = "said"', into="post")
    text += text.split("\n", 1)[1].replace('"r"', '"gone"').replace('"post"', '"moderation"').split("id = ")[0]
    text += 'action = "\'delete\'"\npost = "id"\ndetail = "why"\n'
    (posts,) = readings(parse(text, "f.toml"), "", {"t": ["id", "by", "said", "why"]}, b"P" * 16)
    assert {one.column: (one.search, one.told) for one in posts.wanted if one.search} == {
        "said": (True, True),
        "why": (True, False),
    }
    staff = mapping('account = "by"\ndetail = "why"', into="moderation")
    (log,) = readings(parse(staff, "f.toml"), "", {"t": ["by", "why"]}, b"P" * 16)
    assert [one.column for one in log.wanted if one.search and one.told] == ["why"]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
@example("[[rule]]\n[rule]\n")
def test_any_text_is_a_mapping_or_a_usage_error(text):
    try:
        found = parse(text, "f.toml")
    except UsageError:
        return
    assert from_json(to_json(found)) == found


def test_a_stored_mapping_is_read_as_strictly():
    with pytest.raises(UsageError):
        from_json('{"software": "x", "rule": []}')
    with pytest.raises(UsageError):
        from_json("{")


def test_every_field_of_every_table_can_be_given():
    expressions = {"text": "a", "number": "a", "flag": "a", "time": "unix(a)"}
    for into, row in READ.items():
        fields = {name: expressions[kind] for name, kind in kinds(row).items() if name != "password"}
        text = mapping("\n".join(f'{name} = "{said}"' for name, said in fields.items()), into)
        (made,) = read(parse(text, "f.toml"), "", "t", [{"a": "1700000000"}])["r"]
        assert all(getattr(made, name) is not None for name, kind in kinds(row).items() if kind != "flag")
        (none,) = read(parse(text, "f.toml"), "", "t", [{"a": None}])["r"]
        assert all(getattr(none, name) in (None, "", False) for name in fields)


def test_a_rule_for_each_column():
    text = mapping('account = "no"\nname = "each_name"\nvalue = "each"', "profile", 'each = "x_*"\nwhere = "each != 5"')
    found = read(parse(text, "f"), "", "t", [{"no": "1", "x_a": "4", "x_b": "5", "y": "6"}])
    assert {name: [(one.name, one.value) for one in rows] for name, rows in found.items()} == {
        "r:x_a": [("x_a", "4")],
        "r:x_b": [],
    }


def test_shipped_mappings_name_their_software_once():
    names = [one.software for one in shipped()]
    assert names == sorted(set(names))
    assert all(one.title and one.recognise for one in shipped())


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
@example("it's '''\n")
@example("a\r\nb'")
@example("\n\nx\ud800".replace("\ud800", ""))
def test_text_is_the_same_after_toml(text):
    assert tomllib.loads(f"a = {quoted(text)}\n")["a"] == text


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a.toml", "b.toml"]), st.sampled_from(["", "x = 1\n", "y = '''\n# >>> z\n'''\n"]))
    )
)
def test_what_a_command_writes_takes_the_place_of_what_it_wrote(steps):
    begun = text = '[case]\nname = "t"\n'
    last = {}
    for name, body in steps:
        text = block(text, f"vigie map use: {name}", body)
        last.pop(name, None)
        if body:
            last[name] = body
    assert text.startswith(begun)
    for name in ("a.toml", "b.toml"):
        assert text.count(f"# >>> vigie map use: {name}\n") == (name in last)
    for name in list(last):
        text = block(text, f"vigie map use: {name}", "")
    assert text == begun


def test_the_manual_names_every_function_and_its_example_reads_well():
    text = next(
        (folder / "docs" / "mapping.md").read_text()
        for folder in Path(__file__).parents
        if (folder / "docs" / "mapping.md").exists()
    )
    assert {name for name in FUNCTIONS if f"`{name}(" not in text} == set()
    assert {name for name in READ if f"`{name}`" not in text} == set()
    found = parse(text.split("```toml\n")[1].split("```")[0], "mapping.md")
    assert [one.into for one in found.rule] == ["payment", "membership", "profile"]
