"""Which accounts that nothing ties may be one person's, and why the model thinks so."""

import datetime as dt

import numpy as np
import pytest

from person_rows import DAY, FORUM, NO_COPIES, SHOP, account, bound, made, named
from vigie.kernel.table import Table, of
from vigie.rows.countries import Address, Located
from vigie.rows.people import Account, Mention, Post
from vigie.rows.roles import Activity
from vigie.steps.groups.people_persons import Persons, persons
from vigie.steps.groups.people_resemblances import Resembling, resemblances

HERE = "192.0.2.7"


def stranger(n, **given):
    """One of many that have nothing to do with each other."""
    letters = "".join("bcdfghjklmnpqrstvwxz"[n * step % 20] for step in (1, 3, 7, 9, 11, 13, 17))
    registered = DAY + dt.timedelta(days=40 * n)
    return account(1000 + n, f"{letters}{n}", f"{letters[::-1]}@example.org", registered=registered, **given)


CROWD = [stranger(n, born=f"{1960 + n % 40}-03-0{1 + n % 9}", language="en") for n in range(80)]


def came(id_, ip=HERE, day=0, platform=FORUM, **given):
    at = DAY + dt.timedelta(days=day)
    return made(Address, account=str(id_), ip=ip, platform=platform, use="login", first=at, last=at, **given)


def written(id_, value, number, **given):
    where = {"platform": SHOP, "relation": "posts", "number": number}
    return made(Post, account=str(id_), **where), made(Mention, kind="email", value=value, **where, **given)


def scored(rows, *, backwards=False, **given):
    rows = [*CROWD, *rows]
    kinds = {kind: [one for one in rows if type(one) is kind] for kind in (Account, Address, Activity, Located)}
    accounts = of(Account, kinds[Account])
    bonds = bound(rows)[1]
    aliases = persons(accounts, bonds, *NO_COPIES, Persons())[1]
    rest = (of(kind, kinds[kind]) for kind in (Activity, Address, Located))
    tables = [accounts, named(rows), bonds, aliases, *rest, *NO_COPIES]
    if backwards:
        tables = [Table(one.row, one.arrow.take(np.arange(len(one))[::-1])) for one in tables]
    return resemblances(*tables, Resembling(**given))


def pairs(rows, **given):
    return {(one.account_a, one.account_b): one for one in scored(rows, **given)[0]}


ALIKE = (
    account(1, "umbrawhistle7", "umbrawhistle@example.org", born="1977-05-04", language="sv", registered=DAY),
    account(2, "umbra_whistle", "other@example.com", SHOP, born="1977-05-04", language="sv", registered=DAY),
)


def test_a_like_name_and_birthday_is_likely_and_explained():
    kept, weighed, _ = scored(ALIKE)
    (one,) = kept
    assert (one.account_a, one.account_b, one.verdict) == ("1", "2", "likely")
    bits = {row.comparison: row for row in weighed if row.resemblance == one.key}
    assert sum(row.bits for row in bits.values()) == pytest.approx(one.weight_bits, abs=1e-9)
    assert bits["name"].bits > 5
    assert bits["born"].text == "they state the same birthday"
    assert bits["ip"].level == -1
    assert bits["ip"].bits == 0
    assert one.probability == pytest.approx(1 / (1 + 2**-one.weight_bits), abs=1e-6)


def test_what_an_exact_bond_ties_is_not_said_again():
    tied = account(2, "umbra_whistle", "umbrawhistle@example.org", SHOP, born="1977-05-04", registered=DAY)
    assert not pairs([ALIKE[0], tied])


def test_addresses_alone_are_never_likely():
    rows = [
        account(1, "qwertzui1"),
        account(2, "yxcvbnmk2"),
        *(came(n, f"192.0.2.{i}") for n in (1, 2) for i in range(5)),
    ]
    (one,) = pairs(rows, possible=0.0001, likely=0.0001).values()
    assert (one.verdict, one.by) == ("possible", "ip")


def beside_a_contact(*rows, likely):
    """What is said of two who have nothing in common but a contact that one writes, and what is given."""
    key = "spectral.meadow@example.net"
    who = [account(1, "qwertzui1", key), account(2, "yxcvbnmk2", "own@example.org", SHOP), *written(2, key, 901)]
    others = [came(1000 + n, f"203.0.{n}.5") for n in range(len(CROWD))]
    return pairs([*who, *others, *rows], likely=likely, possible=0.0)["1", "2"]


