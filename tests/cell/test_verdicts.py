"""Whatever a child does costs one ``Failed``, and the next ask works."""

import os
import signal
import time

import pytest

from vigie.kernel.cell import Limits
from vigie.rows import wire

HOSTILE = {
    "socket": "forbidden_syscall",
    "fork": "forbidden_syscall",
    "exec": "forbidden_syscall",
    "kill parent": "forbidden_syscall",
    "segfault": "crashed",
    "abort": "crashed",
    "raise": "crashed",
    "write": "crashed",
    "executable memory": "crashed",
    "signal owner": "crashed",
    "spin": "cpu_limit",
    "garbage": "protocol",
    "huge length": "protocol",
    "unknown type": "protocol",
    "unknown field": "protocol",
    "out of range": "protocol",
    "wrong length": "protocol",
    "trailing bytes": "protocol",
    "truncated": "protocol",
    "two ends": "protocol",
    "miscount": "protocol",
    "silence": "protocol",
    "unknown code": "protocol",
    "flood": "output_limit",
    "refuse": "encrypted",
    "bad text": "damaged",
}


@pytest.fixture(autouse=True)
def _needs_all_layers(cell):
    if cell.level < "S2":
        pytest.skip(f"these verdicts need isolation S2; {cell.weakness}")


@pytest.mark.parametrize(("act", "code"), HOSTILE.items())
def test_costs_one_failed_and_the_next_ask_works(play, act, code):
    replies = play(act)
    assert isinstance(replies[-1], wire.Failed)
    assert replies[-1].code == code, replies[-1]
    assert not any(isinstance(reply, wire.Done | wire.Failed) for reply in replies[:-1])
    assert play("nothing") == [wire.Done(replies=0)]


def test_ten_gigabytes_are_refused(play):
    assert play("allocate", number=10 << 30)[-1].code == "memory_limit"
    assert isinstance(play("allocate", number=1 << 20)[-1], wire.Done)


def test_a_sleeper_is_late(play):
    began = time.monotonic()
    assert play("sleep", limits=Limits(wall_s=0.3))[-1].code == "timeout"
    assert time.monotonic() - began < 3


def test_trickling_does_not_start_the_deadline_anew(play):
    began = time.monotonic()
    replies = play("trickle", limits=Limits(wall_s=0.3))
    assert replies[-1].code == "timeout"
    assert len(replies) > 1
    assert time.monotonic() - began < 3


def test_a_slow_caller_is_not_blamed_on_the_child(cell, plays):
    answers = cell.ask(plays.Play(act="many", number=3), limits=Limits(wall_s=1))
    first = next(answers)
    time.sleep(1.2)
    assert isinstance(first, wire.Trouble)
    assert isinstance(list(answers)[-1], wire.Done)


def test_exit_status_is_not_an_answer(play):
    assert play("exit", number=3)[-1].code == "crashed"
    assert play("exit", number=97)[-1].code == "worker_lost"
    assert play("nothing") == [wire.Done(replies=0)]


def test_the_answer_must_be_one_to_that_ask(cell, plays, monkeypatch):
    monkeypatch.setitem(wire.ANSWERS, plays.Play, wire.Seen)
    assert list(cell.ask(plays.Play(act="many", number=1), limits=Limits()))[-1].code == "protocol"


def test_a_reply_of_the_largest_size_passes(play):
    limits = Limits(output_bytes=4 << 20)
    replies = play("big", number=wire.CHUNK_BYTES, limits=limits)
    assert len(replies[0].data) == wire.CHUNK_BYTES
    assert isinstance(replies[-1], wire.Done)


def test_replies_come_in_order_and_all(play):
    replies = play("many", number=5000, limits=Limits(output_bytes=4 << 20))
    assert [reply.number for reply in replies[:-1]] == list(range(5000))
    assert replies[-1] == wire.Done(replies=5000)


def test_zygote_killed_between_asks(play, cell):
    play("nothing")
    os.kill(cell.zygote, signal.SIGKILL)
    assert play("nothing") == [wire.Done(replies=0)]


def test_zygote_killed_before_the_first_reply_is_asked_again(cell, plays, tmp_path):
    """The input is read anew from its beginning."""
    path = tmp_path / "input"
    path.write_bytes(b"abc")
    fd = os.open(path, os.O_RDONLY)
    os.kill(cell.zygote, signal.SIGSTOP)  # or it may have answered before it is killed
    replies = cell.ask(plays.Play(act="echo"), [fd], limits=Limits())
    os.kill(cell.zygote, signal.SIGKILL)
    assert list(replies) == [wire.Data(data=b"abc", last=True), wire.Done(replies=1)]
    os.close(fd)


def test_zygote_killed_after_a_reply_is_lost(cell, plays):
    replies = cell.ask(plays.Play(act="trickle"), limits=Limits())
    next(replies)
    os.kill(cell.zygote, signal.SIGKILL)
    rest = list(replies)
    assert rest[-1].code == "worker_lost"
    assert list(cell.ask(plays.Play(act="nothing"), limits=Limits())) == [wire.Done(replies=0)]


def test_an_iterator_given_up_kills_its_child(cell, plays):
    replies = cell.ask(plays.Play(act="trickle"), limits=Limits())
    next(replies)
    with pytest.raises(RuntimeError, match="still works"):
        next(cell.ask(plays.Play(act="nothing"), limits=Limits()))
    replies.close()
    assert list(cell.ask(plays.Play(act="nothing"), limits=Limits())) == [wire.Done(replies=0)]
