"""The shipped mapping of phpBB 3 over rows as its databases have them."""

import datetime as dt

import pytest

from people.batches import PLATFORM, read
from vigie.forums.mapping import from_json, shipped, to_json

TIME = dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def phpbb():
    return next(one for one in shipped() if one.software == "phpbb3")


def test_an_account_is_read_with_what_it_says_of_itself(phpbb):
    rows = [
        {
            "user_id": "2",
            "user_type": "3",
            "username": "amber &amp; co",
            "user_email": "north@example.org",
            "user_regdate": "1700000000",
            "user_lastvisit": "0",
            "user_ip": "::ffff:192.0.2.7",
            "user_posts": "12",
            "user_password": "$H$9x",
            "group_id": "5",
            "user_lang": "fr",
            "user_timezone": "Europe/Paris",
            "user_jabber": "north@jabber.example.org",
            "user_sig": "",
            "user_birthday": " 1- 1-1980",
        },
        {
            "user_id": "3",
            "user_type": "2",
            "username": "q7",
            "user_email": None,
            "user_regdate": "nonsense",
            "user_lastvisit": "1700000000",
            "user_ip": "",
            "user_posts": "-",
            "user_password": "",
            "group_id": "0",
            "user_lang": "",
            "user_timezone": "",
            "user_jabber": "",
            "user_sig": "x",
            "user_birthday": "",
        },
    ]
    found = read(phpbb, "forum.xyz", "forum.xyzusers", rows)
    first, second = found["account"]
    assert (first.id, first.name, first.email) == ("2", "amber & co", "north@example.org")
    assert (first.registered, first.last_seen, first.registration_ip) == (TIME, None, "192.0.2.7")
    assert (first.posts_said, first.admin, first.password, first.usergroup) == (12, True, True, "5")
    assert (first.platform, first.relation, first.number, first.place, first.part) == (
        PLATFORM,
        "forum.xyzusers",
        1,
        7,
        0,
    )
    assert (second.state, second.admin, second.password, second.email) == ("bot", None, False, "")
    assert (second.registered, second.last_seen, second.posts_said) == (None, TIME, None)
    (jabber,) = found["jabber"]
    assert (jabber.account, jabber.kind, jabber.value) == ("2", "messenger", "north@jabber.example.org")
    assert [one.account for one in found["sig"]] == ["3"]


def test_a_message_makes_a_row_for_each_that_it_went_to(phpbb):
    rows = [
        {
            "msg_id": "9",
            "root_level": "0",
            "author_id": "2",
            "message_text": "hello",
            "to_address": "u_2:u_5:g_7",
            "bcc_address": "",
            "author_ip": "203.0.113.9",
            "message_time": "1700000000",
        },
        {
            "msg_id": "10",
            "root_level": "9",
            "author_id": "5",
            "message_text": None,
            "to_address": "",
            "bcc_address": "u_8",
        },
    ]
    found = read(phpbb, "", "privmsgs", rows)
    assert [(one.message, one.account, one.part) for one in found["addressed"]] == [("9", "2", 0), ("9", "5", 1)]
    assert [(one.message, one.account) for one in found["addressed blind"]] == [("10", "8")]
    assert [(one.conversation, one.ip) for one in found["message"]] == [("9", "203.0.113.9"), ("9", "")]


def test_columns_of_one_version_only_are_neutral_in_the_other(phpbb):
    old = {"post_id": "1", "topic_id": "1", "poster_id": "2", "post_text": "x", "post_approved": "0"}
    (post,) = read(phpbb, "phpbb_", "phpbb_posts", [old])["post"]
    assert (post.state, post.edited, post.editor) == ("waiting", None, "")
    new = old | {"post_visibility": "2", "post_delete_time": "1700000000", "post_delete_user": "4"}
    del new["post_approved"]
    found = read(phpbb, "phpbb_", "phpbb_posts", [new])
    assert found["post"][0].state == "deleted"
    assert (found["deleted post"][0].account, found["deleted post"][0].at) == ("4", TIME)


def test_guests_are_nobody(phpbb):
    rows = [{"post_id": n, "poster_id": n, "post_username": "passer-by"} for n in ("1", "2")]
    assert [one.account for one in read(phpbb, "", "posts", rows)["post"]] == ["", "2"]
    rows = [{"attach_id": n, "poster_id": n} for n in ("0", "1", "2")]
    assert [one.account for one in read(phpbb, "", "attachments", rows)["attachment"]] == ["", "", "2"]


def test_who_was_refused_at_the_panel_is_no_administrator(phpbb):
    rows = [
        {"user_id": "2", "log_type": "0", "log_operation": said}
        for said in ("LOG_ADMIN_AUTH_FAIL", "LOG_ADMIN_AUTH_SUCCESS", "LOG_CONFIG_SETTINGS")
    ]
    found = read(phpbb, "", "log", rows)["log of staff"]
    assert [one.action for one in found] == ["login_failed", "admin", "admin"]


def test_profile_fields_are_read_one_by_one(phpbb):
    rows = [{"user_id": "2", "pf_phpbb_website": "http://example.org", "pf_wallet": "x", "pf_empty": ""}]
    found = read(phpbb, "phpbb_", "phpbb_profile_fields_data", rows)
    said = {(one.kind, one.name, one.value) for rows in found.values() for one in rows}
    assert said == {("website", "pf_phpbb_website", "http://example.org"), ("other", "pf_wallet", "x")}


def test_what_staff_may_do_is_told_from_its_own_tables(phpbb):
    rows = [
        {"group_id": "5", "group_name": "ADMINISTRATORS", "group_type": "3"},
        {"group_id": "9", "group_name": "ADMINISTRATORS", "group_type": "0"},
    ]
    groups = read(phpbb, "phpbb_", "phpbb_groups", rows)["group"]
    assert [(one.admin, one.moderator) for one in groups] == [(True, False), (None, None)]
    rows = [{"group_id": "5", "forum_id": "0", "auth_option_id": "0", "auth_role_id": "4", "auth_setting": "0"}]
    (grant,) = read(phpbb, "phpbb_", "phpbb_acl_groups", rows)["right of group"]
    assert (grant.usergroup, grant.section, grant.right, grant.gives) == ("5", "", "ROLE_ADMIN_FULL", "administrator")


def test_a_mapping_is_repeated_from_its_json():
    for one in shipped():
        assert from_json(to_json(one)) == one
        assert to_json(from_json(to_json(one))) == to_json(one)


@pytest.mark.parametrize(
    ("software", "row", "state", "technical"),
    [
        (
            "phpbb3",
            {"user_id": "1", "user_type": "2"},
            "guest",
            "it stands for guests (user_type 2, user_id 1)",
        ),
        ("phpbb3", {"user_id": "7", "user_type": "2"}, "bot", "a program (user_type 2)"),
        ("phpbb3", {"user_id": "1", "user_type": "3"}, "", ""),
        ("phpbb3", {"user_id": "8", "user_type": "0", "username": "Google [Bot]"}, "", ""),
        ("discourse", {"id": "-1", "username": "system"}, "bot", "the software itself (id below 1)"),
        ("discourse", {"id": "1", "username": "system"}, "", ""),
    ],
)
def test_technical_accounts_are_told_by_the_platforms_tables_and_never_by_name(software, row, state, technical):
    mapping = next(one for one in shipped() if one.software == software)
    columns = ["user_id", "user_type", "username"] if software == "phpbb3" else ["id", "username"]
    (account,) = read(mapping, "", "users", [row], columns)["account"]
    assert account.technical == technical
    assert not technical or account.state == state
