"""Directories and tars that Debian's PostgreSQL writes: each value is the one that the server holds."""

import gzip
import io
import tarfile

import pytest

from cell.dumps import test_postgres_dumps as usual
from cell.dumps.test_postgres_dumps import server  # noqa: F401 - a fixture
from vigie.cell import sniff
from vigie.cell.dumps import charsets, postgres_beside, postgres_custom
from vigie.cell.dumps.pieces import Batch, Beside, Created, Odd
from vigie.numeric.tuples import NULL

pytestmark = usual.pytestmark

WAYS = {
    "directory": ["-Fd"],
    "directory, not packed": ["-Fd", "-Z0"],
    "directory of inserts": ["-Fd", "--inserts"],
    "tar": ["-Ft"],
    "tar, named columns": ["-Ft", "--column-inserts"],
    "in parts": ["-Fd", "-j2"],
}


def files(server, way, *more):  # noqa: F811 - the fixture
    """Return the files that pg_dump writes, unpacked, by name."""
    name = way.replace(",", "").replace(" ", "-") + "-".join(more)
    server.run("pg_dump", *WAYS[way], *more, "-f", name)
    place = server.folder / name
    if place.is_dir():
        return {
            one.name.removesuffix(".gz"): gzip.decompress(body) if one.suffix == ".gz" else body
            for one in place.iterdir()
            for body in (one.read_bytes(),)
        }
    with tarfile.open(place) as archive:
        return {one.name: archive.extractfile(one).read() for one in archive}


def read(found):
    """Return rows by table as [{column: (kind, value)}], and all other pieces."""
    rows, others = {}, list(postgres_custom.read(io.BytesIO(found["toc.dat"]), usual_want))
    for piece in [one for one in others if isinstance(one, Beside)]:
        pieces = list(
            postgres_beside.read(io.BytesIO(found["toc.dat"]), io.BytesIO(found[piece.file]), piece.file, usual_want)
        )
        assert [one.name for one in pieces if isinstance(one, Created)][:1] == [piece.table]
        others += [one for one in pieces if isinstance(one, Odd)]
        for batch in (one for one in pieces if isinstance(one, Batch)):
            at = 0
            for lengths, kinds in zip(batch.rows.lengths.tolist(), batch.rows.kinds.tolist(), strict=True):
                row = {}
                for column, length, kind in zip(batch.columns, lengths, kinds, strict=True):
                    row[column.name] = (kind, batch.rows.values[at : at + length].tobytes())
                    at += length
                rows.setdefault((batch.table, batch.charset), []).append(row)
    return rows, others


def usual_want(_table, columns):
    return list(range(len(columns)))


@pytest.mark.parametrize("way", WAYS)
def test_values_are_those_of_the_server(server, way):  # noqa: F811
    found = files(server, way)
    assert sniff.content_type(found["toc.dat"], size=len(found["toc.dat"])) == "application/x-pgdump-toc"
    rows, others = read(found)
    assert {charset for _, charset in rows} == {"utf8"}
    mine = rows['Odd.schema.It\'s; "so"', "utf8"]
    assert len(mine) == len(usual.TEXTS)
    for column in usual.COLUMNS:
        name = column.strip('"').replace('""', '"')
        for row, right in zip(mine, usual.truth(server, column), strict=True):
            kind, value = row[name]
            assert (kind == NULL) == (right == "none")
            assert kind == NULL or value.hex() == right, (name, value[:80])
    assert [value for _, value in rows["public.child", "utf8"][0].values()] == [b"1", b"x", b"y", b"z"]
    assert rows["public.part", "utf8"][0]["b"][1] == b"in a part"
    odd = [one.code for one in others if isinstance(one, Odd) and one.code != "executable"]
    # large objects, the rows beside; and INSERTs into a table without columns
    assert sorted(odd) == ["beside", "unread"] + ["unread"] * ("insert" in str(WAYS[way]))


@pytest.mark.parametrize(("encoding", "table"), [("LATIN1", "latin"), ("SJIS", "kanji"), ("BIG5", "han")])
def test_text_is_told_in_its_character_set(server, encoding, table):  # noqa: F811
    rows, _ = read(files(server, "directory", "-E", encoding, "-t", table))
    (((name, charset), found),) = rows.items()
    assert name == f"public.{table}"
    for column in found[0]:
        values = [row[column][1].decode(charsets.codec(charset)).encode().hex() for row in found]
        assert sorted(values) == sorted(usual.truth(server, column, table))
