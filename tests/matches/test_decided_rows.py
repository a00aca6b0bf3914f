"""What key frames decided keeps the match that decided it, however ``video`` is set; matches say of which frames."""

import numpy as np
import pytest

from vigie.kernel.shelf import Shelf
from vigie.kernel.table import of
from vigie.rows.artefacts import Media
from vigie.rows.fingerprints import DensePrint, Fingerprint
from vigie.rows.matches import Decided, Known, Withdrawn
from vigie.steps.matches.media_video import Triage, Video, triage, video

CODES = np.random.default_rng(53).integers(0, 1 << 64, (20, 4), dtype=np.uint64)
STRICT = Video(most_bits=0, least_held=1.0, least_covered=1.0, least_run_s=1e6)


def prints(row, content, codes, sampling):
    return [
        row.make(
            content=content * 32, algorithm="vpdq", frame=n, at_s=4.0 * n, value=code.tobytes(), quality=90, weak=1,
            sampling=sampling, trimmed=b"",
        )
        for n, code in enumerate(codes)
    ]  # fmt: skip


def flipped(codes, bits):
    out = codes.copy()
    out[:, 0] ^= np.uint64((1 << bits) - 1)
    return out


def media(content):
    text = ("format", "codec", "camera_make", "camera_model", "camera_serial", "lens", "software", "encoder", "taken")
    return Media.make(
        content=content * 32, kind="video", duration_s=80.0, latitude=None, longitude=None, decoder="",
        **dict.fromkeys(text, ""), **dict.fromkeys(("width_px", "height_px", "frames", "orientation"), 0),
    )  # fmt: skip


@pytest.fixture(scope="module")
def tables():
    """A copy (8 bits off) that key frames decide, and the middle of the film, read frame by frame."""
    known = [
        Known.make(
            list=b"L" * 16, number=1, entry="film", algorithm="vpdq", value=code.tobytes(), meaning="listed",
            category="", series="", quality=100, frame=n, at_s=4.0 * n, withdrawn=False,
        )
        for n, code in enumerate(CODES)
    ]  # fmt: skip
    keys = prints(Fingerprint, b"c", flipped(CODES, 8), "key") + prints(Fingerprint, b"p", CODES[:4], "key")
    return {
        "fingerprints": of(Fingerprint, keys),
        "dense": of(DensePrint, prints(DensePrint, b"p", CODES[:9], "dense")),
        "media": of(Media, [media(b"c"), media(b"p")]),
        "known": of(Known, known),
        "withdrawn": of(Withdrawn, []),
    }


def matched(tables, params):
    given = {name: table for name, table in tables.items() if name != "dense"}
    decided, by_keys = triage(**given, params=Triage(), shelf=Shelf())
    rest = video(**tables, decided=decided, params=params, shelf=Shelf())
    return decided.rows(), by_keys.rows(), rest.rows()


@pytest.mark.parametrize("params", [Video(), STRICT])
def test_a_decided_film_has_its_match_however_video_is_set(tables, params):
    decided, by_keys, rest = matched(tables, params)
    assert [one.content for one in decided] == [b"c" * 32]
    assert [(one.content, one.relation, one.sampling) for one in by_keys] == [(b"c" * 32, "same", "key")]
    assert b"c" * 32 not in {one.content for one in rest}


def test_video_alone_would_not_have_found_it(tables):
    found = video(**tables, decided=of(Decided, []), params=STRICT, shelf=Shelf())
    assert b"c" * 32 not in {one.content for one in found.rows()}


def test_what_was_read_frame_by_frame_says_so(tables):
    _, _, rest = matched(tables, Video())
    assert [(one.content, one.sampling) for one in rest] == [(b"p" * 32, "dense")]


def test_a_film_of_which_there_are_key_frames_only_says_so(tables):
    """A listed digest spared it the dense pass."""
    given = tables | {"dense": of(DensePrint, []), "decided": of(Decided, [])}
    found = video(**given, params=Video(), shelf=Shelf()).rows()
    assert {one.sampling for one in found} == {"key"}
    assert {one.content for one in found} == {b"c" * 32, b"p" * 32}
