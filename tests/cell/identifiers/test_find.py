"""Identifiers in texts: found in whatever they stand in, told from what looks like them."""

import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mnemonic import Mnemonic

from cell.identifiers.finding import mentions, search, values
from vigie.cell.identifiers.context import MOST
from vigie.cell.identifiers.find import find, warm
from vigie.numeric import identifiers_look, identifiers_numba, identifiers_phrases_numba, identifiers_quotes
from vigie.rows.people import IDENTIFIERS, SECRETS

BTC, BECH = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"
XMR = "4AdUndXHHZ6cfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2684Rge"
TOX = "56A1ADE4B65B86BCD51CC73E2CD4E542179F47959FE3E0E21B4B0ACDADE51855D34D34D37CB5"
ONION = "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion"
FINGERPRINT = "ABCD EF01 2345 6789 ABCD  EF01 2345 6789 ABCD EF01"
ALL = {
    "name@example.org": ("email", "name@example.org"),
    "First.Last+tag@Mail.Example.co.uk": ("email", "first.last+tag@mail.example.co.uk"),
    "name [at] example [dot] org": ("email", "name@example.org"),
    "name(at)example.org": ("email", "name@example.org"),
    "name at example dot org": ("email", "name@example.org"),
    "name&#64;example.org": ("email", "name@example.org"),
    "+33 6 12 34 56 78": ("phone", "+33612345678"),
    "+1 (415) 555-2671": ("phone", "+14155552671"),
    "0049 170 1234567": ("phone", "+491701234567"),
    BTC: ("btc", BTC),
    BECH: ("btc", BECH),
    BECH.upper(): ("btc", BECH),
    XMR: ("xmr", XMR),
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed": ("eth", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
    "LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9": ("ltc", "LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9"),
    "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L": ("doge", "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L"),
    "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t": ("trx", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
    "05" + "1f" * 32: ("session", "05" + "1f" * 32),
    TOX: ("tox", TOX[:64]),
    ONION: ("onion", ONION),
    FINGERPRINT: ("pgp", FINGERPRINT.replace(" ", "")),
    "GB82 WEST 1234 5698 7654 32": ("iban", "GB82WEST12345698765432"),
    "DE89370400440532013000": ("iban", "DE89370400440532013000"),
    "https://example.org/a?b=c": ("url", "https://example.org/a?b=c"),
    "t.me/some_name": ("telegram", "some_name"),
    "Telegram: @some_name": ("telegram", "some_name"),
    "my kik is joe_99": ("kik", "joe_99"),
    "Wickr Me: joe_99": ("wickr", "joe_99"),
    "snapchat - joe_99": ("snapchat", "joe_99"),
    "Threema ID: ABCD1234": ("threema", "ABCD1234"),
    "Signal: joe.42": ("signal", "joe.42"),
    "Discord: Joe#1234": ("discord", "joe#1234"),
    "ICQ 123-456-789": ("icq", "123456789"),
    "skype: live:.cid.0123456789abcdef": ("skype", "live:.cid.0123456789abcdef"),
    "insta: some.name_1": ("instagram", "some.name_1"),
    "jabber: name@example.org": ("jabber", "name@example.org"),
    "\u0442\u0435\u043b\u0435\u0433\u0440\u0430\u043c: some_name": ("telegram", "some_name"),
    "\u0442\u0433 @some_name": ("telegram", "some_name"),
    "\u7535\u62a5 @some_name": ("telegram", "some_name"),
}
ROUND = (
    ("", ""), ("write to ", " please"), ("(", ")"), ("<b>", "</b>"), ("[b]", "[/b]"), ("\u300c", "\u300d"),
    (" ", ", ok"),
    ("line\n", "\nline"), ("\u8054\u7cfb ", " \u8c22\u8c22"), ("\u0639\u0646\u0648\u0627\u0646 ",
    " \u0634\u0643\u0631\u0627"),
    ("<p>", "</p>"), ("&quot;", "&quot;"), ("*", "*"), ("x\r\n", "\r\n"), ("\u202e ", " \u202c"), ("so: ", "."),
    ("\U0001f4e7 ", " \U0001f44d"), ("|", "|"), ("[url]", "[/url]"), ("<td>", "</td>"), ("\u00ab", "\u00bb"),
    ("'", "'"),
)  # fmt: skip


@pytest.mark.parametrize("text", ALL, ids=lambda text: text[:20])
def test_found_in_whatever_it_stands_in(text):
    kind, value = ALL[text]
    missed = [both for both in ROUND if value not in values(text.join(both), kind)]
    assert not missed


@pytest.mark.parametrize(
    "neighbour", ["\u8054\u7cfb", "\u0442\u0435\u043a\u0441\u0442", "\u05e2\u05d1\u05e8\u05d9\u05ea"]
)
@pytest.mark.parametrize("text", ["name@example.org", BTC, BECH, XMR, TOX, ONION])
def test_other_scripts_need_no_space(text, neighbour):
    assert ALL[text][1] in values(f"{neighbour}{text}{neighbour}", ALL[text][0])


@pytest.mark.parametrize(
    "text",
    [
        "@name and @other are here", "a @ b", "git@localhost", "x@y", "a@b.nosuchtld", "version 1.2.3-4+5",
        "Message-ID: <20200101.abc@mail.example.org>", "https://user@example.org/", "2020-01-01 00:00:00", "++i; +1 -1",
        BTC[:-1] + "b", BECH[:-1] + "q", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", TOX[:-1] + "6", "b" + ONION[1:],
        "commit 0b8a3358798b7028be872a923da2e275da67d592", "DE89 3704 0044 0532 0130 01", "telegram is a messenger",
        "signal: terminated", "kik off", "skype for business", "the discord between them", "look at the dot there",
        "meet at noon. dot", "4995 5028 5061 5093 5126 5159 5193 5226 5259 5293", "(a) if; (b) else",
        "tg-io_select.diff",
        "0000 0000 0000 0000", "+123", "+999 999 999 999", "05" + "1f" * 31, "t.me/joinchat/abcdefgh", "insta: no",
        "a" * 65 + "@example.org",
    ],
)  # fmt: skip
def test_none_is_found_where_none_is(text):
    assert [one for one in mentions(text) if one[1] != "url"] == []


def test_numbers_of_a_country_count_where_it_is_named():
    text = "call 06 12 34 56 78 or (415) 555-2671, on 2020-01-01"
    assert values(text, "phone") == []
    assert mentions(text, region="FR") == [(0, "phone", "+33612345678", False, b"06 12 34 56 78")]
    assert mentions(text, region="US") == [(0, "phone", "+14155552671", False, b"(415) 555-2671")]


def test_only_kinds_that_are_wanted():
    assert values(f"{BTC} name@example.org", kinds={"btc"}) == [BTC]


def test_places_are_bytes_of_the_row():
    text = "\u8054\u7cfb name@example.org"
    found = search("first", text)
    assert (found.row.tolist(), found.start.tolist(), found.end.tolist()) == ([1], [7], [23])
    assert text.encode()[7:23] == b"name@example.org"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("[quote=joe]a@example.org[/quote] b@example.org", [True, False]),
        ('[QUOTE="joe, post: 1"][quote]a@example.org[/quote]b@example.org[/QUOTE]c@example.org', [True, True, False]),
        ("<blockquote class='x'>a@example.org</blockquote><p>b@example.org", [True, False]),
        ("> a@example.org\nb@example.org\n &gt; c@example.org", [True, False, True]),
        ("x<br />&gt; a@example.org<br>b@example.org", [True, False]),
        ('<QUOTE author="joe"><s>[quote=joe]</s>a@example.org<e>[/quote]</e></QUOTE> b@example.org', [True, False]),
        ("[/quote] a@example.org 3 > 2 b@example.org", [False, False]),
        ("[quotes] a@example.org", [False]),
    ],
)
def test_quoted_is_somebody_elses(text, quoted):
    assert search(text).quoted.tolist() == quoted
    assert search("[quote]", text, "> ").quoted.tolist() == quoted


