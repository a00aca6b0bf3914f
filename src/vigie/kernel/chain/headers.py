"""Headers: their hashes and work, the tree they make, and the branch of it with most work."""

from __future__ import annotations

import hashlib


def hash_of(header: bytes) -> bytes:
    """Return a header's hash in the order of blocks."""
    return hashlib.sha256(hashlib.sha256(header).digest()).digest()
