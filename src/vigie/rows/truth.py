"""What the sample generator knows: tests and benchmarks score answers against it."""

from typing import ClassVar

from vigie.rows.base import Row


class Truth(Row, frozen=True, kw_only=True):
    """What one generated file is."""

    NATURAL: ClassVar[tuple[str, ...]] = ("locator",)
    locator: str
    """As vigie prints it after ``vigie add CASE DIR/evidence/*``."""
    sha256: bytes
    kind: str
    family: str
    """Name of the drawing that it comes from; files of one family belong in one group."""
    edit: str
    """What was done to the drawing: ``original``, ``copy``, ``jpeg60``, ``resize50``, ``logo`` ..."""
    standing: str
    """``listed`` (its digest is on a list), ``near`` (its family is), ``new``, ``benign``, or ``""`` for no media."""
    problem: str
    """Code of the Problem it must give; ``""`` where it must give none."""
    reachable: bool
    """Is plain PDQ expected to tie it to its family (small crops, turns and compilations are not)?"""
    start_s: float
    """Where in it a listed video begins that it shows among other things ..."""
    end_s: float
    """... and ends; 0 where it is no such compilation."""
    known_start_s: float
    """The same in the listed video."""
    known_end_s: float
