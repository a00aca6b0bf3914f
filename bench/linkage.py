"""What our stage learns of resemblance beside what Splink does: ``python bench/linkage.py [SEED ...]``.

For each seed three forums with common members are generated and run, as ``quality_persons`` does. All models are
Splink's, with the same records, levels and blocking rules, and differ in m, u and prior: ``ours`` has those of our
stage; the others have Splink estimate them. All score the same pairs: those that a blocking rule gives and no exact
bond ties. ``splink`` learns as its manual says: u from random pairs, m by expectation-maximisation, one session for
each blocking rule. ``splink, labels`` is told which accounts exact bonds tie (``estimate_m_from_label_column``), as
our model is, and learns by expectation-maximisation only what a name is worth.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from quality_persons import PAIRS, make, run
from vigie.desk.opening import viewed
from vigie.kernel.table import Table, look, of, read_parquet
from vigie.rows.artefacts import File
from vigie.rows.copies import Layer, Remnant
from vigie.rows.countries import Address, Located
from vigie.rows.people import Account, Platform
from vigie.rows.people_truth import TruthAccount, TruthPair
from vigie.rows.persons import Alias, Bond, Identifier, Parameter, Resemblance
from vigie.rows.roles import Activity
from vigie.steps.candidates import MENTIONED, known, seen, traits
from vigie.steps.comparisons import COMPARISONS
from vigie.steps.groups.people_resemblances import Resembling, resemblances
from vigie.steps.splinkable import model as settings_of

SEEDS = (301, 302, 303)
MODELS = ("ours", "splink", "splink, labels")
EVER = Resembling(possible=0.0)
BANDS = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.01)
TESTED = (0.5, 0.9, 0.95, 0.99)
INPUTS = (Account, Identifier, Bond, Alias, Activity, Address, Located)


def main() -> None:
    """Score the same pairs by each model, and say who ranks them better."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("seeds", nargs="*", type=int, default=SEEDS)
    asked.add_argument("--accounts", type=int, default=1_500, help="of each forum")
    asked.add_argument("--kept", type=Path, help="folder in which forums are kept, and found again")
    asked.add_argument("--score", nargs=2, metavar=("MODEL", "FOLDER"), help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.score:
        score(given.score[0], Path(given.score[1]))
        return
    with tempfile.TemporaryDirectory() as name:
        folders = [(given.kept or Path(name)) / str(seed) for seed in given.seeds]
        for seed, folder in zip(given.seeds, folders, strict=True):
            if not (folder / "done").exists():
                make(folder, seed, given.accounts)
                run(folder)
                (folder / "done").touch()
        compare(folders)


def compare(folders: list[Path]) -> None:
    """Print the tables."""
    scores: dict[str, list[np.ndarray]] = {model: [] for model in MODELS}
    costs: dict[str, list[tuple[float, float]]] = {model: [] for model in MODELS}
    learnt: dict[str, list[dict[str, t.Any]]] = {model: [] for model in MODELS}
    truth, tells = [], []
    for folder in folders:
        for model in MODELS:
            costs[model].append(measured(model, folder))
            learnt[model].append(json.loads((folder / f"{model}.json").read_text()))
        tables: dict[str, t.Any] = {
            model.replace(", ", "_"): pq.read_table(folder / f"{model}.parquet") for model in MODELS
        }
        case = viewed(folder / "case")
        tables |= {row.table(): case.read(row) for row in (File, Platform, Account, Alias, Bond, Resemblance)}
        for row in (TruthAccount, TruthPair):
            tables[row.table()] = Table(row, read_parquet(folder / f"{row.table()}.parquet"))
        rows = look(
            f"""{PAIRS}, beside as (
                select pa, aa, pb, ab, o.bits as ours, s.bits as splink, l.bits as labels
                from ours o left join splink s using (pa, aa, pb, ab) left join splink_labels l using (pa, aa, pb, ab)
            ) select b.*, k.pa is not null as same, coalesce(t.tell, 'none') as tell
            from beside b left join alike k using (pa, aa, pb, ab)
            left join told t on t.one = (pa, aa) and t.other = (pb, ab)""",
            **tables,
        )
        truth += [one["same"] for one in rows]
        tells += [one["tell"] for one in rows]
        for model, column in zip(MODELS, ("ours", "splink", "labels"), strict=True):
            held = [one[column] for one in rows]
            scores[model].append(np.array([-99.0 if one is None else one for one in held]))
    same = np.array(truth)
    joined = {model: np.concatenate(parts) for model, parts in scores.items()}
    print(f"{len(folders)} seeds, {len(same):,} pairs to score, {int(same.sum())} of one person; not scored by Splink:"
          f" {int((joined['splink'] <= -99).sum())}\n")  # fmt: skip
    print("| Model | pairs at p >= " + " | ".join(map(str, TESTED)) + " | average precision | s | peak MB |")
    print("|---|" + "---|" * (len(TESTED) + 3))
    for model in MODELS:
        cells = [at_threshold(joined[model], same, one) for one in TESTED]
        seconds, memory = np.mean(costs[model], axis=0)
        average = average_precision(joined[model], same)
        print(f"| {model} | {' | '.join(cells)} | {average:.3f} | {seconds:.1f} | {memory:.0f} |")
    print("\nPrecision at equal recall (best cut of each model):\n")
    print("| right pairs found | " + " | ".join(MODELS) + " |\n|---|" + "---|" * len(MODELS))
    for share in (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7):
        cells = [f"{at_recall(joined[model], same, share):.2f}" for model in MODELS]
        print(f"| {round(share * same.sum())} ({share:.0%}) | {' | '.join(cells)} |")
    print("\nShare right of the pairs said in a band of probability (pairs; mean probability):\n")
    print("| probability | " + " | ".join(MODELS) + " |\n|---|" + "---|" * len(MODELS))
    for low, high in itertools.pairwise(BANDS):
        cells = [in_band(joined[model], same, low, high) for model in MODELS]
        print(f"| {low} to {high} | {' | '.join(cells)} |")
    print_weights(learnt)


def print_weights(learnt: dict[str, list[dict[str, t.Any]]]) -> None:
    """Print what each model learnt, means over the seeds."""
    print("\n| Comparison, level | " + " | ".join(f"{model}: m, u, bits" for model in MODELS) + " |")
    print("|---|" + "---|" * len(MODELS))
    for one in COMPARISONS:
        for level in range(len(one.levels)):
            cells = []
            for model in MODELS:
                known = [x[one.name][level] for x in learnt[model] if None not in x[one.name][level]]
                m, u = (float(np.mean([x[at] for x in known])) if known else float("nan") for at in (0, 1))
                bits = float(np.mean([np.log2(x[0] / x[1]) for x in known])) if known else float("nan")
                cells.append(f"{m:.3g}, {u:.2g}, {bits:+.1f}")
            print(f"| {one.name} {level} | {' | '.join(cells)} |")


def at_threshold(bits: np.ndarray, same: np.ndarray, probability: float) -> str:
    """Return how many pairs are said at a threshold, their precision and recall."""
    said = bits >= np.log2(probability / (1 - probability))
    right = int((said & same).sum())
    return f"{int(said.sum())}: {right / max(1, said.sum()):.2f}, {right / same.sum():.2f}"


def in_band(bits: np.ndarray, same: np.ndarray, low: float, high: float) -> str:
    """Return the share of one person's pairs among those scored in a band, how many these are, and what was said."""
    said = 1 / (1 + np.exp2(-bits.astype(np.float64)))
    here = (said >= low) & (said < high)
    return f"{same[here].mean():.2f} ({here.sum()}; {said[here].mean():.2f})" if here.any() else "-"


def at_recall(bits: np.ndarray, same: np.ndarray, recall: float) -> float:
    """Return the best precision at which so large a share is found; pairs of equal scores are said together."""
    precision, found = curve(bits, same)
    return float(precision[found >= recall - 1e-9].max(initial=0))


def average_precision(bits: np.ndarray, same: np.ndarray) -> float:
    """Return the area below precision over recall, as steps; ties are said together."""
    precision, found = curve(bits, same)
    return float((precision * np.diff(found, prepend=0)).sum())


def curve(bits: np.ndarray, same: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (precision, recall) at each score, from the highest."""
    order = np.argsort(-bits, kind="stable")
    last = np.flatnonzero(np.diff(bits[order], append=-np.inf))
    right = np.cumsum(same[order])[last]
    return right / (last + 1), right / same.sum()


def measured(model: str, folder: Path) -> tuple[float, float]:
    """Score in a process of its own; return its seconds, as it counts them, and its peak memory in MB."""
    command = [sys.executable, __file__, "--score", model, str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{model} ended with {os.waitstatus_to_exitcode(status)}\n{said}")
    return float(said.splitlines()[-1]), used.ru_maxrss / 1024


def score(model: str, folder: Path) -> None:
    """Score the pairs of a case by one model, write them and what it learnt, and print how long that took."""
    case = viewed(folder / "case")
    tables = [case.read(row) for row in INPUTS]
    if model == "ours":
        began = time.monotonic()
        kept, _, parameters = resemblances(*tables, of(Layer), of(Remnant), EVER)
        took = time.monotonic() - began
        rows = look(
            """select platform_a as pa, account_a as aa, platform_b as pb, account_b as ab, weight_bits as bits
            from kept""",
            kept=kept,
        )  # fmt: skip
        model_of = {(one.comparison, one.level): (one.m, one.u) for one in parameters}
        learnt = {one.name: [model_of[one.name, n] for n in range(len(one.levels))] for one in COMPARISONS}
    else:
        records = recorded(tables)
        began = time.monotonic()
        rows, learnt = by_splink(records, labels="labels" in model)
        took = time.monotonic() - began
    pq.write_table(pa.Table.from_pylist(rows), folder / f"{model}.parquet")
    (folder / f"{model}.json").write_text(json.dumps(learnt))
    print(took)


def recorded(tables: list[t.Any]) -> pa.Table:
    """Return accounts as records, with a plain column for each list by which Splink is to learn."""
    accounts, identifiers, bonds, aliases, activities, addresses, located = tables
    made = traits(accounts, identifiers, bonds, aliases, activities, EVER.hours)
    came = seen(made, addresses, located)
    rows = look(
        f"""
        with calm as (select ip from came group by ip having count(*) between 2 and {EVER.most_behind}),
        homes as (select n, min(ip) as home from came semi join calm using (ip) group by n),
        written as (select n, min(value) as contact from ({MENTIONED}) group by n)
        select records.*, home, contact
        from records left join homes on homes.n = unique_id left join written on written.n = unique_id
        order by unique_id
        """,
        records=known(made, came, bonds, EVER.bounds()),
        made=made,
        came=came,
        bonds=bonds,
    )
    return pa.Table.from_pylist(rows)


def by_splink(records: pa.Table, *, labels: bool) -> tuple[list[dict[str, t.Any]], dict[str, t.Any]]:
    """Let Splink learn and score; return its pairs and its parameters."""
    import duckdb  # noqa: PLC0415 - only where Splink is asked to learn
    from splink import DuckDBAPI, Linker, block_on  # noqa: PLC0415 - half a second

    learnt_by = {"ip": "home", "mention": "contact"}
    learning = {  # Splink learns on plain rules only
        "name": "l.stem = r.stem and l.stem <> '' and l.crowd <= 8",
        "ip": "l.home = r.home",
        "born": "l.births = r.births",
        "mention": "l.contact = r.contact",
    }
    untaught = (Parameter.make(comparison=one.name, level=n, name="", m=0.5, u=0.5, pairs=0, left=0)
                for one in COMPARISONS for n in range(len(one.levels)))  # fmt: skip
    prior = Parameter.make(comparison="prior", level=0, name="", m=0.0001, u=1.0, pairs=0, left=0)
    settings = settings_of([prior, *untaught]) | {"retain_matching_columns": False}
    settings |= {"additional_columns_to_retain": ["platform", "account"]}
    for one in settings["comparisons"]:
        levels = one["comparison_levels"]
        for level in levels:
            level.pop("m_probability", None)
            level.pop("u_probability", None)
        if column := learnt_by.get(one["output_column_name"]):  # named, so that it knows what a session by it answers
            levels[0]["sql_condition"] += f" or {column}_l <> {column}_l or {column}_r <> {column}_r"
    api = DuckDBAPI(connection=duckdb.connect(config={"threads": 2, "lambda_syntax": "ENABLE_SINGLE_ARROW"}))
    linker = Linker(api.register(records), settings, log_level="ERROR")
    train = linker.training
    train.estimate_probability_two_random_records_match([block_on("person")], recall=EVER.found)
    train.estimate_u_using_random_sampling(max_pairs=EVER.random_pairs, seed=1, min_count_per_level=None)
    for rule in ("ip",) if labels else learning:
        train.estimate_parameters_using_expectation_maximisation(learning[rule])
    if labels:
        train.estimate_m_from_label_column("person")
    rows = linker.inference.predict().as_pyarrow_table()
    learnt = {}
    for one, saved in zip(COMPARISONS, linker.misc.save_model_to_json()["comparisons"], strict=True):
        shares = {level["label_for_charts"]: level for level in saved["comparison_levels"]}
        told = [shares[level.text] for level in one.levels]
        learnt[one.name] = [(level.get("m_probability"), level.get("u_probability")) for level in told]
    said = look(
        """select if(u, platform_l, platform_r) as pa, if(u, account_l, account_r) as aa,
            if(u, platform_r, platform_l) as pb, if(u, account_r, account_l) as ab, match_weight as bits
        from (select *, unique_id_l < unique_id_r as u from rows)""",
        rows=rows,
    )
    return said, learnt


if __name__ == "__main__":
    main()