def test_a_contact_and_an_address_are_those_of_a_household():
    home = (came(1), came(2, platform=SHOP))
    far, near = beside_a_contact(likely=0.7), beside_a_contact(*home, likely=0.99)
    assert near.probability > 0.99 > far.probability
    assert near.verdict == "possible", "only the address brings it there"
    assert far.verdict == beside_a_contact(*home, likely=0.7).verdict == "likely", "the contact alone is enough"


def address_bits(*rows):
    accounts = [
        account(1, "qwertzui1"),
        account(2, "yxcvbnmk2"),
        *(account(n, f"{chr(96 + n) * 6}") for n in range(3, 9)),
    ]
    kept, weighed, _ = scored([*accounts, came(1), came(2), *rows], possible=0.0)
    (key,) = (one.key for one in kept if (one.account_a, one.account_b) == ("1", "2"))
    return next(one.bits for one in weighed if (one.resemblance, one.comparison) == (key, "ip"))


def test_an_address_among_many_in_use_is_worth_less():
    others = [came(n, f"192.0.2.{100 + n}") for n in range(3, 9)]
    elsewhere = [came(n, f"198.51.{n}.7") for n in range(3, 9)]
    assert address_bits(*others) < address_bits(*elsewhere)


@pytest.mark.parametrize(("quoted", "level"), [(False, 2), (True, 0)])
def test_a_contact_that_one_holds_and_the_other_writes_weighs_unless_it_is_quoted(quoted, level):
    key = "spectral.meadow@example.net"
    rows = [account(1, "qwertzui1", key), account(2, "yxcvbnmk2", "own@example.org", SHOP)]
    rows += [*written(2, key, 901, quoted=quoted), came(1), came(2, platform=SHOP)]
    _, weighed, _ = scored(rows, possible=0.0)
    (bits,) = (one for one in weighed if one.comparison == "mention")
    assert bits.level == level
    assert (bits.bits > 5) == (level > 0)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([came(1), came(2, day=30)], id="other days"),
        pytest.param([came(1), came(2), made(Located, ip=HERE, flags="hosting,vpn", country="")], id="a relay"),
        pytest.param([came(n) for n in range(1, 8)], id="too many behind it"),
    ],
)
def test_an_address_that_tells_nothing(rows):
    accounts = [account(n, f"{chr(96 + n) * 3}qwertz{n}") for n in range(1, 8)]
    assert not pairs([*accounts, *rows], possible=0.0)


def test_a_name_that_many_have_is_left_out_and_counted():
    rows = [account(n, f"fjordnest{n}") for n in range(1, 11)]
    kept, _, parameters = scored(rows, possible=0.0)
    assert not len(kept)
    assert {one.name: one.left for one in parameters if one.comparison == "block"}["name"] == 10


def test_all_that_scores_are_made_of_is_a_row():
    _, weighed, parameters = scored(ALIKE)
    model = {(one.comparison, one.level): one for one in parameters}
    for row in weighed:
        if row.level >= 0:
            one = model[row.comparison, row.level]
            assert row.bits == pytest.approx(np.log2(one.m / one.u), abs=0.001)
    prior = next(row for row in weighed if row.comparison == "prior")
    share = model["prior", 0].m
    assert prior.bits == pytest.approx(np.log2(share / (1 - share)), abs=0.001)


def test_nobody_is_certain():
    assert not len(scored(ALIKE, likely=1.0, possible=1.0)[0])


def test_who_scored_and_from_where_on_is_a_row():
    parameters = {(one.comparison, one.name): one for one in scored(ALIKE, likely=0.9, possible=0.2)[2]}
    assert [name for about, name in parameters if about == "scorer" and name.startswith("Splink ")]
    assert parameters["threshold", "likely"].m == 0.9
    assert parameters["threshold", "possible"].m == 0.2


def test_the_order_of_rows_changes_no_bit():
    one, other = ([sorted(map(repr, table)) for table in scored(ALIKE, backwards=turned)] for turned in (False, True))
    assert one == other
