"""Which account a person looks at first, and every reason with its weight."""

import msgspec

from vigie.kernel.stage import Count, Params, Share, stage
from vigie.kernel.table import Table, query
from vigie.rows.roles import ROLES, Activity, Factor, Ranked, Role
from vigie.rows.uploads import Producer


class Weights(Params, frozen=True):
    """Weights of the factors: points are weight x value, and order the accounts.

    They are a judgement of who matters most to an investigation of the platform, not a measurement, and no measure of
    guilt; the unit changes them in ``case.toml``. Counts go in as log2(1 + n), for activity is spread over powers of
    ten: a hundred times as much says a few times as much.
    """

    administrator: float = 12.0
    """Who runs the place knows the others and holds its keys."""
    moderator: float = 6.0
    inferred: Share = 0.7
    """What an inferred role counts, x its score, where a fact counts 1."""
    first_uploads_open: float = 4.0
    """x log2(1 + n): groups that no list names and that it was the first to upload: it may have made them."""
    first_uploads_listed: float = 2.0
    """The same of groups that are listed: what it brought is known by now."""
    uploads: float = 1.5
    moderation: float = 1.0
    """Acts about others, and posts of others that it edited."""
    topics: float = 0.5
    replies: float = 0.3
    newcomers: float = 0.3
    reach: float = 0.75
    """Different accounts that wrote in its topics."""
    partners: float = 0.5
    """Different accounts with which it exchanged private messages."""
    payments_out: float = 2.0
    payments_in: float = 0.5
    complaints: float = 0.5
    """Members of such a platform who complain of somebody had a reason to."""
    recency: float = 2.0
    """x 2^-(age / half-life) of its last act, from the platform's last days: who is there now can be found there."""
    half_life_days: float = 180.0
    length: float = 0.3
    """Days on which it did something."""
    explained: Count = 10_000
    """So many accounts of each platform have their factors kept; all have points."""


class _Factor(msgspec.Struct, frozen=True):
    """A factor: SQL over the columns of ``_GIVEN``."""

    name: str
    value: str
    weight: float
    text: str


@stage(split=None)
def ranking(
    activities: Table[Activity], roles: Table[Role], producers: Table[Producer], params: Weights
) -> tuple[Table[Ranked], Table[Factor]]:
    """Order the accounts of the case by what they did, but technical ones; with equal points by platform and id."""
    factors = _factors(params)
    ranked = query(Ranked, _ranked(factors), activities=activities, roles=roles, producers=producers)
    why = query(Factor, _why(factors, params), ranked=ranked, activities=activities, roles=roles, producers=producers)
    return ranked, why


_GIVEN = f"""
    ends as (
        select platform, quantile_disc(last, 0.999) as "end" from activities where last is not null group by platform
    ), had as (
        select platform, account,
            max(case when basis = 'fact' then 1.0 else score end) filter (role = 'administrator') as administrator,
            max(case when basis = 'fact' then 1.0 else score end) filter (role = 'moderator') as moderator,
            bool_or(basis = 'fact') filter (role = 'administrator') as administrator_fact,
            bool_or(basis = 'fact') filter (role = 'moderator') as moderator_fact,
            list(distinct role) filter (basis = 'fact') as facts,
            list(distinct role) filter (basis = 'inference') as inferred
        from roles where role not in ('member', 'reader') group by platform, account
    ), brought as (
        select platform, account, max(firsts) as firsts, max(firsts_open) as firsts_open
        from producers group by platform, account
    ), given as (
        select a.*, coalesce(h.administrator, 0) as administrator, coalesce(h.moderator, 0) as moderator,
            coalesce(h.administrator_fact, false) as administrator_fact,
            coalesce(h.moderator_fact, false) as moderator_fact,
            list_filter({list(ROLES)!r}, lambda r: list_contains(coalesce(h.facts, []), r)) as facts,
            list_filter({list(ROLES)!r}, lambda r: list_contains(coalesce(h.inferred, []), r)
                and not list_contains(coalesce(h.facts, []), r)) as inferred,
            coalesce(b.firsts, 0) as firsts, coalesce(b.firsts_open, 0) as firsts_open,
            case when a.last is not null then greatest(epoch(e."end") - epoch(a.last), 0) / 86400.0 end as age_days
        from activities a
        anti join (select platform, account from roles where role = 'technical') n using (platform, account)
        left join had h using (platform, account)
        left join brought b using (platform, account)
        left join ends e on e.platform = a.platform
    )
"""


