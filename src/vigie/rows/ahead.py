"""Having the next bytes of a file fetched while those before are worked on: what house and cell share.

The readahead of Linux does so too, but in steps that it tries for itself. Asked for 8 MiB at once (posix_fadvise,
POSIX_FADV_WILLNEED) a virtual disk gave 1 GB/s where it gave 230 MB/s else, for a sixth of the processor's time
(docs/benchmarks.md): each request costs it, whatever its size.
"""

from __future__ import annotations

import io
import os
import stat
import typing as t

STEP_BYTES: t.Final = 8 << 20
LEAD_BYTES: t.Final = 16 << 20
"""What is fetched before it is asked for: in memory as long as nobody else needs that."""


class Ahead:
    """Of one file that is read from its start on."""

    def __init__(self, fd: int) -> None:
        """``fd``: of anything; what is no regular file, or is small, is left alone."""
        self._fd = fd
        status = os.fstat(fd)
        self._end = status.st_size if stat.S_ISREG(status.st_mode) else 0
        self._asked = 0 if self._end > STEP_BYTES else self._end

    def reading(self, place: int) -> None:
        """Say which byte is read next."""
        while self._asked < min(self._end, place + LEAD_BYTES):
            os.posix_fadvise(self._fd, self._asked, STEP_BYTES, os.POSIX_FADV_WILLNEED)
            self._asked += STEP_BYTES


def of(file: t.BinaryIO) -> Ahead | None:
    """Return it for a file object; None where no descriptor lies behind that."""
    try:
        return Ahead(file.fileno())
    except (AttributeError, io.UnsupportedOperation):
        return None
