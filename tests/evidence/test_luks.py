"""LUKS as cryptsetup and qemu write it, with content: opened with its key, refused by name, and bounded."""

import copy
import hashlib
import io
import json
import os
import random
import struct

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import XTS
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.cell import sniff
from vigie.cell.containers import luks, luks_header, luks_keys
from vigie.cell.containers.entry import Broken
from vigie.cell.containers.luks_cipher import SectorCipher
from vigie.cell.containers.sectors import Segments
from vigie.desk.opening import secrets
from vigie.kernel.cell import Cell, Limits
from vigie.kernel.errors import UsageError
from vigie.kernel.isolation import Level
from vigie.rows.wire import Done, Expand, Trouble

MIB = 1 << 20
KEY = "pässwörd 鍵".encode()
CONTENT = random.Random(3).randbytes(300_000)
CHEAP = ("--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000")
ARGON2ID = ("--pbkdf", "argon2id", "--pbkdf-memory", "2048", "--pbkdf-parallel", "2", "--pbkdf-force-iterations", "4")
ARGON2I = ("--pbkdf", "argon2i", *ARGON2ID[2:])
SMALL = ("-q", "--type", "luks2", "--luks2-keyslots-size", "1m", "--luks2-metadata-size", "16k")


@pytest.fixture(scope="session")
def encrypted(tmp_path_factory, call):
    """Return a maker of LUKS 2 with ``CONTENT`` at its start, encrypted by cryptsetup itself: options -> path."""
    made = {}

    def make(*options, key=KEY, only_begun=False):
        if (options, key, only_begun) not in made:
            folder = tmp_path_factory.mktemp("luks")
            (folder / "key").write_bytes(key)
            with (folder / "disk").open("wb") as file:
                file.write(CONTENT)
                file.truncate(8 * MIB)
            call("cryptsetup", "reencrypt", "--encrypt", *SMALL, "--reduce-device-size", "4M", *options,
                 "--key-file", folder / "key", *(["--init-only"] if only_begun else []), folder / "disk")  # fmt: skip
            made[options, key, only_begun] = folder / "disk"
        return made[options, key, only_begun]

    return make


def parts(data, *keys):
    """Return what comes of an image given by its path or its bytes: remarks, then sectors or the last word."""
    disk = Segments([io.BytesIO(data if isinstance(data, bytes) else data.read_bytes())])
    return list(luks.parts(disk, keys))


def code(data, *keys):
    (part,) = parts(data, *keys)
    assert isinstance(part, Broken)
    return part.code


def changed(data, change, raw=None):
    """Change the JSON of both headers of a LUKS 2 and give them the checksum that fits."""
    out = bytearray(data)
    for at in (0, 0x4000):
        said = json.loads(out[at + 4096 : at + 0x4000].split(b"\0", 1)[0])
        change(said)
        body = raw if raw is not None else json.dumps(said).encode()
        out[at + 4096 : at + 0x4000] = body.ljust(0x4000 - 4096, b"\0")
        out[at + 448 : at + 512] = bytes(64)
        out[at + 448 : at + 480] = hashlib.sha256(out[at : at + 0x4000]).digest()
    return bytes(out)


@pytest.mark.parametrize(
    "options",
    [
        CHEAP,
        (*CHEAP, "--sector-size", "4096"),
        (*CHEAP, "--sector-size", "1024", "--key-size", "256"),
        (*CHEAP, "--cipher", "aes-xts-plain"),
        (*CHEAP, "--cipher", "aes-xts-plain64be"),
        (*CHEAP, "--cipher", "aes-cbc-essiv:sha256", "--key-size", "256"),
        (*CHEAP, "--cipher", "aes-cbc-plain64", "--key-size", "128", "--hash", "sha512"),
        (*CHEAP, "--cipher", "aes-cbc-plain", "--key-size", "192", "--hash", "sha1", "--sector-size", "2048"),
        ARGON2ID,
        (*ARGON2I, "--sector-size", "4096"),
    ],
)
def test_what_cryptsetup_encrypted_comes_out(encrypted, options):
    (sectors,) = parts(encrypted(*options), b"wrong", KEY)
    assert sectors.size > 4 * MIB  # of which cryptsetup encrypts those that --reduce-device-size leaves
    assert sectors.read_at(0, 4 * MIB) == CONTENT.ljust(4 * MIB, b"\0")
    assert sectors.read_at(sectors.size, 10) == b""


