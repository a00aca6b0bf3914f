"""One platform at two dates: recognised by its accounts, counted once, and what was deleted between is not lost."""

import collections
import datetime as dt

import msgspec
import pytest

import vigie.steps
from person_rows import BOARD, DAY, FORUM, SHOP, made
from vigie.kernel.engine import whole
from vigie.kernel.stage import STAGES
from vigie.kernel.table import look, of
from vigie.rows.artefacts import File, Relation
from vigie.rows.copies import Layer, Remnant
from vigie.rows.countries import Address
from vigie.rows.groups import Group, Member
from vigie.rows.people import (
    READ,
    Account,
    Attachment,
    Event,
    Membership,
    Mention,
    Message,
    Platform,
    Post,
    Profile,
    Taken,
    Topic,
    Usergroup,
)
from vigie.rows.persons import Bond, Identifier, Person
from vigie.rows.roles import Activity, Role
from vigie.rows.uploads import Producer, Uploader
from vigie.steps import copied
from vigie.steps.artefacts.people_copies import Copies, copies

vigie.steps.load()
HOUR = dt.timedelta(hours=1)
OLD, NEW = FORUM, SHOP  # of one software; BOARD is another forum of it


def platform(key, content, software="phpbb3", prefix="phpbb_"):
    one = made(Platform, content=content * 32, prefix=prefix, software=software, mapping="{}")
    return type(one)(**{**{n: getattr(one, n) for n in one.__struct_fields__}, "key": key})


READ_TYPES = frozenset(READ.values())
PLATFORMS = [platform(OLD, b"o"), platform(NEW, b"n"), platform(BOARD, b"b")]


def compared(rows, platforms=PLATFORMS, **params):
    """Copies, layers and remnants of these rows; their tables were read whole where ``rows`` say nothing else."""
    return everything(rows, platforms, **params)[1:]


def everything(rows, platforms=PLATFORMS, **params):
    reads = STAGES["copies"].reads.items()
    rows = [*rows, *_taken(rows), *_relations(rows, platforms), *platforms]
    return copies(**{n: of(kind, [x for x in rows if type(x) is kind]) for n, kind in reads}, params=Copies(**params))


def _taken(rows):
    held = collections.Counter((x.platform, x.relation, x.rule, type(x).table()) for x in rows if type(x) in READ_TYPES)
    return [
        made(Taken, platform=p, relation=r, rule=u, into=into, made=n, read=n) for (p, r, u, into), n in held.items()
    ]


def _relations(rows, platforms):
    content = {x.key: x.content for x in platforms}
    said = {(x.content, x.name) for x in rows if type(x) is Relation}
    held = collections.Counter((content[x.platform], x.relation) for x in rows if type(x) in READ_TYPES)
    return [relation(c, name, rows=n) for (c, name), n in held.items() if (c, name) not in said]


def relation(content, name, **given):
    plain = {"place": 0, "again": 0, "fields": 1, "rows": 0, "misfits": 0, "said_next": 0, "extent": "whole"}
    return Relation.make(content=content, name=name, dialect="mysql", **{**plain, **given})


def members(platform, many=20, start=DAY):
    return [
        made(Account, platform=platform, id=str(n), name=f"name{n}", registered=start + n * HOUR)
        for n in range(1, many + 1)
    ]


def post(platform, number, account="1", text="", at=None):
    return made(Post, platform=platform, id=str(number), account=account, text=text, at=at or DAY + number * HOUR)


def counted(rows, kind, chosen=copied.one_of_each, **params):
    _, layers, remnants = compared(rows, **params)
    table = of(kind, [x for x in rows if type(x) is kind])
    return look("select * from x order by platform, relation, number", **chosen(layers, remnants, x=table))


def test_two_dates_of_one_platform_are_told_and_the_later_is_known():
    rows = [*members(OLD), *members(NEW, 25), post(OLD, 1), post(NEW, 1), post(NEW, 100)]
    rows += members(BOARD, start=DAY + 5000 * HOUR)  # the same numbers, and other people
    told, _, _ = compared(rows)
    verdicts = {(x.platform, x.later): (x.verdict, x.counts_as, x.shared, x.same, x.renamed) for x in told}
    assert verdicts[OLD, NEW] == ("copy", NEW, 20, 20, 0)
    assert verdicts[NEW, BOARD] == ("apart", NEW, 20, 0, 0)
    assert verdicts[OLD, BOARD] == ("apart", NEW, 20, 0, 0)
    assert "another account on each" in next(x.text for x in told if x.later == BOARD)


