import datetime as dt
import json
import stat
import subprocess
import sys
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from vigie.kernel import custody_entry, merkle, note
from vigie.kernel.custody import Custody, Entry
from vigie.kernel.errors import IntegrityError, NotAllowed, UsageError

NOON = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)
WRITER = """
import sys
from pathlib import Path
from vigie.kernel.custody import Custody
log = Custody.open(Path(sys.argv[1]), who=sys.argv[2])
for number in range(int(sys.argv[3])):
    log.append("viewed", {"number": number})
"""


def acts(folder):
    return [entry.act for entry in Custody.open(folder, who="reader", read_only=True).entries()]


def torn(folder, data, name="custody.log"):
    with (folder / name).open("ab") as stream:
        stream.write(data)


def next_line(folder, **changes):
    """A line as the log would write it next."""
    line = (folder / "custody.log").read_bytes().splitlines()[-1]
    fields = {"seq": json.loads(line)["seq"] + 1, "at": NOON, "who": "x", "act": "run", "about": {}}
    fields |= {"prev": custody_entry.digest(line)} | changes
    return custody_entry.encode(Entry(**fields))


def test_what_is_appended_is_read_back(case):
    log = Custody.open(case, who="second examiner")
    entry = log.append("exported", {"partner": "agency", "rows": 12, "keys": ["a", "ü€𝄞"]})
    read = list(log.entries())
    assert read[-1] == entry
    assert [one.seq for one in read] == list(range(9))
    assert (entry.who, entry.act) == ("second examiner", "exported")
    assert entry.at.tzinfo == dt.UTC
    assert log.size == 9
    assert log.check() == []


def test_the_checkpoint_is_over_the_lines_and_signed(case):
    signed = note.read_note((case / "custody.checkpoint").read_bytes())
    key = note.read_key((case / "custody.pub").read_text().strip())
    assert note.verify(signed, [key]) == key
    checkpoint = note.read_checkpoint(signed.text)
    tree = merkle.Frontier()
    for line in (case / "custody.log").read_bytes().splitlines():
        tree.append(merkle.leaf_hash(line))
    assert (checkpoint.size, checkpoint.root) == (tree.size, tree.root()) == (8, tree.root())
    assert checkpoint.origin.startswith("vigie.invalid/")


def test_every_checkpoint_is_kept_and_a_batch_gives_one(case):
    sizes = [int(line.split()[1]) for line in (case / "custody.checkpoints").read_bytes().splitlines()]
    assert sizes == [1, 2, 3, 4, 5, 8]


def test_a_batch_that_ends_in_an_error_keeps_what_was_appended(case):
    log = Custody.open(case, who="x")
    with pytest.raises(RuntimeError, match="stop"), log.batch():  # noqa: PT012 - the append is what must stay
        log.append("viewed", {})
        raise RuntimeError("stop")
    assert acts(case)[-1] == "viewed"
    assert log.check() == []


def test_a_batch_larger_than_the_buffer(case):
    log = Custody.open(case, who="x")
    with log.batch():
        for _ in range(60):
            log.append("viewed", {"text": ["y" * 4000] * 10})
    assert log.size == 68
    assert Custody.open(case, who="x").check() == []


def test_files_are_for_the_owner_only(case):
    for path in case.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_log_is_not_begun_twice(case):
    with pytest.raises(UsageError, match="already"):
        Custody.create(case, who="x", key_file=None)


@pytest.mark.parametrize(
    "about",
    [
        {"n": 1 << 53},
        {"n": 1.5},
        {"n": True},
        {"n": None},
        {"n": {}},
        {"Name": 1},
        {"a b": 1},
        {"text": "two\nlines"},
        {"text": "\u202eexe.gpj"},
        {"text": "\udc80"},
        {"text": "x" * 4097},
        {"list": ["x" * 4096] * 17},
        {"clock_set_back_s": 1},
    ],
)
def test_what_may_not_stand_in_the_log_is_refused_and_leaves_no_trace(case, about):
    log = Custody.open(case, who="x")
    with pytest.raises(ValueError, match=r"custody|log"):
        log.append("viewed", about)
    with pytest.raises(ValueError, match="no such act"):
        log.append("deleted", {})
    assert log.append("viewed", {}).seq == 8
    assert log.check() == []


@given(
    st.text(st.characters(blacklist_categories=["Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"]), max_size=60),
    st.integers(-(2**53) + 1, 2**53 - 1),
)
def test_lines_are_canonical_json(text, number):
    entry = Entry(seq=3, at=NOON, who="w" + text, act="run", about={"b": text, "a": number, "c": [text]}, prev="0" * 64)
    line = custody_entry.encode(entry)
    again = json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    assert line == again
    assert custody_entry.decode(line) == entry


