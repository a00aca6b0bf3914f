"""The forums of a sample: dumps that read as they should, and a truth that they bear out."""

import gzip
import hashlib
import html
import ipaddress
import shutil
import subprocess
import tomllib
from collections import Counter, defaultdict

import numpy as np
import pytest

from cell.dumps.postgres_server import INITDB, MISSING, running
from cell.dumps.test_mariadb_dumps import DUMP, SERVER
from cell.dumps.test_mariadb_dumps import Server as MariaDB
from sample.dumped import tables
from vigie.desk.cli import call
from vigie.kernel.table import look, read_parquet
from vigie.rows.locator import split
from vigie.sample.forum import checksums
from vigie.sample.forum.activity import blocks
from vigie.sample.forum.make import WRITERS, alone
from vigie.sample.forum.world import Wanted, world

USERS = {
    "phpbb": ("phpbb_users", "user_id", "username", "user_email"),
    "mybb": ("mybb_users", "uid", "username", "email"),
    "xenforo": ("xf_user", "user_id", "username", "email"),
    "custom": ("members", "member_no", "handle", "mail"),
}
POSTS = {
    "phpbb": ("phpbb_posts", "post_id", "poster_id", "post_text"),
    "mybb": ("mybb_posts", "pid", "uid", "message"),
    "xenforo": ("xf_post", "post_id", "user_id", "message"),
    "custom": ("entries", "entry_no", "member_no", "body"),
}
FILES = {
    "phpbb": ("phpbb_attachments", "poster_id", lambda row: row["physical_filename"]),
    "mybb": ("mybb_attachments", "uid", lambda row: row["attachname"]),
    "xenforo": ("xf_attachment_data", "user_id", lambda row: f"{row['data_id']}-{row['file_hash']}.data"),
    "custom": ("uploads", "member_no", lambda row: row["stored_as"]),
}
PLACES = {
    "phpbb": {"post": [("phpbb_posts", "post_id")], "message": [("phpbb_privmsgs", "msg_id")],
              "account": [("phpbb_users", "user_id"), ("phpbb_profile_fields_data", "user_id")]},
    "mybb": {"post": [("mybb_posts", "pid")], "message": [("mybb_privatemessages", "pmid")],
             "account": [("mybb_users", "uid"), ("mybb_userfields", "ufid")]},
    "xenforo": {"post": [("xf_post", "post_id")], "message": [("xf_conversation_message", "message_id")],
                "account": [("xf_user_profile", "user_id"), ("xf_user_field_value", "user_id")]},
    "custom": {"post": [("entries", "entry_no")], "message": [("dm", "dm_no")],
               "account": [("members", "member_no")]},
}  # fmt: skip
NOT_PERSONS = {"phpbb": 7}
"""Rows of users that are none: phpBB's guest and its bots."""


@pytest.fixture(scope="module")
def people(case):
    """Rows of the truth about people by table."""
    return {path.stem: look("select * from t", t=read_parquet(path)) for path in case.people}


@pytest.fixture(scope="module")
def dumps(case, people):
    """(tables, what is odd) of each dump by its locator."""
    out = {}
    for locator in sorted({row["dump"] for row in people["truthaccount"]}):
        item, path, _ = split(locator)
        packed = case.folder / "evidence" / item.decode() / path.decode()
        out[locator] = tables(gzip.decompress(packed.read_bytes()))
    return out


@pytest.fixture(scope="module")
def softwares(people):
    return {row["dump"]: row["software"] for row in people["truthaccount"]}