@pytest.mark.parametrize(
    ("older", "newer", "why"),
    [
        (members(OLD, 4), members(NEW, 4), "fewer than 5"),
        (members(OLD, 20), [*members(NEW, 10), *members(NEW, 20, DAY + HOUR)[10:]], "less than 90%"),
        (members(OLD, 20), members(NEW, 30)[11:], "less than 50%"),
        (members(OLD), members(NEW), ""),
    ],
)
def test_in_doubt_they_stay_apart_and_it_is_said_why(older, newer, why):
    (told,), layers, remnants = (list(x) for x in compared([*older, *newer]))
    assert (told.verdict == "apart") == bool(why)
    assert why in told.text
    assert bool(layers) == (not why)
    assert not remnants


def nameless(platform, many, **given):
    """Accounts of a platform that keeps no moments of registration."""
    return [made(Account, platform=platform, id=str(n), **{"name": f"n{n}", **given}) for n in range(1, many + 1)]


@pytest.mark.parametrize(
    ("older", "newer", "verdict", "why"),
    [
        (nameless(OLD, 9), nameless(NEW, 9), "apart", "too little else"),
        (nameless(OLD, 30), nameless(NEW, 40), "copy", "by names and addresses"),
        (nameless(OLD, 30, name="", email="a@example.org"), nameless(NEW, 40), "apart", "too little else"),
        (nameless(OLD, 30, name="x"), nameless(NEW, 40), "apart", "less than 90% of the names"),
        (nameless(OLD, 30, name="x", email="a@example.org"), nameless(NEW, 40, email="A@example.org"), "copy", "names"),
        (nameless(OLD, 30), nameless(NEW, 40, state="bot"), "apart", "too little else"),
        (nameless(OLD, 30), nameless(NEW, 90)[28:], "apart", "too little else"),
    ],
)
def test_without_times_of_registration_names_and_addresses_are_asked(older, newer, verdict, why):
    told = list(compared([*older, *newer])[0])
    assert [x.verdict for x in told] in ([verdict], [])
    assert verdict == "apart" or "would look the same" in told[0].text
    assert not told or why in told[0].text


def test_without_accounts_what_was_written_is_asked():
    posts = [post(p, n) for p, many in ((OLD, 30), (NEW, 60)) for n in range(1, many + 1)]
    (told,) = compared(posts)[0]
    assert (told.verdict, told.later, told.things, told.things_same) == ("copy", NEW, 30, 30)
    other = [post(OLD, n) for n in range(1, 31)] + [post(NEW, n, at=DAY + n * 7 * HOUR) for n in range(1, 61)]
    (told,) = compared(other)[0]
    assert told.verdict == "apart"
    assert "30 of 30 things written under the same numbers are others" in told.text


def test_where_posts_have_no_moments_their_texts_are_asked():
    def written(text):
        return [
            made(Post, platform=p, id=str(n), account="1", text=f"{text if p == OLD else 'text'} {n}")
            for p in (OLD, NEW) for n in range(1, 31)
        ]  # fmt: skip

    assert [(x.verdict, x.things_same) for x in compared(written("text"))[0]] == [("copy", 30)]
    assert [(x.verdict, x.things_same) for x in compared(written("other"))[0]] == [("apart", 0)]


def test_a_forum_that_took_over_the_members_of_another_is_none_of_its_dates():
    rows = [*members(OLD, 30), *members(NEW, 40), *(post(OLD, n) for n in range(1, 41))]
    own = [post(NEW, n, at=DAY + (9000 + n) * HOUR) for n in range(1, 41)]
    (told,), layers, _ = compared([*rows, *own])
    assert (told.verdict, told.same, told.things, told.things_same) == ("apart", 30, 40, 0)
    assert "did one take over members?" in told.text
    assert not len(layers)
    numbered_on = [post(NEW, 1000 + n, at=DAY + (9000 + n) * HOUR) for n in range(1, 41)]
    (told,), layers, _ = compared([*rows, *numbered_on])
    assert told.verdict == "apart"
    assert "not decided: 40 and 40 posts, and hardly a number of them is on both" in told.text
    (told,), _, _ = compared(rows)
    assert told.verdict == "copy"
    assert "a forum that took over another's members would look the same" in told.text


