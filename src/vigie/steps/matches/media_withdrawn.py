"""What lists have taken back."""

from vigie.kernel.stage import stage
from vigie.kernel.table import Table, query
from vigie.rows.matches import HashList, Known, Withdrawal, Withdrawn


@stage(split=None)
def withdrawn(known: Table[Known], lists: Table[HashList], withdrawals: Table[Withdrawal]) -> Table[Withdrawn]:
    """Name every hash that its own list, or a later edition of it, has withdrawn by identifier or by value.

    Editions are lists of one name and one meaning; of two, the one with the later date is the later one, and lists
    without a date are no editions of each other: their name may be no more than that of a file. A list withdraws
    nothing of another: what two lists hold stays listed until both have taken it back. A withdrawal that names its
    entry takes back that entry alone, not what others in the same list say of the same hash.
    """
    return query(
        Withdrawn,
        """
        with taken as (
            select w.key as by, w.list, w.entry, w.algorithm, w.value, h.name, h.meaning, h.dated
            from withdrawals w join lists h on h.list = w.list
        ), held as (
            select k.key, k.list, k.entry, k.algorithm, k.value, h.name, h.meaning, h.dated
            from known k join lists h on h.list = k.list
            where k.entry in (select entry from withdrawals where entry <> '')
                or k.value in (select value from withdrawals where octet_length(value) > 0)
        )
        select k.key as known, min(w.by) as by
        from held k join taken w on w.name = k.name and w.meaning = k.meaning
            and (w.list = k.list or k.dated <> '' and k.dated <= w.dated)
            and case w.entry when '' then w.algorithm = k.algorithm and w.value = k.value else w.entry = k.entry end
        group by k.key
        """,
        known=known,
        lists=lists,
        withdrawals=withdrawals,
    )
