import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from vigie.kernel import note
from vigie.kernel.errors import IntegrityError

VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
BLOB = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
SIGNED = f"This is an example message.\n\n\u2014 example.com/foo {BLOB}\n".encode()
MINE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def test_the_vector_of_the_specification_verifies():
    key = note.read_key(VKEY)
    read = note.read_note(SIGNED)
    assert read.text == "This is an example message.\n"
    assert note.verify(read, [key]) == key
    assert read.encode() == SIGNED


def test_every_single_bit_of_the_vector_matters():
    key = note.read_key(VKEY)
    for place in range(len(SIGNED) * 8):
        changed = bytearray(SIGNED)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(IntegrityError):
            note.verify(note.read_note(bytes(changed)), [key])


def test_every_single_bit_of_a_verifier_key_matters():
    for place in range(len(VKEY) * 7):
        changed = bytearray(VKEY.encode())
        changed[place // 7] ^= 1 << place % 7
        with pytest.raises(IntegrityError):
            note.read_key(changed.decode())


def test_unknown_signers_are_passed_over_and_a_bad_known_one_rejects():
    text = "hello\n"
    mine, other = note.verifier_of("mine", MINE), note.read_key(VKEY)
    good = note.sign(text, "mine", MINE).signatures[0]
    foreign = note.Signature(other.name, other.id, bytes(64))
    both = note.Note(text, (foreign, good))
    assert note.verify(note.read_note(both.encode()), [mine]) == mine
    with pytest.raises(IntegrityError, match="does not fit"):
        note.verify(both, [mine, other])
    with pytest.raises(IntegrityError, match="no signature by the pinned key"):
        note.verify(note.Note(text, (foreign,)), [mine])


def test_a_note_may_have_many_signatures_but_not_any_number():
    one = note.sign("hello\n", "mine", MINE).signatures[0]
    assert len(note.read_note(note.Note("hello\n", (one,) * 16).encode()).signatures) == 16
    with pytest.raises(IntegrityError):
        note.read_note(note.Note("hello\n", (one,) * 65).encode())


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\x00b"])
def test_names_that_cannot_stand_in_a_note_are_refused(name):
    with pytest.raises(ValueError, match="key name"):
        note.sign("hello\n", name, MINE)


@given(st.integers(0, note.MOST_SIZE), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_is_read_as_it_was_written(size, root):
    checkpoint = note.Checkpoint("vigie.invalid/x", size, root)
    assert note.read_checkpoint(checkpoint.text()) == checkpoint


@pytest.mark.parametrize(
    "text",
    [
        "o\n1\n",
        "o\n01\n" + "A" * 43 + "=\n",
        "o\n-1\n" + "A" * 43 + "=\n",
        "o\n1\n" + "A" * 42 + "B=\n",
        "o\n1\n" + "A" * 43 + "=\nmore\n",
        "o\n9223372036854775808\n" + "A" * 43 + "=\n",
        "o\n1\n" + "A" * 44 + "\n",
    ],
)
def test_a_checkpoint_has_one_form(text):
    with pytest.raises(IntegrityError):
        note.read_checkpoint(text)


@given(st.binary(max_size=400))
def test_whatever_the_bytes_a_note_is_read_or_refused(data):
    try:
        read = note.read_note(data)
    except IntegrityError:
        return
    assert read.encode() == data


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=100))
def test_any_printable_text_can_be_signed(text):
    signed = note.sign(text + "\n", "mine", MINE)
    assert note.read_note(signed.encode()) == signed
