"""Our own errors, one tree: what happened, where, and what the user can do. Bad evidence is never one of these."""

from __future__ import annotations

import typing as t


class VigieError(Exception):
    """Something the user or the machine must put right; ``exit_code`` is what the command line ends with."""

    exit_code: t.ClassVar[int] = 2


class UsageError(VigieError):
    """The command, a file of settings or a mapping asks for something that does not exist or fit."""


class IntegrityError(VigieError):
    """Bytes of the case or of the evidence are not those that were recorded."""

    exit_code = 3


class NotAllowed(VigieError):  # noqa: N818 - reads as the refusal it is
    """The case's policy forbids it."""

    exit_code = 4
