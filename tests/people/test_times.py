"""When it was, and what is odd about it."""

import datetime as dt

from person_rows import DAY, FORUM, NO_COPIES, account, made
from vigie.kernel.table import of
from vigie.rows.people import Account, Attachment, Event, Message, Post
from vigie.rows.roles import Activity, Ranked
from vigie.steps.leads.people_oddities import Odd, oddities
from vigie.steps.leads.people_timeline import Times, timeline

HOUR, A_DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MONDAY = dt.datetime(2024, 2, 26, tzinfo=dt.UTC)


def times(*rows, ranked=(), **params):
    kinds = (Account, Post, Message, Attachment, Event)
    parts = [of(kind, [one for one in rows if type(one) is kind]) for kind in kinds]
    return timeline(*parts, of(Ranked, ranked), *NO_COPIES, Times(**params))


def odd(*rows, activities=(), ranked=(), **params):
    kinds = (Account, Post, Message, Event)
    read = (of(kind, [one for one in rows if type(one) is kind]) for kind in kinds)
    found = oddities(*read, of(Activity, activities), of(Ranked, ranked), times(*rows, ranked=ranked),
                     *NO_COPIES, Odd(**params))  # fmt: skip
    return {(one.account, one.kind): one for one in found}


def test_acts_are_counted_by_hour_day_week_and_hour_of_the_week():
    at = MONDAY + 3 * A_DAY + 5 * HOUR + HOUR / 2
    rows = [
        made(Account, id="1", registered=at),
        made(Post, account="1", at=at),
        made(Post, account="2", at=at + 10 * HOUR),
        made(Message, account="1", at=at + 7 * A_DAY),
        made(Attachment, account="1", at=at),
        made(Event, account="1", at=None),
        made(Event, account="1", at=dt.datetime(1970, 1, 1, tzinfo=dt.UTC)),
    ]
    found = {(one.account, one.unit, one.begins): one for one in times(*rows) if one.unit != "weekhour"}
    hour = found["", "hour", MONDAY + 3 * A_DAY + 5 * HOUR]
    assert (hour.registrations, hour.posts, hour.messages, hour.uploads, hour.events) == (1, 1, 0, 1, 0)
    assert found["", "day", MONDAY + 3 * A_DAY].posts == 2
    assert found["", "week", MONDAY].posts == 2
    assert found["", "week", MONDAY + 7 * A_DAY].messages == 1
    (thursday,) = (one for one in times(*rows) if one.unit == "weekhour" and one.slot == 3 * 24 + 5)
    assert (thursday.posts, thursday.messages, thursday.begins) == (1, 1, None)


def test_the_first_accounts_have_timelines_of_their_own():
    rows = [made(Post, account=who, at=MONDAY) for who in "123"]
    ranked = [made(Ranked, account=who, rank=n, rank_on_platform=n) for n, who in enumerate("312", 1)]
    assert {one.account for one in times(*rows, ranked=ranked, accounts=2)} == {"", "3", "1"}


def test_hours_make_up_days_weeks_and_hours_of_the_week():
    rows = [made(Post, account="1", at=MONDAY + n * 7 * HOUR) for n in range(100)]
    by_unit = {}
    for one in times(*rows):
        by_unit[one.unit] = by_unit.get(one.unit, 0) + one.posts
    assert by_unit == dict.fromkeys(("hour", "day", "week", "weekhour"), 100)


def test_times_that_cannot_be_are_remarked_on():
    ordinary = [made(Post, id=str(n), account=str(n % 4), at=MONDAY + n * HOUR) for n in range(1, 30)]
    rows = [
        *ordinary,
        made(Post, id="90", account="1", at=None),
        made(Event, account="1", at=dt.datetime(1970, 1, 1, tzinfo=dt.UTC)),
        made(Event, account="9", at=MONDAY + 400 * A_DAY),
    ]
    activities = [made(Activity, account=str(n), last=MONDAY + 29 * HOUR) for n in range(4)]
    activities.append(made(Activity, account="9", last=MONDAY + 400 * A_DAY, first=DAY, registered=MONDAY))
    found = odd(*rows, activities=activities, ranked=[made(Ranked, account="9", rank=1, rank_on_platform=1)])
    none = found["", "no_time"]
    assert (none.count, none.text) == (2, "So many events (1), posts (1) have no time, or one before 1995.")
    future = found["", "future"]
    assert (future.count, future.first) == (1, MONDAY + 400 * A_DAY)
    assert found["", "before_registration"].count == 1
    assert found["9", "before_registration"].first == DAY
    assert ("", "clock_back") not in found


def test_a_clock_set_back_is_told_from_one_post_with_a_wrong_time():
    def posts(*hours):
        return [made(Post, id=str(n), account="1", at=MONDAY + hour * HOUR) for n, hour in enumerate(hours, 1)]

    back = odd(*posts(1, 2, 3, 4, 30, 31, 10, 11, 12, 13))["", "clock_back"]
    assert (back.count, back.first) == (1, MONDAY + 10 * HOUR)
    assert "up to 19 hours: at post 7" in back.text
    assert ("", "clock_back") not in odd(*posts(1, 2, 3, 90, 4, 5, 6)), "one from the future"
    assert ("", "clock_back") not in odd(*posts(50, 51, 52, 3, 53, 54)), "one from the past"


def test_silence_of_a_platform_and_of_an_account():
    there = {"2": (*range(60), *range(70, 150)), "1": (*range(20), *range(55, 60), *range(75, 150))}
    rows = [made(Post, account=who, at=MONDAY + n * A_DAY) for who, days in there.items() for n in days]
    ranked = [made(Ranked, account=who, rank=n, rank_on_platform=n) for n, who in enumerate("12", 1)]
    found = odd(*rows, ranked=ranked)
    whole = found["", "silence"]
    assert (whole.count, whole.first, whole.last) == (1, MONDAY + 59 * A_DAY, MONDAY + 70 * A_DAY)
    assert "10 days" in whole.text
    mine = found["1", "silence"]
    assert (mine.count, mine.first) == (1, MONDAY + 19 * A_DAY)
    assert "35 days" in mine.text
    assert ("2", "silence") not in found
    # fifteen days from day 60 on, of which the platform was silent for ten: five are its own
    few = odd(*rows, ranked=ranked, silent_days_account=5)["1", "silence"]
    assert few.count == 2


def test_posts_without_an_account_are_counted_with_their_names():
    rows = [made(Post, account="0", name=name, at=MONDAY) for name in ("old", "old", "guest")]
    found = odd(*rows)["", "nameless"]
    assert found.count == 3
    assert found.text.endswith("under 2 names; most under old, guest.")
    assert found.platform == FORUM


def test_numbers_of_accounts_that_stand_twice_or_nowhere_are_said():
    rows = [account(n, name) for n, name in ((1, "a"), (1, "b"), (2, "c"), (2, "c"), (2, "c"), (3, "d"), ("", "e"))]
    found = odd(*rows, made(Post, id="", account="1", at=DAY), made(Post, id="7", account="1", at=DAY))
    twice, nowhere = found["", "double_id"], found["", "no_id"]
    assert twice.count == 2
    assert "5 rows in all, number 2 in 3 of them; of 1 the names differ" in twice.text
    assert (nowhere.count, "accounts (1), posts (1)" in nowhere.text) == (2, True)
    assert not {"double_id", "no_id"} & {kind for _, kind in odd(rows[0], rows[5])}
