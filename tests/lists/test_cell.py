"""Every format through the real sandbox: no file is opened but the database that the house names."""

import os

import pytest

from vigie.cell.lists import formats
from vigie.kernel.cell import Cell, Limits
from vigie.kernel.isolation import Level
from vigie.rows import wire
from vigie.rows.list_formats import LIST_FORMATS

FORMATS = formats()
LIMITS = Limits(wall_s=60, cpu_s=60, memory_bytes=512 << 20, output_bytes=1 << 30)


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    with Cell(scratch=tmp_path_factory.mktemp("scratch"), accept=Level.S0) as cell:
        yield cell


@pytest.mark.parametrize("asked", ["by name", "auto"])
@pytest.mark.parametrize("name", sorted(LIST_FORMATS))
def test_the_sandbox_changes_nothing(name, asked, cell, read, tmp_path):
    example = FORMATS[name].example()
    path = tmp_path / "a list?mode=rw#%.db"
    path.write_bytes(example.content)
    path.chmod(0o444)
    form = "auto" if asked == "auto" else name
    ask = wire.ReadList(format=form, mapping=example.mapping, paths=[os.fsencode(path)])
    with path.open("rb") as file:
        replies = list(cell.ask(ask, [file.fileno()], limits=LIMITS, readable=[os.fsencode(path)]))
    direct = read(example.content, form, example.mapping)
    assert replies[:-1] == direct
    assert replies[-1] == wire.Done(replies=len(direct))


def test_other_encodings_load_inside(cell, tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes("ключ;md5\nжилищ;0cc175b9c0f1b6a831c399e269772661\n".encode("cp1251"))
    mapping = {"md5": "md5", "entry": "ключ", "encoding": "cp1251"}
    with path.open("rb") as file:
        replies = list(cell.ask(wire.ReadList(format="mapped", mapping=mapping), [file.fileno()], limits=LIMITS))
    assert [reply.entry for reply in replies if isinstance(reply, wire.Entry)] == ["жилищ"]


def test_a_refusal_is_the_last_word(cell, tmp_path):
    path = tmp_path / "list"
    path.write_bytes(b"number,hash of file\n1,x\n")
    with path.open("rb") as file:
        *_, last = cell.ask(wire.ReadList(format="auto"), [file.fileno()], limits=LIMITS)
    assert isinstance(last, wire.Failed)
    assert last.code == "bad_list"


@pytest.mark.parametrize("name", ["nsrl", "vics"])
def test_a_path_alone_will_do(name, cell, read, tmp_path):
    path = tmp_path / "list"
    path.write_bytes(FORMATS[name].example().content)
    ask = wire.ReadList(format="auto", paths=[os.fsencode(path)])
    replies = list(cell.ask(ask, limits=LIMITS, readable=[os.fsencode(path)]))
    assert replies[:-1] == read(FORMATS[name].example().content)
