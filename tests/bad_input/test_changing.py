"""Evidence that is not what it was: said so, file by file; the rest goes on; what comes back is read after all."""

import io
import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bad_input.makers import clip, jpeg, zipped
from kernel.rig import MEDIA, Rig, snapshot
from vigie.kernel import intake
from vigie.kernel.evaluate import Progress
from vigie.kernel.local import Local
from vigie.rows.evidence import Original
from vigie.rows.fingerprints import Fingerprint


def seize(folder: Path) -> Path:
    """Write three pictures, two archives and a film."""
    folder.mkdir(parents=True)
    for number in range(3):
        (folder / f"{number}.jpg").write_bytes(jpeg(40 + number))
    (folder / "two.zip").write_bytes(zipped(("in.jpg", jpeg(43)), ("more/in.jpg", jpeg(44))))
    (folder / "other.zip").write_bytes(zipped(("other.jpg", jpeg(45))))
    (folder / "film.mp4").write_bytes(clip())
    return folder


@pytest.fixture
def rig(tmp_path: Path, engine: Local) -> Rig:
    """Return a case that has taken it in and has read nothing yet."""
    rig = Rig(tmp_path / "case", engine)
    rig.add(seize(tmp_path / "seized"))
    return rig


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def shorten(path: Path) -> None:
    os.truncate(path, 100)


def remove(path: Path) -> None:
    path.unlink()


def become_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


def become_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def become_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def lose_its_folder(path: Path) -> None:
    """Do to the file what an unmounted medium does."""
    path.rename(path.parent.parent / path.name)


CHANGES = [
    (flip, "changed"),
    (shorten, "changed"),
    (remove, "missing"),
    (lose_its_folder, "missing"),
    (become_link, "unreadable"),
    (become_folder, "unreadable"),
    (become_pipe, "unreadable"),
]


def test_what_changed_is_said_and_the_rest_goes_on(tmp_path: Path, engine: Local) -> None:
    seized = seize(tmp_path / "seized")
    kept = {}
    for number, _ in enumerate(CHANGES):
        kept[f"c{number}.jpg"] = jpeg(60 + number)
        kept[f"c{number}.zip"] = zipped((f"in{number}.jpg", jpeg(70 + number)))
    for name, raw in kept.items():
        (seized / name).write_bytes(raw)
    rig = Rig(tmp_path / "case", engine)
    rig.add(seized)
    for number, (change, _) in enumerate(CHANGES):
        change(seized / f"c{number}.jpg")
        change(seized / f"c{number}.zip")
    rig.run(MEDIA)
    want = {("prints", f"c{number}.jpg", code): 1 for number, (_, code) in enumerate(CHANGES)}
    want |= {("files", f"c{number}.zip", code): 1 for number, (_, code) in enumerate(CHANGES)}
    assert dict(rig.problems()) == want
    assert rig.files().keys() == {path.name for path in seized.iterdir()} | kept.keys() | {
        "two.zip!in.jpg", "two.zip!more/in.jpg", "other.zip!other.jpg",
    }  # fmt: skip
    read = {one.content for one in rig.case.read(Fingerprint)}
    assert {path for path, one in rig.files().items() if one.sha256 in read} == {
        "0.jpg", "1.jpg", "2.jpg", "film.mp4", "two.zip!in.jpg", "two.zip!more/in.jpg", "other.zip!other.jpg",
    }  # fmt: skip
    assert rig.holds()
    rig.run(MEDIA)
    assert dict(rig.problems()) == want, "the same again adds nothing"
    for name, raw in kept.items():
        path = seized / name
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        path.unlink(missing_ok=True)
        path.write_bytes(raw)
    rig.run()
    assert rig.problems() == {}
    assert {f"c{number}.zip!in{number}.jpg" for number, _ in enumerate(CHANGES)} <= rig.files().keys()
    media = [one for one in rig.files().values() if one.kind in ("image", "video")]
    assert {one.content for one in rig.case.read(Fingerprint)} == {one.sha256 for one in media}
    assert rig.all_holds()


def test_a_container_that_changes_after_it_was_listed_gives_no_bytes(rig: Rig, tmp_path: Path) -> None:
    rig.run(("files",))
    path = tmp_path / "seized" / "two.zip"
    kept = path.read_bytes()
    path.write_bytes(zipped(("in.jpg", jpeg(43)), ("more/in.jpg", jpeg(49))))
    rig.run(MEDIA)
    assert dict(rig.problems()) == {("prints", "two.zip!more/in.jpg", "changed"): 1}
    assert rig.holds()
    path.unlink()
    rig.run(MEDIA)
    assert dict(rig.problems()) == {("prints", "two.zip!more/in.jpg", "missing"): 1}
    assert rig.holds()
    path.write_bytes(kept)
    rig.run(MEDIA)
    assert rig.problems() == {}
    assert rig.holds()


