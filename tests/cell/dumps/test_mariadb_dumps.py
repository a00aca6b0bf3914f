"""Dumps that Debian's MariaDB writes, in all its ways of quoting: each value is the one that the server holds."""

import getpass
import itertools
import shutil
import subprocess
import time

import pytest

from vigie.cell.dumps import mysql
from vigie.cell.dumps.pieces import Batch, Odd, Said
from vigie.numeric.tuples import BARE, BYTES, NULL, TEXT

SERVER = shutil.which("mariadbd", path="/usr/sbin:/usr/bin:/sbin:/bin")
DUMP = shutil.which("mariadb-dump")
pytestmark = pytest.mark.skipif(
    not (SERVER and DUMP), reason="no MariaDB server here: sudo apt install mariadb-server (it need not run)"
)

EVERY_BYTE = bytes(range(256))
TEXTS = (
    "plain", "", "it's \"quoted\" `so`", "back\\slash\\", "a\nb\r\nc\td\0e\x1a", "%_\\%\\_",
    "-- no comment; /* nor this */",
    "),('2','", "\u7fd4 \U0001f600 \u202etfel", "x" * 70_000, "NULL", "\\N", "#;--",
)  # fmt: skip
TABLE = """
CREATE TABLE `odd;na``me` (
  `id` int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, `text` longtext, `latin` varchar(200) CHARACTER SET latin1,
  `bytes` longblob, `ip` varbinary(16), `bits` bit(12),
  `price` decimal(20,6), `real` double, `day` date, `at` datetime(3),
  `stamp` timestamp NULL, `kind` enum('a','b,c','d''e'), `marks` set('x','y'),
  `json` json, `year` year, `gone` tinyint(1),
  `made` int GENERATED ALWAYS AS (`year` + 1) STORED, KEY `k` (`latin`), CONSTRAINT `c` CHECK (`price` >= 0)
) ENGINE=InnoDB COMMENT='with ; and (';
CREATE TABLE empty (a int);
CREATE VIEW seen AS SELECT id FROM `odd;na``me`;
CREATE TRIGGER t BEFORE INSERT ON empty FOR EACH ROW SET NEW.a = 1;
"""
WAYS = {
    "as it is": [],
    "a row each": ["--skip-extended-insert"],
    "hexadecimal": ["--hex-blob"],
    "columns named": ["--complete-insert"],
    "everything": ["--hex-blob", "--complete-insert", "--skip-extended-insert", "--skip-add-locks"],
    "one transaction": ["--single-transaction", "--skip-comments", "--compact"],
    "replace": ["--replace"],
    "ignore": ["--insert-ignore"],
    "latin1": ["--default-character-set=latin1"],
}


