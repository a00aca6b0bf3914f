#!/usr/bin/env python3
"""Have Splink score the accounts of a case again, without vigie, and say where it differs from what vigie says.

    python check_splink.py DIR

Needs Splink 5 and pyarrow (`pip install splink`), nothing of vigie's. DIR is what `vigie linkage CASE --splink DIR`
wrote: accounts.parquet (records), model.json (a Splink model, complete) and pairs.parquet (what Splink said of each
pair in vigie). Splink finds the pairs by the blocking rules, compares them by the levels and weighs them by m and u.

Exit status 0: the same pairs, each at the same levels, each with the same match weight to a millionth of a bit. 3: not.
"""

import json
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from splink import DuckDBAPI, Linker

NEAR_BITS = 1e-6
COMPARE = """
    select count(*) as pairs, count(*) filter (s.unique_id_l is null) as only_vigie,
        count(*) filter (v.unique_id_l is null) as only_splink, count(*) filter (v.levels <> s.levels) as other_levels,
        coalesce(max(abs(v.weight_bits - s.match_weight)), 0) as difference_bits
    from v full join (
        select unique_id_l, unique_id_r, match_weight, {levels} as levels from said
    ) s on s.unique_id_l = v.unique_id_l and s.unique_id_r = v.unique_id_r
"""


def main(folder: Path) -> int:
    """Score and compare; return the exit status."""
    model = json.loads((folder / "model.json").read_text())
    connection = duckdb.connect()
    linker = Linker(DuckDBAPI(connection=connection).register(pq.read_table(folder / "accounts.parquet")), model)
    said = linker.inference.predict().as_pyarrow_table()
    connection.register("said", said)
    connection.register("v", pq.read_table(folder / "pairs.parquet"))
    names = [one["output_column_name"] for one in model["comparisons"]]
    levels = " || ".join(f"if(gamma_{name} = -1, '-', gamma_{name}::varchar)" for name in names)
    (row,) = connection.sql(COMPARE.format(levels=levels)).fetchall()
    pairs, only_vigie, only_splink, other_levels, difference_bits = row
    sys.stdout.write(
        f"{pairs} pairs; only vigie has {only_vigie}, only Splink {only_splink}; compared otherwise: {other_levels};\n"
        f"largest difference of match weight: {difference_bits:.3g} bits\n"
    )
    return 3 if only_vigie or only_splink or other_levels or difference_bits > NEAR_BITS else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
