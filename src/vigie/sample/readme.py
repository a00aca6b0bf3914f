"""The page that lies beside a sample."""

from vigie.sample.forum.addresses import POOLS
from vigie.sample.forum.make import MAPPING, REFERENCE
from vigie.sample.lists import OPTIONS
from vigie.sample.made import Size
from vigie.sample.store import Store

_REFERENCE = {"geoip": "", "geoip6": "", **{f"{name}.txt": f" --flag {name}" for name, _, _ in POOLS.values()}}
_TEXT = """\
A sample case made by vigie itself (seed {seed}, size {size}).

Every picture and film in here was drawn by a program: hills, towns, pebbles, patterns. No photograph, no person,
nothing seized; no account and no message was ever anybody's. The "listed" hash lists name some of these drawings,
and random numbers besides, so that matching can be practised and measured.

evidence/       what "was seized": a server's folder, a backup, a disk image
lists/          hash lists in the formats that units hold
truth.parquet   what each file is: family, edit, standing, expected problem (columns: docs/sample.md)
truth*.parquet  what is true of its forums: accounts, pairs of one person, identifiers, uploads, payments; of the chain
reference/      whose networks the forums' addresses are: reserved ones, nobody's; tags of exchanges that do not exist
node/           a chain of regtest, as a node's block files: the orders of two of the forums are paid in it
mappings/       how to read the platform that is of its own making

By hand:

  vigie new CASE --authority "Practice unit" --examiner "A. Person"
  vigie add CASE evidence/*
{adds}
{geo}
  vigie map use CASE {mapping}
  vigie tags add CASE {reference}/tags.yaml
  vigie tags add CASE {reference}/actors.yaml
  vigie chain import STORE --blocks node/regtest/blocks --network regtest
  vigie chain use CASE STORE
  vigie run CASE
  vigie show CASE leads
  vigie show CASE exchanges
  vigie enquiries CASE --out FOLDER
  vigie report CASE
"""


def readme(store: Store, seed: int, size: Size) -> None:
    """Write README.txt."""
    adds = (
        " ".join([f"vigie lists add CASE lists/{name}", *(f"--{key} {value}" for key, value in options.items())])
        for name, options in OPTIONS.items()
    )
    geo = (f"vigie geo add CASE {REFERENCE}/{name}{flag}" for name, flag in _REFERENCE.items())
    text = _TEXT.format(
        seed=seed,
        size=size,
        mapping=MAPPING,
        reference=REFERENCE,
        adds="\n".join(f"  {line}" for line in adds),
        geo="\n".join(f"  {line}" for line in geo),
    )
    (store.folder / "README.txt").write_text(text, encoding="utf-8")
