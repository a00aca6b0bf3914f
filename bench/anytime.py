"""How much of a sample is decided after parts of the time that a run takes, and a picture of it.

``python bench/anytime.py [SAMPLE] [--jobs N]``: SAMPLE is a folder that ``vigie sample`` made, or a size (medium). It
is worked on in a fresh case as its README says; a small one is run before, so that compiled loops are there. Taking in
and reading the evidence's digests is not part of the time: the run is. ``--case CASE`` draws a case that was run.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from vigie.desk import charts
from vigie.desk.anytime import MARKS, Anytime, anytime
from vigie.desk.opening import viewed
from vigie.desk.output import span

VIGIE = [sys.executable, "-m", "vigie.desk.cli"]
LEFT, WIDTH, HEIGHT = 60.0, 640.0, 180.0
COLOURS = ("#d5dde5", "#5a6570", "#1d4f91", "#6d3fa8", "#8a6100")


def main() -> None:
    """Run a sample and print what was decided when."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sample", nargs="?", default="medium")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--case", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vigie-anytime-") as temporary:
        case = given.case or made(given.sample, Path(temporary), given.jobs)
        found = anytime(viewed(case))
    if found is None:
        raise SystemExit("the last run read nothing, or there is nothing to decide")
    print(text(found))
    if figures := os.environ.get("VIGIE_BENCH_FIGURES"):
        Path(figures).mkdir(parents=True, exist_ok=True)
        (Path(figures) / "anytime.svg").write_text(svg(found))


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


def svg(of: Anytime) -> str:
    """Return the report's picture as a file of its own."""
    curve = charts.course(of, left=LEFT, width=WIDTH, height=HEIGHT)
    frame = f'viewBox="0 -12 720 {HEIGHT + 100}" width="960" font-family="system-ui, sans-serif" font-size="11"'
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {frame} fill="#16202b">',
        "<title>Share decided against time</title>",
        '<rect x="0" y="-12" width="720" height="100%" fill="#fff"/>',
    ]
    for tick in curve.up:
        out.append(f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{tick.at}" y2="{tick.at}" stroke="#d5dde5"/>')
        out.append(f'<text x="{LEFT - 6}" y="{tick.at + 4}" text-anchor="end">{tick.text}</text>')
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
    return "\n".join([*out, "</svg>"]) + "\n"


if __name__ == "__main__":
    main()
