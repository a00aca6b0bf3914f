"""Exports in Parquet: the same store as of the blocks themselves from every layout, or a problem that says what."""

import contextlib
import datetime as dt
import decimal
import json
import os
import random

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from mined_chain import GENESIS_RAW, mined
from money.test_importing import folder, imported
from money.test_importing_columns import LIMITS, exported, taken
from real_blocks import real_blocks
from vigie.kernel.cell import Cell
from vigie.kernel.chain.growth import Growth
from vigie.kernel.chain.importing import Importer
from vigie.kernel.chain.layout import COLUMNS
from vigie.kernel.chain.opening import opened
from vigie.kernel.errors import UsageError
from vigie.rows.blocks import MAGICS

WITNESSES = ("identity", "in_signs")
"""What an export cannot know."""


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    with Cell(scratch=tmp_path_factory.mktemp("cell"), job="read_parquet") as one:
        yield one


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    with Cell(scratch=tmp_path_factory.mktemp("plain"), job="read_blocks") as one:
        yield one


@pytest.fixture(scope="module")
def raw():
    return [GENESIS_RAW, *(one.raw for one in mined(1, 130))]


@pytest.fixture(scope="module")
def lines(raw):
    return [exported(one, height) for height, one in enumerate(raw)]


@pytest.fixture(scope="module")
def judge(plain, raw, tmp_path_factory):
    path = tmp_path_factory.mktemp("judge")
    imported(plain, path / "store", folder(path / "blocks", raw))
    return opened(path / "store")


def etl(path, lines, *, name="", **how):
    """Write as bitcoin-etl's JSON becomes Parquet: the types that Arrow finds."""
    path.mkdir(exist_ok=True, parents=True)
    txs = [tx for _, some in lines for tx in some]
    parquet.write_table(pa.Table.from_pylist([block for block, _ in lines]), path / f"blocks{name}.parquet", **how)
    parquet.write_table(pa.Table.from_pylist(txs), path / f"transactions{name}.parquet", **how)


def graphsense(path, lines, *, partition=0, part="0"):
    """Write as GraphSense's ingest to Delta does (graphsense-lib 2, ``schema/resources/parquet/utxo.py``)."""
    block = pa.schema([
        ("partition", pa.int32()), ("type", pa.string()), ("size", pa.int32()), ("stripped_size", pa.int64()),
        ("weight", pa.int64()), ("version", pa.int64()), ("merkle_root", pa.string()), ("nonce", pa.string()),
        ("bits", pa.string()), ("coinbase_param", pa.string()), ("block_id", pa.int32()),
        ("block_hash", pa.binary(32)), ("timestamp", pa.int64()), ("no_transactions", pa.int32()),
    ])  # fmt: skip
    put = pa.struct([
        ("index", pa.int32()), ("script_hex", pa.string()), ("addresses", pa.list_(pa.string())),
        ("required_signatures", pa.int8()), ("type", pa.string()), ("value", pa.int64()),
    ])  # fmt: skip
    took = pa.struct([
        ("spent_transaction_hash", pa.binary(32)), ("spent_output_index", pa.uint16()), ("index", pa.int32()),
        ("sequence", pa.uint64()), ("script_hex", pa.string()), ("txinwitness", pa.list_(pa.binary())),
        ("type", pa.string()), ("addresses", pa.list_(pa.string())), ("value", pa.int64()),
    ])  # fmt: skip
    transaction = pa.schema([
        ("tx_hash", pa.binary(32)), ("partition", pa.int32()), ("block_id", pa.int32()), ("timestamp", pa.int32()),
        ("coinbase", pa.bool_()), ("total_input", pa.int64()), ("total_output", pa.int64()),
        ("outputs", pa.list_(put)), ("inputs", pa.list_(took)), ("coinjoin", pa.bool_()), ("type", pa.string()),
        ("size", pa.int32()), ("virtual_size", pa.int32()), ("version", pa.int64()), ("lock_time", pa.int64()),
        ("index", pa.int32()), ("input_count", pa.int32()), ("output_count", pa.int32()), ("fee", pa.int64()),
    ])  # fmt: skip
    blocks = [
        {**one, "partition": partition, "block_id": one["number"], "block_hash": bytes.fromhex(one["hash"]),
         "no_transactions": one["transaction_count"]}
        for one, _ in lines
    ]  # fmt: skip
    txs = [
        {**tx, "partition": partition, "tx_hash": bytes.fromhex(tx["hash"]), "block_id": tx["block_number"],
         "coinbase": tx["is_coinbase"],
         "inputs": [{**one, "spent_transaction_hash": bytes.fromhex(one["spent_transaction_hash"]),
                     "txinwitness": [b"\x51"]} for one in tx["inputs"]]}
        for _, some in lines for tx in some
    ]  # fmt: skip
    for table, schema, rows in (("block", block, blocks), ("transaction", transaction, txs)):
        own = path / table / f"partition={partition}"
        own.mkdir(exist_ok=True, parents=True)
        (path / table / "_delta_log").mkdir(exist_ok=True)
        known = [{name: row.get(name) for name in schema.names} for row in rows]
        parquet.write_table(pa.Table.from_pylist(known, schema), own / f"part-{part}.zstd.parquet", compression="zstd")


