"""How the rows of ``mysqldump --tab`` are written, told by their first bytes and by what their columns are.

The options ``--fields-...`` and ``--lines-terminated-by`` leave no mark but the rows themselves. Of all that is in use
each form is tried: one that cuts each row into as many values as there are columns, numbers where numbers are declared
and dates where dates are, with an escape only before what a writer escapes and quotes round each text, fits. Where all
that fit read the same, any of them is right. Where they do not, one is taken and that is said.
"""

from __future__ import annotations

import itertools
import re
import typing as t

import numpy as np

from vigie.numeric.outfile import Form, Outfile
from vigie.numeric.tuples import BARE, NULL, TEXT, Rows

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.cell.dumps.create import Column

SAMPLE: t.Final = 1 << 18
"""Bytes that are looked at."""
MOST_ROWS: t.Final = 1000
MOST_CELLS: t.Final = 1 << 18
"""Values that are held of each form."""
MOST_VALUE: t.Final = 1024
"""Bytes of a value that are looked at."""
MANY: t.Final = 20
"""Texts that are not all in quotes by chance."""
MOST_CHECKED: t.Final = 200
"""Values of a column that are held to its type."""
USUAL: t.Final = Form()
_TERMS: t.Final = (
    b"\t", b",", b";", b"|", b":", b"^", b"~", b"#", b"\x01", b"\x1f", b"||", b"::", b"|~|", b"@@", b"~~",
)  # fmt: skip
_LINES: t.Final = (b"\n", b"\r\n", b"\r", b"|\n", b";\n", b"||\n", b"\x1e", b"\0")
_QUOTES: t.Final = b"\"'"
_ESCAPES: t.Final = b"^/!#$%&*~@+|?`"
"""Instead of a backslash, where one of them stands before ``N`` as that does for NULL, or before what parts values."""
_NUMBER: t.Final = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z")
_DATE: t.Final = re.compile(rb"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?)?\Z")
_NUMBERS: t.Final = frozenset(
    (
        *("tinyint", "smallint", "mediumint", "int", "integer", "bigint", "year"),
        *("decimal", "dec", "numeric", "fixed", "float", "double", "real"),
    )
)
_BITS: t.Final = "bit"
"""Written as the bytes that they are, with nothing before what else would mean something, nor quotes."""
_DATES: t.Final = ("date", "datetime", "timestamp")


class Told(t.NamedTuple):
    """What a form was told by."""

    form: Form
    share: float
    """Of the whole rows that were looked at, those that fit; 1 where there are none."""
    other: Form | None
    """A form that fits as well, and reads other values."""


class _Read(t.NamedTuple):
    """What a form makes of the first bytes."""

    form: Form
    rows: int
    quoted: int
    """Values in quotes."""
    share: float
    covered: int
    """Bytes up to where the last row ends."""
    values: bytes


def told(sample: bytes, columns: list[Column], lead: int = 0) -> Told:
    """Tell the form of rows by their first bytes; the usual one where there is no whole row, or none that fits."""
    read = [one for form in _forms(sample, len(columns)) if (one := _read(sample, form, columns, lead)) is not None]
    best = max((one.share for one in read), default=0.0)
    fitting = [one for one in read if one.share == best]
    most = max((one.covered for one in fitting), default=0)
    fitting = [one for one in fitting if one.covered * 2 >= most]  # of the others one row that ends somewhere is all
    left = [one for one in fitting if not any(_over(other, one, sample) for other in fitting)]
    if not left:
        return Told(USUAL, 0.0 if _rows_in(sample, len(columns)) else 1.0, None)
    return Told(left[0].form, best, next((one.form for one in left if one.values != left[0].values), None))


def _rows_in(sample: bytes, columns: int) -> int:
    """Return how many rows end in a sample that is written in the usual form, whatever they hold."""
    machine = Outfile(np.full(columns, -1, np.int64), USUAL, rows=SAMPLE, room=0, most=0)
    machine.read(np.frombuffer(sample, np.uint8), 0, 0)
    return len(machine.take().places) + machine.misfits()[0]


