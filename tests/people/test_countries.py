"""From addresses and what accounts say to the country that must act: by small worlds whose answer is known."""

import datetime as dt
import ipaddress

import numpy as np
import pytest

import vigie.steps
from person_rows import made
from vigie.kernel.engine import whole
from vigie.kernel.stage import STAGES
from vigie.kernel.table import of
from vigie.numeric import ranges as loops
from vigie.rows.countries import FLAGS, Address, IpBase, IpRanges
from vigie.rows.people import Account, Attachment, Event, Payment, Post
from vigie.rows.persons import Identifier
from vigie.rows.uploads import Producer
from vigie.steps.leads.people_countries import Countries
from vigie.steps.matches.people_signals import Signals
from vigie.steps.meanings import email, language, phone, time_zone

vigie.steps.load()

P = b"P" * 16
HOME, OTHER, EXIT, VPN = "11.0.0.7", "11.1.0.7", "12.0.0.1", "12.0.1.1"
"""Two homes, an exit of Tor and a VPN: so they are in the databases of these tests, whoever has them today."""


def day(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def source(name, dated, networks):
    """One edition: networks are (network, country, flags)."""
    file = (name + dated).encode().ljust(16, b".")[:16]
    low, high, country, flags = [], [], [], []
    for text, code, said in networks:
        net = ipaddress.ip_network(text)
        base = 0xFFFF << 32 if net.version == 4 else 0
        for into, at in ((low, int(net.network_address) + base), (high, int(net.broadcast_address) + base)):
            into.append((at >> 64, at & (1 << 64) - 1))
        country.append(code.encode())
        flags.append(sum(1 << FLAGS.index(one) for one in said.split(",") if one))
    given = loops.Ranges(
        np.array(low, np.uint64), np.array(high, np.uint64), np.array(country, "S2"), np.array(flags, np.uint8),
        np.zeros(len(low), np.uint32),
    )  # fmt: skip
    made, overlaps = loops.disjoint(given)
    four = made.four()
    base = IpBase.make(
        file=file, name=name, dated=day(dated), format="networks", about="", sha256=b"s" * 32, size_bytes=1, ipv4=four,
        ipv6=len(made.low) - four, countries=len(set(country) - {b""}), rejected=0, overlaps=overlaps,
    )  # fmt: skip
    return base, [IpRanges.make(file=file, number=i, ranges=one) for i, one in enumerate(loops.packed(made, 2))]


def account(number, **given):
    return Account.make(
        platform=P, relation="t", number=number, place=0, rule="account", part=0, id=str(number),
        **{"name": f"n{number}", "email": "", "registered": None, "last_seen": None, "registration_ip": "",
           "last_ip": "", "born": "", "language": "", "time_zone": "", "rank": "", "posts_said": None, "state": "",
           "admin": None, "moderator": None, "usergroup": "", "password": True, **given},
    )  # fmt: skip


def address(who, ip, use="login", times=1, first="2020-06-01", last="2020-06-02"):
    return Address.make(platform=P, account=str(who), ip=ip, use=use, times=times, first=first and day(first),
                        last=last and day(last))  # fmt: skip


def run(stage, **given):
    one = STAGES[stage]
    tables = {name: of(row, given.get(name, [])) for name, row in one.reads.items()}
    return [table.rows() for table in whole(one, tables, given.get("params", one.settings({})))]


def answered(addresses, sources, **given):
    """Signals, attributions and summary of these addresses."""
    bases, ranges = [one for one, _ in sources], [row for _, rows in sources for row in rows]
    (located,) = run("located", addresses=addresses, bases=bases, ranges=ranges)
    (signals,) = run("signals", addresses=addresses, located=located, bases=bases, **given)
    found, totals = run("countries", signals=signals, **given)
    return signals, {(one.account, one.standing_as, one.country): one for one in found}, totals


WORLD = [("11.0.0.0/16", "DE", ""), ("11.1.0.0/16", "FR", ""), ("12.0.0.0/16", "CH", "")]
VEILS = source("veils", "2020-01-01", [("12.0.0.0/24", "", "tor"), ("12.0.1.0/24", "", "vpn,hosting")])


def test_an_address_is_asked_for_in_the_edition_before_its_use():
    early = source("one", "2020-01-01", [("11.0.0.0/16", "DE", "")])
    late = source("one", "2021-01-01", [("11.0.0.0/16", "FR", "")])
    uses = [
        address(1, HOME, first="2020-06-01", last="2020-06-02"),
        address(2, HOME, first="2021-06-01", last="2021-06-02"),
        address(3, HOME, first="2019-06-01", last="2019-06-02"),
        address(4, HOME, first=None, last=None),
        address(5, HOME, first="2020-06-01", last="2021-06-01"),
    ]
    signals, found, _ = answered(uses, [late, early])
    by = {(one.account, one.country): one for one in signals}
    assert set(by) == {("1", "DE"), ("2", "FR"), ("3", "DE"), ("4", "FR"), ("5", "DE"), ("5", "FR")}
    assert by["1", "DE"].sources == "one 2020-01-01"
    assert by["1", "DE"].apart_days == 153
    assert "153 days" in by["1", "DE"].remark
    assert by["4", "FR"].apart_days is None
    assert [by["5", land].contested for land in ("DE", "FR")] == [True, True]
    assert found["5", "suspect", "DE"].contested == 1.0
    assert not by["1", "DE"].contested


def test_sources_that_disagree_are_both_shown_and_share_the_weight():
    others = source("two", "2020-05-01", [("11.0.0.0/16", "AT", "")])
    third = source("three", "2020-05-01", [("11.0.0.0/16", "DE", "")])
    signals, found, totals = answered([address(1, HOME)], [source("one", "2020-05-01", WORLD), others, third])
    assert {(one.country, one.weight, one.contested) for one in signals} == {("DE", 1.3333, True), ("AT", 0.6667, True)}
    first = found["1", "suspect", "DE"]
    assert (first.rank, first.share, first.contested) == (1, 0.6667, 1.0)
    assert first.sources == "one, three"
    assert "the sources disagree" in first.reasons
    assert {(one.country, one.accounts, one.further, one.contested) for one in totals} == {
        ("AT", 0, 1, 0), ("DE", 1, 0, 1),
    }  # fmt: skip


def test_technical_accounts_and_number_0_are_in_no_country():
    uses = [address(1, HOME), address(2, HOME)]
    people = [account(0, language="de"), account(1), account(2, technical="a program", language="fr"), account(3)]
    payments = [made(Payment, platform=P, account="2", processor="ideal", direction="in")]
    given = {"accounts": people, "payments": payments}
    signals, found, totals = answered(uses, [source("one", "2020-05-01", WORLD)], **given)
    assert {one.account for one in signals} == {"1"}
    assert set(found) == {("1", "suspect", "DE")}
    assert {(one.country, one.accounts, one.top) for one in totals} == {("DE", 1, "n1"), ("", 1, "n3")}


def test_tor_tells_nothing_a_vpn_little_and_one_slip_from_home_decides():
    uses = [address(1, EXIT, times=500), address(1, VPN, times=300), address(1, HOME)]
    signals, found, _ = answered(uses, [source("one", "2020-05-01", WORLD), VEILS])
    weights = {one.value: one.weight for one in signals}
    assert weights[EXIT] == 0
    assert weights[HOME] == 2.0
    assert weights[VPN] == pytest.approx(2.0 * 0.1 * 300 / 301, abs=1e-4)
    assert {one.value: one.flags for one in signals} == {EXIT: "tor", VPN: "vpn,hosting", HOME: ""}
    assert found["1", "suspect", "DE"].rank == 1
    assert ("1", "suspect", "CH") not in found  # a VPN alone speaks for no country


def test_only_tor_leaves_an_account_without_a_country():
    _, found, totals = answered([address(1, EXIT)], [source("one", "2020-05-01", WORLD), VEILS], accounts=[account(1)])
    assert "exit of Tor" in found["1", "suspect", ""].reasons
    assert [(one.country, one.name, one.accounts, one.top) for one in totals] == [("", "not known", 1, "n1")]


def test_time_zone_and_language_never_tell_a_country_alone():
    people = [account(1, language="pl", time_zone="Europe/Paris"), account(2, time_zone="Europe/Paris")]
    _, found, totals = answered([address(2, OTHER)], [source("one", "2020-05-01", WORLD)], accounts=people)
    assert set(found) == {("1", "suspect", ""), ("2", "suspect", "FR")}
    assert found["2", "suspect", "FR"].weight == 2.3
    assert found["2", "suspect", "FR"].kinds == "login, time_zone"
    assert {one.country: one.accounts for one in totals} == {"": 1, "FR": 1}


def test_an_address_of_nearly_everybody_is_the_platforms_own():
    people = [address(number, "11.0.0.1") for number in range(200)] + [address(7, OTHER)]
    params = Signals(crowd=100, crowd_share=0.5)
    bases, ranges = source("one", "2020-05-01", WORLD)
    (located,) = run("located", addresses=people, bases=[bases], ranges=ranges)
    (signals,) = run("signals", addresses=people, located=located, bases=[bases], params=params)
    found, _ = run("countries", signals=signals)
    by = {(one.account, one.standing_as, one.country): one for one in found}
    assert by["", "hosting", "DE"].kinds == "server"
    assert "200 of 200 accounts" in by["", "hosting", "DE"].reasons
    assert by["7", "suspect", "FR"].share == 1.0
    assert by["8", "suspect", ""].weight == 0


def test_staff_in_a_data_centre_may_be_where_the_server_is():
    _, found, _ = answered([address(1, VPN, use="staff")], [source("one", "2020-05-01", WORLD), VEILS])
    assert found["", "hosting", "CH"].kinds == "staff"
    assert found["1", "suspect", ""].reasons.startswith("no sign that is enough: staff 12.0.1.1")


def test_private_and_carrier_addresses_say_what_they_are():
    signals, _, _ = answered([address(1, "10.0.0.1"), address(2, "100.64.0.9")], [source("one", "2020-05-01", WORLD)])
    by = {one.value: one for one in signals}
    assert by["10.0.0.1"].flags == "special"
    assert "no place on the Internet" in by["10.0.0.1"].remark
    assert "source port" in by["100.64.0.9"].remark


def test_what_accounts_state_and_pay_with():
    def stated(kind, value, holding="stated"):
        return Identifier.make(platform=P, account="1", kind=kind, value=value, written=value, holding=holding,
                               stated=1, claimed=0, mentioned=0, quoted=0, checked=True, relation="t", number=1,
                               context="")  # fmt: skip

    paid = [
        Payment.make(platform=P, relation="t", number=number, place=0, rule="r", part=0, id=str(number), account="1",
                     at=day("2020-01-01"), amount="1", currency=currency, processor=processor, address="",
                     transaction="", payer="", status="", direction="in", order="", detail="")
        for number, (currency, processor) in enumerate((("SEK", "Swish"), ("EUR", "paypal"), ("BTC", "bitcoin")))
    ]  # fmt: skip
    said = [stated("phone", "+46701740605"), stated("phone", "+331"), stated("email", "a@b.example.se"),
            stated("email", "a@b.io"), stated("phone", "+4915112345678", "mentioned")]  # fmt: skip
    (signals,) = run("signals", identifiers=said, payments=paid)
    assert {(one.kind, one.value, one.country, one.weight) for one in signals} == {
        ("phone", "+46701740605", "SE", 3.0), ("phone", "+331", "", 0.0), ("email", ".se", "SE", 0.3),
        ("email", ".io", "", 0.0), ("payment", "swish", "SE", 4.0), ("payment", "paypal", "", 0.0),
        ("payment", "bitcoin", "", 0.0), ("currency", "SEK", "SE", 1.0), ("currency", "EUR", "", 0.0),
        ("currency", "BTC", "", 0.0),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tell", "value", "country"),
    [
        (phone, "+442079460123", "GB"), (phone, "+12125550123", "US"), (phone, "+16135550123", "CA"),
        (phone, "+79123456789", "RU"), (phone, "0301234567", ""), (phone, "+80012345678", ""),
        (phone, "+999123456", ""),
        (language, "de_AT", "AT"), (language, "pl", "PL"), (language, "en", ""), (language, "en-GB", "GB"),
        (language, "de_DE.UTF-8", "DE"), (language, "", ""), (time_zone, "Europe/Paris", "FR"), (time_zone, "1.00", ""),
        (email, ".uk", "GB"), (email, ".tv", ""), (email, ".com", ""), (email, ".", ""),
    ],
)  # fmt: skip
def test_what_a_value_means(tell, value, country):
    found, remark = tell(value)
    assert found == country
    assert country or remark


def test_addresses_are_gathered_by_use():
    common = {"platform": P, "relation": "t", "place": 0, "rule": "r", "part": 0}
    post = {"topic": "1", "section": "1", "name": "", "subject": "", "text": "", "state": "", "edited": None,
            "editor": ""}  # fmt: skip
    posts = [Post.make(**common, number=1, id="5", account="1", at=day("2020-01-01"), ip=HOME, **post),
             Post.make(**common, number=2, id="6", account="1", at=day("2020-01-05"), ip=HOME, **post),
             Post.make(**common, number=3, id="7", account="0", at=day("2020-01-05"), ip=OTHER, **post)]  # fmt: skip
    events = [
        Event.make(**common, number=number, account="1", name="", at=None, ip=OTHER, action=action, agent="",
                   forwarded="", device="", detail="")
        for number, action in enumerate(("login", "session", "login_failed", "admin"))
    ]  # fmt: skip
    again = {"number": 2, "id": "6", "account": "1", "at": day("2020-01-05"), **post}
    posts.append(Post.make(**{**common, "relation": "again"}, ip="", **again))
    posts.append(Post.make(**{**common, "relation": "twice"}, ip=HOME, **again))
    files = [
        Attachment.make(**common, number=number, id=id_, account=who, post=under, message="", at=None, name="", path="",
                        digest="", size_bytes=None, downloads=None)
        # what another put under the post, what one put there by its own row, by another row, and what nobody says
        for number, (id_, who, under) in enumerate(
            [("1", "2", "6"), ("2", "1", "6"), ("3", "", "6"), ("3", "1", ""), ("4", "", "6")])
    ]  # fmt: skip
    person = account(1, registration_ip=HOME, registered=day("2019-01-01"))
    (found,) = run("addresses", accounts=[person], posts=posts, events=events, attachments=files)
    assert {(one.account, one.ip, one.use, one.times) for one in found} == {
        ("1", HOME, "registration", 1), ("1", HOME, "post", 3), ("1", OTHER, "login", 2), ("1", OTHER, "staff", 1),
        ("1", HOME, "upload", 2),
    }  # fmt: skip
    (upload,) = [one for one in found if one.use == "upload"]
    assert (upload.first, upload.last) == (day("2020-01-05"), day("2020-01-05"))


def test_who_put_files_up_comes_first_in_the_summary():
    people = [account(number) for number in (1, 2, 3)]
    files = [
        Attachment.make(platform=P, relation="t", place=0, rule="r", part=0, number=number, id=str(number), account="2",
                        post="", message="", at=None, name="", path="", digest="", size_bytes=None, downloads=None)
        for number in range(3)
    ]  # fmt: skip
    brought = [Producer.make(platform=P, account="2", name="n2", rank=1, uploads=3, groups=2, firsts=1, firsts_open=1,
                             first=None, last=None)]  # fmt: skip
    uses = [address(1, HOME), address(2, HOME), address(3, OTHER)]
    _, _, totals = answered(
        uses, [source("one", "2020-05-01", WORLD)], accounts=people, attachments=files, producers=brought
    )
    by = {one.country: one for one in totals}
    assert (by["DE"].accounts, by["DE"].uploaders, by["DE"].uploads, by["DE"].firsts, by["DE"].top) == (
        2, 1, 3, 1, "n2, n1",
    )  # fmt: skip
    assert (by["FR"].name, by["FR"].name_fr, by["FR"].uploaders) == ("France", "France", 0)


def test_a_dissolved_country_goes_to_a_person():
    _, _, totals = answered([address(1, HOME)], [source("one", "2020-05-01", [("11.0.0.0/16", "AN", "")])])
    assert totals[0].remark.endswith("A person decides.")
    assert Countries().most_reasons