def test_context_is_one_clean_line():
    text = "[b]mail[/b] &amp;\n<i>call</i>:\u202e name@example.org \x00 [url=https://example.net/]here[/url]"
    assert search(text).context[0] == "mail & call : name@example.org here"
    for link in (
        'see <a class="x" href="https://example.org/a">here</a> ok',
        "see [url=https://example.org/a]here[/url] ok",
    ):
        assert search(link).context == ["see https://example.org/a here ok"]
    long = "words " * 100
    for context in search(f"{long}{BTC} {long}{XMR}", f"{XMR}{long}").context:
        assert len(context) <= MOST
        assert BTC in context or XMR in context


SEED = "legal winner thank year wave sausage worth useful legal winner thank yellow"
KEY = "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF\nabcd\n-----END PGP PRIVATE KEY BLOCK-----"
HIDDEN = {
    "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ": "private_key",
    "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi": (
        "private_key"
    ),
    SEED: "seed",
    SEED.upper(): "seed",
    SEED.replace(" ", "\n"): "seed",
    "\n".join(f"{number}. {word}" for number, word in enumerate(SEED.split(), 1)): "seed",
    KEY: "private_key",
    KEY.replace("PGP", "RSA").replace(" BLOCK", ""): "private_key",
}


@pytest.mark.parametrize("secret", HIDDEN, ids=lambda text: text[:12])
def test_secrets_are_told_by_place_and_shown_nowhere(secret):
    text = f"a@example.org {secret} b@example.org"
    found = search("x", text)
    held = found.secrets
    assert [SECRETS[kind] for kind in held.kind] == [HIDDEN[secret]]
    (start,), (end,) = held.start.tolist(), held.end.tolist()
    place = text.index(secret)
    assert held.row.tolist() == [1]
    assert start in (place, place + 3)  # a number before the first word is no part of it
    assert end == place + len(secret)
    assert found.value == ["a@example.org", "b@example.org"]
    shown = " ".join(found.context)
    assert not any(word in shown for word in secret.split() if len(word) > 3)


