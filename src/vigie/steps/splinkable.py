"""Resemblances in the form that Splink reads, so that whoever trusts Splink alone can have it score the same pairs.

Splink (https://moj-analytical-services.github.io/splink/) reads records, and a model: blocking rules and the levels of
comparisons as SQL over the columns of two records, with m and u. Here are both: the same SQL that our own stage runs
(``comparisons``), over records that hold what the rules and levels ask for and nothing that reaches a person: what is
no letter of a handle, no time zone, no language, no day or hour is a number that says only where it is the same.
"""

import re
import typing as t

from vigie.rows.persons import Parameter
from vigie.steps.candidates import SAME, Bounds, ruled
from vigie.steps.comparisons import BLOCKS, COMPARISONS
from vigie.steps.weights import Weights, summed

COLUMNS: t.Final = {"name": "names", "ip": "meetings", "born": "births", "site": "sites", "mention": "contacts"}
"""Rule -> the column of the records whose equal values make its pairs."""
LISTED: t.Final = ("name", "ip", "mention")
"""Rules of which a record has a list of values: Splink takes it apart."""
UNTIED: t.Final = "(l.person is null or r.person is null or l.person <> r.person)"
ASKED: t.Final = {
    "z.quiet": "(case when list_has_any(meetings_l, meetings_r)"
    " then coalesce(len(list_intersect(quiet_l, quiet_r)), 0) end)",
    "w.own": "(case when list_has_any(contacts_l, contacts_r)"
    " then coalesce(list_has_any(owned_l, owned_r), false)::int end)",
}
"""What our stage gets from a join, of two records."""
COMPARED: t.Final = f"rules & {SAME - 1} <> 0 and rules & {SAME} = 0"


def records(bounds: Bounds) -> str:
    """Return a ``select`` of the accounts that any rule compares, over ``made``, ``came``, ``bonds`` and ``found``.

    A number stands for what may reach a person, given in the order of accounts, which says nothing of it. ``local``
    (what stands before the @ of an address) is a number too, but where it is letter for letter another one's handle.
    """
    return f"""
        with {ruled(bounds)},
        name_kept as (select n, list(number order by number) as names from ({_numbered("name")}) group by n),
        born_kept as (select n, number as births from ({_numbered("born")})),
        site_kept as (select n, number as sites from ({_numbered("site")})),
        ip_kept as ({_shared("ip", "meetings", "quiet")}), mention_kept as ({_shared("mention", "contacts", "owned")}),
        people as (select person, min(n) as number from made where person <> ''::blob group by person),
        homes as (select born, min(n) as number from made group by born),
        pages as (select site, min(n) as number from made group by site),
        mails as (select local, min(n) as number from made group by local),
        borne as (select x.local from made x join made y on y.bare = x.local and y.n <> x.n where x.local <> '')
        select m.n as unique_id, lower(hex(platform)) as platform,
            if(regexp_full_match(account, '[0-9]{{1,7}}'), account, '#' || m.n) as account,
            people.number as person, bare, stem, crowd,
            case when local = '' or local in (select local from borne) then local
                else '#' || mails.number end as local,
            zone, language, if(born = '', '', '#' || homes.number) as born, day,
            if(site = '', '', '#' || pages.number) as site, string_split(nullif(hours, ''), ' ')::int[] as hours,
            m.n in (select n from came) as seen, names, meetings, quiet, births, sites, contacts, owned
        from made m join homes using (born) join pages using (site) join mails using (local)
            left join people using (person) left join name_kept using (n) left join ip_kept using (n)
            left join born_kept using (n) left join site_kept using (n) left join mention_kept using (n)
        where m.n in (select unnest([a, b]) from found where {COMPARED})
        order by m.n
    """


def _numbered(rule: str) -> str:
    """Return a ``select`` of who has which value within the bounds of a rule, the value as a number."""
    return f"""
        select n, number from {rule}_held join (
            select value, row_number() over (order by min(n), value) as number
            from {rule}_held semi join {rule}_good using (value) group by value
        ) using (value)
    """


def _shared(rule: str, column: str, marked: str) -> str:
    """Return a ``select`` of what two accounts share by a rule: a number that both of them have, and nobody else."""
    return f"""
        select n, list(number order by number) as {column},
            list(number order by number) filter (said > 0) as {marked}
        from (select unnest([a, b]) as n, number, said
            from (select *, row_number() over (order by a, b, value) as number from {rule}_met))
        group by n
    """


def scored(worth: Weights) -> str:
    """Return a ``select`` of all pairs that are compared, kept or not, and what ours weighs them, over ``found``."""
    by = " ".join(f"when rules & {1 << at} <> 0 then '{rule}'" for at, rule in enumerate(BLOCKS))
    return f"""
        select a as unique_id_l, b as unique_id_r, levels, ({summed(worth)}) / 1000.0::double as weight_bits,
            case {by} end as "by"
        from found where {COMPARED} order by a, b
    """


def model(worth: Weights, parameters: t.Iterable[Parameter]) -> dict[str, t.Any]:
    """Return the settings that ``splink.Linker`` takes, complete: nothing is left for it to learn.

    Ours weighs in thousandths of a bit; m (or u, where m would exceed 1) is moved by so little, 0.035 % at most, that
    Splink weighs the same.
    """
    known = {(one.comparison, one.level): one for one in parameters}
    return {
        "link_type": "dedupe_only",
        "sql_dialect": "duckdb",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": 1 / (1 + 2 ** (-worth.prior / 1000)),
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
        "additional_columns_to_retain": ["platform", "account"],
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": f"l.{COLUMNS[rule]} = r.{COLUMNS[rule]} and {UNTIED}", "sql_dialect": "duckdb"}
            | ({"arrays_to_explode": [COLUMNS[rule]]} if rule in LISTED else {})
            for rule in BLOCKS
        ],
        "comparisons": [
            {
                "output_column_name": one.name,
                "comparison_levels": [
                    {"sql_condition": f"({over_two(one.sql)}) = -1", "label_for_charts": "one of them does not say",
                     "is_null_level": True},
                    *(
                        {"sql_condition": f"({over_two(one.sql)}) = {level}" if level else "ELSE",
                         "label_for_charts": one.levels[level],
                         **_shares(known[one.name, level].u, worth.levels[at][level])}
                        for level in reversed(range(len(one.levels)))
                    ),
                ],
            }
            for at, one in enumerate(COMPARISONS)
        ],
    }  # fmt: skip


def over_two(sql: str) -> str:
    """Return the SQL of a comparison as Splink has it: columns of one record end in _l, of the other in _r."""
    for asked, answer in ASKED.items():
        sql = sql.replace(asked, answer)
    return re.sub(r"\by\.(\w+)", r"\1_r", re.sub(r"\bx\.(\w+)", r"\1_l", sql))


def _shares(u: float, millibits: int) -> dict[str, float]:
    """Return m and u whose ratio is the weight."""
    ratio = 2 ** (millibits / 1000)
    m = min(u * ratio, 1.0)
    return {"m_probability": m, "u_probability": m / ratio}
