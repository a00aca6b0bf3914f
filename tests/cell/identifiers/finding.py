"""Finding in texts given as strings."""

import numpy as np

from vigie.cell.identifiers.find import find
from vigie.rows.people import IDENTIFIERS


def search(*texts, **how):
    """Return what ``find`` gives for them."""
    held = [text.encode() if isinstance(text, str) else text for text in texts]
    offsets = np.cumsum([0, *map(len, held)])
    return find(np.frombuffer(b"".join(held), np.uint8), offsets, **how)


def mentions(*texts, **how):
    """Return (row, kind, value, checked, the bytes that stand there) of each."""
    held = [text.encode() if isinstance(text, str) else text for text in texts]
    found = search(*held, **how)
    return [
        (row, IDENTIFIERS[kind], value, checked, held[row][start:end])
        for row, kind, value, checked, start, end in zip(
            found.row.tolist(), found.kind.tolist(), found.value, found.checked.tolist(), found.start.tolist(),
            found.end.tolist(), strict=True,
        )
    ]  # fmt: skip


def values(text, *kinds, **how):
    """Return the values of these kinds in a text; of all where none is named."""
    return [value for _, kind, value, _, _ in mentions(text, **how) if kind in kinds or not kinds]
