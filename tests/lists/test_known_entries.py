"""From an entry of a list to the rows of the index."""

from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.rows import wire
from vigie.steps.matches.media_known import known_rows

LIST = b"L" * 16


def bits(size):
    return st.none() | st.binary(min_size=size, max_size=size)


frames = st.lists(
    st.builds(
        wire.Frame,
        frame=st.integers(0, 1000),
        at_s=st.floats(0, 1e6),
        quality=st.integers(0, 100),
        value=st.binary(min_size=32, max_size=32),
    ),
    max_size=5,
    unique_by=lambda frame: frame.frame,
)
found = st.builds(
    wire.Entry,
    number=st.integers(1, 1 << 40),
    entry=st.text(max_size=5),
    md5=bits(16),
    sha1=bits(20),
    sha256=bits(32),
    pdq=bits(32),
    quality=st.integers(0, 100),
    frames=frames,
    category=st.text(max_size=3),
    series=st.text(max_size=3),
    withdrawn=st.booleans(),
)


@settings(derandomize=True)
@given(found)
def test_every_hash_becomes_one_row_and_nothing_is_added(entry):
    rows = list(known_rows(LIST, "listed", entry))
    given_hashes = [(name, getattr(entry, name)) for name in ("md5", "sha1", "sha256", "pdq") if getattr(entry, name)]
    given_hashes += [("vpdq", frame.value) for frame in entry.frames]
    assert [(row.algorithm, row.value) for row in rows] == given_hashes
    assert len({row.key for row in rows}) == len(rows)
    for row in rows:
        assert (row.list, row.number, row.meaning) == (LIST, entry.number, "listed")
        assert (row.category, row.series, row.withdrawn) == (entry.category, entry.series, entry.withdrawn)


def test_an_entry_without_a_name_is_not_the_one_that_is_named_like_its_number():
    (none,) = known_rows(LIST, "benign", wire.Entry(number=7, md5=b"m" * 16))
    (named,) = known_rows(LIST, "benign", wire.Entry(number=3, entry="7", md5=b"m" * 16))
    assert (none.entry, none.number) == ("", 7)
    assert (none.entry, none.key) != (named.entry, named.key)


def test_quality_is_that_of_the_hash_it_belongs_to():
    frame = wire.Frame(frame=3, at_s=1.5, quality=40, value=b"f" * 32)
    entry = wire.Entry(number=1, md5=b"m" * 16, pdq=b"p" * 32, quality=70, frames=[frame])
    assert [(row.algorithm, row.quality, row.frame, row.at_s) for row in known_rows(LIST, "listed", entry)] == [
        ("md5", 100, 0, 0.0),
        ("pdq", 70, 0, 0.0),
        ("vpdq", 40, 3, 1.5),
    ]
