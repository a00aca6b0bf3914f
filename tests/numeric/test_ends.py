import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.numeric import ends

LENGTHS = st.lists(st.integers(-2, 300) | st.integers(2**30, 2**31 - 1), max_size=40)


@given(LENGTHS)
def test_each_value_begins_where_the_one_before_ends(lengths: list[int]) -> None:
    found = ends.offsets(np.array(lengths, np.int32)).tolist()
    assert found[0] == 0
    assert [end - start for start, end in itertools.pairwise(found)] == [max(one, 0) for one in lengths]


@given(LENGTHS)
def test_in_32_bits_it_is_the_same_or_refused(lengths: list[int]) -> None:
    given_, total = np.array(lengths, np.int32), sum(one for one in lengths if one > 0)
    if min(lengths, default=0) < -1 or total > 2**31 - 1:
        for narrow in (ends.narrow, ends._narrow_numpy):
            with pytest.raises(ValueError, match="lengths"):
                narrow(given_)
        return
    for narrow in (ends.narrow, ends._narrow_numpy):
        found, there = narrow(given_)
        assert found.dtype == np.int32
        assert found.tolist() == ends.offsets(given_).tolist()
        known = [one >= 0 for one in lengths]
        assert (there is None) == all(known)
        if there is not None:
            assert np.unpackbits(there, bitorder="little", count=len(known)).astype(bool).tolist() == known


def test_lengths_may_begin_at_any_byte() -> None:
    """Those of a reply lie where its message has them; the C reads numbers only where numbers may lie."""
    said = np.arange(1000, dtype="<i4")
    for shift in range(4):
        lengths = np.frombuffer(memoryview(bytes(shift) + said.tobytes())[shift:], "<i4")
        aligned = ends._aligned(lengths)
        assert aligned.flags.aligned
        assert np.array_equal(aligned, said)
        assert np.shares_memory(aligned, lengths) == lengths.flags.aligned
        assert np.array_equal(ends.narrow(lengths)[0], ends.offsets(said))