def test_checksums_are_those_of_the_standards():
    assert checksums.keccak256(b"abc").hex() == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
    # EIP-55; the first block's address; BIP 173
    assert (
        checksums.eth(bytes.fromhex("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"))
        == "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    )
    first = bytes.fromhex("62e907b15cbf27d5425399ebf6f0fb50ebb88f18")
    assert checksums.btc(first) == "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
    program = bytes.fromhex("751e76e8199196d454941c45d1b3a323f1433bd6")
    assert checksums.bech32(program) == "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
    assert checksums.crc24(b"123456789") == 0x21CF02


def test_every_software_is_there_and_reads_without_a_word(dumps, softwares):
    assert set(softwares.values()) == set(WRITERS)
    assert {locator: odd for locator, (_, odd) in dumps.items() if odd} == {}


def test_accounts_are_those_of_the_truth(dumps, softwares, people):
    for locator, (rows, _) in dumps.items():
        table, number, name, email = USERS[softwares[locator]]
        stand = {row[number]: row for row in rows[table]}
        told = [row for row in people["truthaccount"] if row["dump"] == locator]
        left = [row for row in told if row["state"] != "deleted"]
        assert len(left) < len(told)
        assert len(stand) == len(left) + NOT_PERSONS.get(softwares[locator], 0)
        assert {row["account"]: row["name"] for row in left} == {
            row["account"]: html.unescape(stand[row["account"]][name])
            if softwares[locator] == "phpbb"
            else stand[row["account"]][name]
            for row in left
        }
        assert all("@" in stand[row["account"]][email] for row in left)


def test_posts_of_each_account_are_counted_right(dumps, softwares, people):
    for locator, (rows, _) in dumps.items():
        table, _, author, _ = POSTS[softwares[locator]]
        found = Counter(row[author] for row in rows[table])
        told = {row["account"]: row["posts"] for row in people["truthaccount"]
                if row["dump"] == locator and row["state"] != "deleted"}  # fmt: skip
        assert {account: found[account] for account in told} == told


def test_every_role_is_on_every_platform_and_staff_acts(people):
    roles = defaultdict(Counter)
    for row in people["truthaccount"]:
        roles[row["software"]][row["role"], row["stated"]] += 1
    for found in roles.values():
        assert {role for role, _ in found} == {
            "administrator", "moderator", "uploader", "reposter", "paying", "reader"
        }  # fmt: skip
        assert found["moderator", False] == 1
        assert found["administrator", False] == 0


def test_uploads_lie_where_truth_says_and_the_first_is_the_first(people, truth, dumps, softwares):
    seen, families = set(), set()
    standing = {(row["dump"], row["account"]) for row in people["truthaccount"] if row["state"] != "deleted"}
    rows = sorted(people["truthupload"], key=lambda row: (row["at"], not row["first"]))
    assert len(rows) >= 50
    for row in rows:
        assert truth[row["locator"]]["sha256"] == row["sha256"]
        assert truth[row["locator"]]["family"] == row["family"]
        if row["first"]:
            assert row["sha256"] not in seen
        assert row["sha256"] in seen or row["first"]
        assert row["family"] in families or row["first_of_family"]
        seen.add(row["sha256"])
        families.add(row["family"])
        table, author, path = FILES[softwares[row["dump"]]]
        told = dumps[row["dump"]][0][table][int(row["attachment"]) - 1]
        assert row["locator"].endswith(path(told))
        if (row["dump"], row["account"]) in standing:
            assert told[author] == row["account"]


def test_xenforo_names_files_by_their_content(found, people, softwares):
    some = [row for row in people["truthupload"] if softwares[row["dump"]] == "xenforo"]
    assert some
    for row in some:
        assert hashlib.md5(found[row["locator"]], usedforsecurity=False).hexdigest() in row["locator"]


def test_identifiers_stand_where_truth_says(people, dumps, softwares):
    """Those that are written in one way only: a text of that number, or a row of that account, holds them."""
    texts = {}
    for locator, (rows, _) in dumps.items():
        software = softwares[locator]
        for place, tables_ in PLACES[software].items():
            for table, number in tables_:
                for row in rows.get(table, []):
                    key = locator, place, row[number]
                    texts[key] = texts.get(key, "") + " ".join(one for one in row.values() if one)
    found = Counter()
    for row in people["truthmention"]:
        place = row["place"] if row["place"] in ("post", "message") else "account"
        text = texts[row["dump"], place, row["number"] or row["account"]]
        if row["kind"] in ("btc", "eth", "xmr", "session", "tox", "jabber"):
            assert row["value"] in text
            found[row["place"]] += 1
        if row["kind"] == "email":
            assert row["value"] in text or " [at] " in text
            found["spelled"] += row["value"] not in text
        found["quoted"] += not row["own"]
    assert set(found) == {"signature", "profile", "post", "message", "spelled", "quoted"}
    assert all(found.values())


def test_pairs_are_of_one_person_or_traps_and_no_identifier_has_two_owners(people):
    person = {(row["dump"], row["account"]): row["person"] for row in people["truthaccount"]}
    for row in people["truthpair"]:
        same = person[row["dump_a"], row["account_a"]] == person[row["dump_b"], row["account_b"]]
        assert row["same"] == same
        assert (row["tell"] == "exact") <= bool(row["how"])
    tells = Counter((row["tell"], row["same"]) for row in people["truthpair"])
    assert tells["exact", True] > 20
    assert all(tells[kind] for kind in [("soft", True), ("nothing", True), ("handle", False), ("quoted", False),
                                        ("household", False)])  # fmt: skip
    owners = defaultdict(set)
    for row in people["truthmention"]:
        if row["own"]:
            owners[row["kind"], row["value"]].add(person[row["dump"], row["account"]])
    assert all(len(some) == 1 for some in owners.values())


def test_payments_stand_in_the_dumps(people, dumps, softwares):
    by = Counter(softwares[row["dump"]] for row in people["truthpayment"])
    rows = {softwares[locator]: rows for locator, (rows, _) in dumps.items()}
    assert by["xenforo"] == len(rows["xenforo"]["xf_payment_provider_log"]) > 0
    assert by["custom"] == len(rows["custom"]["orders"]) + len(rows["custom"]["payouts"])
    wallets = {row["wallet"] for row in rows["custom"]["orders"]}
    assert {row["address"] or None for row in people["truthpayment"]
            if softwares[row["dump"]] == "custom" and row["direction"] == "in"} == wallets  # fmt: skip


def test_addresses_lead_home_where_nothing_hides_it(case, people, dumps, softwares):
    lines = (case.folder / "reference" / "geoip").read_text().splitlines()
    nets = [line.split(",") for line in lines if not line.startswith("#")]
    locator = next(one for one, software in softwares.items() if software == "phpbb")
    country = {}
    for row in dumps[locator][0]["phpbb_users"]:
        if row["user_ip"].count(".") == 3:
            number = int(ipaddress.IPv4Address(row["user_ip"]))
            country[row["user_id"]] = next(code for low, high, code in nets if int(low) <= number <= int(high))
    open_, hidden = Counter(), Counter()
    for row in people["truthaccount"]:
        if row["dump"] == locator and row["account"] in country:
            right = country[row["account"]] == row["country"]
            (hidden if row["veil"] else open_)[right] += 1
    assert open_[True] > 0.95 * open_.total()
    assert hidden[True] < 0.5 * hidden.total()


def test_activity_is_as_heavy_tailed_as_in_forums():
    """The first hundredth of the accounts writes about three quarters of the posts, as published counts have it."""
    (forum,) = world(3, [Wanted(software="phpbb", accounts=20_000, posts=200_000, messages=10)])
    counts = np.zeros(forum.members.size, int)
    times = []
    for block in blocks(forum.crowd, forum.members, forum.calendar):
        np.add.at(counts, block.account[block.account >= 0], 1)
        times += block.at.tolist()
        real = block.account >= 0
        assert (forum.members.registered[block.account[real]] <= block.at[real]).all()
        assert (block.topic >= 0).all()
    assert times == sorted(times)
    counts = np.sort(counts)[::-1]
    assert 0.6 < counts[:200].sum() / counts.sum() < 0.85
    assert counts[2000:].sum() / counts.sum() < 0.08


def test_the_mapping_of_the_platform_of_its_own_making_reads_every_table_with_rows(case, dumps, softwares):
    path = case.folder / "mappings" / "plains.toml"
    assert call(["map", "check", str(path)]) == 0
    read = {rule["table"] for rule in tomllib.loads(path.read_text())["rule"]}
    rows = next(rows for locator, (rows, _) in dumps.items() if softwares[locator] == "custom")
    assert read == {name for name, some in rows.items() if some}


def test_options_of_a_forum_alone_are_refused_without_it(tmp_path, capsys):
    assert call(["sample", str(tmp_path / "new"), "--rows", "2000"]) == 2
    assert "--forum-only" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("software", WRITERS)
def test_a_forum_has_about_the_rows_that_were_asked_for(tmp_path, software):
    made = alone(tmp_path / "forum", 2, software, 1_000, 20_000)
    assert abs(made.rows - 20_000) < 1_000


def test_forums_of_a_seed_are_the_same_again(tmp_path):
    made = [alone(tmp_path / name, 4, "custom", 150, 2_000) for name in ("a", "b")]
    first, second = ({path.name: path.read_bytes() for path in (one.dump, *one.truth)} for one in made)
    assert first == second
    assert alone(tmp_path / "c", 5, "custom", 150, 2_000).dump.read_bytes() != made[0].dump.read_bytes()
    with pytest.raises(FileExistsError, match="is not empty"):
        alone(tmp_path / "a", 4, "custom", 150, 2_000)


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory):
    if not (SERVER and DUMP):
        pytest.skip("no MariaDB server here: sudo apt install mariadb-server (it need not run)")
    server = MariaDB(tmp_path_factory.mktemp("db"), "")
    try:
        yield server
    finally:
        server.end()


