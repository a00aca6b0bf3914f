"""The ten lists of words that seeds of wallets are made of (BIP 39), in all forms in which they are written."""

from __future__ import annotations

import functools
import typing as t
import unicodedata
from pathlib import Path

import mnemonic

from vigie.numeric.identifiers_phrases import Words, lookup

LISTS: t.Final = (
    "english", "chinese_simplified", "chinese_traditional", "czech", "french", "italian", "japanese", "korean",
    "portuguese", "spanish",
)  # fmt: skip
MANY: t.Final = 2048
"""Words of each, each of which says 11 bits."""


@functools.cache
def listed() -> tuple[tuple[str, ...], ...]:
    """Return the words of each list, as the package ``mnemonic`` has them (MIT; those of BIP 39)."""
    folder = Path(mnemonic.__file__).parent / "wordlist"
    out = tuple(tuple((folder / f"{name}.txt").read_text("utf-8").split()) for name in LISTS)
    if any(len(one) != MANY for one in out):
        raise ValueError(f"{folder}: a list has not {MANY} words: install mnemonic again")
    return out


@functools.cache
def words() -> Words:
    """Return all forms in which they are written, as ``numeric.identifiers_phrases`` looks for them.

    As they stand and decomposed (NFC, NFKD), with capitals, in Latin-1, and without accents where no other word is
    written so.
    """
    out = []
    for one in listed():
        forms: dict[bytes, int] = {}
        for how in (_written, _bare):
            for i, word in enumerate(one):
                for form in how(word):
                    forms.setdefault(form, i)
        out.append(forms)
    return lookup(out)


def without_marks(text: str) -> str:
    """Return it decomposed, in lower case, without the marks that are put on letters: what Electrum makes keys of."""
    return "".join(one for one in unicodedata.normalize("NFKD", text).lower() if not unicodedata.combining(one))


def _written(word: str) -> set[bytes]:
    if word.isascii():
        return {word.encode()}
    cased = {unicodedata.normalize(form, one) for form in ("NFC", "NFKD") for one in (word, word.upper(), word.title())}
    latin = {one.encode("latin-1").lower() for one in cased if max(map(ord, one)) < 256}
    return {one.encode().lower() for one in cased} | latin  # of bytes: ASCII letters only


def _bare(word: str) -> set[bytes]:
    if word.isascii():
        return set()
    plain = without_marks(word)
    return {plain.encode()} if plain.isascii() else set()
