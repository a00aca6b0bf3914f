"""Roles: what the platform's own tables say, and beside it what behaviour suggests."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from person_rows import DAY, made
from vigie.kernel.stage import STAGES
from vigie.kernel.table import of
from vigie.rows.copies import Extent
from vigie.rows.people import (
    Account,
    Attachment,
    Event,
    Grant,
    Membership,
    Moderation,
    Payment,
    Post,
    Section,
    Topic,
    Usergroup,
)
from vigie.steps.artefacts.people_activity import Numbers, activity
from vigie.steps.groups.people_roles import Signs, roles

WEEK = dt.timedelta(days=7)
GROUPS = [
    made(Usergroup, id="5", name="ADMINISTRATORS", admin=True),
    made(Usergroup, id="2", name="REGISTERED", admin=False),
    made(Usergroup, id="8", name="VIP members"),
    made(Usergroup, id="9", name="Upgraded", paying=True),
]


def extent(into, state="whole", **given):
    return made(Extent, **{"into": into, "state": state, "relation": into, **given})


WHOLE = [extent("account"), extent("", relation="")]


def found(*rows, **params):
    """Roles by (account, role, basis) of these rows of any type; activity is counted from them."""

    def tables(stage):
        reads = STAGES[stage.__name__].reads.items()
        return {name: of(kind, [one for one in rows if type(one) is kind]) for name, kind in reads}

    did = activity(**tables(activity), params=Numbers())
    made_roles = roles(**(tables(roles) | {"activities": did}), params=Signs(**params))
    return {(one.account, one.role, one.basis): one for one in made_roles}


def kinds(*rows, **params):
    return set(found(*rows, **params))


def accounts(*ids):
    return [made(Account, id=str(one), name=f"u{one}") for one in ids]


def test_the_platforms_own_marks_and_groups_are_facts():
    rows = [
        *GROUPS,
        made(Account, id="1", admin=True, moderator=False),
        made(Account, id="2", usergroup="5"),
        made(Account, id="3"),
        made(Membership, account="3", usergroup="5", leader=True),
        made(Membership, account="3", usergroup="9"),
        made(Account, id="4"),
        made(Membership, account="4", usergroup="5", pending=True),
        made(Membership, account="4", usergroup="2"),
    ]
    what = found(*rows)
    assert {one for one in what if one[2] == "fact"} == {
        ("1", "administrator", "fact"),
        ("2", "administrator", "fact"),
        ("3", "administrator", "fact"),
        ("3", "paying", "fact"),
    }
    assert what["1", "administrator", "fact"].reason == "Its row marks it as administrator."
    three = what["3", "administrator", "fact"]
    assert three.reason == "It is a leader of group 5 ADMINISTRATORS, which makes administrators."
    assert (three.membership, three.usergroup) == (rows[7].key, GROUPS[0].key)
    assert ("4", "reader", "inference") in what, "who only asked to be let in is none"


def test_rights_given_to_accounts_and_to_groups_are_facts():
    rows = [
        *GROUPS,
        *accounts(1, 2),
        made(Section, id="7", name="Lakes"),
        made(Grant, account="1", section="7", right="m_delete", gives="moderator"),
        made(Grant, usergroup="2", right="ROLE_MOD_FULL", gives="moderator"),
        made(Grant, usergroup="2", right="u_post", gives=""),
        made(Membership, account="2", usergroup="2"),
    ]
    what = found(*rows)
    assert what["1", "moderator", "fact"].reason == "It has the right m_delete in section 7 Lakes."
    assert what["1", "moderator", "fact"].granted == rows[7].key
    two = what["2", "moderator", "fact"]
    assert two.reason == "It is in group 2 REGISTERED, which has the right ROLE_MOD_FULL everywhere."
    assert (two.granted, two.membership) == (rows[8].key, rows[10].key)


def test_a_right_that_ran_out_is_a_fact_that_ended():
    rows = [
        *GROUPS,
        *accounts(1, 2),
        made(Membership, account="1", usergroup="9", until=DAY + WEEK),
        made(Membership, account="2", usergroup="9", until=DAY + 9 * WEEK),
        made(Event, account="2", at=DAY + 5 * WEEK),
    ]
    what = found(*rows)
    assert what["1", "paying", "fact"].ended == DAY + WEEK
    assert what["2", "paying", "fact"].ended is None


def test_a_former_administrator_comes_out_of_the_log_as_an_inference():
    log = [made(Event, account="1", action="admin", at=DAY + n * WEEK) for n in range(3)]
    what = found(*accounts(1), *log)
    assert set(what) == {("1", "administrator", "inference")}
    one = found(*WHOLE, *accounts(1), *log)["1", "administrator", "inference"]
    assert one.reason == (
        "3 rows of the administrators' log stand under its name, from 2020-01-01 to 2020-01-15. No table of rights says"
        " so (any more)."
    )
    assert (one.event, one.score) == (log[0].key, 0.95)
    gone = found(*WHOLE, *log)["1", "administrator", "inference"]
    assert gone.reason.endswith("Its account is gone: the table of accounts was read whole.")
    assert gone.account_row is None


@pytest.mark.parametrize(
    ("extents", "said"),
    [
        ([extent("account", "cut")], "Its account was not read: the table of accounts is not known to be whole. Cut."),
        ([extent("account", "cut", upto=9)], "Its account is gone: the accounts were read up to number 9"),
        ([extent("post")], "there is no table of accounts in the dump that was read. Cut."),
    ],
)
def test_who_may_stand_behind_a_cut_is_not_said_to_be_gone(extents, said):
    log = [made(Event, account="7", action="admin", at=DAY + n * WEEK) for n in range(3)]
    dump = extent("", "cut", relation="", text="Cut.")
    reason = found(dump, *extents, *log)["7", "administrator", "inference"].reason
    assert said in reason
    assert "not all of them are known to be whole" in reason


def test_fact_and_inference_stand_side_by_side():
    rows = [made(Account, id="1", admin=True), made(Event, account="1", action="admin", at=DAY)]
    what = found(*rows)
    assert set(what) == {("1", "administrator", "fact"), ("1", "administrator", "inference")}
    assert what["1", "administrator", "inference"].reason.endswith("The platform's tables of rights say so too.")


def test_a_ban_that_the_administrators_log_holds_is_moderation():
    rows = [
        *accounts(1),
        made(Event, account="1", action="admin", at=DAY),
        *(made(Moderation, account="1", action="ban", target="2", at=DAY + n * WEEK) for n in range(3)),
    ]
    assert kinds(*rows) == {("1", "moderator", "inference")}


@pytest.mark.parametrize(("acts", "target", "says"), [(2, "9", False), (3, "9", True), (30, "1", False)])
def test_moderation_counts_when_it_is_about_others(acts, target, says):
    rows = [*accounts(1), *(made(Moderation, account="1", target=target) for _ in range(acts))]
    assert (("1", "moderator", "inference") in kinds(*rows)) is says


def test_editing_posts_of_others_and_writing_where_only_staff_does():
    rows = [
        *(made(Account, id=str(one), moderator=True) for one in (1, 2, 3, 4)),
        *accounts(5, 6),
        *(made(Topic, id=f"{who}", section="7", account=str(who)) for who in (1, 2, 3, 4)),
        *(made(Post, topic="1", section="7", account="5") for _ in range(3)),
        *(made(Post, topic="1", section="7", account=str(who)) for who in (1, 2, 3, 4)),
        *(made(Post, section="8", account="1", editor="6") for _ in range(3)),
    ]
    what = found(*rows)
    assert what["5", "moderator", "inference"].reason.startswith(
        "It wrote 3 posts where only staff writes (section 7)."
    )
    assert what["6", "moderator", "inference"].reason.startswith("It was the last to edit 3 posts of others.")


OWN = [*(made(Post, id="7", account=str(who)) for who in (1, 2)), made(Topic, id="8", account="1")]


@pytest.mark.parametrize(
    ("act", "says"),
    [({"post": "7"}, False), ({"topic": "8"}, False), ({"post": "9", "topic": "8"}, True), ({}, True)],
)
def test_acts_on_ones_own_posts_and_topics_are_no_moderation(act, says):
    """XenForo's history of edits has every member's own ones, and names nobody."""
    rows = [*accounts(1), *OWN, *(made(Moderation, account="1", action="edit", **act) for _ in range(3))]
    assert (("1", "moderator", "inference") in kinds(*rows)) is says


@pytest.mark.parametrize("writers", [110, 120])
def test_what_many_members_do_makes_none_of_them_staff(writers):
    rows = [
        *(made(Post, account=str(who)) for who in range(1, writers + 1)),
        *(made(Moderation, account=str(who), target="900") for who in range(1, 13) for _ in range(3)),
    ]
    said = {one for one in kinds(*rows) if one[1] == "moderator"}
    assert len(said) == (0 if writers == 110 else 12)


def test_programs_have_no_role_by_what_they_do():
    rows = [made(Account, id="1", state="bot"), *(made(Moderation, account="1", target="2") for _ in range(9))]
    assert not {one for one in kinds(*rows) if one[1] == "moderator"}


def test_what_is_nobodys_by_the_platforms_tables_is_a_fact_and_has_no_role_by_what_it_does():
    rows = [
        made(Account, id="1", technical="it stands for guests"),
        made(Account, id="2", technical="a program"),
        *(made(Moderation, account="2", target="3") for _ in range(9)),
        made(Post, account="2", id="7"),
        made(Account, id="3"),
    ]
    said = found(*rows)
    assert {one for one in said if one[0] in ("1", "2")} == {("1", "technical", "fact"), ("2", "technical", "fact")}
    assert said["1", "technical", "fact"].reason == (
        "The platform's own tables say that it is nobody's: it stands for guests."
    )
    assert "And yet 1 posts" in said["2", "technical", "fact"].reason
    assert said["1", "technical", "fact"].account_row == rows[0].key
    assert ("3", "reader", "inference") in said


def test_an_account_of_which_one_row_says_otherwise_is_somebodys():
    rows = [made(Account, id="1", technical="a program"), made(Account, id="1")]
    assert kinds(*rows) == {("1", "reader", "inference")}


def test_payments_out_and_in():
    rows = [
        *accounts(1, 2, 3),
        made(Payment, account="1", direction="out", at=DAY),
        made(Payment, account="2", direction="in", status="Cancelled"),
        made(Payment, account="3", direction="in", status="completed"),
    ]
    assert kinds(*rows) == {
        ("1", "reader", "inference"),
        ("2", "reader", "inference"),
        ("3", "paying", "inference"),
    }, "whom the platform paid is not who runs it"


def test_who_was_paid_and_put_files_there_is_an_uploader():
    rows = [
        *accounts(1, 2),
        *(made(Attachment, account=str(who)) for who in (1, 2)),
        *(made(Post, account=str(who)) for who in (1, 2) for _ in range(9)),
        made(Payment, account="1", direction="out", at=DAY),
        made(Payment, account="2", direction="out", status="failed"),
    ]
    what = found(*rows)
    assert {one for one in what if one[1] == "uploader"} == {("1", "uploader", "inference")}
    assert what["1", "uploader", "inference"].payment == rows[-2].key


def test_a_group_that_sounds_like_it_is_an_inference():
    rows = [*GROUPS, *accounts(1), made(Membership, account="1", usergroup="8")]
    one = found(*rows)["1", "paying", "inference"]
    assert one.reason == "It is in group 8 VIP members, whose name sounds as if one paid to be in it."
    assert (one.membership, one.usergroup) == (rows[-1].key, GROUPS[2].key)


def test_uploaders_put_more_files_than_others_do():
    rows = [
        *accounts(1, 2, 3),
        *(made(Attachment, account="1") for _ in range(3)),
        *(made(Post, account="1") for _ in range(4)),
        *(made(Attachment, account="2") for _ in range(3)),
        *(made(Post, account="2") for _ in range(300)),
        *(made(Attachment, account="3") for _ in range(12)),
        *(made(Post, account="3") for _ in range(700)),
    ]
    what = kinds(*rows)
    assert ("1", "uploader", "inference") in what, "as dense as nobody else"
    assert ("2", "uploader", "inference") not in what
    assert ("3", "uploader", "inference") in what, "many"


def test_who_has_no_other_role_is_member_or_reader():
    what = found(*accounts(1, 2), made(Post, account="1"), made(Event, account="2", at=DAY))
    assert set(what) == {("1", "member", "inference"), ("2", "reader", "inference")}
    assert what["2", "reader", "inference"].reason == "It wrote nothing; it was seen on 1 days."


FACTS = st.lists(
    st.sampled_from(
        [
            made(Account, id="1", admin=True),
            made(Account, id="2", moderator=True, usergroup="5"),
            made(Account, id="3", usergroup="8"),
            made(Membership, account="3", usergroup="5"),
            made(Membership, account="4", usergroup="9", pending=True),
            made(Grant, account="4", right="m_", gives="moderator"),
            made(Grant, usergroup="2", right="a_", gives="administrator"),
            made(Grant, usergroup="77", right="a_", gives="administrator"),
            made(Membership, account="0", usergroup="5"),
            made(Moderation, account="2", target="1"),
            made(Event, account="4", action="admin"),
            *GROUPS,
        ]
    ),
    unique_by=lambda row: row.key,
)


@settings(max_examples=5, deadline=None)
@given(FACTS)
def test_no_fact_without_a_source_row_and_none_twice(rows):
    keys = {row.key for row in rows}
    sources = ["account_row", "membership", "usergroup", "granted"]
    for one in found(*rows).values():
        named = {getattr(one, name) for name in sources} - {None}
        assert named <= keys
        if one.basis == "fact":
            assert named & {row.key for row in rows if type(row) in (Account, Membership, Grant)}
            assert one.score == 1
        else:
            assert one.activity is not None
            assert 0 < one.score <= 1
