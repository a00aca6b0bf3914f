"""How many key frames are enough: what ``triage`` decides of films, by how far apart they are.

``python bench/video_triage.py [FILMS]``. Films of 72 s with a cut every 3 to 8 s, each listed with one hash a second;
in every second one the camera is calm (a third of the speed). Copies are encoded with a key frame at least every 50 or
every 250 frames. For key frames so many seconds apart: how many copies are decided, which share of their length runs
in order by them, and how many are found at last, with every reference frame of what was left.
"""

from __future__ import annotations

import sys
import tempfile
import typing as t
from pathlib import Path

import films
import video_recall
from vigie.cell.media import video as cell
from vigie.kernel.shelf import Shelf
from vigie.kernel.table import of
from vigie.rows.artefacts import Media
from vigie.rows.fingerprints import DensePrint, Fingerprint
from vigie.rows.matches import Known, Withdrawn
from vigie.steps.fingerprints.media_prints import fingerprint
from vigie.steps.matches import media_video
from vigie.steps.matches.media_video import Triage, Video

if t.TYPE_CHECKING:
    import numpy as np

SCENES, SECONDS = 12, 72.0
APART_S = (0.0, 3.0, 4.0, 5.0)
GOPS = (50, 250)
SIZE = (426, 240)
CALM = 3


class Copy(t.NamedTuple):
    """A copy of film ``number``."""

    edit: str
    number: int
    path: Path
    prints: dict[str, list[t.Any]]
    """By mode: what was sampled."""


class Judged(t.NamedTuple):
    """What became of the copies, by number."""

    decided: set[int]
    share: dict[int, float]
    """Of its length, in order along the listed film, by key frames."""
    found: set[int]
    wrong: list[tuple[int, str]]


