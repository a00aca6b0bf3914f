"""Money, room 2: identifiers of wallets and payments that stand in files, at whatever byte."""

import typing as t
from typing import ClassVar

from vigie.rows.artefacts import CONTENTS
from vigie.rows.base import Examples, Of, Row, Sha256
from vigie.rows.people import SECRETS

ENCODINGS: tuple[str, ...] = ("utf-8", "utf-16le", "utf-16be", "escaped", "glued")
"""How it was written. ``utf-8``: its letters are single bytes, as in ASCII and Latin-1 too. ``utf-16le``, ``utf-16be``:
of two, the zero behind or before. ``escaped``: some of it as HTML entities or per cent codes. ``glued``: as
``utf-8``, right beside other letters or digits, so that only its checksum says that it is one: of lower quality."""
SIGHTED: tuple[str, ...] = (
    "btc", "btctest", "xpub", "descriptor", "txid", "bolt11", "bip21", "silent", "ltc", "doge", "trx", "eth", "xmr",
)  # fmt: skip
"""Kinds of ``rows.people.IDENTIFIERS`` that are looked for in files: money's."""

_Kind = t.Annotated[str, Examples(("btc", "xpub", "txid"))]
_Start = t.Annotated[int, Examples((0, 17, 4096))]


class Sighting(Row, frozen=True, kw_only=True):
    """An identifier that stands in a file."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content", "start", "kind", "encoding")
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    start: _Start
    """Byte of the file at which it begins."""
    encoding: t.Annotated[str, Examples(ENCODINGS)]
    kind: _Kind
    value: t.Annotated[str, Examples(("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "00"))]
    """In the form in which two are compared (``docs/identifiers.md``)."""
    checked: bool
    """Does it hold a checksum that is right? A transaction id has none: it is a candidate until a chain holds it."""
    context: str
    """A few words round it, on one line."""


class Sought(Row, frozen=True, kw_only=True):
    """A file that was searched for identifiers of money, and how much was in it: nothing goes without being counted."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content",)
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    size_bytes: int
    found: int
    secrets: int
    """Private keys and seeds; sealed in ``sightedsecret``."""
    left: int
    """What looked like an identifier and was not looked at, since there was too much of it in one place."""


class SightedSecret(Row, frozen=True, kw_only=True):
    """A private key or a seed that stood in a file: sealed, since whoever reads it can spend."""

    NATURAL: ClassVar[tuple[str, ...]] = ("content", "start", "encoding")
    content: t.Annotated[Sha256, Of("file", by="sha256"), Examples(CONTENTS)]
    start: _Start
    encoding: t.Annotated[str, Examples(ENCODINGS)]
    kind: t.Annotated[str, Examples(SECRETS)]
    size_bytes: int
    """Of it as it stood there."""
    same: Sha256
    """HMAC-SHA256 of it under a key of the case: equal where two secrets are, and says nothing else."""
    sealed: bytes
    """AES-256-SIV (RFC 5297) under a key that is drawn from the case's signing key."""
