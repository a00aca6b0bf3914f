"""What each account did, in numbers."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from person_rows import DAY, FORUM, SHOP, made
from vigie.kernel.stage import STAGES
from vigie.kernel.table import of
from vigie.rows.people import (
    Account,
    Attachment,
    Complaint,
    Event,
    Message,
    Moderation,
    Payment,
    Post,
    Recipient,
    Topic,
)
from vigie.steps.artefacts.people_activity import Numbers, activity

HOUR = dt.timedelta(hours=1)


def counted(*rows, **params):
    """Activity by (platform, account) of these rows of any type."""
    reads = STAGES[activity.__name__].reads.items()
    tables = {name: of(kind, [one for one in rows if type(one) is kind]) for name, kind in reads}
    return {(one.platform, one.account): one for one in activity(**tables, params=Numbers(**params))}


def one(*rows, account="1", **params):
    return counted(*rows, **params)[FORUM, account]


def test_posts_topics_and_who_answers_whom():
    rows = [
        made(Account, id="1", name="amber", registered=DAY),
        made(Account, id="2", name="zephyr", registered=DAY + 100 * 24 * HOUR),
        made(Topic, id="7", section="3", account="1", at=DAY + 50 * 24 * HOUR),
        made(Topic, id="8", section="4", account="2", at=DAY + 101 * 24 * HOUR),
        made(Post, id="1", topic="7", account="1"),
        made(Post, id="2", topic="7", account="2"),
        made(Post, id="3", topic="8", account="2"),
        made(Post, id="4", topic="8", account="1"),
        made(Post, id="5", topic="8", account="1"),
        made(Post, id="6", topic="", section="9", account="1"),
    ]
    amber, zephyr = one(*rows), one(*rows, account="2")
    assert (amber.name, amber.registered, amber.account_row) == ("amber", DAY, rows[0].key)
    assert (amber.posts, amber.topics, amber.replies, amber.sections, amber.reach) == (4, 1, 2, 3, 1)
    assert (zephyr.posts, zephyr.topics, zephyr.replies, zephyr.sections, zephyr.reach) == (2, 1, 1, 2, 1)
    # zephyr had registered a day before it opened topic 8; amber fifty days before topic 7
    assert (amber.newcomers, zephyr.newcomers) == (2, 0)
    assert one(*rows, newcomer_days=0).newcomers == 0


def test_private_messages_by_message_and_by_conversation():
    rows = [
        made(Message, id="1", account="1"),
        made(Recipient, message="1", account="2"),
        made(Recipient, message="1", account="3"),
        made(Message, id="2", account="2"),
        made(Recipient, message="2", account="1"),
        *(made(Message, id=f"c{n}", conversation="9", account=who) for n, who in enumerate("114")),
        *(made(Recipient, conversation="9", account=who) for who in "145"),
    ]
    assert {
        account: (found.sent, found.received, found.partners) for (_, account), found in counted(*rows).items()
    } == {"1": (3, 2, 4), "2": (1, 1, 1), "3": (0, 1, 1), "4": (1, 2, 2), "5": (0, 3, 2)}
    few = counted(*rows, most_members=2)
    assert few[FORUM, "1"].partners == 2, "those of the conversation are no partners any more"
    assert few[FORUM, "5"].received == 3


def test_acts_of_staff_payments_complaints_and_uploads():
    rows = [
        made(Moderation, account="1", action="ban", target="2"),
        made(Post, id="1", account="2", editor="1"),
        made(Post, id="2", account="1", editor="1"),
        made(Event, account="1", action="admin"),
        made(Event, account="1", action="login"),
        made(Payment, account="1", direction="out"),
        made(Payment, account="1", direction="in"),
        made(Attachment, account="1"),
        made(Message, id="5", account="1"),
        made(Complaint, account="2", target="1"),
        made(Complaint, account="2", post="2"),
        made(Complaint, account="2", message="5"),
        made(Complaint, account="2", target="2", post="2"),
    ]
    amber = one(*rows)
    assert (amber.moderation, amber.edits, amber.admin_events, amber.events) == (1, 1, 1, 2)
    assert (amber.payments_in, amber.payments_out, amber.uploads, amber.complaints) == (1, 1, 1, 3)
    assert one(*rows, account="2").complaints == 1


def test_when_and_from_where():
    at = dt.datetime(2021, 5, 3, 22, 15, tzinfo=dt.UTC)
    rows = [
        made(Post, account="1", at=at, ip="192.0.2.1"),
        made(Post, account="1", at=at + HOUR / 2, ip="192.0.2.2"),
        made(Event, account="1", at=at + 2 * HOUR, ip="192.0.2.1"),
        made(Event, account="1", at=dt.datetime(1970, 1, 1, tzinfo=dt.UTC), ip=""),
        made(Event, account="1", at=None),
    ]
    amber = one(*rows)
    assert (amber.first, amber.last, amber.days, amber.ips) == (at, at + 2 * HOUR, 2, 2)
    hours = [int(n) for n in amber.hours.split()]
    assert [hour for hour, n in enumerate(hours) if n] == [0, 22]
    assert sum(hours) == 2, "several acts in one hour of one day are one mark"
    assert (amber.night_from, amber.night_hours) == (None, 0), "two hours are too few to tell"


def test_the_quiet_stretch_of_the_day_goes_over_midnight():
    day = dt.datetime(2021, 5, 3, tzinfo=dt.UTC)
    rows = [made(Event, account="1", at=day + (24 * n + hour) * HOUR) for n in range(9) for hour in range(5, 22)]
    rows.append(made(Event, account="1", at=day + 3 * HOUR))  # once awake at night is quiet all the same
    amber = one(*rows)
    assert (amber.night_from, amber.night_hours) == (22, 7)


def test_guests_are_nobody_and_gone_accounts_are_somebody():
    rows = [
        made(Post, account="", name="guest"),
        made(Post, account="0", name="guest"),
        made(Post, account="7", name="gone"),
        made(Post, account="7", name="gone", platform=SHOP),
    ]
    found = counted(*rows)
    assert set(found) == {(FORUM, "7"), (SHOP, "7")}
    assert found[FORUM, "7"].name == "gone"
    assert found[FORUM, "7"].account_row is None


ACTS = [
    made(kind, id=str(number), account=who, at=DAY + number * HOUR)
    for number, (kind, who) in enumerate((k, w) for k in (Post, Message, Topic, Attachment, Payment) for w in "123")
]


@settings(max_examples=4, deadline=None)
@given(st.permutations(ACTS))
def test_order_changes_nothing(rows):
    before = counted(*rows)
    assert counted(*reversed(rows)) == before
    assert sum(found.posts for found in before.values()) == sum(type(row) is Post for row in rows)
