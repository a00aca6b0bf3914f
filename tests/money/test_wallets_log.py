"""Wallets with a log or a journal beside them: as SQLite itself would read them, and nothing is lost of what was."""

import contextlib
import io
import sqlite3
import struct
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from money.wallet_files import SQLITE, data, of
from vigie.cell.dumps import sqlite_log
from vigie.cell.job import Bench, Refused
from vigie.cell.jobs import read_wallet
from vigie.kernel.blob import Spool
from vigie.numeric.sqlite_sums import summed
from vigie.rows.wire import ReadWallet, Trouble, WalletAddressFound, WalletHead
from vigie.steps.artefacts.money_wallets import _Beside

ADDRESS = "bcrt1qcr8te4kr609gcawutmrza0j4xv80jy8zeqchgx"


def read(wallet, beside):
    out = []
    files = [io.BytesIO(wallet), *([io.BytesIO(beside)] if beside is not None else [])]
    read_wallet.run(ReadWallet(content_type=SQLITE), Bench(files=files, scratch=[], scratch_paths=[], send=out.append))
    return out


def key(kind, rest):
    return bytes([len(kind)]) + kind + bytes([len(rest)]) + rest


def label(text):
    return key(b"name", ADDRESS.encode()), bytes([len(text)]) + text


def labels(replies, *, carved=False):
    return {
        one.label for one in of(WalletAddressFound, replies) if one.label.startswith("log") and one.carved == carved
    }


def with_log(tmp_path, *changes, mode="wal"):
    """Return wallet and log after each change was committed, as SQLite leaves them while the wallet is open."""
    path = tmp_path / "wallet.dat"
    path.write_bytes(data("core_plain.dat"))
    held = sqlite3.connect(path, isolation_level=None)
    held.execute(f"pragma journal_mode={mode}")
    held.execute("pragma wal_autocheckpoint=0")
    for change in changes:
        change(held)
    beside = path.with_name(f"wallet.dat-{'wal' if mode == 'wal' else 'journal'}")
    out = path.read_bytes(), beside.read_bytes()
    held.close()
    return out


def put(text):
    return lambda held: held.execute("insert or replace into main values (?, ?)", label(text))


def test_what_a_log_commits_counts_and_what_it_replaced_is_carved(tmp_path):
    wallet, log = with_log(tmp_path, put(b"log one"), put(b"log two"))
    alone = read(wallet, None)
    assert labels(alone) == set()
    assert any(one.code == "beside" for one in of(Trouble, alone))
    both = read(wallet, log)
    assert labels(both) == {"log two"}
    assert labels(both, carved=True) == {"log one"}
    assert "merged with a log of" in of(WalletHead, both)[0].text
    assert "2 changes committed" in of(WalletHead, both)[0].text
    assert not [one for one in of(Trouble, both) if one.code == "beside"]
    before = {(one.address, one.label) for one in of(WalletAddressFound, alone)}
    assert before <= {(one.address, one.label) for one in of(WalletAddressFound, both)}


def test_what_was_never_committed_is_carved(tmp_path):
    def half(held):
        held.execute("pragma cache_size=1")
        held.execute("begin")
        put(b"log half")(held)
        held.executemany(
            "insert into main values (?, ?)", [(key(b"filler", bytes([n])), bytes(4000)) for n in range(40)]
        )

    wallet, log = with_log(tmp_path, put(b"log one"), half)
    found = read(wallet, log)
    assert labels(found) == {"log one"}
    assert "of one that never was" in of(WalletHead, found)[0].text


def test_a_cut_log_counts_up_to_its_last_whole_commit(tmp_path):
    wallet, log = with_log(tmp_path, put(b"log one"), put(b"log two"))
    assert labels(read(wallet, log[:-10])) == {"log one"}
    wrong = bytearray(log)
    wrong[-100] ^= 1
    assert labels(read(wallet, bytes(wrong))) == {"log one"}


def test_a_hot_journal_takes_back_what_was_not_finished(tmp_path):
    def half(held):
        held.execute("pragma cache_size=1")
        held.execute("begin")
        put(b"log half")(held)
        held.executemany(
            "insert into main values (?, ?)", [(key(b"filler", bytes([n])), bytes(4000)) for n in range(40)]
        )

    wallet, journal = with_log(tmp_path, put(b"log one"), half, mode="delete")
    assert len(wallet) > len(data("core_plain.dat"))
    found = read(wallet, journal)
    assert labels(found) == {"log one"}
    assert "a journal:" in of(WalletHead, found)[0].text


@pytest.mark.parametrize("beside", [b"", b"x" * 100, sqlite_log.JOURNAL + bytes(504), bytes(40_000)])
def test_what_holds_nothing_changes_nothing(beside):
    found, alone = read(data("core_plain.dat"), beside), read(data("core_plain.dat"), None)
    assert [one for one in of(Trouble, found) if one.code == "beside"]
    assert of(WalletAddressFound, found) == of(WalletAddressFound, alone)


def test_as_sqlite_reads_it(tmp_path):
    wallet, log = with_log(tmp_path, put(b"log one"), lambda held: held.execute("delete from main where rowid % 3 = 0"))
    merged, _ = sqlite_log.laid(io.BytesIO(wallet), io.BytesIO(log), 4096)
    (tmp_path / "whole").write_bytes(merged.read())
    (tmp_path / "again").write_bytes(wallet)
    (tmp_path / "again-wal").write_bytes(log)
    rows = []
    for name in ("whole", "again"):
        held = sqlite3.connect(tmp_path / name)
        rows.append(held.execute("select * from main order by key").fetchall())
        held.close()
    assert rows[0] == rows[1]
    assert len(rows[0]) > 100


@given(st.binary(max_size=400), st.integers(0, 3))
def test_any_bytes_beside_end_in_rows_or_a_refusal(noise, kind):
    log = (0x377F0682).to_bytes(4) + (3007000).to_bytes(4) + (4096).to_bytes(4)
    head = [b"", sqlite_log.JOURNAL, log, b"\0" * 8][kind]
    with contextlib.suppress(Refused):
        read(data("core_watching.dat"), head + noise)


def test_a_log_with_thousands_of_commits_takes_as_long_as_its_frames():
    """Of a wallet with a log of 256 MiB each commit must cost what it holds, not what came before it."""
    size, many, page = 512, 20_000, bytes(512)
    head = struct.pack(">6I", sqlite_log.LOG[0], 3007000, size, 0, 1, 2)
    sums = summed(np.frombuffer(head, "<u4"), 0, 0)
    log = [head + struct.pack(">2I", *sums)]
    for number in range(1, many + 1):
        frame = struct.pack(">2I", number, many)
        sums = summed(np.frombuffer(frame + page, "<u4"), *sums)
        log.append(frame + struct.pack(">4I", 1, 2, *sums) + page)
    started = time.process_time()
    merged, found = sqlite_log.laid(io.BytesIO(page), io.BytesIO(b"".join(log)), size)
    assert time.process_time() - started < 1.5
    assert (len(found.pages), found.whole, len(merged.read())) == (many, many, many * size)


def test_logs_are_held_up_to_a_bound(tmp_path):
    spool = Spool(tmp_path)
    spool.add(b"x" * 100)
    with spool.blob() as blob:
        assert _Beside.of("a-wal", blob, 100) == ("a-wal", b"x" * 100, "")
        name, held, lost = _Beside.of("a-wal", blob, 99)
    assert (name, held) == ("a-wal", b"")
    assert "has 100 bytes" in lost
