"""Files of database servers are told by their headers; and the way out of a data directory that the docs give works."""

import getpass
import os
import re
import shutil
import struct
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.cell import sniff, sniff_databases
from vigie.rows.content_types import kind_of, unsupported

DOCS = Path(__file__).parents[3] / "docs" / "databases.md"
MARIADB = shutil.which("mariadbd", path="/usr/sbin:/usr/bin:/sbin:/bin")
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]
NOBODY = {"user": "nobody", "group": "nogroup", "extra_groups": []} if not os.getuid() else {}
"""PostgreSQL does not run as root, and the docs say so of all of it."""
SHUT_OFF = subprocess.run(
    ["unshare", "--map-current-user", "--net", "true"], check=False, capture_output=True, **NOBODY
).returncode


def told(content, size=None):
    return sniff.content_type(content[: sniff.HEAD_BYTES], tail=content[-512:], size=size or len(content))


def tablespace(space, pages, page=16384, limit=64):
    head = bytes(4) + struct.pack(">IIIQHQI", 0, 0xFFFFFFFF, 0, 77, 8, 0, space)
    return (head + struct.pack(">5I", space, 0, pages, limit, 21)).ljust(page, b"\0").ljust(page * pages, b"\1")


def heap(pages):
    one = struct.pack("<QHHHHHHI", 7, 0, 4, 40, 8000, 8192, 0x2004, 0).ljust(8192, b"\1")
    return one * pages


def document(number):
    body = b"\x07_id\0" + number.to_bytes(12) + b"\x02name\0" + struct.pack("<i", 3) + b"ab\0\0"
    return struct.pack("<i", len(body) + 4) + body


FILES = {
    "table of InnoDB": (tablespace(5, 6), sniff_databases.INNODB),
    "compressed table of InnoDB": (tablespace(9, 20, page=4096), sniff_databases.INNODB),
    "ibdata1": (tablespace(0, 128, limit=128), sniff_databases.INNODB_SYSTEM),
    "log of MariaDB": (b"Phys" + bytes(12) + b"MariaDB 10.11.19".ljust(496, b"\0"), sniff_databases.INNODB_LOG),
    "log of MySQL": (b"\0\0\0\6" + bytes(12) + b"MySQL 8.4.0".ljust(496, b"\0"), sniff_databases.INNODB_LOG),
    "index of MyISAM": (b"\xfe\xfe\x07\1\0\1\1\x29".ljust(1024, b"\0"), sniff_databases.MYISAM),
    "index of Aria": (b"\xfe\xfe\x09\3\x0c\0\1\x8a".ljust(8192, b"\0"), sniff_databases.ARIA),
    "pg_control": (struct.pack("<QII", 2**62 + 9, 1300, 202209061).ljust(8192, b"\0"), sniff_databases.PG_CONTROL),
    "table of PostgreSQL": (heap(3), sniff_databases.PG_PAGES),
    "WiredTiger": (b"WiredTiger\nWiredTiger 10.0.2: (December 21, 2021)\n", sniff_databases.WIREDTIGER),
    "log of SQLite": (b"\x37\x7f\x06\x82" + struct.pack(">II", 3007000, 4096) + bytes(60), sniff_databases.SQLITE_LOG),
    "journal of SQLite": (b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7\0\0\0\1" + bytes(500), sniff_databases.SQLITE_JOURNAL),
    "dump of Redis": (b"REDIS0011\xfa\x09redis-ver\x057.2.4\xff" + bytes(8), sniff_databases.REDIS),
    "collection of MongoDB": (document(1) + document(2), sniff_databases.BSON),
    "archive of mongodump": (b"\x6d\xe2\x99\x81\x79\0\0\0\x10concurrent", sniff_databases.MONGODUMP),
}
QUIET = {sniff_databases.INNODB_LOG, sniff_databases.PG_PAGES}
"""A file of each, and none of them by itself, says that a data directory is there."""


@pytest.mark.parametrize("name", FILES)
def test_what_servers_write_is_told_and_what_to_do_is_said(name):
    content, expected = FILES[name]
    assert told(content) == expected
    assert (expected in QUIET) == (not unsupported(expected))
    if expected not in QUIET:
        assert kind_of(expected) == "container"
        assert re.search("add (the dump|those|that)", unsupported(expected))


NEARLY = {
    "another space": tablespace(5, 6)[:38] + b"\0\0\0\6" + tablespace(5, 6)[42:],
    "too small for its pages": tablespace(5, 6)[:1024],
    "zeros": bytes(16384),
    "pages that are none": bytes(8192) + heap(1),
    "one page that is none": heap(1) + b"\1" * 8192,
    "half a page": heap(1) + b"\1" * 10,
    "pg_control of another length": struct.pack("<QII", 1, 1300, 202209061).ljust(4096, b"\0"),
    "text of Redis": b"REDIS0011 is a magic number",
    "BSON without its end": document(1)[:-1] + b"\1",
    "BSON, then none": document(1) + b"\1" * 40,
    "a picture": b"\xff\xd8\xff\xe0" + tablespace(5, 6)[4:],
}


@pytest.mark.parametrize("name", NEARLY)
def test_what_only_looks_like_it_is_not(name):
    assert "image/jpeg" in told(NEARLY[name]) or told(NEARLY[name]) in ("application/octet-stream", "text/plain")


@given(st.binary(max_size=200), st.sampled_from(sorted(FILES)), st.integers(0, 100))
def test_any_bytes_have_a_type(content, name, cut):
    for one in (content, FILES[name][0][:cut] + content, content + FILES[name][0][cut:]):
        sniff_databases.content_type(one, len(one))
        sniff_databases.content_type(one, None)


# ------------------------------------------------------------------------------------------- the way out, as documented
def recipe(title):
    """Return the commands that stand below a title of the docs."""
    found = re.search(rf"^#### {title}$.*?^```sh\n(.*?)^```$", DOCS.read_text(), re.DOTALL | re.MULTILINE)
    assert found, f"docs/databases.md has no commands below {title}"
    return found[1]


def followed(title, seized, folder):
    """Do what the docs say with a seized folder; return the dump that comes of it."""
    copy = Path(folder) / "copy"
    commands = re.sub(r"^seized=.*$", f"seized={seized}", recipe(title), flags=re.MULTILINE)
    commands = re.sub(r"^copy=.*$", f"copy={copy}; mkdir -m 700 {copy}", commands, flags=re.MULTILINE)
    subprocess.run(
        ["bash", "-e", "-c", f"{commands}\nwait"], check=True, capture_output=True, timeout=120, cwd=folder, **NOBODY
    )
    assert not (copy / "socket").exists(), "the server has ended"
    return (copy / "forum.sql").read_bytes()


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="dd") as made:
        if NOBODY:
            shutil.chown(made, "nobody", "nogroup")
        yield made


