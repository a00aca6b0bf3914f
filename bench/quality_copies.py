"""How often a copy is told from another forum, and the later from the older: on forums of the generator.

``python bench/quality_copies.py [--seeds 21 22 ...]``: forums are drawn and read by the product; of each are made an
older date, cut dumps, dates without moments of registration, and forums that took over its members. Each pair is asked
of ``vigie.steps.dated``. Counters (``AUTO_INCREMENT``) are left out: what is measured is all the rest.
"""

import argparse
import collections
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

import pyarrow as pa

from vigie.desk.opening import viewed
from vigie.kernel.table import Table, look, of, query
from vigie.rows.artefacts import File, Relation
from vigie.rows.copies import Copy, Extent
from vigie.rows.people import Account, Attachment, Message, Platform, Post, Topic
from vigie.sample.forum.make import alone
from vigie.steps.dated import Copies, judged, pairs

VIGIE = [sys.executable, "-m", "vigie.desk.cli"]
STAGES = ("originals", "files", "relations", "platforms", "records")
SOFTWARES = ("phpbb", "mybb", "xenforo")
KINDS = {"accounts": Account, "topics": Topic, "posts": Post, "messages": Message, "attachments": Attachment}
WRITTEN = tuple(name for name in KINDS if name != "accounts")
OLD, NEW = b"o" * 16, b"n" * 16
DAYS = 400
"""So long before the end of a forum its older date is."""
Forum: t.TypeAlias = dict[str, Table[t.Any]]