def test_a_torn_last_line_is_cut_and_said(case):
    torn(case, b'{"about":{},"act":"viewed","at":"2026')
    log = Custody.open(case, who="x")
    last = list(log.entries())[-1]
    assert (last.act, last.about["cut_bytes"], last.about["adopted"]) == ("recovered", 37, 0)
    assert log.check() == []


def test_complete_entries_behind_the_checkpoint_are_kept_and_said(case):
    torn(case, next_line(case) + b"\n")
    torn(case, next_line(case) + b"\nrubbish\n")
    assert len(Custody.open(case, who="x", read_only=True).check()) > 0
    log = Custody.open(case, who="x")
    last = list(log.entries())[-1]
    assert (last.seq, last.about["adopted"], last.about["cut_bytes"]) == (10, 2, 8)
    assert log.check() == []


@pytest.mark.parametrize("wrong", [{"seq": 7}, {"prev": "0" * 64}])
def test_an_entry_that_does_not_follow_is_not_kept(case, wrong):
    torn(case, next_line(case, **wrong) + b"\n")
    last = list(Custody.open(case, who="x").entries())[-1]
    assert (last.act, last.about["adopted"]) == ("recovered", 0)


def test_a_crash_between_the_two_checkpoint_files_is_put_right(case):
    before = (case / "custody.checkpoint").read_bytes()
    Custody.open(case, who="x").append("run", {})
    (case / "custody.checkpoint").write_bytes(before)
    log = Custody.open(case, who="x")
    assert list(log.entries())[-1].about["checkpoint_behind"] == 1
    assert log.check() == []


def test_a_torn_checkpoint_line_is_cut(case):
    torn(case, b"7 9 AAAA", "custody.checkpoints")
    log = Custody.open(case, who="x")
    assert list(log.entries())[-1].about["cut_checkpoint_bytes"] == 8
    assert log.check() == []


def test_a_log_set_back_with_its_checkpoint_is_noticed(case):
    old = {name: (case / name).read_bytes() for name in ("custody.log", "custody.checkpoint")}
    log = Custody.open(case, who="x")
    log.append("run", {})
    log.append("run", {})
    for name, data in old.items():
        (case / name).write_bytes(data)
    with pytest.raises(IntegrityError):
        Custody.open(case, who="x")
    with pytest.raises(IntegrityError):
        log.append("run", {})


def test_nothing_is_signed_once_the_log_is_not_right(case):
    data = (case / "custody.log").read_bytes()
    log = Custody.open(case, who="x")
    (case / "custody.log").write_bytes(data.replace(b'"page":1', b'"page":7'))
    after = {path.name: path.read_bytes() for path in case.iterdir()}
    for _ in range(2):
        with pytest.raises(IntegrityError, match="not those that were signed"):
            Custody.open(case, who="x")
    assert {path.name: path.read_bytes() for path in case.iterdir()} == after
    assert [one.file for one in log.check()] == ["custody.log", "custody.log"]
    assert log.check()[0].line == 8


def test_a_clock_set_back_is_allowed_and_said(case):
    hours = iter([NOON, NOON - dt.timedelta(hours=1), NOON])
    (case.parent / "late").mkdir()
    log = Custody.create(case.parent / "late", who="x", key_file=None, clock=lambda: next(hours))
    assert log.append("run", {}).about == {"clock_set_back_s": 3600}
    assert log.append("run", {}).about == {}
    assert log.check() == []


def test_reading_only_needs_no_key_no_lock_and_writes_nothing(case):
    (case / "custody.key").unlink()
    torn(case, b"{")
    before = {path.name: path.read_bytes() for path in case.iterdir()}
    with Locked(case):
        log = Custody.open(case, who="x", read_only=True)
    assert len(list(log.entries())) == 8
    with pytest.raises(NotAllowed, match="reading only"):
        log.append("run", {})
    assert {path.name: path.read_bytes() for path in case.iterdir()} == before


class Locked:
    """Another process that holds the log."""

    def __init__(self, folder):
        code = "import fcntl,sys;f=open(sys.argv[1]);fcntl.flock(f,2);print(1,flush=True);sys.stdin.read()"
        command = [sys.executable, "-c", code, str(folder / "custody.log")]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        self.process.stdout.readline()
        return self.process.pid

    def __exit__(self, *_):
        self.process.communicate()


def test_a_second_writer_is_told_who_holds_the_log(case):
    with Locked(case) as pid, pytest.raises(NotAllowed, match=f"process {pid} "):
        Custody.open(case, who="x", wait_s=0.1)
    Custody.open(case, who="x", wait_s=0.1)


