"""What the tests of several readers do with the pieces that a reader gives."""

import io

from vigie.cell.dumps.create import Created
from vigie.cell.dumps.pieces import Batch, Odd
from vigie.numeric.tuples import BARE, BYTES, EXPRESSION, NULL, TEXT


class Cut(io.RawIOBase):
    """A file whose reads give a few bytes each."""

    def __init__(self, content, step):
        self._file, self._step = io.BytesIO(content), step

    def readable(self):
        """Say yes."""
        return True

    def seekable(self):
        """Say yes."""
        return True

    def seek(self, at, whence=0):
        """Go there."""
        return self._file.seek(at, whence)

    def read(self, size=-1):
        """Give a part of what was asked for."""
        return self._file.read(self._step if size < 0 else min(size, self._step))


def rows(pieces, table):
    """Return the rows of a table, each with its place: kinds and bytes."""
    found = []
    for one in pieces:
        if isinstance(one, Batch) and one.table == table:
            whole, at = one.rows.values.tobytes(), 0
            for place, lengths, kinds in zip(one.rows.places, one.rows.lengths, one.rows.kinds, strict=True):
                row = []
                for length, kind in zip(lengths.tolist(), kinds.tolist(), strict=True):
                    row.append((kind, whole[at : at + length]))
                    at += length
                found.append((int(place), row))
    return found


def odd(pieces):
    """Return the codes of what is odd."""
    return [one.code for one in pieces if isinstance(one, Odd)]


def sound(pieces):
    """Hold pieces to what those who take them rely on; return them."""
    declared = {}
    for one in pieces:
        if isinstance(one, Created):
            assert one.place >= 0
            declared[one.name] = one.columns
        elif isinstance(one, Batch):
            assert one.rows.lengths.shape == one.rows.kinds.shape == (len(one.rows.places), len(one.columns))
            assert one.rows.lengths.sum() == len(one.rows.values)
            assert set(one.columns) <= set(declared[one.table])
            assert not set((one.rows.kinds & 0x7F).ravel().tolist()) - {NULL, TEXT, BARE, BYTES, EXPRESSION}
        elif isinstance(one, Odd):
            assert one.place >= 0
            assert one.code != "width" or one.table in declared, "its misfits are counted with the table"
    return pieces


def every(_table, columns):
    """Want every column."""
    return list(range(len(columns)))