@pytest.mark.parametrize(
    "options",
    [
        "cipher-alg=aes-128,cipher-mode=xts,ivgen-alg=plain,hash-alg=sha1",
        "cipher-alg=aes-256,cipher-mode=cbc,ivgen-alg=essiv,ivgen-hash-alg=sha256,hash-alg=sha512",
    ],
)
def test_what_qemu_encrypted_comes_out(call, tmp_path, options):
    (tmp_path / "raw").write_bytes(CONTENT + bytes(512 - len(CONTENT) % 512))
    (tmp_path / "key").write_bytes(KEY)
    call("qemu-img", "convert", "--object", f"secret,id=k,file={tmp_path / 'key'}", "-f", "raw", "-O", "luks",
         "-o", f"key-secret=k,iter-time=10,{options}", tmp_path / "raw", tmp_path / "luks")  # fmt: skip
    assert code(tmp_path / "luks", KEY[:-1]) == "encrypted"
    (sectors,) = parts(tmp_path / "luks", KEY)
    assert sectors.read_at(0, len(CONTENT)) == CONTENT


@given(st.integers(0, 2 * MIB), st.integers(0, 70_000))
@settings(deadline=None, max_examples=25)
def test_any_piece_is_what_it_is_in_the_whole(encrypted, offset, size):
    (sectors,) = parts(encrypted(*CHEAP, "--sector-size", "4096"), KEY)
    assert sectors.read_at(offset, size) == sectors.read_at(0, offset + size)[offset:]


@given(
    st.binary(min_size=64, max_size=64).filter(lambda key: key[:32] != key[32:]),
    st.integers(0, 1 << 60),
    st.sampled_from([512, 1024, 2048, 4096]),
    st.integers(1, 40),
)
@settings(deadline=None, max_examples=40)
def test_xts_is_that_of_openssl(key, first, unit, count):
    """In one call of AES for many sectors of 512 bytes, or one after the other."""
    plain = CONTENT[: count * unit]
    sealed = b""
    for number in range(count):
        tweak = (first + number * unit // 512).to_bytes(16, "little")
        sealed += Cipher(AES(key), XTS(tweak)).encryptor().update(plain[number * unit : (number + 1) * unit])
    assert SectorCipher("aes-xts-plain64", key, unit).decrypt(sealed, first) == plain


def test_a_key_file_is_one_key_as_a_whole(encrypted, tmp_path):
    key = random.Random(5).randbytes(200) + b"\n\0"
    (tmp_path / "keys").write_bytes(key)
    assert secrets(tmp_path / "keys", ask=False) == (key,)
    (sectors,) = parts(encrypted(*CHEAP, key=key), *secrets(tmp_path / "keys", ask=False))
    assert sectors.read_at(0, 1000) == CONTENT[:1000]
    (tmp_path / "keys").write_bytes(b"one\r\n\ntwo\n")
    assert secrets(tmp_path / "keys", ask=False) == (b"one", b"two", b"one\r\n\ntwo\n")
    for nothing in (b"", b"\n\n"):
        (tmp_path / "keys").write_bytes(nothing)
        with pytest.raises(UsageError):
            secrets(tmp_path / "keys", ask=False)


def test_each_slot_is_tried(encrypted, call, tmp_path):
    (tmp_path / "disk").write_bytes(encrypted(*CHEAP).read_bytes())
    (tmp_path / "old").write_bytes(KEY)
    (tmp_path / "new").write_bytes(b"second")
    call("cryptsetup", "luksAddKey", "-q", *CHEAP, "--key-file", tmp_path / "old", tmp_path / "disk", tmp_path / "new")
    for key in (KEY, b"second"):
        (sectors,) = parts(tmp_path / "disk", b"wrong", key)
        assert sectors.read_at(0, 100) == CONTENT[:100]
    assert code(tmp_path / "disk", b"third") == "encrypted"
    assert code(tmp_path / "disk") == "encrypted"


def test_without_a_slot_no_key_is_said_to_be_wrong(encrypted):
    data = changed(encrypted(*CHEAP).read_bytes(), lambda said: said["keyslots"].clear())
    (part,) = parts(data, KEY)
    assert part.code == "encrypted"
    assert "no key slot is left" in part.detail


def test_a_volume_whose_start_was_wiped_is_still_one(encrypted, walk):
    data = bytes(4096) + encrypted(*CHEAP).read_bytes()[4096:]
    assert sniff.content_type(data[: sniff.HEAD_BYTES]) == "application/x-luks"
    walked = walk(data, secrets=[KEY])
    assert [(one.steps, one.code) for one in walked.troubles] == [
        ([b"luks"], "bad_checksum"), ([b"luks"], "no_file_system"),
    ]  # fmt: skip


@pytest.mark.parametrize("at", [10, 20, 100, 450, 5000])
def test_the_second_header_stands_in_for_the_first(encrypted, walk, at):
    data = bytearray(encrypted(*CHEAP).read_bytes())
    data[at] ^= 1
    remark, sectors = parts(bytes(data), KEY)
    assert (remark.code, "second header was used" in remark.detail) == ("bad_checksum", True)
    assert sectors.read_at(0, 1000) == CONTENT[:1000]
    walked = walk(bytes(data), secrets=[KEY])
    assert [(one.steps, one.code) for one in walked.troubles] == [
        ([b"luks"], "bad_checksum"), ([b"luks"], "no_file_system"),
    ]  # fmt: skip
    data[0x4000 + at] ^= 1
    assert code(bytes(data), KEY) == "damaged"


def test_the_newer_header_counts(encrypted):
    data = bytearray(encrypted(*CHEAP).read_bytes())
    old = changed(bytes(data), lambda said: said["keyslots"].clear())
    data[:0x4000] = old[:0x4000]
    struct.pack_into(">Q", data, 16, 1)
    data[448:512] = bytes(64)
    data[448:480] = hashlib.sha256(data[:0x4000]).digest()
    (sectors,) = parts(bytes(data), KEY)
    assert sectors.read_at(0, 100) == CONTENT[:100]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda j: j["segments"]["0"].update(encryption="serpent-xts-plain64"), "serpent-xts-plain64"),
        (lambda j: j["segments"]["0"].update(encryption="aes-ecb"), "aes-ecb"),
        (lambda j: j["segments"]["0"].update(integrity={"type": "hmac(sha256)"}), "integrity"),
        (lambda j: j["segments"]["0"].update(type="hw-opal"), "hw-opal"),
        (lambda j: j["segments"].update({"1": j["segments"]["0"]}), "resume-only"),
        (lambda j: j["config"].update(requirements={"mandatory": ["opal"]}), "opal"),
        (lambda j: j["keyslots"]["0"]["af"].update(hash="whirlpool"), "whirlpool"),
        (lambda j: j["keyslots"]["0"]["kdf"].update(type="scrypt"), "scrypt"),
        (lambda j: j["segments"]["0"].update(offset=str(1 << 40)), "without its data"),
    ],
)
def test_what_is_not_opened_is_named_with_advice(encrypted, change, said):
    (part,) = parts(changed(encrypted(*CHEAP).read_bytes(), change), KEY)
    assert (part.code, said in part.detail) == ("unsupported", True), part
    assert any(word in part.detail for word in ("cryptsetup", "image the"))


