"""Hints that groups may be one series: the same camera, the same encoder."""

from vigie.kernel.stage import stage
from vigie.kernel.table import Table, query
from vigie.rows.artefacts import Media
from vigie.rows.groups import Group, Member, Tie


@stage(split=None)
def ties(groups: Table[Group], members: Table[Member], media: Table[Media]) -> Table[Tie]:
    """Tie the groups whose members name the same camera or encoder; a value seen in one group only ties nothing.

    ``camera`` needs a serial number. ``model`` is make and model only, and says so in its value: thousands own one.
    What a file says of itself may be forged or copied; a tie is where to look, never a finding.
    """
    return query(
        Tie,
        """
        with said as (
            select m."group", x.kind, x.value, g.standing = 'listed' as listed
            from members m
            join groups g on g.key = m."group"
            join media d on d.content = m.content
            cross join lateral (
                values
                    ('camera', case when d.camera_model <> '' and d.camera_serial <> '' then
                        concat_ws(' ', nullif(d.camera_make, ''), d.camera_model, d.camera_serial) end),
                    ('model', case when d.camera_model <> '' then
                        concat_ws(' ', nullif(d.camera_make, ''), d.camera_model, '(model only)') end),
                    ('encoder', nullif(d.encoder, ''))
            ) x(kind, value)
            where x.value is not null
        ), shared as (
            select kind, value, count(distinct "group") as groups,
                count(distinct case when listed then "group" end) as with_listed
            from said group by kind, value having count(distinct "group") > 1
        )
        select distinct s."group", kind, value, h.groups, h.with_listed from said s join shared h using (kind, value)
        """,
        groups=groups,
        members=members,
        media=media,
    )
