"""Texts that may hold a secret which no rule finds: words of a seed with anything between them, a key in pieces."""

from __future__ import annotations

import re
import typing as t

import numpy as np
import numpy.typing as npt

from vigie.cell.identifiers.words import words as listed
from vigie.numeric.identifiers_phrases import rows_with
from vigie.numeric.lines_bare import bare
from vigie.numeric.native import NATIVE, Native
from vigie.numeric.texts import Texts

if t.TYPE_CHECKING:
    import collections.abc

ESCAPES: t.Final = 8
"""As ``\\u3042``: words of another script may be written so."""
WORDS: t.Final = 4
"""Words of a seed in a row that no line shows."""
_RUN: t.Final = re.compile(r"(?<![1-9A-Za-z])[1-9A-HJ-NP-Za-km-z]{16,}")
_MIXED: t.Final = (re.compile("[1-9]"), re.compile("[A-Z]"), re.compile("[a-z]"))


def lines(shown: Texts, values: Texts, *, native: Native | None = NATIVE) -> npt.NDArray[np.bool_]:
    """Return bool[texts]: whether something of a secret may stand in each line beside its value, an identifier's.

    As ``words`` says of four of them, and ``pieces`` of all but the values.
    """
    if native is None:
        known, both = frozenset(values.strings()), zip(shown.strings(), values.strings(), strict=True)
        rest = [line.replace(value, " ") for line, value in both]
        return np.array(
            [words(one, WORDS) or pieces(one, known) or one.count("\\u") >= ESCAPES for one in rest], np.bool_
        )
    return bare(shown, values, listed(), WORDS, native)


def words(text: str, many: int) -> bool:
    """Return whether ``many`` words of one list or more follow each other, whatever stands between them."""
    body = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    return bool(rows_with(body, np.array([0, len(body)], np.int64), listed(), many)[0])


def pieces(text: str, but: collections.abc.Container[str]) -> bool:
    """Return whether 16 base58 characters or more, small, capital and digits, stand there and are none of ``but``."""
    runs = (one for one in _RUN.findall(text) if one not in but)
    return any(all(mark.search(one) for mark in _MIXED) for one in runs)
