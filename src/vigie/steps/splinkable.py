"""The model of resemblance as Splink reads it, and records that may be given away.

Splink (https://moj-analytical-services.github.io/splink/) takes records and a model: blocking rules, and comparisons
whose levels are SQL over two records, with m and u. Both are complete: nothing is left for it to learn.
"""

import typing as t

from vigie.rows.persons import Parameter
from vigie.steps.candidates import COLUMNS, LISTED
from vigie.steps.comparisons import COMPARISONS, Comparison

UNTIED: t.Final = "(l.person is null or r.person is null or l.person <> r.person)"


def model(parameters: t.Iterable[Parameter]) -> dict[str, t.Any]:
    """Return the settings that ``splink.Linker`` takes, of what a case learnt."""
    learnt = {(one.comparison, one.level): one for one in parameters}
    return {
        "link_type": "dedupe_only",
        "sql_dialect": "duckdb",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": learnt["prior", 0].m,
        "retain_matching_columns": True,  # with them come the levels
        "retain_intermediate_calculation_columns": True,  # ... and what each comparison adds
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": f"l.{column} = r.{column} and {UNTIED}", "sql_dialect": "duckdb"}
            | ({"arrays_to_explode": [column]} if rule in LISTED else {})
            for rule, column in COLUMNS.items()
        ],
        "comparisons": [
            {"output_column_name": one.name, "comparison_levels": list(_levels(one, learnt))} for one in COMPARISONS
        ],
    }


def _levels(one: Comparison, learnt: dict[tuple[str, int], Parameter]) -> t.Iterator[dict[str, t.Any]]:
    yield {"sql_condition": one.unknown, "label_for_charts": "one of them does not say", "is_null_level": True}
    for n, level in one.asked:
        share = learnt[one.name, n]
        yield {"sql_condition": level.sql or "ELSE", "label_for_charts": level.text,
               "m_probability": share.m, "u_probability": share.u}  # fmt: skip


VEILED: t.Final = """
    with found as (select unnest([unique_id_l, unique_id_r]) as n from pairs),
    people as (select person, min(unique_id) as number from records where person is not null group by person),
    homes as (select born, min(unique_id) as number from records group by born),
    pages as (select site, min(unique_id) as number from records group by site),
    mails as (select local, min(unique_id) as number from records group by local),
    borne as (select x.local from records x join records y on y.bare = x.local and y.unique_id <> x.unique_id
        where x.local <> '')
    select unique_id, lower(hex(platform)) as platform,
        if(regexp_full_match(account, '[0-9]{1,7}'), account, '#' || unique_id) as account,
        people.number as person, bare, stem, crowd,
        case when local = '' or local in (select local from borne) then local else '#' || mails.number end as local,
        zone, language, if(born = '', '', '#' || homes.number) as born, day,
        if(site = '', '', '#' || pages.number) as site, hours, seen,
        names, meetings, quiet, births, sites, contacts, owned
    from records join homes using (born) join pages using (site) join mails using (local)
        left join people using (person)
    where unique_id in (select n from found)
    order by unique_id
"""
"""Records of ``pairs``, with a number for what may reach a person, given in the order of accounts, which says nothing
of it. ``local`` (what stands before the @ of an address) is a number too, but where it is, letter for letter, another
one's handle."""