class Server:
    """A MariaDB of our own, on a socket, with nobody else in it."""

    def __init__(self, folder, mode):
        data = folder / "data"
        self.socket = str(folder / "s")
        user = f"--user={getpass.getuser()}"
        install = [
            shutil.which("mariadb-install-db"),
            f"--datadir={data}",
            user,
            "--auth-root-authentication-method=normal",
        ]
        subprocess.run([*install, "--skip-test-db"], check=True, capture_output=True)
        options = [f"--datadir={data}", f"--socket={self.socket}", "--skip-networking", "--skip-grant-tables", user]
        options += [
            f"--pid-file={folder / 'pid'}",
            f"--sql-mode={mode}",
            "--max-allowed-packet=64M",
            "--log-bin-trust-function-creators",
        ]
        self.process = subprocess.Popen(
            [SERVER, "--no-defaults", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            if not subprocess.run(self.client(), check=False, capture_output=True, input=b"SELECT 1").returncode:
                break
            time.sleep(0.05)

    def client(self, *more):
        base = ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "--default-character-set=utf8mb4"]
        return [*base, "--batch", "--raw", "--skip-column-names", *more]

    def do(self, sql, *more):
        done = subprocess.run(self.client(*more), check=False, capture_output=True, input=sql.encode())
        assert not done.returncode, done.stderr
        return done.stdout

    def dump(self, *how):
        base = [DUMP, "--no-defaults", f"--socket={self.socket}", "--user=root"]
        return subprocess.run([*base, *how, "forum"], check=True, capture_output=True).stdout

    def end(self):
        self.process.terminate()
        self.process.wait(timeout=60)


@pytest.fixture(scope="module", params=["", "NO_BACKSLASH_ESCAPES,ANSI_QUOTES"], ids=["usual", "no backslashes"])
def server(request, tmp_path_factory):
    one = Server(tmp_path_factory.mktemp("db"), request.param)
    try:
        one.do("CREATE DATABASE forum CHARACTER SET utf8mb4")
        quote = '"' if request.param else "`"
        one.do(
            TABLE.replace("`odd;na``me`", "@@")
            .replace("`", quote)
            .replace("@@", f"{quote}odd;na`{'' if request.param else '`'}me{quote}"),
            "forum",
        )
        for number, text in enumerate(TEXTS):
            hexed = text.encode().hex()
            latin = text[:100].encode("latin-1", "ignore").hex()
            address = f"{'10.0.0.' if number % 2 else '2001:db8::'}{number}"
            row = (
                f"(NULL, CONVERT(0x{hexed or '0'} USING utf8mb4), CONVERT(0x{latin or '20'} USING latin1),"
                f" 0x{EVERY_BYTE.hex()}{'00' * number}, INET6_ATON('{address}'), {number * 101}, {number}.000001,"
                f" {-1.5 * number}e3, '20{number:02}-0{number % 9 + 1}-11', '2020-01-02 03:04:05.678',"
                " '2021-01-01 00:00:01', 'b,c', 'x,y', '{\"a\": [1, \"b\"]}', 2012, NULL, DEFAULT)"
            )
            if not text:
                row = row.replace("CONVERT(0x0 USING utf8mb4)", "''")
            one.do(f"INSERT INTO {quote}odd;na`{'' if request.param else '`'}me{quote} VALUES {row}", "forum")
        yield one
    finally:
        one.end()


def read(path):
    """Return rows by table as [(kind, value)], and all other pieces."""
    rows, others = {}, []
    with path.open("rb") as file:
        for piece in mysql.read(file, lambda _name, columns: list(range(len(columns)))):
            if not isinstance(piece, Batch):
                others.append(piece)
                continue
            at = 0
            for lengths, kinds in zip(piece.rows.lengths.tolist(), piece.rows.kinds.tolist(), strict=True):
                row = []
                for column, length, kind in zip(piece.columns, lengths, kinds, strict=True):
                    row.append((column.name, kind, piece.rows.values[at : at + length].tobytes()))
                    at += length
                rows.setdefault(piece.table, []).append(row)
    return rows, others


@pytest.mark.parametrize("way", WAYS)
def test_values_are_those_of_the_server(server, tmp_path, way):
    path = tmp_path / "dump.sql"
    path.write_bytes(server.dump(*WAYS[way]))
    rows, others = read(path)
    made = {one.name: one.columns for one in others if isinstance(one, mysql.Created)}
    assert [column.name for column in made["odd;na`me"]][:4] == ["id", "text", "latin", "bytes"]
    assert made["empty"][0] == ("a", "int(11)")
    assert not [one for one in others if isinstance(one, Odd) and one.code != "executable"]
    found = rows["odd;na`me"]
    assert len(found) == len(TEXTS)
    quote = "`" if not server.do("SELECT @@sql_mode").strip() else '"'
    table = "`odd;na``me`" if quote == "`" else '"odd;na`me"'
    for column in (
        "text",
        "latin",
        "bytes",
        "ip",
        "bits",
        "price",
        "day",
        "at",
        "kind",
        "marks",
        "json",
        "year",
        "gone",
    ):
        name = f"{quote}{column}{quote}"
        told = name
        if way == "latin1" and column in ("text", "kind", "marks", "json"):
            told = f"CONVERT({name} USING latin1)"
        if way != "latin1" and column == "latin":
            told = f"CONVERT({name} USING utf8mb4)"
        want = (
            server.do(f"SELECT IFNULL(HEX({told}), 'none') FROM {table} ORDER BY id", "forum").decode().split("\n")[:-1]
        )
        if column == "bits":
            want = server.do(f"SELECT LPAD(HEX({name}), 4, '0') FROM {table} ORDER BY id", "forum").decode().split()
        for row, right in zip(found, want, strict=True):
            kind, value = next((kind, value) for one, kind, value in row if one == column)
            if right == "none":
                assert kind == NULL
                continue
            if column in ("price", "year"):
                assert kind == BARE
                continue
            assert kind in (TEXT, BYTES)
            assert (value.hex().upper() or "") == right, (column, value[:80])


def test_what_would_act_is_named(server, tmp_path):
    path = tmp_path / "dump.sql"
    path.write_bytes(server.dump("--triggers", "--routines", "--events"))
    _, others = read(path)
    assert [one.detail.split()[-1] for one in others if isinstance(one, Odd)] == ["TRIGGER"]
    assert any(isinstance(one, Said) and one.text.startswith("Dump completed") for one in others)


def test_a_cut_dump_says_so_wherever_it_is_cut(server, tmp_path):
    whole = server.dump()
    full, _ = (tmp_path / "whole").write_bytes(whole), None
    rows = len(read(tmp_path / "whole")[0]["odd;na`me"])
    assert full == len(whole)
    path = tmp_path / "dump.sql"
    inside = whole.index(b"INSERT INTO")
    for cut in itertools.islice(range(inside + 30, len(whole) - 600, len(whole) // 40), 40):
        path.write_bytes(whole[:cut])
        found, others = read(path)
        if len(found.get("odd;na`me", [])) < rows:
            assert any(isinstance(one, Odd) and one.code == "truncated" for one in others), cut