def seen(platform, hours, many=20):
    """Members who were there last so many hours after the first day."""
    return [type(x)(**{**{n: getattr(x, n) for n in x.__struct_fields__}, "last_seen": DAY + hours * HOUR})
            for x in members(platform, many)]  # fmt: skip


def test_the_later_is_told_by_what_a_cut_leaves():
    """By its last moments OLD would be the later: of NEW the posts are missing that say how far it goes."""
    posts = [post(OLD, n, at=DAY + (500 + n) * HOUR) for n in range(1, 41)]
    counters = [relation(b"o" * 32, "phpbb_posts", said_next=41), relation(b"n" * 32, "phpbb_posts", said_next=90)]
    cut = relation(b"n" * 32, "account", rows=12, extent="cut")
    (told,) = compared([*seen(OLD, 90), *seen(NEW, 90, 12), *posts, *counters, cut])[0]
    assert (told.verdict, told.later, told.dated_by) == ("copy", NEW, "counters")
    (told,) = compared([*seen(OLD, 90), *seen(NEW, 99, 12), *posts, cut])[0]
    assert (told.later, told.dated_by) == (NEW, "moments")
    assert "12 of the same accounts" in told.text
    (told,), layers, remnants = compared([*seen(OLD, 90), *seen(NEW, 90, 12), *posts, cut])
    assert (told.later, told.dated_by) == (OLD, "unknown")
    assert "the one that ends earlier is cut off" in told.text
    assert {x.later_read for x in layers if not x.alone} == {"unordered"}
    assert not len(remnants)  # all that NEW has OLD has, too


def test_what_ends_later_is_later_whatever_was_cut_off_of_it():
    cut = relation(b"n" * 32, "account", rows=12, extent="cut")
    posts = [post(NEW, n, at=DAY + (500 + n) * HOUR) for n in range(1, 41)]
    (told,) = compared([*seen(OLD, 90), *seen(NEW, 90, 12), *posts, cut])[0]
    assert (told.later, told.dated_by) == (NEW, "ends")


def test_where_signs_contradict_each_other_the_order_is_not_known():
    counters = [relation(b"o" * 32, "phpbb_posts", said_next=90), relation(b"n" * 32, "phpbb_posts", said_next=41)]
    (told,) = compared([*seen(OLD, 90), *seen(NEW, 99), *counters])[0]
    assert told.dated_by == "unknown"
    assert "counters and moments and ends contradict each other" in told.text


@pytest.mark.parametrize(
    ("given", "read", "gone"),
    [
        ({}, {"whole"}, 5),
        ({"extent": "cut"}, {"passed", "cut"}, 1),
        ({"extent": "open"}, {"passed", "open"}, 1),
        ({"extent": "open", "said_next": 16}, {"whole"}, 5),
        ({"misfits": 1}, {"damaged"}, 0),
        ({"extent": "damaged"}, {"damaged"}, 0),
        ({"rows": 17}, {"unread"}, 0),
    ],
)
def test_only_what_was_read_and_is_not_there_is_gone(given, read, gone):
    """The later table has accounts 1 to 15 but for 7; the older 1 to 19."""
    newer = [x for x in seen(NEW, 99, 15) if x.id != "7"]
    told = relation(b"n" * 32, "account", **{"rows": len(newer), **given})
    _, layers, remnants = compared([*seen(OLD, 90, 19), *newer, told])
    assert {x.later_read for x in remnants if x.kind == "only"} == read
    assert sum(x.later_read in ("whole", "passed") for x in remnants if x.kind == "only") == gone
    (of_accounts,) = [x for x in layers if x.into == "account"]
    assert (of_accounts.only, of_accounts.gone) == (5, gone)
    assert all(bool(x.gone_by) == (x.later_read in ("whole", "passed")) for x in remnants)
    assert all(x.absent_because for x in remnants if x.kind == "only")


