"""A film within bars meets the list by what is between them; one without is matched as before."""

import numpy as np
import pytest

from vigie.kernel.shelf import Shelf
from vigie.kernel.table import of
from vigie.numeric.turned import turned
from vigie.rows.artefacts import Media
from vigie.rows.fingerprints import TURNED, DensePrint, Fingerprint
from vigie.rows.matches import Decided, Known, Withdrawn
from vigie.steps.matches.media_video import Video, video

CODES, FOREIGN = np.random.default_rng(59).integers(0, 1 << 64, (2, 12, 4), dtype=np.uint64)


def listed():
    return [
        Known.make(
            list=b"L" * 16, number=1, entry="film", algorithm="vpdq", value=code.tobytes(), meaning="listed",
            category="", series="", quality=100, frame=n, at_s=float(n), withdrawn=False,
        )
        for n, code in enumerate(CODES)
    ]  # fmt: skip


def matched(plain, inner, *, quality=90, weak=1, turn=True):
    """Match a film of these hashes, a second each, with those between its bars (None: no bars there)."""
    rows = [
        DensePrint.make(
            content=b"c" * 32, algorithm="vpdq", frame=n, at_s=float(n), value=one.tobytes(), quality=90, weak=1,
            sampling="dense", trimmed=b"" if two is None else bytes((quality, weak)) + two.tobytes(),
        )
        for n, (one, two) in enumerate(zip(plain, inner, strict=True))
    ]  # fmt: skip
    tables = of(Fingerprint, []), of(DensePrint, rows), of(Media, []), of(Known, listed())
    return video(*tables, of(Withdrawn, []), of(Decided, []), params=Video(turned=turn), shelf=Shelf()).rows()


def test_what_is_between_the_bars_meets():
    (match,) = matched(FOREIGN, CODES)
    assert (match.variant, match.relation, match.run_s, match.spans) == ("trimmed", "same", 12.0, 1)
    assert (match.share_held, match.share_known, match.sampling) == (1.0, 1.0, "dense")


@pytest.mark.parametrize("name", ["mirrored", "upside down", "turned 180"])
def test_and_turned(name):
    (match,) = matched(FOREIGN, turned(CODES, TURNED.index(name)))
    assert (match.variant, match.relation) == (f"trimmed {name}", "same")
    assert not matched(FOREIGN, turned(CODES, TURNED.index(name)), turn=False)


def test_one_row_for_an_entry_the_one_with_the_longer_stretch():
    (match,) = matched([*CODES[:5], *FOREIGN[5:]], CODES)
    assert (match.variant, match.run_s) == ("trimmed", 12.0)
    (match,) = matched(CODES, [*CODES[:5], *FOREIGN[5:]])
    assert (match.variant, match.run_s) == ("", 12.0)


def test_as_it_is_goes_before_trimmed():
    (match,) = matched(CODES, CODES)
    assert match.variant == ""


@pytest.mark.parametrize(("quality", "weak"), [(49, 1), (90, 65)])
def test_a_poor_hash_between_bars_matches_nothing(quality, weak):
    assert not matched(FOREIGN, CODES, quality=quality, weak=weak)


def test_frames_without_the_bars_are_left_out():
    """Their first scenes told of other bars: the rest is matched, at its own times."""
    (match,) = matched(FOREIGN, [None] * 4 + list(CODES[4:]))
    assert (match.variant, match.start_s, match.known_start_s) == ("trimmed", 4.0, 4.0)