def bigquery(path, lines, *, pieces=3):
    """Write as BigQuery exports crypto_bitcoin: NUMERIC, TIMESTAMP, no index, files not cut alike."""
    path.mkdir(exist_ok=True)
    blocks = [{**one, "timestamp": dt.datetime.fromtimestamp(one["timestamp"], dt.UTC)} for one, _ in lines]
    numeric, nested = pa.decimal128(38, 9), [("script_hex", pa.string()), ("index", pa.int64())]
    transaction = pa.schema([
        ("hash", pa.string()), ("size", pa.int64()), ("virtual_size", pa.int64()), ("version", pa.int64()),
        ("lock_time", pa.int64()), ("block_number", pa.int64()), ("is_coinbase", pa.bool_()), ("fee", numeric),
        ("inputs", pa.list_(pa.struct([*nested, ("spent_transaction_hash", pa.string()),
                                       ("spent_output_index", pa.int64()), ("sequence", pa.int64())]))),
        ("outputs", pa.list_(pa.struct([*nested, ("value", numeric), ("addresses", pa.list_(pa.string()))]))),
    ])  # fmt: skip
    txs = [
        {**tx, "outputs": [{**one, "value": decimal.Decimal(one["value"])} for one in tx["outputs"]]}
        for _, some in lines for tx in some
    ]  # fmt: skip
    known = [{name: tx.get(name) for name in transaction.names} for tx in txs]
    parquet.write_table(pa.Table.from_pylist(blocks), path / "blocks-000000000000.parquet", compression="gzip")
    cuts = [len(known) * n // pieces for n in range(pieces + 1)]
    for n in range(pieces):
        table = pa.Table.from_pylist(known[cuts[n] : cuts[n + 1]], transaction)
        parquet.write_table(table, path / f"transactions-{n:012}.parquet", compression="snappy", row_group_size=50)


def same(one, other):
    assert one.headers.tobytes() == other.headers.tobytes()
    for name in COLUMNS.keys() - set(WITNESSES):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert np.array_equal(one.in_signs & 3, other.in_signs & 3)


@pytest.mark.parametrize("how", [{}, {"compression": "zstd", "row_group_size": 70}, {"data_page_version": "2.0"},
                                 {"use_dictionary": False, "compression": "none"}])  # fmt: skip
def test_bitcoin_etl_s_columns_give_the_store_that_the_blocks_give(cell, tmp_path, lines, judge, how):
    etl(tmp_path / "x", lines[:60], name="_0_59", **how)
    etl(tmp_path / "x", lines[60:], name="_60_130", **how)
    found = taken(cell, tmp_path / "store", tmp_path / "x")
    assert (found.added, found.troubled, found.waiting) == (131, 0, 0)
    same(opened(tmp_path / "store"), judge)


def test_graphsense_s_delta_tables_give_the_same(cell, tmp_path, lines, judge):
    shuffled = random.Random(1).sample(lines[:100], 100)
    graphsense(tmp_path / "x", shuffled)
    graphsense(tmp_path / "x", lines[40:60], part="1-compacted")  # Delta leaves what it has merged until vacuum
    graphsense(tmp_path / "x", lines[100:], partition=1)
    half = [(block, txs[:2]) for block, txs in lines[100:]]
    graphsense(tmp_path / "x", half, partition=1, part="0-before")  # and a block in two files
    found = taken(cell, tmp_path / "store", tmp_path / "x")
    assert (found.added, found.troubled) == (131, 0)
    same(opened(tmp_path / "store"), judge)


def test_bigquery_s_tables_give_the_same_where_their_rows_stand_in_order(cell, tmp_path, lines, judge):
    bigquery(tmp_path / "x", lines)
    assert taken(cell, tmp_path / "store", tmp_path / "x").troubled == 0
    same(opened(tmp_path / "store"), judge)
    mixed = [(block, [txs[0], *reversed(txs[1:])]) for block, txs in lines[:125]]
    bigquery(tmp_path / "y", mixed)
    found = taken(cell, tmp_path / "other", tmp_path / "y")
    assert found.troubled == sum(len(txs) > 2 for _, txs in mixed) > 0
    assert "no column says their order (index)" in found.troubles[0]


def test_what_came_since_is_added_to_a_store(cell, tmp_path, lines, judge):
    etl(tmp_path / "x", lines[:60], name="_0")
    taken(cell, tmp_path / "store", tmp_path / "x")
    etl(tmp_path / "y", lines[60:], name="_1")
    assert taken(cell, tmp_path / "store", tmp_path / "y").added == 71
    same(opened(tmp_path / "store"), judge)


@pytest.mark.parametrize(
    "name", ["mainnet-300025", "mainnet-413567", "mainnet-426884", "mainnet-001602407ac4", "482683"]
)
def test_blocks_of_the_main_chain_come_back_as_they_were(cell, plain, tmp_path, name):
    raw = real_blocks()[f"{name}.raw"]
    framed = MAGICS["main"] + len(raw).to_bytes(4, "little") + raw
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "blk00000.dat").write_bytes(framed)
    with Growth(tmp_path / "judge", "main") as growth:
        importer = Importer(growth, lambda ask, files: plain.ask(ask, files, limits=LIMITS), lambda _: None, tmp_path)
        importer.take(os.fsencode(tmp_path / "blocks"))
        importer.close()
    judge = opened(tmp_path / "judge")
    block, txs = exported(raw, int(judge.heights[0]))
    etl(tmp_path / "x", [({**block, "previous_block_hash": raw[4:36][::-1].hex()}, txs)])
    with Growth(tmp_path / "store", "main") as growth:
        importer = Importer(growth, lambda ask, files: cell.ask(ask, files, limits=LIMITS), lambda _: None, tmp_path)
        assert importer.take_columns(os.fsencode(tmp_path / "x")).troubles == []
        importer.close()
    same(opened(tmp_path / "store"), judge)


