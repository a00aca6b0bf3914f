"""The shipped mappings over rows as each software keeps them."""

import datetime as dt

import pytest

from people.batches import PLATFORM, batch_of, read, rows_of
from people.schemas import SCHEMAS, tables
from vigie.forums.mapping import parse, shipped
from vigie.forums.reading import readings

AT = dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=dt.UTC)
UNIX = "1700000000"
KEPT = {
    "account",
    "profile",
    "usergroup",
    "membership",
    "grant",
    "section",
    "topic",
    "post",
    "message",
    "recipient",
    "event",
    "attachment",
    "payment",
    "moderation",
    "complaint",
}
UNKNOWN = {
    "phpbb3": {"payment"},
    "mybb": {"payment", "complaint"},
    "smf2": set(),
    "xenforo1": {"grant", "complaint"},
    "xenforo2": {"grant", "complaint"},
    "vbulletin": {"grant", "payment", "complaint"},
    "vbulletin5": {"grant", "section", "message", "payment", "moderation", "complaint"},
    "discourse": {"usergroup", "membership", "grant", "section", "payment", "complaint"},
    "ipboard4": {"profile", "grant", "section", "payment", "moderation", "complaint"},
}
"""What the published columns of a software say nothing of, or what it has not."""


SECRET = {
    "user_password", "password", "salt", "loginkey", "passwd", "password_salt", "token", "secret",
    "remember_key", "secret_question", "secret_answer", "session_id", "sid", "session", "key_id",
    "user_actkey", "validation_code", "reset_token", "forum_password", "members_pass_hash", "password_hash",
    "scheme_class",
}  # fmt: skip


def of(software):
    return next(one for one in shipped() if one.software == software)


@pytest.mark.parametrize("software", SCHEMAS)
def test_each_mapping_reads_all_that_its_software_is_known_to_keep(software):
    found = readings(of(software), "", tables(software), PLATFORM)
    assert {select.into.table() for one in found for select in one.selects} == KEPT - UNKNOWN[software]


@pytest.mark.parametrize("software", SCHEMAS)
def test_every_rule_reads_any_row(software):
    """Whatever a column holds, each rule gives rows of its type: numbers, texts, bytes, nothing, too much."""
    named = tables(software)
    values = [
        "1",
        UNIX,
        "",
        None,
        b"\xff\x00'\"",
        "2023-01-02 03:04:05+00",
        "-1",
        "9" * 30,
        b"\x7f\x00\x00\x01",
        "t",
        "a:,{",
    ]
    for one in readings(of(software), "", named, PLATFORM):
        columns = named[one.relation]
        rows = [{c: values[(n + k) % len(values)] for k, c in enumerate(columns)} for n in range(len(values))]
        batch = batch_of(one.wanted, rows)
        for select in one.selects:
            made = rows_of(select, batch)
            assert len({row.key for row in made}) == len(made)
            assert {row.relation for row in made} <= {one.relation}


@pytest.mark.parametrize("software", SCHEMAS)
def test_no_mapping_reads_a_password_or_a_session(software):
    """Of a password comes whether there is one: the cell gives no more of it. Of keys of sessions comes nothing."""
    found = readings(of(software), "", tables(software), PLATFORM)
    for one in found:
        forms = {wanted.form for wanted in one.wanted if wanted.column in SECRET and one.relation != "log"}
        assert forms <= {"there"}, one
    (users,) = [one for one in found if one.selects[0].rule == "account"]
    elsewhere = software in ("xenforo1", "xenforo2", "discourse", "ipboard4")  # in tables or columns not known here
    assert elsewhere or "there" in {one.form for one in users.wanted}


