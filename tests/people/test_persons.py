"""Persons and the accounts in them."""

from person_rows import FORUM, NO_COPIES, SHOP, account, bound
from vigie.kernel.table import of
from vigie.rows.people import Account
from vigie.steps.groups.people_persons import Persons, persons


def test_a_chain_is_one_person_and_says_what_holds_it():
    rows = [
        account(1, "amber", "north@example.org"),
        account(2, "zephyrkolibri", "north@example.org"),
        account(7, "ZephyrKolibri", "south@example.org", SHOP),
        account(8, "else", "east@example.org", SHOP),
    ]
    people, aliases = persons(of(Account, rows), bound(rows)[1], *NO_COPIES, Persons())
    (person,) = people
    assert (person.platform, person.account, person.accounts, person.platforms, person.bonds) == (FORUM, "1", 3, 2, 2)
    assert person.kinds == "email, handle"
    assert person.handles == "ZephyrKolibri, amber, zephyrkolibri"
    assert not person.doubt
    bonds = {one.key: one for one in bound(rows)[1]}
    assert all(one.account in (bonds[one.bond].account_a, bonds[one.bond].account_b) for one in aliases)
    assert sorted((one.account, one.name, one.person) for one in aliases) == [
        ("1", "amber", person.key), ("2", "zephyrkolibri", person.key), ("7", "ZephyrKolibri", person.key),
    ]  # fmt: skip


def test_a_large_one_is_doubted_and_not_cut():
    rows = [account(n, f"u{n}", "north@example.org") for n in range(1, 5)]
    (person,) = persons(of(Account, rows), bound(rows)[1], *NO_COPIES, Persons(largest=3))[0]
    assert person.accounts == 4
    assert "4 accounts" in person.doubt