def altered(lines, height, change):
    out = json.loads(json.dumps(lines[:121]))
    change(out[height])
    return out


def put(row, name, value):
    row[name] = value


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda one: put(one[1][1]["outputs"][0], "value", 5), "gives another id"),
        (lambda one: put(one[1][1]["outputs"][2], "script_hex", "00"), "gives another id"),
        (lambda one: put(one[1][1]["inputs"][0], "sequence", 7), "gives another id"),
        (lambda one: put(one[1][1]["inputs"][0], "spent_output_index", 9), "gives another id"),
        (lambda one: put(one[1][1], "lock_time", 9), "gives another id"),
        (lambda one: put(one[1][1], "version", 1), "gives another id"),
        (lambda one: put(one[1][1], "hash", "ab" * 32), None),
        (lambda one: one[1].pop(), "of its"),
        (lambda one: put(one[0], "nonce", "7"), "does not give its hash"),
        (lambda one: put(one[0], "merkle_root", "11" * 32), "does not give its hash"),
        (lambda one: put(one[0], "nonce", "xyz"), "invalid literal"),
        (lambda one: put(one[0], "timestamp", 1 << 40), "format requires|argument out of range"),
    ],
)
def test_a_false_value_is_found_out_and_named(cell, tmp_path, lines, change, says):
    etl(tmp_path / "x", altered(lines, 110, change))
    found = taken(cell, tmp_path / "store", tmp_path / "x")
    if says is None:  # an id is computed and never believed
        assert (found.added, found.troubled) == (121, 0)
        return
    assert (found.added, found.troubled) == (110, 1)
    (text,) = found.troubles
    assert "height 110" in text
    assert any(one in text for one in says.split("|")), text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda one: put(one[1][1], "hash", "gg" * 32), "is no hash"),
        (lambda one: put(one[1][1], "lock_time", 1 << 40), "row"),
        (lambda one: put(one[1][1]["outputs"][0], "value", -5), "value is '-5'"),
        (lambda one: put(one[1][1]["outputs"][0], "script_hex", "5"), "row"),
        (lambda one: put(one[1][1]["inputs"][0], "sequence", -1), "sequence is"),
        (lambda one: put(one[0], "number", -4), "number is"),
    ],
)
def test_what_cannot_be_ends_the_reading_with_its_row(cell, tmp_path, lines, change, says):
    etl(tmp_path / "x", altered(lines, 110, change))
    found = None
    try:
        found = taken(cell, tmp_path / "store", tmp_path / "x")
        text = found.troubles[0]
    except UsageError as error:
        text = str(error)
    assert "could not be read to its end" in text
    assert says in text
    assert "row" in text


