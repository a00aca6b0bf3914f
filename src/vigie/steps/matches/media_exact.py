"""Equal digests: the same bytes as an entry of a list (FIPS 180-4, RFC 1321)."""

from vigie.kernel.stage import stage
from vigie.kernel.table import Table, query
from vigie.rows.artefacts import File
from vigie.rows.matches import Known, Match, Withdrawn
from vigie.steps.listed import CALLED


@stage(split="sha256")
def exact(files: Table[File], known: Table[Known], withdrawn: Table[Withdrawn]) -> Table[Match]:
    """Match every content whose MD5, SHA-1 or SHA-256 stands in a list and was not withdrawn.

    Any one digest decides: an entry may hold only MD5. That MD5 and SHA-1 can be forged on purpose is said in
    docs/matching.md; a forged file matches too much, never too little. Empty files match nothing: real lists hold
    the digest of no bytes by mistake.
    """
    return query(
        Match,
        f"""
        with held as (select * from files where size_bytes > 0),
        digest as (
            select distinct sha256 as content, 'sha256' as algorithm, cast(sha256 as blob) as value from held
            union all
            select distinct sha256, 'sha1', cast(sha1 as blob) from held
            union all
            select distinct sha256, 'md5', cast(md5 as blob) from held
        )
        select d.content, k.key as known, k.list, {CALLED} as entry, 'exact' as method, d.algorithm, '' as variant,
            '' as sampling, 0 as distance_bits, 0 as threshold_bits, 1.0 as share_held, 1.0 as share_known, 1 as frames,
            '' as relation, 0.0 as start_s, 0.0 as end_s, 0.0 as known_start_s, 0.0 as known_end_s, 0.0 as run_s,
            0 as spans, 0 as different, k.meaning, k.category
        from digest d join known k on k.algorithm = d.algorithm and k.value = d.value
        where not k.withdrawn and k.key not in (select known from withdrawn)
        """,
        files=files,
        known=known,
        withdrawn=withdrawn,
    )
