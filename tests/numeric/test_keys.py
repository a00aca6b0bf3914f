import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.numeric.keys import Texts, keys, keys_hashlib

WHOLE = st.integers(-(2**63), 2**63 - 1)
ROWS = st.lists(
    st.tuples(WHOLE, st.binary(max_size=150), st.binary(min_size=16, max_size=16), st.binary(max_size=70)), max_size=5
)


def texts(values: list[bytes], *, as_hex: bool = False) -> Texts:
    ends = np.cumsum([0, *map(len, values)])
    return Texts(ends.astype(np.int32), np.frombuffer(b"".join(values), np.uint8), as_hex)


@given(head=st.binary(max_size=130), rows=ROWS, hardware=st.booleans())
def test_a_key_is_of_sha256_over_the_text_forms(
    head: bytes, rows: list[tuple[int, bytes, bytes, bytes]], hardware: bool
) -> None:
    wholes, said, wide, odd = ([one[i] for one in rows] for i in range(4))
    columns = [
        np.array(wholes, np.int64),
        texts(said),
        np.frombuffer(b"".join(wide), np.uint8).reshape(len(rows), 16),
        texts(odd, as_hex=True),
    ]
    made = keys(head, columns, len(rows), **({} if hardware else {"hardware": False}))
    wanted = [
        hashlib.sha256(b"\x1f".join((head, str(a).encode(), b, c.hex().encode(), d.hex().encode()))).digest()[:16]
        for a, b, c, d in rows
    ]
    assert [one.tobytes() for one in made] == wanted
    assert [one.tobytes() for one in keys_hashlib(head, columns, len(rows))] == wanted


def test_texts_may_begin_anywhere_in_their_values() -> None:
    within = Texts(np.array([2, 4, 4], np.int32), np.frombuffer(b"..ab..", np.uint8), False)
    assert (keys(b"t", [within], 2) == keys(b"t", [texts([b"ab", b""])], 2)).all()


def test_without_columns_all_rows_have_one_key() -> None:
    assert keys(b"t", [], 2).tobytes() == hashlib.sha256(b"t").digest()[:16] * 2
    assert keys_hashlib(b"t", [], 2).tobytes() == hashlib.sha256(b"t").digest()[:16] * 2


@pytest.mark.parametrize(
    "column",
    [
        np.zeros(1, np.int64),
        np.zeros(2, np.int32),
        np.zeros((1, 16), np.uint8),
        Texts(np.array([0, 1], np.int32), np.zeros(1, np.uint8), False),
        Texts(np.array([0, 1, 3], np.int32), np.zeros(2, np.uint8), False),
        Texts(np.array([0, 2, 1], np.int32), np.zeros(2, np.uint8), False),
        Texts(np.array([-1, 1, 2], np.int32), np.zeros(2, np.uint8), False),
        Texts(np.array([0, 2**31 - 1, 2], np.int32), np.zeros(2, np.uint8), False),
    ],
)
def test_columns_that_do_not_fit_are_refused(column: Texts) -> None:
    with pytest.raises(ValueError, match="values"):
        keys(b"t", [column], 2)
