"""Blocks and transactions in Parquet: the columns of bitcoin-etl, of BigQuery's crypto_bitcoin, of GraphSense's Delta.

Arrow is a large reader of a hostile format: it runs in the cell, with one thread. What it is given is bounded before:
footer, depth, columns, and rows against the bytes there are; pages are read one by one, rows in batches. What comes
out is looked at by type, and worth nothing before ids and roots fit (``gathered``).
"""

from __future__ import annotations

import decimal
import io
import typing as t

import pyarrow as pa
from pyarrow import parquet

from vigie.cell.chain.exported import Block, Input, Odd, Output, Transaction
from vigie.cell.job import Refused

if t.TYPE_CHECKING:
    from collections.abc import Iterator

BATCH_ROWS: t.Final = 2048
PAGE_BYTES: t.Final = 1 << 20
"""Read ahead of a column."""
MOST_FOOTER: t.Final = 64 << 20
MOST_DEPTH: t.Final = 12
"""Of nested columns: witnesses of inputs stand seven deep."""
MOST_COLUMNS: t.Final = 256
MOST_THINGS: t.Final = 1 << 20
"""Of a list in the footer: row groups, columns, statistics."""
LEAST_ROW: t.Final = 32
"""Bytes of a row: each has a hash of its own, which nothing makes smaller."""
TAIL_BYTES: t.Final = 8

Column = list[t.Any]
Names = dict[str, tuple[str, ...]]

BLOCK: t.Final[Names] = {
    "number": ("number", "block_id"),
    "hash": ("hash", "block_hash"),
    "version": ("version",),
    "merkle_root": ("merkle_root",),
    "timestamp": ("timestamp",),
    "nonce": ("nonce",),
    "bits": ("bits",),
    "transaction_count": ("transaction_count", "no_transactions"),
}
"""Our name (bitcoin-etl's) of what must be there, and the names it may have; GraphSense's stand second."""
BLOCK_TOO: t.Final[Names] = {
    "coinbase_param": ("coinbase_param",),
    "previous_block_hash": ("previous_block_hash",),
    "size": ("size",),
    "weight": ("weight",),
}
TRANSACTION: t.Final[Names] = {
    "hash": ("hash", "tx_hash"),
    "block_number": ("block_number", "block_id"),
    "version": ("version",),
    "lock_time": ("lock_time",),
    "is_coinbase": ("is_coinbase", "coinbase"),
    "inputs": ("inputs",),
    "outputs": ("outputs",),
}
TRANSACTION_TOO: t.Final[Names] = {"index": ("index",), "size": ("size",), "virtual_size": ("virtual_size",)}
INPUT: t.Final = ("spent_transaction_hash", "spent_output_index", "script_hex", "sequence")
OUTPUT: t.Final = ("script_hex", "value")
NESTED: t.Final = {"inputs": INPUT, "outputs": OUTPUT}


def blocks(file: t.BinaryIO) -> Iterator[Block]:
    """Yield what a file says of blocks. Errors: ``Odd``, ``Refused``."""
    for row, of, n in _rows(file, "blocks", BLOCK, BLOCK_TOO):
        yield Block(
            hash=_hash(of["hash"][n], row) or _lacks(row, "hash"),
            merkle_root=_hash(of["merkle_root"][n], row) or _lacks(row, "merkle_root"),
            previous_block_hash=_hash(of["previous_block_hash"][n], row),
            coinbase_param=_text(of["coinbase_param"][n], row, "coinbase_param"),
            nonce=_hexadecimal(of["nonce"][n], row, "nonce"),
            bits=_hexadecimal(of["bits"][n], row, "bits"),
            number=_whole(of["number"][n], row, "number"),
            version=_whole(of["version"][n], row, "version"),
            timestamp=_whole(of["timestamp"][n], row, "timestamp"),
            transaction_count=_whole(of["transaction_count"][n], row, "transaction_count"),
            size=_whole_or_none(of["size"][n], row, "size"),
            weight=_whole_or_none(of["weight"][n], row, "weight"),
        )


