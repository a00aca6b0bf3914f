"""How often roles are right, against the truth of generated samples or forums.

``python bench/quality_roles.py [--seeds 11 12 ...]``: whole samples, of four platforms each, one of a making of its own
(its mapping is used); their uploads have files behind them. ``--forums phpbb mybb xenforo custom [--accounts N] [--rows
N]``: forums alone instead, larger ones; there one post in forty has a file, whoever wrote it, so that nobody is an
uploader by what he does, and that role is left out. Each is drawn, added to a fresh case and worked on up to ``roles``.

For each role: what is said as a fact, what is inferred, what is inferred of accounts of which no table says it, and
what either says, with 95 % intervals (Wilson). What counts as right:
``vigie.desk.scores_people.ROLES``, as in the demo. Seeds 1 to 5 were looked at during development.
"""

import argparse
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

import msgspec

from vigie.desk.opening import viewed
from vigie.desk.scores_people import ROLES, Hits, between, role_hits
from vigie.kernel.table import Table, read_parquet
from vigie.rows.artefacts import File
from vigie.rows.people import Platform
from vigie.rows.people_truth import TruthAccount
from vigie.rows.roles import Role
from vigie.sample.forum.make import MAPPING

Found: t.TypeAlias = dict[tuple[str, str], Hits]
VIGIE = [sys.executable, "-m", "vigie.desk.cli"]
STAGES = ("originals", "files", "relations", "platforms", "records", "activity", "roles")
SAID = {
    "fact": "basis = 'fact'",
    "inference": "basis = 'inference'",
    "inference alone": "basis = 'inference'",
    "either": "true",
}


def main() -> None:
    """Print precision and recall of each role."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(11, 21)))
    parser.add_argument("--forums", nargs="+", default=[], metavar="SOFTWARE", help="phpbb, mybb, xenforo, custom")
    parser.add_argument("--accounts", type=int, default=3000, help="of each forum")
    parser.add_argument("--rows", type=int, default=60_000, help="of each forum")
    given = parser.parse_args()
    size = ["--accounts", str(given.accounts), "--rows", str(given.rows)]
    print("| of | role | said as | precision | recall |\n|---|---|---|---|---|")
    for software in given.forums or [""]:
        of_seeds = []
        for seed in given.seeds:
            with tempfile.TemporaryDirectory(prefix="vigie-roles-") as temporary:
                folder = Path(temporary) / "sample"
                how = ["--forum-only", "--software", software, *size] if software else []
                call("sample", str(folder), "--seed", str(seed), *how)
                of_seeds.append(scored(case_of(folder, Path(temporary) / "case"), folder, media=not software))
        report(f"{software or 'samples'} {', '.join(map(str, given.seeds))}", added(of_seeds))


def case_of(folder: Path, case: Path) -> Path:
    """Make a case of generated evidence and do what roles need."""
    call("new", str(case), "--authority", "A", "--examiner", "E")
    if (folder / MAPPING).exists():
        call("map", "use", str(case), str(folder / MAPPING))
    call("add", str(case), *map(str, sorted((folder / "evidence").iterdir())))
    for stage in STAGES:
        call("run", str(case), "--only", stage)
    return case


def scored(case: Path, folder: Path, *, media: bool) -> Found:
    """Return what was said of each role, by how it is said, against the truth."""
    opened = viewed(case)
    tables: dict[str, Table[t.Any]] = {
        "t": Table(TruthAccount, read_parquet(folder / "truthaccount.parquet")),
        "f": opened.read(File),
        "p": opened.read(Platform),
        "r": opened.read(Role),
    }
    return {
        (role, said): role_hits(
            tables, role, basis=condition, among="not t.stated" if said == "inference alone" else "true"
        )
        for role in ROLES
        if media or role != "uploader"
        for said, condition in SAID.items()
    }


def added(all_: list[Found]) -> Found:
    """Return the sums."""
    out: Found = {}
    for key in all_[0]:
        some = [msgspec.structs.astuple(one[key]) for one in all_]
        out[key] = Hits(**dict(zip(Hits.__struct_fields__, map(sum, zip(*some, strict=True)), strict=True)))
    return out


def report(name: str, found: Found) -> None:
    """Print the lines of one forum or of several."""
    for (role, said), hits in found.items():
        precision, recall = shown(hits.right, hits.said), shown(hits.found, hits.true)
        print(f"| {name} | {role} | {said} | {precision} | {recall} |", flush=True)


def shown(hit: int, of: int) -> str:
    """Return a share with its 95 % interval."""
    return f"{hit / of:.2f} ({hit} of {of}; {between(hit, of)})" if of else "-"


def call(*arguments: str) -> None:
    """Run a command of vigie quietly."""
    done = subprocess.run([*VIGIE, *arguments], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(f"vigie {' '.join(arguments)}: {done.stderr[-2000:]}")


if __name__ == "__main__":
    main()
