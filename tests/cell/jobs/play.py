"""A child that misbehaves on request. Loaded into zygotes by tests only, with ``--jobs``."""

import ctypes
import fcntl
import mmap
import os
import pathlib
import socket
import struct
import threading
import time

import msgspec

from vigie.cell.job import Bench, Job, Refused
from vigie.rows import wire


class Play(wire.Ask, frozen=True, kw_only=True):
    act: str
    number: int = 0
    path: bytes = b""


class OpenPlay(Play, frozen=True, kw_only=True):
    """The same, in a child that may open files."""


def _say(bench: Bench, data: bytes, *, last: bool = True) -> None:
    bench.send(wire.Data(data=data, last=last))


def _raw(bench: Bench, data: bytes) -> None:
    os.write(bench.send.__self__._result, data)


def _frame(message: object) -> bytes:
    body = msgspec.msgpack.encode(message)
    return struct.pack(">I", len(body)) + body


def _scratch(ask: Play, bench: Bench) -> None:
    bench.scratch[0].write(b"x" * ask.number)
    bench.scratch[0].flush()
    if ask.path == b"by path":
        with pathlib.Path(os.fsdecode(bench.scratch_paths[0])).open("r+b") as again:
            again.seek(0)
            _say(bench, again.read(100))
    else:
        bench.scratch[0].seek(0)
        _say(bench, bench.scratch[0].read(100))


def _linger(bench: Bench) -> None:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    os.wait()
    _say(bench, b"left one behind")


def _flood(bench: Bench) -> None:
    while True:
        _say(bench, bytes(60_000))


def _trickle(bench: Bench) -> None:
    while True:
        _say(bench, b".")
        time.sleep(0.02)


def _thread(bench: Bench) -> None:
    heard = []
    thread = threading.Thread(target=heard.append, args=(1,))
    thread.start()
    thread.join()
    _say(bench, bytes(heard))


def _many(ask: Play, bench: Bench) -> None:
    for number in range(ask.number):
        bench.send(wire.Trouble(number=number, code="damaged"))


def _executable_memory(bench: Bench) -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    _say(bench, b"mapped")


def _run(ask: Play, bench: Bench) -> None:
    acts = {
        "nothing": lambda: None,
        "echo": lambda: [_say(bench, file.read(ask.number or 100)) for file in bench.files],
        "refuse": lambda: _refuse("encrypted", "no key"),
        "unknown code": lambda: _refuse("made_up", ""),
        "raise": lambda: {}["no such key"],
        "bad text": lambda: _refuse("damaged", "a lone surrogate \udc80"),
        "socket": socket.socket,
        "write": lambda: pathlib.Path("/tmp/vigie-test").write_bytes(b"x"),
        "unlink": lambda: pathlib.Path(os.fsdecode(ask.path)).unlink(),
        "fork": os.fork,
        "exec": lambda: os.execv("/bin/true", ["true"]),
        "kill parent": lambda: os.kill(os.getppid(), 9),
        "signal owner": lambda: fcntl.fcntl(0, 8, os.getppid()),
        "executable memory": lambda: _executable_memory(bench),
        "allocate": lambda: _say(bench, bytes(len(bytearray(ask.number)) % 7)),
        "spin": _spin,
        "sleep": lambda: time.sleep(600),
        "segfault": lambda: ctypes.string_at(0),
        "abort": os.abort,
        "exit": lambda: os._exit(ask.number),
        "flood": lambda: _flood(bench),
        "trickle": lambda: _trickle(bench),
        "garbage": lambda: _raw(bench, b"\x00\x00\x00\x04\xc1\xc1\xc1\xc1"),
        "huge length": lambda: _raw(bench, b"\xff\xff\xff\xff"),
        "unknown type": lambda: _raw(bench, _frame({"type": "Verdict", "innocent": True})),
        "unknown field": lambda: _raw(bench, _frame({"type": "Data", "data": b"", "last": True, "more": 1})),
        "out of range": lambda: bench.send(
            wire.Print(algorithm="pdq", frame=0, at_s=0, value=bytes(32), quality=101, weak=0, sampling="still")
        ),
        "wrong length": lambda: bench.send(
            wire.Print(algorithm="pdq", frame=0, at_s=0, value=bytes(31), quality=1, weak=0, sampling="still")
        ),
        "trailing bytes": lambda: _raw(bench, struct.pack(">I", 3) + b"\xc0\xc0\xc0"),
        "truncated": lambda: (_raw(bench, b"\x00\x00\x01\x00abc"), os._exit(0)),
        "two ends": lambda: _raw(bench, _frame(wire.Done(replies=0))),
        "miscount": lambda: (_raw(bench, _frame(wire.Done(replies=7))), os._exit(0)),
        "silence": lambda: os._exit(0),
        "scratch": lambda: _scratch(ask, bench),
        "read path": lambda: _say(bench, pathlib.Path(os.fsdecode(ask.path)).read_bytes()[:100]),
        "list path": lambda: _say(
            bench, "\n".join(sorted(entry.name for entry in pathlib.Path(os.fsdecode(ask.path)).iterdir())).encode()
        ),
        "write path": lambda: pathlib.Path(os.fsdecode(ask.path)).write_bytes(b"x"),
        "descriptors": lambda: _say(bench, b",".join(b"%d" % fd for fd in range(300) if _is_open(fd))),
        "identity": lambda: _say(bench, b"%d" % os.getpid()),
        "linger": lambda: _linger(bench),
        "thread": lambda: _thread(bench),
        "many": lambda: _many(ask, bench),
        "big": lambda: _say(bench, bytes(ask.number)),
        "environment": lambda: _say(bench, b",".join(sorted(os.environb))),
    }
    acts[ask.act]()


def _spin() -> None:
    while True:
        pass


def _refuse(code: str, detail: str) -> None:
    raise Refused(code, detail)


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


JOB = Job(ask=Play, run=_run, warm=lambda: None)