def transactions(file: t.BinaryIO) -> Iterator[tuple[int, Transaction]]:
    """Yield the rows of a file of transactions, each with its number from 1. Errors: ``Odd``, ``Refused``."""
    for row, of, n in _rows(file, "transactions", TRANSACTION, TRANSACTION_TOO):
        taken, put = slice(*of["inputs"][n : n + 2]), slice(*of["outputs"][n : n + 2])
        yield (
            row,
            Transaction(
                hash=_hash(of["hash"][n], row) or _lacks(row, "hash"),
                is_coinbase=bool(of["is_coinbase"][n]),
                inputs=[
                    Input(
                        spent_transaction_hash=_hash(spent, row),
                        spent_output_index=_whole_or_none(index, row, "spent_output_index"),
                        script_hex=_text(script, row, "script_hex"),
                        sequence=_whole_or_none(sequence, row, "sequence"),
                    )
                    for spent, index, script, sequence in zip(
                        *(of[f"inputs.{name}"][taken] for name in INPUT), strict=True
                    )
                ],
                outputs=[
                    Output(script_hex=_text(script, row, "script_hex"), value=_whole_or_none(value, row, "value"))
                    for script, value in zip(*(of[f"outputs.{name}"][put] for name in OUTPUT), strict=True)
                ],
                version=_whole(of["version"][n], row, "version"),
                lock_time=_whole(of["lock_time"][n], row, "lock_time"),
                block_number=_whole(of["block_number"][n], row, "block_number"),
                index=_whole_or_none(of["index"][n], row, "index"),
                size=_whole_or_none(of["size"][n], row, "size"),
                virtual_size=_whole_or_none(of["virtual_size"][n], row, "virtual_size"),
            ),
        )


def warm(nothing: io.BytesIO) -> None:
    """Have Arrow load what it loads when it is first used, as casts do: a child can load nothing."""
    inputs = [{"spent_transaction_hash": "00" * 32, "spent_output_index": 0, "script_hex": "", "sequence": 0}]
    outputs = [{"script_hex": "", "value": decimal.Decimal(1)}]
    row = {"hash": "00" * 32, "block_number": 0, "version": 1, "lock_time": 0, "is_coinbase": False}
    written = pa.Table.from_pylist([{**row, "inputs": inputs, "outputs": outputs}])
    parquet.write_table(written, nothing)
    list(transactions(nothing))


def _rows(file: t.BinaryIO, what: str, must: Names, may: Names) -> Iterator[tuple[int, dict[str, Column], int]]:
    """Yield the number of each row, columns, and its place in these.

    Columns have our names; what is in lists stands side by side as ``inputs.value``, and ``inputs`` says from where to
    where it is a row's. Errors: ``Refused``, ``Odd``.
    """
    try:
        opened = _opened(file)
        names = _named(opened, what, must, may)
        paths = _paths(opened, names)
        row = 0
        for batch in opened.iter_batches(BATCH_ROWS, columns=paths, use_threads=False):
            columns: dict[str, Column] = {name: [None] * batch.num_rows for name in may}
            for ours, theirs in names.items():
                array = batch.column(theirs)
                columns |= _listed(ours, array) if ours in NESTED else {ours: _plain(array)}
            for n in range(batch.num_rows):
                row += 1
                yield row, columns, n
    except MemoryError:
        raise
    except OSError as error:
        if error.errno:
            raise
        raise Refused("damaged", f"the Parquet of {what} cannot be read: {error}") from None
    except (pa.ArrowException, UnicodeDecodeError, KeyError) as error:
        raise Refused("damaged", f"the Parquet of {what} cannot be read: {error}") from None


def _opened(file: t.BinaryIO) -> parquet.ParquetFile:
    size = file.seek(0, io.SEEK_END)
    if size < TAIL_BYTES:
        raise Refused("damaged", f"{size} bytes are no Parquet")
    file.seek(size - TAIL_BYTES)
    tail = file.read(TAIL_BYTES)
    footer = int.from_bytes(tail[:4], "little")
    if tail[4:] == b"PARE":
        raise Refused("encrypted", "the Parquet is encrypted: write it anew without")
    if tail[4:] != b"PAR1" or footer > size:
        raise Refused("damaged", f"it does not end as Parquet does, but with {tail.hex()}: cut off, or another format")
    if footer > MOST_FOOTER:
        raise Refused("too_large", f"a footer of {footer} bytes")
    opened = parquet.ParquetFile(  # type: ignore[call-arg]  # stubs behind Arrow 26
        file, buffer_size=PAGE_BYTES, pre_buffer=False, page_checksum_verification=True, schema_depth_limit=MOST_DEPTH,
        thrift_string_size_limit=MOST_FOOTER, thrift_container_size_limit=MOST_THINGS, arrow_extensions_enabled=False,
    )  # fmt: skip
    about = opened.metadata
    if about.num_columns > MOST_COLUMNS:
        raise Refused("too_large", f"{about.num_columns} columns")
    rows = sum(about.row_group(n).num_rows for n in range(about.num_row_groups))
    if rows != about.num_rows or not 0 <= rows * LEAST_ROW <= size:
        raise Refused("damaged", f"it says that it has {about.num_rows} rows, in {size} bytes")
    return opened