def main() -> None:
    """Make, read and match; print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    source = films.detailed(films.photographs("backgrounds", "wallpapers", "lxqt"))
    print(f"{count} films of {SECONDS:.0f} s from {len(source)} photographs")
    known: list[Known] = []
    copies: list[Copy] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            frames = drawn(source, number)
            original = Path(folder) / f"{number}.mp4"
            films.write(frames, [films.Target(original, *SIZE, gop=60, rate=films.RATE, preset="veryfast")])
            known += video_recall.listed(number, original)
            copies += list(made(Path(folder), number, frames))
    table(copies, {apart: judged(copies, known, apart) for apart in APART_S})


def drawn(source: list[Path], number: int) -> video_recall.Frames:
    """Draw one film as raw frames."""
    slow = CALM if number % 2 else 1
    plan = films.plan_of(number, range(number * SCENES, number * SCENES + SCENES + 6), 3.0 / slow, 8.0 / slow)
    out: video_recall.Frames = []
    for image in films.scenes(source, plan, number, SIZE):
        if len(out) >= SECONDS * films.RATE:
            break
        out += [films.yuv(image)] * slow
    return out


def made(folder: Path, number: int, frames: video_recall.Frames) -> t.Iterator[Copy]:
    """Make and read the copies of one film."""
    changes: dict[str, t.Callable[[np.ndarray], np.ndarray]] = {
        "logo 9 %": video_recall.logo,
        "letterbox 6 %": video_recall.letterbox,
    }
    cut = films.RATE * 7 + 7
    for gop in GOPS:
        path = folder / "copy.mp4"
        usual = films.Target(path, *SIZE, gop=gop, crf=26, rate=films.RATE, preset="veryfast")
        plain = {"CRF 32": (frames, usual._replace(crf=32)), "starts 0.5 s later": (frames[films.RATE // 2 :], usual)}
        plain["180p, 15 fps, CRF 35"] = (frames, usual._replace(crf=35, width=320, height=180, rate=15))
        plain["trimmed at both ends"] = (frames[cut:-cut], usual)
        for edit, change in changes.items():
            plain[edit] = ([video_recall.over(one, change) for one in frames], usual)
        for edit, (shown, target) in plain.items():
            films.write(shown, [target])
            yield Copy(f"{edit}, GOP {gop}", number, path, dict(read(path)))
        path.unlink()


def read(path: Path) -> t.Iterator[tuple[str, list[t.Any]]]:
    """Sample one film in each mode, and what it says of itself."""
    with path.open("rb") as file:
        for apart in APART_S:
            yield key(apart), cell.sample(file, "video/mp4", "key", 10**8, 10**5, key_apart_s=apart).prints
        found = cell.sample(file, "video/mp4", "dense", 10**8, 10**5)
        yield "dense", found.prints
        yield "facts", [found.facts]


def key(apart: float) -> str:
    """Return what key frames so far apart are called in ``Copy.prints``."""
    return f"key {apart:g}"


def judged(copies: list[Copy], known: list[Known], apart: float) -> Judged:
    """Triage, then match with all reference frames of what is left."""
    prints = of(Fingerprint, [row for n, one in enumerate(copies) for row in rows(Fingerprint, n, one, key(apart))])
    media = of(Media, [medium(n, one) for n, one in enumerate(copies)])
    tables, shelf = (of(Known, known), of(Withdrawn, [])), Shelf()
    runs, _ = media_video.triage(prints, media, *tables, params=Triage(least_of_length=0.0), shelf=shelf)
    share = {n: one.in_order_s / copies[n].prints["facts"][0].duration_s for n, one in by_content(runs.rows())}
    decided, by_keys = media_video.triage(prints, media, *tables, params=Triage(), shelf=shelf)
    these = {n for n, _ in by_content(decided.rows())}
    left = [n for n in range(len(copies)) if n not in these]
    dense = of(DensePrint, [row for n in left for row in rows(DensePrint, n, copies[n], "dense")])
    rest = media_video.video(prints, dense, media, *tables, decided, params=Video(), shelf=shelf)
    matches = [*by_content(by_keys.rows()), *by_content(rest.rows())]
    wrong = [(n, one.entry) for n, one in matches if one.entry != str(copies[n].number)]
    return Judged(these, share, {n for n, one in matches if one.entry == str(copies[n].number)}, wrong)


def by_content(found: t.Iterable[t.Any]) -> list[tuple[int, t.Any]]:
    """Return rows with the number of their copy."""
    return [(int.from_bytes(one.content), one) for one in found]


def rows(row: type[Fingerprint], number: int, copy: Copy, mode: str) -> list[Fingerprint]:
    """Return the rows of one copy."""
    return [fingerprint(number.to_bytes(32), one, row) for one in copy.prints[mode]]


def medium(number: int, copy: Copy) -> Media:
    """Return what one copy says of itself."""
    (facts,) = copy.prints["facts"]
    return Media.make(content=number.to_bytes(32), **{name: getattr(facts, name) for name in facts.__struct_fields__})


def table(copies: list[Copy], judged: dict[float, Judged]) -> None:
    """Print what was decided and found, by edit and distance."""
    heads = "".join(f" {apart:g} s |" if apart else " every key frame |" for apart in APART_S)
    print(f"| copy | films |{heads} key frames a minute |\n|---|---|{'---|' * (len(APART_S) + 1)}")
    for edit in (*dict.fromkeys(one.edit for one in copies), "all"):
        these = [n for n, one in enumerate(copies) if edit in (one.edit, "all")]
        cells = ""
        for one in judged.values():
            decided, found = (sum(n in given for n in these) for given in (one.decided, one.found))
            cells += f" {decided}, {sum(one.share.get(n, 0.0) for n in these) / len(these):.0%}, {found} |"
        minutes = sum(copies[n].prints["facts"][0].duration_s for n in these) / 60
        rate = [sum(len(copies[n].prints[key(apart)]) for n in these) / minutes for apart in APART_S]
        print(f"| {edit} | {len(these)} |{cells} {', '.join(f'{one:.0f}' for one in rate)} |")
    print(f"\nwrong entries: {[len(one.wrong) for one in judged.values()]}")


if __name__ == "__main__":
    main()
