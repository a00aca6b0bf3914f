"""A forum's database from dump to answers, beside reading the file and beside loading it into MariaDB.

``python bench/forum.py [DUMP ...] [--mariadb MB]``: dumps of ``vigie sample --forum-only``; without one, two are
made, of 18,000 accounts with 300,000 rows and ten times that. Each is taken in and run in a process of its own; CPU
is that of it and all it starts. Two busy cores share what lies behind them, so each does less than one does alone:
the last dump is read on one core, too. Memory is the largest sum of their proportional set sizes. *In* is what reads
the dump (``relations``, ``records``), *answers* all stages of people behind it. MariaDB, where Debian's server is
installed, loads the first MB of the same dump (``--mariadb``, 200 if not said; 0: it is left out) from a pipe, with
its own settings, into a new server.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import typing as t
from pathlib import Path

from scale import pss

RUN = """
import sys, os, json, time, resource
from pathlib import Path
import vigie.steps; vigie.steps.load()
from vigie.kernel import intake
from vigie.kernel.case import Case
from vigie.kernel.engine import Needs
from vigie.kernel.local import Local
from vigie.kernel.settings import About
from vigie.kernel.evaluate import do, order
from vigie.rows.evidence import Item
from vigie.rows.people import Account, Taken
folder = Path(sys.argv[1])
until = sys.argv[2]
case = Case.create(folder, About(name="bench", authority="-", examiner="-", created="-"))
engine = Local(2)
took = {}
def cpu():
    of = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in of)
def timed(name, call):
    Path(f"{folder}.now").write_text(name)
    clock, used = time.monotonic(), cpu()
    out = call()
    engine.close()
    took[name] = (time.monotonic() - clock, cpu() - used)
    print(json.dumps({"stage": name, "wall_s": took[name][0], "cpu_s": took[name][1]}), file=sys.stderr, flush=True)
    return out
items = [intake.register(case, os.fsencode(p)) for p in sys.argv[3:]]
needs = Needs(tmp=folder / "tmp", items=case.read(Item).rows(), vault=case.custody.vault_key())
timed("add", lambda: intake.take_in(case, items, engine, needs, lambda _: None))
for stage in order():
    timed(stage.name, lambda: do(case, stage, engine, needs, lambda _: None))
    if stage.name == until:
        break
rows = {}
for one in case.read(Taken):
    rows[one.relation] = max(rows.get(one.relation, 0), one.read)
