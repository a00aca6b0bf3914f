"""What names an account: normal forms, and whose an identifier is."""

import pytest

from person_rows import FORUM, account, made, named
from vigie.rows.people import Event, Mention, Message, Payment, Post, Profile
from vigie.steps.normal_forms import folded

SEGWIT = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
"""The example of BIP 173, as block explorers show it."""


def found(*rows):
    return {(one.account, one.kind): one for one in named(rows)}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (" North@Example.ORG ", "north@example.org"),
        ("n.or.th+shop@googlemail.com", "north@gmail.com"),
        ("n.orth+shop@example.org", "n.orth+shop@example.org"),
        ("+shop@gmail.com", "+shop@gmail.com"),
        ("smith@smith.example", "smith@smith.example"),
    ],
)
def test_two_spellings_of_a_mailbox(written, value):
    assert found(account(1, email=written))["1", "email"].value == value


@pytest.mark.parametrize(
    "written",
    ["none", "n/a", "none@example.org", "noreply@example.org", "asd@asd.example", "a@b", "@", "two words@example.org"],
)
def test_what_is_no_address_names_nobody(written):
    assert ("1", "email") not in found(account(1, email=written))


@pytest.mark.parametrize(
    ("kind", "name", "written", "expected", "value"),
    [
        ("phone", "mobile", "0044 20-7946 0018", "phone", "+442079460018"),
        ("phone", "mobile", "020 7946 0018", "phone", "02079460018"),
        ("messenger", "user_jabber", "xmpp:North@Example.org/phone", "jabber", "north@example.org"),
        ("messenger", "pf_telegram", "https://t.me/North_Star", "telegram", "north_star"),
        ("messenger", "user_icq", "123-456-789", "icq", "123456789"),
        ("messenger", "user_yim", "North", "messenger", "yim:north"),
        ("messenger", "tox", "ab" * 38, "tox", "AB" * 32),
        ("wallet", "payout", "0x" + "Ab" * 20, "eth", "0x" + "ab" * 20),
        ("wallet", "payout", SEGWIT.upper(), "btc", SEGWIT),
        ("website", "url", "https://www.Example.org/me?x=1", "website", "example.org"),
        ("external", "google", "1234567", "external", "google:1234567"),
        ("payment", "paypal", "North@example.org", "email", "north@example.org"),
    ],
)  # fmt: skip
def test_fields_of_a_profile(kind, name, written, expected, value):
    got = found(made(Profile, account="1", kind=kind, name=name, value=written))["1", expected]
    assert (got.value, got.holding, got.stated) == (value, "stated", 1)


def test_a_handle_is_folded_and_leet_is_not():
    assert folded("Ｎｏｒｔｈ  ſtar") == "north star"  # noqa: RUF001 - full width on purpose
    assert found(account(1, name="Ｎorth"))["1", "handle"].value == "north"  # noqa: RUF001 - as above
    assert found(account(1, name="n0rth"))["1", "handle"].value == "n0rth"


def test_a_bot_and_a_deleted_account_bear_no_handle():
    assert not found(account(1, name="zephyrkolibri", state="bot"), account(2, name="north", state="deleted"))


@pytest.mark.parametrize(
    ("context", "quoted", "holding"),
    [
        ("you can write to me at [..] any time", False, "claimed"),
        ("schreib mir: [..]", False, "claimed"),
        ("пиши мне [..]", False, "claimed"),
        ("the shop is at [..]", False, "mentioned"),
        ("my friend has [..]", False, "mentioned"),
        ("write to me at [..]", True, "quoted"),
    ],
)
@pytest.mark.parametrize("text", [Post, Message])
def test_words_round_it_tell_whose_it_is(text, context, quoted, holding):
    written = made(text, account="7", relation="texts", number=5)
    mention = made(
        Mention, relation="texts", number=5, kind="email", value="north@example.org", context=context, quoted=quoted
    )
    got = found(written, mention)["7", "email"]
    assert (got.holding, got.relation, got.number, got.context) == (holding, "texts", 5, context)


def test_what_stands_in_a_signature_is_stated():
    rows = (
        made(Profile, account="7", kind="signature", relation="users", number=3, value="key ..."),
        made(Mention, relation="users", number=3, kind="pgp", value="AB" * 20, checked=True),
    )
    got = found(*rows)["7", "pgp"]
    assert (got.holding, got.checked) == ("stated", True)


def test_the_best_place_is_named_and_all_are_counted():
    rows = [account(7, email="north@example.org", relation="users", number=4)]
    for number, context in ((1, "see"), (2, "mail me")):
        rows += (
            made(Post, account="7", relation="posts", number=number),
            made(Mention, relation="posts", number=number, kind="email", value="north@example.org", context=context),
        )
    got = found(*rows)["7", "email"]
    assert (got.holding, got.relation, got.number) == ("stated", "users", 4)
    assert (got.stated, got.claimed, got.mentioned, got.quoted) == (1, 1, 1, 0)


def test_a_wallet_paid_to_is_the_platforms_and_one_paid_out_to_the_members():
    paid = {"account": "1", "address": SEGWIT, "processor": "bitcoin"}
    assert not found(made(Payment, direction="in", **paid))
    assert found(made(Payment, direction="out", **paid))["1", "btc"].holding == "paid"
    assert (
        found(made(Payment, account="1", payer="North@example.org", processor="paypal"))["1", "email"].holding == "paid"
    )
    assert found(made(Payment, account="1", payer="QX77", processor="PayPal"))["1", "payer"].value == "paypal:qx77"


def test_a_device_and_a_link():
    rows = (
        made(Event, account="1", device="c0ffee00", relation="log", number=9),
        made(Event, account="1", device="c0ffee00", relation="log", number=2),
        made(Post, account="1", relation="posts", number=1),
        made(Mention, relation="posts", number=1, kind="url", value="https://example.org/"),
    )
    got = found(*rows)
    assert list(got) == [("1", "device")]
    assert (got["1", "device"].number, got["1", "device"].platform) == (2, FORUM)


def test_a_mention_in_a_row_that_nobody_wrote_names_nobody():
    assert not found(made(Mention, kind="email", value="north@example.org"))
