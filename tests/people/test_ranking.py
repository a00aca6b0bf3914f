"""Who comes first by what they did, and every reason for it."""

from decimal import Decimal

from hypothesis import given, settings

from generated_rows import tables
from person_rows import DAY, FORUM, SHOP, made
from vigie.kernel.table import of
from vigie.rows.roles import Activity, Role
from vigie.rows.uploads import Producer
from vigie.steps.leads.people_ranking import Weights, ranking


def did(account, platform=FORUM, **given_):
    return made(Activity, account=account, platform=platform, name=f"u{account}", **given_)


def ranked(activities, roles=(), producers=(), **params):
    places, factors = ranking(of(Activity, activities), of(Role, roles), of(Producer, producers), Weights(**params))
    why = {one.account: {} for one in places}
    for one in factors:
        why[one.account][one.name] = one
    return sorted(places, key=lambda one: one.rank), why


def test_a_place_is_the_sum_of_its_factors_and_says_each():
    places, why = ranked(
        [did("1", uploads=3, posts=7, topics=1), did("2", moderation=6, edits=1, last=DAY), did("3")],
        [
            made(Role, account="2", role="administrator", basis="inference", score=0.5),
            made(Role, account="1", role="moderator", basis="fact", score=1.0),
            made(Role, account="1", role="moderator", basis="inference", score=0.9),
            made(Role, account="3", role="reader", basis="inference", score=1.0),
        ],
    )
    assert [(one.rank, one.account, one.facts, one.inferred) for one in places] == [
        (1, "1", "moderator", ""),
        (2, "2", "", "administrator"),
        (3, "3", "", ""),
    ]
    assert {name: one.points for name, one in why["1"].items()} == {"moderator": 6.0, "uploads": 3.0, "topics": 0.5}
    assert {name: one.points for name, one in why["2"].items()} == {
        "administrator": 4.2,
        "moderation": 3.0,
        "recency": 2.0,
    }
    assert why["1"]["uploads"].text == "It uploaded 3 files."
    assert why["1"]["moderator"].text == "The platform's own tables make it moderator."
    assert "an inference with score 0.50" in why["2"]["administrator"].text
    assert [one.points for one in places] == [9.5, 9.2, 0.0]


def test_technical_accounts_have_no_place_and_no_factors():
    places, why = ranked(
        [did("1", posts=900, topics=90), did("2", topics=1)],
        [made(Role, account="1", role=one, basis="fact", score=1.0) for one in ("technical", "moderator")],
    )
    assert [(one.rank, one.account) for one in places] == [(1, "2")]
    assert set(why) == {"2"}


def test_who_brought_what_nobody_had_brought_comes_before_who_uploaded_as_much():
    producers = [made(Producer, account="2", firsts=4, firsts_open=3)]
    places, why = ranked([did("1", uploads=9), did("2", uploads=9)], producers=producers)
    assert [one.account for one in places] == ["2", "1"]
    assert (why["2"]["first_uploads_open"].points, why["2"]["first_uploads_listed"].points) == (8.0, 2.0)


def test_recency_counts_from_the_end_of_the_platform_not_of_the_case():
    old, new = DAY, DAY.replace(year=2024)
    places, why = ranked([did("1", last=old), did("2", platform=SHOP, last=new)])
    assert [one.points for one in places] == [2.0, 2.0]
    assert "0 days before the platform ends" in why["1"]["recency"].text


def test_each_reason_stands_for_itself_since_they_are_sorted_by_points():
    _, why = ranked([did("1", replies=9, newcomers=4)])
    assert why["1"]["newcomers"].text == "4 of its answers were to newcomers."


def test_factors_are_kept_of_the_first_accounts_of_each_platform():
    many = [did(str(n), platform=platform, uploads=n) for n in range(1, 6) for platform in (FORUM, SHOP)]
    places, factors = ranking(of(Activity, many), of(Role), of(Producer), Weights(explained=2))
    assert {(one.platform, one.account) for one in factors} == {(p, a) for p in (FORUM, SHOP) for a in "45"}
    assert sum(one.points > 0 for one in places) == 10


@settings(max_examples=6, deadline=None)
@given(tables(Activity), tables(Role), tables(Producer))
def test_rank_is_a_total_order_by_points_and_points_are_the_sum_of_the_factors(activities, roles, producers):
    places, factors = ranking(activities, roles, producers, Weights())
    ordered = sorted(places, key=lambda one: one.rank)
    nobodys = {(one.platform, one.account) for one in roles if one.role == "technical"}
    somebodys = [one for one in activities if (one.platform, one.account) not in nobodys]
    assert [one.rank for one in ordered] == list(range(1, len(somebodys) + 1))
    assert [one.points for one in ordered] == sorted((one.points for one in ordered), reverse=True)
    sums = {one.key: Decimal(0) for one in ordered}
    for one in factors:
        sums[one.ranked] += Decimal(str(one.points))
        assert one.text
    assert {key: float(value) for key, value in sums.items()} == {one.key: one.points for one in ordered}
    for platform in {one.platform for one in ordered}:
        mine = [one.rank_on_platform for one in ordered if one.platform == platform]
        assert mine == list(range(1, len(mine) + 1))
