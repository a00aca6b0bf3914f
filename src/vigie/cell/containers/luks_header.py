"""What a LUKS header says, checked and bounded: its key slots, the digest that proves a key, where the data lie.

Sources: LUKS1 On-Disk Format Specification 1.2.3; LUKS2 On-Disk Format Specification 1.1.1, 2 (headers), 3 (JSON).
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import struct
import typing as t

import msgspec

from vigie.cell.containers.entry import Broken
from vigie.cell.containers.sectors import Sectors

HASHES: t.Final = ("sha1", "sha224", "sha256", "sha384", "sha512")
MOST_KEY_BYTES = 64
MOST_STRIPES = 4000
"""Both formats know no other number; more would be work for nothing."""
MOST_SLOTS = 32
MOST_SALT_BYTES = 1024
_FIRST, _SECOND = b"LUKS\xba\xbe", b"SKUL\xba\xbe"
_LUKS1 = struct.Struct(">8x32s32s32sII20s32sI40x")
_SLOT1 = struct.Struct(">II32sII")
_ACTIVE = 0x00AC71F3
_LUKS2 = struct.Struct(">6sHQQ48s32s64s40s48sQ184s64s")
_HEADER_BYTES = 4096
_HEADER_SIZES = tuple(0x4000 << shift for shift in range(9))
"""16 KiB to 4 MiB; the second header follows the first, so these are also the places where it may begin."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Kdf:
    """How a passphrase becomes the key of a key slot."""

    kind: str
    salt: bytes
    iterations: int
    hash: str = ""
    memory_kib: int = 0
    lanes: int = 0


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """One key slot: the volume's key, split into stripes and encrypted."""

    name: str
    kdf: Kdf
    offset: int
    cipher: str
    area_key_bytes: int
    key_bytes: int
    stripes: int
    hash: str
    digest: Kdf
    """PBKDF2 over the volume's key."""
    proof: bytes
    """What ``digest`` gives for the right key."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """An encrypted volume."""

    slots: tuple[Slot, ...]
    """In the order in which they are tried."""
    cipher: str
    offset: int
    size: int | None
    """None: to the end of the disk."""
    tweak: int
    """The number of the first sector, in units of 512 bytes."""
    sector_bytes: int
    remark: str = ""
    """What is wrong with it although it can be used."""


def read(disk: Sectors) -> Header:
    """Return the header of either version. Raises ``Broken`` ``damaged``, ``truncated`` or ``unsupported``."""
    start = disk.read_at(0, _LUKS1.size)
    header = _luks1(disk) if start[:8] == _FIRST + b"\0\1" else _luks2(disk)
    if not 0 < header.offset < disk.size:
        raise Broken("unsupported", "LUKS header without its data: image the opened device, or the disk with both")
    return header


def _luks1(disk: Sectors) -> Header:
    data = disk.read_at(0, _LUKS1.size + 8 * _SLOT1.size)
    if len(data) < _LUKS1.size + 8 * _SLOT1.size:
        raise Broken("truncated", "the LUKS header is cut off")
    name, mode, hash_name, payload, key_bytes, proof, salt, iterations = _LUKS1.unpack_from(data)
    cipher, hashed = f"{_text(name)}-{_text(mode)}", _text(hash_name)
    slots = []
    for number in range(8):
        active, rounds, its_salt, at, stripes = _SLOT1.unpack_from(data, _LUKS1.size + number * _SLOT1.size)
        if active != _ACTIVE:
            continue
        _bounded(key_bytes, stripes, rounds, iterations)
        slots.append(
            Slot(
                name=str(number), kdf=Kdf(kind="pbkdf2", salt=its_salt, iterations=rounds, hash=hashed),
                offset=at * 512, cipher=cipher, area_key_bytes=key_bytes, key_bytes=key_bytes, stripes=stripes,
                hash=hashed, digest=Kdf(kind="pbkdf2", salt=salt, iterations=iterations, hash=hashed), proof=proof,
            )
        )  # fmt: skip
    return Header(slots=tuple(slots), cipher=cipher, offset=payload * 512, size=None, tweak=0, sector_bytes=512)


# -------------------------------------------------------------------------------------------- LUKS 2: its JSON
Number = t.Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,18}$")]
"""LUKS2 writes 64-bit numbers as text."""
Int = t.Annotated[int, msgspec.Meta(ge=0, le=(1 << 32) - 1)]
Word = t.Annotated[str, msgspec.Meta(max_length=2048)]


class _Kdf(msgspec.Struct):
    type: Word
    salt: Word
    hash: Word = ""
    iterations: Int = 0
    time: Int = 0
    memory: Int = 0
    cpus: Int = 0


class _Af(msgspec.Struct):
    stripes: Int
    hash: Word


class _Area(msgspec.Struct):
    offset: Number
    encryption: Word = ""
    key_size: Int = 0


class _Keyslot(msgspec.Struct):
    type: Word
    key_size: Int
    area: _Area
    af: _Af | None = None
    kdf: _Kdf | None = None
    priority: Int = 1


class _Segment(msgspec.Struct):
    type: Word
    offset: Number
    size: Word
    iv_tweak: Number = "0"
    encryption: Word = ""
    sector_size: Int = 512
    integrity: msgspec.Raw = msgspec.Raw()


class _Digest(msgspec.Struct):
    type: Word
    keyslots: list[Word]
    segments: list[Word]
    hash: Word
    iterations: Int
    salt: Word
    digest: Word


class _Requirements(msgspec.Struct, frozen=True):
    mandatory: list[Word] = []


class _Config(msgspec.Struct, frozen=True):
    requirements: _Requirements = _Requirements()


class _Json(msgspec.Struct):
    keyslots: dict[Word, _Keyslot]
    segments: dict[Word, _Segment]
    digests: dict[Word, _Digest]
    config: _Config


_JSON = msgspec.json.Decoder(_Json)


def _luks2(disk: Sectors) -> Header:
    """Take the newer one of the two headers whose checksums fit."""
    first = _area(disk, 0, _FIRST)
    seconds = (_area(disk, at, _SECOND) for at in _HEADER_SIZES)
    second = next((one for one in seconds if one is not None), None)
    sound = [one for one in (first, second) if one is not None]
    if not sound:
        raise Broken("damaged", "LUKS 2: neither of its two headers has a checksum that fits")
    _, raw = max(sound, key=lambda one: one[0])
    remark = "" if len(sound) == 2 else "the second header was used" if first is None else "the first header was used"
    try:
        said = _JSON.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Broken("damaged", f"LUKS 2: its header is not as specified: {error}") from error
    return _meant(said, remark and f"LUKS 2: the checksum of the other header does not fit; {remark}")


def _area(disk: Sectors, at: int, magic: bytes) -> tuple[int, bytes] | None:
    """Return sequence number and JSON of a header; None where there is none with a right checksum."""
    data = disk.read_at(at, _HEADER_BYTES)
    if len(data) < _HEADER_BYTES:
        return None
    found, version, size, sequence, _, algorithm, _, _, _, offset, _, checksum = _LUKS2.unpack_from(data)
    name = _text(algorithm)
    if (found, version, offset) != (magic, 2, at) or size not in _HEADER_SIZES or name not in HASHES:
        return None
    rest = disk.read_at(at + _HEADER_BYTES, size - _HEADER_BYTES)
    if len(rest) < size - _HEADER_BYTES:
        return None
    digest = hashlib.new(name, data[:448] + bytes(64) + data[512:] + rest, usedforsecurity=False).digest()
    return (sequence, rest.split(b"\0", 1)[0]) if checksum[: len(digest)] == digest else None


def _meant(said: _Json, remark: str) -> Header:
    stopped = [one for one in said.keyslots.values() if one.type == "reencrypt"]
    required = said.config.requirements.mandatory
    if stopped or any("reencrypt" in one for one in required) or len(said.segments) > 1:
        advice = "finish it with `cryptsetup reencrypt --resume-only` on a copy, then add the copy"
        raise Broken("unsupported", f"LUKS 2: its encryption is being changed: {advice}")
    if required:
        raise Broken("unsupported", f"LUKS 2 with {', '.join(required)[:200]}: open it with cryptsetup and image that")
    if not said.segments:
        raise Broken("damaged", "LUKS 2: its header names no segment")
    ((key, segment),) = said.segments.items()
    if segment.type != "crypt":
        raise Broken("unsupported", f"LUKS 2: a segment of type {segment.type[:50]!r}: open it with cryptsetup")
    if bytes(segment.integrity):
        raise Broken("unsupported", "LUKS 2 with integrity tags: open it with cryptsetup and image the mapped device")
    if segment.sector_size not in (512, 1024, 2048, 4096):
        raise Broken("damaged", f"LUKS 2: sectors of {segment.sector_size} bytes")
    if segment.size != "dynamic" and not (segment.size.isascii() and segment.size.isdigit() and len(segment.size) < 19):
        raise Broken("damaged", f"LUKS 2: a segment of {segment.size[:50]!r} bytes")
    return Header(
        slots=_slots(said, key),
        cipher=segment.encryption,
        offset=int(segment.offset),
        size=None if segment.size == "dynamic" else int(segment.size),
        tweak=int(segment.iv_tweak),
        sector_bytes=segment.sector_size,
        remark=remark,
    )


def _slots(said: _Json, segment: str) -> tuple[Slot, ...]:
    if len(said.keyslots) > MOST_SLOTS or len(said.digests) > MOST_SLOTS:
        raise Broken("damaged", f"LUKS 2: more than {MOST_SLOTS} key slots or digests")
    slots = []
    for name, one in sorted(said.keyslots.items(), key=lambda item: (-item[1].priority, len(item[0]), item[0])):
        digest = next((d for d in said.digests.values() if name in d.keyslots and segment in d.segments), None)
        if digest is None or one.af is None or one.kdf is None:
            continue  # a slot of a key that is not this segment's
        _bounded(one.key_size, one.af.stripes, one.kdf.iterations, digest.iterations)
        _bounded(one.area.key_size, one.af.stripes, one.kdf.time, digest.iterations)
        slots.append(
            Slot(
                name=name[:20], kdf=_kdf(one.kdf), offset=int(one.area.offset), cipher=one.area.encryption,
                area_key_bytes=one.area.key_size, key_bytes=one.key_size, stripes=one.af.stripes, hash=one.af.hash,
                digest=Kdf(kind=digest.type, salt=_base64(digest.salt), iterations=digest.iterations, hash=digest.hash),
                proof=_base64(digest.digest),
            )
        )  # fmt: skip
    return tuple(slots)


def _kdf(said: _Kdf) -> Kdf:
    if said.type == "pbkdf2":
        return Kdf(kind="pbkdf2", salt=_base64(said.salt), iterations=said.iterations, hash=said.hash)
    salt = _base64(said.salt)
    return Kdf(kind=said.type, salt=salt, iterations=said.time, memory_kib=said.memory, lanes=said.cpus)


def _bounded(key_bytes: int, stripes: int, *rounds: int) -> None:
    """Raise ``Broken`` ``damaged`` for numbers no LUKS volume has; how many rounds may be done is the KDF's word."""
    if not 16 <= key_bytes <= MOST_KEY_BYTES or not 1 <= stripes <= MOST_STRIPES or max(rounds) >= 1 << 32:
        raise Broken("damaged", f"LUKS: a key of {key_bytes} bytes in {stripes} stripes")


def _base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Broken("damaged", f"LUKS 2: a salt or digest is no base64: {error}") from error
    if not 1 <= len(data) <= MOST_SALT_BYTES:
        raise Broken("damaged", f"LUKS 2: a salt or digest of {len(data)} bytes")
    return data


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("ascii", "replace")