def test_an_encryption_that_was_only_begun_is_named(encrypted):
    assert code(encrypted(*CHEAP, only_begun=True), KEY) == "unsupported"


def test_a_detached_header_is_named(call, tmp_path, walk):
    (tmp_path / "key").write_bytes(KEY)
    for name in ("disk", "header"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(4 * MIB)
    call("cryptsetup", "luksFormat", *SMALL, *CHEAP, "--header", tmp_path / "header", "--key-file", tmp_path / "key",
         tmp_path / "disk")  # fmt: skip
    walked = walk((tmp_path / "header").read_bytes(), secrets=[KEY])
    assert [(one.code, "without its data" in one.detail) for one in walked.troubles] == [("unsupported", True)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda kdf: kdf.update(memory=4 << 20), "memory_limit"),
        (lambda kdf: kdf.update(time=(1 << 32) - 1), "cpu_limit"),
        (lambda kdf: kdf.update(cpus=10_000), "damaged"),
        (lambda kdf: kdf.update(cpus=0), "damaged"),
        (lambda kdf: kdf.update(time=0), "damaged"),
        (lambda kdf: kdf.update(memory=1), "damaged"),
        (lambda kdf: kdf.update(salt="AAAA"), "damaged"),
        (lambda kdf: kdf.update(salt="no base64!"), "damaged"),
        (lambda kdf: kdf.update(type="pbkdf2", hash="sha256", iterations=(1 << 32) - 1), "cpu_limit"),
        (lambda kdf: kdf.update(time=1 << 40), "damaged"),
        (lambda kdf: kdf.update(time=-1), "damaged"),
    ],
)
def test_a_key_derivation_that_asks_for_too_much_is_not_begun(encrypted, change, expected):
    data = changed(encrypted(*ARGON2ID).read_bytes(), lambda said: change(said["keyslots"]["0"]["kdf"]))
    assert code(data, KEY) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda j: j["keyslots"]["0"].update(key_size=1 << 31), "damaged"),
        (lambda j: j["keyslots"]["0"]["af"].update(stripes=1 << 31), "damaged"),
        (lambda j: j["keyslots"]["0"]["area"].update(offset=str(1 << 50)), "truncated"),
        (lambda j: j["keyslots"]["0"]["area"].update(offset="-1"), "damaged"),
        (lambda j: j["digests"]["0"].update(iterations=(1 << 32) - 1), "cpu_limit"),
        (lambda j: j["segments"]["0"].update(sector_size=3), "damaged"),
        (lambda j: j["segments"]["0"].update(sector_size=1 << 31), "damaged"),
        (lambda j: j["segments"]["0"].update(size="9" * 30), "damaged"),
        (lambda j: j.update(segments={}), "damaged"),
        (lambda j: j.update(segments=[]), "damaged"),
        (lambda j: j.pop("digests"), "damaged"),
    ],
)
def test_numbers_no_volume_has_are_refused(encrypted, change, expected):
    assert code(changed(encrypted(*CHEAP).read_bytes(), change), KEY) == expected


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 12_000, b'{"tokens":' * 1200, b'{"a":"\xff"}', b"null", b"1e999"])
def test_a_header_that_is_no_such_json_is_damaged(encrypted, body):
    assert code(changed(encrypted(*CHEAP).read_bytes(), lambda _: None, body), KEY) == "damaged"


