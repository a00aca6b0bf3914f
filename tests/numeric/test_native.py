"""The native library: built where there is a compiler, of the sources beside it, and free of what C allows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vigie.numeric import native
from vigie.numeric.native import build

TESTS = str(Path(__file__).parent.parent)
needs_compiler = pytest.mark.skipif(build.compiler() is None, reason="no C compiler: sudo apt install gcc")

SEARCH = """
import sys
from pathlib import Path
import numpy as np
from vigie.numeric import hamming, native
from vigie.numeric.hamming_native import NativeLoops

found = native.load(Path(sys.argv[1]))
assert not isinstance(found, str), found
rng = np.random.default_rng(4)
codes = rng.integers(0, 1 << 64, (700, 4), dtype=np.uint64)
codes[::3, :3] = codes[0, :3]
codes[:200, 3] &= np.uint64(3)
codes = np.concatenate([codes, codes[:50]])
for level in found.levels:
    loops = hamming.LOOPS = NativeLoops(found, level)
    hamming.WORTH_TABLES = 1
    for many in (0, 1, 3, 700, 750):
        index = hamming.build(codes[:many].copy())
        for radius in (0, 15, 31, 47, 256):
            hamming.joined(index.segments[0], radius)
            for asked in (0, 1, 70):
                hamming.STREAMED = 1 if radius % 2 else 1 << 40
                hamming.search(index, codes[:asked].copy(), radius)
        if many:
            held = loops.tables(np.unique(codes[:many], axis=0))
            loops.probe(held, codes, 47, 1)
            loops.stream(held, held, 31)
            loops.join(held, 31)
print("sound")
"""

PICTURES = """
import sys
from pathlib import Path
import numpy as np
from vigie.numeric import native, variants
from vigie.numeric.pdq import COSINES, lines_of_luma, lines_of_rgb
from vigie.numeric.pdq_native import Loops
from vigie.numeric.regions_native import Loops as Parts
from vigie.numeric.variants_native import Loops as Varied

