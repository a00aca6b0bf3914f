"""How often vigie is right on who is one person: ``python bench/quality_persons.py [SEED ...]``.

For each seed three forums with common members (phpBB, MyBB, XenForo) are generated, taken in as dumps and run; pairs of
accounts are held against the truth. Precision: share of the pairs said that are true. Recall: share of the true pairs
found, by what the generator left to find them by (``rows.people_truth.TruthPair.tell``). Then the resemblances are
scored anew as they would be if contacts were not compared, and if people wrote down other people's contacts outside
quotations, as the generator's never do: half of those who share a home, and ``FRIENDS`` pairs of accounts of one
platform and country. Seeds 1 to 9, 101 to 103, 201 to 206 and 401 to 404 were looked at during development; the
tables in ``docs/persons.md`` are of others.
"""

from __future__ import annotations

import argparse
import functools
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

from vigie.desk.opening import viewed
from vigie.kernel.stage import STAGES
from vigie.kernel.table import Table, join, look, of, query, read_parquet
from vigie.numeric.wilson import interval
from vigie.rows.artefacts import File
from vigie.rows.people import Account, Platform
from vigie.rows.people_truth import TruthAccount, TruthPair
from vigie.rows.persons import Alias, Bond, Resemblance
from vigie.sample.forum.addresses import write_tables
from vigie.sample.forum.attached import made_up
from vigie.sample.forum.make import REFERENCE, WRITERS
from vigie.sample.forum.truth import write_truth
from vigie.sample.forum.world import Wanted, world
from vigie.steps.groups.people_resemblances import Resembling, resemblances

SEEDS = (301, 302, 303)
SOFTWARE = ("phpbb", "mybb", "xenforo")
VIGIE = (sys.executable, "-c", "from vigie.desk.cli import main; main()")
FLAGS = ("tor", "vpn", "hosting")
FRIENDS = 120
PAIRS = """
    with placed as (
        select p.key as platform, min(f.locator) as dump from platform p join file f on f.sha256 = p.content
        group by p.key
    ), known as (
        select a.platform, a.id as account, min(t.person) as person
        from account a join placed p using (platform) join truthaccount t on t.dump = p.dump and t.account = a.id
        group by a.platform, a.id
    ), alike as (
        select x.platform as pa, x.account as aa, y.platform as pb, y.account as ab
        from known x join known y on x.person = y.person and (x.platform, x.account) < (y.platform, y.account)
    ), told as (
        select least((x.platform, t.account_a), (y.platform, t.account_b)) as one,
            greatest((x.platform, t.account_a), (y.platform, t.account_b)) as other, t.tell, t.same
        from truthpair t join placed x on x.dump = t.dump_a join placed y on y.dump = t.dump_b
    ), tied as (
        select x.platform as pa, x.account as aa, y.platform as pb, y.account as ab
        from alias x join alias y on x.person = y.person and (x.platform, x.account) < (y.platform, y.account)
    ), hinted as (
        select distinct platform_a as pa, account_a as aa, platform_b as pb, account_b as ab from bond
        anti join tied on pa = platform_a and aa = account_a and pb = platform_b and ab = account_b
    ), said as (
        select 'exact' as layer, * from tied
        union all select 'hint', * from hinted
        union all select verdict, platform_a, account_a, platform_b, account_b from resemblance
    )
"""


def make(folder: Path, seed: int, accounts: int) -> None:
    """Write the forums of a seed and the truth about them."""
    wanted = [Wanted(software=one, accounts=accounts, posts=15 * accounts, messages=accounts) for one in SOFTWARE]
    (folder / "evidence").mkdir(parents=True)
    told = []
    for forum in world(seed, wanted):
        path = folder / "evidence" / f"{forum.wanted.software}.sql"
        with path.open("wb") as out:
            writer = WRITERS[forum.wanted.software]
            told.append(writer.write(out, forum, functools.partial(made_up, forum), path.name))
    write_tables(folder / REFERENCE)
    write_truth(folder, told, [], {})


