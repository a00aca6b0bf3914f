"""A stretch goes on over frames that meet nothing; what they show is not known for that."""

import numpy as np
import pytest

from vigie.kernel.shelf import Shelf
from vigie.kernel.table import of
from vigie.rows.artefacts import Media
from vigie.rows.fingerprints import DensePrint, Fingerprint
from vigie.rows.matches import Decided, Known, Withdrawn
from vigie.steps.matches.media_video import Triage, Video, triage, video

KNOWN, FOREIGN = np.random.default_rng(47).integers(0, 1 << 64, (2, 40, 4), dtype=np.uint64)


def film(known_of_five):
    """Key frames two seconds apart: so many of each five are those of the listed film."""
    return of(
        Fingerprint,
        [
            Fingerprint.make(
                content=b"c" * 32, algorithm="vpdq", frame=n, at_s=2.0 * n, quality=90, weak=1, sampling="key",
                trimmed=b"", value=(KNOWN if n % 5 < known_of_five else FOREIGN)[n].tobytes(),
            )
            for n in range(40)
        ],
    )  # fmt: skip


def listed():
    return of(
        Known,
        [
            Known.make(
                list=b"L" * 16, number=1, entry="film", algorithm="vpdq", value=code.tobytes(), meaning="listed",
                category="", series="", quality=100, frame=n, at_s=2.0 * n, withdrawn=False,
            )
            for n, code in enumerate(KNOWN)
        ],
    )  # fmt: skip


def media(duration_s=80.0):
    text = ("format", "codec", "camera_make", "camera_model", "camera_serial", "lens", "software", "encoder", "taken")
    return of(
        Media,
        [
            Media.make(
                content=b"c" * 32, kind="video", duration_s=duration_s, latitude=None, longitude=None, decoder="",
                **dict.fromkeys(text, ""), **dict.fromkeys(("width_px", "height_px", "frames", "orientation"), 0),
            )
        ],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("known_of_five", "relation", "decided"), [(2, "shares_frames", 0), (4, "same", 0), (5, "same", 1)]
)
def test_only_what_meets_decides(known_of_five, relation, decided):
    ours, none = film(known_of_five), of(Withdrawn, [])
    (match,) = video(
        ours, of(DensePrint, []), media(), listed(), none, of(Decided, []), params=Video(), shelf=Shelf()
    ).rows()
    assert (match.relation, match.start_s, match.spans) == (relation, 0.0, 1)
    found, matches = triage(ours, media(), listed(), none, params=Triage(), shelf=Shelf())
    assert len(found) == len(matches) == decided


@pytest.mark.parametrize(("duration_s", "end_s"), [(78.6, 78.6), (80.0, 80.0), (95.0, 80.0), (0.0, 80.0), (60.0, 80.0)])
def test_no_stretch_passes_the_end_of_the_film(duration_s, end_s):
    """The last frame stands at 78 s; a length that frames pass is not believed."""
    given = film(5), of(DensePrint, []), media(duration_s), listed(), of(Withdrawn, []), of(Decided, [])
    (match,) = video(*given, params=Video(), shelf=Shelf()).rows()
    assert (match.start_s, match.end_s, match.relation) == (0.0, end_s, "same")
