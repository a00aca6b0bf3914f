"""The hash files of the vPDQ reference, read as lists."""

from pathlib import Path

import pytest

from vigie.rows import wire

HASHES = next(
    (folder / "shared/data/vpdq/hashes" for folder in Path(__file__).parents if (folder / "shared").exists()), None
)


@pytest.mark.skipif(HASHES is None, reason="needs the conformance data in ../shared/data/vpdq")
def test_every_frame_of_the_reference_loads(read):
    for path in sorted(HASHES.glob("*.txt")):
        lines = path.read_text().split()
        _, *entries = read(path.read_bytes())
        assert all(isinstance(entry, wire.Entry) for entry in entries)
        frames = [frame for entry in entries for frame in entry.frames]
        assert [f"{f.frame},{f.quality},{f.value.hex()},{f.at_s:.3f}" for f in frames] == lines
