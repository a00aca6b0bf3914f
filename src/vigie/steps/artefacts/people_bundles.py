"""Which files of a folder are one dump: ``mysqldump --tab`` writes two a table, ``pg_dump -Fd`` one and ``toc.dat``."""

from vigie.kernel.stage import stage
from vigie.kernel.table import Table, query
from vigie.rows.artefacts import Bundle, BundleFile, File
from vigie.rows.content_types import ROWS_BESIDE, STREAMS, TEXTS_OF_ROWS


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{one}'" for one in names)


_FORMS = " ".join(f"when '{one}' then '{form}'" for one, form in ROWS_BESIDE.items())
_UNPACKED = r"regexp_replace(c.name, '\.(?:gz|bz2|xz|lz4|zst)$', '')"
_LOOKS = f"(f.kind = 'other' or f.content_type in ({_listed(TEXTS_OF_ROWS)}))"
"""A dump, an archive or a picture holds the rows of no other file, whatever it is called."""
_PLACED = rf"""
    select f.locator, f.item, f.sha256, f.size_bytes, f.depth,
        case f.content_type {_FORMS} end as form,
        coalesce({_UNPACKED}, f.name) as name,
        regexp_replace(coalesce(c.locator, f.locator), '[^/!]*$', '') as folder
    from f left join (select locator, name from f where content_type in ({_listed(STREAMS)})) c
        on c.locator = f.container and f.name = {_UNPACKED}
    where f.origin = 'allocated' and (f.content_type in ({_listed(tuple(ROWS_BESIDE))})
        or ({_LOOKS} and regexp_full_match(f.name, '.+\.txt|[0-9]+\.dat')))
    """
"""Files that may belong to such a dump, each where it would lie unpacked."""
# Only equal columns join: a folder may hold 100,000 files of both kinds.
_MEMBERS = rf"""
    with placed as ({_PLACED}), declaring as (
        select * from placed where form = 'mysql-tab' and name like '%.sql'
            or form = 'postgres-directory' and name = 'toc.dat'
    ), named as (
        select distinct item, folder, form, name, if(form = 'mysql-tab', name[:-5] || '.txt', '') as rows from declaring
    ), rowed as (
        select p.* replace (d.form as form), d.name as of from named d join (
                select *, if(regexp_full_match(name, '[0-9]+\.dat'), '', name) as rows from placed where form is null
            ) p using (item, folder, rows)
    ), members as (
        select *, '' as of from declaring semi join rowed using (item, folder, form)
        union all by name select * from rowed
    )
    select * from members
    qualify row_number() over (partition by item, folder, form, name, sha256 order by depth, locator, of) = 1
    """
_DIGESTED = f"""
    with m as ({_MEMBERS}), d as (
        select item, folder, form, count(*) as files, sum(size_bytes)::bigint as size_bytes, min(depth) as depth,
            unhex(sha256(form || chr(10) || string_agg(name || chr(0) || lower(hex(sha256)) || chr(10), ''
                order by name, sha256))) as content
        from m group by item, folder, form
    ), one as (
        select * from d qualify row_number() over (partition by content order by depth, folder, item) = 1
    )
    """


@stage(split=None)
def bundles(files: Table[File]) -> tuple[Table[Bundle], Table[BundleFile]]:
    """Find the dumps that lie in several files of a folder. Of one that lies in several places, that least deep."""
    found = query(Bundle, f"{_DIGESTED} select content, form, folder, files, size_bytes from one", f=files)
    sql = f"""{_DIGESTED} select one.content, m.name, m.of, m.locator, m.sha256, m.size_bytes
        from m join one using (item, folder, form)"""
    return found, query(BundleFile, sql, f=files)