found = native.load(Path(sys.argv[1]))
assert not isinstance(found, str), found
rng = np.random.default_rng(4)
sizes = [(5, 5), (129, 5), (5, 129), (257, 385), (64, 7041), (2049, 70), (8193, 5), (300, 2000)]
for level in found.levels:
    loops, varied, parts = Loops(found, level), Varied(found, level), Parts(found, level)
    for height, width in sizes:
        image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        image[: height // 2] = 255
        for lines in (lines_of_rgb(image), lines_of_luma(image[:, :, 1].copy()[:, : width - 2], full_range=False)):
            loops.orientations(lines, COSINES)
            loops.hash_of(lines, COSINES)
        pixels = image.reshape(height, 3 * width)
        grid, _ = varied.view(pixels, max(height // 256, 1), max(width // 256, 1))
        maps, edges = variants._maps((*variants.QUERY, *variants.HELD), height, width)
        varied.hashes(grid, maps, edges, variants._DCT, variants._DCT_T)
        parts.rectangles(image, 8)
    parts.rectangles(np.zeros((0, 5, 3), np.uint8), 8)
print("sound")
"""

TEXTS = """
import ctypes
import random
import sys
from pathlib import Path
import numpy as np
from vigie.numeric import native
from vigie.numeric.identifiers_anchors import WORDS, anchors, words
from vigie.numeric import identifiers_phrases, identifiers_seeds, lines_bare, texts
from vigie.numeric.identifiers_native import Loops
from vigie.numeric.sha256 import forms

found = native.load(Path(sys.argv[1]))
assert not isinstance(found, str), found
chance, some = random.Random(4), ["zoo", "able", "absolute", "\\u00e9t\\u00e9"]
table = identifiers_phrases.lookup([{word.encode(): i for i, word in enumerate(some)}])
parts = ["zoo ", "able ", "absolute, ", "a", "@", "://", "1" * 30, "AB " * 20, "\\u00e9", "nothing at all", *WORDS]
parts += ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "1", "3", "bc1"]
parts += ["\\u00e9t\\u00e9", "<td>", "&#64;", "%20", "\\u3000"]
for level in found.levels:
    loops = Loops(found, level)
    for size in [*range(140), 4000, 40000]:
        text = "".join(chance.choice(parts) for _ in range(size)) if size > 140 else ("zoo " * 35)[:size]
        values = np.frombuffer(text.encode(), np.uint8).copy()
        cuts = sorted(chance.randrange(len(values) + 1) for _ in range(size // 200))
        offsets, out = np.array([0, *cuts, len(values)]), np.empty((1024, 3), np.int64)
        identifiers_phrases.phrases(values, offsets, table, native=found)
        identifiers_phrases.rows_with(values, offsets, table, 4, native=found)
        told = identifiers_phrases.told(values, 0, len(values), table, native=found)
        identifiers_seeds.alike(values, told, native=found)
        runs = np.array([cut for cut in cuts if cut], np.int64)
        for form in forms(found):
            firsts, spans = np.zeros(len(runs), np.int64), np.empty((int(runs.sum()) // 26 + 1, 3), np.int64)
            given = [ctypes.c_void_p(one.ctypes.data) for one in (values, firsts, runs, spans)]
            found.lib.coins_glued(form, *given[:3], ctypes.c_int64(len(runs)), given[3], ctypes.c_int64(len(spans)))
            identifiers_seeds.longest((told[:, 2] * 512 - 1).astype(np.int16), different=False, form=form, native=found)
        state, held, left = np.zeros(3, np.int64), np.zeros((3, 2), np.int64), np.zeros(len(offsets) - 1, np.int64)
        while state[0] < len(values):
            some = out[: loops.marks(values, 0, len(values), anchors(national=True), state, out)]
            room = np.empty((len(some) + int((some[:, 1] - some[:, 0]).sum()) // 25, 4), np.int64)
            loops.look(values, offsets, some, words(), held, room, left, glued=True)
        starts, ends = np.sort(np.array([*cuts, 0])), np.sort(np.array([*cuts, 0]))[::-1]
        shown = texts.taken(values, np.minimum(starts, ends), np.maximum(starts, ends), native=found)
        which = texts.taken(values, starts, np.minimum(starts + 9, len(values)), native=found)
        lines_bare.bare(shown, which, table, 4, found)
print("sound")
"""

CHAIN = """
import random
import sys
from pathlib import Path
import numpy as np
sys.path.insert(0, sys.argv[2])
import mined
from vigie.numeric import blocks, blocks_native, native, undo, undo_native
from vigie.numeric.merkle import roots_native, rows
from vigie.numeric.sha256 import forms

found = native.load(Path(sys.argv[1]))
assert not isinstance(found, str), found
chance = random.Random(4)
wide = max(mined.mined(), key=len)
record = b"\\x01\\x03" + b"".join(b"\\x0f\\x00\\x09" + one for one in (
    b"\\x00" + b"a" * 20, b"\\x04" + b"b" * 32, b"\\x09abc"))
for sha in forms(found):
    for turn in range(400):
        raw = bytearray(wide)
        for _ in range(turn % 4):
            raw[chance.randrange(80, len(raw))] = chance.choice([0, 1, 0x4C, 0x4E, 0xFD, 0xFE, 0xFF, 33, 65])
        data = np.array(raw[: chance.choice([len(raw), chance.randrange(len(raw))])], np.uint8)
        spans, out = np.array([[0, len(data)]], np.int64), blocks._room(len(data), 1)
        blocks_native.parse(data, spans, out, np.zeros(1, np.int32), np.zeros(1, np.int64), found, sha)
    for many in (1, 2, 3, 7, 100):
        roots_native(np.zeros((many, 32), np.uint8), np.array([0, many]), found, sha)
        rows(np.zeros((many, 32), np.uint8), found, sha)
for turn in range(4000):
    raw = bytearray(record)
    for _ in range(turn % 4):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    raw = bytes(raw[: chance.choice([len(raw), chance.randrange(len(raw))])])
    kinds = {"value": np.int64, "height": np.int32, "length": np.uint32, "coinbase": np.uint8, "type": np.uint8}
    columns = {name: np.zeros(3, kind) for name, kind in kinds.items()}
    out = undo.Undone(**columns, scripts=np.zeros(3 * len(raw), np.uint8))
    undo_native.parse(raw, np.array([3], np.uint32), out, found)
print("sound")
"""


SPENDS = """
import sys
from pathlib import Path
import numpy as np
from vigie.numeric import cospend, native

found = native.load(Path(sys.argv[1]))
assert not isinstance(found, str), found
rng = np.random.default_rng(4)
for turn in range(100):
    scripts, txs, outs = rng.integers(1, (40, 3000)[turn % 2], 3).tolist()
    odd = 10 ** rng.integers(1, 5)  # one in so many inputs, scripts and transactions joins nothing
    tx_in = np.concatenate([[0], np.cumsum(rng.geometric(0.4, txs) - 1)]).astype(np.uint64)
    inputs = int(tx_in[-1])
    some = lambda many: (rng.integers(0, odd, many) == 0).astype(np.uint32)
    held = [tx_in, rng.integers(0, outs, inputs, np.uint32) + 3 * some(inputs), some(inputs).astype(np.uint8),
            rng.integers(0, 4, inputs, np.uint8) + 4 * some(inputs).astype(np.uint8),
            rng.integers(0, scripts, outs, np.uint32) + 3 * some(outs), some(txs).astype(np.uint8)]
    own = np.where(some(scripts) == 0, np.arange(scripts), cospend.NEVER).astype(np.uint32)
    judge = own.copy()
    cospend._unite(*held, judge)
    for bounds in ([0, txs], [0, txs // 2, txs], [0, txs // 3, txs // 2, txs // 2, txs]):
        for level in found.levels:
            parent = own.copy()
            cospend.unite_parts(found.lib, level, held, parent, bounds)
            assert (parent == judge).all(), turn
    found_, judge_ = [], []
    names = rng.integers(0, 3, scripts * (turn % 3 > 0), np.uint32)
    room, most = np.zeros(max(int(np.diff(tx_in).max()), 2), np.uint32), int(rng.integers(1, 50))
    for made, call in ((found_, lambda *given: cospend.again(found.lib, held[:5], *given)),
                       (judge_, lambda *given: cospend._again(*held[:5], *given))):
        made += [held[5].copy(), own.copy(), (own != cospend.NEVER).astype(np.uint16), names.copy()]
        call(*made, room, most)
    assert all((a == b).all() for a, b in zip(found_, judge_)), turn
print("sound")
"""

TRACES = """
import sys
from pathlib import Path
import numpy as np
from vigie.numeric import native, tainting_native
from vigie.numeric.tainting import Graph, Rules, trace

tainting_native.NATIVE = native.load(Path(sys.argv[1]))
assert not isinstance(tainting_native.NATIVE, str), tainting_native.NATIVE
rng = np.random.default_rng(4)
for turn in range(200):  # chains that contradict themselves, as no import would take them
    txs, most = int(rng.integers(1, (9, 400)[turn % 2])), int(rng.integers(2, 60))
    tx_in, tx_out = (np.concatenate([[0], np.cumsum(rng.integers(0, 5, txs))]).astype(np.uint64) for _ in range(2))
    inputs, outs = int(tx_in[-1]), int(tx_out[-1])
    if not outs:
        continue
    spender = np.where(rng.integers(0, 4, outs) > 0, rng.integers(0, txs, outs), (1 << 32) - 1).astype(np.uint32)
    graph = Graph(tx_in, tx_out, rng.integers(0, outs + 2, inputs, np.uint32),
                  rng.integers(0, 60, inputs, np.uint8) // 59,
                  rng.integers(-1, most, outs), spender, rng.integers(0, 30, outs, np.uint32),
                  rng.integers(0, 64, txs, np.uint8) & rng.integers(0, 64, txs, np.uint8),
                  rng.integers(0, 200, 30, np.uint8) // 185, False)
    seeds = rng.choice(outs, min(outs, 9), replace=False)
    seeds = seeds[graph.out_value[seeds] >= 0]
    seeds = np.concatenate([seeds, seeds[:2]])
    for way in range(4):
        trace(graph, seeds, Rules(least_sat=int(turn % 3)), haircut=way < 2, backward=way % 2 == 0)
print("sound")
"""

COINS = """
import random
import sys
from pathlib import Path
import numpy as np
from vigie.numeric import native
from vigie.numeric.coins import told
from vigie.numeric.lines_round import lines_round
from vigie.numeric.sha256 import forms

found = native.load(Path(sys.argv[1]))
assert not isinstance(found, str), found
chance = random.Random(4)
some = ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "1" * 25, "1" * 120,
        "z" * 120, "z" * 36, "lnbc1" + "q" * 2000, "bc1" + "q" * 87, "ltc1" + "Q" * 40, "1" + "z" * 35, "z" * 121,
        "sp1" + "q" * 300, "\u00e9" * 30, "z" * 112, "1" * 112, "ab" * 32, "bc1f" * 10, "0x" + "9" * 64,
        "0x" + "aB" * 20, "4" + "1" * 94, "8" * 95, "4" + "z" * 105]
for turn in range(3000):
    text = bytearray(chance.choice(some).encode())
    for _ in range(turn % 3):
        text[chance.randrange(len(text))] = chance.choice(b"1qzQ0\\xff@")
    values = np.array(text[: chance.choice([len(text), chance.randrange(25, len(text) + 1)])], np.uint8)
    for form in forms(found):
        told.told(values, np.array([0]), np.array([len(values)]), form=form, native=found)
    size = chance.randrange(1, 700)
    values = np.array([chance.choice(b"  abc\\n<") if turn % 4 else 32 for _ in range(size)], np.uint8)
    spans = [sorted(chance.randrange(len(values) + 1) for _ in range(4)) for _ in range(4)]
    lines_round(values, np.array([[low, high, start, end] for low, start, end, high in spans]), native=found)
print("sound")
"""

PACKS = """
import random
import sys
from pathlib import Path
import numpy as np
from vigie.numeric import native, paid_to, tagpacks

found = native.load(Path(sys.argv[1]))
assert not isinstance(found, str), found
chance = random.Random(4)
names = ["address", "label", "tx_hash"]
whole = b"- address: 1A1z\\n  label: 'a b'\\n  tx_hash:\\n\\n    - x # y\\n- address: \\"q\\"\\n# z\\n- label: [a]\\n"
for turn in range(4000):
    text = bytearray(whole)
    for _ in range(turn % 4):
        text[chance.randrange(len(text))] = chance.choice(b"\\n :-'x#")
    data = bytes(text[: chance.choice([len(text), chance.randrange(1, len(text) + 1)])])
    held = tagpacks.entries(data, chance.choice([0, 0, chance.randrange(len(data) + 1)]), names, 3, native=found)
    for starts, sizes in zip(held.starts, held.sizes) if held else ():
        tagpacks.coded(data, starts, sizes, native=found)
some = ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "1" * 34, "bc1" + "q" * 87,
        "bcrt1" + "p" * 80, "tb1", "", "z" * 35, "3" + "z" * 34, "\u00e9" * 30]
for turn in range(2000):
    text = list(chance.choice(some))
    for _ in range(turn % 3 if text else 0):
        text[chance.randrange(len(text))] = chance.choice("1qzQ0@")
    paid_to.scripts(["".join(text), chance.choice(some)], native=found)
print("sound")
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    path = tmp_path_factory.mktemp("native") / "sanitized.so"
    assert build.build(path, extra=build.SANITIZED) == ""
    return path


@needs_compiler
@pytest.mark.parametrize(
    "script",
    [SEARCH, PICTURES, TEXTS, CHAIN, COINS, SPENDS, TRACES, PACKS],
    ids=["search", "pictures", "texts", "chain", "coins", "spends", "traces", "packs"],
)
def test_no_read_out_of_bounds_and_no_undefined_behaviour(library, script):
    """AddressSanitizer and UBSan end the process at the first one."""
    asan = subprocess.run(
        [*build.compiler(), "-print-file-name=libasan.so"], check=True, capture_output=True, text=True
    ).stdout.strip()
    if not Path(asan).is_absolute():
        pytest.skip("the compiler has no AddressSanitizer: sudo apt install libasan8")
    # Python itself frees not all it takes; arrays come from malloc, so that reading beyond one is seen.
    env = {**os.environ, "LD_PRELOAD": asan, "ASAN_OPTIONS": "detect_leaks=0", "PYTHONMALLOC": "malloc"}
    done = subprocess.run(
        [sys.executable, "-c", script, str(library), TESTS], check=False, capture_output=True, text=True, env=env
    )
    assert done.stdout == "sound\n", done.stderr[-3000:]


@needs_compiler
def test_a_library_of_other_sources_is_not_used(tmp_path, monkeypatch):
    library = tmp_path / "other.so"
    monkeypatch.setattr(build, "digest", lambda: "0" * 64)
    assert build.build(library) == ""
    assert isinstance(native.load(library), native.Native)
    monkeypatch.undo()
    assert native.load(library) == "built from other sources"


def test_without_a_compiler_one_line_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    assert build.build(tmp_path / "x.so") == "no C compiler (Debian: sudo apt install gcc)"
    assert native.load(tmp_path / "x.so") == "not built"
    assert list(tmp_path.iterdir()) == []


@needs_compiler
def test_what_does_not_compile_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("CC", "false")
    assert "false failed" in build.build(tmp_path / "x.so")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_library_is_not_loaded(tmp_path):
    (tmp_path / "x.so").write_bytes(b"no library")
    assert "cannot be loaded" in native.load(tmp_path / "x.so")


def test_it_says_what_it_uses():
    assert native.using().startswith(("native ", "numba ("))
    assert native.NATIVE is None or native.using() == f"native {native.LEVELS[native.NATIVE.level]}"
