"""What is found of a listed film after ordinary processing, by key frames alone and by every reference frame.

``python bench/video_recall.py [FILMS] [tune|test]``. Known side: one hash a second of each original, as vPDQ lists
have it. ``tune`` and ``test`` are films made of different photographs (Debian's wallpapers; drawings where none are
installed); thresholds were chosen on ``tune``. A span is right where all four of its ends are within a second.
"""

from __future__ import annotations

import sys
import tempfile
import typing as t
from pathlib import Path

import av
import numpy as np
from PIL import Image

import films
from vigie.cell.media import video as cell
from vigie.kernel.shelf import Shelf
from vigie.kernel.table import of
from vigie.rows.artefacts import Media
from vigie.rows.fingerprints import DensePrint, Fingerprint
from vigie.rows.matches import Decided, Known, Match, Withdrawn
from vigie.sample import family_film
from vigie.sample.made import Family, Member
from vigie.sample.store import Store
from vigie.steps.fingerprints.media_prints import fingerprint
from vigie.steps.matches import media_video
from vigie.steps.matches.media_video import Video

SETS = {"tune": ("backgrounds/mate", "lxqt"), "test": ("wallpapers", "backgrounds/gnome", "backgrounds/ubuntukylin")}
SIZE = (426, 240)
RATE = films.RATE
SECONDS = 12.0
PER_FILM = 4
SAMPLE_SEED = 11
Frames: t.TypeAlias = "list[av.VideoFrame]"


class Copy(t.NamedTuple):
    """One processed copy: its file, and the stretch of the original in it: (film, in ours, in theirs, length)."""

    edit: str
    path: Path
    holds: list[tuple[int, float, float, float]]


