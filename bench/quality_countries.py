"""How often the country of an account is right, on a generated forum whose truth is known.

``python bench/quality_countries.py [--seed N] [--accounts N] [--rows N] [FOLDER]``. Three sources of facts about IP
networks are generated with errors of their own, as real ones disagree (four real ones agreed on 91 of 100 addresses),
one of them as a MaxMind DB; others tell Tor, VPN and hosting. Printed: what vigie answers with one source and with
three, and what a plain look at the address of registration gives. Seed 1 was looked at during development.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import random
import sys
import tempfile
import time
import typing as t
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import vigie.steps
from people.mmdb import written
from vigie.kernel import geo, intake
from vigie.kernel.case import Case
from vigie.kernel.engine import Needs, whole
from vigie.kernel.evaluate import do, stage_named
from vigie.kernel.local import Local
from vigie.kernel.settings import About
from vigie.kernel.stage import STAGES
from vigie.kernel.table import Table, look, of, query, read_parquet
from vigie.rows.countries import Address, Attribution, IpBase, Located
from vigie.rows.evidence import Item
from vigie.rows.people_truth import TruthAccount
from vigie.sample.forum.addresses import NET, NET_BITS, POOLS, RELAY_LAND, RELAYS
from vigie.sample.forum.lands import LANDS
from vigie.sample.forum.make import alone

NEEDED = ("files", "relations", "platforms", "records", "addresses", "identifiers", "located")
SOURCES = {"north": 0.02, "south": 0.05, "west": 0.07}
"""Name -> share of the blocks of which it names a wrong country."""
BLOCK_BITS = 12
VEILS = ("", "vpn", "hosting", "tor", "tor, always")


def networks(wrong: float, seed: int) -> list[tuple[int, int, str]]:
    """Return ranges of IPv4 and countries; some blocks are in the wrong one."""
    rng = random.Random(seed)
    out = []
    for at, land in enumerate(LANDS):
        for block in range(1 << NET_BITS - BLOCK_BITS):
            low = NET + (at << NET_BITS) + (block << BLOCK_BITS)
            code = rng.choice(LANDS).code if rng.random() < wrong else land.code
            out.append((low, low + (1 << BLOCK_BITS) - 1, code))
    return [*out, (RELAYS, RELAYS + (1 << 16) - 1, RELAY_LAND)]


def write_sources(folder: Path) -> list[tuple[Path, str, str]]:
    """Write the databases; return file, name and flag of each."""
    made = []
    for number, (name, wrong) in enumerate(SOURCES.items()):
        four = networks(wrong, number)
        six = [(f"2001:db8:{at << 11:x}::/37", land.code) for at, land in enumerate(LANDS)]
        file = folder / name
        if number == 0:
            sized = [
                (f"{ipaddress.ip_address(low)}/{33 - (high - low + 1).bit_length()}", code) for low, high, code in four
            ]
            file.write_bytes(written([(net, {"country": {"iso_code": code}}) for net, code in (*sized, *six)]))
        else:
            nets = [(ipaddress.ip_network(net), code) for net, code in six]
            lines = [f"{low},{high},{code}" for low, high, code in four]
            lines += [f"{net[0]},{net[-1]},{code}" for net, code in nets]
            file.write_text("# 2023-01-01\n" + "\n".join(lines) + "\n")
        made.append((file, name, ""))
    for name, offset, many in POOLS.values():
        file = folder / f"{name}.txt"
        file.write_text("\n".join(str(ipaddress.ip_address(RELAYS + offset + at)) for at in range(many)) + "\n")
        made.append((file, name, name))
    return made


def prepared(folder: Path, seed: int, accounts: int, rows: int) -> Case:
    """Generate the forum and the sources, take them in, and do what comes before signals."""
    vigie.steps.load()
    forum = alone(folder / "forum", seed, "phpbb", accounts, rows)
    about = About(name="bench", authority="bench", examiner="bench", created="2024-01-01T00:00:00+00:00")
    case = Case.create(folder / "case", about)
    needs = Needs(tmp=case.folder / "tmp", items=[])
    worker = Local(2)
    with case.alone():
        items = [intake.register(case, os.fsencode(forum.dump))]
        needs = Needs(tmp=case.folder / "tmp", items=case.read(Item).rows())
        intake.take_in(case, items, worker, needs, lambda _one: None)
        for file, name, flag in write_sources(folder):
            cell = worker.cell("read_ranges", needs)
            one = geo.register(case, os.fsencode(file), cell, name=name, dated="2023-01-01", flag=flag)
            geo.read(case, one, worker, needs, lambda _one: None)
        for name in NEEDED:
            began = time.monotonic()

            (run,) = do(case, stage_named(name), worker, needs, lambda _one: None)
            print(f"{name}: {time.monotonic() - began:.1f} s, {sum(run.rows.values()):,} rows")
    worker.close()
    return case


def answered(case: Case, names: set[str]) -> Table[Attribution]:
    """Return the countries of each account by these sources alone: signals and countries as the product does."""
    tables = {name: case.read(row) for name, row in STAGES["signals"].reads.items()}
    bases = [one for one in case.read(IpBase) if one.name in names]
    tables["bases"] = of(IpBase, bases)
    kept = ", ".join(f"unhex('{one.file.hex()}')" for one in bases)
    chosen = f"select * from l where file in ({kept}) or file = ''::blob"
    tables["located"] = query(Located, chosen, l=tables["located"])
    (signals,) = whole(STAGES["signals"], tables, STAGES["signals"].settings({}))
    others = {name: case.read(row) for name, row in STAGES["countries"].reads.items() if name != "signals"}
    return whole(STAGES["countries"], {"signals": signals, **others}, STAGES["countries"].settings({}))[0]


SCORED = """
    select t.veil, count(*) as accounts, count(a.country) filter (a.country <> '') as named,
        count(*) filter (a.country = t.country) as right_,
        count(*) filter (a.contested >= 0.5 and a.country <> '') as contested,
        count(*) filter (a.contested >= 0.5 and a.country = t.country) as contested_right,
        count(*) filter (l.account is not null) as listed
    from t left join (select * from a where rank = 1 and standing_as = 'suspect') a on a.account = t.account
    left join (select distinct account, country from a) l on l.account = t.account and l.country = t.country
    where t.state <> 'deleted' group by rollup(t.veil) order by grouping(t.veil), t.veil
