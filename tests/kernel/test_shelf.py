"""A segment from the shelf is the one that was made; what does not hold is never used."""

import subprocess
import sys
import threading

import numpy as np
import pytest

from vigie.kernel import durable, shelf
from vigie.kernel.shelf import Shelf
from vigie.numeric import hamming

KEY = b"k" * 32


@pytest.fixture(scope="module")
def codes():
    rng = np.random.default_rng(1)
    return rng.integers(0, 1 << 64, (15_000, 4), dtype=np.uint64)[rng.integers(15_000, size=20_000)]


def same(one, other):
    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def names(folder):
    return sorted(path.suffix for path in folder.iterdir())


@pytest.mark.parametrize("many", [0, 100, 9000, 20_000])
def test_it_gives_the_segment_of_the_codes_made_or_kept(many, codes, tmp_path):
    expected = hamming.segment(codes[:many])
    for _ in range(2):
        told = []
        assert same(Shelf(tmp_path / "index", KEY, told.append).segment(codes[:many]), expected)
        assert not told
    assert same(Shelf().segment(codes[:many]), expected)


def test_a_kept_segment_is_not_made_again_and_cannot_be_written_to(codes, tmp_path, monkeypatch):
    Shelf(tmp_path, KEY).segment(codes)
    assert names(tmp_path) == [".record", ".segment"]
    monkeypatch.setattr(hamming, "segment", None)
    kept = Shelf(tmp_path, KEY).segment(codes)
    with pytest.raises(ValueError, match="read-only"):
        kept.near[0, 0] = 1


def test_other_codes_or_another_order_of_them_have_a_segment_of_their_own(codes, tmp_path):
    one = Shelf(tmp_path, KEY)
    assert same(one.segment(codes), hamming.segment(codes))
    assert same(one.segment(codes[::-1]), hamming.segment(codes[::-1]))
    assert len(names(tmp_path)) == 4


def damaged(path, where):
    body = bytearray(path.read_bytes())
    body[where] ^= 1
    path.chmod(0o600)
    path.write_bytes(body)


@pytest.mark.parametrize(
    ("suffix", "where", "why"),
    [
        (".segment", 0, "its bytes are not those that were written"),
        (".segment", -1, "its bytes are not those that were written"),
        (".segment", 3_000_000, "its bytes are not those that were written"),
        (".record", 0, "its record does not bear the seal of this case"),
        (".record", 90, "its record does not bear the seal of this case"),
    ],
)
def test_a_changed_bit_is_told_and_mended(suffix, where, why, codes, tmp_path):
    Shelf(tmp_path, KEY).segment(codes)
    expected = hamming.segment(codes)
    (path,) = tmp_path.glob(f"*{suffix}")
    good = path.read_bytes()
    damaged(path, where)
    assert shelf.trouble(path.with_suffix(".segment"), KEY)
    told = []
    assert same(Shelf(tmp_path, KEY, told.append).segment(codes), expected)
    assert len(told) == 1
    assert why in told[0]
    assert path.read_bytes() == good
    assert shelf.trouble(path.with_suffix(".segment"), KEY) == ""


def test_a_cut_file_is_told_and_mended(codes, tmp_path):
    Shelf(tmp_path, KEY).segment(codes)
    (path,) = tmp_path.glob("*.segment")
    path.write_bytes(path.read_bytes()[:-4096])
    told = []
    assert same(Shelf(tmp_path, KEY, told.append).segment(codes), hamming.segment(codes))
    assert "bytes, its record says" in told[0]


def test_what_another_case_has_made_is_not_used(codes, tmp_path):
    Shelf(tmp_path, b"x" * 32).segment(codes)
    told = []
    assert same(Shelf(tmp_path, KEY, told.append).segment(codes), hamming.segment(codes))
    assert "does not bear the seal of this case" in told[0]


def test_a_full_disk_is_an_error_and_leaves_nothing(codes, tmp_path, monkeypatch):
    def full(_fd, _at, _size):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shelf.os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        Shelf(tmp_path, KEY).segment(codes)
    assert names(tmp_path) == []


def test_many_may_make_the_same_segment_at_once(codes, tmp_path):
    expected, got = hamming.segment(codes), []
    threads = [threading.Thread(target=lambda: got.append(Shelf(tmp_path, KEY).segment(codes))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(got) == 4
    assert all(same(one, expected) for one in got)
    assert names(tmp_path) == [".record", ".segment"]
    (path,) = tmp_path.glob("*.segment")
    assert shelf.trouble(path, KEY) == ""


def test_what_a_killed_one_left_behind_is_removed(codes, tmp_path):
    script = (
        "import os, sys; from pathlib import Path; from vigie.kernel import durable\n"
        "with durable.writing(Path(sys.argv[1]) / ('0' * 64 + '.segment')) as f: f.write(b'x'); f.flush(); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False).returncode == 9
    assert any(tmp_path.glob(durable.TEMPORARY))
    Shelf(tmp_path, KEY).segment(codes)
    assert names(tmp_path) == [".record", ".segment"]


def test_a_large_segment_is_page_cache_and_no_memory_of_the_process(tmp_path):
    """Two million codes take 330 MB; the process that opens and searches them needs a fraction of that for itself."""
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 1 << 64, (2_000_000, 4), dtype=np.uint64)
    np.save(tmp_path / "codes.npy", codes)
    Shelf(tmp_path / "index", KEY).segment(codes)
    script = """
import sys
from pathlib import Path
import numpy as np
from vigie.kernel.shelf import Shelf
from vigie.numeric import hamming
def kb(field):
    return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if field in line)
codes = np.load(sys.argv[1] + "/codes.npy", mmap_mode="r")
hamming.search(hamming.build(codes[:9000]), codes[:3], 31)
before = kb("RssAnon")
one = Shelf(Path(sys.argv[1]) / "index", b"k" * 32).segment(codes)
assert len(hamming.search(hamming.together([one]), codes[:500], 31).id) >= 500
print(kb("RssAnon") - before, kb("RssFile"))
"""
    out = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, capture_output=True, text=True)
    own, mapped = map(int, out.stdout.split())
    print(f"own memory + {own >> 10} MB, mapped {mapped >> 10} MB")
    assert own < 40_000
    assert mapped > 300_000