print(json.dumps({"accounts": len(case.read(Account)), "rows": sum(rows.values()), "took": took}))
"""
IN = ("relations", "records")
RANKED = ("activity", "roles", "ranking", "identifiers", "bonds", "persons")
NOT_PEOPLE = frozenset(
    ("add", "originals", "verifications", "files", "known", "withdrawn", "exact", "prints", "dense", "shown", "triage")
) | frozenset(
    ("varied", "near", "video", "standing", "links", "candidates", "compared", "groups", "ties", "leads", "ranges")
)


def measure(dump: Path, folder: Path, *, until: str = "", alone: bool = False) -> dict[str, t.Any]:
    """Run a case that holds one dump, as far as a stage; ``alone``: on one core, with nothing on the other."""
    command = [sys.executable, "-c", RUN, str(folder), until, str(dump)]
    pinned = ["taskset", "-c", "0"] if alone else []
    process = subprocess.Popen([*pinned, *command], stdout=subprocess.PIPE, text=True)
    done, peak, now = threading.Event(), (0, ""), Path(f"{folder}.now")

    def watch() -> None:
        nonlocal peak
        while not done.wait(2):  # a look costs a tenth of a second where much is held
            stage = now.read_text() if now.exists() else "start"
            peak = max(peak, (pss(process.pid), stage))

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, _ = process.communicate()
    done.set()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"the job ended with {process.returncode}")
    return {**json.loads(out.splitlines()[-1]), "peak_bytes": peak[0], "peak_in": peak[1], "bytes": dump.stat().st_size}


def read(dump: Path) -> float:
    """Return the seconds that reading the file takes, from the cache where it fits."""
    clock = time.monotonic()
    with dump.open("rb", buffering=0) as stream:
        while stream.read(1 << 20):
            pass
    return time.monotonic() - clock


def mariadb(dump: Path, most: int) -> tuple[float, float, int] | None:
    """Load the start of a dump into a server; return wall and CPU seconds and bytes; None where there is no server."""
    tools = [shutil.which(one) for one in ("mariadb-install-db", "mariadbd", "mariadb")]
    if not all(tools):
        return None
    install, server, client = map(str, tools)
    with tempfile.TemporaryDirectory(prefix="vigie-mariadb-", dir="/tmp") as temporary:
        home, socket = Path(temporary) / "data", f"{temporary}/s"
        user = f"--user={'root' if os.getuid() == 0 else os.environ['USER']}"
        common = [f"--datadir={home}", user]
        subprocess.run([install, *common, "--skip-test-db"], check=True, capture_output=True)
        run = subprocess.Popen(
            [server, "--no-defaults", *common, f"--socket={socket}", "--skip-networking", "--skip-grant-tables",
             "--max-allowed-packet=1G", f"--pid-file={temporary}/pid"],
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            for _ in range(300):
                if Path(socket).exists():
                    break
                time.sleep(0.1)
            ask = [client, f"--socket={socket}", "--max-allowed-packet=1G"]
            subprocess.run([*ask, "-e", "create database f"], check=True)
            before, clock = _cpu(run.pid), time.monotonic()
            load = subprocess.Popen([*ask, "f"], stdin=subprocess.PIPE)
            sent = _send(dump, most, t.cast("t.IO[bytes]", load.stdin))
            load.wait()
            return time.monotonic() - clock, _cpu(run.pid) - before, sent
        finally:
            run.terminate()
            run.wait()


def _send(dump: Path, most: int, to: t.IO[bytes]) -> int:
    """Send whole statements of a dump, up to so many bytes."""
    sent = 0
    with dump.open("rb") as stream:
        for line in stream:
            if sent + len(line) > most and re.match(rb"(?:INSERT|CREATE|DROP|--|$)", line):
                break
            to.write(line)
            sent += len(line)
    to.close()
    return sent


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def show(name: str, of: dict[str, t.Any], reading: float) -> None:
    """Print what one case took."""
    mb = of["bytes"] / 1e6
    into_wall, into_cpu = (sum(of["took"][one][at] for one in IN) for at in (0, 1))
    records_wall, records_cpu = of["took"]["records"]
    behind = {one: took for one, took in of["took"].items() if one not in NOT_PEOPLE and one not in IN}
    print(f"{name}: {mb:,.0f} MB, {of['accounts']:,} accounts, {of['rows']:,} rows")
    print(f"  reading the file       {reading:8.1f} s   {mb / reading:8.0f} MB/s")
    print(f"  records                {records_wall:8.1f} s   {mb / records_wall:8.0f} MB/s   CPU {records_cpu:.1f} s:"
          f" {mb / records_cpu:.0f} MB/s a core")  # fmt: skip
    print(f"  in (two readings)      {into_wall:8.1f} s   {mb / into_wall:8.0f} MB/s   CPU {into_cpu:.1f} s:"
          f" {mb / into_cpu:.0f} MB/s a core")  # fmt: skip
    named = [of["took"][one] for one in RANKED]
    wall, cpu = (sum(took[at] for took in named) for at in (0, 1))
    print(f"  roles and exact links  {wall:8.1f} s   CPU {cpu:.1f} s ({', '.join(RANKED)})")
    wall, cpu = (sum(took[at] for took in behind.values()) for at in (0, 1))
    print(f"  answers                {wall:8.1f} s   CPU {cpu:.1f} s")
    for one, (seconds, used) in sorted(behind.items(), key=lambda item: -item[1][0]):
        print(f"    {one:20} {seconds:8.1f} s   CPU {used:.1f} s")
    print(f"  largest memory of all  {of['peak_bytes'] / 1e6:8.0f} MB, in {of['peak_in']}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("dumps", nargs="*", type=Path)
    parser.add_argument("--mariadb", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vigie-forum-") as temporary:
        dumps = given.dumps or [made(Path(temporary) / str(accounts), accounts) for accounts in (18_000, 180_000)]
        found = []
        for number, dump in enumerate(dumps):
            reading = read(dump)
            found.append(measure(dump, Path(temporary) / f"case{number}"))
            show(dump.parent.parent.name, found[-1], reading)
            shutil.rmtree(Path(temporary) / f"case{number}")
        alone = measure(dumps[-1], Path(temporary) / "alone", until="records", alone=True)
        mb = alone["bytes"] / 1e6
        said = ", ".join(f"{one} {mb / alone['took'][one][0]:.0f} MB/s ({alone['took'][one][0]:.1f} s)" for one in IN)
        print(f"one core alone: {said}")
        for small, big in itertools.pairwise(found):
            more = big["rows"] / small["rows"]
            cost = sum(took[1] for took in big["took"].values()) / sum(took[1] for took in small["took"].values())
            print(f"rows x {more:.1f}: CPU x {cost:.1f}, memory x {big['peak_bytes'] / small['peak_bytes']:.2f}")
        if not given.mariadb:
            return
        loaded = mariadb(dumps[-1], given.mariadb * 1_000_000)
        if loaded is None:
            print("MariaDB: no server here (apt install mariadb-server)")
            return
        wall, cpu, sent = loaded
        ours = found[-1]["bytes"] / 1e6 / found[-1]["took"]["records"][0]
        theirs = sent / 1e6 / wall
        print(f"MariaDB loads {sent / 1e6:,.0f} MB of it in {wall:.1f} s: {theirs:.0f} MB/s; CPU of the server")
        print(
            f"{cpu:.1f} s: {sent / 1e6 / max(cpu, 0.01):.0f} MB/s a core; records is {ours / theirs:.1f} times as fast"
        )


def made(folder: Path, accounts: int) -> Path:
    """Generate a forum."""
    rows = accounts * 50 // 3
    command = [sys.executable, "-m", "vigie.desk.cli", "sample", str(folder), "--seed", "3", "--forum-only"]
    subprocess.run([*command, "--accounts", str(accounts), "--rows", str(rows)], check=True, capture_output=True)
    return next((folder / "evidence").iterdir())


if __name__ == "__main__":
    main()
