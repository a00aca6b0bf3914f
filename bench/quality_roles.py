"""How often roles are right, against the truth of generated forums.

``python bench/quality_roles.py [--seeds 101 102] [--software phpbb mybb xenforo] [--accounts N] [--rows N]``: each
forum is drawn by ``vigie sample --forum-only``, added to a fresh case and worked on up to ``roles``. ``--sample DIR``
takes a whole sample instead, whose uploads have files behind them: of a forum alone one post in forty has a file,
whoever wrote it, so that nobody is an uploader there.

For each role: what is said as a fact, what is inferred, what is inferred of accounts of which no table says it, and
what either says, each against the truth.
"""

import argparse
import subprocess
import sys
import tempfile
import typing as t
from collections.abc import Iterator
from pathlib import Path

from vigie.desk.opening import viewed
from vigie.kernel.table import Table, look
from vigie.rows.artefacts import File
from vigie.rows.people import Platform
from vigie.rows.people_truth import TruthAccount
from vigie.rows.roles import Role

VIGIE = [sys.executable, "-m", "vigie.desk.cli"]
STAGES = ("originals", "files", "relations", "platforms", "records", "activity", "roles")
TRUE = {
    "administrator": ("t.role = 'administrator'", "t.role = 'administrator'", "administrator"),
    "moderator": ("t.role = 'moderator'", "t.role in ('moderator', 'administrator')", "moderator"),
    "uploader": ("t.role in ('uploader', 'reposter')", "t.uploads > 0", "uploader"),
    "uploader, 3 files": ("t.role in ('uploader', 'reposter') and t.uploads >= 3", "t.uploads > 0", "uploader"),
    "paying": ("t.pays", "t.pays", "paying"),
}
"""What must be found, what may be (administrators moderate too), of the truth; and the role as vigie calls it."""
SAID = {
    "fact": "basis = 'fact'",
    "inference": "basis = 'inference'",
    "inference alone": "basis = 'inference' and not stated",
    "either": "true",
}


def main() -> None:
    """Print precision and recall of each role."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102])
    parser.add_argument("--software", nargs="+", default=["phpbb", "mybb", "xenforo"])
    parser.add_argument("--accounts", type=int, default=3000)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--sample", type=Path)
    given = parser.parse_args()
    print("| forum | role | said as | right | wrong | met | missed | precision | recall |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="vigie-roles-") as temporary:
        root = Path(temporary)
        if given.sample:
            report(given.sample.name, case_of(given.sample, root / "case"), given.sample)
            return
        for software in given.software:
            for seed in given.seeds:
                folder = root / f"{software}{seed}"
                size = ["--accounts", str(given.accounts), "--rows", str(given.rows)]
                call("sample", str(folder), "--forum-only", "--seed", str(seed), "--software", software, *size)
                report(f"{software} {seed}", case_of(folder, root / f"case-{software}{seed}"), folder)


def case_of(folder: Path, case: Path) -> Path:
    """Make a case of generated evidence and do what roles need."""
    call("new", str(case), "--authority", "A", "--examiner", "E")
    call("add", str(case), *map(str, sorted((folder / "evidence").iterdir())))
    for stage in STAGES:
        call("run", str(case), "--only", stage)
    return case


def report(name: str, case: Path, folder: Path) -> None:
    """Print the lines of one forum."""
    for role, said, right, wrong, met, missed in scored(case, folder):
        precision = f"{right / (right + wrong):.3f}" if right + wrong else "-"
        recall = f"{met / (met + missed):.3f}" if met + missed else "-"
        print(
            f"| {name} | {role} | {said} | {right} | {wrong} | {met} | {missed} | {precision} | {recall} |", flush=True
        )


def scored(case: Path, folder: Path) -> Iterator[tuple[str, str, int, int, int, int]]:
    """Yield role, how it is said, how many of those said are right and wrong, of those to be found met and missed."""
    opened = viewed(case)
    tables: dict[str, Table[t.Any]] = {
        "t": Table(TruthAccount, Table(TruthAccount, files=[folder / "truthaccount.parquet"]).arrow),
        "f": opened.read(File),
        "p": opened.read(Platform),
        "r": opened.read(Role),
    }
    for what, (must, may, role) in TRUE.items():
        for said, condition in SAID.items():
            (found,) = look(
                f"""
                with known as (
                    select p.key as platform, t.account, ({must}) as must, ({may}) as may, t.stated
                    from t join f on f.locator = t.dump or f.locator like '%/' || t.dump join p on p.content = f.sha256
                ), whose as (
                    select k.must, k.may, r.account is not null as said
                    from known k left join (
                        select distinct r.platform, r.account from r
                        join known using (platform, account) where r.role = '{role}' and {condition}
                    ) r using (platform, account) {"where not k.stated" if said == "inference alone" else ""}
                )
                select count(*) filter (said and may) as right, count(*) filter (said and not may) as wrong,
                    count(*) filter (said and must) as met, count(*) filter (not said and must) as missed
                from whose
                """,
                **tables,
            )
            yield what, said, found["right"], found["wrong"], found["met"], found["missed"]


def call(*arguments: str) -> None:
    """Run a command of vigie quietly."""
    done = subprocess.run([*VIGIE, *arguments], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(f"vigie {' '.join(arguments)}: {done.stderr[-2000:]}")


if __name__ == "__main__":
    main()