@pytest.mark.parametrize("before", ["account", "address", "antenna"])
def test_no_word_of_a_phrase_stays_where_words_before_it_make_one_by_chance(before):
    text = f"{before} {SEED} then a@example.org"
    assert Mnemonic("english").check(" ".join(text.split()[:12]))
    found = search(text)
    assert (found.secrets.start.tolist(), found.secrets.end.tolist()) == ([0], [len(f"{before} {SEED}")])
    assert found.value == ["a@example.org"]
    assert "yellow" not in found.context[0]


def test_a_key_without_an_end_is_sealed_to_the_end_of_its_lines():
    text = "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF\nabcd"
    assert search(text).secrets.end.tolist() == [len(text)]


def test_what_follows_a_key_that_is_cut_off_is_none_of_it():
    begun = "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\nlQOYBF\nabcd\n"
    found = search(
        f"{begun}this was it, a@example.org", "-----BEGIN PGP PUBLIC KEY BLOCK----- is how it begins. b@example.org"
    )
    assert found.value == ["a@example.org", "b@example.org"]
    assert found.secrets.end.tolist() == [len(begun)]


def test_a_private_key_whose_lines_became_one_is_sealed():
    blob = " ".join(["lQOYBF0abcdefghijklmnopqrstuvwxyz"] * 3)
    head, tail = "-----BEGIN PGP PRIVATE KEY BLOCK-----", "-----END PGP PRIVATE KEY BLOCK-----"
    for text in (f"{head} {blob}", f"{head} Version: x  {blob} {tail}", f"{head}\nno line at all\n{tail}"):
        found = search(f"{text} a@example.org")
        assert found.secrets.end.tolist() == [len(text)]
        assert found.value == ["a@example.org"]
        assert "lQOY" not in found.context[0]


