r"""Values of a dump as text: bytes in the character set that the dump names, UTF-8 out, and nothing lost.

A value with bytes that are no text in that set keeps them, each as ``\xe9``: the dump holds the original, and the row
says where. What was encoded twice stays as it is.
"""

from __future__ import annotations

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.numeric import utf8
from vigie.numeric.columns import Cells
from vigie.numeric.ends import offsets

CODECS: t.Final[dict[str, str]] = {
    # MySQL and MariaDB (Character Sets and Collations); their latin1 is Windows-1252
    "utf8": "utf-8", "utf8mb3": "utf-8", "utf8mb4": "utf-8", "binary": "utf-8", "ascii": "utf-8", "latin1": "cp1252",
    "latin2": "iso8859_2", "latin5": "iso8859_9", "latin7": "iso8859_13", "greek": "iso8859_7", "hebrew": "iso8859_8",
    "cp1250": "cp1250", "cp1251": "cp1251", "cp1256": "cp1256", "cp1257": "cp1257", "cp850": "cp850", "cp852": "cp852",
    "cp866": "cp866", "koi8r": "koi8_r", "koi8u": "koi8_u", "gbk": "gbk", "gb2312": "gb2312", "gb18030": "gb18030",
    "big5": "big5", "sjis": "shift_jis", "cp932": "cp932", "ujis": "euc_jp", "eucjpms": "euc_jp", "euckr": "euc_kr",
    "tis620": "tis_620", "macroman": "mac_roman", "macce": "mac_latin2",
    # PostgreSQL 15, table 24.1
    "utf-8": "utf-8", "unicode": "utf-8", "sql_ascii": "utf-8", "latin-1": "iso8859_1", "win1250": "cp1250",
    "win1251": "cp1251", "win1252": "cp1252", "win1253": "cp1253", "win1254": "cp1254", "win1255": "cp1255",
    "win1256": "cp1256", "win1257": "cp1257", "win1258": "cp1258", "win866": "cp866", "win874": "cp874",
    "iso_8859_5": "iso8859_5", "iso_8859_6": "iso8859_6", "iso_8859_7": "iso8859_7", "iso_8859_8": "iso8859_8",
    "latin9": "iso8859_15", "euc_jp": "euc_jp", "euc_kr": "euc_kr", "euc_cn": "gb2312",
    "koi8-r": "koi8_r", "cp1252": "cp1252", "latin3": "iso8859_3", "latin4": "iso8859_4", "latin6": "iso8859_10",
    "latin8": "iso8859_14", "latin10": "iso8859_16", "uhc": "cp949", "johab": "johab",
    "shift_jis_2004": "shift_jis_2004", "euc_jis_2004": "euc_jis_2004",
}  # fmt: skip

Rows: t.TypeAlias = npt.NDArray[np.int64]
_NONE: t.Final = np.zeros(0, np.int64)


def codec(charset: str) -> str | None:
    """Return Python's name of a character set; None where it is none that vigie knows."""
    return CODECS.get(charset.lower())


def text(cells: Cells, name: str, otherwise: str = "") -> tuple[Cells, Rows, int]:
    """Return a column as UTF-8, the rows whose bytes are no text in that codec, and of how many the other one's are."""
    values = cells.values
    if not len(values) or int(values.max()) < 0x80:
        return cells, _NONE, 0
    at = offsets(cells.lengths)
    if name == "utf-8" and utf8.whole_each(values, at[:-1]):
        return cells, _NONE, 0
    raw = values.tobytes()
    odd = np.add.reduceat(values & 0x80, at[:-1][np.diff(at) > 0], dtype=np.int64) > 0
    rows = np.flatnonzero(np.diff(at) > 0)[odd]
    lengths, untold, read = cells.lengths.copy(), list[int](), 0
    held: list[bytes] = []
    done = 0
    for row in rows.tolist():
        one = _decoded(raw[at[row] : at[row + 1]], name)
        if one is None:
            untold.append(row)
            one = _decoded(raw[at[row] : at[row + 1]], otherwise) if otherwise else None
            read += one is not None
        if one is None:
            one = raw[at[row] : at[row + 1]].decode(name, "backslashreplace").encode("utf-8", "backslashreplace")
        held += [raw[done : at[row]], one]
        lengths[row], done = len(one), at[row + 1]
    held.append(raw[done:])
    return Cells(np.frombuffer(b"".join(held), np.uint8), lengths), np.array(untold, np.int64), read


def _decoded(value: bytes, name: str) -> bytes | None:
    try:
        return value.decode(name).encode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        return None
