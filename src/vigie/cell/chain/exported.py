"""Blocks and transactions as bitcoin-etl words them (its ``docs/schema.md``), and the bytes they were once.

An export has all that a block's bytes say but witnesses, and what a header says but the hash before. So the bytes are
made anew, without witnesses, and read as any others: ids, merkle root and work tell whether the export says the truth.
What it says of kinds of scripts and of addresses is not looked at (Taproot stands there as ``nonstandard...``).
"""

from __future__ import annotations

import csv
import io
import struct
import typing as t
from hashlib import sha256

import msgspec

from vigie.numeric.headers import twice

if t.TYPE_CHECKING:
    from collections.abc import Iterator

MOST_LINE: t.Final = 64 << 20
"""A transaction of 4 MB, written with addresses and disassembled scripts."""
MOST_HEADERS: t.Final = 2_000_000
COINBASE_PREV: t.Final = bytes(32) + b"\xff" * 4
SEQUENCES: t.Final[tuple[int, ...]] = (0xFFFFFFFF, 0xFFFFFFFE, *range(1 << 17))
"""What inputs of coinbases have, which bitcoin-etl leaves out: the transaction's id tells which it was. Most have the
first or 0; some pools count there (block 413,567: 33,300). A fifth of a second for all."""

Hex = t.Annotated[str, msgspec.Meta(max_length=8_000_000)]
Number = t.Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
U32 = t.Annotated[int, msgspec.Meta(ge=0, le=(1 << 32) - 1)]
I32 = t.Annotated[int, msgspec.Meta(ge=-(1 << 31), le=(1 << 32) - 1)]
Hash = t.Annotated[str, msgspec.Meta(min_length=64, max_length=64, pattern="^[0-9a-f]*$")]


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A line about a block."""

    hash: Hash
    number: Number
    version: I32
    merkle_root: Hash
    timestamp: U32
    nonce: str | int
    bits: str | int
    coinbase_param: Hex | None = None
    transaction_count: Number | None = None
    size: Number | None = None
    weight: Number | None = None
    previous_block_hash: Hash | None = None


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """An input; of a coinbase's some are there and some are not."""

    spent_transaction_hash: Hash | None = None
    spent_output_index: U32 | None = None
    script_hex: Hex | None = None
    sequence: U32 | None = None


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """An output; amounts are satoshi."""

    script_hex: Hex | None = None
    value: Number | None = None


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """A line about a transaction."""

    hash: Hash
    version: I32
    lock_time: U32
    block_number: Number
    index: Number | None = None
    is_coinbase: bool = False
    size: Number | None = None
    virtual_size: Number | None = None
    inputs: list[Input] = []
    outputs: list[Output] = []


class Told(t.NamedTuple):
    """A transaction as an export tells it, made into bytes."""

    where: int
    """Its line or row, from 1."""
    block: int
    place: int | None
    """In its block, where that is said."""
    said: str
    """The id that it is said to have."""
    size: int
    vsize: int
    raw: bytes
    """Without witnesses."""

    def txid(self) -> str:
        """Return the id that it has."""
        return twice(self.raw)[::-1].hex()


class Odd(ValueError):  # noqa: N818 - it is a verdict about a file, not an error of ours
    """A line or row that cannot be; ``args``: which, and why."""


R = t.TypeVar("R")


def lines(file: t.BinaryIO, form: str, kind: type[R], nested: tuple[str, ...] = ()) -> Iterator[tuple[int, R]]:
    """Yield what each line says, with its number. In CSV ``nested`` columns hold JSON. Errors: ``Odd``."""
    decoder = msgspec.json.Decoder(kind)
    raw = io.BufferedReader(t.cast("io.RawIOBase", file)) if isinstance(file, io.RawIOBase) else file
    names: list[str] = []
    for number, line in enumerate(iter(lambda: raw.readline(MOST_LINE + 1), b""), 1):
        if len(line) > MOST_LINE:
            raise Odd(number, f"a line of more than {MOST_LINE >> 20} MiB")
        if not line.strip():
            continue
        try:
            if form == "json":
                yield number, decoder.decode(line)
                continue
            cells = next(csv.reader([line.decode()], strict=True))
            if not names:
                names = cells
                continue
            yield number, msgspec.convert(_row(names, cells, nested), kind, strict=False)
        except (msgspec.DecodeError, csv.Error, UnicodeDecodeError, ValueError) as error:
            raise Odd(number, str(error)) from None