def test_a_table_that_was_saved_without_rows_says_nothing_of_them():
    rows = [*seen(OLD, 90), *seen(NEW, 99), *(post(OLD, n) for n in range(1, 4))]
    empty = made(Taken, platform=NEW, relation="post", rule="", into="post", read=0, made=0)
    _, layers, remnants = compared([*rows, empty, relation(b"n" * 32, "post", rows=0)])
    (of_posts,) = [x for x in layers if x.into == "post"]
    assert (of_posts.only, of_posts.gone, of_posts.alone, of_posts.later_read) == (3, 0, False, "empty")
    assert {x.later_read for x in remnants if x.into == "post"} == {"empty"}
    twice = relation(b"o" * 32, "account", again=10**6, rows=20)  # a dump, and behind it its structure alone
    _, layers, remnants = compared([*seen(OLD, 90), twice], platforms=[PLATFORMS[0]])
    assert [(x.only, x.gone, x.later_read) for x in layers] == [(20, 0, "empty")]


def test_of_a_table_that_lacks_nothing_later_it_is_not_said_that_a_row_is_gone():
    _, layers, remnants = compared([*seen(OLD, 90, 20), *seen(NEW, 99, 20)])
    assert {x.kind for x in remnants} == {"changed"}  # their last visits
    assert {(x.only, x.gone) for x in layers} == {(0, 0)}
    assert {x.text for x in layers} == {"Nothing is only here: each of its rows stands on another date, too."}


def test_rows_that_the_mapping_leaves_out_are_said():
    left = made(
        Taken, platform=NEW, relation="account", rule="of another kind", into="account", read=15, made=0, left=3
    )
    _, _, remnants = compared([*seen(OLD, 90, 19), *seen(NEW, 99, 15), left])
    (text,) = {x.absent_because for x in remnants if x.kind == "only"}
    assert text.startswith("Gone by ")
    assert "But 3 of its rows are left out by the mapping" in text


def test_another_later_dump_may_have_the_table_whole():
    """NEW is cut off in its accounts, and BOARD, a little older than it, is not: what both lack is gone."""
    rows = [*seen(OLD, 90, 30), *seen(BOARD, 95, 28), *seen(NEW, 99, 10)]
    cut = relation(b"n" * 32, "account", rows=10, extent="cut")
    told, _, remnants = compared([*rows, cut])
    assert {x.dated_by for x in told} == {"moments"}
    mine = [x for x in remnants if x.platform == OLD and x.kind == "only"]
    assert [(x.account, x.later_read) for x in sorted(mine, key=lambda x: x.account)] == [
        ("29", "whole"), ("30", "whole")
    ]  # fmt: skip
    assert {x.later_read for x in remnants if x.platform == BOARD and x.kind == "only"} == {"cut"}


def test_a_guest_without_such_a_time_does_not_speak_against_a_copy():
    guests = [made(Account, platform=p, id="1000", name="Anonymous") for p in (OLD, NEW)]
    assert [(x.verdict, x.shared) for x in compared([*members(OLD), *members(NEW), *guests])[0]] == [("copy", 20)]


def test_a_person_keeps_them_apart():
    rows = [*members(OLD), *members(NEW)]
    assert [x.verdict for x in compared(rows, apart=(OLD.hex()[:12],))[0]] == ["apart"]
    with pytest.raises(msgspec.ValidationError):
        STAGES["copies"].settings({"apart": [""]})


def test_other_software_is_never_a_copy():
    rows = [*members(OLD), *members(NEW)]
    told, layers, _ = compared(rows, platforms=[platform(OLD, b"o"), platform(NEW, b"n", "mybb")])
    assert not len(told)
    assert not len(layers)