def test_two_processes_write_one_chain(case):
    command = [sys.executable, "-c", WRITER, str(case)]
    writers = [subprocess.Popen([*command, who, "200"]) for who in ("first", "second")]
    assert [writer.wait() for writer in writers] == [0, 0]
    log = Custody.open(case, who="x")
    assert log.size == 8 + 400
    assert log.check() == []
    for who in ("first", "second"):
        assert [entry.about["number"] for entry in log.entries() if entry.who == who] == list(range(200))


def test_reading_while_another_process_writes_is_never_a_false_alarm(case):
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(case), "writer", "150"])
    sizes = []
    while writer.poll() is None:
        reader = Custody.open(case, who="x", read_only=True)
        sizes.append(reader.size)
        assert len(list(reader.entries())) == reader.size
    assert Custody.open(case, who="x", read_only=True).check() == []
    assert writer.returncode == 0
    assert sizes == sorted(sizes)
    assert len(set(sizes)) > 2


def test_threads_share_one_log(case):
    log = Custody.open(case, who="x")
    threads = [threading.Thread(target=lambda: [log.append("viewed", {}) for _ in range(20)]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.size == 8 + 60
    assert log.check() == []


def test_a_long_lived_hand_sees_what_others_wrote(case):
    first, second = Custody.open(case, who="first"), Custody.open(case, who="second")
    for number in range(3):
        assert first.append("viewed", {}).seq == 8 + 2 * number
        assert second.append("viewed", {}).seq == 9 + 2 * number
    assert first.check() == []


def test_the_key_may_lie_elsewhere_and_be_locked(tmp_path):
    (tmp_path / "case").mkdir()
    key = tmp_path / "stick" / "unit.key"
    key.parent.mkdir()
    Custody.create(tmp_path / "case", who="x", key_file=key, passphrase=b"correct horse")
    assert b"PRIVATE" not in (tmp_path / "case" / "custody.key").read_bytes()
    assert b"ENCRYPTED" in key.read_bytes()
    log = Custody.open(tmp_path / "case", who="x", ask=lambda: b"correct horse")
    assert log.append("run", {}).seq == 1
    for ask in (None, lambda: b"wrong"):
        with pytest.raises(NotAllowed, match="passphrase"):
            Custody.open(tmp_path / "case", who="x", ask=ask).append("run", {})
    key.rename(tmp_path / "away")
    with pytest.raises(NotAllowed, match=r"unit\.key"):
        Custody.open(tmp_path / "case", who="x", ask=lambda: b"correct horse").append("run", {})
    assert Custody.open(tmp_path / "case", who="x").check() == []


def test_one_key_may_serve_two_cases(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        log = Custody.create(tmp_path / name, who="x", key_file=tmp_path / "unit.key")
        log.append("run", {})
        assert log.check() == []


def test_another_key_does_not_sign(case):
    other = case.parent / "other"
    other.mkdir()
    Custody.create(other, who="x")
    (case / "custody.key").write_bytes((other / "custody.key").read_bytes())
    with pytest.raises(NotAllowed, match="not the key of"):
        Custody.open(case, who="x").append("run", {})


def test_a_key_that_others_may_read_does_not_sign(case):
    (case / "custody.key").chmod(0o644)
    with pytest.raises(NotAllowed, match="chmod 600"):
        Custody.open(case, who="x").append("run", {})


def test_a_log_made_anew_under_another_key_does_not_fit_the_pinned_one(case):
    line = (case / "custody.checkpoints").read_bytes().splitlines()[-1].split()
    origin = note.read_key((case / "custody.pub").read_text().strip()).name
    forged = note.sign(f"{origin}\n8\n{line[2].decode()}\n", origin, Ed25519PrivateKey.generate())
    (case / "custody.checkpoint").write_bytes(forged.encode())
    (case / "custody.checkpoints").write_bytes(b" ".join(line[:3]) + f" {forged.signatures[0].text()}\n".encode())
    with pytest.raises(IntegrityError, match="pinned key"):
        Custody.open(case, who="x")


def test_memory_does_not_grow_with_the_log(case):
    with (log := Custody.open(case, who="x")).batch():
        for number in range(20_000):
            log.append("viewed", {"number": number, "text": "y" * 2000})
    code = (
        "import sys,resource;from pathlib import Path;from vigie.kernel.custody import Custody;"
        "before=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "log=Custody.open(Path(sys.argv[1]),who='x');assert sum(1 for _ in log.entries())==20008;"
        "assert not log.check();"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss-before)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(case)], capture_output=True, text=True, check=True)
    assert (case / "custody.log").stat().st_size > 40_000_000
    assert int(done.stdout) < 8_000, "KiB more than before the 40 MB log was opened, read and checked"
