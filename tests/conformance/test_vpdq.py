"""Video frame hashes against the vPDQ reference, frame by frame (ThreatExchange ``vpdq/sample-hashes``)."""

import pathlib

import pytest

from vigie.cell.media.film import open_film
from vigie.cell.media.video import hashes, sample

DATA = pathlib.Path(__file__).parents[2] / ".." / "shared" / "data" / "vpdq"
NAMES = sorted(p.stem for p in (DATA / "videos").glob("*.mp4"))

pytestmark = pytest.mark.skipif(not NAMES, reason="conformance data is not at ../shared/data/vpdq")


def bits(one, other):
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def reference(name):
    rows = [line.split(",") for line in (DATA / "hashes" / f"{name}.txt").read_text().split()]
    return [(int(frame), int(quality), bytes.fromhex(value), float(at)) for frame, quality, value, at in rows]


@pytest.mark.parametrize("name", NAMES)
def test_every_frame(name):
    expected = reference(name)
    with (DATA / "videos" / f"{name}.mp4").open("rb") as file:
        film = open_film(file, "video/mp4", 100_000_000)
        with film.container:
            found = [(at, hashed) for _, at, hashed in hashes(film, "DEFAULT")]
    assert len(found) == len(expected)
    pairs = list(zip(found, expected, strict=True))
    distances = [bits(hashed.value, value) for (_, hashed), (_, _, value, _) in pairs]
    mean = sum(distances) / len(distances)
    print(f"{name}: {len(distances)} frames, mean {mean:.2f} bits, max {max(distances)}")
    assert max(distances) <= 12
    assert max(abs(hashed.quality - quality) for (_, hashed), (_, quality, _, _) in pairs) <= 1
    assert max(abs(at - expected_at) for (at, _), (_, _, _, expected_at) in pairs) <= 0.001


@pytest.mark.parametrize("sampling", ["key", "dense"])
@pytest.mark.parametrize("name", NAMES)
def test_sampled_frames_are_frames_of_the_reference(name, sampling):
    """Skipping changes which frames are seen, never their bits or their times."""
    expected = {at: value for _, _, value, at in reference(name)}
    with (DATA / "videos" / f"{name}.mp4").open("rb") as file:
        found = sample(file, "video/mp4", sampling, 100_000_000, 100_000)
    assert found.prints
    assert not found.shortfall
    for each in found.prints:
        nearest = min(expected, key=lambda at: abs(at - each.at_s))
        assert abs(nearest - each.at_s) <= 0.001
        assert bits(expected[nearest], each.value) <= 12
