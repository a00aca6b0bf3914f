"""What is listed is found however many benign entries show the same."""

import numpy as np
import pytest

from vigie.kernel.shelf import Shelf
from vigie.kernel.table import of
from vigie.numeric import alignment
from vigie.rows.artefacts import Media
from vigie.rows.fingerprints import DensePrint, Fingerprint
from vigie.rows.matches import Decided, Known, Withdrawn
from vigie.steps.matches.media_video import Triage, Video, triage, video

CODES = np.random.default_rng(47).integers(0, 1 << 64, (6, 4), dtype=np.uint64)


def entry(list_, number, meaning, codes):
    return [
        Known.make(
            list=list_, number=number, entry=f"E{number}", algorithm="vpdq", value=code.tobytes(), meaning=meaning,
            category="", series="", quality=100, frame=n, at_s=float(n), withdrawn=False,
        )
        for n, code in enumerate(codes)
    ]  # fmt: skip


@pytest.fixture
def crowd():
    benign = [row for n in range(alignment.MOST_ENTRIES + 20) for row in entry(b"B" * 16, n + 1, "benign", CODES)]
    return of(Known, [*benign, *entry(b"Z" * 16, 1, "listed", CODES)])


def held(row, sampling):
    return of(
        row,
        [
            row.make(
                content=b"c" * 32, algorithm="vpdq", frame=n, at_s=float(n), value=code.tobytes(), quality=90, weak=1,
                sampling=sampling, trimmed=b"",
            )
            for n, code in enumerate(CODES)
        ],
    )  # fmt: skip


def test_a_thousand_benign_copies_do_not_hide_a_listed_one(crowd):
    none, shelf = of(Withdrawn, []), Shelf()
    ours = held(DensePrint, "dense")
    found = video(of(Fingerprint, []), ours, of(Media, []), crowd, none, of(Decided, []), params=Video(), shelf=shelf)
    assert [one.relation for one in found.rows() if one.meaning == "listed"] == ["same"]


def test_nor_from_the_triage(crowd):
    film = Media.make(
        content=b"c" * 32, kind="video", format="mp4", width_px=64, height_px=48, frames=6, duration_s=6.0,
        codec="h264", orientation=1, camera_make="", camera_model="", camera_serial="", lens="",
        software="", encoder="", taken="", latitude=None, longitude=None, decoder="",
    )  # fmt: skip
    ours = held(Fingerprint, "key")
    found, matches = triage(ours, of(Media, [film]), crowd, of(Withdrawn, []), params=Triage(), shelf=Shelf())
    (decided,) = found.rows()
    assert "listed" in {one.meaning for one in matches.rows()}
    assert decided.known in {row.key for row in crowd.rows() if row.meaning == "listed"}