def test_each_post_counts_once_as_it_is_now_and_deleted_ones_still_do():
    rows = [*members(OLD), *members(NEW), post(NEW, 4, "1", "new")]
    kept = [post(p, 1, "1", "as it was") for p in (OLD, NEW)]
    deleted, edited = post(OLD, 2, "2", "gone"), [post(OLD, 3, "3", "before"), post(NEW, 3, "3", "after")]
    rows += [*kept, deleted, *edited]
    posts = {x["id"]: x for x in counted(rows, Post)}
    assert {n: (x["text"], x["platform"]) for n, x in posts.items()} == {
        "1": ("as it was", NEW), "2": ("gone", NEW), "3": ("after", NEW), "4": ("new", NEW)
    }  # fmt: skip
    assert posts["2"]["key"] == deleted.key  # so that it is explained by where it was read
    assert posts["2"]["relation"] == f"post of copy {OLD.hex()[:8]}"
    _, layers, remnants = compared(rows)
    assert {(x.kind, x.row_key, x.account, x.platform) for x in remnants if x.into == "post"} == {
        ("only", deleted.key, "2", OLD), ("changed", edited[0].key, "3", OLD)
    }  # fmt: skip
    (of_posts,) = [x for x in layers if x.into == "post"]
    assert (of_posts.rows, of_posts.same, of_posts.changed, of_posts.only) == (3, 1, 1, 1)
    both = {(x["id"], x["text"]) for x in counted(rows, Post, copied.all_states)}
    assert both == {("1", "as it was"), ("2", "gone"), ("3", "after"), ("3", "before"), ("4", "new")}


def test_an_account_that_was_renamed_is_one_and_both_its_names_are_read():
    rows = [*members(OLD), *members(NEW)[1:]]
    rows.append(made(Account, platform=NEW, id="1", name="other", registered=DAY + HOUR))
    (told,) = compared(rows)[0]
    assert (told.verdict, told.same, told.renamed) == ("copy", 19, 1)
    assert [x["name"] for x in counted(rows, Account) if x["id"] == "1"] == ["other"]
    assert {x["name"] for x in counted(rows, Account, copied.all_states) if x["id"] == "1"} == {"name1", "other"}


def test_a_number_given_again_is_another_account():
    rows = [*members(OLD, 60), *members(NEW, 59), post(OLD, 7, "60", "mine"), post(NEW, 8, "60", "hers")]
    rows.append(made(Account, platform=NEW, id="60", name="alice", registered=DAY + 900 * HOUR))
    (told,) = compared(rows)[0]
    assert (told.verdict, told.shared, told.same) == ("copy", 60, 59)
    named = f"60 of copy {OLD.hex()[:8]}"
    assert {x["id"]: x["name"] for x in counted(rows, Account) if x["id"].startswith("60")} == {
        "60": "alice", named: "name60"
    }  # fmt: skip
    assert {x["text"]: x["account"] for x in counted(rows, Post)} == {"mine": named, "hers": "60"}
    assert [x.kind for x in compared(rows)[2] if x.into == "account"] == ["reused"]


def test_a_table_that_only_the_older_has_counts_and_is_no_sign_of_deletion():
    rows = [*members(OLD), *members(NEW), *(post(OLD, n) for n in range(5))]
    _, layers, remnants = compared(rows)
    assert [(x.alone, x.rows, x.only) for x in layers if x.into == "post"] == [(True, 5, 5)]
    assert not len(remnants)
    assert {x["platform"] for x in counted(rows, Post)} == {NEW}
    assert len(counted(rows, Post)) == 5


def test_three_dates_are_one_platform():
    rows = [*members(OLD), *members(NEW, 30), *members(BOARD, 60)]
    rows += [post(OLD, 1, text="a"), post(NEW, 1, text="a"), post(NEW, 2, text="b"), post(BOARD, 3, text="c")]
    told, _, remnants = compared(rows)
    assert {x.counts_as for x in told} == {BOARD}
    assert sorted((x["id"], x["platform"]) for x in counted(rows, Post)) == [("1", BOARD), ("2", BOARD), ("3", BOARD)]
    assert sorted(x.platform for x in remnants) == sorted([NEW, NEW])


def test_rows_without_a_number_are_the_same_where_all_they_say_is():
    here = {"ip": "192.0.2.1", "action": "login", "account": "1"}
    rows = [*members(OLD), *members(NEW)]
    rows += [made(Event, platform=p, at=DAY, **here) for p in (OLD, OLD, NEW)]
    gone = made(Event, platform=OLD, at=DAY + HOUR, **here)
    assert {x["key"] for x in counted([*rows, gone], Event)} == {rows[-1].key, gone.key}


NAME = "po{st}'s"