def _row(names: list[str], cells: list[str], nested: tuple[str, ...]) -> dict[str, t.Any]:
    if len(cells) != len(names):
        raise ValueError(f"{len(cells)} cells where {len(names)} columns are")
    pairs = zip(names, cells, strict=True)
    return {name: msgspec.json.decode(cell) if name in nested else cell for name, cell in pairs if cell}


def header(block: Block, before: bytes) -> bytes:
    """Return a block's header, which follows the block ``before``. Errors: ValueError."""
    return struct.pack(
        "<I32s32sIII", block.version & 0xFFFFFFFF, before, bytes.fromhex(block.merkle_root)[::-1], block.timestamp,
        _number(block.bits), _number(block.nonce),
    )  # fmt: skip


def told(where: int, one: Transaction, block: Block | None) -> Told:
    """Return a transaction with its bytes; ``block``: that it stands in. Errors: ``Odd``."""
    size, vsize = one.size or 0, one.virtual_size or 0
    try:
        return Told(where, one.block_number, one.index, one.hash, size, vsize, _bare(one, block))
    except (ValueError, struct.error) as error:  # no hexadecimal digits, or a number that has no room
        raise Odd(where, str(error)) from None


def _bare(one: Transaction, block: Block | None) -> bytes:
    version, lock = struct.pack("<I", one.version & 0xFFFFFFFF), struct.pack("<I", one.lock_time)
    put = [struct.pack("<Q", each.value or 0) + _sized(each.script_hex or "") for each in one.outputs]
    rest = b"".join((compact(len(put)), *put, lock))
    if not one.is_coinbase and any(each.spent_transaction_hash for each in one.inputs):
        return b"".join((version, compact(len(one.inputs)), *(_taken(each) for each in one.inputs), rest))
    given = one.inputs[0] if one.inputs else Input()
    begin = version + b"\1" + COINBASE_PREV + _sized(given.script_hex or (block and block.coinbase_param) or "")
    sequence = _sequence(begin, rest, one.hash) if given.sequence is None else given.sequence
    return begin + struct.pack("<I", sequence) + rest


def _sequence(begin: bytes, rest: bytes, said: str) -> int:
    """Return the sequence between these that gives the id that is said, or the usual one where none does."""
    wanted, first = bytes.fromhex(said)[::-1], sha256(begin)
    for one in SEQUENCES:
        whole = first.copy()
        whole.update(struct.pack("<I", one) + rest)
        if sha256(whole.digest()).digest() == wanted:
            return one
    return SEQUENCES[0]


def _taken(one: Input) -> bytes:
    if one.spent_transaction_hash is None or one.spent_output_index is None:
        raise ValueError("an input that does not say what it spends")
    sequence = 0xFFFFFFFF if one.sequence is None else one.sequence
    prev = bytes.fromhex(one.spent_transaction_hash)[::-1] + struct.pack("<I", one.spent_output_index)
    return prev + _sized(one.script_hex or "") + struct.pack("<I", sequence)


def _number(said: str | int) -> int:
    number = said if isinstance(said, int) else int(said, 16)
    if not 0 <= number < 1 << 32:
        raise ValueError(f"{number} is no number of 32 bits")
    return number


def _sized(text: str) -> bytes:
    raw = bytes.fromhex(text)
    return compact(len(raw)) + raw


def compact(number: int) -> bytes:
    """Return a CompactSize."""
    if number < 253:
        return bytes([number])
    return b"\xfd" + struct.pack("<H", number) if number < 1 << 16 else b"\xfe" + struct.pack("<I", number)
