"""``vigie give``: what an examiner names by hand; nothing private is taken, nor said again."""

import json

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from money.walked_case import done, said
from vigie.desk.opening import viewed
from vigie.kernel.custody import Custody
from vigie.kernel.errors import UsageError
from vigie.kernel.given import told
from vigie.rows.given import GIVEN_KINDS, Given

XPUB = "xpub6CUGRUonZSQ4TWtTMmzXdrXDtypWKiKrhko4egpiMZbpiaQL2jkwSB1icqYh2cfDfVxdx4df189oLKnC5fSwqPfgyP3hooxujYzAu3fDVmz"
ADDRESS = "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"
TXID = "B1" * 32
# of BIP 32 and of every manual: no one's
XPRV = "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"
WIF = "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn"


@pytest.fixture
def case(tmp_path):
    done(None, "new", tmp_path / "case", "--authority", "A", "--examiner", "E")
    return tmp_path / "case"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        (ADDRESS.upper(), "address", ADDRESS),
        (TXID, "transaction", TXID.lower()),
        (f"{TXID}:3", "transaction", f"{TXID.lower()}:3"),
        (XPUB, "key", XPUB),
        ("02" + "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", "key",
         "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
    ],
)  # fmt: skip
def test_each_kind_is_told(text, kind, value):
    assert told(text) == (kind, value)


def test_a_descriptor_is_kept_in_its_normal_form_with_its_checksum():
    kind, text = told(f"wpkh({XPUB}/0/*)")
    assert kind == "descriptor"
    assert told(text) == (kind, text)


@pytest.mark.parametrize("secret", [XPRV, WIF, f"wpkh({XPRV}/0/*)", "abandon " * 11 + "about"])
def test_what_is_private_is_refused_and_stands_nowhere(case, capsys, secret):
    capsys.readouterr()
    done(None, "give", case, ADDRESS, secret, code=2)
    err = capsys.readouterr().err
    assert "Number 2" in err
    assert secret[:20] not in err
    assert not len(viewed(case).read(Given)), "nothing of a list with a mistake is taken"
    assert not any(secret[:20].encode() in one.read_bytes() for one in case.rglob("*") if one.is_file())


def test_twice_is_once_and_the_log_has_each(case, capsys, tmp_path):
    (tmp_path / "list.txt").write_text(f"# from the report\n\n{ADDRESS}\r\n{XPUB}\n")
    assert said(capsys, "give", case, ADDRESS, "--note", "page 3")["new"] == 1
    assert said(capsys, "give", case, "--file", tmp_path / "list.txt")["new"] == 1
    log = [json.loads(line) for line in (case / "custody.log").read_bytes().splitlines()]
    assert [(one["about"]["kind"], one["about"]["note"]) for one in log if one["act"] == "given"] == [
        ("address", "page 3"),
        ("key", ""),
    ]
    assert "2 given" in done(capsys, "show", case, "given").out


def test_what_was_stopped_before_the_log_had_it_is_logged_by_the_next(case, capsys, monkeypatch):
    append = Custody.append

    def stopped(log, act, about):
        if act == "given":
            raise KeyboardInterrupt
        return append(log, act, about)

    monkeypatch.setattr(Custody, "append", stopped)
    done(None, "give", case, ADDRESS, code=130)
    monkeypatch.undo()
    assert len(viewed(case).read(Given)) == 1
    for _ in range(2):
        assert said(capsys, "give", case, ADDRESS)["new"] == 0
        log = [json.loads(line) for line in (case / "custody.log").read_bytes().splitlines()]
        assert [one["about"]["value"] for one in log if one["act"] == "given"] == [ADDRESS]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "Give addresses"),
        (["--file", "/nonexistent"], "No such file"),
        (["nothing"], "no address whose checksum holds"),
        ([ADDRESS, "--note", "a\x1b[2J"], "cannot stand in the log"),
        ([ADDRESS, "--note", "x" * 5000], "cannot stand in the log"),
        ([ADDRESS[:-1] + "q"], "no address whose checksum holds"),
    ],
)
def test_bad_input_ends_in_one_sentence(case, capsys, words, why):
    capsys.readouterr()
    done(None, "give", case, *words, code=2)
    assert why in " ".join(capsys.readouterr().err.split())


@drawn(st.text(max_size=200))
def test_any_text_is_a_kind_or_refused(text):
    try:
        kind, _ = told(text)
    except UsageError:
        return
    assert kind in GIVEN_KINDS