def test_a_table_that_is_declared_again_in_its_dump_counts_once():
    first = [post(OLD, 1, text="a"), post(OLD, 2, text="only before"), post(OLD, 3, text="otherwise")]
    second = [post(OLD, 1, text="a"), post(OLD, 3, text="now"), post(OLD, 4, text="new")]
    rows = [type(x)(**{**{n: getattr(x, n) for n in x.__struct_fields__}, "relation": NAME, "place": 1000 * at + 5})
            for at, part in enumerate((first, second)) for x in part]  # fmt: skip
    rows.append(relation(b"o" * 32, NAME, again=1000, rows=6))
    assert sorted(x["text"] for x in counted(rows, Post)) == ["a", "new", "now", "only before"]
    _, layers, remnants = compared(rows)
    assert [(x.before, x.rows, x.same, x.changed, x.only) for x in layers] == [(1000, 3, 1, 1, 1)]
    assert sorted(x.kind for x in remnants) == ["changed", "only"]


def test_identifiers_in_texts_meet_their_rows_and_no_others():
    texts = [post(OLD, 1, text="x"), post(NEW, 1, text="x"), post(OLD, 2, text="gone"), post(NEW, 3, text="y")]
    mentions = [made(Mention, platform=x.platform, relation="post", number=x.number, kind="email") for x in texts]
    rows = [*members(OLD), *members(NEW), *texts]
    _, layers, remnants = compared(rows)
    met = look(
        "select p.id, m.key from m join p using (platform, relation, number) order by 1",
        **copied.all_states(layers, remnants, m=of(Mention, mentions), p=of(Post, texts)),
    )
    assert [x["id"] for x in met] == ["1", "2", "3"]


def test_where_nothing_is_held_twice_tables_are_passed_on():
    rows = [*members(OLD), *members(BOARD, start=DAY + 9999 * HOUR)]
    _, layers, remnants = compared(rows)
    table = of(Account, rows)
    assert copied.one_of_each(layers, remnants, accounts=table)["accounts"] is table


def stages(rows, *names):
    """What stages make of these rows, one after another, by row type."""
    _, layers, remnants = compared(rows)
    have = {Layer: layers, Remnant: remnants}
    for name in names:
        one = STAGES[name]
        given = {n: have.get(kind, of(kind, [x for x in rows if type(x) is kind])) for n, kind in one.reads.items()}
        have |= {table.row: table for table in whole(one, given, one.settings({}))}
    return have


def test_activity_is_counted_once_for_each_account():
    rows = [*members(OLD), *members(NEW), post(OLD, 2, "2"), *(post(p, 1, "1") for p in (OLD, NEW))]
    rows += [made(Topic, platform=p, id="1", account="3", at=DAY) for p in (OLD, NEW)]
    rows += [made(Message, platform=p, id="1", account="4", at=DAY) for p in (OLD, NEW)]
    did = {x.account: x for x in stages(rows, "activity")[Activity]}
    assert len(did) == 20
    assert {x.platform for x in did.values()} == {NEW}
    assert (did["1"].posts, did["2"].posts, did["3"].topics, did["4"].sent) == (1, 1, 1, 1)


def test_an_account_deleted_between_still_counts_and_leads_to_its_row():
    gone = made(Account, platform=OLD, id="99", name="gone", registered=DAY)
    rows = [*members(OLD), gone, *members(NEW, 25), post(OLD, 1, "99")]
    (did,) = [x for x in stages(rows, "activity")[Activity] if x.account == "99"]
    assert (did.platform, did.account_row, did.name, did.posts) == (NEW, gone.key, "gone", 1)


def test_who_was_of_the_staff_at_the_older_date_only_is_said_so():
    group = [made(Usergroup, platform=p, id="5", name="ADMINISTRATORS", admin=True) for p in (OLD, NEW)]
    inside = [made(Membership, platform=p, account="1", usergroup="5") for p in (OLD, NEW)]
    rows = [*members(OLD), *members(NEW), *group, *inside, made(Membership, platform=OLD, account="2", usergroup="5")]
    rows += [post(NEW, n, "1", at=DAY + dt.timedelta(days=400 + n)) for n in range(3)]
    facts = {x.account: x for x in stages(rows, "activity", "roles")[Role] if x.basis == "fact"}
    assert set(facts) == {"1", "2"}
    assert facts["1"].ended is None
    assert "older copy" not in facts["1"].reason
    assert facts["2"].ended == DAY + 18 * HOUR  # the third latest registration of the older copy
    assert "Only an older copy of the platform says so, of 2020-01-01." in facts["2"].reason


