"""Recognition: whose software the tables of a dump are, whatever their prefix, and what each column is read as."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from people.schemas import SCHEMAS, tables
from vigie.forums.mapping import from_json, parse, shipped
from vigie.forums.reading import readings
from vigie.forums.recognising import candidates, recognised
from vigie.kernel.table import of
from vigie.rows.artefacts import Bundle, Field, File, Relation
from vigie.steps.artefacts.people_platforms import Given, Platforms, platforms

THRESHOLD = Platforms().threshold
SIBLINGS = {frozenset({"xenforo1", "xenforo2"}), frozenset({"vbulletin", "vbulletin5"})}
DUMP = bytes([1]) * 32
SHOP = """
software = "shop"
[[rule]]
name = "order"
table = "orders"
into = "payment"
[rule.fields]
id = "no"
account = "buyer"
at = "unix(placed)"
amount = "eur"
currency = "'EUR'"
"""
PREFIXES = st.from_regex(r"([a-z]{1,6}\.)?([a-zA-Z0-9_]{0,8}_)?", fullmatch=True)


MEMBERS = """
software = "members"
[[rule]]
name = "member"
table = "table"
into = "account"
[rule.fields]
id = "member_no"
name = "nick"
email = "mail"
last_ip = "last_ip"
"""
ENTRIES = """
software = "entries"
[[rule]]
name = "entry"
table = "table"
into = "post"
[rule.fields]
id = "entry_no"
account = "member_no"
text = "body"
"""


def dump(named, content=DUMP, dialect="mysql"):
    """Return the tables ``relation`` and ``field`` of one dump."""
    counts = {"dialect": dialect, "place": 0, "again": 0, "rows": 5, "misfits": 0, "said_next": 0, "extent": "whole"}
    relations = [Relation.make(content=content, name=name, fields=len(cols), **counts) for name, cols in named.items()]
    fields = [
        Field.make(content=content, relation=name, number=number, name=column, type="text")
        for name, columns in named.items()
        for number, column in enumerate(columns)
    ]
    return of(Relation, relations), of(Field, fields)


def run(named, *mappings, content=DUMP, dialect="mysql"):
    params = Platforms(mappings=tuple(Given(name=f"{n}.toml", text=text) for n, text in enumerate(mappings)))
    found, mapped = platforms(*dump(named, content, dialect), of(File), of(Bundle), params)
    return found.rows(), mapped.rows()


@pytest.mark.parametrize("software", SCHEMAS)
@settings(max_examples=8, deadline=None)
@given(prefix=PREFIXES, capitals=st.booleans())
def test_a_software_is_recognised_with_any_prefix_and_as_no_other(software, prefix, capitals):
    named = tables(software, prefix)
    if capitals:
        named = {name.upper(): [column.upper() for column in columns] for name, columns in named.items()}
        prefix = prefix.upper()
    (found,) = recognised([], shipped(), named, THRESHOLD)
    assert (found.mapping.software, found.prefix, found.score) == (software, prefix, 1.0)


@pytest.mark.parametrize("software", SCHEMAS)
def test_the_threshold_stands_between_a_part_of_the_one_and_the_whole_of_another(software):
    for mapping in shipped():
        best = max((one.score for one in candidates(mapping, tables(software))), default=0)
        if mapping.software == software:
            assert best == 1.0
            accounts = next(iter(mapping.recognise))
            alone = {accounts: tables(software)[accounts]}
            assert max(one.score for one in candidates(mapping, alone)) >= 0.21 > THRESHOLD
        elif frozenset({software, mapping.software}) not in SIBLINGS:
            assert best <= 0.08 < THRESHOLD


def test_tables_that_anybody_may_have_tell_nothing():
    named = {"users": ["id", "username", "email"], "posts": ["id", "user_id", "topic_id"], "topics": ["id", "title"]}
    assert recognised([], shipped(), named, THRESHOLD) == []
    found, mapped = run(named)
    assert not found
    assert {(one.relation, one.column) for one in mapped} == {(t, c) for t, cols in named.items() for c in cols}
    assert all((one.platform, one.rule, one.into, one.field) == (b"", "", "", "") for one in mapped)


def test_several_platforms_lie_in_one_dump():
    named = tables("phpbb3", "a.phpbb_") | tables("mybb", "b.mybb_") | tables("phpbb3", "old_") | {"notes": ["x"]}
    found, mapped = run(named)
    assert {(one.software, one.prefix) for one in found} == {
        ("phpbb3", "a.phpbb_"),
        ("mybb", "b.mybb_"),
        ("phpbb3", "old_"),
    }
    read = {one.relation for one in mapped if one.into}
    assert {"a.phpbb_users", "b.mybb_users", "old_users"} <= read
    assert [(one.relation, one.column) for one in mapped if one.relation == "notes"] == [("notes", "x")]


def test_every_column_is_said_to_be_read_or_not():
    named = tables("phpbb3", "x_")
    (found,), mapped = run(named)
    assert {(one.relation, one.column) for one in mapped} == {(t, c) for t, cols in named.items() for c in cols}
    said = {(one.column, one.into, one.field) for one in mapped if one.relation == "x_users" and one.into}
    assert {("user_id", "account", "id"), ("user_ip", "account", "registration_ip")} <= said
    assert ("user_sig", "profile", "where") in said
    assert {one.platform for one in mapped if one.into} == {found.key}
    assert any(one.column == "user_actkey" and not one.into for one in mapped)


def test_the_platform_keeps_all_that_is_needed_to_read_it_again():
    named = tables("discourse", "public.")
    (found,), _ = run(named)
    again = readings(from_json(found.mapping), found.prefix, named, found.key)
    first = readings(next(one for one in shipped() if one.software == "discourse"), "public.", named, found.key)
    assert [(one.relation, one.wanted) for one in again] == [(one.relation, one.wanted) for one in first]


def test_what_is_missing_and_what_comes_next_is_said():
    named = {name: columns for name, columns in tables("xenforo2", "xf_").items() if name in ("xf_user", "xf_post")}
    (found,), _ = run(named)
    assert found.software == "xenforo1"
    assert "conversation_master" in found.missing
    assert "next to it: xenforo2 (0.35)" in found.missing


def test_a_mapping_of_the_user_wins_for_the_tables_it_names():
    own = """
        software = "mine"
        [[rule]]
        name = "people"
        table = "users"
        into = "account"
        [rule.fields]
        id = "username_clean"
    """
    named = tables("phpbb3", "phpbb_") | {"phpbb_orders": ["no", "buyer", "placed", "eur"]}
    (found,), mapped = run(named, own, SHOP)
    assert (found.software, found.title, found.score) == ("phpbb3", "phpBB 3, with 0.toml, 1.toml", 1.0)
    into = {(one.relation, one.column): one.into for one in mapped if one.field == "id"}
    assert into[("phpbb_users", "username_clean")] == "account"
    assert ("phpbb_users", "user_id") not in into
    assert into[("phpbb_orders", "no")] == "payment"
    assert into[("phpbb_posts", "post_id")] == "post"


def test_a_mapping_with_whole_names_takes_its_tables_from_the_shipped_one():
    own = SHOP.replace('"orders"', '"phpbb_log"').replace('"no"', '"log_id"').replace('"buyer"', '"user_id"')
    own = own.replace('"unix(placed)"', '"unix(log_time)"').replace('"eur"', '"log_data"')
    found, mapped = run(tables("phpbb3", "phpbb_"), own)
    assert {(one.software, one.prefix) for one in found} == {("shop", ""), ("phpbb3", "phpbb_")}
    assert {one.into for one in mapped if one.relation == "phpbb_log" and one.into} == {"payment"}


def test_a_hostile_dump_costs_little_and_says_no_more_than_fits():
    named = {f"{'x' * (n % 50)}{n}posts": ["pid"] * 3 for n in range(3000)} | {"ßposts": ["pid", "İ"], "": []}
    found, mapped = run(named)
    assert not found
    assert len(mapped) == len({(one.relation, one.column) for one in mapped})
    many = 'software = "m"\n' + "".join(
        f'[[rule]]\nname = "r{n}"\ntable = "t{n}"\ninto = "profile"\n[rule.fields]\naccount = "c{n}"\n'
        for n in range(300)
    )
    (found,), _ = run({f"t{n}": [f"c{n}"] for n in range(100)}, many)
    assert "and 160 more" in found.missing


def test_two_mappings_for_one_table_the_first_wins():
    second = (
        SHOP.replace('into = "payment"', 'into = "event"')
        .replace('id = "no"\n', "")
        .replace('amount = "eur"\ncurrency = "\'EUR\'"\n', "action = \"'pay'\"\n")
    )
    parse(second, "second.toml")
    _, mapped = run({"orders": ["no", "buyer", "placed", "eur"]}, SHOP, second)
    assert {one.into for one in mapped} == {"payment"}


@pytest.mark.parametrize("order", [(MEMBERS, ENTRIES), (ENTRIES, MEMBERS)])
@pytest.mark.parametrize("dialect", ["delimited", "json", "sqlite"])
def test_of_two_mappings_for_tables_of_one_name_that_reads_which_fits_better(order, dialect):
    """Every text is one table called ``table``: rows of one export are not read as those of another."""
    (found,), mapped = run({"table": ["entry_no", "member_no", "posted_at", "body"]}, *order, dialect=dialect)
    assert {one.into for one in mapped} == {"post", ""}
    assert (found.software, found.title) == ("entries", "entries")


@pytest.mark.parametrize("dialect", ["delimited", "json"])
def test_a_text_is_not_read_by_a_mapping_of_which_it_has_a_part(dialect):
    found, mapped = run({"table": ["entry_no", "member_no", "posted_at", "body"]}, MEMBERS, dialect=dialect)
    assert not found
    assert {one.into for one in mapped} == {""}


def test_a_mapping_of_the_user_does_not_win_where_it_hardly_fits():
    """A shop with a table of users of its own, beside a phpBB whose users have a few columns of the same names."""
    own = (
        SHOP
        + """
[[rule]]
name = "people"
table = "users"
into = "account"
[rule.fields]
id = "user_id"
name = "username"
email = "user_email"
"""
    )
    shop = {"orders": ["no", "buyer", "placed", "eur"], "users": ["user_id", "username", "user_email"]}
    found, mapped = run(shop | tables("phpbb3", "phpbb_"), own)
    assert {(one.software, one.prefix) for one in found} == {("shop", ""), ("phpbb3", "phpbb_")}
    assert any(one.relation == "phpbb_users" and one.column == "user_ip" and one.into for one in mapped)
