"""In which character set values that are no text in the one their dump names are likely written: an inference.

Nearly any bytes are text in a set of single bytes, so that alone says little. What stands round a byte beyond ASCII
says more: letters of western European languages with a mark are rare and stand alone between plain ones; Cyrillic ones
make whole words.
"""

from __future__ import annotations

import re
import typing as t

_RUN: t.Final = re.compile(rb"[\x80-\xff]+")
_SINGLE: t.Final = 0.8
"""Share of the runs beyond ASCII that are one byte, from which on it is taken for western European; a judgement."""
_LETTERS: t.Final = 0.7
"""Share of the characters beyond ASCII that must be letters as they are mostly written; a judgement."""
CYRILLIC: t.Final = {"cp1251": "cp1251", "koi8r": "koi8_r"}
"""Name as MySQL has it -> codec: in the wrong one of the two, capitals come out."""
_SMALL: t.Final = "[\u0430-\u044f\u0451]"
ASIAN: t.Final = {"gbk": "gbk", "sjis": "shift_jis", "euckr": "euc_kr", "ujis": "euc_jp", "big5": "big5"}
CUT: t.Final = "cut"
"""They are text but for their last character, which is not whole: a limit counted bytes."""


def likely(values: list[bytes]) -> tuple[str, int]:
    """Return the name of a character set as MySQL has it, ``CUT`` or ``""``, and how many of the values fit it."""
    if not values:
        return "", 0
    if all(_cut(one) for one in values):
        return CUT, len(values)
    runs = [run for one in values for run in _RUN.findall(one)]
    if runs and sum(len(run) == 1 for run in runs) >= _SINGLE * len(runs):
        return "latin1", _fitting(values, "cp1252")
    for name, codec in CYRILLIC.items():
        beyond = b"".join(runs).decode(codec, "replace")
        if beyond and len(re.findall(_SMALL, beyond)) >= _LETTERS * len(beyond):
            return name, _fitting(values, codec)
    fits = {name: _fitting(values, codec) for name, codec in ASIAN.items()}
    whole = [name for name, count in fits.items() if count == len(values)]
    return (whole[0], len(values)) if len(whole) == 1 else ("", 0)


def _cut(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError as error:
        return error.end == len(value) and error.reason == "unexpected end of data"
    return False


def _fitting(values: list[bytes], codec: str) -> int:
    return sum(_fits(one, codec) for one in values)


def _fits(value: bytes, codec: str) -> bool:
    try:
        value.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
