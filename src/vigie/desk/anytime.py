"""Share of a case that was decided against the time of its last full run: what the report draws, and a bench prints."""

from __future__ import annotations

import datetime as dt
import typing as t

import msgspec

from vigie.kernel.table import look
from vigie.rows.matches import Standing

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case
    from vigie.kernel.custody_entry import Entry
    from vigie.kernel.run import Run

MARKS: t.Final = (0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
"""Parts of the time for which the share is told in words."""


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """One stage, or the runs of one stage, in seconds since the run began."""

    stage: str
    begin_s: float
    end_s: float


class Anytime(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided when."""

    at: dt.datetime
    """When the run began."""
    machine: str
    jobs: int
    seconds: float
    contents: int
    """Pictures and videos in the end."""
    kept: int
    """Units that earlier sittings and runs had read, whose time is not counted here."""
    complete: bool
    """Did the run come to its end?"""
    points: list[tuple[float, int]]
    """Seconds since the run began, and how many contents were decided then; it stays so until the next point."""
    stretches: list[Stretch]

    def share(self, seconds: float) -> float:
        """Return the share that was decided after so many seconds."""
        decided = max((count for at, count in self.points if at <= seconds), default=0)
        return decided / self.contents if self.contents else 0.0


def anytime(case: Case) -> Anytime | None:
    """Return how the last run of all stages went that read; None where there is none, or nothing to decide."""
    found = _last(case)
    contents = look("select count(*) as n from s where kind <> 'other'", s=case.read(Standing))[0]["n"]
    if not found or not contents:
        return None
    entry, runs = found
    began = entry.at
    points, stretches, kept = [(0.0, 0)], list[Stretch](), 0
    for run in sorted(runs, key=lambda one: one.started):
        begin = (run.started - began).total_seconds()
        kept += run.points[0].units if run.points else 0
        points += [(begin + one.seconds, max(one.decided, points[-1][1])) for one in run.points]
        if run.recipe.stage == "standing":
            points.append((begin + run.seconds, contents))
        stretches.append(Stretch(stage=run.recipe.stage, begin_s=begin, end_s=begin + run.seconds))
    return Anytime(
        at=began,
        machine=str(entry.about.get("machine", "a machine that the log does not name")),
        jobs=int(str(entry.about["jobs"])),
        seconds=max(one.end_s for one in stretches),
        contents=contents,
        kept=kept,
        complete=points[-1][1] == contents,
        points=points,
        stretches=stretches,
    )


def _last(case: Case) -> tuple[Entry, list[Run]] | None:
    """Return the last full run that read anything: its log entry, and the runs that it made."""
    best, start = None, None
    made: list[Run] = []
    for entry in case.custody.entries():
        if entry.act == "run_started":
            start, made = (None if entry.about["only"] else entry), []
        elif entry.act == "run" and start is not None:
            run = t.cast("Run", case.run(str(entry.about["run"])))
            if run.started >= start.at:  # an older one was only chosen again
                made.append(run)
            if any(one.points for one in made):
                best = (start, made)
    return best