def test_mybb():
    rows = [
        {
            "uid": "7",
            "username": "q7",
            "regip": b"\xc0\x00\x02\x07",
            "lastip": b"\x20\x01\x0d\xb8" + b"\0" * 11 + b"\x01",
            "regdate": UNIX,
            "usergroup": "4",
            "additionalgroups": "6,8",
            "displaygroup": "0",
            "password": "x" * 32,
            "lastactive": "0",
            "lastvisit": UNIX,
        }
    ]
    found = read(of("mybb"), "mybb_", "mybb_users", rows)
    (account,) = found["account"]
    assert (account.registration_ip, account.last_ip, account.registered, account.last_seen) == (
        "192.0.2.7",
        "2001:db8::1",
        AT,
        AT,
    )
    assert (account.usergroup, account.password) == ("4", True)
    groups = found["group of account"] + found["further groups of account"]
    assert [(one.usergroup, one.part) for one in groups] == [("4", 0), ("6", 0), ("8", 1)]
    (seen,) = found["seen"]
    assert (seen.ip, seen.action, seen.at) == ("2001:db8::1", "seen", AT)
    rows = [
        {
            "pmid": "1",
            "fromid": "7",
            "toid": "9",
            "folder": "1",
            "recipients": 'a:1:{s:2:"to";a:1:{i:0;s:1:"9";}}',
            "message": "hi",
            "ipaddress": b"\xc0\x00\x02\x07",
            "dateline": UNIX,
            "subject": "s",
        },
        {
            "pmid": "2",
            "fromid": "7",
            "toid": "9",
            "folder": "2",
            "recipients": 'a:1:{s:2:"to";a:2:{i:0;s:1:"9";i:1;i:8;}}',
            "message": "hi",
            "ipaddress": b"",
            "dateline": UNIX,
            "subject": "s",
        },
    ]
    found = read(of("mybb"), "", "privatemessages", rows)
    assert [(one.id, one.state, one.ip) for one in found["message"]] == [("1", "", "192.0.2.7"), ("2", "copy", "")]
    assert [(one.message, one.account) for one in found["recipient"]] == [("1", "9")]
    assert [(one.message, one.account, one.part) for one in found["addressed"]] == [("2", "9", 0), ("2", "8", 1)]
    rows = [
        {
            "aid": "3",
            "uid": "7",
            "pid": "0",
            "attachname": "202311/post_7_1700000000_ab.attach",
            "filename": "a.jpg",
            "dateuploaded": UNIX,
            "filesize": "12",
            "downloads": "4",
        }
    ]
    (file,) = read(of("mybb"), "", "attachments", rows)["attachment"]
    assert (file.path, file.post, file.size_bytes) == ("uploads/202311/post_7_1700000000_ab.attach", "", 12)


def test_smf():
    rows = [
        {
            "id_member": "1",
            "member_name": "root",
            "real_name": "it&#039;s me",
            "id_group": "1",
            "additional_groups": "",
            "is_activated": "11",
            "member_ip": "192.0.2.7",
            "member_ip2": "198.51.100.23",
            "last_login": UNIX,
            "date_registered": UNIX,
            "passwd": "x",
        }
    ]
    found = read(of("smf2"), "smf_", "smf_members", rows)
    (account,) = found["account"]
    assert (account.name, account.admin, account.moderator, account.state) == ("it's me", True, None, "banned")
    assert found["log-in name"][0].value == "root"
    assert [one.ip for one in found["seen"] + found["seen from behind"]] == ["192.0.2.7", "198.51.100.23"]
    (online,) = read(of("smf2"), "", "log_online", [{"id_member": "1", "ip": "3221225991", "log_time": UNIX}])["online"]
    assert (online.ip, online.at) == ("192.0.2.7", AT)
    rows = [{"id_attach": "5", "file_hash": "abc", "attachment_type": kind, "id_msg": "8"} for kind in ("0", "3")]
    (file,) = read(of("smf2"), "", "attachments", rows)["attachment"]
    assert (file.path, file.post, file.digest) == ("5_abc.dat", "8", "")


@pytest.mark.parametrize("software", ["xenforo1", "xenforo2"])
def test_xenforo(software):
    mapping = of(software)
    given = [b"\xc0\x00\x02\x07", b"\0" * 10 + b"\xff\xff\xc0\x00\x02\x07"]
    given += ["3221225991"] if software == "xenforo1" else []  # early versions kept numbers
    rows = [
        {
            "ip_id": "1",
            "user_id": "2",
            "content_type": "user",
            "content_id": "2",
            "action": "login",
            "log_date": UNIX,
            "ip": ip,
        }
        for ip in given
    ]
    (ips,) = [one for one in readings(mapping, "", tables(software), PLATFORM) if one.relation == "ip"]
    assert "text" not in {one.form for one in ips.wanted if one.column == "ip"}  # packed ones are none
    found = read(mapping, "xf_", "xf_ip", rows)["address"]
    assert {(one.ip, one.action, one.at, one.detail) for one in found} == {("192.0.2.7", "login", AT, "user 2 login")}
    row = {"data_id": "12034", "user_id": "2", "filename": "a.jpg", "file_hash": "AB" * 16, "file_size": "9"}
    (file,) = read(mapping, "", "attachment_data", [row])["file"]
    assert file.path == f"internal_data/attachments/12/12034-{'AB' * 16}.data"
    assert (file.id, file.digest) == ("12034", "ab" * 16)
    row = {"attachment_id": "1", "data_id": "12034", "content_type": "post", "content_id": "77", "attach_date": UNIX}
    (stands,) = read(mapping, "", "attachment", [row])["attachment"]
    assert (stands.id, stands.post, stands.message) == ("12034", "77", "")
    row = {
        "user_id": "2",
        "username": "q",
        "is_admin": "1",
        "is_moderator": "0",
        "is_banned": "0",
        "user_state": "valid",
        "user_group_id": "2",
        "secondary_group_ids": "5,6",
    }
    found = read(mapping, "", "user", [row])
    assert (found["account"][0].admin, found["account"][0].moderator, found["account"][0].state) == (True, False, "")
    assert [one.usergroup for one in found["further groups of account"]] == ["5", "6"]