def _named(opened: parquet.ParquetFile, what: str, must: Names, may: Names) -> dict[str, str]:
    """Return how the file calls what we want. Errors: ``Refused`` where it has not what ids rest on."""
    there = opened.schema_arrow
    names = {
        ours: found for ours, some in (must | may).items() if (found := next((n for n in some if n in there.names), ""))
    }
    missing = [ours for ours in must if ours not in names]
    for ours in NESTED.keys() & names.keys():
        kind = there.field(names[ours]).type
        inner = kind.value_type if pa.types.is_list(kind) or pa.types.is_large_list(kind) else None
        if inner is not None and pa.types.is_null(inner):
            continue  # only empty lists: a writer that goes by what it sees knows no more
        if inner is None or not pa.types.is_struct(inner):
            raise Refused("misfit", f"column {names[ours]} is no list of records, but {str(kind)[:200]}")
        missing += [f"{ours}.{name}" for name in NESTED[ours] if inner.get_field_index(name) < 0]
    if missing:
        raise Refused(
            "misfit",
            f"its {what} lack {', '.join(missing)}, without which ids and roots cannot be computed and nothing of it be"
            " checked (tables of a GraphSense database have not, those of its Delta ingest have). Export with"
            " bitcoin-etl, or give a node's blocks: --blocks.",
        )
    return names


def _paths(opened: parquet.ParquetFile, names: dict[str, str]) -> list[str]:
    """Return the leaves that are read; addresses, witnesses and disassembled scripts stay where they are."""
    ours = {theirs: name for name, theirs in names.items()}
    paths = [opened.schema.column(n).path for n in range(opened.metadata.num_columns)]
    steps = [path.split(".") for path in paths]
    return [path for path, step in zip(paths, steps, strict=True) if step[0] in ours and _is_read(ours[step[0]], step)]


def _is_read(ours: str, step: list[str]) -> bool:
    return ours not in NESTED or step[-1] in NESTED[ours] or len(step) < 4  # NAME.list.element: of nothing


def _plain(array: t.Any) -> Column:
    """Return a column as text, whole numbers, truths or bytes. Errors: ArrowException, ``Refused``."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        array, kind = array.cast(kind.value_type), kind.value_type
    if pa.types.is_timestamp(kind):
        array, kind = array.cast(pa.timestamp("s")).cast(pa.int64()), pa.int64()
    if pa.types.is_decimal(kind):
        array, kind = array.cast(pa.int64()), pa.int64()
    simple = (
        pa.types.is_integer, pa.types.is_string, pa.types.is_large_string, pa.types.is_boolean,
        pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_null,
    )  # fmt: skip
    if not any(is_(kind) for is_ in simple):
        raise Refused("misfit", f"a column of {str(kind)[:200]} where text or whole numbers belong")
    return t.cast("Column", array.to_pylist())


def _listed(ours: str, array: t.Any) -> dict[str, Column]:
    """Return the parts of lists of records side by side, and where those of each row begin and end."""
    ends = array.offsets.to_pylist()
    values = array.values[ends[0] : ends[-1]]
    if pa.types.is_null(values.type):
        if len(values):
            raise Refused("misfit", f"column {ours} has records of nothing")
        return {ours: ends, **{f"{ours}.{name}": [] for name in NESTED[ours]}}
    parts = {f"{ours}.{name}": _plain(values.field(name)) for name in NESTED[ours]}
    return {ours: [one - ends[0] for one in ends], **parts}


def _text(one: t.Any, row: int, name: str) -> str | None:
    """Return text, which some writers mark as bytes."""
    text = one.decode("ascii", "replace") if isinstance(one, bytes) else one
    if not isinstance(text, str | None):
        raise Odd(row, f"{name} is {str(one)[:80]!r}, no text")
    return text


def _hash(one: t.Any, row: int) -> str | None:
    """Return a hash as people write it: from digits in text, or 32 bytes."""
    text = one.hex() if isinstance(one, bytes) and len(one) == 32 else _text(one, row, "a hash")
    if text is not None and (len(text) != 64 or text.strip("0123456789abcdef")):
        raise Odd(row, f"{text[:80]!r} is no hash")
    return text


def _lacks(row: int, name: str) -> t.NoReturn:
    raise Odd(row, f"it has no {name}")


def _whole(one: t.Any, row: int, name: str) -> int:
    least = -(1 << 31) if name == "version" else 0
    if isinstance(one, bool) or not isinstance(one, int) or not least <= one < 1 << 63:
        raise Odd(row, f"{name} is {str(one)[:80]!r}")
    return one


def _whole_or_none(one: t.Any, row: int, name: str) -> int | None:
    return None if one is None else _whole(one, row, name)


def _hexadecimal(one: t.Any, row: int, name: str) -> int | str:
    return _whole(one, row, name) if isinstance(one, int) else _text(one, row, name) or _lacks(row, name)