@pytest.mark.parametrize("software", ["phpbb", "mybb", "xenforo"])
def test_mariadb_takes_the_dump_and_holds_what_truth_says(mariadb, tmp_path, software):
    made = alone(tmp_path / "forum", 6, software, 150, 3_000)
    mariadb.do(f"CREATE DATABASE {software} CHARACTER SET utf8mb4")
    with made.dump.open("rb") as dump:
        subprocess.run(mariadb.client(software), check=True, stdin=dump)
    rows, odd = tables(made.dump.read_bytes())
    assert odd == []
    names = mariadb.do("SHOW TABLES", software).decode().split()
    held = {name: int(mariadb.do(f"SELECT COUNT(*) FROM `{name}`", software)) for name in names}
    assert held == {name: len(rows.get(name, [])) for name in names}
    assert sum(held.values()) == made.rows


@pytest.mark.skipif(not INITDB or not shutil.which("psql"), reason=MISSING)
def test_postgres_takes_the_dump_and_holds_what_truth_says(tmp_path):
    made = alone(tmp_path / "forum", 6, "custom", 150, 3_000)
    rows, _ = tables(made.dump.read_bytes())
    with running() as server:
        server.do("create database forum; create role plains", "postgres")
        server.run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "forum", text=made.dump.read_bytes())
        names = server.do("select tablename from pg_tables where schemaname = 'public'").split()
        held = {name: int(server.do(f"select count(*) from public.{name}")) for name in names}
    assert held == {name: len(rows.get(name, [])) for name in names}
    assert sum(held.values()) == made.rows