def places(said, above=()):
    """Return where each value of a JSON lies."""
    for name, value in said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ():
        yield (*above, name)
        yield from places(value, (*above, name))


VALUES = st.one_of(
    st.none(), st.booleans(), st.sampled_from([-1, 0, 1, 7, 4096, 1 << 31, 1 << 32, 1 << 70]), st.text(max_size=30),
    st.floats(allow_nan=False), st.just([]),
    st.just({}), st.sampled_from(["0", "dynamic", "18446744073709551615", "crypt", "sha256", "reencrypt"]),
)  # fmt: skip


@given(st.data())
@settings(deadline=None, max_examples=100)
def test_any_json_ends_in_sectors_or_in_a_word(encrypted, data):
    def change(said):
        if not fresh:
            spot = data.draw(st.sampled_from(sorted(places(said), key=str)))
            fresh.append((spot, data.draw(VALUES)))
        spot, value = fresh[0]
        for name in spot[:-1]:
            said = said[name]
        said[spot[-1]] = copy.deepcopy(value)

    fresh = []
    for part in parts(changed(encrypted(*CHEAP).read_bytes(), change), KEY):
        assert isinstance(part, Broken) or len(part.read_at(0, 4096)) <= 4096


@given(st.binary(min_size=208, max_size=592), st.booleans())
@settings(deadline=None, max_examples=100)
def test_any_luks_1_header_ends_in_a_word(body, active):
    head = bytearray(b"LUKS\xba\xbe\0\1" + body.ljust(584, b"\0"))
    if active:
        head[208:212] = b"\0\xac\x71\xf3"
    (part,) = parts(bytes(head) + bytes(MIB), b"key")
    assert isinstance(part, Broken)


def test_the_cell_has_room_for_argon2(encrypted, tmp_path):
    """64 MiB within the limits of a walk, and 1 GiB refused in words, not by a death, where there is no room."""
    big = ("--pbkdf", "argon2id", "--pbkdf-memory", str(64 << 10), "--pbkdf-parallel", "4", *ARGON2ID[-2:])
    path = encrypted(*big)
    (tmp_path / "more").write_bytes(
        changed(path.read_bytes(), lambda said: said["keyslots"]["0"]["kdf"].update(memory=1 << 20))
    )
    said = {}
    with Cell(scratch=tmp_path, minimum=Level.S0) as cell:
        for name, where, memory in (("opens", path, 512), ("refused", tmp_path / "more", 512)):
            fd = os.open(where, os.O_RDONLY)
            limits = Limits(wall_s=120, cpu_s=121, memory_bytes=memory * MIB, file_bytes=MIB, output_bytes=MIB)
            ask = Expand(content_type="application/x-luks", secrets=[KEY])
            said[name] = list(cell.ask(ask, [fd], limits=limits, scratch=1))
            os.close(fd)
    for replies, expected in ((said["opens"], "no_file_system"), (said["refused"], "memory_limit")):
        assert [reply.code for reply in replies if isinstance(reply, Trouble)] == [expected]
        assert isinstance(replies[-1], Done)


def test_sizes_of_the_binary_headers():
    """As the specifications give them: 592 bytes for LUKS 1, the checksum of LUKS 2 at 448 of 4,096."""
    assert luks_header._LUKS1.size + 8 * luks_header._SLOT1.size == 592
    assert luks_header._LUKS2.size == 512


def test_more_tries_than_there_is_time_for_are_counted(encrypted, monkeypatch):
    monkeypatch.setattr(luks_keys, "MOST_CPU_S", 0.05)
    slow = ("--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "30000")
    (part,) = parts(encrypted(*slow), *(b"wrong %d" % number for number in range(50)), KEY)
    assert part.code == "cpu_limit"
    assert "of 51 tries" in part.detail
