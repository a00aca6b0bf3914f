"""How much of a sample is decided after parts of the time that a run takes, and a picture of it.

``python bench/anytime.py [SAMPLE] [--jobs N]``: SAMPLE is a folder that ``vigie sample`` made, or a size (medium). It
is worked on in a fresh case as its README says; a small one is run before, so that compiled loops are there. Taking in
and reading the evidence's digests is not part of the time: the run is. ``--case CASE`` draws a case that was run.

Beside it stands the *plain order*, computed and not run: the files in the order of their paths, each read whole - a
video by every reference frame, whatever its digest or its key frames say - and decided as soon as it is read. Its times
are those of this run: what stills and videos took in ``prints``, divided by bytes; what ``dense`` took for a second of
film, times the length of every film; all else unchanged. The last line of all is the same work with the lists asked
when everything has been read.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

import msgspec

from vigie.desk import charts
from vigie.desk.anytime import MARKS, Anytime, anytime
from vigie.desk.opening import viewed
from vigie.desk.output import span
from vigie.kernel.case import Case
from vigie.kernel.table import look
from vigie.rows.artefacts import File, Media
from vigie.rows.fingerprints import DensePrint

VIGIE = [sys.executable, "-m", "vigie.desk.cli"]
LEFT, WIDTH, HEIGHT = 60.0, 640.0, 180.0
MOST_POINTS = 400
COMPUTED = "computed, not run: dashed, each file read whole in turn; dotted, all matched after all reading"
COLOURS = ("#d5dde5", "#5a6570", "#1d4f91", "#6d3fa8", "#8a6100")


class Plain(t.NamedTuple):
    """The plain order: everything of each file at once, in the order of their paths."""

    seconds: float
    points: list[tuple[float, int]]
    """As in ``Anytime``."""
    matched_s: float
    """When all is decided if the lists are asked once everything has been read."""
    dense_s: float
    """What every reference frame of all videos would take, of that."""


def main() -> None:
    """Run a sample and print what was decided when."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sample", nargs="?", default="medium")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--case", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vigie-anytime-") as temporary:
        case = viewed(given.case or made(given.sample, Path(temporary), given.jobs))
        found = anytime(case)
        if found is None:
            raise SystemExit("the last run read nothing, or there is nothing to decide")
        other = plain(case, found)
    print(text(found))
    print(compared(found, other) if other else "the plain order is not computed: no video was read densely in this run")
    if figures := os.environ.get("VIGIE_BENCH_FIGURES"):
        Path(figures).mkdir(parents=True, exist_ok=True)
        (Path(figures) / "anytime.svg").write_text(svg(found, other))


def made(sample: str, temporary: Path, jobs: int) -> Path:
    """Make a case of a sample and run it: what the sample's README says, up to ``run``."""
    call("demo", "--dir", str(temporary / "warm"))
    folder, case = Path(sample).resolve(), str(temporary / "case")
    if not folder.is_dir():
        folder = temporary / sample
        call("sample", str(folder), "--size", sample)
    for line in (folder / "README.txt").read_text().splitlines():
        words = [case if word == "CASE" else word for word in shlex.split(line.strip().replace("'", ""))]
        if words[:2] == ["vigie", "add"]:
            words[3:] = [str(one) for one in sorted((folder / "evidence").iterdir())]
        if words[:2] == ["vigie", "run"]:
            words += ["--jobs", str(jobs)]
        if words[:1] == ["vigie"] and words[1] in ("new", "add", "lists", "run"):
            call(*words[1:], folder=folder)
    return Path(case)


def call(*words: str, folder: Path | None = None) -> None:
    """Call vigie. Errors: SystemExit with what it said."""
    done = subprocess.run([*VIGIE, *words], check=False, capture_output=True, text=True, cwd=folder)
    if done.returncode:
        raise SystemExit(f"vigie {shlex.join(words)}: {done.stderr[-2000:]}")


def text(of: Anytime) -> str:
    """Return the curve in words."""
    rows = [f"{of.machine}; {of.jobs} files at once; {of.contents:,} pictures and videos; {span(of.seconds)}"]
    rows += [f"after {mark:4.0%} of the time: {of.share(mark * of.seconds):6.1%} decided" for mark in MARKS]
    for share in (0.25, 0.5, 0.9):
        at = next(seconds for seconds, count in of.points if count >= share * of.contents)
        rows.append(f"{share:.0%} are decided after {span(at)} ({at / of.seconds:.0%} of the time)")
    took: dict[str, float] = {}
    for one in of.stretches:
        took[one.stage] = took.get(one.stage, 0.0) + one.end_s - one.begin_s
    rows.append("  ".join(f"{name} {seconds:.1f}" for name, seconds in took.items()))
    last = next(one.end_s for one in of.stretches if one.stage == "standing")
    rows.append(f"without the count nothing is known before {span(last)} ({last / of.seconds:.0%} of the time)")
    return "\n".join(rows)


