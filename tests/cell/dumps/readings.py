"""What the tests of several readers do with the pieces that a reader gives."""

import io

from vigie.cell.dumps.pieces import Batch, Odd


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


def every(_table, columns):
    """Want every column."""
    return list(range(len(columns)))