def main() -> None:
    """Make the films and their copies, match them, print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    which = sys.argv[2] if len(sys.argv) > 2 else "test"
    source = films.detailed(films.photographs(*SETS[which]))
    print(f"{which}: {count} films of {SECONDS:.0f} s from {len(source)} photographs")
    with tempfile.TemporaryDirectory() as folder:
        known, copies = [], []
        clips: list[Frames] = []
        for number in range(count + max(1, count // 4)):
            frames = drawn(source, number)
            if number < count:
                original = Path(folder) / f"{number}.mp4"
                encode(original, frames)
                known += listed(number, original)
                copies += list(edited(Path(folder), number, frames, original))
            clips.append(frames)
        copies += list(compilations(Path(folder), clips, count))
        for number in range(count, 2 * count):
            one, of_it = of_the_sample(Path(folder), number)
            copies.append(one)
            known += of_it
        show(copies, {mode: matched(copies, known, mode) for mode in ("key", "dense")}, 2 * count)


def drawn(source: list[Path], number: int) -> Frames:
    """Draw one film as raw frames."""
    plan = films.plan_of(number, range(number * PER_FILM, number * PER_FILM + PER_FILM), 2.4, 3.6)
    out: Frames = []
    for image in films.scenes(source, plan, number, SIZE):
        if len(out) < SECONDS * RATE:
            out.append(films.yuv(image))
    return out


def encode(path: Path, frames: Frames, *, size: tuple[int, int] = SIZE, rate: int = RATE, crf: int = 23) -> None:
    """Write frames that come ``RATE`` a second."""
    films.write(frames, [films.Target(path, *size, gop=60, crf=crf, rate=rate, preset="veryfast")])


def edited(folder: Path, number: int, frames: Frames, original: Path) -> t.Iterator[Copy]:
    """Make the copies of one film."""

    def copy(edit: str, suffix: str = ".mp4") -> Path:
        return folder / f"{number}-{edit}{suffix}"

    whole = [(number, 0.0, 0.0, len(frames) / RATE)]
    path = copy("container", ".mkv")
    films.repeat(original, path, 1)
    yield Copy("other container", path, whole)
    half = RATE // 2
    encode(path := copy("shifted"), frames[half:], crf=26)
    yield Copy("starts 0.5 s later", path, [(number, 0.0, 0.5, len(frames) / RATE - 0.5)])
    cut = frames[RATE * 3 + 7 : -2 * RATE]
    encode(path := copy("trimmed"), cut, crf=26)
    yield Copy("trimmed at both ends", path, [(number, 0.0, 3 + 7 / RATE, len(cut) / RATE)])
    encode(path := copy("crf32"), frames, crf=32)
    yield Copy("CRF 32", path, whole)
    encode(path := copy("small"), frames, size=(320, 180), rate=15, crf=35)
    yield Copy("180p, 15 fps, CRF 35", path, whole)
    encode(path := copy("logo"), [over(one, logo) for one in frames], crf=26)
    yield Copy("logo 9 %", path, whole)
    encode(path := copy("letterbox"), [over(one, letterbox) for one in frames], crf=26)
    yield Copy("letterbox 6 %", path, whole)
    encode(path := copy("letterbox12"), [over(one, scope) for one in frames], crf=26)
    yield Copy("within bars of 12 % above and below", path, whole)
    encode(path := copy("pillarbox"), [over(one, pillarbox) for one in frames], crf=26)
    yield Copy("within bars of 12 % left and right", path, whole)
    encode(path := copy("mirror"), [over(one, mirror) for one in frames], crf=26)
    yield Copy("mirrored", path, whole)


def over(frame: av.VideoFrame, change: t.Callable[[np.ndarray], np.ndarray]) -> av.VideoFrame:
    """Change a frame as an RGB array."""
    rgb = np.ascontiguousarray(change(frame.to_ndarray(format="rgb24").copy()))
    return av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")


def logo(rgb: np.ndarray) -> np.ndarray:
    """Set a light sign into a corner."""
    high, wide = rgb.shape[:2]
    rgb[high // 20 : high // 20 + high // 11, wide * 9 // 10 : wide * 9 // 10 + wide * 9 // 100] = 235
    return rgb


def letterbox(rgb: np.ndarray) -> np.ndarray:
    """Darken bars above and below."""
    bar = rgb.shape[0] * 6 // 100
    rgb[:bar] = rgb[-bar:] = 16
    return rgb


def scope(rgb: np.ndarray) -> np.ndarray:
    """Set the whole frame between bars of 12 % above and below."""
    return boxed(rgb, rgb.shape[0] * 12 // 100, 0)


def pillarbox(rgb: np.ndarray) -> np.ndarray:
    """Set the whole frame between bars of 12 % left and right."""
    return boxed(rgb, 0, rgb.shape[1] * 12 // 100)


def boxed(rgb: np.ndarray, down: int, across: int) -> np.ndarray:
    """Make the frame smaller, and fill what it leaves with black."""
    high, wide = rgb.shape[:2]
    out = np.full_like(rgb, 16)
    small = Image.fromarray(rgb).resize((wide - 2 * across, high - 2 * down), Image.Resampling.BILINEAR)
    out[down : high - down, across : wide - across] = np.asarray(small)
    return out


def mirror(rgb: np.ndarray) -> np.ndarray:
    """Turn left and right."""
    return rgb[:, ::-1]


def compilations(folder: Path, clips: list[Frames], count: int) -> t.Iterator[Copy]:
    """Join parts of four films each with strange scenes between: whole, and only their middle."""
    strange = clips[count:]
    for start in range(0, count - 3, 4):
        for edit, part in (("whole, in a compilation", 0.0), ("8 s of it, in a compilation", 2.3)):
            parts: Frames = []
            holds = []
            for place, number in enumerate(range(start, start + 4)):
                other = strange[place % len(strange)]
                parts += other[place * 31 : place * 31 + 100]
                clip = clips[number][round(part * RATE) :][: RATE * 8 if part else None]
                holds.append((number, len(parts) / RATE, part, len(clip) / RATE))
                parts += clip
            path = folder / f"{start}-{part}-compilation.mp4"
            encode(path, parts, crf=28)
            yield Copy(edit, path, holds)


def of_the_sample(folder: Path, number: int) -> tuple[Copy, list[Known]]:
    """Return a compilation as ``vigie sample`` makes them, where the listed film is in it, and its rows."""
    member = Member(edit=family_film.COMPILED, copy=False, steps=(b"server", f"{number}.mp4".encode()))
    family = Family(
        name=f"video-{number}", kind="video", index=number, role="listed", camera=-1, small=number % 4 != 1,
        members=(member,),
    )  # fmt: skip
    batch = family_film.make_film(Store(folder=folder), SAMPLE_SEED, family)
    made = batch.made[0]
    hold = (number, made.span.start_s, made.span.known_start_s, made.span.end_s - made.span.start_s)
    known = [known_row(number, each.value, each.quality, n, each.at_s) for n, each in enumerate(batch.original.prints)]
    return Copy("whole, in a compilation of the sample", made.bytes_at, [hold]), known


def listed(number: int, path: Path) -> list[Known]:
    """Return the rows of a list that holds one hash a second of this film."""
    found = cell.sample(path.open("rb"), "video/mp4", "dense", 10**8, 10**5)
    rows: list[Known] = []
    due = 0.0
    for each in found.prints:
        if each.at_s + 1e-3 < due:
            continue
        due += 1.0
        rows.append(known_row(number, each.value, each.quality, len(rows), each.at_s))
    return rows


def known_row(number: int, value: bytes, quality: int, frame: int, at_s: float) -> Known:
    """Return one row of the list."""
    return Known.make(
        list=b"L" * 16, number=number + 1, entry=f"{number}", algorithm="vpdq", value=value, meaning="listed",
        category="", series="", quality=quality, frame=frame, at_s=at_s, withdrawn=False,
    )  # fmt: skip


def matched(copies: list[Copy], known: list[Known], mode: t.Literal["key", "dense"]) -> dict[int, dict[str, Match]]:
    """Match all copies; what was found by number of the copy and entry."""
    row = DensePrint if mode == "dense" else Fingerprint
    prints = []
    for number, one in enumerate(copies):
        kind = "video/x-matroska" if one.path.suffix == ".mkv" else "video/mp4"
        with one.path.open("rb") as file:
            found = cell.sample(file, kind, mode, 10**8, 10**5).prints
        prints += [fingerprint(number.to_bytes(32), each, row) for each in found]
    tables = {Fingerprint: of(Fingerprint, []), DensePrint: of(DensePrint, [])} | {row: of(row, prints)}
    made = media_video.video(
        tables[Fingerprint],
        tables[DensePrint],
        of(Media, []),
        of(Known, known),
        of(Withdrawn, []),
        of(Decided, []),
        params=Video(),
        shelf=Shelf(),
    )
    out: dict[int, dict[str, Match]] = {}
    for match in made.rows():
        out.setdefault(int.from_bytes(match.content), {})[match.entry] = match
    return out


def show(copies: list[Copy], found: dict[str, dict[int, dict[str, Match]]], count: int) -> None:
    """Print found, spans within a second, and their errors."""
    print("| copy | films | found, key frames | found, dense | spans within 1 s, dense | worst end | relation, dense |")
    print("|---|---|---|---|---|---|---|")
    for edit in dict.fromkeys(one.edit for one in copies):
        cases = [(n, hold) for n, one in enumerate(copies) if one.edit == edit for hold in one.holds]
        cells = []
        for mode in ("key", "dense"):
            hit = [found[mode].get(n, {}).get(str(hold[0])) for n, hold in cases]
            cells.append(f"{sum(one is not None for one in hit) / len(cases):.0%}")
        errors = [error(match, hold) for match, (_, hold) in zip(hit, cases, strict=True) if match]
        right = sum(one <= 1.0 for one in errors) / len(cases)
        kinds = sorted({f"{m.relation}{' ' + m.variant if m.variant else ''}" for m in hit if m})
        worst = f"{max(errors, default=0):.2f} s"
        print(f"| {edit} | {len(cases)} | {cells[0]} | {cells[1]} | {right:.0%} | {worst} | {', '.join(kinds)} |")
    held = [{str(hold[0]) for hold in one.holds} for one in copies]
    wrong = {mode: sum(len(by.keys() - held[n]) for n, by in each.items()) for mode, each in found.items()}
    print(f"\nwrong entries: {wrong} in {len(copies) * count:,} pairs of a copy and a film")


def error(match: Match, hold: tuple[int, float, float, float]) -> float:
    """Return how far the worst of the four ends is from the truth, in seconds."""
    _, ours, theirs, length = hold
    truth = (ours, ours + length, theirs, theirs + length)
    said = (match.start_s, match.end_s, match.known_start_s, match.known_end_s)
    return max(abs(a - b) for a, b in zip(said, truth, strict=True))


if __name__ == "__main__":
    main()
