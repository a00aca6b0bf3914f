"""A mirrored or turned film meets the list by hashes derived from its own."""

import numpy as np
import pytest

from vigie.kernel.shelf import Shelf
from vigie.kernel.table import of
from vigie.numeric.turned import turned
from vigie.rows.artefacts import Media
from vigie.rows.fingerprints import TURNED, DensePrint, Fingerprint
from vigie.rows.matches import Decided, Known, Withdrawn
from vigie.steps.matches.media_video import Video, video

NONE = (of(Withdrawn, []), of(Decided, []))
CODES = np.random.default_rng(41).integers(0, 1 << 64, (12, 4), dtype=np.uint64)
BACK = {"turned 90": "turned 270", "turned 270": "turned 90"}


def listed():
    return of(
        Known,
        [
            Known.make(
                list=b"L" * 16, number=1, entry="film", algorithm="vpdq", value=code.tobytes(), meaning="listed",
                category="", series="", quality=100, frame=n, at_s=float(n), withdrawn=False,
            )
            for n, code in enumerate(CODES)
        ],
    )  # fmt: skip


def held(codes):
    rows = [
        DensePrint.make(
            content=b"c" * 32, algorithm="vpdq", frame=n, at_s=float(n), value=code.tobytes(), quality=90, weak=1,
            sampling="dense", trimmed=b"",
        )
        for n, code in enumerate(codes)
    ]  # fmt: skip
    return of(DensePrint, rows)


@pytest.mark.parametrize("name", TURNED)
def test_the_row_says_how_ours_must_be_turned(name):
    ours = held(turned(CODES, TURNED.index(BACK.get(name, name))))
    (match,) = video(
        of(Fingerprint, []),
        ours,
        of(Media, []),
        listed(),
        of(Withdrawn, []),
        of(Decided, []),
        params=Video(),
        shelf=Shelf(),
    ).rows()
    assert (match.variant, match.relation, match.run_s) == (name, "same", 12.0)
    plain = video(
        of(Fingerprint, []),
        ours,
        of(Media, []),
        listed(),
        of(Withdrawn, []),
        of(Decided, []),
        params=Video(turned=False),
        shelf=Shelf(),
    )
    assert not len(plain)


def test_a_film_that_meets_as_it_is_is_not_turned():
    (match,) = video(
        of(Fingerprint, []),
        held(CODES),
        of(Media, []),
        listed(),
        of(Withdrawn, []),
        of(Decided, []),
        params=Video(),
        shelf=Shelf(),
    ).rows()
    assert match.variant == ""


def test_two_frames_of_a_turned_film_are_not_enough():
    ours = held(turned(CODES[:2], 0))
    assert not len(
        video(
            of(Fingerprint, []),
            ours,
            of(Media, []),
            listed(),
            of(Withdrawn, []),
            of(Decided, []),
            params=Video(),
            shelf=Shelf(),
        )
    )


def test_a_benign_clip_beside_a_mirrored_listed_one_does_not_hide_it():
    intro = np.random.default_rng(43).integers(0, 1 << 64, (8, 4), dtype=np.uint64)
    both = listed().rows() + [
        Known.make(
            list=b"B" * 16, number=2, entry="intro", algorithm="vpdq", value=code.tobytes(), meaning="benign",
            category="", series="", quality=100, frame=n, at_s=float(n), withdrawn=False,
        )
        for n, code in enumerate(intro)
    ]  # fmt: skip
    ours = held([*intro, *turned(CODES, TURNED.index("mirrored"))])
    found = video(
        of(Fingerprint, []),
        ours,
        of(Media, []),
        of(Known, both),
        of(Withdrawn, []),
        of(Decided, []),
        params=Video(),
        shelf=Shelf(),
    )
    assert {(m.entry, m.variant) for m in found.rows()} == {("intro", ""), ("film", "mirrored")}