def test_a_group_that_made_administrators_at_the_older_date_only_is_said_so():
    group = [made(Usergroup, platform=p, id="7", name="helpers", admin=p == OLD) for p in (OLD, NEW)]
    inside = [made(Membership, platform=p, account="1", usergroup="7") for p in (OLD, NEW)]
    rows = [*members(OLD), *members(NEW), *group, *inside]
    rows += [post(NEW, n, "1", at=DAY + dt.timedelta(days=400 + n)) for n in range(3)]
    (fact,) = [x for x in stages(rows, "activity", "roles")[Role] if x.basis == "fact"]
    assert (fact.account, fact.usergroup, fact.ended) == ("1", group[0].key, DAY + 18 * HOUR)
    assert "Only an older copy" in fact.reason


def test_an_account_is_not_one_person_with_itself_and_its_older_address_is_kept():
    rows = [*members(OLD)[2:], *members(NEW)[2:]]
    rows += [
        made(Account, platform=p, id=n, name=f"name{n}", email=mail, registered=DAY + int(n) * HOUR)
        for p, n, mail in (
            (OLD, "1", "old@example.org"), (NEW, "1", "new@example.org"),
            (OLD, "2", "two@example.org"), (NEW, "2", "two@example.org"),
        )
    ]  # fmt: skip
    made_of = stages(rows, "identifiers", "bonds", "persons")
    mails = sorted((x.platform, x.account, x.value) for x in made_of[Identifier] if x.kind == "email")
    assert mails == [(NEW, "1", "new@example.org"), (NEW, "1", "old@example.org"), (NEW, "2", "two@example.org")]
    assert not len(made_of[Bond])
    assert not len(made_of[Person])


def test_a_login_that_only_the_older_copy_knows_is_an_address():
    at = dict.fromkeys(("registration_ip",), "192.0.2.1")
    seen = ((OLD, "192.0.2.7", DAY + 90 * HOUR), (NEW, "192.0.2.8", DAY + 99 * HOUR))
    rows = [*members(OLD)[1:], *members(NEW)[1:]]
    rows += [
        made(Account, platform=p, id="1", name="name1", registered=DAY + HOUR, last_ip=ip, last_seen=when, **at)
        for p, ip, when in seen
    ]
    used = {(x.use, x.ip): (x.platform, x.times) for x in stages(rows, "addresses")[Address]}
    assert used == {
        ("registration", "192.0.2.1"): (NEW, 1), ("login", "192.0.2.7"): (NEW, 1), ("login", "192.0.2.8"): (NEW, 1)
    }  # fmt: skip


def test_the_uploader_of_first_files_is_named_once():
    rows = [*members(OLD), *members(NEW)]
    rows += [made(Attachment, platform=p, id="1", account="1", at=DAY, digest="01" * 16) for p in (OLD, NEW)]
    rows.append(made(Attachment, platform=OLD, id="2", account="2", at=DAY - HOUR, digest="01" * 16))
    rows += [
        made(File, locator="a.jpg", md5=b"\x01" * 16, sha256=b"c" * 32),
        group := made(Group, first=b"c" * 32, standing="new"),
        made(Member, content=b"c" * 32, group=group.key),
    ]
    of_rows = stages(rows, "uploads")
    assert sorted((x.platform, x.account, x.place, x.uploads) for x in of_rows[Uploader]) == [
        (NEW, "1", 2, 1), (NEW, "2", 1, 1)
    ]  # fmt: skip
    assert len(of_rows[Producer]) == 2


def test_what_one_rule_alone_of_an_older_table_gives_hides_nothing_of_the_others() -> None:
    """A column that was dropped since: its profile fields are in the older dump only, its accounts are compared."""
    rows = [*members(OLD, 25), *members(NEW, 24), *(post(NEW, n) for n in range(100, 105))]
    said = made(Profile, platform=OLD, account="25", relation=rows[0].relation, number=25, kind="messenger", name="icq")
    _, layers, _ = compared([*rows, said])
    (of_accounts,) = [one for one in layers if one.into == "account"]
    assert (of_accounts.rows, of_accounts.only) == (25, 1)
    assert any(one["id"] == "25" for one in counted([*rows, said], Account))
