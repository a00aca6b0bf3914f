"""What PDQ sees of a made file: the hashes for the lists, and whether an edit still lies near its original."""

import io
import typing as t
from pathlib import Path

import av
import numpy as np
from PIL import Image

from vigie.numeric.pdq import hash_rgb
from vigie.sample.made import Print

REACH_BITS = 26
"""An edit counts as reachable up to here: 31 less what decoders differ by, so that no score hangs on decoders."""
REACH_SHARE = 0.8
"""Share of a video's sampled frames that must be near the original's: the query share of python-threatexchange."""
LEAST_QUALITY = 50


def still(data: bytes) -> Print:
    """Return the hash of a picture file as any reader would see it: decoded, first frame, as stored."""
    with Image.open(io.BytesIO(data)) as image:
        found = hash_rgb(np.asarray(image.convert("RGB"), np.uint8))
    return Print(frame=0, at_s=0.0, value=found.value, quality=found.quality)


def film(path: Path) -> tuple[tuple[Print, ...], tuple[Print, ...]]:
    """Return a video's hashes at one per second (what vPDQ lists hold) and at its key frames."""
    seconds: list[Print] = []
    keys: list[Print] = []
    with av.open(str(path)) as given:
        stream = given.streams.video[0]
        stream.codec_context.thread_count = 1
        for number, frame in enumerate(given.decode(stream)):
            at_s = float(frame.time or 0.0)
            second = at_s >= len(seconds)
            if second or frame.key_frame:
                found = hash_rgb(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
                print_ = Print(frame=number, at_s=round(at_s, 3), value=found.value, quality=found.quality)
                if second:
                    seconds.append(print_)
                if frame.key_frame:
                    keys.append(print_)
    return tuple(seconds), tuple(keys)


def distance(one: Print, other: Print) -> int:
    """Return how many of 256 bits differ."""
    return (int.from_bytes(one.value) ^ int.from_bytes(other.value)).bit_count()


def ties(held: t.Sequence[Print], known: t.Sequence[Print]) -> bool:
    """Return whether plain PDQ ties ``held`` to ``known``: enough frames of quality near one of the known ones."""
    good = [print_ for print_ in held if print_.quality >= LEAST_QUALITY]
    near = sum(any(distance(one, other) <= REACH_BITS for other in known) for one in good)
    return bool(good) and near >= REACH_SHARE * len(good)
