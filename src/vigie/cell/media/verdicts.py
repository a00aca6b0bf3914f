"""The one place where what image libraries raise becomes a verdict about the input."""

from __future__ import annotations

import contextlib
import struct
import typing as t
import warnings
import zlib

from PIL import Image

from vigie.cell.job import Refused

if t.TYPE_CHECKING:
    from collections.abc import Iterator

BROKEN: t.Final = (
    OSError,  # Pillow's own, UnidentifiedImageError among them, and codec errors
    SyntaxError,  # "not a ... file", broken chunks
    ValueError,  # simplejpeg's only one; bad numbers in headers; UnicodeDecodeError
    TypeError,  # header fields of the wrong kind (TIFF tags)
    LookupError,  # fields that are not there
    EOFError,
    ArithmeticError,  # zero denominators, sizes beyond C integers
    RuntimeError,  # libheif, libavif; NotImplementedError, RecursionError
    AttributeError,  # half-read headers
    struct.error,
    zlib.error,
)
"""What Pillow, simplejpeg and pillow-heif raise on hostile bytes (seen in fuzzing, or in their source)."""

_SHORT: t.Final = ("truncat", "premature", "unexpected end", "end of file", "not enough data", "tail too small")


_UNREAD: t.Final = ("unsupported bmp", "unsupported feature")
"""Sound as far as it was read, of a kind that the library lacks. A cut TIFF lacks modes too: it is not told apart."""
_LAYERS: t.Final = ("-bit layers", "-layer images")
"""The same of a JPEG: 12 bits, two or five components."""


@contextlib.contextmanager
def verdicts() -> Iterator[None]:
    """Turn what a decoder raises into ``Refused``; a decompression bomb's warning counts as an error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("too_large", str(error)) from error
    except MemoryError as error:
        raise Refused("memory_limit", "decoding needs more memory than the cell has") from error
    except BROKEN as error:
        raise _refused(error) from error


def _refused(error: Exception) -> Refused:
    words = f"{type(error).__name__}: {error}"
    lower = words.lower()
    if "security limit" in lower:  # libheif's own bounds on sizes
        return Refused("too_large", words)
    if "memory" in lower or "allocat" in lower:
        return Refused("memory_limit", words)
    if isinstance(error, EOFError) or any(word in lower for word in _SHORT):
        return Refused("truncated", words)
    if any(word in lower for word in _UNREAD) or lower.endswith(_LAYERS):
        return Refused("unsupported", words)
    return Refused("decode_error", words)
