"""Which identifiers tie accounts, and which only hint."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from person_rows import BOARD, FORUM, SHOP, account, bound, made, named, sets
from vigie.rows.people import Mention, Post, Profile

RARE, COMMON = "zephyrkolibri", "alexander"


def verdicts(rows, **given):
    return {(one.kind, one.value): one.verdict for one in bound(rows, **given)[0]}


def written(id_, number, context="mail me", value="north@example.org", platform=FORUM, **given):
    """An account that writes an address in a post."""
    where = {"platform": platform, "relation": "posts", "number": number}
    return (
        made(Post, account=str(id_), **where),
        made(Mention, kind="email", value=value, context=context, **where, **given),
    )


def test_one_mailbox_is_one_person():
    rows = [
        account(1, "ab", "north@example.org"),
        account(2, "cd", "North@example.org", SHOP),
        account(3, "ef", "x@example.org"),
    ]
    _, bonds = bound(rows)
    (bond,) = bonds
    assert (bond.strength, bond.kind, bond.value) == ("exact", "email", "north@example.org")
    assert (bond.platform_a, bond.account_a, bond.platform_b, bond.account_b) == (FORUM, "1", SHOP, "2")
    held = {one.key: one.number for one in named(rows)}
    assert (held[bond.identifier_a], held[bond.identifier_b]) == (rows[0].number, rows[1].number)
    assert bond.text == "Both hold this e-mail address (stated). 2 accounts hold it as theirs."


def test_a_mailbox_of_many_ties_nobody_and_is_listed():
    rows = [account(n, f"u{n}", "office1@example.org") for n in range(11)]
    assert verdicts(rows) == {("email", "office1@example.org"): "common"}
    assert not sets(rows)
    assert verdicts(rows[:10])["email", "office1@example.org"] == "ties"


def test_a_rare_handle_ties_across_platforms_and_a_common_one_hints():
    rows = [
        account(1, RARE),
        account(2, COMMON),
        account(1, RARE.upper(), platform=SHOP),
        account(2, COMMON, platform=SHOP),
    ]
    assert verdicts(rows) == {("handle", RARE): "ties", ("handle", COMMON): "hint"}
    assert sets(rows) == [[(FORUM, "1"), (SHOP, "1")]]


def test_how_rare_is_stated():
    shared, _ = bound([account(1, COMMON), account(2, COMMON, platform=SHOP)])
    assert 1 < shared[0].chance < 10_000
    assert "other people are expected" in shared[0].text


def test_a_handle_twice_on_one_platform_only_hints():
    rows = [account(1, RARE), account(2, RARE.title()), account(3, RARE, platform=SHOP)]
    assert verdicts(rows) == {("handle", RARE): "hint"}


def test_a_claim_ties_where_few_write_it():
    rows = [account(1, email="north@example.org"), *written(2, 1)]
    assert sets(rows) == [[(FORUM, "1"), (FORUM, "2")]]
    crowd = [one for n in range(3, 8) for one in written(n, n, "see")]
    assert not sets([*rows, *crowd])


def test_two_claims_only_hint():
    rows = [*written(1, 1), *written(2, 2, platform=SHOP)]
    (bond,) = bound(rows)[1]
    assert (bond.strength, bond.holding_a, bond.holding_b) == ("hint", "claimed", "claimed")
    assert "none of them states it" in bond.text
    assert sets([*rows, account(3, email="north@example.org")]) == [[(FORUM, "1"), (FORUM, "3"), (SHOP, "2")]]


@pytest.mark.parametrize(("context", "quoted"), [("see", False), ("mail me", True), ("her address is", False)])
def test_a_mention_only_hints(context, quoted):
    rows = [account(1, email="north@example.org"), *written(2, 1, context, quoted=quoted)]
    (bond,) = bound(rows)[1]
    assert (bond.strength, bond.holding_a) == ("hint", "stated")
    assert not sets(rows)


def test_what_many_mention_hints_at_nobody():
    rows = [one for n in range(21) for one in written(n, n, "see")]
    assert verdicts(rows) == {("email", "north@example.org"): "common"}
    assert not len(bound(rows)[1])


def test_owners_stay_tied_whatever_others_write():
    rows = [account(1, email="north@example.org"), account(2, email="north@example.org", platform=SHOP)]
    rows += [one for n in range(3, 60) for one in written(n, n, "see")]
    assert sets(rows) == [[(FORUM, "1"), (SHOP, "2")]]
    assert len(bound(rows)[1]) == 1


def test_a_phone_number_without_its_country_only_hints():
    phones = {1: "+442079460018", 2: "0044 2079460018", 3: "02079460018", 4: "020 7946 0018"}
    rows = [made(Profile, account=str(n), kind="phone", value=value) for n, value in phones.items()]
    assert verdicts(rows) == {("phone", "+442079460018"): "ties", ("phone", "02079460018"): "hint"}


def test_a_website_only_hints():
    rows = [made(Profile, account=str(n), kind="website", value="example.org") for n in (1, 2)]
    assert verdicts(rows) == {("website", "example.org"): "hint"}


NAMES = (RARE, "quillfernbank", "x7qpz3mkvv", COMMON, "john")
ROWS = st.lists(
    st.builds(
        account,
        st.integers(1, 9),
        st.sampled_from(("", *NAMES)),
        st.sampled_from(["", *(f"{c}{c}x@example.org" for c in "abcde")]),
        st.sampled_from([FORUM, SHOP, BOARD]),
    ),
    max_size=12,
)
FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def closure(bonds):
    """Connected sets, the slow way."""
    groups = []
    for one in bonds:
        if one.strength == "exact":
            new = {(one.platform_a, one.account_a), (one.platform_b, one.account_b)}
            near = [group for group in groups if group & new]
            groups = [group for group in groups if not group & new] + [new.union(*near)]
    return sorted(map(sorted, groups))


@FEW
@given(rows=ROWS, data=st.data())
def test_persons_are_the_closure_whatever_the_order(rows, data):
    expected = sets(rows)
    assert expected == closure(bound(rows)[1])
    assert sets(data.draw(st.permutations(rows))) == expected


@FEW
@given(rows=ROWS)
def test_an_unrelated_account_changes_no_bond(rows):
    stranger = account("99", "umbravestigium", "else@example.org", BOARD)
    assert sets([*rows, stranger]) == sets(rows)