def without(path, lines, table, *names):
    etl(path, lines)
    one = parquet.read_table(path / f"{table}.parquet")
    parquet.write_table(one.drop_columns(list(names)), path / f"{table}.parquet")


@pytest.mark.parametrize(
    ("table", "name"), [("blocks", "merkle_root"), ("transactions", "lock_time"), ("transactions", "inputs")]
)
def test_a_column_that_ids_rest_on_is_missed(cell, tmp_path, lines, table, name):
    without(tmp_path / "x", lines[:5], table, name)
    with pytest.raises(UsageError, match=f"lack {name}, without which ids"):
        taken(cell, tmp_path / "store", tmp_path / "x")


def test_tables_of_graphsense_s_database_are_refused_with_what_to_do(cell, tmp_path):
    (tmp_path / "x").mkdir()
    put = {"address": ["x"], "value": 5, "address_type": 3}
    block = {"block_id": 0, "block_hash": bytes(32), "timestamp": 1, "no_transactions": 1}
    tx = {"tx_id": 0, "tx_hash": bytes(32), "block_id": 0, "coinbase": True, "inputs": [put], "outputs": [put]}
    parquet.write_table(pa.Table.from_pylist([block]), tmp_path / "x" / "blocks.parquet")
    parquet.write_table(pa.Table.from_pylist([tx]), tmp_path / "x" / "transactions.parquet")
    with pytest.raises(UsageError, match=r"lack version, merkle_root.*GraphSense.*--blocks"):
        taken(cell, tmp_path / "store", tmp_path / "x")