def run(folder: Path) -> None:
    """Make a case of them."""
    case = str(folder / "case")
    vigie("new", case, "--authority", "bench", "--examiner", "bench")
    for one in SOFTWARE:
        vigie("add", case, str(folder / "evidence" / f"{one}.sql"))
    for flag in FLAGS:
        vigie(
            "geo",
            "add",
            case,
            str(folder / REFERENCE / f"{flag}.txt"),
            "--flag",
            flag,
            "--name",
            flag,
            "--dated",
            "2020-01-01",
        )
    vigie("run", case)


def vigie(*arguments: str) -> None:
    """Run the command line; what it prints is shown where it fails."""
    done = subprocess.run([*VIGIE, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"vigie {' '.join(arguments)}\n{done.stdout}{done.stderr}")


def counted(folder: Path) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Return (pairs said by layer, true pairs by what tells them)."""
    case = viewed(folder / "case")
    tables: dict[str, Table] = {
        row.table(): case.read(row) for row in (File, Platform, Account, Alias, Bond, Resemblance)
    }
    for row in (TruthAccount, TruthPair):
        tables[row.table()] = Table(row, read_parquet(folder / f"{row.table()}.parquet"))
    said = look(
        f"""{PAIRS} select layer, coalesce(any_value(t.tell), 'none') as tell, count(*) as pairs, count(k.pa) as right
        from said s left join alike k using (pa, aa, pb, ab)
        left join told t on t.one = (s.pa, s.aa) and t.other = (s.pb, s.ab) and not t.same
        group by layer, t.tell order by layer, t.tell""",
        **tables,
    )
    found = look(
        f"""{PAIRS} select coalesce(t.tell, 'other') as tell, count(*) as pairs,
            count(*) filter (where s.layer = 'exact') as exact, count(*) filter (where s.layer = 'likely') as likely,
            count(*) filter (where s.layer = 'possible') as possible, count(*) filter (where s.layer = 'hint') as hint
        from alike k left join told t on t.one = (k.pa, k.aa) and t.other = (k.pb, k.ab) and t.same
        left join (
            select pa, aa, pb, ab, min_by(layer, list_position(['exact', 'likely', 'possible', 'hint'], layer)) as layer
            from said group by pa, aa, pb, ab
        ) s using (pa, aa, pb, ab)
        group by 1 order by 1""",
        **tables,
    )
    return said, found


def stressed(folder: Path) -> list[tuple[str, str, int, int]]:
    """Return (variant, verdict, pairs said, right) of resemblances scored with other contacts written down."""
    case = viewed(folder / "case")
    stage = STAGES["resemblances"]
    reads = {name: case.read(row) for name, row in stage.reads.items()}
    tables: dict[str, Table] = {row.table(): case.read(row) for row in (File, Platform, Account, Alias, Bond)}
    tables |= {"resemblance": of(Resemblance)}
    for row in (TruthAccount, TruthPair):
        tables[row.table()] = Table(row, read_parquet(folder / f"{row.table()}.parquet"))
    bonds = reads["bonds"]
    variants = {
        "as generated": bonds,
        "contacts not compared": query(Bond, "select * from b where strength = 'exact' or kind = 'handle'", b=bonds),
        "half of the homes write": written(bonds, look(f"{PAIRS} {HOMES}", **tables)[::2]),
        "friends write": written(bonds, look(f"{PAIRS} {COUPLES}", **tables)),
    }
    out = []
    for name, told in variants.items():
        kept, _, _ = resemblances(**reads | {"bonds": told}, params=Resembling())
        rows = look(
            f"""{PAIRS} select verdict, count(*) as said, count(k.pa) as hit from kept
            left join alike k on (pa, aa, pb, ab) = (platform_a, account_a, platform_b, account_b) group by verdict""",
            **tables,
            kept=kept,
        )
        out += [(name, one["verdict"], one["said"], one["hit"]) for one in rows]
    return out


def written(bonds: Table[Bond], couples: list[dict[str, t.Any]]) -> Table[Bond]:
    """Return bonds with those that come of one of each couple writing the address of the other."""
    more = [
        Bond.make(
            **one, kind="email", value=f"couple{n}@example.org", strength="hint", holding_a="stated",
            holding_b="mentioned", identifier_a=b"a" * 16, identifier_b=b"b" * 16, text="",
        )
        for n, one in enumerate(couples)
    ]  # fmt: skip
    return join(Bond, [bonds, of(Bond, more)])


HOMES = """
    select x.platform as platform_a, t.account_a, y.platform as platform_b, t.account_b
    from truthpair t join placed x on x.dump = t.dump_a join placed y on y.dump = t.dump_b
    where t.tell = 'household' order by all
"""
COUPLES = f"""
    , who as (
        select k.*, t.country from known k join placed p using (platform)
        join truthaccount t on t.dump = p.dump and t.account = k.account where t.posts >= 5
    )
    select x.platform as platform_a, x.account as account_a, y.platform as platform_b, y.account as account_b
    from who x join who y on x.platform = y.platform and x.country = y.country
    where x.person <> y.person and x.account < y.account
    order by md5(concat(x.account, ' ', y.account)), x.account, y.account, x.platform limit {FRIENDS}
"""


def main() -> None:
    """Print what each layer says, and what of the truth it finds."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("seeds", nargs="*", type=int, default=SEEDS)
    asked.add_argument("--accounts", type=int, default=2_000, help="of each forum")
    given = asked.parse_args()
    said: dict[str, list[int]] = {}
    traps: dict[tuple[str, str], int] = {}
    found: dict[str, dict[str, int]] = {}
    stress: dict[tuple[str, str], list[int]] = {}
    for seed in given.seeds:
        with tempfile.TemporaryDirectory() as name:
            make(Path(name), seed, given.accounts)
            run(Path(name))
            layers, tells = counted(Path(name))
            for variant, verdict, pairs, right in stressed(Path(name)):
                count = stress.setdefault((variant, verdict), [0, 0])
                count[0] += pairs
                count[1] += right
        for one in layers:
            count = said.setdefault(one["layer"], [0, 0])
            count[0] += one["pairs"]
            count[1] += one["right"]
            wrong = one["pairs"] - one["right"]
            traps[one["layer"], one["tell"]] = traps.get((one["layer"], one["tell"]), 0) + wrong
        for one in tells:
            into = found.setdefault(one.pop("tell"), {})
            for key, value in one.items():
                into[key] = into.get(key, 0) + value
    print(f"seeds {', '.join(map(str, given.seeds))}; {len(SOFTWARE)} forums of {given.accounts:,} accounts each\n")
    print("| Layer | pairs said | right | precision (95 %) | wrong ones: traps |\n|---|---|---|---|---|")
    for layer in ("exact", "likely", "possible", "hint"):
        pairs, right = said.get(layer, [0, 0])
        wrong = ", ".join(f"{tell} {n}" for (at, tell), n in sorted(traps.items()) if at == layer and n)
        print(f"| {layer} | {pairs} | {right} | {shown(right, pairs)} | {wrong} |")
    print("\n| Told by | true pairs | exact | likely | possible | hint only |\n|---|---|---|---|---|---|")
    for tell, one in sorted(found.items()):
        shares = " | ".join(
            f"{one[key]} ({one[key] / one['pairs']:.2f})" for key in ("exact", "likely", "possible", "hint")
        )
        print(f"| {tell} | {one['pairs']} | {shares} |")
    print("\n| Contacts | likely: said, right | precision (95 %) | possible: said, right | precision (95 %) |")
    print("|---|---|---|---|---|")
    for variant in dict.fromkeys(name for name, _ in stress):
        cells = []
        for verdict in ("likely", "possible"):
            pairs, right = stress.get((variant, verdict), [0, 0])
            cells.append(f"{pairs}, {right} | {shown(right, pairs)}")
        print(f"| {variant} | {' | '.join(cells)} |")


def shown(hit: int, of_: int) -> str:
    """Return a share with its 95 % interval (Wilson)."""
    low, high = interval(hit, of_)
    return f"{hit / of_:.3f} ({low:.3f} to {high:.3f})" if of_ else "-"


if __name__ == "__main__":
    main()