def test_xenforo_payments():
    row = {"request_key": "k1", "user_id": "2", "cost_amount": "25.00", "cost_currency": "EUR", "provider_id": "paypal"}
    (paid,) = read(of("xenforo2"), "", "purchase_request", [row])["order"]
    assert (paid.id, paid.account, paid.amount, paid.currency, paid.direction) == ("k1", "2", "25.00", "EUR", "in")


def test_vbulletin():
    mapping = of("vbulletin")
    row = {
        "pmtextid": "4",
        "fromuserid": "1",
        "fromusername": "a",
        "message": "x",
        "dateline": UNIX,
        "touserarray": 'a:1:{s:2:"cc";a:2:{i:5;s:5:"north";i:17;s:2:"q7";}}',
    }
    found = read(mapping, "", "pmtext", [row])
    assert [(one.message, one.account) for one in found["addressed"]] == [("4", "5"), ("4", "17")]
    row = {"attachmentid": "9", "userid": "312", "postid": "3", "filehash": "ab" * 16, "filename": "a.jpg"}
    (file,) = read(mapping, "", "attachment", [row])["attachment of 3"]
    assert (file.path, file.digest, file.post) == ("3/1/2/9.attach", "ab" * 16, "3")
    row = {
        "attachmentid": "9",
        "userid": "312",
        "contenttypeid": "1",
        "contentid": "3",
        "filedataid": "40",
        "filename": "a",
    }
    found = read(mapping, "", "attachment", [row])
    assert set(found) == {"attachment of 4"}
    assert (found["attachment of 4"][0].id, found["attachment of 4"][0].post) == ("40", "3")
    row = {"usergroupid": "6", "title": "Administrators", "adminpermissions": "3"}
    assert read(mapping, "", "usergroup", [row])["group"][0].admin is True


def test_vbulletin_5_keeps_one_post_in_two_tables():
    mapping = of("vbulletin5")
    row = {
        "nodeid": "12",
        "parentid": "3",
        "starter": "12",
        "userid": "2",
        "authorname": "a",
        "publishdate": UNIX,
        "title": "t",
        "ipaddress": "192.0.2.7",
    }
    found = read(mapping, "", "node", [row])
    assert (found["post"][0].id, found["post"][0].section, found["topic"][0].title) == ("12", "3", "t")
    (text,) = read(mapping, "", "text", [{"nodeid": "12", "rawtext": "hello"}])["text of post"]
    assert (text.id, text.text, text.account) == ("12", "hello", "")


def test_discourse():
    mapping = of("discourse")
    row = {
        "id": "3",
        "username": "north",
        "name": "",
        "admin": "t",
        "moderator": "f",
        "active": "t",
        "staged": "f",
        "created_at": "2023-11-14 22:13:20",
        "registration_ip_address": "192.0.2.7/32",
        "ip_address": "2001:db8::1",
        "suspended_at": None,
        "last_seen_at": None,
    }
    (account,) = read(mapping, "public.", "public.users", [row])["account"]
    assert (account.registered, account.registration_ip, account.last_ip) == (AT, "192.0.2.7", "2001:db8::1")
    assert (account.admin, account.moderator, account.state) == (True, False, "")
    rows = [
        {"id": "1", "title": "open", "archetype": "regular", "category_id": "4", "visible": "t", "user_id": "3"},
        {"id": "2", "title": "secret", "archetype": "private_message", "category_id": None, "user_id": "3"},
    ]
    found = read(mapping, "", "topics", rows)
    assert [one.id for one in found["topic"]] == ["1"]
    assert [(one.conversation, one.subject) for one in found["conversation"]] == [("2", "secret")]
    row = {
        "id": "8",
        "user_id": "3",
        "original_filename": "a.jpg",
        "sha1": "ab" * 20,
        "filesize": "5",
        "url": "/uploads/default/original/1X/ab.jpg",
        "created_at": "2023-11-14 22:13:20.5",
    }
    (file,) = read(mapping, "", "uploads", [row])["file"]
    assert (file.digest, file.path) == ("ab" * 20, "/uploads/default/original/1X/ab.jpg")


def test_ipboard():
    mapping = of("ipboard4")
    row = {
        "attach_id": "4",
        "attach_file": "a.jpg",
        "attach_location": "monthly_2023_11/x.jpg",
        "attach_member_id": "2",
        "attach_date": UNIX,
        "attach_filesize": "9",
    }
    (file,) = read(mapping, "ibf_", "ibf_core_attachments", [row])["file"]
    assert (file.path, file.name, file.at) == ("uploads/monthly_2023_11/x.jpg", "a.jpg", AT)
    row = {"device_key": "d", "member_id": "2", "ip_address": "192.0.2.7", "last_seen": UNIX}
    (known,) = read(mapping, "", "core_members_known_ip_addresses", [row])["known address"]
    assert (known.device, known.ip, known.account) == ("d", "192.0.2.7", "2")


