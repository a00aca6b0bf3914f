"""One video family: the film, its copies in other codecs, containers, sizes and lengths."""

import contextlib
import shutil
import typing as t
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

import av
import numpy as np
from PIL import Image

from vigie.sample import look
from vigie.sample.drawing import generator
from vigie.sample.encode import TARGETS, Pixels, encode, remux
from vigie.sample.exif import body
from vigie.sample.film import Film, film, frames
from vigie.sample.made import Batch, Family, Made, Member, Original, Print, Span
from vigie.sample.standing import standing, times
from vigie.sample.store import Store

ORIGINALS = ("h264-mp4", "h264-mp4", "mpeg4-avi", "h264-mkv", "vp8-webm", "h264-mov", "wmv2-asf")
OTHER_CONTAINER = {"h264-mkv": ".mp4", "wmv2-asf": ".avi"}
"""What a film is remuxed to where Matroska is what it has, or does not take its codec."""
CONTAINERS = {".mp4": "mp4", ".avi": "avi", ".mkv": "matroska"}
EDITS = ("remux", "recode", "scale50", "trimstart", "trimend", "webm", "mirror")
COMPILED = "compilation"
"""The whole film between scenes that nobody has listed."""
FAR = ("mirror", COMPILED)
_LEFT_OUT_S = 0.9
_STRANGE = 1_000_000
"""Added to the index of a film: the scenes around it in a compilation, and more after it."""


def suffix(edit: str, index: int) -> str:
    """Return the file suffix of an edit of the film with this index."""
    source = ORIGINALS[index % len(ORIGINALS)]
    match edit:
        case "original":
            return TARGETS[source].suffix
        case "remux":
            return OTHER_CONTAINER.get(source, ".mkv")
        case "webm":
            return ".webm"
    return ".mp4"


def make_film(store: Store, seed: int, family: Family) -> Batch:
    """Make all files of one video family."""
    taken, later = times(seed, family)
    source = _path(store, family, "original")
    _draw(seed, family, source)
    files = {"original": source}
    known, keys = look.film(source)
    seen = {"original": (*known, *keys)}
    made: list[Made] = []
    for number, member in enumerate(family.members):
        if member.edit not in files:
            files[member.edit] = _path(store, family, member.edit)
            _edit(seed, family, member.edit, source, files[member.edit])
            seconds, keys = look.film(files[member.edit])
            seen[member.edit] = (*seconds, *keys)
        tied = member.edit not in FAR and look.ties(seen[member.edit], known)
        span = _span(seed, family) if member.edit == COMPILED else Span()
        made.append(_put(store, family, member, files[member.edit], later[number], tied=tied, span=span))
    return Batch(made=tuple(made), original=_original(store, family, source, known, taken))


def _put(store: Store, family: Family, member: Member, source: Path, modified: int, *, tied: bool, span: Span) -> Made:
    path = store.place(member.steps)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
    return store.took(
        member.steps,
        path or source,
        modified=modified,
        kind="video",
        family=family.name,
        edit="copy" if member.copy else member.edit,
        standing=standing(family, member),
        reachable=tied,
        deleted=member.deleted,
        span=span,
    )


def _path(store: Store, family: Family, edit: str) -> Path:
    store.aside.mkdir(parents=True, exist_ok=True)
    return store.aside / f"{family.name}-{edit}{suffix(edit, family.index)}"


def _draw(seed: int, family: Family, path: Path) -> None:
    outline = film(seed, family.index, small=family.small)
    rng = generator(seed, "plan", 5, family.index)
    taken, _ = times(seed, family)
    tags = {"creation_time": f"{np.datetime64(taken, 's')}Z", "title": family.name}
    if family.camera >= 0:
        maker, model, serial = body(seed, family.camera)
        tags |= {"encoder": f"{maker} {model} {serial}", "make": maker, "model": model}
    pictures = (np.asarray(image) for image in frames(seed, family.index, outline))
    target = TARGETS[ORIGINALS[family.index % len(ORIGINALS)]]
    encode(pictures, path, target, rate=outline.rate, gop=int(rng.integers(12, 51)), tags=tags)


def _edit(seed: int, family: Family, edit: str, source: Path, path: Path) -> None:
    if edit == "remux":
        remux(source, path, CONTAINERS[path.suffix])
        return
    outline = film(seed, family.index, small=family.small)
    total = sum(outline.scenes)
    left_out = round(_LEFT_OUT_S * outline.rate)
    first, last = {"trimstart": (left_out, total), "trimend": (0, total - left_out)}.get(edit, (0, total))
    size = (outline.width // 4 * 2, outline.height // 4 * 2) if edit == "scale50" else (outline.width, outline.height)
    rng = generator(seed, "plan", 6, family.index, (*EDITS, COMPILED).index(edit))
    target = TARGETS["vp8-webm" if edit == "webm" else "low-mp4"]
    with contextlib.closing(_frames(source, first, last, size, mirror=edit == "mirror")) as pictures:
        shown = _compiled(seed, family.index, outline, pictures) if edit == COMPILED else pictures
        encode(shown, path, target, rate=outline.rate, gop=int(rng.integers(12, 51)), tags={})


def _compiled(seed: int, index: int, outline: Film, pictures: Iterable[Pixels]) -> Iterator[Pixels]:
    """Yield strange scenes, the film, and strange scenes again."""
    for number, part in enumerate(_strange(seed, index, outline)):
        yield from pictures if number == 1 else ()
        yield from (np.asarray(image) for image in frames(seed, index + (number + 1) * _STRANGE, part))


def _strange(seed: int, index: int, outline: Film) -> list[Film]:
    """Return the outlines of the scenes before and after the film, in its size and rate."""
    parts = [film(seed, index + number * _STRANGE, small=True) for number in (1, 2)]
    return [
        Film(
            width=outline.width,
            height=outline.height,
            rate=outline.rate,
            scenes=tuple(round(length * outline.rate / part.rate) for length in part.scenes),
        )
        for part in parts
    ]


def _span(seed: int, family: Family) -> Span:
    outline = film(seed, family.index, small=family.small)
    start_s = sum(_strange(seed, family.index, outline)[0].scenes) / outline.rate
    known_end_s = sum(outline.scenes) / outline.rate
    return Span(start_s=start_s, end_s=start_s + known_end_s, known_start_s=0.0, known_end_s=known_end_s)


def _frames(
    source: Path, first: int, last: int, size: tuple[int, int], *, mirror: bool
) -> Generator[Pixels, None, None]:
    with av.open(str(source)) as given:
        stream = given.streams.video[0]
        stream.codec_context.thread_count = 1
        for number, frame in enumerate(given.decode(stream)):
            if first <= number < last:
                image = Image.fromarray(frame.to_ndarray(format="rgb24"))
                image = image if image.size == size else image.resize(size, Image.Resampling.BICUBIC)
                yield np.asarray(image)[:, ::-1] if mirror else np.asarray(image)


def _original(store: Store, family: Family, source: Path, known: t.Sequence[Print], taken: int) -> Original:
    kept = store.took((b"known",), source, modified=taken, kind="video")
    return Original(
        name=family.name,
        index=family.index,
        kind="video",
        role=family.role,
        size_bytes=kept.size_bytes,
        md5=kept.md5,
        sha1=kept.sha1,
        sha256=kept.sha256,
        path=source.name.replace("-original", ""),
        prints=tuple(known),
    )