def plain(case: Case, of: Anytime) -> Plain | None:
    """Compute the plain order from the times of this run; None where it lacks one of them."""
    runs, spans = case.counting(), {one.stage: one for one in of.stretches}
    dense_of = look("select distinct content from d", d=case.read(DensePrint))
    contents = look(
        """
        select f.sha256, any_value(f.kind) as kind, min(f.locator) as first, any_value(f.size_bytes) as size_bytes,
            max(coalesce(m.duration_s, 0)) as duration_s
        from f left join m on m.content = f.sha256 where f.kind in ('image', 'video') group by f.sha256 order by first
        """,
        f=case.read(File),
        m=case.read(Media),
    )
    if of.kept or not of.complete or not dense_of or "dense" not in spans:
        return None
    stills = [one for one in contents if one["kind"] == "image"]
    films = [one for one in contents if one["kind"] == "video"]
    # ``prints`` reads stills before videos: when the last of them was done, its points say.
    between = max((one.seconds for one in runs["prints"].points if one.units <= len(stills)), default=0.0)
    per_byte = {
        "image": between / sum(one["size_bytes"] for one in stills) if stills else 0.0,
        "video": (runs["prints"].seconds - between) / sum(one["size_bytes"] for one in films) if films else 0.0,
    }
    read = {one["content"] for one in dense_of}
    length = sum(one["duration_s"] for one in films if one["sha256"] in read)
    a_second = runs["dense"].seconds / length if length else 0.0
    at, points = spans["prints"].begin_s, [(0.0, 0)]
    for count, one in enumerate(contents, 1):
        at += one["size_bytes"] * per_byte[one["kind"]] + one["duration_s"] * a_second
        points.append((at, count))
    rest = of.seconds - spans["prints"].begin_s - runs["prints"].seconds - runs["dense"].seconds
    seconds = at + max(rest, 0.0)
    behind = of.seconds - max(one.end_s for one in of.stretches if one.stage == "standing")
    dense_s = a_second * sum(one["duration_s"] for one in films)
    return Plain(seconds=seconds, points=points, matched_s=seconds - behind, dense_s=dense_s)


def compared(of: Anytime, other: Plain) -> str:
    """Return the plain order in words, beside the one that was run."""
    longer = f"{span(other.seconds)} ({other.seconds / of.seconds:.1f}x)"
    rows = [
        f"computed: the plain order takes {longer}, {span(other.dense_s)} of it every reference frame of all videos"
    ]
    for share in (0.25, 0.5, 0.75, 0.9):
        mine = next(seconds for seconds, count in of.points if count >= share * of.contents)
        its = next(seconds for seconds, count in other.points if count >= share * of.contents)
        rows.append(f"computed: {share:.0%} are decided after {span(its)}, here after {span(mine)} ({its / mine:.1f}x)")
    rows.append(f"computed: with the lists asked behind all reading, all at once after {span(other.matched_s)}")
    return "\n".join(rows)


def svg(ran: Anytime, other: Plain | None) -> str:
    """Return the report's picture as a file of its own, with the plain order behind it."""
    of = msgspec.structs.replace(ran, seconds=max(ran.seconds, other.seconds)) if other else ran
    curve = charts.course(of, left=LEFT, width=WIDTH, height=HEIGHT)
    frame = f'viewBox="0 -12 720 {HEIGHT + 116}" width="960" font-family="system-ui, sans-serif" font-size="11"'
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {frame} fill="#16202b">',
        "<title>Share decided against time</title>",
        '<rect x="0" y="-12" width="720" height="100%" fill="#fff"/>',
    ]
    for tick in curve.up:
        out.append(f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{tick.at}" y2="{tick.at}" stroke="#d5dde5"/>')
        out.append(f'<text x="{LEFT - 6}" y="{tick.at + 4}" text-anchor="end">{tick.text}</text>')
    for points, dashes in ((other.points, "6 4"), ([(other.matched_s, of.contents)], "1 4")) if other else ():
        thin = points[:: max(len(points) // MOST_POINTS, 1)] + points[-1:]
        line = charts.course(msgspec.structs.replace(of, points=thin), left=LEFT, width=WIDTH, height=HEIGHT).line
        out.append(f'<polyline points="{line}" fill="none" stroke="#5a6570" stroke-dasharray="{dashes}"/>')
    out.append(f'<polyline points="{curve.line}" fill="none" stroke="#0b5cad" stroke-width="2.2"/>')
    out.extend(
        f'<rect x="{one.x}" y="{HEIGHT + 6}" width="{one.width}" height="12" fill="{COLOURS[one.hue]}"/>'
        for one in curve.bands
    )
    out.extend(
        f'<text x="{tick.at}" y="{HEIGHT + 34}" text-anchor="middle">{tick.text}</text>' for tick in curve.across
    )
    head = f"share decided of {of.contents:,} pictures and videos; {of.machine}"
    out.append(f'<text x="{LEFT}" y="{HEIGHT + 54}">{head}</text>')
    for place, (hue, name, seconds) in enumerate(curve.legend):
        x = LEFT + 128 * place
        out.append(f'<rect x="{x}" y="{HEIGHT + 64}" width="12" height="12" rx="2" fill="{COLOURS[hue]}"/>')
        out.append(f'<text x="{x + 17}" y="{HEIGHT + 74}">{name}, {span(seconds)}</text>')
    if other:
        out.append(f'<text x="{LEFT}" y="{HEIGHT + 96}">{COMPUTED}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


if __name__ == "__main__":
    main()
