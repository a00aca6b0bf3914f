"""Old Bitcoin Core wallets: Berkeley DB files that its own tool wrote."""

from __future__ import annotations

import random
import shutil
import struct

import pytest

from money.wallet_files import BDB, data, of, read, read_or_refused, truth
from money.wallets import bdb_records
from vigie.cell.job import Refused
from vigie.cell.sniff import content_type
from vigie.rows.wallets import WALLET_SECRETS
from vigie.rows.wire import Trouble, WalletAddressFound, WalletHead, WalletKeyFound, WalletSecretFound

PAGE = 4096


def leaf(whole: bytes) -> int:
    """Return where a page with many records begins."""
    pages = range(3 * PAGE, len(whole), PAGE)
    return next(at for at in pages if whole[at + 25] == 5 and struct.unpack_from("<H", whole, at + 20)[0] > 10)


def test_keys_labels_and_secrets():
    whole, said = data("core_old.dat"), truth("core_old.json")
    assert content_type(whole, size=len(whole)) == BDB
    replies = read(whole, BDB)
    met = {one.address: one for one in of(WalletAddressFound, replies)}
    assert {one["address"]: one["label"] for one in said}.items() <= {k: v.label for k, v in met.items()}.items()
    long = next(one for one in met.values() if one.label.startswith("order 9000"))
    assert len(long.label) == 1000  # its record lies in pages of its own
    assert {one["pubkey"] for one in said} <= {one.value for one in of(WalletKeyFound, replies)}
    assert len(of(WalletKeyFound, replies)) == 60
    assert [WALLET_SECRETS[one.kind] for one in of(WalletSecretFound, replies)] == ["key"] * 60
    assert not of(Trouble, replies)
    for one in met.values():
        assert whole[one.start :].startswith(b"\x04name" + bytes([len(one.address)]) + one.address.encode())


@pytest.mark.skipif(not shutil.which("db5.3_load"), reason="needs db5.3_load: apt-get install db5.3-util")
def test_an_encrypted_one_gives_its_public_keys(tmp_path):
    rows, said = bdb_records.records(500, encrypted=True)
    replies = read(bdb_records.loaded(rows, tmp_path), BDB)
    assert {one["pubkey"] for one in said} <= {one.value for one in of(WalletKeyFound, replies)}
    assert {one["address"] for one in said} == {one.address for one in of(WalletAddressFound, replies)}
    assert of(WalletHead, replies)[0].encrypted
    kinds = [WALLET_SECRETS[one.kind] for one in of(WalletSecretFound, replies)]
    assert (kinds.count("mkey"), kinds.count("ckey")) == (1, 500)


def test_deleted_records_are_carved():
    whole = bytearray(data("core_old.dat"))
    at = leaf(whole)
    (entries,) = struct.unpack_from("<H", whole, at + 20)
    live = len([one for one in of(WalletSecretFound, read(bytes(whole), BDB)) if not one.carved])
    struct.pack_into("<H", whole, at + 20, 0)  # as a page from which all was deleted
    replies = read(bytes(whole), BDB)
    carved = [one for one in replies if getattr(one, "carved", False)]
    assert entries >= 10
    assert len(carved) >= entries // 2 * 0.8
    secrets = of(WalletSecretFound, replies)
    assert len(secrets) == live


def test_items_marked_deleted_are_carved():
    whole = bytearray(data("core_old.dat"))
    at = leaf(whole)
    (first,) = struct.unpack_from("<H", whole, at + 26)
    whole[at + first + 2] |= 0x80
    assert sum(getattr(one, "carved", False) for one in read(bytes(whole), BDB)) == 1


def test_pages_in_a_circle_end():
    whole = bytearray(data("core_old.dat"))
    inner = next(at for at in range(PAGE, len(whole), PAGE) if whole[at + 25] == 3)
    (entry,) = struct.unpack_from("<H", whole, inner + 26)
    struct.pack_into("<I", whole, inner + entry + 4, inner // PAGE)
    replies = read(bytes(whole), BDB)
    assert "led to before" in " ".join(one.detail for one in of(Trouble, replies))
    assert of(WalletHead, replies)


def test_a_length_that_leads_out_of_the_page_is_told():
    whole = bytearray(data("core_old.dat"))
    at = leaf(whole)
    (first,) = struct.unpack_from("<H", whole, at + 26)
    struct.pack_into("<H", whole, at + first, 0xFFFF)
    assert [one.code for one in of(Trouble, read(bytes(whole), BDB))] == ["damaged"]


@pytest.mark.parametrize("keep", [0, 100, 511, 4096, 8192, 12_288, 20_000, 40_960])
def test_a_truncated_one_gives_what_is_there_or_is_refused(keep):
    replies = read_or_refused(data("core_old.dat")[:keep], BDB)
    if isinstance(replies, Refused):
        assert replies.code in ("truncated", "damaged")
    else:
        assert "truncated" in {one.code for one in of(Trouble, replies)}


@pytest.mark.parametrize("seed", range(40))
def test_spoiled_bytes_never_stop_the_reader(seed):
    whole, chance = bytearray(data("core_old.dat")), random.Random(seed)
    for _ in range(chance.choice([1, 10, 300])):
        whole[chance.randrange(len(whole))] = chance.randrange(256)
    replies = read_or_refused(bytes(whole), BDB)
    codes = ("damaged", "truncated", "unsupported")
    assert replies.code in codes if isinstance(replies, Refused) else of(WalletHead, replies)
