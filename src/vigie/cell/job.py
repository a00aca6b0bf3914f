"""What a job is: the one thing a freshly forked child does before it ends."""

from __future__ import annotations

import dataclasses
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from vigie.rows.wire import Ask, Reply


class Refused(Exception):  # noqa: N818 - it is a verdict about the input, not an error of ours
    """The input cannot be read; ``code`` is one of ``rows.codes.CODES``."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail[:1000]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bench:
    """What a job works with: nothing else is open, and nothing else can be opened."""

    files: list[t.BinaryIO]
    """The inputs: read-only, one for each descriptor the house sent."""
    scratch: list[t.BinaryIO]
    """Empty unnamed files that may be written up to the child's file-size limit, for what must be seekable."""
    scratch_paths: list[bytes]
    """Where a reader that opens by path finds the scratch files."""
    send: Callable[[Reply], None]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Job:
    """One kind of job; each module of ``cell.jobs`` has one, named ``JOB``."""

    ask: type[Ask]
    run: Callable[[t.Any, Bench], None]
    """Does the work; sends replies; raises ``Refused`` with the verdict on the whole input."""
    warm: Callable[[], None]
    """Runs once in the zygote, before any input: imports codecs, compiles loops."""
    opens: bool = False
    """Must it open the ask's ``paths`` itself? Then only those, and only for reading."""