def _over(one: _Read, other: _Read, sample: bytes) -> bool:
    """Tell whether what speaks for one form speaks against another that fits too.

    An escape that stands only where a writer puts it is one; what ends each of several rows is no part of them; nor are
    quotes that stand round each of many texts.
    """
    a, b = one.form, other.form
    if a._replace(escape=b.escape) == b and a.escape >= 0 > b.escape:
        return bytes([a.escape]) in sample
    if a.quote >= 0 > b.quote and a._replace(quote=b.quote, escape=b.escape) == b:
        return one.quoted >= MANY
    longer = len(a.line) > len(b.line) and a.line.endswith(b.line)
    return longer and a._replace(line=b.line) == b and one.rows == other.rows > 1


def said(form: Form) -> str:
    """Return a form in words, as the options of ``mysqldump`` name it."""
    quote = f"enclosed by {chr(form.quote)}" if form.quote >= 0 else "not enclosed"
    escape = f"escaped by {chr(form.escape)}" if form.escape >= 0 else "not escaped"
    return f"fields terminated by {_shown(form.term)}, {quote}, {escape}, lines terminated by {_shown(form.line)}"


def _shown(text: bytes) -> str:
    return text.decode("latin-1").encode("unicode_escape").decode()


def _forms(sample: bytes, columns: int) -> Iterator[Form]:
    """Yield the forms that may be, those with quotes first: they fit only where there are such all over."""
    terms = [one for one in _TERMS if one in sample]
    if columns == 1:
        terms = [b"\t", next((one for one in _TERMS if one not in sample), b"\t")]
    lines = [one for one in _LINES if one in sample]
    quotes = [*(one for one in _QUOTES if sample.count(one) > 1), -1]
    seen = [one for one in _ESCAPES if one in sample]
    for quote, line, term in itertools.product(quotes, lines, dict.fromkeys(terms)):
        ends = (b"N" + term, b"N" + line, term, line)
        marked = [one for one in seen if any(bytes([one]) + what in sample for what in ends)]
        for escape in (92, -1, *marked):
            if len({term[0], line[0]} & {quote, escape}) == 0 and (escape != quote or escape < 0):
                yield Form(term, line, quote, escape)


def _read(sample: bytes, form: Form, columns: list[Column], lead: int) -> _Read | None:
    """Return what a form makes of a sample; None where it does not fit."""
    many = len(columns)
    held, room = max(min(MOST_ROWS, MOST_CELLS // many), 1), SAMPLE + many * (MOST_VALUE + 128)
    machine = Outfile(np.arange(many, dtype=np.int64), form, rows=held, room=room, most=MOST_VALUE, lead=lead)
    machine.read(np.frombuffer(sample, np.uint8), 0, 0)
    rows, (bad, _), (strange, _) = machine.take(), machine.misfits(), machine.strange()
    found = len(rows.places)
    if not found or strange or 2 * found < bad or not _fits(rows, columns, quoted=form.quote >= 0):
        return None
    kinds = rows.kinds & 0x7F
    quoted = int(np.count_nonzero(kinds == TEXT)) if form.quote >= 0 else 0
    nulls = (kinds == NULL).tobytes()
    return _Read(
        form,
        found,
        quoted,
        found / (found + bad),
        machine.covered(len(sample)),
        rows.values.tobytes() + rows.lengths.tobytes() + nulls,
    )


def _fits(rows: Rows, columns: list[Column], *, quoted: bool) -> bool:
    """Tell whether values are what their columns are declared as, nine in ten of each."""
    ends = np.cumsum(rows.lengths[:MOST_CHECKED].ravel(), dtype=np.int64)
    ends = ends.reshape(-1, len(columns))
    whole = rows.values[: int(ends[-1, -1])].tobytes()
    for number, column in enumerate(columns):
        word = column.type.partition("(")[0].split(" ")[0]
        like = _NUMBER if word in _NUMBERS else _DATE if word in _DATES else None
        kinds = rows.kinds[:MOST_CHECKED, number]
        if like is None:
            if quoted and word != _BITS and (kinds & 0x7F == BARE).any():
                return False
            continue
        there = np.flatnonzero(kinds & 0x7F != NULL)
        stops = ends[there, number]
        starts = stops - rows.lengths[there, number]
        right = sum(bool(like.match(whole[a:b])) for a, b in zip(starts.tolist(), stops.tolist(), strict=True))
        if right * 10 < len(there) * 9:
            return False
    return True
