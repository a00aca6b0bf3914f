"""Drives a case from a process of its own, so that a test can kill it: ``python drive.py CASE [EVIDENCE ...]``."""

import contextlib
import os
import sys
from pathlib import Path

import vigie.steps
from vigie.kernel import intake
from vigie.kernel.case import Case
from vigie.kernel.engine import Needs
from vigie.kernel.evaluate import do, order
from vigie.kernel.local import Local
from vigie.rows.evidence import Item


def main(folder: Path, evidence: list[str], jobs: int = 2, only: tuple[str, ...] = ()) -> None:
    """Take evidence in, if any is given, and do every stage, or ``only`` those named."""
    vigie.steps.load()
    case = Case.open(folder)
    engine = Local(jobs)
    with case.alone(), contextlib.closing(engine):
        items = [intake.register(case, os.fsencode(path)) for path in evidence]
        needs = Needs(tmp=folder / "tmp", items=case.read(Item).rows(), vault=case.custody.vault_key())
        if items:
            intake.take_in(case, items, engine, needs, lambda _: None)
        print("ready", flush=True)
        for stage in order():
            if not only or stage.name in only:
                do(case, stage, engine, needs, lambda _: None)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