def test_damaged_files_end_in_a_sentence(cell, tmp_path, lines):
    etl(tmp_path / "x", lines[:40])
    path = tmp_path / "x" / "transactions.parquet"
    whole, chance = path.read_bytes(), random.Random(3)
    for number in range(60):
        data = bytearray(whole)
        if number % 3 == 0:
            data = data[: chance.randrange(len(data))]
        elif number % 3 == 1:
            for _ in range(8):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        else:  # in the footer, where all that is believed stands
            for _ in range(4):
                data[-chance.randrange(1, 3000)] = chance.randrange(256)
        path.write_bytes(data)
        store = tmp_path / f"store{number}"
        with contextlib.suppress(UsageError):  # as says: no block was read
            found = taken(cell, store, tmp_path / "x")
            assert found.added + found.troubled + found.waiting >= 1


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "0 bytes are no Parquet"),
        (b"PAR1", "no Parquet"),
        (b"PAR1" + b"\xff\xff\xff\x7fPAR1", "does not end as Parquet does"),
        (b"PAR1\x04\0\0\0PARE", "encrypted"),
        (b"hello, this is text\n" * 9, "does not end as Parquet"),
    ],
)
def test_files_that_are_none(cell, tmp_path, lines, data, says):
    etl(tmp_path / "x", lines[:5])
    (tmp_path / "x" / "transactions.parquet").write_bytes(data)
    with pytest.raises(UsageError, match=says):
        taken(cell, tmp_path / "store", tmp_path / "x")


def test_columns_of_other_kinds_and_depths_are_refused(cell, tmp_path, lines):
    etl(tmp_path / "x", lines[:5])
    path = tmp_path / "x" / "transactions.parquet"
    good = parquet.read_table(path)
    deep = pa.array([[[[[[[[1]]]]]]]] * len(good))
    for name, column, says in (
        ("outputs", pa.array(["x"] * len(good)), "no list of records"),
        ("version", pa.array([1.5] * len(good)), "whole numbers belong"),
        ("deep", deep, "cannot be read"),
    ):
        parquet.write_table(good.drop_columns([name] if name in good.column_names else []).append_column(name, column),
                            path)  # fmt: skip
        with pytest.raises(UsageError, match=says):
            taken(cell, tmp_path / f"store-{name}", tmp_path / "x")


def test_what_unfolds_to_more_than_there_is_memory_for_is_refused(cell, tmp_path, lines):
    etl(tmp_path / "x", lines[:5])
    path = tmp_path / "x" / "transactions.parquet"
    (first, *_) = parquet.read_table(path).to_pylist()
    first["outputs"][0]["script_hex"] = "00" * (1 << 19)
    chance = random.Random(5)
    every = [{**first, "hash": chance.randbytes(32).hex()} for _ in range(150)]
    parquet.write_table(pa.Table.from_pylist(every), path, compression="zstd")
    assert path.stat().st_size < 1 << 16
    with pytest.raises(UsageError, match="memory"):
        taken(cell, tmp_path / "store", tmp_path / "x", msgspec.structs.replace(LIMITS, memory_bytes=1 << 27))


def test_more_rows_than_its_bytes_can_hold_are_not_believed(cell, tmp_path, lines):
    etl(tmp_path / "x", lines[:5])
    path = tmp_path / "x" / "transactions.parquet"
    parquet.write_table(pa.concat_tables([parquet.read_table(path)] * 4000), path, compression="zstd")
    with pytest.raises(UsageError, match="20000 rows, in"):
        taken(cell, tmp_path / "store", tmp_path / "x")


def test_files_that_belong_together_are_found_or_it_is_said(cell, tmp_path, lines):
    etl(tmp_path / "x", lines[:5])
    (tmp_path / "x" / "blocks.json").write_text("")
    (tmp_path / "x" / "transactions.json").write_text("")
    with pytest.raises(UsageError, match="several kinds"):
        taken(cell, tmp_path / "store", tmp_path / "x")
    (tmp_path / "y" / "block").mkdir(parents=True)
    (tmp_path / "y" / "transaction").mkdir()
    with pytest.raises(UsageError, match="partition=N"):
        taken(cell, tmp_path / "store", tmp_path / "y")
