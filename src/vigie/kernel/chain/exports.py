"""Which files of an export in columns belong together, and how they are written: told by their names."""

from __future__ import annotations

import os
import re
import typing as t

from vigie.kernel.errors import UsageError
from vigie.rows import locator

MOST_FILES: t.Final = 200
"""That are read together: as many descriptors one ask may have."""
_BLOCKS = re.compile(rb"blocks(.{0,100}\.(jsonl?|csv|parquet))")
_TRANSACTIONS = re.compile(rb"transactions.{0,100}\.parquet")
_SHARD = re.compile(rb".*[-_]\d{12}\.parquet")
"""As BigQuery numbers the files of one table: those of another are not cut alike."""
_PARTITION = re.compile(rb"partition=(\d{1,9})")

Form = t.Literal["json", "csv", "parquet"]


class Group(t.NamedTuple):
    """Files that are read together, relative to the folder."""

    blocks: list[bytes]
    transactions: list[bytes]


class Exports(t.NamedTuple):
    """What a folder holds."""

    form: Form
    groups: list[Group]


def exports(folder: bytes) -> Exports:
    """Find the exports in a folder. Errors: UsageError where there are none, or of several kinds."""
    there = set(listed(folder))
    if {b"block", b"transaction"} <= there:
        return Exports("parquet", _delta(folder))
    forms: dict[str, list[Group]] = {}
    for name in sorted(there):
        part = _BLOCKS.fullmatch(name)
        if part and b"transactions" + part[1] in there:
            form = part[2].decode().replace("jsonl", "json")
            forms.setdefault(form, []).append(Group([name], [b"transactions" + part[1]]))
    blocks = [name for name in sorted(there) if name.endswith(b".parquet") and _BLOCKS.fullmatch(name)]
    transactions = [name for name in sorted(there) if _TRANSACTIONS.fullmatch(name)]
    alike = len(forms.get("parquet", [])) == len(blocks) == len(transactions)
    if blocks and transactions and (not alike or _SHARD.fullmatch(blocks[0])):
        forms["parquet"] = [_few(folder, Group(blocks, transactions))]
    if len(forms) != 1 or not all(forms.values()):
        raise UsageError(
            f"{locator.show(folder)} has no blocks*.json with transactions*.json, or .csv, or .parquet, as bitcoin-etl"
            " names them, and no folders block and transaction, as GraphSense's ingest makes them; or it has of"
            " several kinds. Give a folder of one."
        )
    ((found, groups),) = forms.items()
    return Exports(t.cast("Form", found), groups)


def _delta(folder: bytes) -> list[Group]:
    """Return the partitions of GraphSense's Delta tables, or all of them where they are not partitioned.

    Files that Delta no longer counts are read as well: what is true in them is there already, the rest is found out.
    """
    both = [_parquet(os.path.join(folder, name), name) for name in (b"block", b"transaction")]
    groups = [_few(folder, Group(both[0][one], both[1][one])) for one in sorted(both[0].keys() & both[1].keys())]
    if not groups:
        raise UsageError(
            f"{locator.show(folder)} has folders block and transaction, but no partition=N/*.parquet that both have."
            " Give the folder that GraphSense's ingest wrote its Delta tables to."
        )
    return groups


def _parquet(table: bytes, name: bytes) -> dict[int, list[bytes]]:
    """Return the Parquet files of a table by partition, -1 where it has none."""
    found: dict[int, list[bytes]] = {}
    for one in listed(table):
        part = _PARTITION.fullmatch(one)
        if part:
            inside = sorted(file for file in listed(os.path.join(table, one)) if file.endswith(b".parquet"))
            found[int(part[1])] = [os.path.join(name, one, file) for file in inside]
        elif one.endswith(b".parquet"):
            found.setdefault(-1, []).append(os.path.join(name, one))
    return {number: sorted(files) for number, files in found.items() if files}


def _few(folder: bytes, group: Group) -> Group:
    if len(group.blocks) + len(group.transactions) > MOST_FILES:
        raise UsageError(
            f"{locator.show(folder)} has {len(group.blocks) + len(group.transactions):,} files that are not in pairs:"
            f" {MOST_FILES} at most are read together. Write them as fewer, or name blocks-1.parquet and"
            " transactions-1.parquet what is of the same blocks."
        )
    return group


def listed(folder: bytes) -> list[bytes]:
    """Return the names in a folder. Errors: UsageError."""
    try:
        return os.listdir(folder)
    except OSError as error:
        raise UsageError(f"{locator.show(folder)}: {error.strerror}. Give a folder.") from None