def main() -> None:
    """Print how often each kind of pair was told right, and its order."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(21, 27)))
    parser.add_argument("--accounts", type=int, default=120)
    parser.add_argument("--rows", type=int, default=2500)
    given = parser.parse_args()
    forums = read(given.seeds, given.accounts, given.rows)
    said: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for software in SOFTWARES:
        for seed, after in zip(given.seeds, [*given.seeds[1:], given.seeds[0]], strict=True):
            for name, want, a, b, short in made(forums[software, seed], forums[software, after]):
                found = asked(a, b, short=short)
                verdict = found.verdict if found else "apart"
                said[name]["right" if verdict == want else "wrong"] += 1
                if want == verdict == "copy" and found:
                    known = found.dated_by != "unknown"
                    said[name][("later right" if found.later == NEW else "later wrong") if known else "unknown"] += 1
    print("| pair | verdict right | wrong | later told right | wrong | not told |\n|---|---|---|---|---|---|")
    for name, count in said.items():
        cells = [count[x] for x in ("right", "wrong", "later right", "later wrong", "unknown")]
        print(f"| {name} | {' | '.join(map(str, cells))} |")


def read(seeds: list[int], accounts: int, rows: int) -> dict[tuple[str, int], Forum]:
    """Draw forums and read them by the product; the rows of each by table."""
    with tempfile.TemporaryDirectory(prefix="vigie-copies-") as temporary:
        folder, case = Path(temporary), str(Path(temporary) / "case")
        (folder / "evidence").mkdir()
        for software in SOFTWARES:
            for seed in seeds:
                made_ = alone(folder / f"{software}{seed}", seed, software, accounts, rows)
                made_.dump.rename(folder / "evidence" / f"{software}-{seed}.sql")
        call("new", case, "--authority", "A", "--examiner", "E")
        call("add", case, str(folder / "evidence"))
        for stage in STAGES:
            call("run", case, "--only", stage)
        held = viewed(Path(case))
        lying = {name: Table(row, held.read(row).arrow) for name, row in KINDS.items()}
        names = look(
            "select p.key, f.name from p join f on f.sha256 = p.content", p=held.read(Platform), f=held.read(File)
        )
        out = {}
        for one in names:
            software, _, seed = one["name"].removesuffix(".sql").partition("-")
            mine = f"select * from x where platform = unhex('{one['key'].hex()}')"
            out[software, int(seed)] = {name: query(KINDS[name], mine, x=table) for name, table in lying.items()}
        return out


def call(*words: str) -> None:
    """Call vigie; what it says is shown where it fails."""
    done = subprocess.run([*VIGIE, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


def made(forum: Forum, other: Forum) -> t.Iterator[tuple[str, str, Forum, Forum, bytes]]:
    """Yield pairs: what it is, what is right, the older, the later, and which of them is cut off."""
    before, now = older(forum), later(forum)
    yield "two dates", "copy", before, now, b""
    yield "no moments of registration", "copy", bare(before), bare(now), b""
    yield "the same, accounts alone", "copy", only(bare(before), "accounts"), only(bare(now), "accounts"), b""
    yield "accounts alone", "copy", only(before, "accounts"), only(now, "accounts"), b""
    yield "later cut in its accounts", "copy", before, cut(now, accounts=0.4), NEW
    yield "later cut before its accounts", "copy", before, cut(now, accounts=0), NEW
    yield "later cut in its posts", "copy", before, cut(now, accounts=0, topics=0, posts=0.3), NEW
    yield "older cut in its posts", "copy", cut(before, accounts=0, topics=0, posts=0.3), now, OLD
    yield "another forum", "apart", before, taken(other), b""
    yield "another forum, no moments", "apart", bare(before), bare(taken(other)), b""
    yield "took over members", "apart", before, heir(before, other), b""
    yield "the same, no moments", "apart", bare(before), bare(heir(before, other)), b""
    yield "took over members, renumbered", "apart", before, heir(before, other, shift=7), b""
    yield "took over members, posts numbered on", "apart", before, heir(before, other, on=10**6), b""
    yield "took over all, and both went on", "apart", later(forum, OLD), forked(forum), b""
    yield "took over members alone", "apart", only(before, "accounts"), only(heir(before, other), "accounts"), b""


def changed(forum: Forum, key: bytes, **selects: str) -> Forum:
    """Return the rows of a forum under another key, each table by a ``select`` of ``x``."""
    mine = f"select * exclude (key) replace (unhex('{key.hex()}') as platform) from "
    everything = "select * from x"
    return {name: query(KINDS[name], f"{mine} ({selects.get(name, everything)})", x=x) for name, x in forum.items()}


def taken(forum: Forum) -> Forum:
    """Return a forum as the later one."""
    return changed(forum, NEW)


def until(forum: Forum) -> str:
    """Return the moment of the older date, as SQL."""
    (one,) = look('select max("at") as end from x', x=forum["posts"])
    return f"(timestamptz '{one['end'].isoformat()}' - interval {DAYS} days)"


def older(forum: Forum) -> Forum:
    """Return it as it was: what came later is not there, and nobody was there later."""
    end = until(forum)
    accounts = f"""
        select * replace (case when last_seen > {end} then greatest(registered, {end} - to_days((hash(id) % 90)::int))
            else last_seen end as last_seen) from x where registered is null or registered <= {end}"""
    return changed(forum, OLD, accounts=accounts, **dict.fromkeys(WRITTEN, f'select * from x where "at" <= {end}'))


def later(forum: Forum, key: bytes = NEW) -> Forum:
    """Return it as it is: two in a hundred of all were deleted, one in a hundred of the accounts renamed."""
    left = "where hash(id || 'd') % 50 > 0"
    accounts = f"select * replace (if(hash(id || 'r') % 100 = 0, name || 'x', name) as name) from x {left}"
    return changed(forum, key, accounts=accounts, **dict.fromkeys(WRITTEN, f"select * from x {left}"))


def bare(forum: Forum) -> Forum:
    """Return it without moments of registration."""
    return forum | {"accounts": query(Account, "select * replace (null as registered) from x", x=forum["accounts"])}


def only(forum: Forum, kept: str) -> Forum:
    """Return one table of it."""
    return {name: x if name == kept else of(KINDS[name]) for name, x in forum.items()}


def cut(forum: Forum, **share: float) -> Forum:
    """Return it with the first part of these tables."""
    sql = "select * from x qualify row_number() over (order by number) <= {} * count(*) over ()"
    return forum | {name: query(KINDS[name], sql.format(part), x=forum[name]) for name, part in share.items()}


def heir(forum: Forum, other: Forum, *, shift: int = 0, on: int = 0) -> Forum:
    """Return a forum that took over the members of another, and has topics, posts and messages of its own."""
    number = "coalesce((try_cast(id as bigint) + {})::text, id) as id"
    members = changed(
        {"accounts": forum["accounts"]}, NEW, accounts=f"select * replace ({number.format(shift)}) from x"
    )
    own = {name: other[name] for name in WRITTEN}
    return members | changed(own, NEW, **{name: f"select * replace ({number.format(on)}) from x" for name in WRITTEN})


def forked(forum: Forum) -> Forum:
    """Return a forum that took over all, and whose members since wrote other things than on the other."""
    end = until(forum)
    moved = f'"at" + to_seconds(if("at" > {end}, 3600 + (hash(id) % 9000)::int, 0)) as "at"'
    return changed(forum, NEW, **dict.fromkeys(WRITTEN, f"select * replace ({moved}) from x"))


def asked(a: Forum, b: Forum, *, short: bytes) -> Copy | None:
    """Return what is said of two; None where they have no number in common."""
    platforms = [_platform(OLD), _platform(NEW)]
    cut_off = [Extent.make(platform=short, relation="", into="", state="cut", rows=0, left=0, upto=None, text="")]
    tables = (Table(row, pa.concat_tables([a[name].arrow, b[name].arrow])) for name, row in KINDS.items())
    extents = of(Extent, cut_off if short else [])
    _, found = pairs(of(Platform, platforms), of(Relation), extents, *tables)
    return judged(found[0], Copies()) if found else None


def _platform(key: bytes) -> Platform:
    return Platform(
        key=key, content=2 * key, prefix="", software="one", title="", score=1.0, missing="", mapping=""
    )  # fmt: skip


if __name__ == "__main__":
    main()