def test_many_secrets_and_many_others_in_one_row(cpu):
    text = b"5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ a@b.org " * 4000
    offsets = np.array([0, len(text)])
    found = find(np.frombuffer(text, np.uint8), offsets)
    assert (len(found.row), len(found.secrets.row)) == (4000, 4000)
    few = cpu(find, np.frombuffer(text[: len(text) // 4], np.uint8), offsets // 4)
    assert cpu(find, np.frombuffer(text, np.uint8), offsets) < 12 * few + 0.05


texts = st.one_of(
    st.sampled_from(
        [*ALL, *HIDDEN, "[quote]", "[/quote]", "> ", "\n", "@", "-----BEGIN PGP ", "+33", "00", "&#64;", "x"]
    ).map(str.encode),
    st.binary(max_size=12),
)
rows = st.lists(st.lists(texts, max_size=5).map(b" ".join), max_size=6)


def told(found, row):
    mine = found.row == row
    held = found.secrets.row == row
    return (
        found.start[mine].tolist(), found.end[mine].tolist(), found.kind[mine].tolist(), found.quoted[mine].tolist(),
        [value for value, of in zip(found.value, mine.tolist(), strict=True) if of],
        [context for context, of in zip(found.context, mine.tolist(), strict=True) if of],
        found.secrets.start[held].tolist(), found.secrets.end[held].tolist(),
    )  # fmt: skip


@settings(deadline=None, max_examples=50)
@given(rows, st.randoms(use_true_random=False))
def test_rows_are_read_each_by_itself(some, shuffle):
    order = list(range(len(some)))
    shuffle.shuffle(order)
    one, other = search(*some), search(*(some[at] for at in order))
    for place, row in enumerate(order):
        alone = search(some[row])
        assert told(one, row) == told(other, place) == told(alone, 0)


@settings(deadline=None, max_examples=50)
@given(rows)
def test_what_is_found_is_found_again_in_its_normal_form(some):
    for row, kind, value, _, _ in mentions(*some):
        assert 0 <= row < len(some)
        assert kind in IDENTIFIERS
        if kind in ("email", "btc", "eth", "xmr", "ltc", "doge", "trx", "onion", "iban", "phone", "url", "session"):
            assert value in values(value, kind)


HOSTILE = {
    "at": b"@", "addresses": b"a@a", "dots": b"a@a.a@", "digits": b"0", "zeros": b"00", "plus": b"+1 ",
    "armor": b"-----BEGIN PGP ",
    "heads": b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", "base58": b"1Lz", "bech32": b"bc1q", "colons": b"://",
    "groups": b"ABCD ",
    "words": b"abandon ", "quotes": b"[quote]", "onions": b".onion", "entities": b"&#64;", "spaces": b" ",
    "telegram": b"telegram ",
    "hidden": b" at x dot ", "secrets": b"5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ ",
    "real": b"a@b.org ", "high": b"\xff",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_twice_as_much_takes_about_twice_as_long(name, cpu):
    def text(size):
        return np.frombuffer((HOSTILE[name] * (size // len(HOSTILE[name]) + 1))[:size], np.uint8)

    size = 120_000
    found = find(text(size), np.array([0, size]))
    assert len(found.row) <= 5000
    few, many = (min(cpu(find, text(some), np.array([0, some])) for _ in range(2)) for some in (size // 4, size))
    assert many < 12 * few + 0.05  # quadratic: 16


@pytest.fixture
def cpu():
    def measure(call, *arguments):
        begin = time.process_time()
        call(*arguments)
        return time.process_time() - begin

    return measure


def test_what_is_too_much_of_one_row_is_counted():
    text = b"".join(b"a%d@example.org " % number for number in range(30_000))
    found = search(text, "b@example.org")
    assert len(found.row) == 5001
    assert found.left.tolist() == [25_000, 0]


def test_offsets_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="ascend"):
        find(np.zeros(3, np.uint8), np.array([0, 4]))
    with pytest.raises(ValueError, match="ascend"):
        find(np.zeros(3, np.uint8), np.array([2, 1]))


def test_all_bytes_may_stand_anywhere():
    noise = random.Random(1)
    parts = [*(text.encode() for text in (*ALL, *HIDDEN)), *HOSTILE.values()]
    for _ in range(60):
        text = b"".join(
            noise.choice(parts) if noise.random() < 0.6 else noise.randbytes(noise.randrange(9)) for _ in range(60)
        )
        found = search(text)
        assert all(0 <= start < end <= len(text) for start, end in zip(found.start, found.end, strict=True))


def test_nothing_is_compiled_after_warm():
    warm()
    loops = (
        identifiers_look.look,
        identifiers_numba._marks,
        identifiers_phrases_numba.phrases,
        identifiers_quotes._quoted,
    )
    before = [len(loop.signatures) for loop in loops]
    text = np.frombuffer(b"a@example.org", np.uint8)
    for body in (text, text.copy(), np.zeros(0, np.uint8)):
        for region in (None, "FR"):
            find(body, np.array([0, len(body)]), region=region)
    assert [len(loop.signatures) for loop in loops] == before
