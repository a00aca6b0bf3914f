"""Where each content stands after all matches."""

from vigie.kernel.stage import stage
from vigie.kernel.table import Table, query
from vigie.rows.artefacts import File
from vigie.rows.fingerprints import TURNED
from vigie.rows.matches import Match, Standing


@stage(split=None)
def standing(files: Table[File], matches: Table[Match]) -> Table[Standing]:
    """Give every image and video one standing, and every other content that met a list.

    A benign digest clears, unless anything at all speaks against it: then it is a conflict, for a person to decide.
    Being near something benign clears nothing: near is not the same, and what differs may be what matters.
    A match by a variant makes a content near and no more, and decides only where nothing was met as it is; turned or
    mirrored comes before any other variant.
    """
    return query(
        Standing,
        f"""
        with content as (
            select sha256 as content,
                case min(case kind when 'video' then 0 when 'image' then 1 else 2 end)
                    when 0 then 'video' when 1 then 'image' else 'other' end as kind
            from files group by sha256
        ), weighed as (
            select content, count(*) as matches,
                bool_or(meaning = 'listed' and method = 'exact') as listed,
                bool_or(meaning = 'listed') as near,
                bool_or(meaning = 'benign' and method = 'exact') as benign
            from matches group by content
        ), decided as (
            select c.content, c.kind, coalesce(w.matches, 0) as matches,
                case when w.near and w.benign then 'conflict' when w.listed then 'listed' when w.near then 'near'
                    when w.benign then 'benign' else 'new' end as standing
            from content c left join weighed w using (content)
            where c.kind <> 'other' or w.content is not null
        ), best as (
            select content, meaning, key, distance_bits, variant
            from matches
            qualify row_number() over (
                partition by content, meaning order by method <> 'exact', variant <> '', variant not in {TURNED!r},
                    distance_bits, key) = 1
        )
        select d.content, d.kind, d.standing, d.matches, b.key as best, coalesce(b.variant, '') as variant,
            coalesce(b.distance_bits, 0) as distance_bits
        from decided d left join best b on b.content = d.content
            and b.meaning = case d.standing when 'benign' then 'benign' when 'new' then '' else 'listed' end
        """,
        files=files,
        matches=matches,
    )