"""
PLAIN = """
    select t.veil, count(*) as accounts, count(l.country) as named, count(*) filter (l.country = t.country) as right_,
        0 as contested, 0 as contested_right, 0 as listed
    from t left join (select * from a where use = 'registration' qualify row_number() over (partition by account
        order by first, ip) = 1) r on r.account = t.account
    left join (select l.* from l join b on b.file = l.file where b.name = 'south') l on l.ip = r.ip
    where t.state <> 'deleted' group by rollup(t.veil) order by grouping(t.veil), t.veil
"""


def shown(title: str, found: list[dict[str, t.Any]]) -> None:
    """Print a table: by what accounts come through, how many have a country, how many the right one."""
    print(f"\n{title}")
    heads = ("accounts", "named", "right of named", "in list", "contested", "right of those")
    print("comes through   " + "".join(f"{one:>16}" for one in heads))
    for one in found:
        named, contested, accounts = one["named"], one["contested"], one["accounts"]
        shares = (
            (named, accounts), (one["right_"], named), (one["listed"], accounts), (contested, named),
            (one["contested_right"], contested),
        )  # fmt: skip
        name = "all" if one["veil"] is None else one["veil"] or "nothing"
        cells = [f"{part / whole:.1%}" if whole else "-" for part, whole in shares]
        print(f"{name:16}{accounts:16,}" + "".join(f"{cell:>16}" for cell in cells))


def main() -> None:
    """Prepare and score."""
    reading = argparse.ArgumentParser()
    reading.add_argument("--seed", type=int, default=1)
    reading.add_argument("--accounts", type=int, default=10_000)
    reading.add_argument("--rows", type=int, default=200_000)
    reading.add_argument("folder", nargs="?", type=Path)
    given = reading.parse_args()
    with tempfile.TemporaryDirectory() as spare:
        folder = given.folder or Path(spare)
        case = prepared(folder, given.seed, given.accounts, given.rows)
        truth = Table(TruthAccount, read_parquet(folder / "forum" / "truthaccount.parquet"))
        flags = {name for name, _, _ in POOLS.values()}
        tables = {"t": truth, "a": case.read(Address), "l": case.read(Located), "b": case.read(IpBase)}
        shown("plain: registration address, one source, no flags", look(PLAIN, **tables))
        for title, names in (("vigie, one source", {"south", *flags}), ("vigie, three sources", {*SOURCES, *flags})):
            began = time.monotonic()
            found = answered(case, names)
            shown(f"{title} ({time.monotonic() - began:.1f} s)", look(SCORED, t=truth, a=found))


if __name__ == "__main__":
    main()
