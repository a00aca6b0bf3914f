"""How much of a case is decided while it is still being read: for people who wait, and for no table.

A picture or video is *decided* once nothing that the run will still read can change where it stands: a list names its
digest; or it is a still that was read; or a video that its key frames decide (``triage``), that was read frame by
frame, or that cannot be read. Where it stands is asked of the matching stages themselves, on what has come so far. One
thing they cannot say of a part: whether a frame is common in the whole case, which may take a match of a video away
again. So the last word on videos is said at the end.
"""

from __future__ import annotations

import typing as t
from collections import Counter

from vigie.kernel import evaluate
from vigie.kernel.engine import whole
from vigie.kernel.meanwhile import Count
from vigie.kernel.stage import STAGES
from vigie.kernel.table import Table, join, look, query
from vigie.rows.artefacts import File, Media
from vigie.rows.matches import STANDINGS, Decided, Match, Standing

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case
    from vigie.kernel.stage import Stage
    from vigie.kernel.table import Named
    from vigie.rows.base import Row

FIRST: t.Final = "prints"
"""The stage that reads everything once, and decides the stills."""
LAST: t.Final = "dense"
"""The stage that reads those videos again that are left."""
PART: t.Final = 20_000
COUNTED: t.Final = "select standing, count(*) as n from s where kind <> 'other' group by standing"
LISTED: t.Final = "(select content from m where method = 'exact' and meaning = 'listed') l"
ONE_EACH: t.Final = "qualify row_number() over (partition by sha256) = 1"

Tables: t.TypeAlias = "dict[type[Row], Table[t.Any]]"


class Judging:
    """Counts the contents that are decided, by standing."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._shelf = evaluate.shelf(case)
        self._stage = ""
        self._lists: dict[type[Row], Table[t.Any]] = {}
        self._of = 0
        self._before = Counter[str]()
        """By digest, and by ``triage``."""
        self._first = Counter[str]()
        """By what ``FIRST`` gave."""
        self._whole = False
        """Was all looked at that ``FIRST`` gave? Else its tables are, once ``LAST`` goes on."""
        self._last = Counter[str]()

    def now(self) -> Count:
        """Return what is decided by all that was given so far."""
        return _count(self._before + self._first + self._last, self._of)

    def settle(self) -> None:
        """Count where everything stands by the last ``standing``: the last word."""
        self._before = Counter({one["standing"]: int(one["n"]) for one in look(COUNTED, s=self._case.read(Standing))})
        self._of, self._first, self._last = self._before.total(), Counter(), Counter()

    def begin(self, stage: Stage) -> bool:
        """Hear that a stage is about to read; count what those before it have decided."""
        if stage.name not in (FIRST, LAST):
            return False
        (found,) = look(
            "select count(distinct sha256) as n from f where kind in ('image', 'video')", f=self._case.read(File)
        )
        self._of, self._last = found["n"], Counter()
        self._lists = {}
        self._before = self._by_digest() + (self._by_triage() if stage.name == LAST else Counter())
        if stage.name == FIRST:
            self._first, self._whole = Counter(), False
        self._stage = stage.name
        return True

    def add(self, units: Named, tables: Tables) -> None:
        """Count units of this stage that are done, given all their rows."""
        files = self._files(units)
        if self._stage == FIRST:
            self._first += self._stand(self._decided_by_first(files, tables), tables)
        else:
            if not self._whole:
                self._first, self._whole = self._read_before(), True
            self._last += self._stand(files, tables, "video")

    def end(self, *, whole: bool) -> None:
        """Hear that the stage was read to its end; ``whole``: all of its units were given."""
        self._lists = {}
        if self._stage == FIRST:
            self._whole = whole

    def _by_digest(self) -> Counter[str]:
        """Count what a list names by digest: whatever it looks like, it stays listed or in conflict."""
        sql = f"select * from f semi join {LISTED} on f.sha256 = l.content where kind in ('image', 'video') {ONE_EACH}"
        files = query(File, sql, f=self._case.read(File), m=self._case.read(Match))
        return _standings(files, self._exact(files))

    def _by_triage(self) -> Counter[str]:
        """Count the videos that key frames decided: near something listed, so in conflict where a digest is benign."""
        sql = f"""
            select case when content in (select content from m where method = 'exact') then 'conflict' else 'near' end
                as standing, count(*) as n
            from d anti join {LISTED} using (content) group by all
        """
        found = look(sql, d=self._case.read(Decided), m=self._case.read(Match))
        return Counter({one["standing"]: int(one["n"]) for one in found})

    def _read_before(self) -> Counter[str]:
        """Count what ``FIRST`` decided in another sitting or run, from its tables."""
        out = Counter[str]()
        parts = -(-self._of // PART)
        for part in range(parts):
            sql = f"select * from f where kind in ('image', 'video') and hash(sha256) % {parts} = {part} {ONE_EACH}"
            out += self._stand(self._decided_by_first(query(File, sql, f=self._case.read(File)), {}), {})
        return out

    def _decided_by_first(self, files: Table[File], tables: Tables) -> Table[File]:
        """Leave out the videos that will be looked at again."""
        media = self._of_these(files, Media, tables)
        sql = "select * from f where kind = 'image' or sha256 not in (select content from m)"
        return query(File, sql, f=files, m=media)

    def _stand(self, files: Table[File], tables: Tables, *besides: str) -> Counter[str]:
        """Count by standing what no list names by digest, as the matching stages see it."""
        sql = f"select * from f anti join {LISTED} on f.sha256 = l.content"
        left = query(File, sql, f=files, m=self._case.read(Match))
        matches = [self._exact(left)]
        for stage in STAGES.values():
            # Those that may be divided by content say of a part what they say of the whole.
            if stage.writes == (Match,) and (stage.split == "content" or stage.name in besides):
                given = {name: self._of_these(left, row, tables) for name, row in stage.reads.items()}
                params = stage.settings(self._case.settings.stage.get(stage.name, {}))
                matches += whole(stage, given, params, self._shelf)  # type: ignore[arg-type]  # it writes Match only
        return _standings(left, join(Match, matches))

    def _of_these(self, files: Table[File], row: type[Row], tables: Tables) -> Table[t.Any]:
        """Return the rows about these contents; all rows of a table that is not about contents."""
        if "content" in row.__struct_fields__:
            held = tables.get(row) or self._case.read(row)
            return query(row, "select x.* from x semi join f on x.content = f.sha256", x=held, f=files)
        if row not in self._lists:  # the very same table each time: lists are made ready once (steps/listed.py)
            self._lists[row] = self._case.read(row)
        return tables.get(row) or self._lists[row]

    def _files(self, units: Named) -> Table[File]:
        sql = f"select * from f semi join u on f.sha256 = u.unit {ONE_EACH}"
        return query(File, sql, f=self._case.read(File), u=units)

    def _exact(self, files: Table[File]) -> Table[Match]:
        sql = "select m.* from m semi join f on m.content = f.sha256 where method = 'exact'"
        return query(Match, sql, m=self._case.read(Match), f=files)


def _standings(files: Table[File], matches: Table[Match]) -> Counter[str]:
    (found,) = whole(STAGES["standing"], {"files": files, "matches": matches}, None)
    return Counter({one["standing"]: int(one["n"]) for one in look(COUNTED, s=found)})


def _count(by: Counter[str], of: int) -> Count:
    return Count(of=of, by={name: by[name] for name in STANDINGS if by[name]})
