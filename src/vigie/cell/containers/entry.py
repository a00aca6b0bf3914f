"""What every container reader gives: entries to read, faults to report, and one way to say "broken".

A reader is a generator function ``read(source) -> Iterator[Entry | Fault]``. Each file stored in the container
becomes one ``Entry``, or one ``Fault`` that counts. An entry's bytes may be asked for until the next is asked for.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import hashlib
import typing as t
from collections.abc import Callable, Iterator

CHUNK = 1 << 20
"""No reader gives more bytes at once."""
MOST_NAME_BYTES = 4000

_UNIX = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LEAST, _MOST = -62135596800_000000, 253402300799_999999


class Broken(Exception):  # noqa: N818 - a verdict about the input, as ``job.Refused``
    """The entry, or the container from here on, cannot be read; ``code`` is one of ``rows.codes.CODES``.

    ``whole``: all its bytes were given before, and they are not what was promised.
    """

    def __init__(self, code: str, detail: str = "", *, whole: bool = False) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.whole = whole


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """Microseconds since 1970 as the container gives them, and what they mean; None where it says nothing."""

    modified: int | None = None
    accessed: int | None = None
    changed: int | None = None
    created: int | None = None
    times_from: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One file stored in a container."""

    steps: tuple[bytes, ...]
    """Below the container: one step in an archive, volume and path in a disk image."""
    chunks: Callable[[], Iterator[bytes]]
    """Its bytes in order; raises ``Broken`` where they end too early or are not what the container promised."""
    times: Times = Times()
    origin: t.Literal["allocated", "deleted", "orphan"] = "allocated"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """Something that could not be read. ``counts``: it stands for a stored file that gives no entry."""

    steps: tuple[bytes, ...]
    code: str
    detail: str = ""
    counts: bool = True


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """How many entries a container says it has, and how many its reader met: given last, once all were met.

    What is no entry by the format's own rules has been taken off ``said`` already (docs/containers.md).
    """

    by: str
    """What says so: ``zip end record``."""
    said: int
    met: int
    steps: tuple[bytes, ...] = ()


Found = Entry | Fault | Tally


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A container to read."""

    files: list[t.BinaryIO]
    """One, or the segments of an image in order; seekable."""
    content_type: str
    name: bytes = b""
    """The last step of its locator, where known: a compressed stream calls its one member after it."""
    secrets: tuple[bytes, ...] = ()


P = t.ParamSpec("P")
T = t.TypeVar("T")


def broken_by(*errors: type[Exception]) -> Callable[[Callable[P, Iterator[T]]], Callable[P, Iterator[T]]]:
    """Make a generator end in ``Broken`` ``damaged`` where the library under it raises one of ``errors``.

    Each format has one list of them, at its head, with the reason why they are there.
    """

    def wrap(function: Callable[P, Iterator[T]]) -> Callable[P, Iterator[T]]:
        @functools.wraps(function)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
            try:
                yield from function(*args, **kwargs)
            except errors as error:
                raise Broken("damaged", f"{type(error).__name__}: {error}") from error

        return wrapped

    return wrap


def micros(seconds: float, nanos: int = 0) -> int | None:
    """Return seconds since 1970 as microseconds; None for 0 and for what no calendar of ours holds."""
    if not seconds and not nanos:
        return None
    value = int(seconds) * 1_000_000 + round((seconds - int(seconds)) * 1e6) + nanos // 1000
    return value if _LEAST <= value <= _MOST else None


def filetime(value: int | None) -> int | None:
    """Return a FILETIME (100 ns since 1601, UTC) as microseconds since 1970."""
    if not value:
        return None
    since = value // 10 - 11_644_473_600_000_000
    return since if _LEAST <= since <= _MOST else None


def dos_time(date: int, time: int) -> int | None:
    """Return an MS-DOS date and time as microseconds since 1970, its local clock taken as UTC."""
    try:
        when = dt.datetime(
            1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2, tzinfo=dt.UTC
        )
    except ValueError:
        return None  # 0, month 13, 30 February: the field says no time
    return int((when - _UNIX).total_seconds()) * 1_000_000


def leaves(name: bytes) -> bool:
    """Tell whether a member's name would leave the folder it were unpacked to, here or on Windows."""
    parts = name.replace(b"\\", b"/").split(b"/")
    return b".." in parts or name[:1] in (b"/", b"\\") or (name[1:2] == b":" and name[2:3] in (b"/", b"\\"))


def bounded(name: bytes) -> bytes:
    """Return a name that fits the wire: a longer one is cut and told apart by a digest."""
    if len(name) <= MOST_NAME_BYTES:
        return name
    return name[:MOST_NAME_BYTES] + b"~" + hashlib.blake2b(name, digest_size=8).hexdigest().encode()


def in_archive(name: bytes, entry: Entry) -> Iterator[Found]:
    """Yield an archive's entry, and first the remark that its name points outside where it does."""
    if leaves(name):
        yield Fault(steps=entry.steps, code="traversal", detail="absolute or with `..`; kept as a name", counts=False)
    yield entry