def types(data):
    """Return which types the files of a data directory have."""
    return {told(one.read_bytes()) for one in Path(data).rglob("*") if one.is_file()}


@pytest.mark.skipif(not MARIADB, reason="no MariaDB server here: sudo apt install mariadb-server (it need not run)")
@pytest.mark.skipif(SHUT_OFF, reason="no user namespaces here (unshare --map-current-user --net)")
def test_a_data_directory_of_mariadb(folder):
    data, socket = f"{folder}/mysql", f"{folder}/s"
    user = f"--user={'nobody' if NOBODY else getpass.getuser()}"
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", user, "--skip-test-db"]
    install.append("--auth-root-authentication-method=normal")
    subprocess.run(install, check=True, capture_output=True, cwd=folder)
    options = [f"--datadir={data}", f"--socket={socket}", "--skip-networking", "--skip-grant-tables", user]
    with subprocess.Popen([MARIADB, "--no-defaults", *options], stderr=subprocess.DEVNULL, cwd=folder) as server:
        client = ["mariadb", "--no-defaults", f"--socket={socket}", "--user=root"]
        for _ in range(200):
            if not subprocess.run(client, check=False, capture_output=True, input=b"SELECT 1").returncode:
                break
            time.sleep(0.05)
        sql = (
            "CREATE DATABASE forum; USE forum; CREATE TABLE users (name varchar(9)); INSERT INTO users VALUES ('kept');"
        )
        sql += "CREATE TABLE posts (text text) ENGINE=MyISAM; INSERT INTO posts VALUES ('also');"
        subprocess.run(client, check=True, input=sql.encode())
        server.kill()  # as seizing does
    dump = followed("MariaDB, MySQL", data, folder)
    assert b"('kept')" in dump
    assert b"('also')" in dump
    assert told(dump) == "application/x-mysqldump"
    assert {
        sniff_databases.INNODB, sniff_databases.INNODB_SYSTEM, sniff_databases.INNODB_LOG, sniff_databases.MYISAM,
        sniff_databases.ARIA, sniff_databases.FRM,
    } <= types(f"{folder}/copy/data")  # fmt: skip


@pytest.mark.skipif(not POSTGRES, reason="no PostgreSQL server here: sudo apt install postgresql (it need not run)")
@pytest.mark.skipif(SHUT_OFF, reason="no user namespaces here (unshare --map-current-user --net)")
def test_a_data_directory_of_postgresql(folder):
    data, bin_ = f"{folder}/pg", POSTGRES[0]
    (Path(folder) / "secret").write_text("secret")

    def do(program, *options, text=b""):
        quiet = {
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            "cwd": folder,
            "env": {"PGPASSWORD": "secret"},
        }
        subprocess.run([bin_ / program, *options], check=True, input=text, **quiet, **NOBODY)

    auth = ["-A", "scram-sha-256", "--pwfile=secret", "-U", "postgres", "--no-sync", "--locale=C.UTF-8"]
    do("initdb", "-D", data, *auth)
    do("pg_ctl", "-D", data, "-w", "-o", f"-k {folder} -c listen_addresses=''", "start")
    sql = b"CREATE DATABASE forum;\n\\c forum\nCREATE TABLE users (name text); INSERT INTO users VALUES ('kept');"
    do("psql", "-X", "-h", folder, "-U", "postgres", text=sql)
    do("pg_ctl", "-D", data, "-m", "immediate", "stop")  # as seizing does
    dump = followed("PostgreSQL", data, folder)
    assert b"\nkept\n" in dump
    assert told(dump) == "application/x-pgdump"
    assert {sniff_databases.PG_CONTROL, sniff_databases.PG_PAGES} <= types(f"{folder}/copy/data")