def _factors(params: Weights) -> list[_Factor]:
    """Return the factors, gravest first."""
    inferred = repr(params.inferred)

    def staff(role: str, weight: float) -> _Factor:
        return _Factor(
            role,
            f"case when {role}_fact then 1.0 else {role} * {inferred} end",
            weight,
            f"case when {role}_fact then 'The platform''s own tables make it {role}.' else format('What it did suggests"
            f" that it is or was {role} (an inference with score {{:.2f}}, x {inferred}).', {role}) end",
        )

    def many(name: str, count: str, weight: float, text: str) -> _Factor:
        return _Factor(name, f"log2(1 + {count})", weight, f"format('{text}', {count})")

    return [
        staff("administrator", params.administrator),
        staff("moderator", params.moderator),
        many(
            "first_uploads_open", "firsts_open", params.first_uploads_open,
            "It was the first to upload {} groups that no list names.",
        ),
        many(
            "first_uploads_listed", "greatest(firsts - firsts_open, 0)", params.first_uploads_listed,
            "It was the first to upload {} groups that lists name.",
        ),
        many("uploads", "uploads", params.uploads, "It uploaded {} files."),
        many("moderation", "(moderation + edits)", params.moderation, "{} acts of moderation."),
        many("topics", "topics", params.topics, "It opened {} topics."),
        many("replies", "replies", params.replies, "It wrote {} answers in topics of others."),
        many("newcomers", "newcomers", params.newcomers, "{} of its answers were to newcomers."),
        many("reach", "reach", params.reach, "{} different accounts wrote in its topics."),
        many("partners", "partners", params.partners, "It exchanged private messages with {} accounts."),
        many("payments_out", "payments_out", params.payments_out, "{} payments from the platform under its name."),
        many("payments_in", "payments_in", params.payments_in, "{} orders or payments to the platform."),
        many("complaints", "complaints", params.complaints, "{} complaints of members about it."),
        _Factor(
            "recency",
            f"coalesce(pow(2.0, -age_days / {params.half_life_days!r}), 0)",
            params.recency,
            "format('Its last act was on {}, {} days before the platform ends.', strftime(last, '%Y-%m-%d'),"
            " cast(floor(age_days) as bigint))",
        ),
        many("length", "days", params.length, "It did something on {} days."),
    ]  # fmt: skip


def _points(factor: _Factor) -> str:
    """Return SQL: the points of a factor, as a decimal, for a sum of floats depends on their order."""
    return f"cast(round(round({factor.value}, 4) * {factor.weight!r}, 3) as decimal(18, 3))"


def _ranked(factors: list[_Factor]) -> str:
    return f"""
        with {_GIVEN}, summed as (
            select platform, account, key as activity, name, {" + ".join(map(_points, factors))} as points,
                array_to_string(facts, ', ') as facts, array_to_string(inferred, ', ') as inferred
            from given
        )
        select platform, account, activity, name, cast(points as double) as points, facts, inferred,
            row_number() over (order by points desc, platform, account) as rank,
            row_number() over (partition by platform order by points desc, account) as rank_on_platform
        from summed
    """


def _why(factors: list[_Factor], params: Weights) -> str:
    """Return the factors of the first accounts of each platform; one that is worth nothing is left out."""
    rows = ", ".join(
        f"('{one.name}', round({one.value}, 4), {one.weight!r}, cast({_points(one)} as double), {one.text})"
        for one in factors
    )
    return f"""
        with {_GIVEN}
        select r.key as ranked, g.platform, g.account, x.name, x.value, x.weight, x.points, x.text
        from ranked r join given g using (platform, account)
        cross join lateral (values {rows}) x(name, value, weight, points, text)
        where r.rank_on_platform <= {params.explained} and x.points <> 0
    """
