"""Decode one video: facts, and fingerprints of the frames that its sampling keeps, from one reading of its bytes."""

from __future__ import annotations

import importlib
import io
import typing as t

import av

from vigie.cell.job import Bench, Job
from vigie.cell.media import video
from vigie.rows.wire import Trouble, Watch

if t.TYPE_CHECKING:
    from vigie.rows.wire import Reply


def run(ask: Watch, bench: Bench) -> None:
    """Answer one ``Facts`` and its ``Print``s, or raise ``Refused``."""
    result = video.sample(
        *(bench.files[0], ask.content_type, ask.sampling, ask.most_pixels, ask.most_prints),
        key_apart_s=ask.key_apart_s,
    )
    bench.send(result.facts)
    for each in result.prints:
        bench.send(each)
    if result.shortfall:
        bench.send(Trouble(code="truncated", detail=result.shortfall[:1000], counts=False))
    if result.bounded:
        detail = f"more than {ask.most_prints} frames to keep; the rest was not looked at"
        bench.send(Trouble(code="too_large", detail=detail, counts=False))


LATE: t.Final = ("av.video.codeccontext", "av.audio.codeccontext", "av.subtitles.codeccontext")
"""What PyAV imports when it meets the first stream of that kind; a film with subtitles would die in the sandbox."""


def warm() -> None:
    """Import codecs, read one small clip of each kind: the child can open nothing."""
    for name in LATE:
        importlib.import_module(name)
    for pixels in ("yuv420p", "bgr24"):
        answers: list[Reply] = []
        bench = Bench(files=[_clip(pixels)], scratch=[], scratch_paths=[], send=answers.append)
        run(Watch(content_type="video/x-msvideo"), bench)


def _clip(pixels: str) -> io.BytesIO:
    """One grey frame, uncompressed: an encoder proper could start threads."""
    held = io.BytesIO()
    with av.open(held, "w", format="avi") as container:
        stream = container.add_stream("rawvideo", rate=25)
        stream.width, stream.height, stream.pix_fmt = 80, 60, pixels
        container.mux(stream.encode(av.VideoFrame(80, 60, pixels)))
    held.seek(0)
    return held


JOB = Job(ask=Watch, run=run, warm=warm)
