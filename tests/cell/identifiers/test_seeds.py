"""Seeds of every list, however they are written down, are sealed and shown nowhere; so are private keys."""

import json
import random
import unicodedata

import pytest
from mnemonic import Mnemonic

from cell.identifiers.finding import search, values
from vigie.cell.identifiers import words
from vigie.cell.identifiers.seeds import _electrum
from vigie.numeric.coins import base58
from vigie.rows.people import SECRETS

ADDRESS = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
RAW = "1e99423a4ed27608a15a2616a2b0e9e52ced330ac530edcc32c8ffc6a526aedd"
KEY = base58.written(b"\x80" + bytes(range(1, 33)) + b"\1")
FORMS = {
    "spaces": " ".join,
    "ideographic spaces": "\u3000".join,
    "json": lambda some: json.dumps(some, ensure_ascii=False),
    "json, a line each": lambda some: json.dumps(some, ensure_ascii=False, indent=8),
    "numbered": lambda some: " ".join(f"{at}. {one}" for at, one in enumerate(some, 1)),
    "numbered lines": lambda some: "\r\n".join(f"{at}) {one}" for at, one in enumerate(some, 1)),
    "commas": ",".join,
    "columns": lambda some: "(7,'" + "','".join(some) + "')",
    "rows": lambda some: ",\n".join(f"({at},'{one}')" for at, one in enumerate(some)),
    "cells": lambda some: "".join(f"<td>{one}</td>" for one in some),
    "styled": lambda some: "".join(
        f'<li class="w w-{at}" style="color: red"><i>{at}.</i> <b>{one}</b></li>\n' for at, one in enumerate(some)
    ),
    "capitals": lambda some: " ".join(some).upper(),
    "first capitals": lambda some: " ".join(some).title(),
    "entities": "&quot;,&quot;".join,
    "escapes": "\\n".join,
    "per cent": "%20".join,
    "letters": lambda some: " ".join(f"{chr(97 + at)}) {one}" for at, one in enumerate(some)),
    "zeros": "\0".join,
}


def drawn(chance: random.Random, name: str) -> list[str]:
    """Return the words of a seed."""
    while True:
        text = Mnemonic(name).to_mnemonic(chance.randbytes(chance.choice([16, 20, 24, 28, 32])))
        some = unicodedata.normalize("NFKD", text).split()
        if len(set(some)) > len(some) * 2 // 3:
            return some


def hidden(text: str) -> tuple[list[str], list[str]]:
    """Return what is sealed, and the contexts of all the rest."""
    found, body = search(text), text.encode()
    assert all(SECRETS[kind] in ("seed", "private_key") for kind in found.secrets.kind)
    places = zip(found.secrets.start.tolist(), found.secrets.end.tolist(), strict=True)
    return [body[start:end].decode() for start, end in places], found.context


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", words.LISTS)
def test_seeds_of_each_list_however_they_are_written(name, form):
    chance = random.Random(name + form)
    for how in ("NFC", "NFKD"):
        some = [unicodedata.normalize(how, one) for one in drawn(chance, name)]
        text = FORMS[form](some)
        before = chance.choice(["", "my seed: ", "x" * chance.randrange(99) + " "])
        sealed, contexts = hidden(f"{ADDRESS} {before}{text} {ADDRESS} end")
        held = " ".join(sealed)
        assert all(one in held or one.upper() in held or one.title() in held for one in some)
        assert not any(len(one) > 1 and one in line for one in some for line in contexts)


def test_in_latin_1_and_without_accents_too():
    some = drawn(random.Random(5), "french")
    plain = "".join(one for one in unicodedata.normalize("NFKD", " ".join(some)) if not unicodedata.combining(one))
    for body in (unicodedata.normalize("NFC", " ".join(some)).encode("latin-1"), plain.encode()):
        assert len(search(b"seed: " + body + b".").secrets.row) == 1


def test_seeds_one_a_line_are_told_apart():
    chance = random.Random(6)
    some = [" ".join(drawn(chance, "english")) for _ in range(60)]
    sealed, _ = hidden("\n".join(some))
    assert set(some) <= set(sealed)


@pytest.mark.parametrize(
    ("text", "right"),
    [  # electrum/tests/test_mnemonic.py, test_wallet_vertical.py
        ("wild father tree among universe such mobile favorite target dynamic credit identify", True),
        ("cycle rocket west magnet parrot shuffle foot correct salt library feed song", True),
        ("frost pig brisk excite novel report camera enlist axis nation novel desert", True),
        ("bitter grass shiver impose acquire brush forget axis eager alone wine silver", True),
        ("powerful random nobody notice nothing important anyway look away hidden message over", False),
    ],
)
def test_seeds_of_electrum(text, right):
    assert bool(hidden(f"it is {text}!")[0]) == right


def test_a_text_of_few_words_is_no_seed_but_one_set_apart_in_it_is():
    seed = " ".join(["zoo"] * 11 + ["wrong"])
    assert hidden("abandon " * 4000)[0] == []
    assert hidden("abandon " * 4000 + f"\n{seed}\n" + "able " * 4000)[0] == [seed]


def test_how_often_words_are_electrums_by_chance():
    chance, many = random.Random(7), 4000
    taken = sum(_electrum([chance.randrange(2048) for _ in range(12)], 0) for _ in range(many))
    assert 5 <= taken <= 40  # 1/256 + 3/4096: 18.6 of 4,000


def test_words_that_check_as_nothing_are_no_seed_and_in_no_context_all_the_same():
    some = [
        "legal",
        "winner",
        "thank",
        "year",
        "wave",
        "sausage",
        "worth",
        "useful",
        "legal",
        "winner",
        "thank",
        "thank",
    ]
    sealed, contexts = hidden(f"{ADDRESS} {' '.join(some)}")
    assert (sealed, contexts) == ([], [""])


@pytest.mark.parametrize(
    "before",
    [
        "private key: ",
        "privkey=",
        '"secretKey":"',
        "Secret exponent ",
        "key ",
        "PRIV:0x",
        "приватный ключ ",
        "私钥:",
        "sk = ",
    ],
)
def test_raw_keys_are_secrets_where_a_word_says_so(before):
    sealed, contexts = hidden(f"{ADDRESS} {before}{RAW} ok")
    assert [one[-64:] for one in sealed] == [RAW]
    assert not any(RAW[:16] in line for line in contexts)
    assert values(f"{ADDRESS} {before}{RAW} ok", "txid") == []


@pytest.mark.parametrize(
    "before", ["txid ", "key paid in tx ", "public key hash ", "", "block ", "secret santa paid, txid: "]
)
def test_other_hashes_are_transactions(before):
    assert values(f"{before}{RAW} ok", "txid") == [RAW]


@pytest.mark.parametrize("before", ["pubkey: ", "public_key=", "ssh key "])
def test_public_keys_are_no_secrets(before):
    assert hidden(f"{before}{RAW} ok")[0] == []


@pytest.mark.parametrize(
    "wrapped", [f"key=3D{KEY}=", f"k%3D{KEY}%26", f"&lt;{KEY}&gt;", f"a\\n{KEY}\\n", f'"{KEY}"', f"%22{KEY}%22"]
)
def test_keys_in_wrappings(wrapped):
    assert hidden(f"{ADDRESS} {wrapped} end")[0] == [KEY]


def test_escaped_words_of_another_script_are_in_no_context():
    some = drawn(random.Random(9), "japanese")
    assert hidden(f"{ADDRESS} {json.dumps(some)}") == ([], [""])
