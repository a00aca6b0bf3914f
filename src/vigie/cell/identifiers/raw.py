"""Private keys written as 64 digits: only the words beside them tell them from a transaction's id."""

from __future__ import annotations

import re
import typing as t

if t.TYPE_CHECKING:
    from vigie.cell.identifiers.place import Place

_BEFORE: t.Final = 64
"""Bytes before it in which a word may say what it is."""
_AFTER: t.Final = 24
_LEAST: t.Final = 6
"""Different digits that a key has, at least."""
_SECRET: t.Final = re.compile(
    r"priv|secret|key(?!word|board|store|server|[ _-]?id)|(?<![a-z])(?:sk|wif|seed|entropy)(?![a-z])"
    r"|schlüssel|clave|llave|clé|chiave|chave|ключ|секрет|приват|klíč|klucz|anahtar|مفتاح|私钥|私鑰|密钥|密鑰|秘|鍵|비밀|개인키",
    re.IGNORECASE,
)
_ELSE: t.Final = re.compile(
    r"(?:pub(?:lic)?|x-?only|api|host|ssh|cache|primary|foreign|internal|output|öffentlicher |публичный |открытый )"
    r"[\s_-]*(?:key|schlüssel|ключ)|(?:clave|llave|clé|chiave|chave) p[uú]b\w*|tx[ _-]?id|tx|transaction|finger\w*"
    r"|block\w*|merkle\w*|sha-?\d+|digest|checksum|hash|公钥|公鑰|公開鍵|공개",
    re.IGNORECASE,
)
"""A public key, or another thing with such a word in its name."""
_BREAK: t.Final = re.compile(r"[0-9a-fA-F]{40,}|\n\s*\n")
_BEHIND: t.Final = re.compile(r"(?:0x)?\W{0,3}(?:is |my |the )*(?:priv|secret)", re.IGNORECASE)


def secret(place: Place) -> bool:
    """Return whether the last word before it that says what it is names a secret, or the first behind it does."""
    if len(set(place.text().lower())) < _LEAST:
        return False
    before = _BREAK.split(place.before(_BEFORE).decode("utf-8", "ignore"))[-1]
    last, other = (max((one.end() for one in of.finditer(before)), default=0) for of in (_SECRET, _ELSE))
    return last > other or (not other and bool(_BEHIND.match(place.after(_AFTER).decode("utf-8", "ignore"))))
