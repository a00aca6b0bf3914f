"""Money, room 1: what an examiner adds by hand: addresses, public keys, descriptors, transactions."""

import typing as t
from typing import ClassVar

from vigie.rows.base import Examples, Row

GIVEN_KINDS: tuple[str, ...] = ("address", "key", "descriptor", "transaction")
"""``key``: an extended public key with any prefix of SLIP-132, or a single one. ``transaction``: ``txid``, all of its
outputs, or ``txid:vout``, in display order."""


class Given(Row, frozen=True, kw_only=True):
    """Something to look for that stands in no evidence, or that a person names all the same."""

    NATURAL: ClassVar[tuple[str, ...]] = ("kind", "value")
    kind: t.Annotated[str, Examples(GIVEN_KINDS)]
    value: t.Annotated[str, Examples(("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "b1" * 32, f"{'b2' * 32}:0"))]
    """Public in every case: a private key is refused."""
    note: t.Annotated[str, Examples(("", "from the witness statement, page 3"))]
    """Why, in the examiner's words."""
    examiner: str
    given_at: str
