"""What of a PNG makes the picture, and what it says beside it (PNG, third edition: 5.3, 5.6, 11.2, 11.3.4).

Only critical chunks are given to the decoder. Comments and profiles that unfold to gigabytes, or are broken, cannot
hide a picture that every viewer shows; the later pictures of an animation, broken or not, cannot hide its first.
"""

from __future__ import annotations

import typing as t

from vigie.cell.job import Refused

SIGNATURE_BYTES: t.Final = 8
_ANCILLARY: t.Final = 0x20
"""The bit that makes the first letter of a chunk's name a small one."""


class Png(t.NamedTuple):
    """The parts of one file."""

    picture: bytes
    """Signature and critical chunks: IHDR, PLTE, IDAT, IEND."""
    frames: int
    """As ``acTL`` counts them, the default image with them where it is none of them; 1 where there is no animation."""
    exif: bytes


def parts(data: bytes) -> Png:
    """Sort the chunks; what comes after a cut or a name that cannot be is left to the decoder. Raises ``Refused``.

    Their number is bounded by the file's size alone: comments by the million, 0.06 s a MB, hide nothing either.
    """
    view = memoryview(data)
    kept = [view[:SIGNATURE_BYTES]]
    frames, exif, first_seen, default = 1, b"", False, True
    at = SIGNATURE_BYTES
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(view[at : at + 4])
        name = bytes(view[at + 4 : at + 8])
        if end > len(data) or not name.isalpha():
            break
        if not name[0] & _ANCILLARY:
            kept.append(view[at:end])
        match name:
            case b"IDAT":
                first_seen = True
            case b"fcTL" if not first_seen:
                default = False
            case b"acTL" if not first_seen and end - at >= 20:
                frames = int.from_bytes(view[at + 8 : at + 12])
            case b"eXIf" if not exif:
                exif = bytes(view[at + 8 : end - 4])
            case b"CgBI":
                raise Refused("unsupported", "a PNG as Apple's tools rewrite them for applications (CgBI)")
        at = end
    kept.append(view[at:])
    if frames > 1 and default:
        frames += 1
    return Png(b"".join(kept), min(max(frames, 1), 1 << 31), exif)
