"""What holds for every registered list format."""

import importlib
import os
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.cell.job import Bench, Refused
from vigie.cell.jobs.read_list import JOB
from vigie.cell.lists import formats
from vigie.rows import wire
from vigie.rows.codes import CODES
from vigie.rows.list_formats import LIST_FORMATS

NAMES = sorted(LIST_FORMATS)
FORMATS = formats()


def entries(replies):
    return [reply for reply in replies if isinstance(reply, wire.Entry)]


def test_the_house_and_the_cell_know_the_same_formats():
    assert set(FORMATS) == set(LIST_FORMATS)


@pytest.mark.parametrize("name", NAMES)
def test_says_what_it_is_and_where_that_stands(name):
    module = importlib.import_module(FORMATS[name].read.__module__)
    assert len(module.__doc__) > 40
    assert len(FORMATS[name].reference) > 20
    assert len(LIST_FORMATS[name]) > 10


@pytest.mark.parametrize("name", NAMES)
def test_example_loads_whole(name, read):
    example = FORMATS[name].example()
    replies = read(example.content, name, example.mapping)
    assert replies[0] == wire.ListHead(format=name)
    assert entries(replies)
    assert all(isinstance(reply, wire.ListHead | wire.Entry) for reply in replies)


@pytest.mark.parametrize("name", NAMES)
def test_example_is_detected(name, read):
    example = FORMATS[name].example()
    assert read(example.content, "auto", example.mapping) == read(example.content, name, example.mapping)


@pytest.mark.parametrize("name", NAMES)
def test_same_in_same_out(name, read):
    example = FORMATS[name].example()
    assert read(example.content, name, example.mapping) == read(example.content, name, example.mapping)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_byte_order_mark_and_utf16_change_nothing(name, codec, read):
    example = FORMATS[name].example()
    if FORMATS[name].by_path:
        pytest.skip("not a text format")
    assert read(example.content.decode().encode(codec), name, example.mapping) == read(
        example.content, name, example.mapping
    )


def chaos(content):
    """The example, hurt: cut, bytes replaced, parts repeated, noise put in."""

    def hurt(data, moves):
        for kind, where, what in moves:
            at = where % (len(data) + 1)
            if kind == "cut":
                data = data[:at]
            elif kind == "put":
                data = data[:at] + what + data[at:]
            elif kind == "swap":
                data = data[:at] + what + data[at + len(what) :]
            else:
                data = data + data[at:]
        return data

    marks = [b'"', b"\n", b"\r", b"\0", b"{", b"}", b"[", b"]", b",", b";", b":", b"\\", b"&a;", b"<!DOCTYPE a>"]
    words = [b"null", b"1e999999", b"\xff\xfe", b"-" * 40, b"9" * 5000, b'"\\ud800"', b"a" * 64, "\u202e".encode()]
    tokens = st.sampled_from([*marks, *words])
    kinds = st.sampled_from(["cut", "put", "put", "swap", "swap", "again"])
    move = st.tuples(kinds, st.integers(0, 5000), tokens | st.binary(min_size=1, max_size=8))
    return st.lists(move, min_size=1, max_size=6).map(lambda moves: hurt(content, moves))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=80, deadline=None, derandomize=True)
@given(data=st.data())
def test_rows_or_trouble_whatever_the_bytes(name, data):
    example = FORMATS[name].example()
    content = data.draw(chaos(example.content) | st.binary(max_size=200))
    asked = data.draw(st.sampled_from([name, "auto"]))
    wired = []

    def send(reply):  # as the real line does: what the house would refuse fails here
        wired.append(msgspec.msgpack.decode(msgspec.msgpack.encode(reply), type=wire.REPLIES))

    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        with Path(file.name).open("rb") as opened:
            bench = Bench(files=[opened], scratch=[], scratch_paths=[], send=send)
            ask = wire.ReadList(format=asked, mapping=example.mapping, paths=[os.fsencode(file.name)])
            try:
                JOB.run(ask, bench)
            except Refused as refused:
                send(wire.Failed(code=refused.code, detail=refused.detail))
    for reply in wired:
        if isinstance(reply, wire.Trouble | wire.Failed):
            assert reply.code in CODES
            assert reply.detail
    keys = [
        (reply.number, kind, 0)
        for reply in entries(wired)
        for kind in ("md5", "sha1", "sha256", "pdq")
        if getattr(reply, kind) is not None
    ]
    keys += [(reply.number, "vpdq", frame.frame) for reply in entries(wired) for frame in reply.frames]
    assert len(keys) == len(set(keys)), "the keys of Known must be unique"


@pytest.mark.parametrize("name", NAMES)
def test_every_cut_of_the_example_ends_in_rows_or_trouble(name, read):
    example = FORMATS[name].example()
    whole = {reply.number for reply in entries(read(example.content, name, example.mapping))}
    step = max(1, len(example.content) // 60)
    for end in range(0, len(example.content), step):
        assert {reply.number for reply in entries(read(example.content[:end], name, example.mapping))} <= whole
