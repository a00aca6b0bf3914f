"""Naming the chain that a case works with: read whole, committed, logged. Stages hang on its identity from then on."""

from __future__ import annotations

import datetime as dt
import os
import time
import typing as t

from vigie.kernel.case import now
from vigie.kernel.chain.layout import MANIFEST
from vigie.kernel.chain.opening import damage, opened
from vigie.kernel.chain.used import FOLDER
from vigie.kernel.durable import sha256_of
from vigie.kernel.errors import UsageError
from vigie.kernel.evaluate import record
from vigie.kernel.run import Recipe, tools
from vigie.kernel.table import of, write
from vigie.numeric.headers import block_hash
from vigie.rows import locator
from vigie.rows.ledgers import Ledger

if t.TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vigie.kernel.case import Case

STAGE: t.Final = "ledger"
ACT: t.Final = "chain_used"


def use(case: Case, store: Path, watch: Callable[[int, int], None] | None = None) -> Ledger:
    """Have a case work with a store as it is now. Errors: UsageError, IntegrityError where it is damaged.

    ``watch`` hears bytes read and bytes there are. The same store in the same state is committed once.
    """
    chain = opened(store)
    if not len(chain.headers):
        raise UsageError(f"{store} holds no block. Import some first: vigie chain import {store}")
    for error in damage(store, watch):
        raise error
    real, own = os.path.realpath(store), os.path.realpath(case.folder / FOLDER)
    inside = real == own
    if not inside and os.path.commonpath([real, os.path.realpath(case.folder)]) == os.path.realpath(case.folder):
        raise UsageError(f"{store} lies in the case, where only {FOLDER} may be a store. Move it out.")
    one = Ledger.make(
        network=chain.network,
        path=FOLDER if inside else locator.show(os.fsencode(real)),
        identity=chain.identity,
        scoped=chain.scoped,
        tip=block_hash(chain.headers[-1].tobytes())[::-1],
        height=int(chain.heights[-1]),
        tip_at=dt.datetime.fromtimestamp(int(chain.times()[-1]), dt.UTC),
        blocks=len(chain.headers),
        transactions=len(chain.tx_hash),
        outputs=len(chain.out_value),
        added_at=now().isoformat(timespec="microseconds"),
    )
    started, clock = now(), time.monotonic()
    recipe = Recipe(
        stage=STAGE, code="", params={"ledger": one.key.hex(), "at": one.added_at}, inputs={}, tools=tools()
    )
    file = case.place(Ledger, recipe.id)
    outputs = {str(file.relative_to(case.folder)): write(of(Ledger, [one]), file)}
    case.commit(f"{STAGE}:{one.key.hex()}", record(recipe, started, clock, outputs, {"ledger": 1}))
    about: dict[str, t.Any] = {"ledger": one.key.hex(), "path": one.path, "identity": one.identity.hex()}
    about |= {"tip": one.tip.hex(), "height": one.height, "manifest": sha256_of(store / MANIFEST)}
    case.custody.append(ACT, about)
    return one
