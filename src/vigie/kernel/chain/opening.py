"""Opening a store of the chain, and checking that it is what was named."""

from __future__ import annotations

import typing as t

from vigie.kernel.errors import UsageError

if t.TYPE_CHECKING:
    from pathlib import Path

    from vigie.kernel.chain.chain import Chain


def opened(folder: Path, identity: bytes) -> Chain:
    """Map a store and check it. Errors: UsageError, IntegrityError."""
    raise UsageError(f"{folder}: stores of the chain cannot be opened yet ({identity.hex()[:12]}).")