def test_a_text_that_looks_like_a_column_of_ours_is_none():
    """What stands in each of several rows is weighed by columns: ``c99`` in a text of the mapping is not one."""
    text = """
        software = "own"
        title = "Own"
        [[rule]]
        name = "several"
        table = "notes"
        into = "profile"
        [rule.fields]
        account = "split(who, ',')"
        kind = "'other'"
        name = "concat('c99', what)"
        value = "what"
    """
    mapping = parse(text, "own")
    (reading,) = readings(mapping, "", {"notes": ["who", "what"]}, PLATFORM)
    (select,) = reading.selects
    columns = {f"c{at}": one.column for at, one in enumerate(reading.wanted)}
    assert [columns[one] for one in select.repeated] == ["what"]
    found = read(mapping, "", "notes", [{"who": "1,2", "what": "x"}])
    assert [(one.account, one.name) for one in found["several"]] == [("1", "c99x"), ("2", "c99x")]


def test_btcpay():
    mapping = of("btcpay")
    row = {"Address": "bc1qx#BTC", "InvoiceDataId": "Inv1", "CreatedTime": "2023-11-14 22:13:20+00"}
    (address,) = read(mapping, "public.", "public.AddressInvoices", [row])["address"]
    assert (address.id, address.address, address.currency, address.at) == ("Inv1", "bc1qx", "BTC", AT)
    row = {"Id": "ab" * 32 + "-1", "InvoiceDataId": "Inv1", "Accounted": "t", "Blob": None, "Type": "BTCLike"}
    (payment,) = read(mapping, "public.", "public.Payments", [row])["payment"]
    assert (payment.id, payment.transaction, payment.status) == ("Inv1", "ab" * 32, "accounted")
    row = {
        "Id": "s",
        "DerivationStrategy": "",
        "DerivationStrategies": '{"BTC": {"accountDerivation": "xpub1-[legacy]"}}',
    }
    (scheme,) = read(mapping, "public.", "public.Stores", [row])["derivations"]
    assert (scheme.kind, "xpub1" in scheme.value) == ("wallet", True)


def test_nbxplorer():
    mapping = of("nbxplorer")
    row = {"code": "BTC", "script": "0014", "addr": "bc1qx", "used": "t"}
    (address,) = read(mapping, "public.", "public.scripts", [row, row | {"used": "f"}])["used address"]
    assert (address.address, address.currency, address.direction) == ("bc1qx", "BTC", "in")
    row = {"code": "BTC", "descriptor": "d", "metadata": '{"derivation": "xpub1"}', "next_idx": "7", "gap": "1"}
    (scheme,) = read(mapping, "public.", "public.descriptors", [row])["descriptor"]
    assert (scheme.value, scheme.name) == ("xpub1", "descriptor, next index 7")


def test_woocommerce():
    mapping = of("woocommerce")
    rows = [
        {"meta_id": "1", "post_id": "7", "meta_key": "_customer_user", "meta_value": "5"},
        {"meta_id": "2", "post_id": "8", "meta_key": "_customer_user", "meta_value": "0"},
        {"meta_id": "3", "post_id": "7", "meta_key": "bitcoins_address", "meta_value": "bc1qx"},
        {"meta_id": "4", "post_id": "7", "meta_key": "_edit_lock", "meta_value": "1"},
    ]
    found = read(mapping, "wp_", "wp_postmeta", rows)
    assert [(one.id, one.account) for one in found["customer of an older order"]] == [("7", "5")]
    assert [(one.order, one.address, one.currency) for one in found["address of an older order"]] == [
        ("7", "bc1qx", "BTC")
    ]
    row = {"id": "9", "type": "shop_order", "customer_id": "5", "date_created_gmt": "2023-11-14 22:13:20",
           "total_amount": "25.00", "currency": "EUR", "status": "wc-completed"}  # fmt: skip
    (order,) = read(mapping, "wp_", "wp_wc_orders", [row, row | {"type": "shop_order_refund"}])["order"]
    assert (order.id, order.account, order.amount, order.currency, order.at) == ("9", "5", "25.00", "EUR", AT)
    row = {"order_id": "9", "crypto": "btc", "address": "bc1qx", "txid": "ab" * 32, "expected_satoshi": "81000"}
    (paid,) = read(mapping, "wp_", "wp_blockonomics_payments", [row])["blockonomics"]
    assert (paid.order, paid.address, paid.amount, paid.transaction) == ("9", "bc1qx", "81000 sat", "ab" * 32)