def test_what_was_taken_in_stays_taken_in(tmp_path: Path, engine: Local) -> None:
    """A file that grows between the listing and the digest: its digest is taken once and stands."""
    rig = Rig(tmp_path / "case", engine)
    seized = seize(tmp_path / "seized")
    listed = intake.register(rig.case, os.fsencode(seized))
    whole = (seized / "1.jpg").read_bytes()
    (seized / "1.jpg").write_bytes(whole + b"more")
    taken = intake.take_in(rig.case, [listed], engine, rig.needs, lambda _: None)[0]
    assert dict(rig.problems()) == {("originals", "1.jpg", "changed"): 1}
    before = rig.case.digests(Original)
    (seized / "1.jpg").write_bytes(whole)
    rig.run(MEDIA)
    assert rig.case.digests(Original) == before
    assert dict(rig.problems()) == {("originals", "1.jpg", "changed"): 1, ("prints", "1.jpg", "changed"): 1}
    assert rig.holds()
    assert rig.add(seized).sha256 == taken.sha256


def test_files_that_vanish_between_listing_and_digest(tmp_path: Path, engine: Local) -> None:
    rig = Rig(tmp_path / "case", engine)
    seized = seize(tmp_path / "seized")
    listed = intake.register(rig.case, os.fsencode(seized))
    away = seized.rename(tmp_path / "away")
    (taken,) = intake.take_in(rig.case, [listed], engine, rig.needs, lambda _: None)
    assert (taken.originals, taken.problems) == (0, 6)
    rig.run(MEDIA)
    assert rig.holds()
    away.rename(seized)
    rig.run(MEDIA)
    assert rig.problems() == {}
    assert len(rig.files()) == 9
    assert rig.holds()
    assert rig.add(seized).originals == 6


@pytest.fixture
def writer() -> Iterator[Callable[[Path, list[bytes]], None]]:
    """Give a thread that writes to a file without a pause, until the test ends."""
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def start(path: Path, versions: list[bytes]) -> None:
        def write() -> None:
            while not stop.is_set():
                for version in versions:
                    path.write_bytes(version)

        threads.append(threading.Thread(target=write))
        threads[-1].start()

    yield start
    stop.set()
    for thread in threads:
        thread.join()


def test_files_that_are_written_while_they_are_read(
    tmp_path: Path, engine: Local, writer: Callable[[Path, list[bytes]], None]
) -> None:
    rig = Rig(tmp_path / "case", engine)
    seized = seize(tmp_path / "seized")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        for number in range(20):
            out.writestr(f"{number}.jpg", jpeg(50 + number % 3) + bytes([number]))
    writer(seized / "1.jpg", [jpeg(41), jpeg(46), jpeg(41)[:500], b""])
    writer(seized / "two.zip", [archive.getvalue(), (seized / "other.zip").read_bytes(), b""])
    rig.add(seized)
    rig.run(MEDIA)
    assert rig.holds()
    assert {code for _, _, code in rig.problems()} <= {
        "changed", "truncated", "damaged", "empty", "decode_error", "bad_checksum", "missing", "unreadable",
    }  # fmt: skip
    assert {"0.jpg", "2.jpg", "film.mp4", "other.zip!other.jpg"} <= rig.files().keys()


def test_evidence_that_goes_away_in_the_middle_of_a_run(rig: Rig, tmp_path: Path) -> None:
    seized, away = tmp_path / "seized", tmp_path / "away"

    def watch(progress: Progress) -> None:
        if progress.stage == "prints" and seized.exists():
            seized.rename(away)

    rig.run(watch=watch)
    assert {code for _, _, code in rig.problems()} == {"missing"}
    assert rig.holds()
    away.rename(seized)
    rig.run(MEDIA)
    assert rig.problems() == {}
    assert rig.holds()


def test_nothing_touches_the_evidence(tmp_path: Path, engine: Local) -> None:
    seized = seize(tmp_path / "seized")
    (seized / "sub").mkdir()
    (seized / "sub" / "link").symlink_to("../1.jpg")
    os.mkfifo(seized / "sub" / "pipe")
    (seized / "sub" / "read-only.jpg").write_bytes(jpeg(47))
    (seized / "sub" / "read-only.jpg").chmod(0o444)
    before = snapshot(seized)
    rig = Rig(tmp_path / "case", engine)
    rig.add(seized)
    rig.run(MEDIA)
    assert rig.holds()
    assert snapshot(seized) == before
