"""Exports in columns, as bitcoin-etl writes them: the same store as of the blocks themselves, or a problem."""

import csv
import io
import json
import os
import struct

import pytest

from mined_chain import GENESIS_RAW, mined
from money.test_importing import folder, imported
from vigie.kernel.cell import Cell, Limits
from vigie.kernel.chain.growth import Growth
from vigie.kernel.chain.importing import Importer
from vigie.kernel.chain.opening import opened
from vigie.kernel.errors import UsageError
from vigie.numeric.headers import block_hash

LIMITS = Limits(wall_s=60, cpu_s=60, memory_bytes=2 << 30, output_bytes=1 << 30)


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    with Cell(scratch=tmp_path_factory.mktemp("cell"), job="read_columns") as one:
        yield one


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    with Cell(scratch=tmp_path_factory.mktemp("plain"), job="read_blocks") as one:
        yield one


def taken(cell, store, given, limits=LIMITS):
    with Growth(store, "regtest") as growth:
        importer = Importer(growth, lambda ask, files: cell.ask(ask, files, limits=limits), lambda _: None, store)
        try:
            return importer.take_columns(os.fsencode(given))
        finally:
            importer.close()


def exported(raw: bytes, height: int):
    """Return the lines of bitcoin-etl about a block: a reader of its own, as far as these blocks need one."""
    at = 80

    def number() -> int:
        nonlocal at
        at += 1
        if raw[at - 1] < 253:
            return raw[at - 1]
        at += 2
        return int.from_bytes(raw[at - 2 : at], "little")

    def bytes_(size: int) -> bytes:
        nonlocal at
        at += size
        return raw[at - size : at]

    txs = []
    count = number()
    for index in range(count):
        begin = at
        version = bytes_(4)
        segwit = raw[at] == 0
        at += 2 * segwit
        body = at
        ins = []
        for _ in range(number()):
            prev, vout = bytes_(32), int.from_bytes(bytes_(4), "little")
            script = bytes_(number())
            ins.append({"index": len(ins), "spent_transaction_hash": prev[::-1].hex(), "spent_output_index": vout,
                        "script_asm": "", "script_hex": script.hex(),
                        "sequence": int.from_bytes(bytes_(4), "little"), "type": None})  # fmt: skip
        outs = []
        for _ in range(number()):
            value = int.from_bytes(bytes_(8), "little")
            script = bytes_(number()).hex()
            kind = "nonstandard" if script.startswith("5120") else "pubkeyhash"
            outs.append({"index": len(outs), "script_hex": script, "type": kind, "value": value,
                         "addresses": ["nonstandard" + "00" * 20]})  # fmt: skip
        end = at
        for _ in ins if segwit else ():
            for _ in range(number()):
                bytes_(number())
        lock = bytes_(4)
        bare = version + raw[body:end] + lock
        coinbase = index == 0
        weight = 3 * len(bare) + at - begin
        txs.append({"type": "transaction", "hash": block_hash(bare)[::-1].hex(), "size": at - begin,
                    "virtual_size": (weight + 3) // 4, "version": struct.unpack("<i", version)[0],
                    "lock_time": int.from_bytes(lock, "little"), "block_number": height, "index": index,
                    "is_coinbase": coinbase, "inputs": [] if coinbase else ins, "outputs": outs})  # fmt: skip
        if coinbase:
            param = ins[0]["script_hex"]
    version, _, merkle, time, bits, nonce = struct.unpack("<i32s32sIII", raw[:80])
    block = {"type": "block", "hash": block_hash(raw[:80])[::-1].hex(), "size": len(raw), "weight": 4 * len(raw) - 3,
             "number": height, "version": version, "merkle_root": merkle[::-1].hex(), "timestamp": time,
             "nonce": f"{nonce:x}", "bits": f"{bits:x}", "coinbase_param": param,
             "transaction_count": count}  # fmt: skip
    return block, txs


def written(path, name, rows, form="json"):
    path.mkdir(exist_ok=True)
    if form == "json":
        text = "".join(json.dumps(row) + "\n" for row in rows)
    else:
        out = io.StringIO()
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        for row in rows:
            nested = {key: json.dumps(value) for key, value in row.items() if isinstance(value, list)}
            writer.writerow({**row, **nested, **{key: int(v) for key, v in row.items() if isinstance(v, bool)}})
        text = out.getvalue()
    (path / f"{name}.{form}").write_text(text)


@pytest.fixture(scope="module")
def rows():
    every = [GENESIS_RAW, *(one.raw for one in mined(1, 130))]
    return every, [exported(raw, height) for height, raw in enumerate(every)]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_an_export_gives_the_store_that_the_blocks_give(cell, plain, tmp_path, rows, form):
    raw, lines = rows
    for name, part in (("_000_059", lines[:60]), ("_060_130", lines[60:])):
        written(tmp_path / "export", "blocks" + name, [block for block, _ in part], form)
        written(tmp_path / "export", "transactions" + name, [tx for _, txs in part for tx in txs], form)
    found = taken(cell, tmp_path / "a", tmp_path / "export")
    assert (found.added, found.troubled, found.waiting) == (131, 0, 0)
    imported(plain, tmp_path / "b", folder(tmp_path / "blocks", raw))
    one, other = opened(tmp_path / "a"), opened(tmp_path / "b")
    for name in (
        "tx_hash",
        "tx_vsize",
        "tx_flags",
        "out_value",
        "out_script",
        "script_type",
        "out_spender",
        "prev_low",
    ):
        assert (getattr(one, name) == getattr(other, name)).all(), name


def test_an_export_that_lies_is_found_out(cell, tmp_path, rows):
    lines = json.loads(json.dumps(rows[1][:121]))
    lines[60][1][0]["outputs"][0]["value"] += 1
    lines[110][1][-1]["outputs"][0]["script_hex"] = "00"
    written(tmp_path / "x", "blocks", [block for block, _ in lines])
    written(tmp_path / "x", "transactions", [tx for _, txs in lines for tx in txs])
    found = taken(cell, tmp_path / "store", tmp_path / "x")
    assert found.troubled == 2
    assert [text.split("height ")[1].split(":")[0] for text in found.troubles] == ["60", "110"]
    assert found.added == 60


@pytest.mark.parametrize("line", ['{"hash": 5}', "{", '{"number": 1e400}', "[]", '{"hash":"' + "g" * 64 + '"}', "\xff"])
def test_lines_that_are_none(cell, tmp_path, rows, line):
    written(tmp_path / "x", "blocks", [rows[1][0][0]])
    (tmp_path / "x" / "transactions.json").write_text(line + "\n")
    with pytest.raises(UsageError, match="No block was read"):
        taken(cell, tmp_path / "store", tmp_path / "x")
