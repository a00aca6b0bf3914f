"""What ``mariadb-dump --tab`` of Debian writes, with its options: each value is the one that the server holds."""

import subprocess

import pytest

from cell.dumps import test_mariadb_dumps as usual
from cell.dumps.test_mariadb_dumps import server  # noqa: F401 - a fixture
from opened import opened
from vigie.cell import sniff
from vigie.cell.dumps import outfile
from vigie.cell.dumps.pieces import Batch, Created, Odd
from vigie.numeric.tuples import CUT, NULL

pytestmark = usual.pytestmark

WAYS = {
    "as it is": [],
    "commas": ["--fields-terminated-by=,", '--fields-enclosed-by="', "--lines-terminated-by=\r\n"],
    "optional quotes": ["--fields-terminated-by=;", "--fields-optionally-enclosed-by='"],
    "another escape": ["--fields-escaped-by=#"],
    "longer": ["--fields-terminated-by=::", "--lines-terminated-by=|\n"],
    "bars": ["--fields-terminated-by=|", "--lines-terminated-by=;\n", '--fields-optionally-enclosed-by="'],
    "hexadecimal": ["--hex-blob"],
    "latin1": ["--default-character-set=latin1"],
    "utf8mb4": ["--default-character-set=utf8mb4"],
    "no escape": ["--fields-escaped-by=", "--fields-terminated-by=~~", '--fields-enclosed-by="'],
}
BINARY = ("bytes", "ip", "bits")
COLUMNS = ("id", "text", "latin", *BINARY, "price", "real", "day", "at", "stamp", "kind", "marks", "json", "year",
           "gone", "made")  # fmt: skip
STEM = "odd@003bna@0060me"


@pytest.fixture(scope="module", params=WAYS)
def dumped(server, request, tmp_path_factory):  # noqa: F811 - the fixture
    folder = tmp_path_factory.mktemp("tab")
    opened(folder, 0o777)  # the server writes there
    base = [usual.DUMP, "--no-defaults", f"--socket={server.socket}", "--user=root", f"--tab={folder}"]
    subprocess.run([*base, *WAYS[request.param], "forum"], check=True, capture_output=True)
    return request.param, folder


def read(folder, stem):
    """Return the rows of a table as {column: value}, and all other pieces."""
    found, others = [], []
    sql, txt = (folder / f"{stem}.{ending}" for ending in ("sql", "txt"))
    with sql.open("rb") as declares, txt.open("rb") as file:
        for piece in outfile.read(declares, file, txt.name, lambda _table, columns: list(range(len(columns)))):
            if not isinstance(piece, Batch):
                others.append(piece)
                continue
            at = 0
            for lengths, kinds in zip(piece.rows.lengths.tolist(), piece.rows.kinds.tolist(), strict=True):
                row = {}
                for column, length, kind in zip(piece.columns, lengths, kinds, strict=True):
                    row[column.name] = None if kind & ~CUT == NULL else piece.rows.values[at : at + length].tobytes()
                    at += length
                found.append(row)
    return found, others


def held(server, column, way):  # noqa: F811
    """Return what the server holds of a column, as it would write it."""
    quote = "`" if not server.do("SELECT @@sql_mode").strip() else '"'
    table = "`odd;na``me`" if quote == "`" else '"odd;na`me"'
    told = f"{quote}{column}{quote}"
    if column in ("text", "kind", "marks", "json", "latin") and way in ("latin1", "utf8mb4"):
        told = f"CONVERT({told} USING {way})"
    if column == "bits":
        told = f"UNHEX(LPAD(HEX({told}), 4, '0'))"
    elif column not in (*BINARY, "text", "kind", "marks", "json", "latin"):
        told = f"CONCAT({told})"
    lines = server.do(f"SELECT IFNULL(HEX({told}), 'none') FROM {table} ORDER BY id", "forum").decode().split("\n")[:-1]
    return [None if one == "none" else bytes.fromhex(one) for one in lines]


def test_values_are_those_of_the_server(server, dumped):  # noqa: F811
    way, folder = dumped
    found, others = read(folder, STEM)
    assert [one.name for one in others if isinstance(one, Created)] == ["odd;na`me"]
    wrong = {one.code for one in others if isinstance(one, Odd)}
    if way == "no escape":  # what it writes cannot be read back by the server itself: a quote and ~~ in a text
        assert wrong <= {"assumed", "width"}
    else:
        assert not wrong - {"assumed"}
    assert len(found) == len(usual.TEXTS)
    for column in COLUMNS:
        if column in BINARY and way in ("latin1", "utf8mb4"):
            continue  # the server converts bytes too, and what is no text it loses
        if column == "real":
            continue  # written by another number of digits than CONCAT's
        assert [row[column] for row in found] == held(server, column, way), column


def test_a_table_without_rows(dumped):
    _, folder = dumped
    found, others = read(folder, "empty")
    assert found == []
    assert [one.name for one in others if isinstance(one, Created)] == ["empty"]
    assert not [one for one in others if isinstance(one, Odd)]


def test_its_files_are_told_by_their_content(dumped):
    _, folder = dumped
    for stem in (STEM, "empty"):
        sql = (folder / f"{stem}.sql").read_bytes()
        assert sniff.content_type(sql, size=len(sql)) == "application/x-mysqldump-table"
    seen = (folder / "seen.sql").read_bytes()
    assert sniff.content_type(seen, size=len(seen)) == "application/x-mysqldump"
