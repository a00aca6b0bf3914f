r"""Where a file lies, as text that a person can read and a program can take apart without loss.

``disk1.E01!p2!/var/www/up/a.zip!b.jpg``: steps joined by ``!``. A step is bytes, since names in evidence are
bytes: it is shown as UTF-8 where it is printable UTF-8; a backslash or ``!`` inside a name, control and
bidirectional characters and bytes that are no UTF-8 are written ``\xNN``, byte by byte.
"""

from __future__ import annotations

import re
import unicodedata

SEPARATOR = "!"
_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")
_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}


def show(step: bytes) -> str:
    """Return one step as printable text; ``read`` gives the same bytes back."""
    out: list[str] = []
    for char in step.decode("utf-8", "surrogateescape"):
        if "\udc80" <= char <= "\udcff":
            out.append(f"\\x{ord(char) - 0xDC00:02x}")
        elif char in "\\!" or unicodedata.category(char) in _HIDDEN:
            out.extend(f"\\x{byte:02x}" for byte in char.encode())
        else:
            out.append(char)
    return "".join(out)


def read(text: str) -> bytes:
    """Return the bytes of one step shown by ``show``."""
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), text.encode())


def join(*steps: bytes) -> str:
    """Return the locator of these steps."""
    return SEPARATOR.join(map(show, steps))


def split(locator: str) -> tuple[bytes, ...]:
    """Return the steps of a locator."""
    return tuple(map(read, locator.split(SEPARATOR)))
