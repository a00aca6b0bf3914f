"""OpenPGP keys as GnuPG writes them, whole and broken, and fingerprints that are written out."""

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cell.identifiers.finding import mentions, search, values
from vigie.cell.identifiers import pgp


class Ring:
    """Keys in a folder of their own."""

    def __init__(self, home):
        self.home = home

    def gpg(self, *arguments):
        command = [
            "gpg",
            "--homedir",
            str(self.home),
            "--batch",
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            "",
            *arguments,
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def make(self, user, kind="ed25519"):
        """Return the fingerprint of a new key."""
        self.gpg("--quick-generate-key", user, kind, "default", "never")
        lines = self.gpg("--with-colons", "--fingerprint", user).splitlines()
        return next(line.split(":")[9] for line in lines if line.startswith("fpr"))


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    if shutil.which("gpg") is None:
        pytest.skip("gpg is not here: apt-get install gnupg")
    home = tmp_path_factory.mktemp("g")
    home.chmod(0o700)
    yield Ring(home)
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)


@pytest.fixture(scope="module")
def key(ring):
    """Fingerprint and armoured key of two addresses."""
    fingerprint = ring.make("Joe Fox (old) <Joe.Fox@Example.org>")
    ring.gpg("--quick-add-uid", fingerprint, "fox@example.net")
    return fingerprint, ring.gpg("--armor", "--export", fingerprint)


def test_a_key_gives_its_fingerprint_and_addresses(key):
    fingerprint, text = key
    found = mentions(f"my key:\n{text}\nbye x@example.com")
    assert {(kind, value, checked) for _, kind, value, checked, _ in found} == {
        ("pgp", fingerprint, True), ("email", "joe.fox@example.org", True), ("email", "fox@example.net", True),
        ("email", "x@example.com", True),
    }  # fmt: skip
    places = search(text).start.tolist()
    assert len(set(places)) == len(places)
    assert all(0 <= place < len(text) for place in places)


@pytest.mark.parametrize("kind", ["rsa2048", "nistp256"])
def test_other_kinds_of_keys(ring, kind):
    fingerprint = ring.make(f"{kind}@example.org", kind)
    assert set(values(ring.gpg("--armor", "--export", fingerprint))) == {fingerprint, f"{kind}@example.org"}


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "".join(f"> {line}\n" for line in text.splitlines()),
        lambda text: text.replace("\n", "<br />\n"),
        lambda text: text.replace("-----\n", "-----\nVersion: GnuPG v2\nComment: hello\n", 1),
        lambda text: f"[code]{text}[/code]",
        lambda text: text.partition("-----END")[0],
    ],
    ids=["dos", "quoted", "html", "headers", "bbcode", "no end"],
)
def test_keys_in_markup_and_without_an_end(key, written):
    assert key[0] in values(written(key[1]), "pgp")


def test_a_key_whose_checksum_is_wrong_gives_nothing(key):
    lines = key[1].splitlines()
    middle = len(lines) // 2
    lines[middle] = lines[middle][::-1]
    assert values("\n".join(lines)) == []
    without = "\n".join(line for line in key[1].splitlines() if not line.startswith("="))
    assert [checked for _, kind, _, checked, _ in mentions(without) if kind == "pgp"] == [False]


def test_a_private_key_is_a_secret_and_nothing_else(ring, key):
    text = ring.gpg("--armor", "--export-secret-keys", key[0])
    found = search(f"x@example.org {text} y@example.org")
    assert found.value == ["x@example.org", "y@example.org"]
    assert found.secrets.start.tolist() == [14]
    assert found.secrets.end.tolist() == [14 + len(text.rstrip())]


def test_fingerprints_as_gpg_prints_them(ring, key):
    shown = ring.gpg("--fingerprint", key[0])
    assert values(shown, "pgp") == [key[0]]
    assert values(f"PGP fingerprint: {key[0]}", "pgp") == [key[0]]
    assert values(f"my gpg key is 0x{key[0][-16:]}", "pgp") == [key[0][-16:]]
    assert values(f"PGP key ID: {key[0][-16:]}", "pgp") == [key[0][-16:]]
    assert values(f"sha1 {key[0]}", "pgp") == []
    assert values(f"gpg 0x{key[0][-8:]}", "pgp") == []  # of 32 bits there are many


@given(st.binary(max_size=300))
def test_packets_end_whatever_the_bytes(data):
    at = 0
    for _, begin, body in pgp.packets(data):
        assert begin >= at
        at = begin + len(body)
        pgp.fingerprint(body)
    assert at <= len(data)
