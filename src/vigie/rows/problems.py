"""Beside the rooms: what could not be read, and why. Bad evidence is data, never an exception."""

import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Row


class Problem(Row, frozen=True, kw_only=True):
    """One thing that one stage could not do with one subject."""

    NATURAL: ClassVar[tuple[str, ...]] = ("stage", "subject", "code", "detail", "unit")
    stage: str
    subject: str
    """What was being read: a locator, ``<list>:<record number>``, or the hex SHA-256 of a content."""
    code: t.Annotated[str, Examples(("decode_error", "timeout"))]
    """One of ``docs/problems.md``."""
    detail: str
    """What exactly, in one cleaned line."""
    counts: bool
    """Does it stand for an input that gave no row (conservation), or only remark on one that did?"""
    unit: bytes = b""
    """The unit of work that gave it (key of an original, digest of a content), so that it is done again with it."""
